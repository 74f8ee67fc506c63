//! The benchmarks, a table row each.

mod dvc;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use crate::graphs;
use crate::measure::{Run, Subject, in_turn, median};

type Outcome = Result<(), Box<dyn Error>>;

/// A benchmark by its name on the command line.
type Named = (&'static str, fn(&Bench) -> Outcome);

/// What a call of `bench` asks for.
struct Bench {
    binary: String,
    runs: usize,
    folder: tempfile::TempDir,
}

/// Runs the benchmarks that `words` name and prints a table.
pub fn run(words: &[&str]) -> Outcome {
    let (mut binary, mut runs, mut names) = (default_binary(), 7, Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--binary" => binary = words.next().ok_or("--binary wants a path")?.to_string(),
            "--runs" => runs = words.next().ok_or("--runs wants a number")?.parse()?,
            name => names.push(name),
        }
    }
    let binary = fs::canonicalize(&binary).map_err(|error| format!("{binary}: {error}; build it or give --binary"))?;
    let bench = Bench { binary: binary.to_string_lossy().into_owned(), runs, folder: tempfile::tempdir()? };
    println!("| what | lockgate | peer | ratio |\n|---|---|---|---|");
    let all: [Named; 10] = [
        ("version", Bench::version),
        ("noop", Bench::noop),
        ("cold", Bench::cold),
        ("dvc", Bench::dvc),
        ("dvc-first", Bench::dvc_first),
        ("dvc-many", Bench::dvc_many),
        ("dvc-folder", Bench::dvc_folder),
        ("hash", Bench::hash),
        ("folder", Bench::many_files),
        ("gate", Bench::gate),
    ];
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|(known, _)| known != *name)) {
        return Err(format!("there is no benchmark `{unknown}`").into());
    }
    let chosen = all.iter().filter(|(name, _)| names.is_empty() || names.contains(name));
    chosen.map(|(_, bench_of)| bench_of).try_for_each(|bench_of| bench_of(&bench))
}

fn default_binary() -> String {
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    format!("{target}/release/lockgate")
}

/// Whether a peer is in PATH; one that is not is named.
fn is_installed(peer: &str) -> bool {
    let found = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(peer).is_file()));
    if !found {
        eprintln!("{peer} is not in PATH: its rows are left out");
    }
    found
}

fn row(what: &str, ours: &str, peer: &str, ratio: Option<f64>) {
    let ratio = ratio.map_or(String::new(), |ratio| format!("{ratio:.2} ×"));
    println!("| {what} | {ours} | {peer} | {ratio} |");
}

impl Bench {
    fn subject(&self, folder: &Path, words: &[&str]) -> Subject {
        Subject::new(folder, &[&[self.binary.as_str()], words].concat())
    }

