//! The graph and how it is made of a pipeline.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};

use super::index::PathIndex;
use crate::pipeline::Pipeline;
use crate::words::RelPath;

/// The dense id of a task: its place in `Pipeline::nodes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskIx(u32);

impl TaskIx {
    /// Returns the id as an index into `Pipeline::nodes`.
    pub const fn at(self) -> usize {
        self.0 as usize
    }

    pub(crate) fn new(at: usize) -> Self {
        Self(u32::try_from(at).expect("a pipeline has fewer than four billion tasks"))
    }
}

/// One task waits for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    pub from: TaskIx,
    pub to: TaskIx,
    pub kind: EdgeKind,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// A reader waits until its dep is published.
    Data,
    /// A gate waits until the data it judges was made; it is published only after the verdict.
    Candidate,
    /// A reader of judged data waits for the verdict.
    Verdict,
    /// `needs`: order without data.
    Order,
}

/// A task that makes a path or a part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Producer {
    pub task: TaskIx,
    /// The out that overlaps the path.
    pub out: RelPath,
}

/// The tasks of a cycle, each waiting for the one before it and the first for the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle(pub Vec<TaskIx>);

/// All tasks with their edges, without a cycle.
#[derive(Debug)]
pub struct Graph {
    order: Vec<TaskIx>,
    inputs: Vec<Vec<Edge>>,
    consumers: Vec<Vec<Edge>>,
    outs: PathIndex<TaskIx>,
}

impl Graph {
    /// Connects the tasks of `pipeline`.
    pub fn new(pipeline: &Pipeline) -> Result<Self, Cycle> {
        let n_tasks = pipeline.nodes.len();
        let tasks = || pipeline.nodes.iter().enumerate().map(|(at, node)| (TaskIx::new(at), node));
        let outs = PathIndex::new(
            tasks().flat_map(|(task, node)| node.outs().iter().map(move |out| (out.path.clone(), task))),
        );
        let edges = Edges { pipeline, outs: &outs }.all();
        let mut inputs = vec![Vec::new(); n_tasks];
        let mut consumers = vec![Vec::new(); n_tasks];
        for edge in &edges {
            inputs[edge.to.at()].push(*edge);
            consumers[edge.from.at()].push(*edge);
        }
        let order = order(n_tasks, &edges)?;
        Ok(Self { order, inputs, consumers, outs })
    }

    /// Returns all the tasks, each after what it waits for.
    pub fn order(&self) -> &[TaskIx] {
        &self.order
    }

    /// Returns the edges that end at `task`.
    pub fn inputs(&self, task: TaskIx) -> &[Edge] {
        &self.inputs[task.at()]
    }

    /// Returns the edges that start at `task`.
    pub fn consumers(&self, task: TaskIx) -> &[Edge] {
        &self.consumers[task.at()]
    }

    /// Returns the gates that must pass before the outs of `task` are published.
    pub fn guards(&self, task: TaskIx) -> impl Iterator<Item = TaskIx> + '_ {
        self.consumers(task).iter().filter(|edge| edge.kind == EdgeKind::Candidate).map(|edge| edge.to)
    }

    /// Returns the tasks that make `path`, a folder above it or something inside of it.
    pub fn producers(&self, path: &RelPath) -> Vec<Producer> {
        self.outs.overlapping(path).map(|(out, task)| Producer { task, out: out.clone() }).collect()
    }

    pub fn len(&self) -> usize {
        self.inputs.len()
    }

    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty()
    }
}

/// Finds the edges of a pipeline.
struct Edges<'a> {
    pipeline: &'a Pipeline,
    outs: &'a PathIndex<TaskIx>,
}

