//! What stands at a path, by digest: stat first, hash only what changed.
//!
//! A digest is remembered with the file's stat tuple in `.lockgate/state/`, a cache that may be deleted, torn or garbage
//! at any time. It is trusted only if the file was older than the moment its hashing began (see `sys::disk::FileClock`)
//! and only as long as the bytes cannot have been lost with the power. This module knows nothing of stages or locks.

mod error;
mod folder;
mod hash;
mod ignored;
mod listing;
mod md5;
mod memo;
mod observer;
mod table;
mod visit;
mod walk;

pub use error::ObserveError;
pub use hash::Meter;
pub use listing::{BadListing, TreeEntry, TreeNode, part_of};
pub use md5::{Known, Md5s};
pub use memo::Trust;
pub use observer::Observer;

pub(crate) use hash::{LARGE, hash_source};
pub(crate) use listing::{decode, listing_of};
pub(crate) use md5::hash_twice;
pub(crate) use visit::{Sighting, Visit};

#[cfg(test)]
mod tests;
