//! `commit`: outputs as they stand are recorded as what their stages make, without running them.

use std::collections::BTreeSet;

use super::decider::{Asked, Decider};
use super::dvcrecord::NotRecorded;
use super::dvcwrite::DvcLockUse;
use super::ignores::{name_outs_of, not_named};
use super::knowledge::{NoRecipe, Outs};
use super::repro::{RunError, WhenBusy};
use super::tally::Tally;
use super::work::kept;
use super::workspace::Workspace;
use crate::event::Event;
use crate::graph::{Selection, TaskIx, gates_of_lineage, judges_of};
use crate::lock::Entry;
use crate::observe::ObserveError;
use crate::pipeline::{Node, Tracked};
use crate::plan::Decision;
use crate::store::StoreError;
use crate::sys::disk::DiskError;
use crate::words::{Exit, Place, RelPath, TaskId};

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
    OutMissing { task: TaskId, path: Place },
    #[error("stage `{task}` cannot be committed: {why}")]
    NoInput { task: TaskId, why: String },
    #[error("gate `{gate}` has not passed the data around stage `{task}` as it is now")]
    NotPassed { task: TaskId, gate: TaskId },
    #[error(transparent)]
    NotRecorded(#[from] NotRecorded),
    #[error("`{file}` tracks data, which is recorded only where dvc.lock is written too")]
    NoDvcLock { file: RelPath },
    #[error("`{file}` tracks data that was imported: its source says what it is")]
    Imported { file: RelPath },
    #[error("`{path}`, which `{file}` tracks, does not exist")]
    NoData { path: RelPath, file: RelPath },
    #[error("the lock could not be written")]
    Unwritten,
}

/// What was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    pub stages: Vec<TaskId>,
    /// The `.dvc` files that record their data as it stands.
    pub data: Vec<RelPath>,
}

impl Workspace {
    /// Whether the data that was named can be recorded in its `.dvc` files.
    pub fn check_data(&self, selection: &Selection, dvc_lock: DvcLockUse) -> Result<(), CommitError> {
        let named = selection.data();
        let Some(file) = named.first().cloned() else { return Ok(()) };
        if dvc_lock == DvcLockUse::Leave {
            return Err(CommitError::NoDvcLock { file });
        }
        let mut imports = self.pipeline().tracked.iter().filter(|tracked| tracked.is_import);
        if let Some(Tracked { file, .. }) = imports.find(|tracked| named.contains(&tracked.file)) {
            return Err(CommitError::Imported { file: file.clone() });
        }
        let missing = self.named_and_missing(selection);
        missing.map_or(Ok(()), |(file, path)| Err(CommitError::NoData { path: path.clone(), file: file.clone() }))
    }

    /// Records the outs of the selected stages as they stand, and the data that was named, which [can be](Self::check_data).
    ///
    /// Every gate on them, and on what the stages read, must have passed exactly these contents before. All is looked at before anything is recorded.
    pub fn commit(
        &mut self,
        selection: &Selection,
        when_busy: WhenBusy,
        dvc_lock: DvcLockUse,
        sink: &mut dyn FnMut(&Event),
    ) -> Result<Committed, CommitError> {
        let _held = self.hold(when_busy, sink)?;
        if dvc_lock == DvcLockUse::Keep {
            self.record_ahead(selection, sink);
        }
        let entries = self.entries(selection)?;
        let data = self.record_named(selection)?;
        let stages: Vec<TaskId> = entries.iter().map(|(task, _)| task.clone()).collect();
        let nodes: Vec<&Node> = self.pipeline().nodes.iter().filter(|node| stages.contains(&node.id)).collect();
        if let Err(error) = name_outs_of(&self.root, self.pipeline(), &nodes) {
            sink(&not_named(&error));
        }
        for (task, entry) in entries {
            self.records.published(&task, entry, None)?;
        }
        let mut tally = Tally::default();
        self.finish(true, &mut tally, sink);
        if dvc_lock == DvcLockUse::Keep {
            self.write_dvc_locks(&stages, sink);
        }
        if tally.has(Exit::Damaged) { Err(CommitError::Unwritten) } else { Ok(Committed { stages, data }) }
    }

    fn entries(&self, selection: &Selection) -> Result<Vec<(TaskId, Entry)>, CommitError> {
        let mut known = self.knowledge(selection);
        let decider = Decider { court: self.court(), asked: Asked::default() };
        let (mut entries, mut refusing) = (Vec::new(), Vec::new());
        let is_stage = |task: TaskIx| self.pipeline().nodes[task.at()].stage().is_some();
        for task in self.graph().order().iter().copied().filter(|task| selection.contains(*task)) {
            let node = known.node(task);
            if selection.is_target(task) && is_stage(task) {
                let no_input = |reason| CommitError::NoInput { task: node.id.clone(), why: self.why(reason) };
                let recipe = known.recipe(task).map_err(no_input)?;
                let outs = self.keep(node)?;
                known.learn(task, outs.clone(), true);
                known.degrade(task, recipe.degraded.clone());
                entries.push((node.id.clone(), Entry { recipe, outs, verdict: None }));
                continue;
            }
            let decided = decider.decide(task, &mut known);
            // A verdict counts when it is of the same rules and the same contents. One that is never kept was asked just now.
            if node.gate().is_some_and(|gate| !gate.kind.is_volatile()) && decided.decision != Decision::Fresh {
                refusing.push(task);
            }
            if let Some(outs) = decided.outs {
                known.learn(task, outs, true);
            }
        }
        let of_targets = self.gates_before(selection);
        match refusing.into_iter().find(|gate| of_targets.contains(gate)) {
            None => Ok(entries),
            Some(gate) => {
                let (task, gate) = (entries.first().map(|(task, _)| task.clone()), known.node(gate).id.clone());
                Err(CommitError::NotPassed { task: task.unwrap_or_else(|| gate.clone()), gate })
            }
        }
    }

    fn keep(&self, node: &Node) -> Result<Outs, CommitError> {
        let mut outs = Outs::new();
        for out in node.outs() {
            let missing = || CommitError::OutMissing { task: node.id.clone(), path: out.path.clone() };
            let there = self.observer.observe(&out.path)?.ok_or_else(missing)?;
            let content = kept(out).map_or(Ok(there), |path| self.store.keep(path))?;
            outs.insert(out.path.clone(), content);
        }
        Ok(outs)
    }

    /// Returns the gates on what the targets make or are, and those through which anything comes that they read.
    pub fn gates_before(&self, selection: &Selection) -> BTreeSet<TaskIx> {
        let mut targets: BTreeSet<TaskIx> = selection.targets().collect();
        targets.extend(judges_of(self.pipeline(), selection.data()));
        gates_of_lineage(self.pipeline(), self.graph(), &targets)
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
