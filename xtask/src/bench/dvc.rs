//! Benchmarks against DVC, on projects that both read as they are.

use std::error::Error;
use std::fs;
use std::path::Path;

use super::{Bench, Outcome, is_installed, row};
use crate::graphs;
use crate::measure::{Run, Subject, in_turn, median};

/// How much longer, or dearer, the peer was.
fn beyond(ours: f64, peer: f64) -> String {
    format!("{:.0} × as much", peer / ours)
}

fn init(folder: &Path) -> Outcome {
    Subject::new(folder, &["dvc", "init", "--no-scm", "-q"]).run().map(drop)
}

/// Makes what `dvc init --no-scm` makes and a clone brings.
fn settings(folder: &Path) -> Outcome {
    fs::create_dir_all(folder.join(".dvc/tmp"))?;
    Ok(fs::write(folder.join(".dvc/config"), "[core]\n    no_scm = True\n")?)
}

impl Bench {
    /// Nothing to do, at 100 stages.
    pub(super) fn dvc(&self) -> Outcome {
        if !is_installed("dvc") {
            return Ok(());
        }
        let folder = self.place("dvc-100")?;
        graphs::flat(&folder, 100)?;
        init(&folder)?;
        let peer = Subject::new(&folder, &["dvc", "repro", "-q"]);
        peer.run()?;
        let ours = self.subject(&folder, &["--file", "pipeline.yaml", "repro", "--quiet"]);
        ours.run()?;
        let both = in_turn(&[&ours, &peer], self.runs.min(3))?;
        let (ours, peer) = (both[0].wall_ms, both[1].wall_ms);
        let shown = format!("dvc {peer:.0} ms, {}", beyond(ours, peer));
        row("nothing to do, 100 stages", &format!("{ours:.1} ms"), &shown, None);
        Ok(())
    }

    /// The first run of a `dvc.yaml`: CPU in all, and a stage at five times as many.
    pub(super) fn dvc_first(&self) -> Outcome {
        let ours = |name: &str, n_stages: usize| -> Result<Run, Box<dyn Error>> {
            let runs = (0..self.runs.min(3)).map(|at| {
                let folder = self.place(&format!("first-{name}-{n_stages}-{at}"))?;
                graphs::flat(&folder, n_stages)?;
                fs::remove_file(folder.join("pipeline.yaml"))?;
                self.subject(&folder, &["repro", "--quiet"]).run()
            });
            Ok(median(&runs.collect::<Result<Vec<_>, _>>()?))
        };
        let few = ours("few", 200)?;
        let mut peer = String::new();
        if is_installed("dvc") {
            let folder = self.place("first-dvc")?;
            graphs::flat(&folder, 200)?;
            init(&folder)?;
            let run = Subject::new(&folder, &["dvc", "repro", "-q"]).run()?;
            peer = format!("dvc {:.1} CPU-s, {}", run.cpu_ms / 1e3, beyond(few.cpu_ms, run.cpu_ms));
        }
        let shown = format!("{:.2} CPU-s", few.cpu_ms / 1e3);
        row("first run of a `dvc.yaml`, 200 `cp` stages", &shown, &peer, None);
        let many = ours("many", 1_000)?;
        let (few, many) = (few.cpu_ms / 200.0, many.cpu_ms / 1_000.0);
        let shown = format!("{many:.2} CPU-ms a stage");
        let fewer = format!("200 stages: {few:.2} CPU-ms a stage");
        row("the same, 1,000 stages", &shown, &fewer, Some(many / few));
        Ok(())
    }

    /// What can be asked of 4,000 stages without their data: the first time, and while no text changes.
    pub(super) fn dvc_many(&self) -> Outcome {
        let words: [&[&str]; 3] = [&["stage", "list"], &["dag", "--dot"], &["status"]];
        let has_peer = is_installed("dvc");
        for words in words {
            let name = words.join("-");
            let cold = (0..self.runs).map(|at| {
                let folder = self.place(&format!("many-{name}-{at}"))?;
                graphs::layered(&folder, 40)?;
                settings(&folder)?;
                self.subject(&folder, words).run()
            });
            let cold = median(&cold.collect::<Result<Vec<_>, _>>()?);
            let folder = self.place(&format!("many-{name}"))?;
            let n_edges = graphs::layered(&folder, 40)?;
            settings(&folder)?;
            let again = in_turn(&[&self.subject(&folder, words)], self.runs)?[0];
            let peer = if has_peer { Some(Subject::new(&folder, &[&["dvc"], words].concat()).run()?) } else { None };
            let against = |ours: Run| {
                peer.map_or(String::new(), |peer| {
                    format!("dvc {:.1} s, {}", peer.wall_ms / 1e3, beyond(ours.wall_ms, peer.wall_ms))
                })
            };
            let show = |run: Run| format!("{:.1} ms wall, {:.1} ms CPU", run.wall_ms, run.cpu_ms);
            let what = format!("`{}`, 4,000 stages, {n_edges} edges", words.join(" "));
            row(&format!("{what}, the first time"), &show(cold), &against(cold), None);
            row(&format!("{what}, again"), &show(again), &against(again), None);
        }
        Ok(())
    }

    /// A stage of a `dvc.yaml` that reads a folder of 50,000 small files.
    pub(super) fn dvc_folder(&self) -> Outcome {
        let folder = self.place("dvc-folder")?;
        graphs::many_files(&folder.join("files"), 50_000)?;
        fs::write(
            folder.join("dvc.yaml"),
            "stages:\n  s:\n    cmd: echo done > out\n    deps: [files]\n    outs: [out]\n",
        )?;
        let ours = self.subject(&folder, &["repro", "--quiet"]);
        let what = "a `dvc.yaml` stage that reads a folder of 50,000 files";
        row(&format!("{what}, first run"), &format!("{:.0} ms", ours.run()?.wall_ms), "", None);
        let again = in_turn(&[&ours], self.runs)?[0];
        row("the same, nothing changed", &format!("{:.0} ms", again.wall_ms), "", None);
        let changed = (0..self.runs).map(|at| {
            fs::write(folder.join("files/007/007007"), format!("changed {at}\n"))?;
            ours.run()
        });
        let changed = median(&changed.collect::<Result<Vec<_>, _>>()?);
        row("the same, one file changed", &format!("{:.0} ms", changed.wall_ms), "", None);
        Ok(())
    }
}
