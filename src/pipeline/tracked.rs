//! Data that `.dvc` files track: sources of the pipeline whose content another tool has recorded.

use serde::{Deserialize, Serialize};

use crate::words::RelPath;

/// What one `.dvc` file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tracked {
    pub file: RelPath,
    pub outs: Vec<TrackedOut>,
    /// Whether the data was brought from somewhere else, which has a say in what it is.
    pub is_import: bool,
}

/// One file or folder that is tracked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackedOut {
    pub path: RelPath,
    /// The MD5 as it is written, with `.dir` behind it for a folder; `None` when the file has another hash or none.
    pub md5: Option<String>,
    /// Whether `hash: md5` is said; without it text is hashed with its line ends changed.
    pub is_plain_md5: bool,
    pub is_executable: bool,
    /// Whether DVC's cache is to have it.
    pub cache: bool,
}
