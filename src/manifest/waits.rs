//! What waits for what in a pipeline: by data, by gates and by name.
//!
//! The vertices are not only nodes. A stage's *publication* stands between it and its consumers, because all its outs are
//! published together, after the gates on any of them; so a consumer of one out waits for a gate on another. Each path that
//! is read is a vertex too: a folder with a thousand outs that is read by a thousand stages has two thousand edges, not a
//! million.

use std::collections::BTreeMap;

use super::bypath::ByPath;
use super::cycle::cycles;
use crate::pipeline::{Names, Node, Pipeline};
use crate::words::Spot;

/// Something that can be waited for; numbers index [`Pipeline::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vertex<'p> {
    /// The node has run, or the gate has judged.
    Done(usize),
    /// The outs of the node are in place; for a gate the same as done.
    Published(usize),
    /// Whatever makes the path has published it, and its gates have passed.
    Readable(Spot<'p>),
    /// Whatever makes the path has run; the candidate can be judged.
    Candidate(Spot<'p>),
    /// Every gate on the path has passed.
    Judged(Spot<'p>),
}

/// An out, by the indices of its node and of itself.
pub(super) type OutAt = (usize, usize);

/// What a pipeline declares, to be found by path and by name.
#[derive(Debug, Default)]
pub(super) struct Index<'p> {
    /// Every out; of two with one path, the first.
    pub(super) outs: ByPath<'p, OutAt>,
    /// The outs whose path another out before them has, with that one.
    pub(super) repeated: Vec<(OutAt, OutAt)>,
    pub(super) names: Names<'p>,
}

impl<'p> Index<'p> {
    pub(super) fn of(nodes: &'p [Node]) -> Self {
        let mut index = Self { names: Names::of(nodes), ..Self::default() };
        for (at, node) in nodes.iter().enumerate() {
            for (nth, out) in node.outs().iter().enumerate() {
                let first = index.outs.insert(&out.path, (at, nth));
                index.repeated.extend(first.map(|first| ((at, nth), first)));
            }
        }
        index
    }

    /// Returns a stage that makes `path`, something in it, or the folder that it is in.
    pub(super) fn maker<'a>(&self, path: impl Into<Spot<'a>>) -> Option<usize> {
        self.outs.first_overlapping(path).map(|(node, _)| node)
    }

    /// Returns the stages that make `path`, something in it, or the folder that it is in.
    fn makers(&self, path: Spot<'_>) -> impl Iterator<Item = usize> + use<> {
        self.outs.overlapping(path).into_iter().map(|(node, _)| node)
    }
}

/// One edge of a cycle between nodes: `waiting` waits for `awaited`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hop<'p> {
    pub(super) waiting: usize,
    pub(super) awaited: usize,
    pub(super) cause: Cause<'p>,
    /// Whether `awaited` is a gate that stands before what `waiting` asks for.
    pub(super) through_gate: bool,
}

