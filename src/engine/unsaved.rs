//! `checkout` of data that `.dvc` files track: it is put in place as it is recorded.
//!
//! Data of which DVC's cache has what stands in the workspace can be had again, and is replaced. Any other was edited and never
//! recorded: it stays, or is kept in quarantine when that is asked for.

use super::dvccache::NotTaken;
use super::refused::quarantine;
use super::repro::{RunError, WhenBusy};
use super::tracked::{Manner, Recorded, read_by, recorded, touches};
use super::transaction::below;
use super::workspace::Workspace;
use crate::dvclock::Claim;
use crate::event::Event;
use crate::graph::{Scope, Selection};
use crate::observe::ObserveError;
use crate::pipeline::Tracked;
use crate::sys::disk::DiskError;
use crate::words::{NodeName, RelPath, TaskId};

/// What becomes of data that was edited and is recorded nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsaved {
    Stays,
    Replaced,
}

/// Data that is not as it is recorded, and why it stays so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftData {
    pub path: RelPath,
    pub tracked_by: RelPath,
    pub why: String,
}

/// Why data stays as it is.
#[derive(Debug, thiserror::Error)]
enum Left {
    #[error("it was edited, and nothing has it as it stands: `--force` replaces it, `dvc add` records it")]
    Unsaved,
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
    #[error(transparent)]
    Observe(#[from] ObserveError),
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl Workspace {
    /// Returns the `.dvc` files that `target` names: one of them, or what they track.
    pub fn tracking(&self, target: &str) -> Vec<&Tracked> {
        let named = self.select(&[target.to_owned()], Scope::Single).map(|selection| selection.data().clone());
        let named = named.unwrap_or_default();
        self.pipeline().tracked.iter().filter(|tracked| named.contains(&tracked.file)).collect()
    }

    /// Returns the `.dvc` files whose data the selected tasks read, and those that were selected.
    pub fn tracking_for(&self, selection: &Selection) -> Vec<&Tracked> {
        let read = read_by(selection.tasks().map(|task| &self.pipeline().nodes[task.at()]));
        let is_read = |tracked: &Tracked| tracked.outs.iter().any(|out| touches(&read, &out.path));
        let is_meant = |tracked: &&Tracked| selection.data().contains(&tracked.file) || is_read(tracked);
        self.pipeline().tracked.iter().filter(is_meant).collect()
    }

    /// Puts the data of these `.dvc` files in place as it is recorded, and returns what is not.
    pub fn check_out_data(
        &mut self,
        files: &[RelPath],
        manner: Manner,
        unsaved: Unsaved,
        when_busy: WhenBusy,
        sink: &mut dyn FnMut(&Event),
    ) -> Result<Vec<LeftData>, RunError> {
        let _held = self.hold(when_busy, sink)?;
        let tracked = self.pipeline().tracked.iter().filter(|tracked| files.contains(&tracked.file));
        let mut left = Vec::new();
        for data in tracked.flat_map(recorded) {
            let (file, path) = (data.file, data.path.clone());
            match self.check_out(&data, manner, unsaved) {
                Ok(false) => {}
                Ok(true) => sink(&Event::Placed { path, tracked_by: file.clone() }),
                Err(why) => left.push(LeftData { path, tracked_by: file.clone(), why: why.to_string() }),
            }
        }
        Ok(left)
    }

    /// Returns whether anything had to be done.
    fn check_out(&self, data: &Recorded<'_>, manner: Manner, unsaved: Unsaved) -> Result<bool, Left> {
        let Recorded { file, path, claim } = data;
        let found = self.evidence.look(&claim.path, claim.form)?;
        if let Some((_, known)) = found {
            if known.oid == claim.oid {
                return Ok(false);
            }
            // What is to come must be there before anything goes.
            self.evidence.cached(claim)?;
            let stands = Claim { oid: known.oid, size: None, ..claim.clone() };
            match (self.evidence.cached(&stands), unsaved) {
                (Ok(_), _) => {}
                (Err(_), Unsaved::Stays) => return Err(Left::Unsaved),
                (Err(_), Unsaved::Replaced) => self.set_aside(file, path)?,
            }
        }
        self.put_in_place(data, manner)?;
        Ok(true)
    }

    /// Moves what was edited to where it can be looked at.
    fn set_aside(&self, file: &RelPath, path: &RelPath) -> Result<(), DiskError> {
        let name = TaskId::whole(file.parent(), NodeName::new(file.file_name()));
        let folder = below(&quarantine(&name), "edited");
        let aside = below(&folder, path.file_name());
        self.root.remove(&aside)?;
        self.root.create_dir_all(&folder)?;
        self.root.rename(path, &aside)
    }
}
