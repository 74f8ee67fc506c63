//! Settings in layers: defaults, then the user's file, what DVC's own settings have in common with ours, the project's file,
//! the private one of the workspace, the environment (`LOCKGATE_*`) and the flags; the later wins. All of it is pure: the
//! caller reads the files and hands the texts in.

mod dvc;
mod edit;
mod key;
mod layer;
mod merge;

pub use dvc::{NoRemote, Remote, cache_folder, default_remote, is_without_git};
pub use edit::{set, unset};
pub use key::{Key, Link, Setting};
pub use layer::{Layer, Text};
pub use merge::{Config, Entry, Flag, Origin, Sources};
