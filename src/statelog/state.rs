//! What all the records of a log say together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::record::{Aside, BootId, Record, RunBegun, Txn};
use crate::lock::{Entry, Lock};
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
    pub runs: Vec<RunBegun>,
    /// Tasks that were published after the last sync point of the start in which they were published.
    pub unsynced: BTreeMap<TaskId, BootId>,
    /// The highest number of a transaction so far.
    pub last_txn: Txn,
    /// The start of the machine in which records are being written.
    pub boot: BootId,
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
            Record::Dropped { task } => {
                self.lock.tasks.remove(&*task);
                self.unsynced.remove(&*task);
            }
            Record::Begun { task, txn, outs } => {
                self.last_txn = self.last_txn.max(txn);
                self.open.insert(txn, Open { task: task.into_owned(), outs: outs.into_owned() });
            }
            Record::Ended { txn } => drop(self.open.remove(&txn)),
            Record::RunBegun(run) => {
                self.boot = run.boot;
                self.runs.push(run);
            }
            Record::RunEnded { run } => self.runs.retain(|begun| begun.run != run),
            Record::SyncPoint { boot } => {
                self.boot = boot;
                self.unsynced.retain(|_, written| !written.survives_until(boot));
            }
            Record::LockWritten { folder, digest } => drop(self.texts.insert(folder.into_owned(), digest)),
        }
    }

    fn publish(&mut self, task: TaskId, entry: Entry, txn: Option<Txn>) {
        if let Some(txn) = txn {
            self.open.remove(&txn);
        }
        self.unsynced.insert(task.clone(), self.boot);
        self.lock.tasks.insert(task, entry);
    }

    /// Returns the tasks whose outs may have been lost, given the machine's present start: they are hashed again before
    /// they are trusted.
    pub fn in_doubt(&self, now: BootId) -> impl Iterator<Item = &TaskId> {
        self.unsynced.iter().filter(move |(_, written)| !written.survives_until(now)).map(|(task, _)| task)
    }
}

/// The lock as a list: a map built from sorted pairs at once is faster than one built entry by entry.
mod tasks {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::lock::{Entry, Lock};
    use crate::words::TaskId;

    pub fn serialize<S: Serializer>(lock: &Lock, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&lock.tasks)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Lock, D::Error> {
        let tasks = Vec::<(TaskId, Entry)>::deserialize(deserializer)?;
        Ok(Lock { tasks: tasks.into_iter().collect() })
    }
}
