//! The decision function.

use std::collections::BTreeMap;

use super::decision::{Blocker, Decision, Origin, Reason};
use super::due::Held;
use crate::fingerprint::Recipe;
use crate::lock::{Entry, Verdict};
use crate::pipeline::{Degraded, OnFail, Stage};
use crate::words::GateState;
use crate::words::{Content, Place};

/// What stands at each out; an out that is not in the map was not looked at.
pub type OutFound = BTreeMap<Place, Option<Content>>;

/// What is known about a stage when it is decided.
#[derive(Debug)]
pub struct Situation<'a> {
    pub stage: &'a Stage,
    pub recipe: &'a Recipe,
    pub locked: Option<&'a Entry>,
    pub found: &'a OutFound,
    pub insight: Insight,
    /// Why it is not due, when it has a condition that does not hold.
    pub held: Option<Held>,
    pub forced: bool,
    /// Outs that are to be placed anew from the store if they are as they should be.
    pub relink: Vec<Place>,
}

/// Which outputs the store could give back.
#[derive(Clone, Copy, Debug, Default)]
pub struct Insight {
    /// All the outputs that the lock names and that are missing or edited.
    pub locked_outs_in_store: bool,
    /// Outputs under the present key in the run cache, all of them in the store.
    pub run_cache_hit: bool,
    /// A refused candidate under the present key, in the store.
    pub refused_before: bool,
}

/// Decides what is done with a stage whose inputs are all known.
///
/// A frozen stage ignores its deps and never runs, even when forced: its recipe counts as equal.
pub fn decide_stage(now: &Situation<'_>) -> Decision {
    if now.stage.frozen {
        return decide_outs(now);
    }
    if now.stage.degraded == Degraded::Skip && !now.recipe.degraded.is_empty() {
        return Decision::Blocked { by: vec![Blocker::Degraded { gates: now.recipe.degraded.clone() }] };
    }
    if let Some(held) = now.held.as_ref().filter(|_| !now.forced) {
        let decision = decide_outs(now);
        return if decision == Decision::Fresh { Decision::Held(held.clone()) } else { decision };
    }
    if now.forced {
        return Decision::Run { reasons: vec![Reason::Forced] };
    }
    if now.stage.always_changed {
        return Decision::Run { reasons: vec![Reason::AlwaysChanged] };
    }
    if now.recipe.deps.is_empty() && now.recipe.outs.is_empty() && now.recipe.params.is_empty() {
        return Decision::Run { reasons: vec![Reason::NothingToCompare] };
    }
    let reasons = recipe_reasons(now.locked, now.recipe);
    if reasons.is_empty() { decide_outs(now) } else { decide_changed(now, reasons) }
}

fn recipe_reasons(locked: Option<&Entry>, recipe: &Recipe) -> Vec<Reason> {
    match locked {
        None => vec![Reason::NeverRun],
        Some(entry) if entry.recipe == *recipe => Vec::new(),
        Some(entry) => entry.recipe.diff(recipe).into_iter().map(Reason::Changed).collect(),
    }
}

/// The recipe differs: its work may be known all the same, from another time or as a refused candidate.
fn decide_changed(now: &Situation<'_>, reasons: Vec<Reason>) -> Decision {
    if now.insight.refused_before {
        Decision::Restore { from: Origin::Refused, reasons }
    } else if now.insight.run_cache_hit {
        Decision::Restore { from: Origin::RunCache, reasons }
    } else {
        Decision::Run { reasons }
    }
}

/// The recipe is equal: only the outputs can make a difference.
fn decide_outs(now: &Situation<'_>) -> Decision {
    let Some(locked) = now.locked else { return decide_unlocked_frozen(now) };
    let reasons = out_reasons(locked, now.found);
    if reasons.is_empty() && now.relink.is_empty() {
        Decision::Fresh
    } else if reasons.is_empty() {
        let reasons = now.relink.iter().map(|path| Reason::Relinked { path: path.clone() }).collect();
        Decision::Restore { from: Origin::Lock, reasons }
    } else if now.insight.locked_outs_in_store {
        Decision::Restore { from: Origin::Lock, reasons }
    } else if now.insight.run_cache_hit {
        Decision::Restore { from: Origin::RunCache, reasons }
    } else {
        decide_lost(now, reasons)
    }
}

