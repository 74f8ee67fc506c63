//! What the file system says of a path.

use rustix::fs::{AtFlags, FileType, Timespec, Timestamps, UTIME_NOW, statat, utimensat};
use serde::{Deserialize, Serialize};

use super::error::DiskError;
use super::root::{Root, text};
use super::workspace::Layout;
use crate::words::{RelPath, Spot};

/// The facts by which a changed file is told from an unchanged one, and its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stat {
    pub dev: u64,
    pub ino: u64,
    /// In bytes.
    pub size: u64,
    /// Nanoseconds since 1970, by the file system's clock.
    pub mtime_ns: i64,
    /// Nanoseconds since 1970, by the file system's clock; no program can set it.
    pub ctime_ns: i64,
    /// Type and permission bits.
    pub mode: u32,
    pub kind: Kind,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Kind {
    File,
    Folder,
    Symlink,
    Special(Special),
}

/// A thing that is neither file nor folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Special {
    Fifo,
    Socket,
    Device,
}

impl Special {
    /// Returns the word for a message.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fifo => "a fifo",
            Self::Socket => "a socket",
            Self::Device => "a device",
        }
    }
}

impl Stat {
    #[expect(clippy::cast_sign_loss, reason = "no file has a negative size")]
    #[expect(clippy::cast_possible_wrap, reason = "nanoseconds of a second fit in any integer")]
    pub(super) fn from_system(stat: &rustix::fs::Stat) -> Self {
        Self {
            dev: stat.st_dev,
            ino: stat.st_ino,
            size: stat.st_size as u64,
            mtime_ns: nanos(stat.st_mtime, stat.st_mtime_nsec as i64),
            ctime_ns: nanos(stat.st_ctime, stat.st_ctime_nsec as i64),
            mode: stat.st_mode,
            kind: Kind::from_system(FileType::from_raw_mode(stat.st_mode)),
        }
    }

    /// Returns the stat as if the last write had been the last change of any kind.
    ///
    /// Renaming and linking change a file's ctime but not its bytes.
    #[must_use]
    pub fn as_written(&self) -> Self {
        Self { ctime_ns: self.mtime_ns, ..*self }
    }

    /// Whether the owner may execute it.
    pub const fn is_executable(&self) -> bool {
        self.mode & 0o100 != 0
    }
}

impl Kind {
    pub(super) fn from_system(kind: FileType) -> Self {
        match kind {
            FileType::Directory => Self::Folder,
            FileType::Symlink => Self::Symlink,
            FileType::Fifo => Self::Special(Special::Fifo),
            FileType::Socket => Self::Special(Special::Socket),
            FileType::CharacterDevice | FileType::BlockDevice => Self::Special(Special::Device),
            FileType::RegularFile | FileType::Unknown => Self::File,
        }
    }
}

/// Joins seconds and nanoseconds; a time out of range is cut to the nearest that fits (the years 1677 to 2262).
pub(super) fn nanos(seconds: i64, nanoseconds: i64) -> i64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds)
}

impl Root {
    /// Looks at `path`, following symlinks; `None` when nothing is there or a symlink leads nowhere.
    pub fn stat<'p>(&self, path: impl Into<Spot<'p>>) -> Result<Option<Stat>, DiskError> {
        self.look(path.into(), AtFlags::empty())
    }

    /// Looks at `path` itself; a symlink is seen as one.
    pub fn lstat<'p>(&self, path: impl Into<Spot<'p>>) -> Result<Option<Stat>, DiskError> {
        self.look(path.into(), AtFlags::SYMLINK_NOFOLLOW)
    }

    fn look(&self, path: Spot<'_>, flags: AtFlags) -> Result<Option<Stat>, DiskError> {
        use rustix::io::Errno;
        match statat(self.dir(), text(path), flags) {
            Ok(stat) => Ok(Some(Stat::from_system(&stat))),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
            Err(error) => Err(DiskError::new("look at", &path, error)),
        }
    }

    /// Reads the file system's own clock, in nanoseconds since 1970, by touching a file.
    ///
    /// The kernel's clock for files is coarse and a server's may be another, so no clock of the process will do.
    pub fn clock(&self) -> Result<i64, DiskError> {
        let path = self.caches()?.join("clock").expect("a plain name");
        let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        let times = Timestamps { last_access: now, last_modification: now };
        match utimensat(self.dir(), text(&path), &times, AtFlags::empty()) {
            Ok(()) => {}
            Err(rustix::io::Errno::NOENT) => self.make_clock(&path)?,
            Err(error) => return Err(DiskError::new("touch", &path, error)),
        }
        let stat = self.stat(&path)?.ok_or_else(|| DiskError::new("touch", &path, rustix::io::Errno::NOENT))?;
        Ok(stat.mtime_ns)
    }

    fn make_clock(&self, path: &RelPath) -> Result<(), DiskError> {
        if path.parent() == Layout::state() {
            super::workspace::prepare(self)?;
        } else {
            self.create_dir_all(&path.parent())?;
        }
        match self.create_file(path, 0o666) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }
}
