//! Decides tasks one after the other: it gathers what the pure decision needs.

use std::collections::BTreeMap;

use super::court::{Court, Precedent};
use super::evidence::{Gone, Vouched, Weighed};
use super::kept::Kept;
use super::knowledge::{Knowledge, NoRecipe, Outs};
use super::recall::{may_recall, with_recalled};
use super::refused::Candidate;
use crate::dvclock::Stale;
use crate::fingerprint::Recipe;
use crate::graph::TaskIx;
use crate::lock::Entry;
use crate::observe::ObserveError;
use crate::pipeline::{Gate, Node, Stage, Work};
use crate::plan::{
    Blocker, Decision, Effect, Held, Insight, Origin, OutFound, Reason, Situation, Verdicts, decide_gate, decide_stage,
    held,
};
use crate::words::{Content, Place, TaskId};

/// What an invocation asks for, as far as decisions are concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub force: Force,
    pub run_cache: RunCache,
    pub missing: Missing,
    pub links: Links,
}

/// Whether tasks run although they are fresh.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Force {
    #[default]
    No,
    /// All that are selected.
    Selected,
    /// Those that read what another has made anew, be it the same as before.
    Downstream,
}

/// What becomes of data that should be there and is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Missing {
    /// It is restored or made.
    #[default]
    Made,
    /// It counts as what the lock says it was, and stays away.
    Allowed,
}

/// Whether outputs that are as they should be are placed anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Links {
    #[default]
    Left,
    Renewed,
}

/// Whether results of earlier runs may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunCache {
    #[default]
    Use,
    Ignore,
}

/// A decision with what must be known to carry it out.
#[derive(Clone, Debug)]
pub struct Decided {
    pub decision: Decision,
    /// `None` while the decision is pending or blocked.
    pub recipe: Option<Recipe>,
    /// The outs that are known without running: in place for a fresh task, in the store for one to be restored.
    pub outs: Option<Outs>,
    /// Whether all of these are in the workspace, or are about to be.
    pub in_place: bool,
    /// What dvc.lock says of the outs, when the decision rests on it.
    pub vouched: Vouched,
    /// How long the work took when it was done, where that is known.
    pub saved_ms: u64,
}

/// Gathers what decisions need.
pub struct Decider<'a> {
    pub court: Court<'a>,
    pub asked: Asked,
}

