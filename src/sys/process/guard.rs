//! The process that ends the tasks of a run when the run dies.
//!
//! It is this program again, in a group of its own, with a pipe from the run as its input. The run says which groups are
//! alive; when the pipe ends without a farewell, the run is dead and the groups are killed. What was started in the instant
//! before, or left its group, is found by its environment.
#![expect(clippy::disallowed_methods, reason = "this module starts a process")]

use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::{Mutex, PoisonError};

use rustix::process::{Pid, Signal, kill_process_group};

use super::orphans::end_carriers;

/// The argument with which this program is a guard.
const ARGUMENT: &str = "__guard";

/// The run's end of the pipe.
#[derive(Debug)]
pub struct Guard {
    child: Mutex<Option<(Child, ChildStdin)>>,
}

impl Guard {
    /// Starts the guard of the run whose tasks carry `token` in their environment.
    pub fn start(token: &str) -> io::Result<Self> {
        let program = std::env::current_exe()?;
        let mut child = std::process::Command::new(program)
            .args([ARGUMENT, token])
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .current_dir("/")
            .spawn()?;
        let stdin = child.stdin.take().expect("the guard was started with a pipe");
        Ok(Self { child: Mutex::new(Some((child, stdin))) })
    }

    /// Says that a group is alive.
    pub fn watch(&self, group: i32) {
        self.tell(&format!("+{group}\n"));
    }

    /// Says that a group has ended.
    pub fn release(&self, group: i32) {
        self.tell(&format!("-{group}\n"));
    }

    /// A guard that was killed is no reason to fail: the next run finds orphans by their environment.
    fn tell(&self, line: &str) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, stdin)) = child.as_mut() {
            let _ = stdin.write_all(line.as_bytes());
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.tell("bye\n");
        let child = self.child.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((mut child, stdin)) = child {
            drop(stdin);
            let _ = child.wait();
        }
    }
}

/// Runs the guard if the arguments ask for it; returns whether they did.
pub fn guard_main() -> bool {
    if std::env::args_os().nth(1).is_none_or(|argument| argument != ARGUMENT) {
        return false;
    }
    let token = std::env::args_os().nth(2).and_then(|token| token.into_string().ok());
    if let Some(groups) = groups_of_the_dead() {
        for group in groups.into_iter().filter_map(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        token.as_deref().map(end_carriers);
    }
    true
}

/// Hears of the groups of a run; `None` when it bids farewell, and the groups that are alive when it dies.
fn groups_of_the_dead() -> Option<BTreeSet<i32>> {
    let mut groups: BTreeSet<i32> = BTreeSet::new();
    for line in io::stdin().lock().lines().map_while(Result::ok) {
        match line.split_at_checked(1) {
            Some(("+", group)) => groups.extend(group.parse::<i32>()),
            Some(("-", group)) => groups.retain(|known| group.parse() != Ok(*known)),
            _ => return None,
        }
    }
    Some(groups)
}
