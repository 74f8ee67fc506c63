//! Why something could not be observed.

use crate::sys::disk::{DiskError, Special};
use crate::words::Place;

#[derive(Debug, thiserror::Error)]
pub enum ObserveError {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("`{path}` changed while it was read: run again once nothing writes to it")]
    Changed { path: Place },
    #[error("`{path}` is {}, which has no content to hash: remove it, or depend on a path without it", .what.name())]
    Special { path: Place, what: Special },
    /// `name` is escaped.
    #[error("the folder `{folder}` holds the name `{name}`, which is not UTF-8 or has a control character: rename it")]
    Name { folder: Place, name: Box<str> },
    /// `target` is escaped.
    #[error("the symlink `{path}` points at `{target}`, which is not UTF-8 or has a control character: replace it")]
    Target { path: Place, target: Box<str> },
}

impl ObserveError {
    /// Returns the error of the disk behind it, if there is one.
    pub fn disk(&self) -> Option<&DiskError> {
        match self {
            Self::Disk(error) => Some(error),
            Self::Changed { .. } | Self::Special { .. } | Self::Name { .. } | Self::Target { .. } => None,
        }
    }
}
