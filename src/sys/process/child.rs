//! A running command and its group.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Child;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, WaitOptions, kill_process_group, pidfd_open, waitpgid};

use super::command::{Command, Through};
use crate::sys::clock::Stopwatch;

/// How a command ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Exit(i32),
    Signal(i32),
}

/// What came of waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    Ended(Ended),
    TimedOut,
    Cancelled,
}

/// Tells every waiting thread that the run is to end; the first time gently, the second time at once.
///
/// Each level is a pipe that nobody writes to: closing its only writing end wakes all who poll the reading end.
#[derive(Clone, Debug)]
pub struct Cancel {
    gently: Arc<OwnedFd>,
    at_once: Arc<OwnedFd>,
}

/// The writing ends, open as long as nothing was cancelled.
#[derive(Debug)]
pub struct Canceller {
    gently: Mutex<Option<OwnedFd>>,
    at_once: Mutex<Option<OwnedFd>>,
}

impl Cancel {
    /// Makes both ends.
    pub fn new() -> io::Result<(Canceller, Self)> {
        let (gently, gentle_writer) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        let (at_once, hard_writer) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        let canceller = Canceller { gently: Mutex::new(Some(gentle_writer)), at_once: Mutex::new(Some(hard_writer)) };
        Ok((canceller, Self { gently: Arc::new(gently), at_once: Arc::new(at_once) }))
    }

    /// Waits that long, or until the run is cancelled; returns whether it was.
    pub fn sleep(&self, time: Duration) -> bool {
        self.poll_with(None, Some(time)).cancelled
    }

    fn poll_with(&self, pidfd: Option<&OwnedFd>, time: Option<Duration>) -> Woken {
        let mut fds = vec![PollFd::new(&*self.gently, PollFlags::IN), PollFd::new(&*self.at_once, PollFlags::IN)];
        fds.extend(pidfd.map(|pidfd| PollFd::new(pidfd, PollFlags::IN)));
        poll_for(&mut fds, time);
        let woken = |at: usize| fds.get(at).is_some_and(|fd: &PollFd<'_>| !fd.revents().is_empty());
        Woken { cancelled: woken(0) || woken(1), child: woken(2) }
    }

    /// Waits for the child alone, or for the order to end at once.
    fn poll_hard(&self, pidfd: &OwnedFd, time: Duration) {
        let mut fds = [PollFd::new(&*self.at_once, PollFlags::IN), PollFd::new(pidfd, PollFlags::IN)];
        poll_for(&mut fds, Some(time));
    }
}

impl Canceller {
    /// Cancels the run: gently the first time, at once the second.
    pub fn cancel(&self) -> Cancelled {
        let mut gently = self.gently.lock().unwrap_or_else(PoisonError::into_inner);
        if gently.take().is_some() {
            return Cancelled::Gently;
        }
        self.at_once.lock().unwrap_or_else(PoisonError::into_inner).take();
        Cancelled::AtOnce
    }
}

/// How a run was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    Gently,
    AtOnce,
}

struct Woken {
    cancelled: bool,
    child: bool,
}

/// Polls, going on after a signal handler ran; any other error counts as a wake-up, and the caller looks again.
fn poll_for(fds: &mut [PollFd<'_>], time: Option<Duration>) {
    let since = Stopwatch::start();
    loop {
        let left = time.map(|time| time.saturating_sub(since.elapsed()));
        let timeout = left.map(|left| Timespec {
            tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(left.subsec_nanos()),
        });
        match poll(fds, timeout.as_ref()) {
            Err(rustix::io::Errno::INTR) => {}
            Ok(_) | Err(_) => return,
        }
    }
}

/// A started command: the leader of a process group of its own.
#[derive(Debug)]
pub struct Running {
    child: Child,
    group: Pid,
    pidfd: OwnedFd,
}

/// Starts the command with its output going to `log`.
pub fn start(command: &Command<'_>, log: &File) -> io::Result<Running> {
    let spawn = |through: Through| -> io::Result<Child> {
        let mut prepared = command.prepare(through);
        prepared.process_group(0).stdout(log.try_clone()?).stderr(log.try_clone()?);
        prepared.spawn()
    };
    // A word that is no program may still mean something to the shell, which also words the complaint as people know it.
    let child = spawn(Through::WhatItNeeds).or_else(|_| spawn(Through::TheShell))?;
    let group = Pid::from_child(&child);
    let pidfd = pidfd_open(group, PidfdFlags::empty())?;
    Ok(Running { child, group, pidfd })
}

impl Running {
    /// Returns the id of the process group.
    pub fn group(&self) -> i32 {
        self.group.as_raw_nonzero().get()
    }

    /// Waits for the leader's end, a timeout or a cancellation, and leaves nothing of the group behind.
    ///
    /// After a timeout or a cancellation the group gets SIGTERM, and SIGKILL after `grace`. What the leader left in its
    /// group is killed before this returns, so nobody writes into the outputs while they are hashed.
    pub fn wait(mut self, timeout: Option<Duration>, grace: Duration, cancel: &Cancel) -> io::Result<Waited> {
        let woken = cancel.poll_with(Some(&self.pidfd), timeout);
        let waited = match woken {
            Woken { child: true, .. } => None,
            Woken { cancelled: true, .. } => Some(Waited::Cancelled),
            Woken { .. } => Some(Waited::TimedOut),
        };
        if waited.is_some() {
            self.end_gently(grace, cancel);
        }
        // The leader is a zombie or about to be one: until it is reaped nobody else can have its group's id.
        signal_group(self.group, Signal::KILL);
        let status = self.child.wait()?;
        reap_group(self.group);
        let ended = status.code().map_or(Ended::Signal(status.signal().unwrap_or(0)), Ended::Exit);
        Ok(waited.unwrap_or(Waited::Ended(ended)))
    }

    fn end_gently(&self, grace: Duration, cancel: &Cancel) {
        signal_group(self.group, Signal::TERM);
        // A stopped process does not act on SIGTERM before it goes on.
        signal_group(self.group, Signal::CONT);
        cancel.poll_hard(&self.pidfd, grace);
    }
}

/// The group may be gone already; that is what was wanted.
fn signal_group(group: Pid, signal: Signal) {
    let _ = kill_process_group(group, signal);
}

/// Reaps what was left in the group and came to this process when its parent died.
fn reap_group(group: Pid) {
    while let Ok(Some(_)) = waitpgid(group, WaitOptions::empty()) {}
}
