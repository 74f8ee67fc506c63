//! What waits for what in a pipeline: by data, by gates and by name.
//!
//! The vertices are not only nodes. A stage's *publication* stands between it and its consumers, because all its outs are
//! published together, after the gates on any of them; so a consumer of one out waits for a gate on another. Each path that
//! is read is a vertex too: a folder with a thousand outs that is read by a thousand stages has two thousand edges, not a
//! million.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::cycle::cycles;
use crate::pipeline::{GateKind, Node, Pipeline};
use crate::words::RelPath;

/// Something that can be waited for; numbers index [`Pipeline::nodes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vertex<'p> {
    /// The node has run, or the gate has judged.
    Done(usize),
    /// The outs of the node are in place; for a gate the same as done.
    Published(usize),
    /// Whatever makes the path has published it, and its gates have passed.
    Readable(&'p RelPath),
    /// Whatever makes the path has run; the candidate can be judged.
    Candidate(&'p RelPath),
    /// Every gate on the path has passed.
    Judged(&'p RelPath),
}

/// Values by path, to be found by the paths above and below.
#[derive(Debug, Default)]
pub(super) struct ByPath<'p, T>(BTreeMap<&'p str, T>);

impl<'p, T: Copy> ByPath<'p, T> {
    /// Adds a value; returns the one that the path had and keeps.
    pub(super) fn insert(&mut self, path: &'p RelPath, value: T) -> Option<T> {
        let known = self.0.get(path.as_str()).copied();
        self.0.entry(path.as_str()).or_insert(value);
        known
    }

    /// Returns the values at the folders above `path`, nearest first.
    pub(super) fn above(&self, path: &str) -> impl Iterator<Item = T> {
        let mut rest = Some(path);
        std::iter::from_fn(move || {
            let here = rest?;
            rest = here.rsplit_once('/').map(|(folder, _)| folder).or_else(|| (!here.is_empty()).then_some(""));
            rest
        })
        .filter_map(|folder| self.0.get(folder).copied())
    }

    /// Returns the values of all paths that are `path`, above it or below it.
    pub(super) fn overlapping(&self, path: &RelPath) -> Vec<T> {
        if path.is_root() {
            return self.0.values().copied().collect();
        }
        let at = self.0.get(path.as_str()).copied();
        // `0` is the character after `/`, so the range holds just the paths inside of the folder.
        let (from, to) = (format!("{path}/"), format!("{path}0"));
        let below = self.0.range::<str, _>((Bound::Included(from.as_str()), Bound::Excluded(to.as_str())));
        self.above(path.as_str()).chain(at).chain(below.map(|(_, value)| *value)).collect()
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
    Reads(&'p RelPath),
    Judges(&'p RelPath),
    Needs(usize),
}

/// Returns cycles as edges between nodes, each cycle from the node that the file declares first.
pub(super) fn cycles_of(pipeline: &Pipeline) -> Vec<Vec<Hop<'_>>> {
    let waits = Waits::of(pipeline);
    cycles(&waits.before).iter().map(|cycle| waits.hops(cycle)).collect()
}

/// The graph; vertices `0..n` are the nodes done, `n..2n` the nodes published, then the paths.
struct Waits<'p> {
    vertices: Vec<Vertex<'p>>,
    before: Vec<Vec<usize>>,
    /// The stage that makes each out.
    makers: ByPath<'p, usize>,
    /// The vertex of each path that is judged, as the gates' verdict.
    judged: ByPath<'p, usize>,
    readable: BTreeMap<&'p RelPath, usize>,
    n_nodes: usize,
}

impl<'p> Waits<'p> {
    fn of(pipeline: &'p Pipeline) -> Self {
        let nodes = &pipeline.nodes;
        let done = (0..nodes.len()).map(Vertex::Done);
        let vertices: Vec<Vertex<'p>> = done.chain((0..nodes.len()).map(Vertex::Published)).collect();
        let before = vec![Vec::new(); vertices.len()];
        let (makers, judged, readable) = (makers(nodes), ByPath::default(), BTreeMap::new());
        let mut waits = Self { vertices, before, makers, judged, readable, n_nodes: nodes.len() };
        for (index, node) in nodes.iter().enumerate() {
            waits.before[nodes.len() + index].push(index);
            waits.add_judging(index, node);
        }
        let names = by_name(nodes);
        for (index, node) in nodes.iter().enumerate().filter(|(_, node)| !is_frozen(node)) {
            reads(node).for_each(|path| waits.add_reading(index, path));
            let needed = node.needs.iter().flat_map(|name| names.get(name.as_str()).into_iter().flatten());
            waits.before[index].extend(needed.map(|other| nodes.len() + other));
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
        for path in node.gate().into_iter().flat_map(|gate| &gate.data) {
            let next = self.vertices.len();
            // The candidate of a path is always the vertex before its verdict.
            let judged = self.judged.insert(path, next + 1).unwrap_or_else(|| {
                let (candidate, judged) = (self.add(Vertex::Candidate(path)), self.add(Vertex::Judged(path)));
                for maker in self.makers.overlapping(path) {
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
    fn add_reading(&mut self, reader: usize, path: &'p RelPath) {
        let vertex = self.readable.get(path).copied().unwrap_or_else(|| {
            let vertex = self.add(Vertex::Readable(path));
            self.readable.insert(path, vertex);
            let makers = self.makers.overlapping(path).into_iter().map(|maker| self.n_nodes + maker);
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
        Vertex::Readable(path) => Some(Cause::Reads(path)),
        Vertex::Candidate(path) => Some(Cause::Judges(path)),
        Vertex::Published(needed) => Some(Cause::Needs(*needed)),
        Vertex::Done(_) | Vertex::Judged(_) => None,
    }
}

/// Returns the stage that makes each out; of two that make the same one, the first.
pub(super) fn makers(nodes: &[Node]) -> ByPath<'_, usize> {
    let mut makers = ByPath::default();
    for (index, node) in nodes.iter().enumerate() {
        for out in node.outs() {
            makers.insert(&out.path, index);
        }
    }
    makers
}

/// Returns the nodes of each name and of each group.
pub(super) fn by_name(nodes: &[Node]) -> BTreeMap<&str, Vec<usize>> {
    let mut names: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, node) in nodes.iter().enumerate() {
        names.entry(node.name().as_str()).or_default().push(index);
        if node.name().group() != node.name().as_str() {
            names.entry(node.name().group()).or_default().push(index);
        }
    }
    names
}

/// A frozen stage never runs, so it waits for nothing.
pub(super) fn is_frozen(node: &Node) -> bool {
    node.stage().is_some_and(|stage| stage.frozen)
}

fn reads(node: &Node) -> impl Iterator<Item = &RelPath> {
    let schema = node.gate().and_then(|gate| match &gate.kind {
        GateKind::Schema { file } => Some(file),
        GateKind::Command { .. } => None,
    });
    node.deps.iter().map(|dep| &dep.path).chain(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_above_and_below_a_path() {
        let path = |text: &str| RelPath::parse(text).expect("a path");
        let paths = ["data", "data/a", "data/a/b", "data-old", "data0", "x"].map(path);
        let mut index = ByPath::default();
        for (value, path) in paths.iter().enumerate() {
            assert_eq!(index.insert(path, value), None);
        }
        assert_eq!(index.insert(&paths[1], 9), Some(1));
        let check = |text: &str, expect: &[usize]| assert_eq!(index.overlapping(&path(text)), expect, "{text}");
        check("data", &[0, 1, 2]);
        check("data/a", &[0, 1, 2]);
        check("data/a/b/c", &[2, 1, 0]);
        check("data/b", &[0]);
        check("data-old", &[3]);
        check("y", &[]);
        check(".", &[0, 3, 1, 2, 4, 5]);
    }
}
