//! What lies outside of a project: where one is looked for, files that are named by hand, the user's own settings.
//!
//! A project's way of writing goes through its `.lockgate`, and none may appear in a folder that is no project.
#![expect(clippy::disallowed_methods, reason = "this module touches the disk for the rest")]

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::error::DiskError;
use super::root::Root;

/// Returns the text of the file at `path`, or `None` when there is none.
pub fn read_outside(path: &Path) -> Result<Option<String>, DiskError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(DiskError::new("read", &path.display(), error)),
    }
}

/// Puts `text` at `path` as a whole, and makes its folder when that is missing.
pub fn write_outside(path: &Path, text: &str) -> Result<(), DiskError> {
    let fail = |error| DiskError::new("write", &path.display(), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(fail)?;
    }
    let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
    fs::write(&temporary, text).map_err(fail)?;
    fs::rename(&temporary, path).map_err(|error| {
        fs::remove_file(&temporary).unwrap_or_default();
        fail(error)
    })
}

/// Puts the file at `from` at `to` as well, read-only: by a hard link where the file system can, else by a copy.
///
/// What is at `to` already stays. A copy is built beside it and renamed.
pub fn lend_outside(from: &Path, to: &Path) -> Result<(), DiskError> {
    lend(to, |temporary| fs::hard_link(from, temporary).or_else(|_| fs::copy(from, temporary).map(drop)))
}

/// Puts `bytes` at `to` as a whole, read-only; what is at `to` already stays.
pub fn give_outside(bytes: &[u8], to: &Path) -> Result<(), DiskError> {
    lend(to, |temporary| fs::write(temporary, bytes))
}

fn lend(to: &Path, make: impl FnOnce(&Path) -> std::io::Result<()>) -> Result<(), DiskError> {
    let fail = |error| DiskError::new("write", &to.display(), error);
    if fs::symlink_metadata(to).is_ok() {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(fail)?;
    }
    let temporary = to.with_extension(format!("{}.tmp", std::process::id()));
    fs::remove_file(&temporary).unwrap_or_default();
    let made = make(&temporary).and_then(|()| {
        fs::set_permissions(&temporary, fs::Permissions::from_mode(0o444))?;
        fs::rename(&temporary, to)
    });
    made.map_err(|error| {
        fs::remove_file(&temporary).unwrap_or_default();
        fail(error)
    })
}

/// Returns the path of a file with every symlink resolved, or `None` when no file is there.
pub fn canonical_file(path: &Path) -> Option<PathBuf> {
    let path = fs::canonicalize(path).ok()?;
    fs::metadata(&path).is_ok_and(|found| found.is_file()).then_some(path)
}

/// Whether the project lies in a work tree of git.
pub fn is_under_git(root: &Root) -> bool {
    root.path().ancestors().any(|folder| fs::symlink_metadata(folder.join(".git")).is_ok())
}

/// Whether a folder is at `path`.
pub fn is_folder(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_as_a_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("lockgate/config.toml");
        assert_eq!(read_outside(&path).expect("nothing is there"), None);
        write_outside(&path, "jobs = 1\n").expect("it can be written");
        write_outside(&path, "jobs = 2\n").expect("it can be written again");
        assert_eq!(read_outside(&path).expect("it can be read").as_deref(), Some("jobs = 2\n"));
        assert_eq!(fs::read_dir(folder.path().join("lockgate")).expect("the folder is there").count(), 1);
    }
}
