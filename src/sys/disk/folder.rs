//! Listing folders.

use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;

use rustix::fs::{AtFlags, Dir, Mode, OFlags, openat, readlinkat, statat};

use super::error::DiskError;
use super::root::{Root, text};
use super::stat::{Kind, Stat};
use crate::words::{Place, Spot};

/// An open folder; what is in it is looked at without resolving its path again.
#[derive(Debug)]
pub struct Folder {
    dir: OwnedFd,
    path: Place,
}

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FolderEntry {
    pub name: OsString,
    /// What the folder says it is; a symlink is seen as one.
    pub kind: Kind,
}

impl Folder {
    pub fn path(&self) -> &Place {
        &self.path
    }

    /// Returns what is in the folder, in no order, without `.` and `..`.
    pub fn entries(&self) -> Result<Vec<FolderEntry>, DiskError> {
        let fail = |error| DiskError::new("list", &self.path, error);
        let mut entries = Vec::new();
        for entry in Dir::read_from(&self.dir).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                let name = OsString::from_vec(name.to_vec());
                let kind = self.kind_of(&entry, &name)?;
                entries.push(FolderEntry { name, kind });
            }
        }
        Ok(entries)
    }

    fn kind_of(&self, entry: &rustix::fs::DirEntry, name: &OsString) -> Result<Kind, DiskError> {
        if entry.file_type() == rustix::fs::FileType::Unknown {
            // Some file systems do not say.
            return Ok(self.lstat(name)?.map_or(Kind::File, |stat| stat.kind));
        }
        Ok(Kind::from_system(entry.file_type()))
    }

    /// Looks at one name, following a symlink; `None` when it is gone or leads nowhere.
    pub fn stat(&self, name: &OsString) -> Result<Option<Stat>, DiskError> {
        self.look(name, AtFlags::empty())
    }

    /// Looks at one name itself.
    pub fn lstat(&self, name: &OsString) -> Result<Option<Stat>, DiskError> {
        self.look(name, AtFlags::SYMLINK_NOFOLLOW)
    }

    fn look(&self, name: &OsString, flags: AtFlags) -> Result<Option<Stat>, DiskError> {
        use rustix::io::Errno;
        match statat(&self.dir, name, flags) {
            Ok(stat) => Ok(Some(Stat::from_system(&stat))),
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => Ok(None),
            Err(error) => Err(self.fail("look at", name, error)),
        }
    }

    /// Returns where the symlink `name` points, as it says.
    pub fn read_link(&self, name: &OsString) -> Result<Vec<u8>, DiskError> {
        let target = readlinkat(&self.dir, name, Vec::new());
        Ok(target.map_err(|error| self.fail("read the symlink", name, error))?.into_bytes())
    }

    fn fail(&self, op: &'static str, name: &OsString, error: rustix::io::Errno) -> DiskError {
        let path = format!("{}/{}", self.path, name.to_string_lossy().escape_debug());
        DiskError::new(op, &path, error)
    }
}

impl Root {
    /// Opens the folder at `path`, following symlinks.
    pub fn open_folder<'p>(&self, path: impl Into<Spot<'p>>) -> Result<Folder, DiskError> {
        let path = path.into();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = openat(self.dir(), text(path), flags, Mode::empty());
        let dir = opened.map_err(|error| DiskError::new("open the folder", &path, error))?;
        Ok(Folder { dir, path: path.to_place() })
    }

    /// Returns what is in a folder, sorted by name; a folder that is not there is empty.
    pub fn list<'p>(&self, path: impl Into<Spot<'p>>) -> Result<Vec<FolderEntry>, DiskError> {
        let folder = match self.open_folder(path) {
            Ok(folder) => folder,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut entries = folder.entries()?;
        entries.sort();
        Ok(entries)
    }
}
