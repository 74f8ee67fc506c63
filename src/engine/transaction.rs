//! One task's outputs as a transaction: all of them are published or none.
//!
//! ```text
//! begin ─▶ set_aside ─▶ (the command runs) ─▶ candidate ─▶ publish    the old outputs are removed
//!                                                  └─────▶ roll_back  the old outputs are back, the new in quarantine
//! ```
//!
//! What is set aside lies in `.lockgate/tmp/txn-N/`, numbered in the order of the outs, beside a list of the paths. A crash
//! at any instant leaves either the old output in place, or in there: [`put_back`] tells the two apart by looking.

use serde::{Deserialize, Serialize};

use super::refused::REFUSED;
use crate::statelog::Aside;
use crate::sys::disk::{DiskError, Durability, Layout, Root};
use crate::sys::fault::fault;
use crate::words::{RelPath, TaskId};

/// Whether a stage makes an out anew or goes on from what is there (`persist`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    Replaced,
    Continued,
}

/// What stood at an out before its stage ran, and how that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Before {
    /// Nothing.
    Absent,
    /// Nothing, at an out that the stage goes on from: half of a first version would be taken for a beginning, so this is
    /// on record even when the log is lost.
    NotBegun,
    /// It is moved away: the stage starts without it.
    Moved,
    /// It is copied: the stage goes on from it.
    Copied,
    /// It is moved away, for it is also something else, of which a store may be made: the stage goes on from a copy.
    Detached,
}

/// The outs of one task between their setting aside and their publication.
#[derive(Debug)]
pub struct Transaction {
    root: Root,
    record: Record,
}

/// What a later run must know to put the outputs back, as it stands in the transaction's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub task: TaskId,
    pub txn: u64,
    pub outs: Vec<(RelPath, Before)>,
}

impl Record {
    /// Looks at what stands at the outs now.
    pub fn look(root: &Root, task: &TaskId, txn: u64, outs: &[(RelPath, Handling)]) -> Result<Self, DiskError> {
        let before = |(path, handling): &(RelPath, Handling)| {
            let before = match (root.lstat(path)?, handling) {
                (None, Handling::Replaced) => Before::Absent,
                (None, Handling::Continued) => Before::NotBegun,
                (Some(_), Handling::Replaced) => Before::Moved,
                (Some(_), Handling::Continued) if root.is_private(path)? => Before::Copied,
                (Some(_), Handling::Continued) => Before::Detached,
            };
            Ok((path.clone(), before))
        };
        let outs = outs.iter().map(before).collect::<Result<_, DiskError>>()?;
        Ok(Self { task: task.clone(), txn, outs })
    }

    /// Returns the outs as the state log names them.
    pub fn asides(&self) -> Vec<(RelPath, Aside)> {
        let aside = |at: usize, before: Before| match before {
            Before::Absent | Before::NotBegun => Aside::Absent,
            Before::Moved | Before::Copied | Before::Detached => Aside::Kept { at: self.place(at) },
        };
        self.outs.iter().enumerate().map(|(at, (path, before))| (path.clone(), aside(at, *before))).collect()
    }

    /// Whether something stands at an out.
    pub fn replaces_some(&self) -> bool {
        self.asides().iter().any(|(_, aside)| matches!(aside, Aside::Kept { .. }))
    }

    fn folder(&self) -> RelPath {
        below(&Layout::tmp(), &format!("txn-{}", self.txn))
    }

    fn place(&self, at: usize) -> RelPath {
        below(&self.folder(), &at.to_string())
    }
}

impl Transaction {
    /// Sets the old outputs aside. The stage that runs next finds none of them, but for those it goes on from.
    pub fn begin(root: &Root, record: Record) -> Result<Self, DiskError> {
        let transaction = Self { root: root.clone(), record };
        if transaction.record.outs.iter().any(|(_, before)| *before != Before::Absent) {
            transaction.write_record()?;
        }
        for (at, (path, before)) in transaction.record.outs.iter().enumerate() {
            transaction.set_aside(at, path, *before)?;
        }
        Ok(transaction)
    }

    fn write_record(&self) -> Result<(), DiskError> {
        self.root.create_dir_all(&self.record.folder())?;
        let text = serde_json::to_vec(&self.record).expect("a record has only strings and numbers");
        self.root.publish(&below(&self.record.folder(), RECORD), &text, Durability::Later)
    }

