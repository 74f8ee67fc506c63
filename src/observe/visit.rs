//! What is done with a file that is observed: only hashed, or kept as well.

use std::sync::Mutex;

use super::error::ObserveError;
use super::hash::hash_source;
use super::observer::Observer;
use crate::sys::disk::{Source, Stat};
use crate::words::{Digest, Spot};

/// A file that is about to be read, as it was looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sighting<'a> {
    pub(crate) path: Spot<'a>,
    pub(crate) stat: &'a Stat,
    /// Its digest, where the memo has it.
    pub(crate) known: Option<Digest>,
}

/// Reads what an observer does not know; what it returns is remembered.
pub(crate) trait Visit: Sync {
    type Error: From<ObserveError> + Send;

    /// Returns the digest of a file; it is asked for known ones too.
    fn file(&self, sighting: Sighting<'_>) -> Result<Digest, Self::Error>;

    /// Whether a folder with this digest, which the memo knows, needs no visit.
    fn has_tree(&self, digest: &Digest) -> bool;

    /// Takes the listing of a folder, all of whose files were visited.
    fn listing(&self, digest: Digest, bytes: &[u8]) -> Result<(), Self::Error>;
}

/// Hashes, and keeps the listing of the folder that is visited.
pub(super) struct Listed<'a> {
    pub(super) hashing: Hashing<'a>,
    pub(super) listing: Mutex<Vec<u8>>,
}

impl Visit for Listed<'_> {
    type Error = ObserveError;

    fn file(&self, sighting: Sighting<'_>) -> Result<Digest, ObserveError> {
        self.hashing.file(sighting)
    }

    fn has_tree(&self, _digest: &Digest) -> bool {
        false
    }

    fn listing(&self, _digest: Digest, bytes: &[u8]) -> Result<(), ObserveError> {
        bytes.clone_into(&mut self.listing.lock().expect("no thread panics while it holds the lock"));
        Ok(())
    }
}

/// Hashes, and keeps nothing.
pub(super) struct Hashing<'a>(pub(super) &'a Observer);

impl Visit for Hashing<'_> {
    type Error = ObserveError;

    fn file(&self, sighting: Sighting<'_>) -> Result<Digest, ObserveError> {
        if let Some(digest) = sighting.known {
            return Ok(digest);
        }
        let hash = |source: &Source| Ok(hash_source(source, sighting.stat.size, self.0.meter())?);
        self.0.read_unchanged::<_, ObserveError>(sighting, hash)
    }

    fn has_tree(&self, _digest: &Digest) -> bool {
        true
    }

    fn listing(&self, _digest: Digest, _bytes: &[u8]) -> Result<(), ObserveError> {
        Ok(())
    }
}
