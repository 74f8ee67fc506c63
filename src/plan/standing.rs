//! What follows from a verdict once it is known what people have allowed.

use super::Effect;
use crate::consent::{Allowed, Approval, WHOLE_VERDICT, Waiver};
use crate::lock::Verdict;
use crate::pipeline::OnFail;
use crate::words::GateState;

/// Where a gate stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing<'a> {
    pub effect: Effect,
    /// The worst state that nothing allows; a pass or a warning when everything is allowed.
    pub open: GateState,
    /// The consents without which it would stand worse.
    pub waivers: Vec<&'a Waiver>,
    pub approval: Option<&'a Approval>,
}

impl<'a> Standing<'a> {
    /// Holds a verdict and the rules that did not pass against what is allowed.
    ///
    /// An approval answers a review, a waiver any other rule by its name. Without rules that could be told apart, both are
    /// about the verdict as a whole. What kept a gate from judging cannot be allowed.
    pub fn of(on_fail: OnFail, verdict: &Verdict, failed: &[(&str, GateState)], allowed: &Allowed<'a>) -> Self {
        let mut standing = Self { effect: Effect::Pass, open: verdict.state, waivers: Vec::new(), approval: None };
        if !verdict.state.lets_pass() && verdict.state != GateState::Error {
            let whole = [(WHOLE_VERDICT, verdict.state)];
            let failed = if failed.is_empty() { &whole } else { failed };
            let open = failed.iter().map(|rule| standing.left_of(*rule, allowed));
            let open: Vec<GateState> = open.collect();
            standing.open = open.into_iter().max_by_key(|state| state.weight()).unwrap_or(verdict.state);
        }
        standing.effect = Effect::of(on_fail, standing.open);
        standing
    }

    /// Returns what is left of a rule's state, and notes the consent that answers it.
    fn left_of(&mut self, (name, state): (&str, GateState), allowed: &Allowed<'a>) -> GateState {
        let waiver = allowed.waivers.iter().find(|waiver| waiver.rule == name).copied();
        if state == GateState::Review {
            self.approval = allowed.approval;
            return if self.approval.is_some() { GateState::Pass } else { state };
        }
        if let Some(waiver) = waiver.filter(|_| !state.lets_pass() && state != GateState::Error) {
            self.waivers.push(waiver);
            return GateState::Warn;
        }
        state
    }

    /// Returns the consents in words, one a line.
    pub fn told(&self) -> Vec<String> {
        let waived =
            |waiver: &&Waiver| format!("`{}` is waived until {}: {}", waiver.rule, waiver.until, waiver.reason);
        let approved = |approval: &Approval| format!("approved on {}: {}", approval.given, approval.reason);
        self.waivers.iter().map(waived).chain(self.approval.map(approved)).collect()
    }
}
