//! What is true of the last success of every task: evidence, not truth.
//!
//! [`Lock`] is the meaning, [`render`] and [`read`] its text, `pipeline.lock`; the record form is the state log's. Every
//! path of the text is relative to the project's root. Knows nothing of the disk, and judges no entry but by its form: what
//! is in doubt is dropped and named in one warning, and the task is decided anew.

mod branch;
pub(crate) mod conflict;
mod entry;
pub mod history;
mod name;
pub(crate) mod pieces;
mod read;
mod realm;
mod render;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
mod warning;
mod wire;

pub use branch::{Branch, standing};
pub use entry::{Entry, Lock, Verdict};
pub use history::Past;
pub use read::{LockRead, NewerLock, NotMerged, Texts, merge, read};
pub use realm::Realm;
pub use render::render;
pub use warning::{Dropped, Fault, LockWarning, Trouble};

/// The version of the text's format.
pub const VERSION: u32 = 2;

/// The name of the text's file, which stands beside the pipeline file.
pub const FILE_NAME: &str = "pipeline.lock";
