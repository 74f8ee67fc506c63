//! Files that only grow.

use std::fs::File;
use std::io::{self, Write as _};

use rustix::fs::{Mode, OFlags, openat};

use super::error::DiskError;
use super::root::Root;
use crate::sys::fault::fault;
use crate::words::RelPath;

/// An open file to which records are appended.
#[derive(Debug)]
pub struct Appender {
    file: File,
    path: RelPath,
    len: u64,
    sync: SyncState,
}

/// After a failed sync the kernel may have dropped the bytes and call the next sync a success.
#[derive(Debug, PartialEq, Eq)]
enum SyncState {
    Sound,
    Failed,
}

impl Appender {
    /// Returns the length of the file in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Appends `bytes` in one write; when the disk is full, what was written of them is cut off again.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        fault!("disk.append");
        match self.file.write_all(bytes) {
            Ok(()) => {
                self.len += bytes.len() as u64;
                Ok(())
            }
            Err(error) => {
                self.file.set_len(self.len).ok();
                Err(DiskError::new("append to", &self.path, error))
            }
        }
    }

    /// Cuts the file to its first `len` bytes, to drop a torn tail.
    pub fn truncate(&mut self, len: u64) -> Result<(), DiskError> {
        self.file.set_len(len).map_err(|error| DiskError::new("cut the tail of", &self.path, error))?;
        self.len = len;
        Ok(())
    }

    /// Waits until everything appended is on the disk. Once this has failed it fails for good: open a new file.
    pub fn sync(&mut self) -> Result<(), DiskError> {
        fault!("disk.append.sync");
        if self.sync == SyncState::Failed {
            let error = io::Error::other("an earlier sync of it failed");
            return Err(DiskError::new("sync", &self.path, error));
        }
        self.file.sync_data().map_err(|error| {
            self.sync = SyncState::Failed;
            DiskError::new("sync", &self.path, error)
        })
    }
}

impl Root {
    /// Opens the file at `path` as the output of a process, which goes to its end; makes it when missing.
    pub fn open_for_output(&self, path: &RelPath) -> Result<File, DiskError> {
        self.append_to(path).map(|appender| appender.file)
    }

    /// Opens the file at `path` for appending; makes it and its folder when missing.
    pub fn append_to(&self, path: &RelPath) -> Result<Appender, DiskError> {
        self.create_dir_all(&path.parent())?;
        let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::CLOEXEC;
        let open = || -> io::Result<(File, u64)> {
            let place = self.enter(path)?;
            let file = File::from(openat(&place, place.name, flags, Mode::from_raw_mode(0o666))?);
            let len = file.metadata()?.len();
            Ok((file, len))
        };
        let (file, len) = open().map_err(|error| DiskError::new("open for appending", path, error))?;
        Ok(Appender { file, path: path.clone(), len, sync: SyncState::Sound })
    }
}
