//! Locks that die with the process that holds them.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use rustix::fs::{Mode, OFlags, fstat, openat, statat};

use super::error::DiskError;
use super::root::Root;
use crate::words::RelPath;

/// A lock on a file, held until it is dropped or the process ends; it does not pass to child processes.
#[derive(Debug)]
pub struct FileLock {
    file: File,
    path: RelPath,
}

impl FileLock {
    /// Writes who holds the lock into its file, for those who wait.
    pub fn sign(&self, text: &str) -> Result<(), DiskError> {
        let signed = self.file.set_len(0).and_then(|()| self.file.write_all_at(text.as_bytes(), 0));
        signed.map_err(|error| DiskError::new("write", &self.path, error))
    }
}

impl Root {
    /// Takes the lock at `path`, or returns `None` when another process holds it.
    pub fn try_lock(&self, path: &RelPath) -> Result<Option<FileLock>, DiskError> {
        loop {
            let file = self.open_lock(path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(std::fs::TryLockError::WouldBlock) => return Ok(None),
                Err(std::fs::TryLockError::Error(error)) => return Err(DiskError::new("lock", path, error)),
            }
            if let Some(lock) = self.confirm(file, path)? {
                return Ok(Some(lock));
            }
        }
    }

    /// Takes the lock at `path`, waiting as long as another process holds it.
    pub fn lock(&self, path: &RelPath) -> Result<FileLock, DiskError> {
        loop {
            let file = self.open_lock(path)?;
            file.lock().map_err(|error| DiskError::new("lock", path, error))?;
            if let Some(lock) = self.confirm(file, path)? {
                return Ok(lock);
            }
        }
    }

    fn open_lock(&self, path: &RelPath) -> Result<File, DiskError> {
        self.create_dir_all(&path.parent())?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let open = || -> io::Result<File> {
            let place = self.enter(path)?;
            Ok(openat(&place, place.name, flags, Mode::from_raw_mode(0o666))?.into())
        };
        open().map_err(|error| DiskError::new("open the lock", path, error))
    }

    /// Someone may have deleted the file while we waited: a lock on a file without a name excludes nobody.
    fn confirm(&self, file: File, path: &RelPath) -> Result<Option<FileLock>, DiskError> {
        let held = fstat(&file).map_err(|error| DiskError::new("look at", path, error))?;
        let named = statat(self.dir(), path.as_str(), rustix::fs::AtFlags::SYMLINK_NOFOLLOW);
        let same = named.is_ok_and(|named| (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino));
        Ok(same.then(|| FileLock { file, path: path.clone() }))
    }
}
