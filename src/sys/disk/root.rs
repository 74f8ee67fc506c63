//! The project's root, and the way into the folder that a write goes to.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{Mode, OFlags, openat};

use super::error::DiskError;
use super::workspace::Layout;
use crate::words::{RelPath, Spot};

/// The folder that holds the project; cheap to clone.
#[derive(Clone, Debug)]
pub struct Root(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    dir: OwnedFd,
    dev: u64,
    serial: AtomicU64,
}

/// The folder that holds a path, opened without leaving the project, and the last component of the path.
pub(super) struct Place<'a> {
    folder: Holder<'a>,
    pub(super) name: &'a str,
}

enum Holder<'a> {
    Root(BorrowedFd<'a>),
    Inner(OwnedFd),
}

impl AsFd for Place<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.folder {
            Holder::Root(dir) => *dir,
            Holder::Inner(dir) => dir.as_fd(),
        }
    }
}

impl Root {
    /// Opens the folder at `path`, which may be relative to the current one or a symlink.
    pub fn open(path: &Path) -> Result<Self, DiskError> {
        let fail = |error: io::Error| DiskError::new("open the folder", &path.display(), error);
        let absolute = std::fs::canonicalize(path).map_err(fail)?;
        let dir = openat(rustix::fs::CWD, &absolute, FOLDER, Mode::empty()).map_err(|error| fail(error.into()))?;
        let dev = rustix::fs::fstat(&dir).map_err(|error| fail(error.into()))?.st_dev;
        Ok(Self(Arc::new(Inner { path: absolute, dir, dev, serial: AtomicU64::new(0) })))
    }

    /// Returns the absolute path, free of symlinks.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// Returns the number of the device that holds the root.
    pub fn dev(&self) -> u64 {
        self.0.dev
    }

    /// Returns the path of what is at `path` once every symlink is resolved; outside the project it is an error.
    pub fn resolve(&self, path: &RelPath) -> Result<RelPath, DiskError> {
        let resolved = || -> io::Result<RelPath> {
            let real = std::fs::canonicalize(path.under(self.path()))?;
            let inside = real.strip_prefix(self.path()).map_err(|_| io::Error::other(LEAVES))?;
            let text = inside.to_str().ok_or(io::ErrorKind::InvalidFilename)?;
            if text.is_empty() { Ok(RelPath::root()) } else { RelPath::parse(text).map_err(io::Error::other) }
        };
        resolved().map_err(|error| DiskError::new("resolve", path, error))
    }

    /// Returns the absolute path of what `path` names once every symlink is resolved. The end of the way that does not exist
    /// yet keeps its names.
    pub fn real_path<'p>(&self, path: impl Into<Spot<'p>>) -> Option<PathBuf> {
        let full = self.path().join(path.into().as_str());
        let mut missing = Vec::new();
        for at in full.ancestors() {
            if let Ok(real) = std::fs::canonicalize(at) {
                return Some(missing.iter().rev().fold(real, |real, name| real.join(name)));
            }
            missing.push(at.file_name()?);
        }
        None
    }

    pub(super) fn dir(&self) -> BorrowedFd<'_> {
        self.0.dir.as_fd()
    }

    /// Returns a path for a temporary that can be renamed to `target`: in `.lockgate/tmp`, or beside a target that is
    /// on another file system.
    pub(super) fn temporary_for(&self, target: &RelPath) -> io::Result<RelPath> {
        let parent = target.parent();
        let is_elsewhere = self.dev_of(&parent).is_some_and(|dev| dev != self.dev_of_temporaries());
        if is_elsewhere || parent == Layout::guest() {
            return self.temporary_beside(target);
        }
        Layout::tmp().join(&self.temporary_name()).map_err(io::Error::other)
    }

    /// Returns a path for a temporary in the folder of `target`.
    pub(super) fn temporary_beside(&self, target: &RelPath) -> io::Result<RelPath> {
        target.parent().join(&format!("{BESIDE}{}", self.temporary_name())).map_err(io::Error::other)
    }

    /// The name starts with the process id, so that a person can tell whose it is.
    fn temporary_name(&self) -> String {
        let serial = self.0.serial.fetch_add(1, Ordering::Relaxed);
        format!("{}-{serial}", std::process::id())
    }

    /// Returns the device of `.lockgate/tmp`: as a rule that of the root, but something may be mounted there.
    fn dev_of_temporaries(&self) -> u64 {
        let home = || self.dev_of(&Layout::home());
        self.dev_of(&Layout::tmp()).or_else(home).unwrap_or(self.0.dev)
    }

    fn dev_of(&self, folder: &RelPath) -> Option<u64> {
        let stat = rustix::fs::statat(self.dir(), text(folder), rustix::fs::AtFlags::empty());
        stat.ok().map(|stat| stat.st_dev)
    }

    /// Opens the folder that holds `path` for a write, refusing to leave the project through a symlink.
    pub(super) fn enter<'a>(&'a self, path: &'a RelPath) -> io::Result<Place<'a>> {
        let folder = match path.as_str().rsplit_once('/') {
            _ if path.is_root() => return Err(io::Error::other("the project itself cannot be replaced")),
            None => Holder::Root(self.dir()),
            Some((parent, _)) => Holder::Inner(self.open_inside(parent)?),
        };
        Ok(Place { folder, name: path.file_name() })
    }

    #[cfg(target_os = "linux")]
    fn open_inside(&self, folder: &str) -> io::Result<OwnedFd> {
        use rustix::fs::{ResolveFlags, openat2};
        use rustix::io::Errno;
        match openat2(self.dir(), folder, FOLDER, Mode::empty(), ResolveFlags::BENEATH) {
            Ok(dir) => Ok(dir),
            Err(error @ (Errno::NOENT | Errno::NOTDIR)) => Err(error.into()),
            // An absolute symlink that stays inside is refused as well, and old kernels and sandboxes lack the call.
            Err(_) => self.open_checked(folder),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn open_inside(&self, folder: &str) -> io::Result<OwnedFd> {
        self.open_checked(folder)
    }

    fn open_checked(&self, folder: &str) -> io::Result<OwnedFd> {
        let real = std::fs::canonicalize(self.path().join(folder))?;
        if !real.starts_with(self.path()) {
            return Err(io::Error::other(LEAVES));
        }
        Ok(openat(rustix::fs::CWD, &real, FOLDER, Mode::empty())?)
    }
}

/// How the name of a temporary begins that stands beside its target.
pub(super) const BESIDE: &str = ".lockgate-tmp-";

const LEAVES: &str = "a folder on the way is a symlink that leaves the project";

#[cfg(target_os = "linux")]
const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
#[cfg(not(target_os = "linux"))]
const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

/// Returns the text by which the system knows `path` relative to the root; an absolute one is the same from anywhere.
pub(super) fn text<'p>(path: impl Into<Spot<'p>>) -> &'p str {
    let text = path.into().as_str();
    if text.is_empty() { "." } else { text }
}
