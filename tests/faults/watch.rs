//! What the tests do beside running a command: start one, wait until something is seen, kill, and count.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::sandbox::{Output, Sandbox};

/// Waits until `holds`; a test that hangs says what it waited for.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A `lockgate` that runs beside the test, the leader of a process group of its own, killed with the test.
pub struct Runner {
    child: Child,
    said: std::path::PathBuf,
}

impl Runner {
    /// Starts `lockgate` with the words of `line`.
    pub fn start(ws: &Sandbox, line: &str) -> Self {
        static SERIAL: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let serial = SERIAL.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let said = ws.path().join(format!("side/said-{serial}"));
        fs::create_dir_all(said.parent().unwrap()).unwrap();
        let mut command = ws.command(line);
        command.stdout(Stdio::null()).stderr(fs::File::create(&said).unwrap()).process_group(0);
        Self { child: command.spawn().unwrap(), said }
    }

    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Returns what it has written to standard error so far.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap()
    }

    pub fn is_alive(&self) -> bool {
        !is_dead(&self.pid().to_string())
    }

    /// Kills the process alone, as the kernel does when memory runs out.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Kills the whole process group, as a terminal or a supervisor does.
    pub fn kill_group(mut self) {
        kill_process_group(self.pid(), Signal::KILL).unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for its end and returns its exit code.
    pub fn wait(mut self) -> i32 {
        let mut code = None;
        until("lockgate ended", || {
            code = self.child.try_wait().unwrap();
            code.is_some()
        });
        code.unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        let _ = kill_process_group(self.pid(), Signal::KILL);
        let _ = self.child.wait();
    }
}

/// What the tests say of a sandbox.
pub trait Watched {
    /// Runs `lockgate repro` with further words and expects an exit code.
    fn repro(&self, words: &str, code: i32) -> Output;
    /// Expects that there is nothing to do.
    fn is_fresh(&self);
    /// Returns how many lines `side/NAME` has: how often a stage that counts there has run.
    fn count(&self, name: &str) -> usize;
    /// Makes a pipe at `side/NAME`: whoever reads it waits until it is opened or replaced.
    fn hold(&self, name: &str);
    /// Lets who waits at `side/NAME` go on, now and in times to come.
    fn let_go(&self, name: &str);
    /// Waits until `side/NAME` is there.
    fn await_side(&self, name: &str);
}

impl Watched for Sandbox {
    fn repro(&self, words: &str, code: i32) -> Output {
        let output = self.lockgate(&format!("repro {words}"));
        assert_eq!(output.code, code, "repro {words}\n{output}");
        output
    }

    fn is_fresh(&self) {
        let output = self.repro("", 0);
        assert!(output.stderr.contains("everything is fresh"), "{output}");
    }

    fn count(&self, name: &str) -> usize {
        fs::read_to_string(self.path().join("side").join(name)).map_or(0, |text| text.lines().count())
    }

    fn hold(&self, name: &str) {
        let path = self.path().join("side").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&path);
        rustix::fs::mkfifoat(rustix::fs::CWD, &path, rustix::fs::Mode::RWXU).unwrap();
    }

    fn let_go(&self, name: &str) {
        let path = self.path().join("side").join(name);
        let aside = self.path().join("side").join(format!("{name}.pipe"));
        fs::rename(&path, &aside).unwrap();
        fs::write(&path, "").unwrap();
        // A pipe that nobody reads cannot be opened for writing without waiting; then nobody has to be let go.
        let flags = rustix::fs::OFlags::WRONLY | rustix::fs::OFlags::NONBLOCK;
        let _ = rustix::fs::open(&aside, flags, rustix::fs::Mode::empty());
    }

    fn await_side(&self, name: &str) {
        let path = self.path().join("side").join(name);
        until(&format!("`{name}` was there"), || path.exists());
    }
}

/// Whether no process with this id does anything any more: it is gone, or waits for its parent to notice its end.
pub fn is_dead(pid: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", pid.trim())).unwrap_or_default();
    status.is_empty() || status.contains("\nState:\tZ")
}

/// Returns the files below a folder, sorted.
pub fn files_below(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.symlink_metadata().unwrap().is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files.sort();
    files
}
