//! How much a file system can still take, and which one it is.

use std::fmt;
use std::path::{Path, PathBuf};

use rustix::fs::{stat, statvfs};
use rustix::io::Errno;

use super::error::DiskError;
use super::root::Root;
use crate::words::RelPath;
use crate::words::text::bytes;

/// How much a file system can still take, as `df` counts it for a user without privileges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Space {
    /// The topmost folder of the file system on the way to what was asked about.
    pub mount: PathBuf,
    pub free_bytes: u64,
    pub total_bytes: u64,
    pub free_inodes: u64,
    pub total_inodes: u64,
}

/// A write that failed may have left the rest of its last blocks free.
const NEXT_TO_NOTHING: u64 = 64 << 10;

impl Space {
    /// Whether there is room for nothing more, or for no more files. Some file systems do not count files.
    pub const fn is_used_up(&self) -> bool {
        self.free_bytes < NEXT_TO_NOTHING || (self.total_inodes > 0 && self.free_inodes == 0)
    }
}

impl fmt::Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mount, free_bytes, total_bytes, free_inodes, total_inodes } = self;
        let (free, total) = (bytes(*free_bytes), bytes(*total_bytes));
        write!(f, "the file system at `{}` ({free} of {total} free", mount.display())?;
        if *total_inodes > 0 && *free_inodes == 0 {
            f.write_str(", no room for another file")?;
        }
        f.write_str(")")
    }
}

impl Root {
    /// Returns how much the file system can still take that holds `path`, or will when it is made.
    pub fn space(&self, path: &RelPath) -> Result<Space, DiskError> {
        let fail = |error| DiskError::new("ask the free space of", path, error);
        let mut there = path.clone();
        let facts = loop {
            match statvfs(there.under(self.path())) {
                Err(Errno::NOENT | Errno::NOTDIR) if there != RelPath::root() => there = there.parent(),
                asked => break asked.map_err(fail)?,
            }
        };
        Ok(Space {
            mount: mount_of(&there.under(self.path())),
            free_bytes: facts.f_bavail.saturating_mul(facts.f_frsize),
            total_bytes: facts.f_blocks.saturating_mul(facts.f_frsize),
            free_inodes: facts.f_favail,
            total_inodes: facts.f_files,
        })
    }
}

/// Climbs while the device stays the same.
fn mount_of(path: &Path) -> PathBuf {
    let device = |path: &Path| stat(path).ok().map(|stat| stat.st_dev);
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let own = device(&path);
    path.ancestors().take_while(|above| device(above) == own).last().unwrap_or(&path).to_owned()
}
