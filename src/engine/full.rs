//! A full disk: told apart from a broken one, because a person can mend it and run again.

use crate::event::{Failure, FailureCause};
use crate::sys::disk::{DiskError, Root, Space};
use crate::words::{Exit, RelPath};

/// Returns the exit code of a run in which the machine failed like that.
pub fn exit_of(error: &DiskError) -> Exit {
    if error.is_full() { Exit::Halted } else { Exit::Damaged }
}

/// Returns the cause of a failure that comes from the machine; what does not come from the disk has no error of it.
pub fn cause_of(error: Option<&DiskError>) -> FailureCause {
    match error.filter(|error| error.is_full()) {
        Some(error) => FailureCause::DiskFull { path: error.path().to_owned() },
        None => FailureCause::Io,
    }
}

/// Returns what to do about an error of the disk, where that is known; for a full one it names the file system.
pub fn help_for(root: &Root, error: &DiskError) -> Option<String> {
    if error.is_full() { Some(next_step(root, error.path())) } else { error.help().map(ToOwned::to_owned) }
}

/// Returns what to do about a full file system; `path` is where that was met.
pub fn next_step(root: &Root, path: &str) -> String {
    // The path of an error may also be a name that is no path of the project.
    let path = RelPath::parse(path).unwrap_or_else(|_| RelPath::root());
    let place = root.space(&path).map_or_else(|_| format!("the file system of `{path}`"), |space| space.to_string());
    format!("free space on {place}, or raise the quota there, then run again; `lockgate gc` removes what nothing needs")
}

/// Returns the file system of the project if nothing more fits on it.
pub fn used_up(root: &Root) -> Option<Space> {
    root.space(&RelPath::root()).ok().filter(Space::is_used_up)
}

/// Says of a command that failed by itself that it did so on a full file system.
pub fn blamed_on(space: &Space, own: Failure) -> Failure {
    let message = format!("{}; there is no space left on {space}", own.message);
    let help =
        format!("free space on `{}`, then run again; `lockgate gc` removes what nothing needs", space.mount.display());
    Failure { message, help: Some(help), ..own }
}
