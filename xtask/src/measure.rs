//! Timing a command as a whole process.
//!
//! Each run is made by a fresh copy of this program, so that the kernel's account of its children is of that run alone.

use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};

/// The exit code of lockgate when a gate blocks.
const REFUSED: i32 = 4;

/// What one run took.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    pub wall_ms: f64,
    /// User and system time of the process and all it waited for.
    pub cpu_ms: f64,
    /// Of the largest single process.
    pub peak_mib: f64,
}

/// The middle of several runs, figure by figure.
pub fn median(runs: &[Run]) -> Run {
    let middle = |figure: fn(&Run) -> f64| {
        let mut figures: Vec<f64> = runs.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures[figures.len() / 2]
    };
    Run { wall_ms: middle(|run| run.wall_ms), cpu_ms: middle(|run| run.cpu_ms), peak_mib: middle(|run| run.peak_mib) }
}

/// A command with the folder it runs in.
#[derive(Clone, Debug)]
pub struct Subject {
    pub words: Vec<String>,
    pub folder: std::path::PathBuf,
}

impl Subject {
    pub fn new(folder: &Path, words: &[&str]) -> Self {
        Self { words: words.iter().map(ToString::to_string).collect(), folder: folder.to_owned() }
    }

    /// Runs the command once; a failure of it is an error.
    pub fn run(&self) -> Result<Run, Box<dyn Error>> {
        let output = Command::new(std::env::current_exe()?)
            .arg("measure")
            .args(&self.words)
            .current_dir(&self.folder)
            .stderr(Stdio::inherit())
            .output()?;
        let text = String::from_utf8(output.stdout)?;
        let figures: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        let [wall_ms, cpu_ms, peak_mib] = figures[..] else {
            return Err(format!("`{}` failed", self.words.join(" ")).into());
        };
        Ok(Run { wall_ms, cpu_ms, peak_mib })
    }
}

/// Runs the subjects in turn, A B A B, each `runs` times after one warm-up, and returns the median of each.
pub fn in_turn(subjects: &[&Subject], runs: usize) -> Result<Vec<Run>, Box<dyn Error>> {
    let mut all = vec![Vec::new(); subjects.len()];
    for round in 0..=runs {
        for (at, subject) in subjects.iter().enumerate() {
            let run = subject.run()?;
            if round > 0 {
                all[at].push(run);
            }
        }
    }
    Ok(all.iter().map(|runs| median(runs)).collect())
}

/// `xtask measure COMMAND…`: runs it and prints wall milliseconds, CPU milliseconds and peak MiB.
pub fn child(command: &[&str]) -> Result<(), Box<dyn Error>> {
    let [program, args @ ..] = command else { return Err("nothing to measure".into()) };
    let start = Instant::now();
    let status = Command::new(program).args(args).stdin(Stdio::null()).stdout(Stdio::null()).status()?;
    let wall_ms = start.elapsed().as_secs_f64() * 1e3;
    // A gate that says no has measured all the same.
    if !status.success() && status.code() != Some(REFUSED) {
        return Err(format!("`{}` ended with {status}", command.join(" ")).into());
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let ms = |time: nix::sys::time::TimeVal| to_f64(time.tv_sec()) * 1e3 + to_f64(time.tv_usec()) / 1e3;
    let cpu_ms = ms(usage.user_time()) + ms(usage.system_time());
    println!("{wall_ms} {cpu_ms} {}", to_f64(usage.max_rss()) / 1024.0);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "times and sizes are far below 2^53")]
fn to_f64(value: i64) -> f64 {
    value as f64
}