impl Decider<'_> {
    /// Decides the selected tasks in their order; each knows what those before it have made, or would place.
    pub fn walk<'a>(&self, known: &mut Knowledge<'a>, mut visit: impl FnMut(TaskIx, Decided, &Knowledge<'a>)) {
        let (graph, selection) = (known.graph, known.selection);
        for task in graph.order().iter().copied().filter(|task| selection.contains(*task)) {
            let decided = self.decide(task, known);
            if let Some(outs) = decided.outs.clone() {
                known.learn(task, outs, decided.decision.is_settled() && decided.in_place);
            }
            visit(task, decided, known);
        }
    }

    /// Decides `task` with what is known now.
    pub fn decide(&self, task: TaskIx, known: &mut Knowledge<'_>) -> Decided {
        let node = known.node(task);
        if let (true, Work::Stage(stage)) = (known.selection.is_bystander(task), &node.work) {
            return self.stand_by(task, stage, known);
        }
        let forced = self.is_forced(task, known);
        match known.recipe(task) {
            Err(NoRecipe::Blocked(by)) if !is_frozen(node) => Decided::without_recipe(Decision::Blocked { by }),
            Err(NoRecipe::Pending(_)) if forced && !is_frozen(node) => {
                known.move_on(task);
                Decided::without_recipe(Decision::Run { reasons: vec![Reason::Forced] })
            }
            Err(NoRecipe::Pending(on)) if !is_frozen(node) => {
                let on = on.iter().map(|task| known.node(*task).id.clone()).collect();
                Decided::without_recipe(Decision::Pending { on })
            }
            recipe => match &node.work {
                Work::Stage(stage) => {
                    let decided = self.decide_stage(task, stage, recipe.ok(), known);
                    if decided.decision.makes_anew() {
                        known.move_on(task);
                    }
                    let degraded = decided.recipe.as_ref().map(|recipe| recipe.degraded.clone());
                    known.degrade(task, degraded.unwrap_or_default());
                    decided
                }
                Work::Gate(gate) => {
                    let recipe = recipe.expect("only a frozen stage goes on without a recipe");
                    let (decided, effect) = self.decide_gate(node, gate, &recipe);
                    known.degrade_by(task, effect);
                    decided
                }
            },
        }
    }

    /// Gates are never forced: the same data by the same rules has the same verdict.
    fn is_forced(&self, task: TaskIx, known: &Knowledge<'_>) -> bool {
        known.node(task).stage().is_some_and(|stage| !stage.frozen)
            && match self.asked.force {
                Force::No => false,
                Force::Selected => true,
                Force::Downstream => known.reads_what_moved(task),
            }
    }

    /// Takes a stage that was not chosen as it is: what stands at the places of its outs, else what the lock says of them.
    /// It hands on by which gates its inputs are degraded now, and by which they were when it ran.
    fn stand_by<'a>(&self, task: TaskIx, stage: &'a Stage, known: &mut Knowledge<'a>) -> Decided {
        let locked = self.court.lock.tasks.get(&known.node(task).id);
        let mut degraded = known.degraded_inputs(task);
        degraded.extend(locked.into_iter().flat_map(|entry| entry.recipe.degraded.iter().cloned()));
        known.degrade(task, degraded);
        let mut outs = locked.map(|entry| entry.outs.clone()).unwrap_or_default();
        for out in &stage.outs {
            // What cannot be looked at is told to the task that reads it.
            if let Ok(Some(content)) = known.look(&out.path) {
                outs.insert(out.path.clone(), content);
            }
        }
        Decided { outs: Some(outs), ..Decided::without_recipe(Decision::Fresh) }
    }

    fn decide_stage<'a>(
        &self,
        task: TaskIx,
        stage: &'a Stage,
        recipe: Option<Recipe>,
        known: &mut Knowledge<'a>,
    ) -> Decided {
        let node = known.node(task);
        let forced = self.is_forced(task, known);
        let locked = self.court.lock.tasks.get(&node.id);
        let Some((held, entry)) = self.held(node, stage, locked, forced).zip(locked) else {
            return self.decide_due(task, stage, recipe, None, known);
        };
        // A stage that is held is what it was when it last ran, whatever its inputs have become. If that is lost, it is due.
        let as_it_was = self.decide_due(task, stage, Some(entry.recipe.clone()), Some(held), known);
        let is_lost = matches!(as_it_was.decision, Decision::Run { .. });
        if is_lost { self.decide_due(task, stage, recipe, None, known) } else { as_it_was }
    }

    fn decide_due<'a>(
        &self,
        task: TaskIx,
        stage: &'a Stage,
        recipe: Option<Recipe>,
        held: Option<Held>,
        known: &mut Knowledge<'a>,
    ) -> Decided {
        let node = known.node(task);
        let forced = self.is_forced(task, known);
        let locked = self.court.lock.tasks.get(&node.id);
        let equal = locked.is_some_and(|entry| recipe.as_ref() == Some(&entry.recipe));
        // Large outputs of work that is done anew anyway are not worth hashing.
        let mut found = match if equal || stage.frozen { look_at_outs(stage, known) } else { Ok(OutFound::new()) } {
            Ok(found) => found,
            Err(by) => return Decided::without_recipe(Decision::Blocked { by: vec![by] }),
        };
        let in_place = found.values().all(Option::is_some);
        if locked.is_some() && known.may_be_missing(task) {
            found.retain(|_, content| content.is_some());
        }
        // A frozen stage whose inputs are gone is judged by its outs alone, so any recipe stands for it.
        let recipe = recipe.or_else(|| locked.map(|entry| entry.recipe.clone()));
        let Some(recipe) = recipe else { return Decided::frozen_without_inputs(&found) };
        let cached = self.cached(&Sought { stage, recipe: &recipe, locked, node, found: &found, forced }, known);
        let situation = Situation {
            stage,
            recipe: &recipe,
            locked,
            found: &found,
            insight: cached.insight(),
            held,
            forced,
            relink: self.relink(locked, in_place),
        };
        let decision = decide_stage(&situation);
        let may_weigh = Self::may_weigh(&situation, &decision)
            && (locked.is_none() || is_lost(&decision) || known.evidence.has_news(&node.id.folder));
        let is_recalled = self.asked.run_cache == RunCache::Use
            && may_recall(&situation, node)
            && !known.evidence.has_assumed(&recipe);
        let saved_ms = cached.saved_ms;
        let outs = cached.outs_for(&decision, locked, &found);
        let in_place = in_place || decision != Decision::Fresh;
        let decided = Decided { decision, outs, in_place, saved_ms, ..Decided::of(&recipe) };
        let decided = if may_weigh { self.with_evidence(task, &recipe, decided, known) } else { decided };
        let decided = if is_recalled { with_recalled(node, decided, known) } else { decided };
        if self.asked.missing == Missing::Allowed { if_here(task, decided, known) } else { decided }
    }

    /// Returns the outs that are placed anew: those that the store has, of a stage of which none is missing.
    fn relink(&self, locked: Option<&Entry>, in_place: bool) -> Vec<Place> {
        let Some(entry) = locked.filter(|_| in_place && self.asked.links == Links::Renewed) else { return Vec::new() };
        let in_store =
            entry.outs.iter().filter(|(path, content)| path.inside().is_some() && self.court.store.has(content));
        in_store.map(|(path, _)| path.clone()).collect()
    }

    /// Whether it matters what DVC has recorded: not for work that is done anew whatever is known, nor when something has
    /// changed of which dvc.lock says nothing.
    fn may_weigh(now: &Situation<'_>, decision: &Decision) -> bool {
        let is_known_here = |entry: &Entry| {
            entry.recipe.wdir == now.recipe.wdir
                && entry.recipe.env == now.recipe.env
                && entry.recipe.outs == now.recipe.outs
        };
        let is_open = match decision {
            Decision::Run { reasons } => !reasons
                .iter()
                .any(|reason| matches!(reason, Reason::Forced | Reason::AlwaysChanged | Reason::NothingToCompare)),
            Decision::Restore { from, .. } => matches!(from, Origin::Lock | Origin::RunCache),
            // A frozen stage that was never run would be taken as it stands, and never be recorded.
            Decision::Fresh => now.stage.frozen && now.locked.is_none(),
            Decision::Blocked { by } => by.iter().all(|by| matches!(by, Blocker::FrozenOutMissing { .. })),
            Decision::Held(_) | Decision::Adopt { .. } | Decision::Pending { .. } | Decision::Refused { .. } => false,
        };
        is_open && now.held.is_none() && now.recipe.degraded.is_empty() && now.locked.is_none_or(is_known_here)
    }

    fn with_evidence(&self, task: TaskIx, recipe: &Recipe, decided: Decided, known: &Knowledge<'_>) -> Decided {
        let gone = if known.may_be_missing(task) { Gone::Assumed } else { Gone::Sought };
        let may_restore = matches!(decided.decision, Decision::Run { .. } | Decision::Blocked { .. })
            && self.asked.run_cache == RunCache::Use;
        match known.evidence.weigh(known.node(task), recipe, gone) {
            // What was not seen cannot become ours.
            Weighed::For(vouched)
                if vouched.is_assumed || vouched.absent.is_empty() && known.evidence.has_assumed(recipe) =>
            {
                let in_place = !vouched.is_assumed;
                Decided { outs: Some(vouched.outs), in_place, ..Decided::of(recipe) }
            }
            Weighed::For(vouched) if vouched.absent.is_empty() => {
                let decision = Decision::Adopt { reasons: vec![Reason::DvcLock] };
                Decided { decision, outs: Some(vouched.outs.clone()), vouched, ..Decided::of(recipe) }
            }
            Weighed::For(vouched) if may_restore => {
                let reasons = vouched.absent.values().cloned().collect();
                let decision = Decision::Restore { from: Origin::DvcCache, reasons };
                Decided { decision, outs: Some(vouched.outs.clone()), vouched, ..Decided::of(recipe) }
            }
            Weighed::Against(stale) if is_new(&decided.decision) => {
                let reason = |stale: &Stale| Reason::NotAsDvcKnows { what: stale.to_string() };
                Decided { decision: Decision::Run { reasons: stale.iter().map(reason).collect() }, ..decided }
            }
            Weighed::None | Weighed::Against(_) | Weighed::For(_) => decided,
        }
    }

    /// A stage that was never run is due, and so is one that is asked for by force.
    fn held(&self, node: &Node, stage: &Stage, locked: Option<&Entry>, forced: bool) -> Option<Held> {
        let when = stage.when.as_ref().filter(|_| locked.is_some() && !forced)?;
        let gate = TaskId::whole(node.id.folder.clone(), when.gate.clone());
        held(when, self.court.lock.histories.get(&gate).map(Vec::as_slice).unwrap_or_default())
    }

    /// Asks the store only where the lock does not already settle the matter.
    fn cached(&self, sought: &Sought<'_>, known: &Knowledge<'_>) -> Cached {
        let Sought { stage, recipe, locked, node, found, forced } = *sought;
        let mut cached = Cached::default();
        let same_recipe = locked.is_some_and(|entry| stage.frozen || entry.recipe == *recipe);
        if let Some(entry) = locked.filter(|_| same_recipe) {
            let differs = |(path, content): &(&_, &_)| found.get(*path).is_some_and(|found| found != &Some(**content));
            let mut differing = entry.outs.iter().filter(differs).peekable();
            if differing.peek().is_none() {
                cached.locked = Some(entry.outs.clone()).filter(|_| self.asked.links == Links::Renewed);
                return cached;
            }
            if differing.all(|out| self.can_have(out, known)) {
                cached.locked = Some(entry.outs.clone());
            }
        }
        if stage.outs.is_empty() || self.asked.run_cache == RunCache::Ignore || forced {
            return cached;
        }
        let key = recipe.key();
        // What a stage makes of what it made before is not told by its inputs.
        let tells_all = stage.outs.iter().all(|out| !out.persist);
        let at_hand = |outs: &Outs| outs.iter().all(|out| self.can_have(out, known));
        if let Some((outs, elapsed_ms)) = Kept::outs(self.court.store, &key).filter(|_| tells_all) {
            cached.run_cache = Some(outs).filter(at_hand);
            cached.saved_ms = elapsed_ms;
        }
        let candidate = Candidate::read(known.observer.root(), &node.id);
        cached.refused = candidate.filter(|c| c.key == key && at_hand(&c.outs)).map(|c| c.outs);
        cached
    }

    /// Whether an out can be made what it was without running: from the store, or because it is that already. Nothing is
    /// ever placed outside of the project.
    fn can_have(&self, (path, content): (&Place, &Content), known: &Knowledge<'_>) -> bool {
        match path.inside() {
            Some(_) => self.court.store.has(content),
            None => known.observer.observe(path).is_ok_and(|found| found == Some(*content)),
        }
    }

    /// Returns the decision, and what follows from the verdict where that is known.
    fn decide_gate(&self, node: &Node, gate: &Gate, recipe: &Recipe) -> (Decided, Option<Effect>) {
        let locked = self.court.lock.tasks.get(&node.id);
        let precedent = self.court.precedent(node, gate, recipe);
        let verdicts = match &precedent {
            _ if gate.kind.is_volatile() => Verdicts::Volatile,
            Some(Precedent { verdict, report }) => {
                Verdicts::Known(verdict, self.court.law.standing(node, recipe, verdict, report.as_ref()).effect)
            }
            None => Verdicts::None,
        };
        let decision = decide_gate(recipe, locked, &verdicts, self.court.errors.of(&node.id, recipe));
        let effect = if let Verdicts::Known(_, effect) = verdicts { Some(effect) } else { None };
        (Decided { decision, ..Decided::of(recipe) }, effect)
    }
}

