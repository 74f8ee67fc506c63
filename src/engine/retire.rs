//! Taking stages out of a pipeline: its text, what the lock knows of them, and their outputs if that is wanted.

use std::collections::BTreeMap;

use super::repro::{RunError, WhenBusy};
use super::tally::Tally;
use super::workspace::Workspace;
use crate::event::Event;
use crate::pipeline::Node;
use crate::sys::disk::Durability;
use crate::words::{RelPath, TaskId};

/// What becomes of the outputs of a stage that goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leftovers {
    Keep,
    Remove,
}

impl Workspace {
    /// Writes the texts of pipeline files in which `tasks` are not declared any more, and forgets these.
    ///
    /// A death on the way leaves entries in the lock that the next run drops.
    pub fn retire(
        &mut self,
        tasks: &[TaskId],
        texts: &BTreeMap<RelPath, String>,
        leftovers: Leftovers,
        when_busy: WhenBusy,
        sink: &mut dyn FnMut(&Event),
    ) -> Result<(), RunError> {
        let _held = self.hold(when_busy, sink)?;
        for (file, text) in texts {
            self.root.publish(&self.root.resolve(file)?, text.as_bytes(), Durability::Later)?;
        }
        if leftovers == Leftovers::Remove {
            let nodes = self.pipeline().nodes.iter().filter(|node| tasks.contains(&node.id));
            let outs: Vec<RelPath> = nodes.flat_map(Node::outs).filter_map(|out| out.path.inside().cloned()).collect();
            outs.iter().try_for_each(|path| self.root.remove(path))?;
        }
        let known: Vec<&TaskId> = tasks.iter().filter(|task| self.records.lock().tasks.contains_key(*task)).collect();
        known.into_iter().try_for_each(|task| self.records.dropped(task))?;
        self.finish(false, &mut Tally::default(), sink);
        Ok(())
    }
}
