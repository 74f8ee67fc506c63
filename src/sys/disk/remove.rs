//! Removing files and whole trees, also those that were made read-only.

use std::ffi::CStr;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, Dir, Mode, OFlags, openat, unlinkat};
use rustix::io::Errno;

use super::error::DiskError;
use super::root::Root;
use crate::words::RelPath;

impl Root {
    /// Removes the file, symlink or folder at `path` with all that is in it; nothing there is fine.
    ///
    /// Symlinks are removed, never followed.
    pub fn remove(&self, path: &RelPath) -> Result<(), DiskError> {
        let removed = || -> io::Result<()> {
            let place = self.enter(path)?;
            let name = std::ffi::CString::new(place.name)?;
            Ok(remove_at(&place, &name)?)
        };
        match removed() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done.map_err(|error| DiskError::new("remove", path, error)),
        }
    }
}

fn remove_at(dir: &impl AsFd, name: &CStr) -> Result<(), Errno> {
    match unlinkat(dir, name, AtFlags::empty()) {
        // Linux says `ISDIR`, POSIX and macOS say `PERM`.
        Err(Errno::ISDIR | Errno::PERM) => remove_folder(dir, name),
        done => done,
    }
}

fn remove_folder(dir: &impl AsFd, name: &CStr) -> Result<(), Errno> {
    let folder = open_for_emptying(dir, name)?;
    for inner in names(&folder)? {
        match remove_at(&folder, &inner) {
            Err(Errno::ACCESS) => {
                rustix::fs::fchmod(&folder, Mode::RWXU)?;
                remove_at(&folder, &inner)?;
            }
            Err(Errno::NOENT) => {}
            done => done?,
        }
    }
    unlinkat(dir, name, AtFlags::REMOVEDIR)
}

fn open_for_emptying(dir: &impl AsFd, name: &CStr) -> Result<OwnedFd, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    match openat(dir, name, flags, Mode::empty()) {
        Err(Errno::ACCESS) => {
            rustix::fs::chmodat(dir, name, Mode::RWXU, AtFlags::empty())?;
            openat(dir, name, flags, Mode::empty())
        }
        opened => opened,
    }
}

fn names(folder: &OwnedFd) -> Result<Vec<std::ffi::CString>, Errno> {
    let mut names = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        if ![c".", c".."].contains(&entry.file_name()) {
            names.push(entry.file_name().to_owned());
        }
    }
    Ok(names)
}