/// Whose outputs are looked for in the store.
struct Sought<'a> {
    stage: &'a Stage,
    recipe: &'a Recipe,
    locked: Option<&'a Entry>,
    node: &'a Node,
    found: &'a OutFound,
    forced: bool,
}

/// What the store could give back.
#[derive(Debug, Default)]
struct Cached {
    locked: Option<Outs>,
    run_cache: Option<Outs>,
    refused: Option<Outs>,
    saved_ms: u64,
}

impl Cached {
    fn insight(&self) -> Insight {
        Insight {
            locked_outs_in_store: self.locked.is_some(),
            run_cache_hit: self.run_cache.is_some(),
            refused_before: self.refused.is_some(),
        }
    }

    fn outs_for(self, decision: &Decision, locked: Option<&Entry>, found: &OutFound) -> Option<Outs> {
        match decision {
            Decision::Fresh | Decision::Held(_) => {
                Some(locked.map_or_else(|| present(found), |entry| entry.outs.clone()))
            }
            Decision::Restore { from: Origin::Lock, .. } => self.locked,
            Decision::Restore { from: Origin::RunCache, .. } => self.run_cache,
            Decision::Restore { from: Origin::Refused, .. } => self.refused,
            Decision::Restore { from: Origin::DvcCache, .. }
            | Decision::Adopt { .. }
            | Decision::Run { .. }
            | Decision::Pending { .. }
            | Decision::Refused { .. }
            | Decision::Blocked { .. } => None,
        }
    }
}

