//! Entries of the lock.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::history::Past;
use crate::fingerprint::Recipe;
use crate::words::{Content, GateState, Place, TaskId};

/// One entry per task that has succeeded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lock {
    /// Hashed, not sorted: a start looks up every task, and comparing names costs more than all else that it does.
    pub tasks: HashMap<TaskId, Entry>,
    /// The last verdicts of each gate, the newest last.
    pub histories: BTreeMap<TaskId, Vec<Past>>,
}

impl Lock {
    /// Returns the entries in the order of their tasks.
    pub fn in_order(&self) -> Vec<(&TaskId, &Entry)> {
        let mut tasks: Vec<_> = self.tasks.iter().collect();
        tasks.sort_unstable_by_key(|(task, _)| *task);
        tasks
    }
}

/// The last success of one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub recipe: Recipe,
    /// What each out was when it was published; empty for a gate.
    pub outs: BTreeMap<Place, Content>,
    /// What a gate said; `None` for a stage.
    pub verdict: Option<Verdict>,
}

/// What a gate says of data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub state: GateState,
    /// One line for people: what was seen, without times.
    pub summary: String,
}
