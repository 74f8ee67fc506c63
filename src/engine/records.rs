//! The lock and the state log of a workspace, read together and written together.
//!
//! Every success is a record at the end of the log at once; the text of the lock is written when a run ends. The log counts
//! only on top of the text it was written against, so whatever git does to the text wins.

use std::borrow::Cow;
use std::io;

use super::compiled::digest_of;
use super::transaction::{self, below};
use crate::lock::{self, Entry, Lock, LockWarning, NewerLock, Past, Realm};
use crate::statelog::{self, Aside, Open, State, Txn};
use crate::sys::disk::{Appender, DiskError, Durability, Layout, Root};
use crate::words::{Digest, RelPath, TaskId};

/// What is recorded of a workspace.
#[derive(Debug)]
pub struct Records {
    root: Root,
    realm: Realm,
    state: State,
    /// The part of the log file that counts; 0 where the log must be started anew.
    valid_len: usize,
    /// How many records stand after the snapshot with which the log starts.
    appended: usize,
    log: Option<Appender>,
}

/// Why the records cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    #[error(transparent)]
    NewerLock(#[from] NewerLock),
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// So many records, and one more for each four tasks, are read as quickly as they would be compacted.
const FEW_RECORDS: usize = 200;

impl Records {
    /// Reads lock and log. A damaged one costs time and a warning; a lock of a newer format is an error, and so is one that is
    /// there and cannot be read: it would be written over.
    pub fn read(root: &Root, realm: &Realm) -> Result<(Self, Option<LockWarning>), Unread> {
        let replay = statelog::decode(&root.read(&log_path()).unwrap_or_default());
        let text = match root.read(&lock_path(&realm.home)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            text => Some(text?),
        };
        let mut state = replay.state;
        let (mut valid_len, appended) = (replay.valid_len, replay.appended);
        let mut warning = None;
        if state.texts.get(&realm.home).copied() != text.as_deref().map(Digest::of) {
            // A lock that was deleted is no mistake: every task is decided anew.
            let read = text.as_deref().map_or(Ok(lock::LockRead::default()), |text| lock::read(text, realm))?;
            warning = read.warning;
            state.lock.tasks.retain(|task, _| !realm.holds(task));
            state.lock.tasks.extend(read.lock.tasks);
            state.lock.histories.retain(|gate, _| !realm.holds(gate));
            state.lock.histories.extend(read.lock.histories);
            // What another lock in the realm says was dropped with the rest, so that one is read again too.
            state.texts.retain(|home, _| !realm.takes(home));
            state.texts.extend(text.as_deref().map(|text| (realm.home.clone(), Digest::of(text))));
            valid_len = 0;
        }
        let records = Self { root: root.clone(), realm: realm.clone(), state, valid_len, appended, log: None };
        Ok((records, warning))
    }

    /// Returns what is true of the last success of every task.
    pub fn lock(&self) -> &Lock {
        &self.state.lock
    }

    /// Whether the log on disk says all that is known, so that the next start need not read the text.
    pub fn is_logged(&self) -> bool {
        self.valid_len > 0
    }

    /// Whether nothing was recorded since the log was read, and it says what the text says.
    pub fn is_untouched(&self) -> bool {
        self.log.is_none() && self.is_logged()
    }

    /// Returns the files in which this stands, with the digest of what they say; `None` for one that is not there.
    pub fn texts(&self) -> [(RelPath, Option<Digest>); 2] {
        let log = digest_of(&self.root, &log_path());
        [(lock_path(&self.realm.home), self.state.texts.get(&self.realm.home).copied()), (log_path(), log)]
    }

    /// Returns the transactions that a dead run left open.
    pub fn open(&self) -> impl Iterator<Item = &Open> {
        self.state.open.values()
    }

    /// Whether a run that executed something did not come to its end.
    pub fn is_unclean(&self) -> bool {
        !self.state.runs.is_empty() || !self.state.open.is_empty()
    }

    /// Whether the log knows that this transaction is over, published or rolled back.
    pub fn is_over(&self, txn: u64) -> bool {
        txn <= self.state.last_txn.0 && !self.state.open.contains_key(&Txn(txn))
    }

    /// Returns a number that no transaction had before.
    pub fn next_txn(&self) -> u64 {
        self.state.last_txn.0 + 1
    }

    /// Records that a transaction begins, before the first out is touched.
    pub fn begun(&mut self, record: &transaction::Record) -> Result<(), DiskError> {
        let outs: Vec<(RelPath, Aside)> = record.asides();
        let (task, txn) = (Cow::Borrowed(&record.task), Txn(record.txn));
        self.append(&statelog::Record::Begun { task, txn, outs: outs.into() })
    }

    /// Records the success of a task, and with it the end of its transaction.
    pub fn published(&mut self, task: &TaskId, entry: Entry, txn: Option<u64>) -> Result<(), DiskError> {
        let record =
            statelog::Record::Published { task: Cow::Borrowed(task), entry: Cow::Owned(entry), txn: txn.map(Txn) };
        self.append(&record)
    }

    /// Records that the transaction of a task was rolled back.
    pub fn ended(&mut self, task: &TaskId) -> Result<(), DiskError> {
        let open: Vec<Txn> =
            self.state.open.iter().filter(|(_, open)| open.task == *task).map(|(txn, _)| *txn).collect();
        open.into_iter().try_for_each(|txn| self.append(&statelog::Record::Ended { txn }))
    }

    /// Records that a task's entry does not count any more.
    pub fn dropped(&mut self, task: &TaskId) -> Result<(), DiskError> {
        self.append(&statelog::Record::Dropped { task: Cow::Borrowed(task) })
    }

    /// Remembers what a gate has said, unless that is the last that is known of it.
    pub fn judged(&mut self, gate: &TaskId, past: &Past) -> Result<(), DiskError> {
        if self.state.lock.histories.get(gate).and_then(|pasts| pasts.last()) == Some(past) {
            return Ok(());
        }
        self.append(&statelog::Record::Judged { gate: Cow::Borrowed(gate), past: Cow::Borrowed(past) })
    }

    /// Records that a run executes something from here on.
    pub fn run_begun(&mut self, run: &str) -> Result<(), DiskError> {
        self.append(&statelog::Record::RunBegun { run: run.into() })
    }

    /// Records that what dead runs left was put in order.
    pub fn recovered(&mut self) -> Result<(), DiskError> {
        let txns: Vec<Txn> = self.state.open.keys().copied().collect();
        txns.into_iter().try_for_each(|txn| self.append(&statelog::Record::Ended { txn }))?;
        self.end_runs()
    }

    fn end_runs(&mut self) -> Result<(), DiskError> {
        let runs = self.state.runs.clone();
        runs.into_iter().try_for_each(|run| self.append(&statelog::Record::RunEnded { run: run.into() }))
    }

    /// Makes all that was published durable.
    pub fn sync(&mut self) -> Result<(), DiskError> {
        if !self.state.unsynced {
            return Ok(());
        }
        self.root.sync_point()?;
        self.append(&statelog::Record::SyncPoint)
    }

    /// Ends a run: drops the entries of tasks that are not declared any more, and writes the text of the lock.
    pub fn finish(&mut self, is_declared: impl Fn(&TaskId) -> bool) -> Result<(), DiskError> {
        let gone = |task: &&TaskId| self.realm.holds(task) && !is_declared(task);
        let mut gone: Vec<TaskId> = self.state.lock.tasks.keys().filter(gone).cloned().collect();
        gone.sort_unstable();
        gone.iter().try_for_each(|task| self.dropped(task))?;
        if self.is_untouched() {
            return Ok(());
        }
        self.write_text()?;
        self.end_runs()?;
        self.compact()
    }

    fn write_text(&mut self) -> Result<(), DiskError> {
        let mut known = self.state.lock.tasks.keys().chain(self.state.lock.histories.keys());
        let has_entries = known.any(|task| self.realm.holds(task));
        if !has_entries && !self.state.texts.contains_key(&self.realm.home) {
            return Ok(());
        }
        let text = lock::render(&self.state.lock, &self.realm);
        let digest = Digest::of(text.as_bytes());
        if self.state.texts.get(&self.realm.home) != Some(&digest) {
            self.root.publish(&lock_path(&self.realm.home), text.as_bytes(), Durability::Later)?;
        }
        self.append(&statelog::Record::LockWritten { folder: Cow::Owned(self.realm.home.clone()), digest })
    }

    /// Starts the log anew when most of it is history.
    fn compact(&mut self) -> Result<(), DiskError> {
        if self.appended > FEW_RECORDS + self.state.lock.tasks.len() / 4 {
            self.log = None;
            self.start_anew()?;
        }
        Ok(())
    }

    fn append(&mut self, record: &statelog::Record<'_>) -> Result<(), DiskError> {
        let mut bytes = Vec::new();
        statelog::append(&mut bytes, record);
        self.open_log()?.append(&bytes)?;
        self.appended += 1;
        self.state.apply(record.clone());
        Ok(())
    }

    fn open_log(&mut self) -> Result<&mut Appender, DiskError> {
        if self.log.is_none() {
            if self.valid_len == 0 {
                self.start_anew()?;
            }
            let mut log = self.root.append_to(&log_path())?;
            if log.len() > self.valid_len as u64 {
                log.truncate(self.valid_len as u64)?;
            }
            self.log = Some(log);
        }
        Ok(self.log.as_mut().expect("it was opened above"))
    }

    fn start_anew(&mut self) -> Result<(), DiskError> {
        let bytes = statelog::start(&self.state);
        self.root.publish(&log_path(), &bytes, Durability::Later)?;
        self.valid_len = bytes.len();
        self.appended = 0;
        Ok(())
    }
}

fn log_path() -> RelPath {
    below(&Layout::state(), "tasks.log")
}

/// Returns the path of the lock of the pipeline file in `folder`.
pub fn lock_path(folder: &RelPath) -> RelPath {
    below(folder, lock::FILE_NAME)
}
