//! The graph and how it is made of a pipeline.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use petgraph::Direction;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use serde::{Deserialize, Serialize};

use super::adjacency::Adjacency;
use super::index::PathIndex;
use crate::pipeline::{Input, Names, Need, Pipeline};
use crate::words::Spot;

/// The dense id of a task: its place in `Pipeline::nodes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Edge {
    pub from: TaskIx,
    pub to: TaskIx,
    pub kind: EdgeKind,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EdgeKind {
    /// A reader waits until its dep is published.
    Data,
    /// A gate waits until the data it judges was made; it is published only after the verdict.
    Candidate,
    /// A reader of judged data waits for the verdict.
    Verdict,
    /// `needs`: order without data.
    Order,
    /// `when`: a stage waits for a verdict, whatever it is.
    Condition,
}

/// Who makes what stands at a path that a task reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Maker {
    /// Nobody: it is a source.
    Nobody,
    /// The path is an out of this task.
    Out(TaskIx),
    /// The path lies inside of an out, or holds outs: what stands there is seen only after they are published.
    Parts,
}

/// The tasks of a cycle, each waiting for the one before it and the first for the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle(pub Vec<TaskIx>);

/// All tasks with their edges, without a cycle.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Graph {
    order: Vec<TaskIx>,
    inputs: Adjacency<Edge>,
    consumers: Adjacency<Edge>,
    /// One per input of each task, in their order.
    makers: Adjacency<Maker>,
}

impl Graph {
    /// Connects the tasks of `pipeline`.
    pub fn new(pipeline: &Pipeline) -> Result<Self, Cycle> {
        let n_tasks = pipeline.nodes.len();
        let outs = outs_of(pipeline);
        let edges = Edges { pipeline, outs: &outs }.all();
        let order = order(n_tasks, &edges)?;
        Ok(Self {
            order,
            inputs: Adjacency::new(n_tasks, &edges, |edge| edge.to),
            consumers: Adjacency::new(n_tasks, &edges, |edge| edge.from),
            makers: Adjacency::of_rows(
                pipeline.nodes.iter().map(|node| node.inputs().map(|input| maker(&outs, input.path)).collect()),
            ),
        })
    }

    /// Returns all the tasks, each after what it waits for.
    pub fn order(&self) -> &[TaskIx] {
        &self.order
    }

    /// Returns the edges that end at `task`.
    pub fn inputs(&self, task: TaskIx) -> &[Edge] {
        self.inputs.row(task)
    }

    /// Returns the edges that start at `task`.
    pub fn consumers(&self, task: TaskIx) -> &[Edge] {
        self.consumers.row(task)
    }

    /// Returns the gates that must pass before the outs of `task` are published.
    pub fn guards(&self, task: TaskIx) -> impl Iterator<Item = TaskIx> + '_ {
        self.consumers(task).iter().filter(|edge| edge.kind == EdgeKind::Candidate).map(|edge| edge.to)
    }

    /// Returns the tasks whose outputs the gate `task` judges.
    pub fn judged(&self, task: TaskIx) -> impl Iterator<Item = TaskIx> + '_ {
        self.inputs(task).iter().filter(|edge| edge.kind == EdgeKind::Candidate).map(|edge| edge.from)
    }

    /// Returns who makes each [input](crate::pipeline::Node::inputs) of `task`.
    pub fn makers(&self, task: TaskIx) -> &[Maker] {
        self.makers.row(task)
    }

    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

/// Indexes the outs of all tasks by path.
pub fn outs_of(pipeline: &Pipeline) -> PathIndex<TaskIx> {
    let tasks = pipeline.nodes.iter().enumerate().map(|(at, node)| (TaskIx::new(at), node));
    PathIndex::new(tasks.flat_map(|(task, node)| node.outs().iter().map(move |out| (out.path.clone(), task))))
}

fn maker(outs: &PathIndex<TaskIx>, path: Spot<'_>) -> Maker {
    match outs.at(path) {
        [task, ..] => Maker::Out(*task),
        [] if outs.overlapping(path).next().is_some() => Maker::Parts,
        [] => Maker::Nobody,
    }
}

