//! Why the store could not keep or give something.

use super::objects::ObjectKind;
use crate::observe::ObserveError;
use crate::sys::disk::DiskError;
use crate::words::{Digest, RelPath};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error(transparent)]
    Observe(#[from] ObserveError),
    /// There was nothing to keep.
    #[error("`{path}` does not exist, so it cannot be kept in the store")]
    Nothing { path: RelPath },
    #[error("the store has no {} {}: run the stage that makes it again", .kind.name(), .digest.short())]
    Missing { kind: ObjectKind, digest: Digest },
    /// The object was set aside, so from now on it is missing.
    #[error("the stored {} {} is damaged and was moved to `{aside}`: run the stage that makes it again", .kind.name(), .digest.short())]
    Damaged { kind: ObjectKind, digest: Digest, aside: RelPath },
}

impl StoreError {
    /// Returns the error of the disk behind it, if there is one.
    pub fn disk(&self) -> Option<&DiskError> {
        match self {
            Self::Disk(error) => Some(error),
            Self::Observe(error) => error.disk(),
            Self::Nothing { .. } | Self::Missing { .. } | Self::Damaged { .. } => None,
        }
    }

    /// Whether the store lacks the object, so that making it again is the remedy.
    pub fn is_miss(&self) -> bool {
        match self {
            Self::Missing { .. } | Self::Damaged { .. } => true,
            Self::Disk(_) | Self::Observe(_) | Self::Nothing { .. } => false,
        }
    }
}
