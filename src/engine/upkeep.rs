//! Upkeep of the store: what may go, because neither the lock nor a refused candidate needs it.

use super::refused::Candidate;
use super::repro::{RunError, WhenBusy};
use super::workspace::Workspace;
use crate::event::Event;
use crate::lock::Lock;
use crate::store::{GcMode, GcReport, Live, StoreError};
use crate::sys::disk::Layout;
use crate::words::{Content, RelPath};

/// Why the store was not cleaned up.
#[derive(Debug, thiserror::Error)]
pub enum GcError {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("what is needed cannot be known: {0}")]
    Unknown(&'static str),
}

impl Workspace {
    /// Removes from the store all that is needed neither by the lock, nor by `others`, nor by a refused candidate.
    ///
    /// The workspace is held meanwhile. Entries of the run cache stay when their key is that of a locked task.
    ///
    /// Removes nothing while it is not known what the workspace needs.
    pub fn gc(
        &mut self,
        others: &[Lock],
        mode: GcMode,
        when_busy: WhenBusy,
        sink: &mut dyn FnMut(&Event),
    ) -> Result<GcReport, GcError> {
        let _held = self.hold(when_busy, sink)?;
        if let Some(why) = self.lock_doubt() {
            return Err(GcError::Unknown(why));
        }
        let mut live = Live::default();
        for lock in std::iter::once(self.lock()).chain(others) {
            for entry in lock.tasks.values() {
                live.runs.insert(entry.recipe.key());
                live.contents.extend(entry.outs.values().map(Content::digest));
            }
        }
        for node in &self.pipeline().nodes {
            if let Some(candidate) = Candidate::read(self.root(), &node.id) {
                live.runs.insert(candidate.key);
                live.contents.extend(candidate.outs.values().map(Content::digest));
            }
        }
        Ok(self.store().gc(&live, mode)?)
    }

    /// Returns why it is not known what the workspace needs.
    fn lock_doubt(&self) -> Option<&'static str> {
        let is_there = |path: &RelPath| self.root.stat(path).is_ok_and(|stat| stat.is_some());
        let [(lock, _), _] = self.records.texts();
        if self.lock_warning().is_some() {
            Some("the lock of the workspace is in doubt")
        } else if is_there(&Layout::store()) && !is_there(&lock) {
            Some("there is no `pipeline.lock`, but a store")
        } else {
            None
        }
    }
}
