//! What all the records of a log say together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::record::{Aside, Record, Txn};
use crate::lock::{Entry, Lock, history};
use crate::words::{Digest, RelPath, TaskId};

/// What a log says when it was read to its end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    #[serde(with = "tasks")]
    pub lock: Lock,
    /// By folder, the digest of the lock's text on which the entries stand. Where the text is another, the entries of that
    /// folder are hints.
    pub texts: BTreeMap<RelPath, Digest>,
    /// Transactions that were begun and neither published nor rolled back.
    pub open: BTreeMap<Txn, Open>,
    /// Runs that were begun and have not ended, in the order they were begun.
    pub runs: Vec<String>,
    /// Whether something was published after the last sync point.
    pub unsynced: bool,
    /// The highest number of a transaction so far.
    pub last_txn: Txn,
}

/// A transaction that is not over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    pub task: TaskId,
    pub outs: Vec<(RelPath, Aside)>,
}

impl State {
    /// Takes one more record.
    pub fn apply(&mut self, record: Record<'_>) {
        match record {
            Record::Snapshot(state) => *self = state.into_owned(),
            Record::Published { task, entry, txn } => self.publish(task.into_owned(), entry.into_owned(), txn),
            Record::Dropped { task } => drop(self.lock.tasks.remove(&*task)),
            Record::Begun { task, txn, outs } => {
                self.last_txn = self.last_txn.max(txn);
                self.open.insert(txn, Open { task: task.into_owned(), outs: outs.into_owned() });
            }
            Record::Ended { txn } => drop(self.open.remove(&txn)),
            Record::RunBegun { run } => self.runs.push(run.into_owned()),
            Record::RunEnded { run } => self.runs.retain(|begun| *begun != run),
            Record::SyncPoint => self.unsynced = false,
            Record::LockWritten { folder, digest } => drop(self.texts.insert(folder.into_owned(), digest)),
            Record::Judged { gate, past } => {
                history::remember(self.lock.histories.entry(gate.into_owned()).or_default(), past.into_owned());
            }
        }
    }

    fn publish(&mut self, task: TaskId, entry: Entry, txn: Option<Txn>) {
        if let Some(txn) = txn {
            self.open.remove(&txn);
        }
        self.unsynced = true;
        self.lock.tasks.insert(task, entry);
    }
}

/// The lock as lists in the order of the tasks, so that equal states are equal bytes.
mod tasks {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::lock::{Entry, Lock, Past};
    use crate::words::TaskId;

    pub fn serialize<S: Serializer>(lock: &Lock, serializer: S) -> Result<S::Ok, S::Error> {
        (lock.in_order(), &lock.histories).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Lock, D::Error> {
        let (tasks, histories) = <(Vec<(TaskId, Entry)>, BTreeMap<TaskId, Vec<Past>>)>::deserialize(deserializer)?;
        Ok(Lock { tasks: tasks.into_iter().collect(), histories })
    }
}
