//! Entries of the lock.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::fingerprint::Recipe;
use crate::words::{Content, RelPath, TaskId};

/// One entry per task that has succeeded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lock {
    /// Hashed, not sorted: a start looks up every task, and comparing names costs more than all else that it does.
    pub tasks: HashMap<TaskId, Entry>,
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
    pub outs: BTreeMap<RelPath, Content>,
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

/// The state of a verdict; all but `Pass` and `Warn` block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GateState {
    Pass,
    Warn,
    Fail,
    Review,
    Inconclusive,
    Error,
}

impl GateState {
    /// Whether consumers of the data may go on.
    pub const fn lets_pass(self) -> bool {
        match self {
            Self::Pass | Self::Warn => true,
            Self::Fail | Self::Review | Self::Inconclusive | Self::Error => false,
        }
    }

    /// Returns the state that [`word`](Self::word) writes so.
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Pass, Self::Warn, Self::Fail, Self::Review, Self::Inconclusive, Self::Error];
        all.into_iter().find(|state| state.word() == word)
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Review => "review",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
        }
    }
}
