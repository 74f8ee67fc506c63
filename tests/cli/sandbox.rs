//! A project in a folder of its own, and the binary run in it with nothing of the machine but `PATH`.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A project that is deleted with the test.
pub struct Sandbox {
    dir: tempfile::TempDir,
    /// Where the project lies in it.
    inner: &'static str,
}

/// What a command came to, as one text: standard output, standard error and the exit code.
pub struct Output {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

/// Nothing of the machine's git, and one moment for all commits.
const GIT_ENV: [(&str, &str); 4] = [
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z"),
    ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z"),
];

const GIT_USER: [&str; 6] =
    ["-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "init.defaultBranch=main"];

/// Two stages, and a gate between them.
const EXAMPLE: &str = "\
stages:
  load:
    cmd: cp in.csv raw.csv
    deps: [in.csv]
    outs: [raw.csv]
  not_empty:
    gate:
      data: raw.csv
      command: test -s raw.csv || { echo raw.csv is empty; exit 1; }
  train:
    cmd: echo accuracy \"$(wc -l < raw.csv)\" > model.txt
    deps: [raw.csv]
    params: [lr]
    outs: [model.txt]
";

impl Sandbox {
    /// Makes a project without files.
    pub fn empty() -> Self {
        let sandbox = Self { dir: tempfile::tempdir().expect("a temporary folder"), inner: "" };
        let above = sandbox.path().ancestors().find(|folder| folder.join(".lockgate").exists()).map(Path::to_owned);
        assert_eq!(above, None, "a project above the sandbox would be taken for its own");
        sandbox
    }

    /// Makes a project in a folder of a folder, so that there is room beside it.
    pub fn with_neighbours() -> Self {
        let sandbox = Self { inner: "project", ..Self::empty() };
        fs::create_dir(sandbox.dir.path().join(sandbox.inner)).expect("the folder can be made");
        sandbox
    }

    /// Makes a project of a stage, a gate on what it makes, and a stage that reads it.
    pub fn example() -> Self {
        let sandbox = Self::of(EXAMPLE);
        sandbox.write("in.csv", "a\nb\n");
        sandbox.write("params.yaml", "lr: 0.1\n");
        sandbox
    }

    /// Makes a project with this pipeline file.
    pub fn of(pipeline: &str) -> Self {
        let sandbox = Self::empty();
        sandbox.write("pipeline.yaml", pipeline);
        sandbox
    }

    pub fn path(&self) -> PathBuf {
        fs::canonicalize(self.dir.path().join(self.inner)).expect("the folder is there")
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("the folder can be made");
        fs::write(path, text).expect("the file can be written");
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).expect("the file can be read")
    }

    pub fn exists(&self, path: &str) -> bool {
        self.path().join(path).exists()
    }

    pub fn remove(&self, path: &str) {
        fs::remove_file(self.path().join(path)).expect("the file can be removed");
    }

    /// Prepares a command: `lockgate` with the words of `line`.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockgate"));
        command.args(line.split_whitespace()).current_dir(self.path()).stdin(Stdio::null());
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(GIT_ENV);
        command.env("HOME", self.path().join("home")).env("COLUMNS", "100").env("LOCKGATE_JOBS", "2");
        command
    }

    /// Runs `lockgate` with the words of `line`.
    pub fn lockgate(&self, line: &str) -> Output {
        self.finish(&mut self.command(line))
    }

    /// Runs a prepared command to its end.
    pub fn finish(&self, command: &mut Command) -> Output {
        let output = command.output().expect("the binary can be started");
        let text = |bytes: &[u8]| mask(&self.hide(&String::from_utf8_lossy(bytes)));
        let code = output.status.code().unwrap_or(-1);
        Output { stdout: text(&output.stdout), stderr: text(&output.stderr), code }
    }

    /// Prepares git with the words of `line`, which finds `lockgate` as a user's would.
    pub fn git_command(&self, line: &str) -> Command {
        let folder = Path::new(env!("CARGO_BIN_EXE_lockgate")).parent().expect("the binary is in a folder");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path)));
        let mut command = Command::new("git");
        command.envs(GIT_ENV).env("PATH", path.expect("the folder has no colon")).env("LC_ALL", "C").args(GIT_USER);
        command.args(line.split_whitespace()).current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// Replaces the folder of the project with `DIR`, and the one in which its neighbours are with `AROUND`.
    pub fn hide(&self, text: &str) -> String {
        let around = fs::canonicalize(self.dir.path()).expect("the folder is there");
        let text = text.replace(&self.path().display().to_string(), "DIR");
        text.replace(&around.display().to_string(), "AROUND")
    }

    /// Runs git with the words of `line`, as a user without settings and at one moment, so that hashes are the same.
    pub fn git(&self, line: &str) {
        let status = self.git_command(line).stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(status.expect("git can be started").success(), "git {line}");
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.stdout)?;
        if !self.stderr.is_empty() {
            writeln!(f, "--- stderr")?;
            write!(f, "{}", self.stderr)?;
        }
        write!(f, "--- exit {}", self.code)
    }
}

/// Replaces what differs from run to run: the names of runs, times of day, durations and sizes.
fn mask(text: &str) -> String {
    text.lines().flat_map(|line| [mask_line(line), "\n".to_owned()]).collect()
}

fn mask_line(line: &str) -> String {
    let mut masked: Vec<String> = line.split(' ').map(mask_word).collect();
    for at in 1..masked.len() {
        let is_number = masked[at - 1].parse::<f64>().is_ok();
        if is_number && ["ms", "s"].contains(&masked[at].trim_end_matches([',', ')'])) {
            let unit = masked[at].replacen("ms", "TIME", 1).replacen('s', "TIME", 1);
            masked[at] = unit;
            masked[at - 1].clear();
        }
        if is_number && masked[at].trim_end_matches(':') == "B" {
            "SIZE".clone_into(&mut masked[at - 1]);
        }
    }
    // Whether anything was saved depends on how long things took.
    squeeze(&masked.join(" ")).replace(" , saved TIME", "").replace(" saved TIME", "")
}

/// A duration takes more or fewer columns from run to run: the spaces before and after it are one.
fn squeeze(line: &str) -> String {
    let mut pieces = line.split("TIME").map(str::trim_end);
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |line, piece| format!("{line} TIME {}", piece.trim_start())).trim_end().to_owned()
}

/// The length of a run's name: `20261122T030414.123Z-3b45`.
const RUN: usize = 25;

fn mask_word(word: &str) -> String {
    let is_run = |part: &str| part.as_bytes()[8] == b'T' && part.as_bytes()[15] == b'.' && part.as_bytes()[20] == b'-';
    let parts: Vec<String> = word
        .split('/')
        .map(|part| {
            let bare = part.trim_end_matches(',');
            match bare.get(..RUN) {
                Some(run) if is_run(run) => part.replacen(run, "RUN", 1),
                Some(_) | None => part.to_owned(),
            }
        })
        .collect();
    let word = parts.join("/");
    let is_clock = word.len() == 9 && word.ends_with('Z') && word.as_bytes()[2] == b':';
    let is_date = word.len() == 10 && word.as_bytes()[4] == b'-' && word.as_bytes()[7] == b'-';
    if is_clock {
        "CLOCK".to_owned()
    } else if is_date {
        "DATE".to_owned()
    } else {
        word
    }
}
