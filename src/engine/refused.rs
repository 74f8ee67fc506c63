//! Candidates that were refused: remembered by key, so that the same refusal needs no second run, and an edited rule judges
//! what is already there. The newest of each task, until it is published or collected.

use serde::{Deserialize, Serialize};

use super::knowledge::Outs;
use super::transaction::below;
use crate::sys::disk::{DiskError, Durability, Layout, Root};
use crate::words::{Digest, RelPath, TaskId};

/// A refused candidate; its contents are in the store, and its files beside this record for inspection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    pub key: Digest,
    pub outs: Outs,
}

const RECORD: &str = "candidate.json";

/// The folder, in that of its task, in which refused or failed outputs lie at their paths in the project.
pub const REFUSED: &str = "outs";

/// Returns the folder in which the refused or failed outputs of a task are kept.
pub fn quarantine(task: &TaskId) -> RelPath {
    below(&Layout::quarantine(), &task.file_stem())
}

impl Candidate {
    /// Returns the candidate of `task`; one that cannot be read is none.
    pub fn read(root: &Root, task: &TaskId) -> Option<Self> {
        let bytes = root.read(&below(&quarantine(task), RECORD)).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Remembers the candidate of `task`.
    pub fn write(&self, root: &Root, task: &TaskId) -> Result<(), DiskError> {
        let folder = quarantine(task);
        root.create_dir_all(&folder)?;
        let bytes = serde_json::to_vec_pretty(self).expect("a candidate has only string keys");
        root.publish(&below(&folder, RECORD), &bytes, Durability::Later)
    }
}
