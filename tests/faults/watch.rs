//! What the tests do beside running a command: start one, wait until something is seen, kill, and count.
//!
//! A test waits for one of two things, and says which: that something is written in a folder (inotify), or that a process
//! has ended (a pidfd). Nothing is asked again and again.

use std::fs;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, kill_process_group, pidfd_open};

use crate::sandbox::{Output, Sandbox};

/// After this a test that hangs says what it waited for.
const LONGEST: Duration = Duration::from_secs(60);

/// Waits until `holds`, which only what is written in `folder` can make true.
pub fn until_written(folder: &Path, what: &str, mut holds: impl FnMut() -> bool) {
    let writes = writes_in(folder);
    let start = Instant::now();
    while !holds() {
        wait_for(&[&writes], start, what);
    }
}

/// Waits until the process with this id has ended; whether its parent has noticed makes no difference.
pub fn until_ended(what: &str, pid: &str) {
    let pid = Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
    if let Some(end) = end_of(pid) {
        wait_for(&[&end], Instant::now(), &format!("{what} had ended"));
    }
}

/// Returns what becomes readable when something is written in `folder`.
fn writes_in(folder: &Path) -> OwnedFd {
    let writes = init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK).unwrap();
    let any = WatchFlags::CREATE | WatchFlags::MODIFY | WatchFlags::MOVED_TO;
    add_watch(&writes, folder, any).unwrap();
    writes
}

/// Returns what becomes readable when the process ends; `None` when there is none any more.
fn end_of(pid: Pid) -> Option<OwnedFd> {
    match pidfd_open(pid, PidfdFlags::empty()) {
        Err(Errno::SRCH) => None,
        opened => Some(opened.unwrap()),
    }
}

/// Waits until one of `wakers` is readable, and takes what was told of writes.
fn wait_for(wakers: &[&OwnedFd], start: Instant, what: &str) {
    let left = LONGEST.saturating_sub(start.elapsed());
    let left = Timespec { tv_sec: left.as_secs().try_into().unwrap(), tv_nsec: left.subsec_nanos().into() };
    let mut polled: Vec<PollFd<'_>> =
        wakers.iter().map(|fd| PollFd::from_borrowed_fd(fd.as_fd(), PollFlags::IN)).collect();
    let n_ready = loop {
        match poll(&mut polled, Some(&left)) {
            Err(Errno::INTR) => {}
            ready => break ready.unwrap(),
        }
    };
    assert!(n_ready > 0, "waited in vain until {what}");
    for waker in wakers {
        // A pidfd cannot be read, and has nothing to take.
        while rustix::io::read(waker, &mut [0; 4096]).is_ok_and(|count| count > 0) {}
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

    /// Waits until what it has said `holds`. If it ends before, it never will.
    pub fn until_said(&self, what: &str, holds: impl Fn(&str) -> bool) {
        assert!(self.said_or_ended(&holds), "lockgate ended before {what}:\n{}", self.said());
    }

    /// Waits until what it has said `holds`, or it has ended; returns whether it holds.
    pub fn said_or_ended(&self, holds: impl Fn(&str) -> bool) -> bool {
        let (start, writes) = (Instant::now(), writes_in(self.said.parent().unwrap()));
        let end = end_of(self.pid()).expect("a child stays until it is waited for");
        // What it says last is said before it ends: so its end is looked at first.
        loop {
            let has_ended = is_dead(&self.pid().to_string());
            if holds(&self.said()) || has_ended {
                return holds(&self.said());
            }
            wait_for(&[&writes, &end], start, "lockgate said something or ended");
        }
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
        until_ended("lockgate", &self.pid().to_string());
        self.child.wait().unwrap().code().unwrap_or(-1)
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
        let folder = self.path().join("side");
        fs::create_dir_all(&folder).unwrap();
        until_written(&folder, &format!("`{name}` was there"), || folder.join(name).exists());
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