    fn place(&self, name: &str) -> Result<PathBuf, Box<dyn Error>> {
        let folder = self.folder.path().join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    fn version(&self) -> Outcome {
        let subject = self.subject(self.folder.path(), &["--version"]);
        let run = in_turn(&[&subject], 10 * self.runs)?[0];
        row("`--version`, whole process", &format!("{:.2} ms", run.wall_ms), "", None);
        Ok(())
    }

    /// Nothing to do, against ninja on the same graph.
    fn noop(&self) -> Outcome {
        for n_stages in [1_000, 10_000] {
            let folder = self.place(&format!("flat-{n_stages}"))?;
            graphs::flat(&folder, n_stages)?;
            let ours = self.subject(&folder, &["--file", "pipeline.yaml", "repro", "--quiet"]);
            ours.run()?;
            let what = format!("nothing to do, {n_stages} stages");
            if is_installed("ninja") {
                let peer = Subject::new(&folder, &["ninja"]);
                // ninja finds the outputs of the same commands; touching them makes it agree that they are new.
                peer.run()?;
                let both = in_turn(&[&ours, &peer], self.runs)?;
                let show =
                    |run: Run| format!("{:.1} ms wall, {:.1} ms CPU, {:.0} MiB", run.wall_ms, run.cpu_ms, run.peak_mib);
                row(
                    &what,
                    &show(both[0]),
                    &format!("ninja {}", show(both[1])),
                    Some(both[0].wall_ms / both[1].wall_ms),
                );
            } else {
                let run = in_turn(&[&ours], self.runs)?[0];
                row(&what, &format!("{:.1} ms wall, {:.0} MiB", run.wall_ms, run.peak_mib), "", None);
            }
        }
        Ok(())
    }

    /// Every stage runs: CPU per stage beyond ninja's.
    fn cold(&self) -> Outcome {
        for (n_stages, runs) in [(1_000, self.runs.min(5)), (10_000, 1)] {
            // Each run has a folder of its own: ext4 is slow to make files for a minute after many were deleted.
            let place = |name: String| -> Result<PathBuf, Box<dyn Error>> {
                let folder = self.place(&name)?;
                graphs::flat(&folder, n_stages).map(|()| folder)
            };
            let (mut our_runs, mut peer_runs) = (Vec::new(), Vec::new());
            for at in 0..runs {
                let folder = place(format!("cold-{n_stages}-{at}"))?;
                let ours = self.subject(&folder, &["--file", "pipeline.yaml", "repro", "--quiet", "-j", "2"]);
                our_runs.push(ours.run()?);
                if is_installed("ninja") {
                    let folder = place(format!("cold-{n_stages}-{at}-ninja"))?;
                    peer_runs.push(Subject::new(&folder, &["ninja", "-j", "2"]).run()?);
                }
            }
            let per_stage = |runs: &[Run]| median(runs).cpu_ms / f64::from(u32::try_from(n_stages).unwrap_or(u32::MAX));
            let ours = per_stage(&our_runs);
            let what = format!("cold run, {n_stages} `cp` stages, `-j 2`, CPU a stage");
            if peer_runs.is_empty() {
                row(&what, &format!("{ours:.2} ms"), "", None);
            } else {
                let peer = per_stage(&peer_runs);
                row(
                    &what,
                    &format!("{ours:.2} ms"),
                    &format!("ninja {peer:.2} ms, {:+.2} ms beyond it", ours - peer),
                    None,
                );
            }
        }
        Ok(())
    }

    /// One file of 4 GiB from page cache.
    fn hash(&self) -> Outcome {
        const SIZE: u64 = 4 << 30;
        let folder = self.place("hash")?;
        graphs::big_file(&folder.join("big"), SIZE)?;
        fs::write(folder.join("pipeline.yaml"), "stages:\n  s:\n    cmd: \"true\"\n    deps: [big]\n")?;
        let ours = self.subject(&folder, &["status"]);
        let peer = is_installed("b3sum").then(|| Subject::new(&folder, &["b3sum", "big"]));
        let subjects: Vec<&Subject> = std::iter::once(&ours).chain(&peer).collect();
        let runs = in_turn(&subjects, self.runs.min(5))?;
        let speed = |run: Run| 4.0 * 1e3 / run.wall_ms;
        let peer = runs.get(1).map(|run| speed(*run));
        let shown = peer.map_or(String::new(), |peer| format!("b3sum {peer:.2} GiB/s"));
        row(
            "hashing one 4 GiB file",
            &format!("{:.2} GiB/s", speed(runs[0])),
            &shown,
            peer.map(|p| speed(runs[0]) / p),
        );
        fs::remove_file(folder.join("big"))?;
        Ok(())
    }

    /// A folder of 100,000 small files.
    fn many_files(&self) -> Outcome {
        let folder = self.place("folder")?;
        graphs::many_files(&folder.join("files"), 100_000)?;
        fs::write(folder.join("pipeline.yaml"), "stages:\n  s:\n    cmd: \"true\"\n    deps: [files]\n    outs: []\n")?;
        let ours = self.subject(&folder, &["repro", "--quiet"]);
        let first = ours.run()?;
        row("a folder of 100,000 files, first run", &format!("{:.0} ms", first.wall_ms), "", None);
        let again = in_turn(&[&ours], self.runs)?[0];
        row("the same, nothing changed", &format!("{:.0} ms", again.wall_ms), "", None);
        Ok(())
    }

    /// The same checks by lockgate and by the peers that the Python of `LOCKGATE_BENCH_PYTHON` has, in turn.
    fn gate_against_peers(&self, folder: &Path) -> Outcome {
        const PEERS: [&str; 4] = ["polars", "duckdb", "pandera", "great_expectations"];
        fs::write(folder.join("gate.py"), include_str!("../peers/gate.py"))?;
        let python = std::env::var("LOCKGATE_BENCH_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let has = |peer: &&str| {
            let found = Subject::new(folder, &[&python, "-c", &format!("import {peer}")]).run().is_ok();
            if !found {
                eprintln!("{peer} is not in {python}: its rows are left out");
            }
            found
        };
        let peers: Vec<&str> = PEERS.into_iter().filter(has).collect();
        let by = |peer: &&str| {
            let peer = if *peer == "great_expectations" { "gx" } else { peer };
            Subject::new(folder, &[&python, "gate.py", peer, "games.parquet"])
        };
        let ours = self.subject(folder, &["validate", "games.parquet", "--schema", "games.yaml"]);
        let theirs: Vec<Subject> = peers.iter().map(by).collect();
        let subjects: Vec<&Subject> = std::iter::once(&ours).chain(&theirs).collect();
        let runs = in_turn(&subjects, self.runs.min(3))?;
        let show = |run: &Run| format!("{:.2} CPU-s, {:.0} MiB", run.cpu_ms / 1e3, run.peak_mib);
        let what = "schema gate, 10 million rows × 10 columns, 11 checks";
        if peers.is_empty() {
            row(what, &show(&runs[0]), "", None);
        }
        for (peer, run) in peers.iter().zip(&runs[1..]) {
            row(what, &show(&runs[0]), &format!("{peer} {}", show(run)), Some(runs[0].cpu_ms / run.cpu_ms));
        }
        Ok(())
    }

    /// The schema gate on ten million rows, judged and then known. The table is made by the contract crate's example.
    fn gate(&self) -> Outcome {
        let Some(data) = std::env::var_os("LOCKGATE_BENCH_TABLE").map(PathBuf::from) else {
            eprintln!(
                "gate: set LOCKGATE_BENCH_TABLE to the folder made by `cargo run --release -p lockgate-contract --example bench_gate -- FOLDER`"
            );
            return Ok(());
        };
        let folder = self.place("gate")?;
        for name in ["games.parquet", "games.yaml", "proved.yaml"] {
            std::os::unix::fs::symlink(data.join(name), folder.join(name))?;
        }
        fs::write(
            folder.join("pipeline.yaml"),
            "stages:\n  sound:\n    gate: {data: games.parquet, schema: games.yaml}\n",
        )?;
        self.gate_against_peers(&folder)?;
        let words = ["validate", "games.parquet", "--schema", "proved.yaml"];
        let proved = in_turn(&[&self.subject(&folder, &words)], self.runs)?[0];
        row("rules that its footer proves, whole process", &format!("{:.1} ms", proved.wall_ms), "", None);
        let ours = self.subject(&folder, &["repro"]);
        ours.run()?;
        let again = in_turn(&[&ours], self.runs)?[0];
        row("the same, its verdict known", &format!("{:.1} ms", again.wall_ms), "", None);
        Ok(())
    }
}
