//! Random pipelines, random mischief, random kills; whatever happened, the last run ends where a clean one would.
//!
//! Every stage computes a pure function of its deps and its parameter, which the test computes as well. The seeds are fixed,
//! so a failure can be told again; when a kill strikes is up to the machine, and no outcome depends on it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use crate::sandbox::Sandbox;
use crate::watch::Runner;

/// A small generator of numbers (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }
}

const N_SOURCES: usize = 3;

/// One stage: its deps, by the number of a source or of an earlier stage, and the form of its output.
#[expect(clippy::struct_excessive_bools, reason = "each is thrown for itself")]
struct Shape {
    sources: Vec<usize>,
    stages: Vec<usize>,
    is_folder: bool,
    is_cached: bool,
    is_gated: bool,
    reads_param: bool,
}

struct Model {
    ws: Sandbox,
    dice: Dice,
    shapes: Vec<Shape>,
    sources: [usize; N_SOURCES],
    params: Vec<usize>,
}

impl Model {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let n_stages = 3 + dice.roll(5);
        let shapes = (0..n_stages).map(|idx| shape(&mut dice, idx)).collect();
        let model = Self { ws: Sandbox::empty(), dice, shapes, sources: [0; N_SOURCES], params: vec![0; n_stages] };
        model.ws.write("side/x", "");
        model.ws.write("pipeline.yaml", &model.pipeline());
        model.write_inputs();
        model
    }

    fn pipeline(&self) -> String {
        let mut text = "stages:\n".to_owned();
        for (idx, shape) in self.shapes.iter().enumerate() {
            let deps: Vec<String> = shape.deps();
            let files: Vec<String> = shape.files_read();
            let param = if shape.reads_param { format!("${{p{idx}}}") } else { "-".to_owned() };
            // Written in two steps, so that a kill finds half an output.
            let (prepare, out) = if shape.is_folder {
                (format!("mkdir o{idx};"), format!("o{idx}/f"))
            } else {
                (String::new(), format!("o{idx}"))
            };
            let _ = writeln!(
                text,
                "  s{idx}:\n    cmd: {prepare} echo s{idx} {param} > {out}; cat {} >> {out}",
                files.join(" ")
            );
            let _ = writeln!(text, "    deps: [{}]", deps.join(", "));
            let _ = writeln!(text, "    outs: [{{o{idx}: {{cache: {}}}}}]", shape.is_cached);
            if shape.reads_param {
                let _ = writeln!(text, "    params: [p{idx}]");
            }
            if shape.is_gated {
                let _ = writeln!(text, "  g{idx}:\n    gate: {{data: o{idx}, command: grep -q s{idx} {out}}}");
            }
        }
        text
    }

    fn write_inputs(&self) {
        for (idx, value) in self.sources.iter().enumerate() {
            self.ws.write(&format!("in{idx}"), &format!("source {idx} {value}\n"));
        }
        let params: Vec<String> =
            self.params.iter().enumerate().map(|(idx, value)| format!("p{idx}: {value}\n")).collect();
        self.ws.write("params.yaml", &params.concat());
    }

    /// What every output must be.
    fn oracle(&self) -> BTreeMap<String, String> {
        let mut outs: Vec<String> = Vec::new();
        for (idx, shape) in self.shapes.iter().enumerate() {
            let param = if shape.reads_param { self.params[idx].to_string() } else { "-".to_owned() };
            let mut out = format!("s{idx} {param}\n");
            out.extend(shape.sources.iter().map(|source| format!("source {source} {}\n", self.sources[*source])));
            out.extend(shape.stages.iter().map(|stage| outs[*stage].as_str()));
            outs.push(out);
        }
        outs.into_iter().enumerate().map(|(idx, out)| (self.shapes[idx].file(idx), out)).collect()
    }

    /// Changes an input, hurts an output, or loses something of the engine's own.
    fn mischief(&mut self) -> String {
        let idx = self.dice.roll(self.shapes.len());
        let out = self.ws.path().join(format!("o{idx}"));
        match self.dice.roll(8) {
            0 | 1 => {
                let source = self.dice.roll(N_SOURCES);
                self.sources[source] = self.dice.roll(3);
                self.write_inputs();
                format!("in{source} is {}", self.sources[source])
            }
            2 => {
                self.params[idx] = self.dice.roll(3);
                self.write_inputs();
                format!("p{idx} is {}", self.params[idx])
            }
            3 => {
                let _ = fs::remove_dir_all(&out);
                let _ = fs::remove_file(&out);
                format!("o{idx} is gone")
            }
            4 | 5 => {
                let file = if out.is_dir() { out.join("f") } else { out };
                let _ = fs::remove_file(&file);
                // After a kill the folder itself may be absent.
                let _ = fs::write(&file, "edited\n");
                format!("o{idx} is edited")
            }
            6 => self.lose(),
            _ => "nothing".to_owned(),
        }
    }

    fn lose(&mut self) -> String {
        let all =
            [".lockgate/state", ".lockgate/store/runs", ".lockgate/store/blobs", "pipeline.lock", ".lockgate/tmp"];
        let lost = all[self.dice.roll(all.len())];
        let path = self.ws.path().join(lost);
        let _ = fs::remove_dir_all(&path);
        let _ = fs::remove_file(&path);
        format!("{lost} is gone")
    }

    /// Starts a run and kills it, alone or with its group, after a random number of its stages have begun.
    fn killed_run(&mut self) {
        let runner = Runner::start(&self.ws, "repro -v -j 2");
        let n_lines = self.dice.roll(2 * self.shapes.len());
        // It says a line or more for each task; one that has nothing to say any more has ended.
        let _ = runner.said_or_ended(|said| said.lines().count() >= n_lines);
        if self.dice.one_in(2) { runner.kill() } else { runner.kill_group() }
    }

    fn settles(&self, story: &[String]) {
        // A quiet run names no task, so it may end without reading the pipeline.
        let output = self.ws.lockgate(if story.len().is_multiple_of(2) { "repro -j 2" } else { "repro -q -j 2" });
        let told = || format!("{}\n{}\n{output}", self.pipeline(), story.join("\n"));
        assert_eq!(output.code, 0, "{}", told());
        for (path, text) in self.oracle() {
            let found = fs::read_to_string(self.ws.path().join(&path)).unwrap_or_default();
            assert_eq!(found, text, "{path}\n{}", told());
        }
        let again = self.ws.lockgate("repro -j 2");
        assert!(again.code == 0 && again.stderr.contains("everything is fresh"), "{}\n{again}", told());
    }
}

