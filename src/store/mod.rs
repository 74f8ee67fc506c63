//! The store: content by digest, and what past runs came to.
//!
//! ```text
//! .lockgate/store/blobs/ab/cdef…   the bytes of a file, read-only
//! .lockgate/store/trees/ab/cdef…   the listing of a folder (see `observe`)
//! .lockgate/store/runs/ab/cdef…    an entry of the run cache, by task key
//! ```
//!
//! Nothing in it is believed because of its name: an object is hashed before it is placed, and one that is not what its
//! name says is set aside in `.lockgate/quarantine/.store/`, so that the next `keep` makes it again. The store knows
//! nothing of stages; the bytes of a run cache entry are its caller's.

mod error;
mod gc;
mod keep;
mod objects;
mod place;
mod runs;
mod share;
mod verify;

pub use error::StoreError;
pub use gc::{GcMode, GcReport, Live};
pub use objects::{ObjectKind, Store};
pub use place::{Link, Protect};
pub use share::Ties;
pub use verify::{Damage, VerifyReport};

#[cfg(test)]
mod tests;
