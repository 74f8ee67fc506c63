//! What a gate says of its inputs as they are now, for whoever wants to allow something.

use super::court::Precedent;
use super::decider::{Asked, Decider};
use super::workspace::Workspace;
use crate::event::GateReport;
use crate::fingerprint::Recipe;
use crate::graph::{Scope, TaskIx};
use crate::lock::Verdict;

/// A verdict with all that it is about.
pub struct Case {
    pub recipe: Recipe,
    pub verdict: Verdict,
    pub report: Option<GateReport>,
}

impl Workspace {
    /// Returns the recipe of a gate, and its verdict if that is known; `None` while its inputs have to be made first.
    ///
    /// Data that was made and refused counts as made: it is kept, and is what a person has looked at.
    pub fn case_of(&self, gate: TaskIx) -> Option<(Recipe, Option<Case>)> {
        let node = &self.pipeline().nodes[gate.at()];
        let selection = self.select(&[node.id.to_string()], Scope::Upstream).ok()?;
        let mut known = self.knowledge(&selection);
        known.look_around(self.lock());
        let decider = Decider { court: self.court(), asked: Asked::default() };
        for task in self.graph().order().iter().copied().filter(|task| selection.contains(*task) && *task != gate) {
            let decided = decider.decide(task, &mut known);
            if let Some(outs) = decided.outs {
                known.learn(task, outs, decided.decision.is_settled());
            }
        }
        let recipe = known.recipe(gate).ok()?;
        let precedent = self.court().precedent(node, node.gate()?, &recipe);
        let case = precedent.map(|Precedent { verdict, report }| Case { recipe: recipe.clone(), verdict, report });
        Some((recipe, case))
    }
}
