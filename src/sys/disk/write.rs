//! Writing: to a temporary first, then renamed into place.

use std::fs::File;
use std::io::{self, Write as _};

use rustix::fs::{AtFlags, Mode, OFlags, Timespec, Timestamps, UTIME_NOW, futimens, mkdirat, openat, renameat, statat};
use rustix::io::Errno;

use super::error::DiskError;
use super::read::Source;
use super::root::{BESIDE, Root};
use super::stat::{Kind, Stat};
use crate::sys::fault::fault;
use crate::words::RelPath;

/// When what was written must be on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// At the next sync point; until then it survives a dying process, not a power cut.
    Later,
    /// When the call returns.
    Now,
}

/// A temporary file or folder, removed again unless it is moved into place.
#[derive(Debug)]
pub struct Temp {
    root: Root,
    path: RelPath,
    state: TempState,
}

#[derive(Debug, PartialEq, Eq)]
enum TempState {
    Ours,
    Moved,
}

impl Temp {
    pub fn path(&self) -> &RelPath {
        &self.path
    }

    /// Renames it to `to`, over a file that is there; makes the folder of `to` when it is missing.
    pub fn move_to(mut self, to: &RelPath) -> Result<(), DiskError> {
        self.root.rename(&self.path, to)?;
        self.state = TempState::Moved;
        Ok(())
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        if self.state == TempState::Ours {
            // A temporary that stays is swept by the next run.
            self.root.remove(&self.path).ok();
        }
    }
}

/// A new file that is open for writing, and for reading what was written.
pub(super) fn create(root: &Root, path: &RelPath, mode: u32) -> Result<Source, DiskError> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let file = with_parent(root, path, || {
        let place = root.enter(path)?;
        Ok(File::from(openat(&place, place.name, flags, Mode::from_raw_mode(mode))?))
    });
    Ok(Source::new(file.map_err(|error| DiskError::new("create", path, error))?, path.into()))
}

/// Tries `act`; when a folder on the way is missing, makes the folders and tries again.
fn with_parent<T>(root: &Root, path: &RelPath, act: impl Fn() -> io::Result<T>) -> io::Result<T> {
    match act() {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !path.parent().is_root() => {
            make_folders(root, &path.parent())?;
            act()
        }
        done => done,
    }
}

fn make_folders(root: &Root, path: &RelPath) -> io::Result<()> {
    if path.is_root() {
        return Ok(());
    }
    with_parent(root, path, || {
        let place = root.enter(path)?;
        match mkdirat(&place, place.name, Mode::from_raw_mode(0o777)) {
            Err(Errno::EXIST) if is_folder(&place, place.name) => Ok(()),
            done => Ok(done?),
        }
    })
}

fn is_folder(place: &super::root::Place<'_>, name: &str) -> bool {
    let found = statat(place, name, AtFlags::empty());
    found.is_ok_and(|stat| super::stat::Stat::from_system(&stat).kind == Kind::Folder)
}

impl Source {
    /// Writes `bytes` at the end of what was written so far; only for files that were made as temporaries.
    pub fn write_all(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        self.file.write_all(bytes).map_err(|error| DiskError::new("write", self.path(), error))
    }

    /// Sets the time of the last change, in nanoseconds since 1970.
    pub fn set_mtime(&self, mtime_ns: i64) -> Result<(), DiskError> {
        const SECOND: i64 = 1_000_000_000;
        let last_access = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        let last_modification = Timespec { tv_sec: mtime_ns.div_euclid(SECOND), tv_nsec: mtime_ns.rem_euclid(SECOND) };
        let times = Timestamps { last_access, last_modification };
        futimens(&self.file, &times).map_err(|error| DiskError::new("set the time of", self.path(), error))
    }

    /// Waits until the file's bytes are on the disk.
    pub fn sync(&self) -> Result<(), DiskError> {
        self.file.sync_all().map_err(|error| DiskError::new("sync", self.path(), error))
    }
}