/// What of its own declaration makes a node wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause<'p> {
    Reads(Spot<'p>),
    Judges(Spot<'p>),
    Needs(usize),
}

/// Returns cycles as edges between nodes, each cycle from the node that the file declares first.
pub(super) fn cycles_of<'p>(pipeline: &'p Pipeline, index: &Index<'p>) -> Vec<Vec<Hop<'p>>> {
    let waits = Waits::of(pipeline, index);
    cycles(&waits.before).iter().map(|cycle| waits.hops(cycle)).collect()
}

/// The graph; vertices `0..n` are the nodes done, `n..2n` the nodes published, then the paths.
struct Waits<'a, 'p> {
    index: &'a Index<'p>,
    vertices: Vec<Vertex<'p>>,
    before: Vec<Vec<usize>>,
    /// The vertex of each path that is judged, as the gates' verdict.
    judged: ByPath<'p, usize>,
    readable: BTreeMap<Spot<'p>, usize>,
    n_nodes: usize,
}

impl<'a, 'p> Waits<'a, 'p> {
    fn of(pipeline: &'p Pipeline, index: &'a Index<'p>) -> Self {
        let nodes = &pipeline.nodes;
        let done = (0..nodes.len()).map(Vertex::Done);
        let vertices: Vec<Vertex<'p>> = done.chain((0..nodes.len()).map(Vertex::Published)).collect();
        let before = vec![Vec::new(); vertices.len()];
        let (judged, readable) = (ByPath::default(), BTreeMap::new());
        let mut waits = Self { index, vertices, before, judged, readable, n_nodes: nodes.len() };
        for (at, node) in nodes.iter().enumerate() {
            waits.before[nodes.len() + at].push(at);
            waits.add_judging(at, node);
        }
        for (at, node) in nodes.iter().enumerate().filter(|(_, node)| !is_frozen(node)) {
            reads(node).for_each(|path| waits.add_reading(at, path));
            let folder = &node.id.folder;
            let needed = node.needs.iter().flat_map(|name| index.names.in_folder(folder, name.as_str()));
            waits.before[at].extend(needed.map(|other| nodes.len() + other));
            let when = node.stage().and_then(|stage| stage.when.as_ref()).map(|when| when.gate.as_str());
            let asked = when.into_iter().flat_map(|gate| index.names.in_folder(folder, gate));
            waits.before[at].extend(asked.map(|other| nodes.len() + other));
        }
        waits
    }

    fn add(&mut self, vertex: Vertex<'p>) -> usize {
        self.vertices.push(vertex);
        self.before.push(Vec::new());
        self.vertices.len() - 1
    }

    /// Lets a gate wait for the candidates of its data, and their publication for the gate.
    fn add_judging(&mut self, gate: usize, node: &'p Node) {
        for path in node.gate().into_iter().flat_map(|gate| &gate.data).map(Spot::from) {
            let next = self.vertices.len();
            // The candidate of a path is always the vertex before its verdict.
            let judged = self.judged.insert(path, next + 1).unwrap_or_else(|| {
                let (candidate, judged) = (self.add(Vertex::Candidate(path)), self.add(Vertex::Judged(path)));
                for maker in self.index.makers(path) {
                    self.before[candidate].push(maker);
                    self.before[self.n_nodes + maker].push(judged);
                }
                judged
            });
            self.before[gate].push(judged - 1);
            self.before[judged].push(gate);
        }
    }

    /// Lets a node wait for the publication of what it reads, and for the gates on it.
    fn add_reading(&mut self, reader: usize, path: Spot<'p>) {
        let vertex = self.readable.get(&path).copied().unwrap_or_else(|| {
            let vertex = self.add(Vertex::Readable(path));
            self.readable.insert(path, vertex);
            let makers = self.index.makers(path).map(|maker| self.n_nodes + maker);
            self.before[vertex] = makers.chain(self.judged.overlapping(path)).collect();
            vertex
        });
        self.before[reader].push(vertex);
    }

    /// Returns the edges between nodes of a cycle of vertices.
    fn hops(&self, cycle: &[usize]) -> Vec<Hop<'p>> {
        // Every cycle has a node: the vertices between nodes lead from one node to the next and to nothing else.
        let first = cycle.iter().filter(|vertex| **vertex < self.n_nodes).min();
        let start = cycle.iter().position(|vertex| Some(vertex) == first).unwrap_or(0);
        let turned: Vec<Vertex<'p>> =
            cycle[start..].iter().chain(&cycle[..=start]).map(|vertex| self.vertices[*vertex]).collect();
        let mut hops = Vec::new();
        let mut from = 0;
        for (at, vertex) in turned.iter().enumerate().skip(1) {
            if let (Vertex::Done(awaited), Vertex::Done(waiting)) = (*vertex, turned[from]) {
                let between = &turned[from + 1..at];
                let through_gate = between.iter().any(|vertex| matches!(vertex, Vertex::Judged(_)));
                hops.extend(cause(between).map(|cause| Hop { waiting, awaited, cause, through_gate }));
                from = at;
            }
        }
        hops
    }
}

fn cause<'p>(between: &[Vertex<'p>]) -> Option<Cause<'p>> {
    match between.first()? {
        Vertex::Readable(path) => Some(Cause::Reads(*path)),
        Vertex::Candidate(path) => Some(Cause::Judges(*path)),
        Vertex::Published(needed) => Some(Cause::Needs(*needed)),
        Vertex::Done(_) | Vertex::Judged(_) => None,
    }
}

/// A frozen stage never runs, so it waits for nothing.
pub(super) fn is_frozen(node: &Node) -> bool {
    node.stage().is_some_and(|stage| stage.frozen)
}

fn reads(node: &Node) -> impl Iterator<Item = Spot<'_>> {
    let schema = node.gate().and_then(|gate| gate.kind.schema());
    // A gate on a file of parameters is waited for like one on a dep.
    let params = node.stage().into_iter().flat_map(|_| node.params.iter().map(|param| &param.file));
    let made = node.made_params.iter().map(|made| &made.file);
    node.deps.iter().map(|dep| dep.path.spot()).chain(schema.into_iter().chain(params).chain(made).map(Spot::from))
}
