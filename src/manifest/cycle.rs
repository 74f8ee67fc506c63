//! Cycles of a directed graph over dense numbers; it knows nothing of what they stand for.

use std::collections::{BTreeMap, VecDeque};

/// More cycles than these are not looked for: they often go away with the first ones.
const SOUGHT: usize = 10;

/// Returns cycles, each vertex waiting for the next and the last for the first; none when there is none.
///
/// `waits_for[v]` lists the vertices that `v` waits for. The returned cycles share no vertex. Linear in the number of
/// edges, times the few cycles that are looked for.
pub(super) fn cycles(waits_for: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut left = Left::new(waits_for);
    let mut found = Vec::new();
    left.settle();
    while found.len() < SOUGHT {
        let Some(on_a_cycle) = left.walk_back() else { break };
        let cycle = left.shortest_through(on_a_cycle);
        left.remove(&cycle);
        left.settle();
        found.push(cycle);
    }
    found
}

/// The part of the graph that is left when what waits for nothing has been taken out, again and again.
struct Left<'a> {
    waits_for: &'a [Vec<usize>],
    waited_for_by: Vec<Vec<usize>>,
    /// For how many of the remaining vertices each one waits.
    open: Vec<usize>,
    gone: Vec<bool>,
    /// Vertices that wait for nothing and have not been taken out yet.
    ready: Vec<usize>,
    /// No vertex before this one remains.
    first: usize,
}

impl<'a> Left<'a> {
    fn new(waits_for: &'a [Vec<usize>]) -> Self {
        let mut waited_for_by = vec![Vec::new(); waits_for.len()];
        for (vertex, before) in waits_for.iter().enumerate() {
            for other in before {
                waited_for_by[*other].push(vertex);
            }
        }
        let open: Vec<usize> = waits_for.iter().map(Vec::len).collect();
        let ready = (0..open.len()).filter(|vertex| open[*vertex] == 0).collect();
        Self { waits_for, waited_for_by, gone: vec![false; open.len()], open, ready, first: 0 }
    }

    /// Takes out everything that waits for nothing.
    fn settle(&mut self) {
        while let Some(vertex) = self.ready.pop() {
            if !self.gone[vertex] {
                self.take_out(vertex);
            }
        }
    }

    fn remove(&mut self, vertices: &[usize]) {
        for vertex in vertices {
            self.take_out(*vertex);
        }
    }

    fn take_out(&mut self, vertex: usize) {
        self.gone[vertex] = true;
        for after in &self.waited_for_by[vertex] {
            self.open[*after] -= 1;
            if self.open[*after] == 0 {
                self.ready.push(*after);
            }
        }
    }

    fn remaining_before(&self, vertex: usize) -> impl Iterator<Item = usize> {
        self.waits_for[vertex].iter().copied().filter(|other| !self.gone[*other])
    }

    /// Returns a vertex on a cycle: whatever remains waits for something that remains, so a walk meets itself.
    fn walk_back(&mut self) -> Option<usize> {
        self.first += self.gone[self.first..].iter().take_while(|gone| **gone).count();
        let mut vertex = (self.first < self.gone.len()).then_some(self.first)?;
        let mut seen = vec![false; self.gone.len()];
        while !seen[vertex] {
            seen[vertex] = true;
            vertex = self.remaining_before(vertex).next()?;
        }
        Some(vertex)
    }

    /// Returns the shortest cycle through a vertex, which comes first.
    fn shortest_through(&self, start: usize) -> Vec<usize> {
        let mut reached_from = BTreeMap::new();
        let mut queue = VecDeque::from([start]);
        while let Some(vertex) = queue.pop_front() {
            for before in self.remaining_before(vertex) {
                if before == start {
                    return path_to(vertex, start, &reached_from);
                }
                reached_from.entry(before).or_insert_with(|| {
                    queue.push_back(before);
                    vertex
                });
            }
        }
        vec![start]
    }
}

fn path_to(end: usize, start: usize, reached_from: &BTreeMap<usize, usize>) -> Vec<usize> {
    let mut path = vec![end];
    let mut vertex = end;
    while vertex != start {
        vertex = reached_from[&vertex];
        path.push(vertex);
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycles_are_found_with_their_order() {
        let check = |waits_for: &[&[usize]], expect: &[&[usize]]| {
            let waits_for: Vec<Vec<usize>> = waits_for.iter().map(|before| before.to_vec()).collect();
            assert_eq!(cycles(&waits_for), expect);
        };
        check(&[], &[]);
        check(&[&[], &[0], &[0, 1]], &[]);
        check(&[&[0]], &[&[0]]);
        check(&[&[1], &[2], &[0]], &[&[0, 1, 2]]);
        // The longer way round is not the one that is shown, and what hangs on a cycle is not part of it.
        check(&[&[1], &[2, 0], &[0], &[0]], &[&[0, 1]]);
        check(&[&[1], &[0], &[3, 0], &[2]], &[&[0, 1], &[2, 3]]);
    }
}
