//! Processes that a dead run left behind.
//!
//! Every task has a variable in its environment that names the workspace. A descendant keeps it, whatever groups and
//! sessions it makes and whoever adopts it, so what carries it while no run holds the workspace is an orphan.
#![expect(clippy::disallowed_methods, reason = "this module reads the process table")]

use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

use crate::words::Digest;

/// The variable that every task has in its environment.
const VARIABLE: &str = "LOCKGATE_WORKSPACE";

/// Returns the variable and its value for the workspace at `root`.
pub fn task_token(root: &Path) -> (String, String) {
    (VARIABLE.to_owned(), Digest::of(root.as_os_str().as_encoded_bytes()).short())
}

/// Kills every process that carries the workspace's token, waits until it is gone, and returns how many there were.
///
/// Call it only while holding the workspace's lock.
pub fn end_orphans(root: &Path) -> usize {
    let (name, value) = task_token(root);
    end_carriers(&format!("{name}={value}"))
}

/// Kills every process with `token`, as `NAME=VALUE`, in its environment, and returns how many there were.
///
/// A process may start another one while it is being killed, so the table is read again until nothing is found; `LIMIT`
/// rounds are enough for anything but a fork bomb.
pub(super) fn end_carriers(token: &str) -> usize {
    const LIMIT: usize = 50;
    let mut ended = std::collections::BTreeSet::new();
    for _ in 0..LIMIT {
        let found = carriers(token);
        if found.is_empty() {
            break;
        }
        for pid in found {
            let _ = kill_process(pid, Signal::KILL);
            ended.insert(pid.as_raw_nonzero());
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    ended.len()
}

/// Returns the processes with the token, without this one. A zombie has no environment and is not among them.
fn carriers(token: &str) -> Vec<Pid> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let this = rustix::process::getpid();
    let pids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let pids = pids.filter_map(Pid::from_raw).filter(|pid| *pid != this);
    pids.filter(|pid| carries(*pid, token)).collect()
}

fn carries(pid: Pid, token: &str) -> bool {
    let path = format!("/proc/{}/environ", pid.as_raw_nonzero());
    let Ok(environ) = std::fs::read(path) else { return false };
    environ.split(|byte| *byte == 0).any(|entry| entry == token.as_bytes())
}
