//! The only module that touches the disk.
//!
//! Every operation takes a path inside the project. What reads follows symlinks wherever they lead, because a dep may
//! be one; what writes or removes refuses to go through a parent folder that leads outside the project. It knows
//! nothing of digests, stages or the store.

mod across;
mod boot;
mod clock;
mod error;
mod folder;
mod link;
mod lock;
mod log;
mod outside;
mod private;
mod read;
mod remove;
mod root;
mod space;
mod stat;
mod survey;
mod workspace;
mod write;

pub use boot::Boot;
pub use clock::{Age, FileClock};
pub use error::DiskError;
pub use folder::{Folder, FolderEntry};
pub use link::Cloned;
pub use lock::FileLock;
pub use log::Appender;
pub use outside::{canonical_file, give_outside, is_folder, is_under_git, lend_outside, read_outside, write_outside};
pub use read::Source;
pub use root::Root;
pub use space::Space;
pub use stat::{Kind, Special, Stat};
pub use survey::Names;
pub use workspace::{Layout, prepare};
pub use write::{Durability, Temp};

#[cfg(test)]
pub(crate) mod sandbox;
#[cfg(test)]
mod tests;
