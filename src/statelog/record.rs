//! What the log can say.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::State;
use crate::lock::{Entry, Past};
use crate::words::{Digest, RelPath, TaskId};

/// One fact. The order of the variants is part of the format.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Record<'a> {
    /// All that the log has said so far; a log starts with it.
    Snapshot(Cow<'a, State>),
    /// The task has succeeded: its outs are in place, and this is its entry. Ends the transaction.
    Published { task: Cow<'a, TaskId>, entry: Cow<'a, Entry>, txn: Option<Txn> },
    /// The task's entry does not count any more.
    Dropped { task: Cow<'a, TaskId> },
    /// The task is about to touch its outs; written before the first of them is set aside.
    Begun { task: Cow<'a, TaskId>, txn: Txn, outs: Cow<'a, [(RelPath, Aside)]> },
    /// The transaction was rolled back: every old out is in its place again.
    Ended { txn: Txn },
    /// An invocation executes something from here on.
    RunBegun { run: Cow<'a, str> },
    /// The run has ended, or what a dead run left behind was put in order.
    RunEnded { run: Cow<'a, str> },
    /// Everything that was published before is on the disk.
    SyncPoint,
    /// The text of the lock in `folder` has this digest and says of that folder's tasks what the log says.
    LockWritten { folder: Cow<'a, RelPath>, digest: Digest },
    /// A gate has said this of data, whatever follows from it.
    Judged { gate: Cow<'a, TaskId>, past: Cow<'a, Past> },
}

/// The number of a transaction, given by the writer and never used twice within a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Txn(pub u64);

/// Where the old version of an out is while its task runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Aside {
    /// There was none: whatever stands at the out's path is the task's, and goes when it is rolled back.
    Absent,
    /// At this place as soon as something stands there, and until then still at the out's own path. The writer makes it
    /// appear in one step, also where it is a copy.
    Kept { at: RelPath },
}
