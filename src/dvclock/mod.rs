//! dvc.lock: what DVC knows of the last success of every stage, as evidence for the first run and for teams that use both.
//!
//! [`DvcLock`] is the text cut into the blocks of its stages, each read when it is asked for; [`claims`] compares what one
//! says with a stage as it is declared; [`render`], [`with_entries`] and [`without_entries`] write as DVC writes, byte for byte; [`merge`] makes
//! one text of the two that branches have. Knows nothing of
//! the disk: whether the named digests are those of the files is its caller's question.

mod agree;
mod edit;
mod emit;
mod entry;
pub mod manifest;
mod merge;
mod plainly;
mod read;
mod runkey;
mod scalar;
#[cfg(test)]
mod tests;
mod tracking;

pub use agree::{Claim, Claims, Kind, Stale, claims};
pub use edit::{NotEditable, render, with_entries, without_entries};
pub use entry::{Cmd, Entry, Item, Keys, Plain};
pub use merge::{Merged, merge, settle};
pub use read::{DvcLock, Fault, Trouble, read_run};
pub use runkey::run_key;
pub use tracking::{UnusualLayout, with_records};

/// The name of the text's file, which stands beside `dvc.yaml`.
pub const FILE_NAME: &str = "dvc.lock";
