//! `import dvc`: what DVC has done becomes ours, without running anything and without touching DVC's files.

use std::collections::{BTreeMap, BTreeSet};

use super::commit::CommitError;
use super::decider::{Asked, Decided, Decider};
use super::dvccache::NotTaken;
use super::evidence::{Gone, Vouched, Weighed};
use super::knowledge::Knowledge;
use super::outlook::Outlooks;
use super::repro::WhenBusy;
use super::tally::Tally;
use super::tracked::Manner;
use super::work::kept;
use super::workspace::Workspace;
use crate::event::Event;
use crate::graph::{Scope, TaskIx};
use crate::lock::Entry;
use crate::pipeline::Node;
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
    /// It is not recorded: these gates do not let its outputs pass, and no run makes that another.
    Refused(Vec<TaskId>),
    /// It is not recorded: what it reads does not pass, for these reasons.
    Blocked(Vec<String>),
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
        let mut outlooks = Outlooks::new(self.pipeline(), self.graph());
        let (mut fates, mut entries) = (BTreeMap::new(), BTreeMap::new());
        for task in self.graph().order().iter().copied() {
            let decided = decider.decide(task, &mut known);
            let decision = outlooks.adjust(task, as_awaited(&decided.decision, known.node(task)));
            if known.node(task).stage().is_none() {
                if matches!(decision, Decision::Refused { .. }) {
                    self.refuse(task, &mut fates);
                }
                continue;
            }
            let take = || self.take(task, &decided, &known, mode);
            let fate = held_up(&decision).map_or_else(take, Ok);
            let fate = fate.unwrap_or_else(|error| Fate::Left(vec![error.to_string()]));
            // A gate says of what was refused before whether it still is.
            let is_judged = matches!(decided.decision, Decision::Restore { from: Origin::Refused, .. });
            if fate.is_recorded() || is_judged {
                known.learn(task, decided.outs.clone().unwrap_or_default(), decided.decision.is_settled());
            }
            if let (Some(recipe), true) = (decided.recipe, fate.is_recorded() && fate != Fate::Known) {
                entries.insert(task, Entry { recipe, outs: decided.outs.unwrap_or_default(), verdict: None });
            }
            fates.insert(task, fate);
        }
        self.in_order(fates, entries)
    }

    /// Notes of the stages whose outputs a gate judges that it does not let them pass.
    fn refuse(&self, gate: TaskIx, fates: &mut BTreeMap<TaskIx, Fate>) {
        let name = &self.pipeline().nodes[gate.at()].id;
        for judged in self.graph().judged(gate) {
            match fates.get_mut(&judged) {
                Some(Fate::Refused(gates)) => gates.push(name.clone()),
                Some(Fate::Known) | None => {}
                Some(fate) => *fate = Fate::Refused(vec![name.clone()]),
            }
        }
    }

    /// Returns what became of all stages in the order of the graph, and the entries of those that are recorded.
    fn in_order(
        &self,
        mut fates: BTreeMap<TaskIx, Fate>,
        mut entries: BTreeMap<TaskIx, Entry>,
    ) -> (Vec<Imported>, Vec<(TaskId, Entry)>) {
        let (mut imported, mut recorded) = (Vec::new(), Vec::new());
        for at in self.graph().order() {
            let Some(fate) = fates.remove(at) else { continue };
            let task = &self.pipeline().nodes[at.at()].id;
            recorded.extend(entries.remove(at).filter(|_| fate.is_recorded()).map(|entry| (task.clone(), entry)));
            imported.push(Imported { task: task.clone(), fate });
        }
        imported.extend(self.gone());
        (imported, recorded)
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
            (_, Decision::Pending { on }) => not_up_to_date(on),
            (_, Decision::Restore { from: Origin::Refused, .. }) => {
                vec!["it was refused before, and its gates judge it again".to_owned()]
            }
            (_, Decision::Blocked { by }) => by.iter().map(ToString::to_string).collect(),
            (_, decision) => decision.reasons().iter().map(ToString::to_string).collect(),
        }
    }
}

impl Fate {
    /// Whether the lock has the stage afterwards.
    const fn is_recorded(&self) -> bool {
        match self {
            Self::Known | Self::Taken | Self::TakenFromCache(_) => true,
            Self::Left(_) | Self::Refused(_) | Self::Blocked(_) | Self::Gone => false,
        }
    }
}

/// Returns a decision as those that wait see it while nothing is run: what is not taken is not there, and a gate that has
/// not judged yet does so in the next run.
fn as_awaited(decision: &Decision, node: &Node) -> Decision {
    let is_gate = node.gate().is_some();
    match decision {
        Decision::Fresh
        | Decision::Held(_)
        | Decision::Adopt { .. }
        | Decision::Restore { from: Origin::DvcCache, .. }
        | Decision::Refused { .. } => decision.clone(),
        Decision::Run { .. } | Decision::Pending { .. } | Decision::Blocked { .. } | Decision::Restore { .. }
            if is_gate =>
        {
            Decision::Fresh
        }
        Decision::Run { .. } | Decision::Pending { .. } | Decision::Blocked { .. } | Decision::Restore { .. } => {
            Decision::Pending { on: Vec::new() }
        }
    }
}

/// Returns what becomes of a stage because of those before it.
fn held_up(decision: &Decision) -> Option<Fate> {
    match decision {
        Decision::Blocked { by } => Some(Fate::Blocked(by.iter().map(ToString::to_string).collect())),
        Decision::Pending { on } => (!on.is_empty()).then(|| Fate::Left(not_up_to_date(on))),
        Decision::Fresh
        | Decision::Held(_)
        | Decision::Adopt { .. }
        | Decision::Restore { .. }
        | Decision::Run { .. }
        | Decision::Refused { .. } => None,
    }
}

fn not_up_to_date(tasks: &[TaskId]) -> Vec<String> {
    tasks.iter().map(|task| format!("`{task}` is not up to date")).collect()
}
