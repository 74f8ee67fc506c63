//! What decisions mean for the tasks that wait: a plan adjusts each to those before it.
//!
//! A run needs none of this, since it decides a task when all that it waits for has ended.

use crate::graph::{Edge, EdgeKind, Graph, TaskIx};
use crate::pipeline::Pipeline;
use crate::plan::{Blocker, Decision};
use crate::words::TaskId;

/// What was decided so far, as far as it matters for the tasks that wait.
pub struct Outlooks<'a> {
    pipeline: &'a Pipeline,
    graph: &'a Graph,
    /// By task; none for one that is not decided yet, or not selected.
    of: Vec<Option<Outlook>>,
    has_refusal: bool,
}

/// What a decision means for the tasks that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outlook {
    /// What the task makes is there, or is placed at once.
    There,
    /// It has to be made.
    Awaited,
    Blocked,
    /// It is a gate that lets nothing pass.
    Refused,
}

impl<'a> Outlooks<'a> {
    pub fn new(pipeline: &'a Pipeline, graph: &'a Graph) -> Self {
        Self { pipeline, graph, of: vec![None; graph.len()], has_refusal: false }
    }

    /// Adjusts a decision to those of the tasks that it waits for, which are all known, and notes it.
    pub fn adjust(&mut self, task: TaskIx, decision: Decision) -> Decision {
        let decision = self.with_inputs(task, decision);
        let outlook = Outlook::of(&decision);
        self.of[task.at()] = Some(outlook);
        self.has_refusal |= outlook == Outlook::Refused;
        decision
    }

    fn with_inputs(&self, task: TaskIx, decision: Decision) -> Decision {
        if matches!(decision, Decision::Blocked { .. }) {
            return decision;
        }
        let by = self.blockers(task);
        if !by.is_empty() {
            return Decision::Blocked { by };
        }
        if matches!(decision, Decision::Refused { .. } | Decision::Run { .. } | Decision::Pending { .. }) {
            return decision;
        }
        let waits = |edge: &&Edge| self.get(edge.from) == Some(Outlook::Awaited);
        let on: Vec<TaskId> = self.graph.inputs(task).iter().filter(waits).map(|edge| self.name(edge.from)).collect();
        if on.is_empty() { decision } else { Decision::Pending { on } }
    }

    /// Returns what the task waits for in vain.
    fn blockers(&self, task: TaskIx) -> Vec<Blocker> {
        let refusing = |gate: TaskIx| Blocker::Gate { gate: self.name(gate) };
        let inputs = self.graph.inputs(task);
        let mut blockers = Vec::with_capacity(inputs.len());
        for edge in inputs {
            match self.get(edge.from) {
                Some(Outlook::Blocked) => blockers.push(Blocker::Blocked { task: self.name(edge.from) }),
                // A condition is about what the gate says, not about whether it lets pass.
                Some(Outlook::Refused) if edge.kind == EdgeKind::Condition => continue,
                Some(Outlook::Refused) => blockers.push(refusing(edge.from)),
                Some(Outlook::There | Outlook::Awaited) => {}
                None => continue,
            }
            if edge.kind != EdgeKind::Candidate && self.has_refusal {
                let guards = self.graph.guards(edge.from).filter(|gate| *gate != task);
                let refused = guards.filter(|gate| self.get(*gate) == Some(Outlook::Refused));
                blockers.extend(refused.map(refusing));
            }
        }
        blockers.sort();
        blockers.dedup();
        blockers
    }

    fn get(&self, task: TaskIx) -> Option<Outlook> {
        self.of[task.at()]
    }

    fn name(&self, task: TaskIx) -> TaskId {
        self.pipeline.nodes[task.at()].id.clone()
    }
}

impl Outlook {
    const fn of(decision: &Decision) -> Self {
        match decision {
            Decision::Fresh | Decision::Held(_) | Decision::Adopt { .. } | Decision::Restore { .. } => Self::There,
            Decision::Run { .. } | Decision::Pending { .. } => Self::Awaited,
            Decision::Blocked { .. } => Self::Blocked,
            Decision::Refused { .. } => Self::Refused,
        }
    }
}
