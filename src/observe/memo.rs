//! The memory of digests across runs: a table from the disk, and what this run adds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, OnceLock};

use super::table::{Record, Stamp, Table};
use crate::sys::disk::{Boot, DiskError, Durability, Root};
use crate::words::{Digest, Place, RelPath, Spot};

/// How long what is saved may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Until the machine starts anew: the files may not be on the disk yet.
    ThisBoot,
    /// From here on: a sync point was reached after the last file was observed.
    AnyBoot,
}

/// One file of remembered digests, read when first asked.
#[derive(Debug)]
pub(super) struct Memo {
    root: Root,
    file: RelPath,
    table: OnceLock<Table>,
    boot: Boot,
    fresh: Mutex<Fresh>,
}

#[derive(Debug, Default)]
struct Fresh {
    /// What to put in, and what to take out.
    changes: BTreeMap<Box<str>, Option<Record>>,
    /// What was hashed too soon after it was written to be remembered.
    young: BTreeSet<Place>,
}

impl Memo {
    pub(super) fn new(root: &Root, file: RelPath, boot: Boot) -> Self {
        Self { root: root.clone(), file, table: OnceLock::new(), boot, fresh: Mutex::default() }
    }

    /// Opens another memo of the same project: the file `name` beside this one's.
    pub(super) fn beside(&self, name: &str) -> Self {
        let file = self.file.parent().join(name).expect("a plain name");
        Self::new(&self.root, file, self.boot)
    }

    /// Returns the digest of what stands at `path`, if it has the stamp with which it was hashed.
    pub(super) fn get(&self, path: &str, stamp: &Stamp) -> Option<Digest> {
        let fresh = self.fresh().changes.get(path).copied();
        let record = fresh.unwrap_or_else(|| self.table().get(path))?;
        self.believe(&record, stamp)
    }

    /// Returns the digest of a record if it is for `stamp` and its bytes cannot have been lost since.
    pub(super) fn believe(&self, record: &Record, stamp: &Stamp) -> Option<Digest> {
        let is_believed = record.boot == 0 || record.boot == self.mark();
        (is_believed && record.stamp == *stamp).then_some(record.digest)
    }

    /// Remembers a digest; `changed_ns` is the latest change of any of its files.
    pub(super) fn put(&self, path: &str, stamp: Stamp, digest: Digest, changed_ns: i64) {
        let record = self.record(stamp, digest, changed_ns);
        self.fresh().changes.insert(path.into(), Some(record));
    }

    /// Makes a record. What last changed before the machine started was read from the disk, so it is on it.
    pub(super) fn record(&self, stamp: Stamp, digest: Digest, changed_ns: i64) -> Record {
        let boot = if changed_ns < self.boot.since_ns { 0 } else { self.mark() };
        Record { stamp, digest, boot }
    }

    /// Forgets a path at which nothing stands any more.
    pub(super) fn forget(&self, path: Spot<'_>) {
        let mut fresh = self.fresh();
        fresh.young.remove(path.as_str());
        match fresh.changes.get_mut(path.as_str()) {
            Some(change) => *change = None,
            None if self.table().get(path.as_str()).is_some() => {
                fresh.changes.insert(path.as_str().into(), None);
            }
            None => {}
        }
    }

    /// Notes a path to look at again when its files have settled.
    pub(super) fn put_off(&self, path: Spot<'_>) {
        self.fresh().young.insert(path.to_place());
    }

    /// Takes the paths that were put off.
    pub(super) fn take_young(&self) -> Vec<Place> {
        std::mem::take(&mut self.fresh().young).into_iter().collect()
    }

    /// Writes what is new; writes nothing when nothing is.
    ///
    /// Another process may have saved meanwhile, so the file is read again and only our changes are made to it.
    pub(super) fn save(&self, trust: Trust) -> Result<(), DiskError> {
        let changes = self.fresh().changes.clone();
        if changes.is_empty() && trust == Trust::ThisBoot {
            return Ok(());
        }
        let merged = if changes.is_empty() { self.read() } else { self.read().with(&changes) };
        let durable = match trust {
            Trust::ThisBoot => None,
            Trust::AnyBoot => merged.made_durable(self.mark(), self.root.dev()),
        };
        if changes.is_empty() && durable.is_none() {
            return Ok(());
        }
        let table = durable.unwrap_or(merged);
        self.root.publish(&self.file, table.as_bytes(), Durability::Later)
    }

    fn table(&self) -> &Table {
        self.table.get_or_init(|| self.read())
    }

    /// A memo that cannot be read is an empty one: it costs time, never correctness.
    fn read(&self) -> Table {
        self.root.read(&self.file).map(Table::load).unwrap_or_default()
    }

    fn fresh(&self) -> MutexGuard<'_, Fresh> {
        self.fresh.lock().expect("no thread panics while it holds the lock")
    }

    /// Never 0, which stands for any boot.
    #[expect(clippy::cast_possible_truncation, reason = "32 bits tell boots apart well enough")]
    fn mark(&self) -> u32 {
        self.boot.id as u32 | 1
    }
}