impl Decided {
    fn without_recipe(decision: Decision) -> Self {
        Self { decision, recipe: None, outs: None, in_place: true, vouched: Vouched::default(), saved_ms: 0 }
    }

    /// What is said of work with this recipe before it is said what is done.
    fn of(recipe: &Recipe) -> Self {
        Self { recipe: Some(recipe.clone()), ..Self::without_recipe(Decision::Fresh) }
    }

    fn frozen_without_inputs(found: &OutFound) -> Self {
        let missing = found.iter().filter(|(_, content)| content.is_none());
        let by: Vec<Blocker> = missing.map(|(path, _)| Blocker::FrozenOutMissing { path: path.clone() }).collect();
        let decision = if by.is_empty() { Decision::Fresh } else { Decision::Blocked { by } };
        Self { outs: Some(present(found)), ..Self::without_recipe(decision) }
    }
}

/// Blocks what would run without its deps, which may be missing.
fn if_here(task: TaskIx, decided: Decided, known: &Knowledge<'_>) -> Decided {
    let by = if matches!(decided.decision, Decision::Run { .. }) { known.not_here(task) } else { Vec::new() };
    if by.is_empty() { decided } else { Decided { decision: Decision::Blocked { by }, ..decided } }
}

/// Whether only outs that are nowhere make a stage run.
fn is_lost(decision: &Decision) -> bool {
    matches!(decision, Decision::Run { reasons } if reasons.iter().all(|reason| reason.differing_out().is_some()))
}

/// Whether a stage is to run because nothing is known of it.
fn is_new(decision: &Decision) -> bool {
    matches!(decision, Decision::Run { reasons } if *reasons == [Reason::NeverRun])
}

fn is_frozen(node: &Node) -> bool {
    node.stage().is_some_and(|stage| stage.frozen)
}

fn present(found: &OutFound) -> Outs {
    found.iter().filter_map(|(path, content)| Some((path.clone(), (*content)?))).collect()
}

fn look_at_outs<'a>(stage: &'a Stage, known: &mut Knowledge<'a>) -> Result<OutFound, Blocker> {
    let mut found = BTreeMap::new();
    for out in &stage.outs {
        match known.look(&out.path) {
            Ok(content) => drop(found.insert(out.path.clone(), content)),
            // No output can be that, so it is not what was made, and goes as an edit would.
            Err(ObserveError::Special { .. } | ObserveError::Name { .. } | ObserveError::Target { .. }) => {
                found.insert(out.path.clone(), None);
            }
            Err(error) => return Err(Blocker::Unreadable { message: error.to_string() }),
        }
    }
    Ok(found)
}
