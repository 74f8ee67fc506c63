//! `commit`: outputs as they stand are recorded as what their stages make, without running them.

use std::collections::BTreeSet;

use super::decider::{Asked, Decider};
use super::dvcwrite::DvcLockUse;
use super::knowledge::{Knowledge, NoRecipe, Outs};
use super::repro::{RunError, WhenBusy};
use super::tally::Tally;
use super::workspace::Workspace;
use crate::event::Event;
use crate::graph::{EdgeKind, Selection, TaskIx};
use crate::lock::Entry;
use crate::observe::ObserveError;
use crate::pipeline::{Node, OutKind};
use crate::plan::Decision;
use crate::store::StoreError;
use crate::sys::disk::DiskError;
use crate::words::{Exit, RelPath, TaskId};

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    #[error(transparent)]
    Run(#[from] RunError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Observe(#[from] ObserveError),
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("out `{path}` of stage `{task}` does not exist")]
    OutMissing { task: TaskId, path: RelPath },
    #[error("stage `{task}` cannot be committed: {why}")]
    NoInput { task: TaskId, why: String },
    #[error("gate `{gate}` has not passed the data around stage `{task}` as it is now")]
    NotPassed { task: TaskId, gate: TaskId },
    #[error("the lock could not be written")]
    Unwritten,
}

impl Workspace {
    /// Records the outs of the selected stages as they stand, and returns the stages.
    ///
    /// Every gate on them, and on what the stages read, must have passed exactly these contents before. All is looked at before anything is recorded.
    pub fn commit(
        &mut self,
        selection: &Selection,
        when_busy: WhenBusy,
        dvc_lock: DvcLockUse,
        sink: &mut dyn FnMut(&Event),
    ) -> Result<Vec<TaskId>, CommitError> {
        let _held = self.hold(when_busy, sink)?;
        let entries = self.entries(selection)?;
        let committed: Vec<TaskId> = entries.iter().map(|(task, _)| task.clone()).collect();
        for (task, entry) in entries {
            self.records.published(&task, entry, None)?;
        }
        let mut tally = Tally::default();
        self.finish(true, &mut tally, sink);
        if dvc_lock == DvcLockUse::Keep {
            self.write_dvc_locks(&committed, sink);
        }
        if tally.has(Exit::Damaged) { Err(CommitError::Unwritten) } else { Ok(committed) }
    }

    fn entries(&self, selection: &Selection) -> Result<Vec<(TaskId, Entry)>, CommitError> {
        let mut known = self.knowledge(selection);
        let mut entries = Vec::new();
        let is_stage = |task: TaskIx| self.pipeline().nodes[task.at()].stage().is_some();
        let chosen = |task: &TaskIx| selection.is_target(*task) && is_stage(*task);
        for task in self.graph().order().iter().copied().filter(chosen) {
            let node = known.node(task);
            let no_input = |reason| CommitError::NoInput { task: node.id.clone(), why: self.why(reason) };
            let recipe = known.recipe(task).map_err(no_input)?;
            let outs = self.keep(node)?;
            known.learn(task, outs.clone(), true);
            entries.push((node.id.clone(), Entry { recipe, outs, verdict: None }));
        }
        for task in self.graph().order().iter().copied().filter(chosen) {
            self.check_gates(task, &mut known)?;
        }
        Ok(entries)
    }

    fn keep(&self, node: &Node) -> Result<Outs, CommitError> {
        let mut outs = Outs::new();
        for out in node.outs() {
            let missing = || CommitError::OutMissing { task: node.id.clone(), path: out.path.clone() };
            let there = self.observer.observe(&out.path)?.ok_or_else(missing)?;
            let content = if out.cache || out.kind != OutKind::Data { self.store.keep(&out.path)? } else { there };
            outs.insert(out.path.clone(), content);
        }
        Ok(outs)
    }

    /// A verdict counts when it is of the same rules and the same contents. One that is never kept was asked just now.
    fn check_gates(&self, task: TaskIx, known: &mut Knowledge<'_>) -> Result<(), CommitError> {
        for gate in self.gates_around(task) {
            let node = known.node(gate);
            if node.gate().is_some_and(|gate| gate.kind.is_volatile()) {
                continue;
            }
            let decider = Decider { court: self.court(), asked: Asked::default() };
            let passed = decider.decide(gate, known).decision == Decision::Fresh;
            if !passed {
                return Err(CommitError::NotPassed { task: known.node(task).id.clone(), gate: node.id.clone() });
            }
        }
        Ok(())
    }

    /// Returns the gates on what a stage makes and on what it reads.
    pub fn gates_around(&self, task: TaskIx) -> BTreeSet<TaskIx> {
        let reads = self.graph().inputs(task).iter().filter(|edge| edge.kind == EdgeKind::Verdict);
        self.graph().guards(task).chain(reads.map(|edge| edge.from)).collect()
    }

    fn why(&self, reason: NoRecipe) -> String {
        let name = |task: TaskIx| &self.pipeline().nodes[task.at()].id;
        let texts: Vec<String> = match reason {
            NoRecipe::Pending(tasks) => {
                tasks.into_iter().map(|task| format!("`{}` must run first", name(task))).collect()
            }
            NoRecipe::Blocked(by) => by.iter().map(ToString::to_string).collect(),
        };
        texts.join("; ")
    }
}