/// Finds the edges of a pipeline.
struct Edges<'a> {
    pipeline: &'a Pipeline,
    outs: &'a PathIndex<TaskIx>,
}

impl Edges<'_> {
    /// Returns them sorted, each once.
    fn all(&self) -> Vec<Edge> {
        let names = Names::of(&self.pipeline.nodes);
        let judged = self.judged();
        let mut edges = Vec::new();
        for (at, node) in self.pipeline.nodes.iter().enumerate() {
            let to = TaskIx::new(at);
            for Input { path, need } in node.inputs() {
                let kind = if need == Need::Data { EdgeKind::Candidate } else { EdgeKind::Data };
                edges.extend(self.outs.overlapping(path).map(|(_, from)| Edge { from, to, kind }));
                let gates = judged.overlapping(path).filter(|_| need != Need::Data);
                edges.extend(gates.map(|(_, from)| Edge { from, to, kind: EdgeKind::Verdict }));
            }
            let of_gate = |path| judged.overlapping(path).map(|(_, from)| Edge { from, to, kind: EdgeKind::Verdict });
            let is_stage = node.stage().is_some();
            edges.extend(node.params.iter().filter(|_| is_stage).flat_map(|param| of_gate(&param.file)));
            let named = |name: &str| names.in_folder(&node.id.folder, name).iter().map(|at| TaskIx::new(*at));
            let needed = node.needs.iter().flat_map(|name| named(name.as_str()));
            edges.extend(needed.map(|from| Edge { from, to, kind: EdgeKind::Order }));
            let when = node.stage().and_then(|stage| stage.when.as_ref()).map(|when| when.gate.as_str());
            let asked = when.into_iter().flat_map(named);
            edges.extend(asked.map(|from| Edge { from, to, kind: EdgeKind::Condition }));
        }
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    fn judged(&self) -> PathIndex<TaskIx> {
        let gates = self.pipeline.nodes.iter().enumerate();
        let gates = gates.filter_map(|(at, node)| node.gate().map(|gate| (TaskIx::new(at), gate)));
        PathIndex::new(gates.flat_map(|(task, gate)| gate.data.iter().map(move |path| (path.into(), task))))
    }
}

/// Orders the tasks so that each stands after what it waits for, and otherwise as the files declare them.
///
/// A task is two events, *made* and *settled*: a gate stands between the two events of the task whose data it judges.
/// With that, "every consumer of any out waits for every gate" needs no edge per consumer and gate.
fn order(n_tasks: usize, edges: &[Edge]) -> Result<Vec<TaskIx>, Cycle> {
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
    let sorted = sorted_as_declared(&events, n_tasks);
    if sorted.len() < events.node_count() {
        return Err(smallest_cycle(&events, n_tasks));
    }
    Ok(sorted.into_iter().filter(|event| event.index() < n_tasks).map(|event| TaskIx::new(event.index())).collect())
}

/// Sorts the events by what they wait for; of those that could come next, the one of the task that is declared first. What is
/// on a cycle, or waits for one, is left out.
fn sorted_as_declared(events: &DiGraph<(), ()>, n_tasks: usize) -> Vec<NodeIndex> {
    let mut open: Vec<usize> =
        events.node_indices().map(|event| events.neighbors_directed(event, Direction::Incoming).count()).collect();
    let rank = |event: NodeIndex| Reverse((event.index() % n_tasks, event.index()));
    let mut ready: BinaryHeap<Reverse<(usize, usize)>> =
        events.node_indices().filter(|event| open[event.index()] == 0).map(rank).collect();
    let mut sorted = Vec::with_capacity(events.node_count());
    while let Some(Reverse((_, event))) = ready.pop() {
        let event = NodeIndex::new(event);
        sorted.push(event);
        for next in events.neighbors(event) {
            open[next.index()] -= 1;
            if open[next.index()] == 0 {
                ready.push(rank(next));
            }
        }
    }
    sorted
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