impl Shape {
    fn deps(&self) -> Vec<String> {
        let sources = self.sources.iter().map(|source| format!("in{source}"));
        sources.chain(self.stages.iter().map(|stage| format!("o{stage}"))).collect()
    }

    /// A folder holds one file, which a pattern finds wherever it is.
    fn files_read(&self) -> Vec<String> {
        let sources = self.sources.iter().map(|source| format!("in{source}"));
        sources.chain(self.stages.iter().map(|stage| format!("$(find o{stage} -type f)"))).collect()
    }

    fn file(&self, idx: usize) -> String {
        if self.is_folder { format!("o{idx}/f") } else { format!("o{idx}") }
    }
}

fn shape(dice: &mut Dice, idx: usize) -> Shape {
    let mut sources: Vec<usize> = (0..N_SOURCES).filter(|_| dice.one_in(3)).collect();
    let stages: Vec<usize> = (0..idx).filter(|_| dice.one_in(2)).collect();
    if sources.is_empty() && stages.is_empty() {
        sources.push(dice.roll(N_SOURCES));
    }
    Shape {
        sources,
        stages,
        is_folder: dice.one_in(3),
        is_cached: !dice.one_in(4),
        is_gated: dice.one_in(3),
        reads_param: dice.one_in(2),
    }
}

fn plays_out(seed: u64) {
    let mut model = Model::new(seed);
    let mut story = vec![format!("seed {seed}")];
    for _ in 0..4 {
        for _ in 0..=model.dice.roll(3) {
            let told = model.mischief();
            story.push(told);
        }
        for _ in 0..model.dice.roll(3) {
            model.killed_run();
            story.push("a run is killed".to_owned());
            if model.dice.one_in(3) {
                let told = model.mischief();
                story.push(told);
            }
        }
        model.settles(&story);
        story.push("settled".to_owned());
    }
}

#[test]
fn whatever_happened_the_outputs_are_those_of_the_oracle() {
    (0..12).for_each(plays_out);
}

#[test]
fn whatever_happened_the_outputs_are_those_of_the_oracle_too() {
    (100..112).for_each(plays_out);
}
