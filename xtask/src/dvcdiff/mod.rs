//! A differential test against DVC itself: random projects, random edits, both tools, and what differs.
//!
//! DVC runs in one Python process (`peers/dvc_driver.py`). Projects are made and edited by seed, so that a difference can be
//! told again; which stages ran is told by the stages themselves. A difference is on purpose when `known` names its reason;
//! any other fails the test and keeps the project.

mod compare;
mod dice;
mod edit;
mod known;
mod make;
mod project;
mod session;
mod state;
mod tools;

use std::fs;
use std::path::{Path, PathBuf};

use session::{Bench, Findings, play};
use state::State;
use tools::{Dvc, Fallible, Lockgate};

/// What a call asks for.
struct Options {
    binary: PathBuf,
    python: String,
    from: Option<u64>,
    count: u64,
    seed: Option<u64>,
    state: PathBuf,
    folder: PathBuf,
}

/// Runs seeds, prints what differs, and fails when something does that is on no purpose.
pub fn run(words: &[&str]) -> Fallible<()> {
    let options = Options::read(words)?;
    fs::create_dir_all(&options.folder)?;
    let folder = fs::canonicalize(&options.folder)?;
    let binary = fs::canonicalize(&options.binary)
        .map_err(|error| format!("{}: {error}; build it or give --binary", options.binary.display()))?;
    let mut bench =
        Bench { dvc: Dvc::start(&options.python, &folder)?, lockgate: Lockgate::new(&binary, &folder), folder };
    println!("{} against {}", bench.lockgate.version()?, bench.dvc.version()?);
    if let Some(seed) = options.seed {
        let findings = play(&mut bench, seed)?;
        tell(seed, &findings, &bench.folder);
        println!("kept in {}", bench.folder.join(format!("seed-{seed}")).display());
        return ended(usize::from(!findings.differences.is_empty()));
    }
    let known = if options.from.is_none() { State::read(&options.state)? } else { None };
    let mut state = known.unwrap_or_else(|| State::from(options.from.unwrap_or(1)));
    for seed in state.next..state.next + options.count {
        let findings = play(&mut bench, seed).map_err(|error| format!("seed {seed}: {error}"))?;
        state.count(seed, &findings);
        if findings.differences.is_empty() {
            fs::remove_dir_all(bench.folder.join(format!("seed-{seed}")))?;
        } else {
            tell(seed, &findings, &bench.folder);
        }
        state.write(&options.state)?;
    }
    print!("{}", state.summary());
    ended(state.differing.len())
}

fn ended(n_differing: usize) -> Fallible<()> {
    if n_differing == 0 { Ok(()) } else { Err("the tools differ; `--seed N` tells one seed again".into()) }
}

/// Prints what was done and all that differs, in the order in which it came.
fn tell(seed: u64, findings: &Findings, folder: &Path) {
    println!("seed {seed}: {}", folder.join(format!("seed-{seed}")).display());
    let differences_after = |at: usize| findings.differences.iter().filter(move |(after, _)| *after == at);
    for at in 0..=findings.told.len() {
        if at > 0 {
            println!("  edit {at}: {}", findings.told[at - 1]);
        }
        for (_, difference) in differences_after(at) {
            println!("  {:?} `{}`", difference.aspect, difference.about);
            let (dvc, lockgate) = differing(&difference.dvc, &difference.lockgate);
            println!("    dvc:      {}", dvc.join("\n              "));
            println!("    lockgate: {}", lockgate.join("\n              "));
        }
    }
}

/// Returns the lines of two texts without those at their ends that are the same.
fn differing<'a>(a: &'a str, b: &'a str) -> (Vec<&'a str>, Vec<&'a str>) {
    let (mut a, mut b): (Vec<&str>, Vec<&str>) = (a.lines().collect(), b.lines().collect());
    while a.len() > 1 && b.len() > 1 && a.last() == b.last() {
        a.pop();
        b.pop();
    }
    let same = a.iter().zip(&b).take_while(|(a, b)| a == b).count().min(a.len().min(b.len()).saturating_sub(1));
    (a.split_off(same), b.split_off(same))
}

impl Options {
    fn read(words: &[&str]) -> Fallible<Self> {
        let target = PathBuf::from(std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned()));
        let mut options = Self {
            binary: target.join("release/lockgate"),
            python: "python3".to_owned(),
            from: None,
            count: 100,
            seed: None,
            state: target.join("dvc-diff.json"),
            folder: std::env::temp_dir().join("lockgate-dvc-diff"),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().copied().ok_or_else(|| format!("{word} wants a value"));
            match *word {
                "--binary" => options.binary = value()?.into(),
                "--python" => value()?.clone_into(&mut options.python),
                "--from" => options.from = Some(value()?.parse()?),
                "--count" => options.count = value()?.parse()?,
                "--seed" => options.seed = Some(value()?.parse()?),
                "--state" => options.state = value()?.into(),
                "--folder" => options.folder = value()?.into(),
                unknown => return Err(format!("`{unknown}` is no option of dvc-diff").into()),
            }
        }
        Ok(options)
    }
}
