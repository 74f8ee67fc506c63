//! Conflict markers taken out of the locks of a project.
//!
//! A pipeline file may have markers as well at that time, so none is read.

use std::io::ErrorKind;

use super::evidence;
use super::project::Project;
use super::records;
use super::repro::{RunError, holder, sign};
use crate::dvclock;
use crate::lock::{self, Realm, Trouble};
use crate::sys::disk::{Durability, Layout, prepare};
use crate::words::RelPath;

/// A lock out of which markers were taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    pub file: RelPath,
    /// What is not in it any more, because the two sides of the merge differ.
    pub disputed: Vec<String>,
}

/// Why a lock keeps its markers.
#[derive(Debug, thiserror::Error)]
pub enum NotSettled {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("`{0}` is no lock on one of the two sides of the merge")]
    NoLock(RelPath),
}

impl Project {
    /// Takes the conflict markers out of each lock that has some, and returns these locks.
    pub fn settle_locks(&self) -> Result<Vec<Settled>, NotSettled> {
        if self.is_inside() {
            return Err(RunError::Inside.into());
        }
        prepare(&self.root).map_err(RunError::from)?;
        let place = Layout::run_lock();
        let Some(held) = self.root.try_lock(&place).map_err(RunError::from)? else {
            let holder = holder(&self.root.read_to_string(&place).unwrap_or_default());
            return Err(RunError::Busy { holder }.into());
        };
        sign(&held).map_err(RunError::from)?;
        let mut settled: Vec<Settled> = self.settle_ours()?.into_iter().collect();
        for file in &self.files.pipelines {
            settled.extend(self.settle_dvc(evidence::lock_path(&file.parent()))?);
        }
        Ok(settled)
    }

    fn settle_ours(&self) -> Result<Option<Settled>, NotSettled> {
        let (file, realm) = (records::lock_path(&self.files.home), Realm::of(&self.files));
        let Some(text) = self.text(&file)? else { return Ok(None) };
        let read = lock::read(text.as_bytes(), &realm).map_err(RunError::from)?;
        match read.warning.map(|warning| warning.trouble) {
            Some(Trouble::Entries { conflict: Some(_), dropped }) => {
                let text = lock::render(&read.lock, &realm);
                self.root.publish(&file, text.as_bytes(), Durability::Later).map_err(RunError::from)?;
                Ok(Some(Settled { file, disputed: dropped.into_iter().map(|entry| entry.task).collect() }))
            }
            Some(Trouble::Empty | Trouble::NoVersion | Trouble::Entries { .. }) | None => Ok(None),
        }
    }

    fn settle_dvc(&self, file: RelPath) -> Result<Option<Settled>, NotSettled> {
        let Some(text) = self.text(&file)? else { return Ok(None) };
        match dvclock::settle(&text) {
            None => Ok(None),
            Some(Err(_)) => Err(NotSettled::NoLock(file)),
            Some(Ok(merged)) => {
                self.root.publish(&file, merged.text.as_bytes(), Durability::Later).map_err(RunError::from)?;
                Ok(Some(Settled { file, disputed: merged.disputed }))
            }
        }
    }

    /// What is no text has no markers.
    fn text(&self, file: &RelPath) -> Result<Option<String>, RunError> {
        match self.root.read(file) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            bytes => Ok(String::from_utf8(bytes?).ok()),
        }
    }
}