    fn set_aside(&self, at: usize, path: &RelPath, before: Before) -> Result<(), DiskError> {
        let place = self.record.place(at);
        let partial = below(&self.record.folder(), &format!("{at}.part"));
        fault!("txn.aside");
        match before {
            Before::Absent | Before::NotBegun => Ok(()),
            Before::Moved => self.root.rename(path, &place),
            Before::Copied => {
                self.root.copy(path, &partial)?;
                self.root.rename(&partial, &place)
            }
            Before::Detached => {
                // Where it stands its symlinks lead where they should.
                self.root.copy_private(path, &partial)?;
                self.root.rename(path, &place)?;
                self.root.rename(&partial, path)
            }
        }
    }

    /// Whether there is no out that it could take back.
    pub fn is_of_nothing(&self) -> bool {
        self.record.outs.is_empty()
    }

    /// Returns the number by which the state log knows the transaction.
    pub fn number(&self) -> u64 {
        self.record.txn
    }

    /// Whether something stood at an out before.
    pub fn replaces_some(&self) -> bool {
        self.record.replaces_some()
    }

    /// Removes what an attempt left, so that the next one starts as the first did.
    pub fn clear_for_retry(&self) -> Result<(), DiskError> {
        for (at, (path, before)) in self.record.outs.iter().enumerate() {
            self.root.remove(path)?;
            match before {
                Before::Absent | Before::NotBegun | Before::Moved => {}
                Before::Copied => self.root.copy(&self.record.place(at), path)?,
                Before::Detached => {
                    self.root.rename(&self.record.place(at), path)?;
                    self.set_aside(at, path, *before)?;
                }
            }
        }
        Ok(())
    }

    /// Keeps the new outputs and removes the old ones.
    pub fn publish(self) -> Result<(), DiskError> {
        fault!("txn.sweep");
        self.root.remove(&self.record.folder())
    }

    /// Keeps the new outputs and moves what they replace into `keep`.
    pub fn publish_keeping(self, keep: &RelPath) -> Result<(), DiskError> {
        for (at, (path, _)) in self.record.outs.iter().enumerate() {
            let place = self.record.place(at);
            if self.root.lstat(&place)?.is_some() {
                self.root.rename(&place, &below(keep, path.as_str()))?;
            }
        }
        self.publish()
    }

    /// Puts the old outputs back and moves the new ones into `quarantine`, as far as there are some; without one they are
    /// removed.
    ///
    /// They go into a folder of their own there: an out may have any name, also that of what lies beside it.
    pub fn roll_back(self, quarantine: Option<&RelPath>) -> Result<(), DiskError> {
        let outs = quarantine.map(|folder| below(folder, REFUSED));
        put_back(&self.root, &self.record.asides(), outs.as_ref())?;
        self.root.remove(&self.record.folder())
    }
}

const RECORD: &str = "record.json";

/// Puts back what a transaction had set aside. What stands there now is moved into `quarantine`, or removed.
///
/// An out that was there before and is not in its aside place was not yet set aside, or is back already: it is left alone.
/// One that was absent before can only have been made by the command, and goes.
pub fn put_back(root: &Root, outs: &[(RelPath, Aside)], quarantine: Option<&RelPath>) -> Result<(), DiskError> {
    for (path, aside) in outs {
        fault!("txn.put_back");
        let kept = match aside {
            Aside::Kept { at } if root.lstat(at)?.is_some() => Some(at),
            Aside::Kept { .. } => continue,
            Aside::Absent => None,
        };
        if root.lstat(path)?.is_some() {
            match quarantine.map(|folder| root.rename(path, &below(folder, path.as_str()))) {
                Some(Err(error)) if !error.is_full() => return Err(error),
                Some(Ok(())) => {}
                // A full disk has no room for another folder: what was not published goes for the sake of what was.
                Some(Err(_)) | None => root.remove(path)?,
            }
        }
        if let Some(kept) = kept {
            root.rename(kept, path)?;
        }
    }
    Ok(())
}

/// Returns the transactions whose folders still lie in `.lockgate/tmp`.
pub fn left_over(root: &Root) -> Result<Vec<Record>, DiskError> {
    let folders = root.list(&Layout::tmp())?;
    let paths = folders.iter().filter_map(|entry| Layout::tmp().join(entry.name.to_str()?).ok());
    let records = paths.filter_map(|folder| root.read(&below(&folder, RECORD)).ok());
    Ok(records.filter_map(|bytes| serde_json::from_slice(&bytes).ok()).collect())
}

/// Returns `path` with the components of `text`, which come from names and paths that were checked before.
pub fn below(path: &RelPath, text: &str) -> RelPath {
    path.join(text).expect("components of checked paths stay inside")
}
