//! Which tasks an invocation is about.

use std::collections::BTreeSet;

use super::build::{Edge, EdgeKind, Graph, TaskIx};
use super::naming::{Meant, Naming, Reading, Standpoint, in_folders};
use crate::pipeline::{Input, Node, Pipeline, Tracked};
use crate::words::RelPath;

/// How far a selection goes from its targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The targets and all that they are made of.
    Upstream,
    /// The targets alone.
    Single,
    /// The targets and all that is made of them.
    Downstream,
    /// Everything that is connected with the targets.
    Pipeline,
}

/// Targets as they were given.
#[derive(Clone, Copy, Debug)]
pub struct Targets<'a> {
    pub texts: &'a [String],
    pub reading: Reading,
}

/// The chosen tasks, and the data that was named. Every gate through which anything comes that a chosen task makes or reads is
/// always among them, and so is every gate that judges named data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    tasks: BTreeSet<TaskIx>,
    targets: BTreeSet<TaskIx>,
    /// The `.dvc` files whose data was named. What reads it was not.
    data: BTreeSet<RelPath>,
    /// Those of the tasks that only stand between a gate and what was chosen: they are taken as they are.
    bystanders: BTreeSet<TaskIx>,
}

/// A target that names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no stage, gate or output is called `{target}`")]
pub struct SelectError {
    pub target: String,
    pub did_you_mean: Option<String>,
}

impl Selection {
    /// Selects every task of the pipeline.
    pub fn all(graph: &Graph) -> Self {
        let tasks: BTreeSet<TaskIx> = graph.order().iter().copied().collect();
        Self { targets: tasks.clone(), tasks, data: BTreeSet::new(), bystanders: BTreeSet::new() }
    }

    /// Selects what the texts name, as they are meant from `stand`; everything when there are none.
    pub fn of(
        pipeline: &Pipeline,
        graph: &Graph,
        stand: &Standpoint,
        targets: Targets<'_>,
        scope: Scope,
    ) -> Result<Self, SelectError> {
        if targets.texts.is_empty() {
            return Ok(Self::all(graph));
        }
        let naming = Naming::new(pipeline, stand);
        let mut found = Meant::default();
        for target in targets.texts {
            found.extend(naming.read(target, targets.reading)?);
        }
        Ok(Self::reaching(pipeline, graph, found, scope))
    }

    /// Selects what one pipeline file declares.
    pub fn of_file(pipeline: &Pipeline, graph: &Graph, file: &RelPath, scope: Scope) -> Self {
        let found = in_folders(pipeline, |folder| *folder == file.parent());
        Self::reaching(pipeline, graph, found.into(), scope)
    }

    fn reaching(pipeline: &Pipeline, graph: &Graph, found: Meant, scope: Scope) -> Self {
        let Meant { tasks: targets, data } = found;
        let around = match scope {
            Scope::Upstream | Scope::Single => judges_of(pipeline, &data),
            Scope::Downstream | Scope::Pipeline => readers_of(pipeline, &data),
        };
        let mut tasks = reach(graph, &targets.union(&around).copied().collect(), scope);
        add_needed_gates(pipeline, graph, &mut tasks);
        add_gates(graph, &mut tasks, scope);
        let (gates, bystanders) = lineage(pipeline, graph, &tasks);
        tasks.extend(gates);
        tasks.extend(bystanders.iter().copied());
        Self { tasks, targets, data, bystanders }
    }

    pub fn contains(&self, task: TaskIx) -> bool {
        self.tasks.contains(&task)
    }

    /// Whether the task was named, or nothing was.
    pub fn is_target(&self, task: TaskIx) -> bool {
        self.targets.contains(&task)
    }

    /// Returns the tasks that were named; all of them when nothing was.
    pub fn targets(&self) -> impl Iterator<Item = TaskIx> + '_ {
        self.targets.iter().copied()
    }

    /// Returns the `.dvc` files whose data was named.
    pub const fn data(&self) -> &BTreeSet<RelPath> {
        &self.data
    }

    /// Counts all the chosen tasks as named.
    #[must_use]
    pub fn with_all_named(self) -> Self {
        let targets = self.tasks.difference(&self.bystanders).copied().collect();
        Self { targets, ..self }
    }

    /// Whether the task is not to be done, and only hands on what gates say of what it was made of.
    pub fn is_bystander(&self, task: TaskIx) -> bool {
        self.bystanders.contains(&task)
    }

    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Returns how many tasks there are to be done or told.
    pub fn n_chosen(&self) -> usize {
        self.tasks.len() - self.bystanders.len()
    }

    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    pub fn tasks(&self) -> impl Iterator<Item = TaskIx> + '_ {
        self.tasks.iter().copied()
    }
}

/// Returns the gates that judge data which these `.dvc` files track.
pub fn judges_of(pipeline: &Pipeline, data: &BTreeSet<RelPath>) -> BTreeSet<TaskIx> {
    let judges = |node: &Node, tracked: &Tracked| {
        let judged = node.gate().into_iter().flat_map(|gate| &gate.data);
        judged.into_iter().any(|path| tracked.outs.iter().any(|out| path.overlaps(&out.path)))
    };
    around(pipeline, data, judges)
}

