//! Gates that could not judge when they were last asked, and why: so that listings say *error*, not *not judged*.
//!
//! An error is no verdict on the data, so neither the lock nor the run cache has it, and the next run asks again. What is
//! kept here only tells: a file that is torn or gone costs the reason.

use std::collections::BTreeMap;

use super::snapshot::Snapshot;
use crate::fingerprint::Recipe;
use crate::sys::disk::{DiskError, Root};
use crate::words::{Digest, TaskId};

/// The last error of each gate that has not judged since.
#[derive(Debug, Default)]
pub struct Errors {
    by_gate: BTreeMap<TaskId, (Digest, String)>,
}

const SNAPSHOT: Snapshot =
    Snapshot { name: "errors.bin", version: concat!("lockgate errors 2 ", env!("CARGO_PKG_VERSION"), "\n") };

impl Errors {
    /// Reads what is kept.
    pub fn read(root: &Root) -> Self {
        Self { by_gate: SNAPSHOT.read(root).unwrap_or_default() }
    }

    /// Returns why a gate could not judge, if that was with this recipe.
    pub fn of(&self, gate: &TaskId, recipe: &Recipe) -> Option<&str> {
        let (key, why) = self.by_gate.get(gate)?;
        (*key == recipe.key()).then_some(why)
    }

    /// Notes why a gate could not judge.
    pub fn note(&mut self, root: &Root, gate: &TaskId, recipe: &Recipe, why: &str) -> Result<(), DiskError> {
        self.by_gate.insert(gate.clone(), (recipe.key(), why.to_owned()));
        SNAPSHOT.write(root, &self.by_gate)
    }

    /// Notes that a gate has judged.
    pub fn clear(&mut self, root: &Root, gate: &TaskId) -> Result<(), DiskError> {
        if self.by_gate.remove(gate).is_none() {
            return Ok(());
        }
        SNAPSHOT.write(root, &self.by_gate)
    }
}
