//! `import dvc`: what DVC has done becomes ours, without running anything and without touching DVC's files.

use std::collections::BTreeSet;

use super::commit::CommitError;
use super::decider::{Asked, Decided, Decider};
use super::dvccache::NotTaken;
use super::evidence::{Gone, Vouched, Weighed};
use super::knowledge::Knowledge;
use super::repro::WhenBusy;
use super::tally::Tally;
use super::tracked::Manner;
use super::work::kept;
use super::workspace::Workspace;
use crate::event::Event;
use crate::graph::{Scope, TaskIx};
use crate::lock::Entry;
use crate::plan::{Decision, Origin};
use crate::words::{Exit, NodeName, RelPath, TaskId};

/// What became of one stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    pub task: TaskId,
    pub fate: Fate,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was recorded before.
    Known,
    /// It is recorded, and its outputs are in the store.
    Taken,
    /// The same, and so many of its outputs are not in the workspace: they were taken from DVC's cache alone.
    TakenFromCache(usize),
    /// It is not recorded, for these reasons; the next run makes it.
    Left(Vec<String>),
    /// dvc.lock has an entry for it, and it is not declared any more.
    Gone,
}

/// Whether anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportMode {
    Dry,
    Write,
}

impl Workspace {
    /// Records every stage of which dvc.lock is true, and takes its outs into the store. Data that `.dvc` files track, that
    /// is read and that is missing, is put in place.
    pub fn import_dvc(
        &mut self,
        mode: ImportMode,
        manner: Manner,
        when_busy: WhenBusy,
        sink: &mut dyn FnMut(&Event),
    ) -> Result<Vec<Imported>, CommitError> {
        let _held = match mode {
            ImportMode::Dry => None,
            ImportMode::Write => Some(self.hold(when_busy, sink)?),
        };
        if mode == ImportMode::Write {
            // Nothing of ours could bring them back once DVC's cache is gone.
            let selection = self.select(&[], Scope::Upstream).expect("no target is always found");
            self.bring_back(&self.missing_data(&selection), manner, sink);
        }
        let (imported, entries) = self.take_all(mode);
        if mode == ImportMode::Dry {
            return Ok(imported);
        }
        for (task, entry) in entries {
            self.records.published(&task, entry, None)?;
        }
        let mut tally = Tally::default();
        self.finish(true, &mut tally, sink);
        if tally.has(Exit::Damaged) { Err(CommitError::Unwritten) } else { Ok(imported) }
    }

    fn take_all(&self, mode: ImportMode) -> (Vec<Imported>, Vec<(TaskId, Entry)>) {
        let selection = self.select(&[], Scope::Upstream).expect("no target is always found");
        let mut known = self.look(&selection);
        let decider = Decider { court: self.court(), asked: Asked::default() };
        let (mut imported, mut entries) = (Vec::new(), Vec::new());
        for task in self.graph().order().iter().copied() {
            let decided = decider.decide(task, &mut known);
            let node = known.node(task);
            if node.stage().is_none() {
                continue;
            }
            let fate = match self.take(task, &decided, &known, mode) {
                Ok(fate) => fate,
                Err(error) => Fate::Left(vec![error.to_string()]),
            };
            if !matches!(fate, Fate::Left(_)) {
                let outs = decided.outs.clone().unwrap_or_default();
                known.learn(task, outs.clone(), decided.decision.is_settled());
                let is_new = fate != Fate::Known;
                let entry = decided.recipe.filter(|_| is_new).map(|recipe| Entry { recipe, outs, verdict: None });
                entries.extend(entry.map(|entry| (node.id.clone(), entry)));
            }
            imported.push(Imported { task: node.id.clone(), fate });
        }
        imported.extend(self.gone());
        (imported, entries)
    }

    /// Returns the stages of which only dvc.lock knows.
    fn gone(&self) -> Vec<Imported> {
        let declared: BTreeSet<&TaskId> = self.pipeline().nodes.iter().map(|node| &node.id).collect();
        let folders: BTreeSet<&RelPath> = declared.iter().map(|task| &task.folder).collect();
        let named = folders.into_iter().flat_map(|folder| {
            let lock = self.evidence.lock(folder);
            let tasks = lock.names().map(|name| TaskId::whole(folder.clone(), NodeName::new(name)));
            tasks.collect::<Vec<_>>()
        });
        let gone = named.filter(|task| !declared.contains(task));
        gone.map(|task| Imported { task, fate: Fate::Gone }).collect()
    }

    fn take(&self, task: TaskIx, decided: &Decided, known: &Knowledge<'_>, mode: ImportMode) -> Result<Fate, NotTaken> {
        match &decided.decision {
            Decision::Fresh | Decision::Held(_) => return Ok(Fate::Known),
            Decision::Adopt { .. } | Decision::Restore { from: Origin::DvcCache, .. } => {}
            decision @ (Decision::Restore { .. }
            | Decision::Run { .. }
            | Decision::Pending { .. }
            | Decision::Refused { .. }
            | Decision::Blocked { .. }) => return Ok(Fate::Left(Self::why_left(task, decision, decided, known))),
        }
        if mode == ImportMode::Write {
            self.take_outs(task, &decided.vouched, known)?;
        }
        let n_absent = decided.vouched.absent.len();
        Ok(if n_absent == 0 { Fate::Taken } else { Fate::TakenFromCache(n_absent) })
    }

    fn take_outs(&self, task: TaskIx, vouched: &Vouched, known: &Knowledge<'_>) -> Result<(), NotTaken> {
        let outs = known.node(task).outs();
        for claim in &vouched.claims {
            let expected = &vouched.outs[&claim.path];
            if vouched.absent.contains_key(&claim.path) {
                self.evidence.take(claim, &self.store)?;
            } else if let Some(path) = outs.iter().filter_map(kept).find(|path| claim.path == **path) {
                self.evidence.keep((claim, path), expected, &self.store)?;
            }
        }
        Ok(())
    }

    /// What speaks against the entry of dvc.lock says more than that the stage would run.
    fn why_left(task: TaskIx, decision: &Decision, decided: &Decided, known: &Knowledge<'_>) -> Vec<String> {
        let weighed =
            decided.recipe.as_ref().map(|recipe| known.evidence.weigh(known.node(task), recipe, Gone::Sought));
        match (weighed, decision) {
            (Some(Weighed::Against(against)), _) => against.iter().map(ToString::to_string).collect(),
            (Some(Weighed::None), _) => vec!["dvc.lock has no entry for it".to_owned()],
            (_, Decision::Pending { on }) => on.iter().map(|task| format!("`{task}` is not up to date")).collect(),
            (_, Decision::Blocked { by }) => by.iter().map(ToString::to_string).collect(),
            (_, decision) => decision.reasons().iter().map(ToString::to_string).collect(),
        }
    }
}