/// Returns what reads data which these `.dvc` files track. What a frozen stage reads is nobody's business.
fn readers_of(pipeline: &Pipeline, data: &BTreeSet<RelPath>) -> BTreeSet<TaskIx> {
    around(pipeline, data, |node, tracked| {
        let is_frozen = node.stage().is_some_and(|stage| stage.frozen);
        let is_in = |input: Input<'_>| tracked.outs.iter().any(|out| input.path.overlaps((&out.path).into()));
        !is_frozen && node.inputs().any(is_in)
    })
}

fn around(
    pipeline: &Pipeline,
    data: &BTreeSet<RelPath>,
    touches: impl Fn(&Node, &Tracked) -> bool,
) -> BTreeSet<TaskIx> {
    let named: Vec<&Tracked> = pipeline.tracked.iter().filter(|tracked| data.contains(&tracked.file)).collect();
    let nodes = pipeline.nodes.iter().enumerate();
    let is_around = |node: &Node| named.iter().any(|tracked| touches(node, tracked));
    nodes.filter(|(_, node)| is_around(node)).map(|(at, _)| TaskIx::new(at)).collect()
}

fn reach(graph: &Graph, targets: &BTreeSet<TaskIx>, scope: Scope) -> BTreeSet<TaskIx> {
    let up = |task: TaskIx| graph.inputs(task).iter().map(|edge| edge.from).collect::<Vec<_>>();
    let down = |task: TaskIx| graph.consumers(task).iter().map(|edge| edge.to).collect::<Vec<_>>();
    match scope {
        Scope::Single => targets.clone(),
        Scope::Upstream => close(targets, up),
        Scope::Downstream => close(targets, down),
        Scope::Pipeline => close(targets, |task| [up(task), down(task)].concat()),
    }
}

fn close(start: &BTreeSet<TaskIx>, next: impl Fn(TaskIx) -> Vec<TaskIx>) -> BTreeSet<TaskIx> {
    let mut found = start.clone();
    let mut open: Vec<TaskIx> = start.iter().copied().collect();
    while let Some(task) = open.pop() {
        open.extend(next(task).into_iter().filter(|task| found.insert(*task)));
    }
    found
}

/// Adds the gates that chosen tasks need, with all that those judge is made of: a verdict on what is no more would let
/// anything pass.
fn add_needed_gates(pipeline: &Pipeline, graph: &Graph, tasks: &mut BTreeSet<TaskIx>) {
    let is_gate = |task: TaskIx| pipeline.nodes[task.at()].gate().is_some();
    let needs = tasks.iter().flat_map(|task| graph.inputs(*task)).filter(|edge| edge.kind == EdgeKind::Order);
    let gates: BTreeSet<TaskIx> = needs.map(|edge| edge.from).filter(|gate| is_gate(*gate)).collect();
    tasks.extend(close(&gates, |task| graph.inputs(task).iter().map(|edge| edge.from).collect()));
}

/// Returns the gates on what `tasks` make, and those through which anything comes that they read.
pub fn gates_of_lineage(pipeline: &Pipeline, graph: &Graph, tasks: &BTreeSet<TaskIx>) -> BTreeSet<TaskIx> {
    lineage(pipeline, graph, tasks).0
}

/// Returns the gates through which anything comes that `tasks` read, and the stages in between that are not chosen: by these,
/// a gate that refuses, or lets pass as degraded, is felt any number of steps below it.
fn lineage(pipeline: &Pipeline, graph: &Graph, tasks: &BTreeSet<TaskIx>) -> (BTreeSet<TaskIx>, BTreeSet<TaskIx>) {
    let is_gate = |task: &TaskIx| pipeline.nodes[task.at()].gate().is_some();
    let carries = |edge: &&Edge| !matches!(edge.kind, EdgeKind::Order | EdgeKind::Condition);
    let above = close(tasks, |task| {
        let makers = graph.inputs(task).iter().filter(carries).map(|edge| edge.from);
        makers.chain(graph.guards(task)).collect()
    });
    let gates: BTreeSet<TaskIx> = above.iter().copied().filter(is_gate).collect();
    let below = close(&gates, |task| {
        let readers = graph.consumers(task).iter().filter(carries).map(|edge| edge.to);
        readers.chain(graph.judged(task)).filter(|task| above.contains(task)).collect()
    });
    let between = below.into_iter().filter(|task| !tasks.contains(task) && !is_gate(task));
    (gates, between.collect())
}

/// Adds the gates on what the chosen tasks make and read, and what those gates are made of when upstream is chosen.
fn add_gates(graph: &Graph, tasks: &mut BTreeSet<TaskIx>, scope: Scope) {
    let gates_around = |task: TaskIx| {
        let read = graph.inputs(task).iter().filter(|edge| edge.kind == EdgeKind::Verdict).map(|edge| edge.from);
        read.chain(graph.guards(task)).collect::<Vec<_>>()
    };
    let upstream = |edge: &Edge| scope == Scope::Upstream || edge.kind == EdgeKind::Verdict;
    loop {
        let mut more: BTreeSet<TaskIx> = tasks.iter().flat_map(|task| gates_around(*task)).collect();
        let gates: Vec<TaskIx> = more.iter().copied().collect();
        more.extend(gates.iter().flat_map(|gate| graph.inputs(*gate)).filter(|edge| upstream(edge)).map(|e| e.from));
        if scope == Scope::Upstream {
            more = close(&more, |task| graph.inputs(task).iter().map(|edge| edge.from).collect());
        }
        let before = tasks.len();
        tasks.extend(more);
        if tasks.len() == before {
            return;
        }
    }
}