fn out_reasons(locked: &Entry, found: &OutFound) -> Vec<Reason> {
    let compare = |(path, was): (&Place, &Content)| match found.get(path) {
        Some(Some(now)) if now == was => None,
        Some(Some(now)) => Some(Reason::OutEdited { path: path.clone(), was: *was, now: *now }),
        Some(None) => Some(Reason::OutMissing { path: path.clone() }),
        None => None,
    };
    locked.outs.iter().filter_map(compare).collect()
}

fn decide_lost(now: &Situation<'_>, reasons: Vec<Reason>) -> Decision {
    if !now.stage.frozen {
        return Decision::Run { reasons };
    }
    let missing = reasons.iter().filter_map(Reason::differing_out).cloned();
    Decision::Blocked { by: missing.map(|path| super::Blocker::FrozenOutMissing { path }).collect() }
}

/// A frozen stage that was never run is taken as it stands, provided that its outs are there.
fn decide_unlocked_frozen(now: &Situation<'_>) -> Decision {
    let missing = now.found.iter().filter(|(_, content)| content.is_none());
    let by: Vec<_> = missing.map(|(path, _)| super::Blocker::FrozenOutMissing { path: path.clone() }).collect();
    if by.is_empty() { Decision::Fresh } else { Decision::Blocked { by } }
}

/// What is known about earlier verdicts on the same recipe.
#[derive(Clone, Debug)]
pub enum Verdicts<'a> {
    /// The verdict on exactly this data by exactly these rules, and what follows from it.
    Known(&'a Verdict, Effect),
    /// None, or one that may not be kept.
    None,
    Volatile,
}

/// What a verdict means for what waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Pass,
    /// What reads the data goes on, and what it makes is marked.
    Degrade,
    Block,
    /// Nothing that has not begun is begun.
    Halt,
}

impl Effect {
    /// Returns what a verdict of this state means under a gate's `on_fail`.
    pub const fn of(on_fail: OnFail, state: GateState) -> Self {
        match (state, on_fail) {
            (GateState::Pass | GateState::Warn, _) | (GateState::Fail | GateState::Inconclusive, OnFail::Warn) => {
                Self::Pass
            }
            (GateState::Fail | GateState::Inconclusive, OnFail::Degrade) => Self::Degrade,
            (GateState::Fail | GateState::Inconclusive, OnFail::Halt) => Self::Halt,
            (GateState::Fail | GateState::Inconclusive, OnFail::Block) | (GateState::Review | GateState::Error, _) => {
                Self::Block
            }
        }
    }
}

/// Decides whether a gate judges or repeats what it said of the same data by the same rules.
///
/// `error` is why it could not judge exactly this before.
pub fn decide_gate(recipe: &Recipe, locked: Option<&Entry>, known: &Verdicts<'_>, error: Option<&str>) -> Decision {
    let usual = match known {
        Verdicts::Known(_, Effect::Pass | Effect::Degrade) => return Decision::Fresh,
        Verdicts::Known(verdict, Effect::Block | Effect::Halt) => {
            return Decision::Refused { verdict: (*verdict).clone() };
        }
        Verdicts::Volatile => vec![Reason::Volatile],
        Verdicts::None => match recipe_reasons(locked, recipe) {
            reasons if reasons.is_empty() => vec![Reason::NeverRun],
            reasons => reasons,
        },
    };
    let error = error.map(|why| Reason::EndedInError { why: why.to_owned() });
    Decision::Run { reasons: error.into_iter().chain(usual).collect() }
}
