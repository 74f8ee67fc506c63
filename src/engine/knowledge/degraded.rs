//! Through which gates the results of tasks are degraded.

use std::collections::BTreeSet;

use super::Knowledge;
use crate::graph::{Edge, EdgeKind, TaskIx};
use crate::plan::Effect;

impl Knowledge<'_> {
    /// Notes that what `task` made, or let pass, is degraded by these gates.
    pub fn degrade(&mut self, task: TaskIx, gates: BTreeSet<String>) {
        if !gates.is_empty() {
            self.degraded.insert(task, gates);
        }
    }

    /// Notes what follows from a gate's verdict for all that comes through the gate: what it judged by, a reference or
    /// another table, may be degraded too.
    pub fn degrade_by(&mut self, gate: TaskIx, effect: Option<Effect>) {
        let name = (effect == Some(Effect::Degrade)).then(|| self.node(gate).id.to_string());
        let mut gates = self.degraded_inputs(gate);
        gates.extend(name);
        self.degrade(gate, gates);
    }

    /// Returns the gates by which what `task` made, or let pass, is degraded.
    pub fn degraded(&self, task: TaskIx) -> &BTreeSet<String> {
        static NONE: BTreeSet<String> = BTreeSet::new();
        self.degraded.get(&task).unwrap_or(&NONE)
    }

    /// Returns the gates through which a task's inputs are degraded, be they deps, references or data that it judges: those
    /// that let them pass, those that it needs, and those that their makers had before them.
    pub fn degraded_inputs(&self, task: TaskIx) -> BTreeSet<String> {
        if self.degraded.is_empty() {
            return BTreeSet::new();
        }
        let comes_through = |edge: &&Edge| match edge.kind {
            EdgeKind::Data | EdgeKind::Verdict | EdgeKind::Candidate => true,
            EdgeKind::Order => self.node(edge.from).gate().is_some(),
            EdgeKind::Condition => false,
        };
        let inputs = self.graph.inputs(task).iter().filter(comes_through);
        inputs.filter_map(|edge| self.degraded.get(&edge.from)).flatten().cloned().collect()
    }
}