impl Root {
    /// Makes an empty temporary file that can be moved to `target`, with permission bits `mode` less the umask's.
    pub fn temp_file(&self, target: &RelPath, mode: u32) -> Result<(Temp, Source), DiskError> {
        let temp = self.temp_unchecked(target)?;
        let source = match create(self, &temp.path, mode) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.remove(&temp.path)?;
                create(self, &temp.path, mode)?
            }
            done => done?,
        };
        Ok((temp, source))
    }

    /// Makes an empty temporary folder that can be moved to `target`.
    pub fn temp_folder(&self, target: &RelPath) -> Result<Temp, DiskError> {
        let temp = self.temp_name(target)?;
        self.create_dir_all(&temp.path)?;
        Ok(temp)
    }

    /// Reserves the name of a temporary that can be moved to `target`; nothing is there yet.
    pub fn temp_name(&self, target: &RelPath) -> Result<Temp, DiskError> {
        let temp = self.temp_unchecked(target)?;
        if self.lstat(&temp.path)?.is_some() {
            self.remove(&temp.path)?;
        }
        Ok(temp)
    }

    /// Reserves the name of a temporary in the folder of `target`; nothing is there yet.
    pub(super) fn temp_beside(&self, target: &RelPath) -> Result<Temp, DiskError> {
        let named = self.temporary_beside(target);
        let path = named.map_err(|error| DiskError::new("name a temporary beside", target, error))?;
        let temp = Temp { root: self.clone(), path, state: TempState::Ours };
        self.remove(&temp.path)?;
        Ok(temp)
    }

    /// Removes the temporaries of dead processes that stand beside `target`.
    pub fn sweep_beside(&self, target: &RelPath) -> Result<(), DiskError> {
        let folder = target.parent();
        for entry in self.list(&folder)? {
            let name = entry.name.to_str().filter(|name| name.starts_with(BESIDE));
            if let Some(left) = name.and_then(|name| folder.join(name).ok()) {
                self.remove(&left)?;
            }
        }
        Ok(())
    }

    /// The process that had this id before may have died with a temporary of the same name.
    fn temp_unchecked(&self, target: &RelPath) -> Result<Temp, DiskError> {
        let named = self.temporary_for(target).map_err(|error| DiskError::new("name a temporary for", target, error));
        Ok(Temp { root: self.clone(), path: named?, state: TempState::Ours })
    }

    /// Makes a new file with permission bits `mode` less the umask's; one that is there already is an error.
    pub fn create_file(&self, path: &RelPath, mode: u32) -> Result<Source, DiskError> {
        create(self, path, mode)
    }

    /// Puts `bytes` at `path` as a whole: a reader sees what was there before or all of the new.
    pub fn publish(&self, path: &RelPath, bytes: &[u8], durability: Durability) -> Result<(), DiskError> {
        let (temp, mut file) = self.temp_file(path, 0o666)?;
        fault!("disk.publish.write");
        file.write_all(bytes)?;
        if durability == Durability::Now {
            file.sync()?;
        }
        fault!("disk.publish.rename");
        temp.move_to(path)?;
        fault!("disk.publish.done");
        match durability {
            Durability::Later => Ok(()),
            Durability::Now => self.sync_folder(&path.parent()),
        }
    }

    /// Renames a file or folder, over a file or empty folder that is there; makes the folder of `to` when missing. To another
    /// file system it is copied.
    pub fn rename(&self, from: &RelPath, to: &RelPath) -> Result<(), DiskError> {
        let fail = |error: io::Error| DiskError::between("rename", from, to, error);
        let old = self.enter(from).map_err(fail)?;
        let into_folder = || -> io::Result<()> {
            let new = self.enter(to)?;
            Ok(renameat(&old, old.name, &new, new.name)?)
        };
        let rename = || match into_folder() {
            // Nothing is made for the sake of something that is not there.
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.is_there(from) => {
                with_parent(self, to, into_folder)
            }
            done => done,
        };
        let renamed = match rename() {
            // Moving a folder changes what it says of its parent, so it must be writable itself.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => self.rename_read_only(from, to, rename)?,
            done => done,
        };
        match renamed {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => self.move_across(from, to),
            done => done.map_err(fail),
        }
    }

    fn is_there(&self, path: &RelPath) -> bool {
        self.lstat(path).is_ok_and(|stat| stat.is_some())
    }

    fn rename_read_only(
        &self,
        from: &RelPath,
        to: &RelPath,
        rename: impl Fn() -> io::Result<()>,
    ) -> Result<io::Result<()>, DiskError> {
        let read_only = |stat: &Stat| stat.kind == Kind::Folder && stat.mode & 0o200 == 0;
        let Some(stat) = self.lstat(from)?.filter(read_only) else {
            return Ok(Err(io::ErrorKind::PermissionDenied.into()));
        };
        self.set_mode(from, stat.mode & 0o7777 | 0o200)?;
        let renamed = rename();
        self.set_mode(if renamed.is_ok() { to } else { from }, stat.mode & 0o7777)?;
        Ok(renamed)
    }

    /// Makes a folder and those above it; one that is there already is fine.
    pub fn create_dir_all(&self, path: &RelPath) -> Result<(), DiskError> {
        make_folders(self, path).map_err(|error| DiskError::new("create the folder", path, error))
    }

    /// Sets the permission bits of a file or folder; a symlink is refused.
    pub fn set_mode(&self, path: &RelPath, mode: u32) -> Result<(), DiskError> {
        let set = || -> io::Result<()> {
            let place = self.enter(path)?;
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
            match openat(&place, place.name, flags, Mode::empty()) {
                Ok(file) => Ok(rustix::fs::fchmod(&file, Mode::from_raw_mode(mode))?),
                // A file that may not be read cannot be opened; its owner may still change its mode.
                Err(Errno::ACCESS) => {
                    Ok(rustix::fs::chmodat(&place, place.name, Mode::from_raw_mode(mode), AtFlags::empty())?)
                }
                Err(error) => Err(error.into()),
            }
        };
        set().map_err(|error| DiskError::new("set the mode of", path, error))
    }

    /// Waits until all that was written to the file system of `.lockgate` is on the disk.
    pub fn sync_point(&self) -> Result<(), DiskError> {
        fault!("disk.sync_point");
        self.sync_file_system(&super::workspace::Layout::home())
    }

    /// Waits until all that was written to the file system of a folder is on the disk.
    pub(super) fn sync_file_system(&self, folder: &RelPath) -> Result<(), DiskError> {
        #[cfg(target_os = "linux")]
        {
            let fail = |error: Errno| DiskError::new("sync the file system of", folder, error);
            let flags = OFlags::RDONLY | OFlags::CLOEXEC;
            let dir = openat(self.dir(), super::root::text(folder), flags, Mode::empty());
            rustix::fs::syncfs(dir.map_err(fail)?).map_err(fail)
        }
        #[cfg(not(target_os = "linux"))]
        {
            rustix::fs::sync();
            Ok(())
        }
    }

    /// Waits until the names in a folder are on the disk.
    pub fn sync_folder(&self, path: &RelPath) -> Result<(), DiskError> {
        let fail = |error| DiskError::new("sync the folder", path, error);
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = openat(self.dir(), super::root::text(path), flags, Mode::empty()).map_err(fail)?;
        rustix::fs::fsync(dir).map_err(fail)
    }
}
