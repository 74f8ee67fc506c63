//! Verdicts that are known already, and what follows from a verdict with what people have allowed.

use jiff::civil::Date;

use super::errors::Errors;
use super::kept::Kept;
use crate::consent::{Consents, Grounds};
use crate::event::GateReport;
use crate::fingerprint::Recipe;
use crate::lock::{Lock, Verdict};
use crate::pipeline::{Gate, Node};
use crate::plan::{Effect, Standing};
use crate::store::Store;
use crate::words::GateState;

/// Where earlier verdicts and consents are looked up.
#[derive(Clone, Copy)]
pub struct Court<'a> {
    pub lock: &'a Lock,
    pub store: &'a Store,
    pub errors: &'a Errors,
    pub law: Law<'a>,
}

/// What people have allowed, and the day by which it counts.
#[derive(Clone, Copy, Debug)]
pub struct Law<'a> {
    pub consents: &'a Consents,
    /// In UTC.
    pub today: Date,
}

/// A verdict of an earlier run, with the report behind it where it is kept.
pub struct Precedent {
    pub verdict: Verdict,
    pub report: Option<GateReport>,
}

impl Court<'_> {
    /// Returns what the gate said of the same data by the same rules.
    ///
    /// A verdict that does not pass is known only with its report: without it nobody could say which rules are broken.
    pub fn precedent(&self, node: &Node, gate: &Gate, recipe: &Recipe) -> Option<Precedent> {
        if gate.kind.is_volatile() {
            return None;
        }
        let locked = self.lock.tasks.get(&node.id).filter(|entry| entry.recipe == *recipe);
        let locked = locked.and_then(|entry| entry.verdict.clone()).filter(|verdict| verdict.state == GateState::Pass);
        if let Some(verdict) = locked {
            return Some(Precedent { verdict, report: None });
        }
        let (verdict, report) = Kept::verdict(self.store, &recipe.key())?;
        (verdict.state.lets_pass() || report.is_some()).then_some(Precedent { verdict, report })
    }
}

impl<'a> Law<'a> {
    /// Returns what follows from a verdict.
    pub fn standing(
        &self,
        node: &Node,
        recipe: &Recipe,
        verdict: &Verdict,
        report: Option<&GateReport>,
    ) -> Standing<'a> {
        let failed: Vec<(&str, GateState)> =
            report.into_iter().flat_map(GateReport::failed).map(|rule| (rule.name.as_str(), rule.state)).collect();
        let on_fail = node.gate().expect("only gates judge").on_fail;
        Standing::of(on_fail, verdict, &failed, &self.consents.on(self.grounds(node, recipe)))
    }

    /// Returns what is worth telling beside a verdict: what is allowed, or why a consent does not help any more.
    pub fn told(&self, node: &Node, recipe: &Recipe, standing: &Standing<'_>) -> Vec<String> {
        let mut told = standing.told();
        if standing.effect == Effect::Degrade {
            told.push("what is made of it is degraded, until the data is mended and this gate passes".to_owned());
        }
        if !standing.open.lets_pass() {
            told.extend(self.consents.idle_on(self.grounds(node, recipe)));
        }
        told
    }

    fn grounds<'g>(&self, node: &'g Node, recipe: &'g Recipe) -> Grounds<'g> {
        Grounds { gate: &node.id, recipe, today: self.today }
    }
}
