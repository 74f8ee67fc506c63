//! A clone of this repository, and a shell in it.

use std::fmt;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// A clone that is deleted with the test.
pub struct Clone {
    dir: tempfile::TempDir,
}

/// What a command line came to: standard output and standard error as they came, and the exit code.
pub struct Told {
    pub text: String,
    pub code: i32,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}exit {}", self.text, self.code)
    }
}

impl Clone {
    /// Clones what the working folder has, whether it is committed or not.
    pub fn fresh() -> Self {
        let clone = Self { dir: tempfile::tempdir().unwrap() };
        let listed = Command::new("git")
            .args(["ls-files", "-z", "-co", "--exclude-standard"])
            .current_dir(repository())
            .output();
        let listed = String::from_utf8(listed.unwrap().stdout).unwrap();
        for file in listed.split_terminator('\0').filter(|file| repository().join(file).is_file()) {
            fs::create_dir_all(clone.path(file).parent().unwrap()).unwrap();
            fs::copy(repository().join(file), clone.path(file)).unwrap();
        }
        let made = clone.bash("git init -q && git add -A && git commit -q -m clone");
        assert_eq!(made.code, 0, "{made}");
        clone
    }

    /// Clones, and runs the example to its end.
    pub fn settled() -> Self {
        let clone = Self::fresh();
        let run = clone.bash("lockgate repro");
        assert_eq!(run.code, 0, "{run}");
        clone
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.dir.path().join(path)
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Replaces a text that must be there.
    pub fn edit(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "{path} has no `{from}`");
        fs::write(self.path(path), text.replacen(from, to, 1)).unwrap();
    }

    /// Runs a command line in the clone.
    pub fn bash(&self, line: &str) -> Told {
        self.bash_in(self.dir.path(), line)
    }

    /// Runs a command line in `folder`.
    pub fn bash_in(&self, folder: &Path, line: &str) -> Told {
        let mut command = Command::new("bash");
        command.args(["-c", &format!("exec 2>&1\n{line}")]).current_dir(folder).stdin(Stdio::null());
        command.env_clear().env("PATH", path()).env("HOME", self.path(".home")).env("GIT_CONFIG_GLOBAL", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "t").env(format!("GIT_{who}_EMAIL"), "t@example.invalid");
        }
        let output = command.output().unwrap();
        Told { text: String::from_utf8(output.stdout).unwrap(), code: output.status.code().unwrap_or(-1) }
    }
}

pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The machine's path, before it the binary under test and a `cargo` for the stages.
fn path() -> String {
    let machine = std::env::var("PATH").unwrap();
    let ours = Path::new(env!("CARGO_BIN_EXE_lockgate")).parent().unwrap();
    format!("{}:{}:{machine}", cargo().display(), ours.display())
}

/// Returns a folder with a `cargo` that runs the stage programs as they are already built: in a clone, whose path is another,
/// the real one would build them again for each test.
fn cargo() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let make = || {
        let folder = tempfile::tempdir().unwrap();
        let football = football();
        let script = format!(
            "#!/bin/sh\n[ \"$1 $2 $3 $5 $6\" = 'run --quiet --manifest-path --bin football' ] || exit 99\nshift 7\nexec '{}' \"$@\"\n",
            football.display()
        );
        fs::write(folder.path().join("cargo"), script).unwrap();
        fs::set_permissions(folder.path().join("cargo"), fs::Permissions::from_mode(0o755)).unwrap();
        folder
    };
    FOLDER.get_or_init(make).path()
}

/// Returns the binary of the stage programs, which stands beside lockgate's, after making sure that it is built.
fn football() -> PathBuf {
    let ours = Path::new(env!("CARGO_BIN_EXE_lockgate"));
    let profile: &[&str] = if ours.parent().unwrap().ends_with("release") { &["--release"] } else { &[] };
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--bin", "football"]).args(profile).current_dir(repository());
    // What cargo says of the package under test would have it build half of the dependencies anew: see `stages/football`.
    let of_cargo =
        |name: &str| name == "OUT_DIR" || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars().filter(|(name, _)| of_cargo(name)) {
        build.env_remove(name);
    }
    let built = build.status();
    assert!(built.unwrap().success(), "the stage programs cannot be built");
    ours.with_file_name("football")
}
