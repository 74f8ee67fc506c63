//! Copies and links: reflink, copy, hard link, symlink.

use std::io;
use std::path::Path;

use rustix::fs::{AtFlags, Mode, fchmod, linkat, symlinkat};
use rustix::io::Errno;

use super::error::DiskError;
use super::read::Source;
use super::root::Root;
use super::stat::{Kind, Stat};
use crate::words::RelPath;

/// What came of asking the file system to share a file's blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloned {
    /// The copy shares its blocks with the original.
    Shared,
    /// Not for these two files; they may be on different file systems.
    NotThese,
    /// Never on this file system.
    Never,
}

impl Source {
    /// Makes this empty temporary a reflink of `from`: a copy that shares its blocks until one of them is written.
    #[cfg(target_os = "linux")]
    pub fn clone_from_source(&self, from: &Self) -> Cloned {
        match rustix::fs::ioctl_ficlone(&self.file, &from.file) {
            Ok(()) => Cloned::Shared,
            Err(Errno::OPNOTSUPP | Errno::NOTTY | Errno::NOSYS) => Cloned::Never,
            Err(_) => Cloned::NotThese,
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub fn clone_from_source(&self, _from: &Self) -> Cloned {
        Cloned::Never
    }

    pub(super) fn copy_from_source(&mut self, from: &Self) -> Result<(), DiskError> {
        if self.clone_from_source(from) == Cloned::Shared {
            return Ok(());
        }
        let mut block = vec![0; 1 << 20];
        let mut offset = 0;
        loop {
            let count = from.read_at(&mut block, offset)?;
            if count == 0 {
                return Ok(());
            }
            self.write_all(&block[..count])?;
            offset += count as u64;
        }
    }
}

impl Root {
    /// Copies a file, symlink or folder with permission bits, files also with the time of their last change; by reflink where the file system can.
    ///
    /// Nothing may be at `to`. Symlinks are copied as symlinks.
    pub fn copy(&self, from: &RelPath, to: &RelPath) -> Result<(), DiskError> {
        let gone = || DiskError::between("copy", from, to, Errno::NOENT);
        let stat = self.lstat(from)?.ok_or_else(gone)?;
        match stat.kind {
            Kind::File => self.copy_file(from, to, &stat),
            Kind::Symlink => {
                let target = String::from_utf8(self.read_link(from)?);
                let target = target.map_err(|error| DiskError::between("copy", from, to, io::Error::other(error)))?;
                self.symlink(&target, to)
            }
            Kind::Folder => {
                self.create_dir_all(to)?;
                for entry in self.list(from)? {
                    let name = entry.name.to_str().ok_or_else(|| DiskError::between("copy", from, to, Errno::ILSEQ))?;
                    let (inner, copy) = (from.join(name), to.join(name));
                    let fail = |error| DiskError::between("copy", from, to, io::Error::other(error));
                    self.copy(&inner.map_err(fail)?, &copy.map_err(fail)?)?;
                }
                self.set_mode(to, stat.mode & 0o7777)
            }
            Kind::Special(_) => Err(DiskError::between("copy", from, to, Errno::INVAL)),
        }
    }

    fn copy_file(&self, from: &RelPath, to: &RelPath, stat: &Stat) -> Result<(), DiskError> {
        let source = self.open_source(from)?;
        let mut copy = self.create_file(to, 0o600)?;
        copy.copy_from_source(&source)?;
        copy.set_mtime(stat.mtime_ns)?;
        let set = fchmod(&copy.file, Mode::from_raw_mode(stat.mode & 0o7777));
        set.map_err(|error| DiskError::new("set the mode of", to, error))
    }

    /// Makes `to` a second name of the file at `from`; nothing may be at `to`.
    pub fn hard_link(&self, from: &RelPath, to: &RelPath) -> Result<(), DiskError> {
        let link = || -> io::Result<()> {
            let (old, new) = (self.enter(from)?, self.enter(to)?);
            Ok(linkat(&old, old.name, &new, new.name, AtFlags::empty())?)
        };
        link().map_err(|error| DiskError::between("hard-link", from, to, error))
    }

    /// Makes `to` a second name of a file that may lie outside of the project; nothing may be at `to`.
    pub fn hard_link_from(&self, from: &Path, to: &RelPath) -> Result<(), DiskError> {
        let link = || -> io::Result<()> {
            let new = self.enter(to)?;
            Ok(linkat(rustix::fs::CWD, from, &new, new.name, AtFlags::empty())?)
        };
        link().map_err(|error| DiskError::new("link to", to, error))
    }

    /// Makes a symlink at `path` that says `target`; nothing may be at `path`.
    pub fn symlink(&self, target: &str, path: &RelPath) -> Result<(), DiskError> {
        let link = || -> io::Result<()> {
            let place = self.enter(path)?;
            Ok(symlinkat(target, &place, place.name)?)
        };
        link().map_err(|error| DiskError::new("make the symlink", path, error))
    }
}