impl Edges<'_> {
    fn all(&self) -> BTreeSet<Edge> {
        let names = self.names();
        let judged = self.judged();
        let mut edges = BTreeSet::new();
        for (at, node) in self.pipeline.nodes.iter().enumerate() {
            let to = TaskIx::new(at);
            for dep in &node.deps {
                edges.extend(self.outs.overlapping(&dep.path).map(|(_, from)| Edge { from, to, kind: EdgeKind::Data }));
                let gates = judged.overlapping(&dep.path);
                edges.extend(gates.map(|(_, from)| Edge { from, to, kind: EdgeKind::Verdict }));
            }
            for path in node.gate().iter().flat_map(|gate| &gate.data) {
                let kind = EdgeKind::Candidate;
                edges.extend(self.outs.overlapping(path).map(|(_, from)| Edge { from, to, kind }));
            }
            let needed = node.needs.iter().flat_map(|name| names.get(name.as_str()).into_iter().flatten());
            edges.extend(needed.map(|from| Edge { from: *from, to, kind: EdgeKind::Order }));
        }
        edges
    }

    /// Tasks by name, and by the group that a member belongs to.
    fn names(&self) -> BTreeMap<&str, Vec<TaskIx>> {
        let mut names: BTreeMap<&str, Vec<TaskIx>> = BTreeMap::new();
        for (at, node) in self.pipeline.nodes.iter().enumerate() {
            let (name, group) = (node.name().as_str(), node.name().group());
            names.entry(name).or_default().push(TaskIx::new(at));
            if group != name {
                names.entry(group).or_default().push(TaskIx::new(at));
            }
        }
        names
    }

    fn judged(&self) -> PathIndex<TaskIx> {
        let gates = self.pipeline.nodes.iter().enumerate();
        let gates = gates.filter_map(|(at, node)| node.gate().map(|gate| (TaskIx::new(at), gate)));
        PathIndex::new(gates.flat_map(|(task, gate)| gate.data.iter().map(move |path| (path.clone(), task))))
    }
}

/// Orders the tasks so that each stands after what it waits for.
///
/// A task is two events, *made* and *settled*: a gate stands between the two events of the task whose data it judges.
/// With that, "every consumer of any out waits for every gate" needs no edge per consumer and gate.
fn order(n_tasks: usize, edges: &BTreeSet<Edge>) -> Result<Vec<TaskIx>, Cycle> {
    let mut events: DiGraph<(), ()> = DiGraph::with_capacity(2 * n_tasks, n_tasks + 2 * edges.len());
    (0..2 * n_tasks).for_each(|_| _ = events.add_node(()));
    let made = |task: TaskIx| NodeIndex::new(task.at());
    let settled = |task: TaskIx| NodeIndex::new(n_tasks + task.at());
    for at in 0..n_tasks {
        events.add_edge(NodeIndex::new(at), NodeIndex::new(n_tasks + at), ());
    }
    for edge in edges {
        if edge.kind == EdgeKind::Candidate {
            events.add_edge(made(edge.from), made(edge.to), ());
            events.add_edge(settled(edge.to), settled(edge.from), ());
        } else {
            events.add_edge(settled(edge.from), made(edge.to), ());
        }
    }
    let sorted = toposort(&events, None).map_err(|_| smallest_cycle(&events, n_tasks))?;
    Ok(sorted.into_iter().filter(|event| event.index() < n_tasks).map(|event| TaskIx::new(event.index())).collect())
}

/// Returns a cycle of tasks; several events of one task count once.
fn smallest_cycle(events: &DiGraph<(), ()>, n_tasks: usize) -> Cycle {
    let knots = tarjan_scc(events).into_iter().filter(|knot| knot.len() > 1 || events.contains_edge(knot[0], knot[0]));
    let knot: BTreeSet<NodeIndex> = knots.min_by_key(Vec::len).into_iter().flatten().collect();
    let mut path: Vec<NodeIndex> = knot.first().copied().into_iter().collect();
    while let Some(last) = path.last() {
        let next = events.neighbors(*last).filter(|next| knot.contains(next)).min();
        let Some(next) = next else { break };
        if let Some(start) = path.iter().position(|seen| *seen == next) {
            path.drain(..start);
            break;
        }
        path.push(next);
    }
    let mut tasks: Vec<TaskIx> = path.into_iter().map(|event| TaskIx::new(event.index() % n_tasks)).collect();
    tasks.dedup();
    if tasks.len() > 1 && tasks.first() == tasks.last() {
        tasks.pop();
    }
    Cycle(tasks)
}
