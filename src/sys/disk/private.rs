//! Whether a file belongs to one path alone, and copies that do.
//!
//! A second name of a file, be it a hard link or a symlink, shows whatever is written through the other one.

use rustix::fs::{AtFlags, statat};
use rustix::io::Errno;

use super::error::DiskError;
use super::root::{Root, text};
use super::stat::{Kind, Stat};
use crate::words::RelPath;

impl Root {
    /// Whether what stands at `path`, a folder with all that is in it, can be written to and is nothing else under another
    /// name. Nothing is private.
    pub fn is_private(&self, path: &RelPath) -> Result<bool, DiskError> {
        self.is_private_in(path, path)
    }

    fn is_private_in(&self, path: &RelPath, base: &RelPath) -> Result<bool, DiskError> {
        let Some(stat) = self.lstat(path)? else { return Ok(true) };
        match stat.kind {
            Kind::File => Ok(stat.mode & 0o200 != 0 && !self.has_other_names(path)?),
            Kind::Symlink => Ok(self.leads_to(path, base)?.is_none()),
            Kind::Folder => {
                for inner in self.inside(path)? {
                    if !self.is_private_in(&inner, base)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Kind::Special(_) => Ok(true),
        }
    }

    fn has_other_names(&self, path: &RelPath) -> Result<bool, DiskError> {
        let stat = statat(self.dir(), text(path), AtFlags::SYMLINK_NOFOLLOW);
        Ok(stat.map_err(|error| DiskError::new("look at", path, error))?.st_nlink > 1)
    }

    /// Returns what the symlink at `path` stands for, when it is to be replaced by that: what `base` itself leads to, or a
    /// file that lies elsewhere. A symlink to a folder or to a neighbour is a symlink to the pipeline as well.
    fn leads_to(&self, path: &RelPath, base: &RelPath) -> Result<Option<Stat>, DiskError> {
        let Some(stat) = self.stat(path)? else { return Ok(None) };
        if path == base {
            return Ok(Some(stat));
        }
        let target = self.read_link(path)?;
        let stays = std::str::from_utf8(&target).is_ok_and(|target| stays_in(base, &path.parent(), target));
        Ok((stat.kind == Kind::File && !stays).then_some(stat))
    }

    /// Copies a file or folder so that the copy is private: symlinks to files that lie elsewhere become those files. Files keep
    /// their times and permission bits, and can be written to by their owner.
    ///
    /// Nothing may be at `to`.
    pub fn copy_private(&self, from: &RelPath, to: &RelPath) -> Result<(), DiskError> {
        self.copy_private_in(from, to, from)
    }

    fn copy_private_in(&self, from: &RelPath, to: &RelPath, base: &RelPath) -> Result<(), DiskError> {
        let stat = self.lstat(from)?.ok_or_else(|| DiskError::between("copy", from, to, Errno::NOENT))?;
        let stat = if stat.kind == Kind::Symlink { self.leads_to(from, base)?.unwrap_or(stat) } else { stat };
        match stat.kind {
            Kind::File => self.copy_writable(from, to, &stat),
            Kind::Folder => {
                self.create_dir_all(to)?;
                for inner in self.inside(from)? {
                    let copy = to.join(inner.file_name()).expect("a name of a checked path");
                    self.copy_private_in(&inner, &copy, base)?;
                }
                self.set_mode(to, stat.mode & 0o7777)
            }
            Kind::Symlink | Kind::Special(_) => self.copy(from, to),
        }
    }

    fn copy_writable(&self, from: &RelPath, to: &RelPath, stat: &Stat) -> Result<(), DiskError> {
        let mut copy = self.create_file(to, 0o600)?;
        copy.copy_from_source(&self.open_source(from)?)?;
        copy.set_mtime(stat.mtime_ns)?;
        self.set_mode(to, stat.mode & 0o7777 | 0o200)
    }

    fn inside(&self, folder: &RelPath) -> Result<Vec<RelPath>, DiskError> {
        let path = |name: &std::ffi::OsStr| name.to_str().and_then(|name| folder.join(name).ok());
        let unusable = || DiskError::new("name what is in", folder, Errno::ILSEQ);
        self.list(folder)?.iter().map(|entry| path(&entry.name).ok_or_else(unusable)).collect()
    }
}

/// Whether a symlink in `folder` that says `target` leads to something in `base`, by its words.
fn stays_in(base: &RelPath, folder: &RelPath, target: &str) -> bool {
    !target.starts_with('/') && folder.join(target).is_ok_and(|leads| base.contains(&leads))
}
