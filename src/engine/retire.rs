//! Taking stages out of a pipeline: its text, what the lock knows of them, and their outputs if that is wanted.

use std::collections::BTreeMap;

use super::dvcwrite::DvcLockUse;
use super::ignores::unname;
use super::repro::{RunError, WhenBusy};
use super::tally::Tally;
use super::workspace::Workspace;
use crate::event::Event;
use crate::pipeline::{Node, Tracked};
use crate::sys::disk::Durability;
use crate::words::{RelPath, TaskId};

/// What becomes of the outputs of a stage that goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leftovers {
    Keep,
    Remove,
}

/// Stages that go.
#[derive(Clone, Copy, Debug)]
pub struct Retired<'a> {
    pub tasks: &'a [TaskId],
    /// The pipeline files in which they are not declared any more.
    pub texts: &'a BTreeMap<RelPath, String>,
    pub leftovers: Leftovers,
    pub dvc_lock: DvcLockUse,
}

impl Workspace {
    /// Removes `.dvc` files; what they track is no longer kept out of git.
    pub fn untrack(
        &mut self,
        tracked: &[Tracked],
        leftovers: Leftovers,
        when_busy: WhenBusy,
        sink: &mut dyn FnMut(&Event),
    ) -> Result<(), RunError> {
        let _held = self.hold(when_busy, sink)?;
        for Tracked { file, outs, .. } in tracked {
            self.root.remove(file)?;
            let data: Vec<&RelPath> = outs.iter().map(|out| &out.path).collect();
            if leftovers == Leftovers::Remove {
                data.iter().try_for_each(|path| self.root.remove(path))?;
            }
            unname(&self.root, self.pipeline(), &data)?;
        }
        Ok(())
    }

    /// Writes the texts of pipeline files in which the stages are not declared any more, and forgets these; dvc.lock forgets
    /// them too where it is kept in step.
    ///
    /// A death on the way leaves entries in the lock that the next run drops.
    pub fn retire(
        &mut self,
        Retired { tasks, texts, leftovers, dvc_lock }: Retired<'_>,
        when_busy: WhenBusy,
        sink: &mut dyn FnMut(&Event),
    ) -> Result<(), RunError> {
        let _held = self.hold(when_busy, sink)?;
        for (file, text) in texts {
            self.root.publish(&self.root.resolve(file)?, text.as_bytes(), Durability::Later)?;
        }
        let nodes: Vec<&Node> = self.pipeline().nodes.iter().filter(|node| tasks.contains(&node.id)).collect();
        if leftovers == Leftovers::Remove {
            let mut outs = nodes.iter().flat_map(|node| node.outs()).filter_map(|out| out.path.inside());
            outs.try_for_each(|path| self.root.remove(path))?;
        }
        let outs =
            nodes.iter().flat_map(|node| node.outs()).filter(|out| out.cache).filter_map(|out| out.path.inside());
        unname(&self.root, self.pipeline(), &outs.collect::<Vec<_>>())?;
        let known: Vec<&TaskId> = tasks.iter().filter(|task| self.records.lock().tasks.contains_key(*task)).collect();
        known.into_iter().try_for_each(|task| self.records.dropped(task))?;
        if dvc_lock == DvcLockUse::Keep {
            self.drop_from_dvc_locks(tasks, sink);
        }
        self.finish(false, &mut Tally::default(), sink);
        Ok(())
    }
}
