//! The one error of the disk: which operation failed, where, and why.

use std::fmt;
use std::io;

use crate::words::RelPath;

/// A disk operation that failed.
#[derive(Debug, thiserror::Error)]
pub struct DiskError {
    op: &'static str,
    path: Box<str>,
    to: Option<Box<str>>,
    source: io::Error,
}

impl DiskError {
    pub(super) fn new(op: &'static str, path: &impl fmt::Display, source: impl Into<io::Error>) -> Self {
        Self { op, path: path.to_string().into(), to: None, source: source.into() }
    }

    pub(super) fn between(op: &'static str, path: &RelPath, to: &RelPath, source: impl Into<io::Error>) -> Self {
        Self { to: Some(to.to_string().into()), ..Self::new(op, path, source) }
    }

    /// Makes the error of a fault point.
    #[cfg(feature = "faults")]
    pub(crate) fn injected(point: &'static str, source: io::Error) -> Self {
        Self::new("pass the fault point", &point, source)
    }

    /// Returns what went wrong, such as `NotFound` or `StorageFull`.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }

    /// Whether the disk, or what a quota gives of it, is full.
    pub fn is_full(&self) -> bool {
        matches!(self.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }

    /// Returns the path that the operation was about, as the project names it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns what a person can do about it, where that is known.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the kinds are the system's, and most have no remedy")]
    pub fn help(&self) -> Option<&'static str> {
        match self.kind() {
            io::ErrorKind::StorageFull => {
                Some("free some space and run again; `lockgate gc -w` removes what nothing needs")
            }
            io::ErrorKind::QuotaExceeded => Some("raise the quota, or free some space with `lockgate gc -w`"),
            io::ErrorKind::PermissionDenied => Some("check who owns it and whether its folder may be written"),
            io::ErrorKind::ResourceBusy => {
                Some("a file system is mounted there: name what is in it, or mount it one folder up")
            }
            io::ErrorKind::ReadOnlyFilesystem => Some("mount the file system for writing and run again"),
            _ => None,
        }
    }
}

impl fmt::Display for DiskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} `{}`", self.op, self.path)?;
        if let Some(to) = &self.to {
            write!(f, " to `{to}`")?;
        }
        write!(f, ": {}", self.source)
    }
}
