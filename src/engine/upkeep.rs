//! Upkeep of the store: what may go, because neither the lock nor a refused candidate needs it.

use super::refused::Candidate;
use super::repro::{RunError, WhenBusy};
use super::workspace::Workspace;
use crate::event::Event;
use crate::lock::Lock;
use crate::store::{GcMode, GcReport, Live, StoreError};
use crate::words::Content;

/// Why the store was not cleaned up.
#[derive(Debug, thiserror::Error)]
pub enum GcError {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Workspace {
    /// Removes from the store all that is needed neither by the lock, nor by `others`, nor by a refused candidate.
    ///
    /// The workspace is held meanwhile. Entries of the run cache stay when their key is that of a locked task.
    pub fn gc(
        &mut self,
        others: &[Lock],
        mode: GcMode,
        when_busy: WhenBusy,
        sink: &mut dyn FnMut(&Event),
    ) -> Result<GcReport, GcError> {
        let _held = self.hold(when_busy, sink)?;
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
}
