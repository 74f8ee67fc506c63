//! Which declared paths overlap a path.

use std::collections::{HashMap, HashSet};

use crate::words::{Place, Spot};

/// Values by path, found again by every path that equals, holds or lies inside of theirs.
#[derive(Clone, Debug)]
pub struct PathIndex<T> {
    by_path: HashMap<Place, Vec<T>>,
    /// Every path, in order.
    sorted: Vec<Place>,
    /// The text of every folder above one of the paths: of any other path it is told at once that nothing lies inside.
    above: HashSet<Box<str>>,
}

impl<T: Copy> PathIndex<T> {
    /// Indexes the pairs; a path may come several times.
    pub fn new(pairs: impl IntoIterator<Item = (Place, T)>) -> Self {
        let mut by_path: HashMap<Place, Vec<T>> = HashMap::new();
        for (path, value) in pairs {
            by_path.entry(path).or_default().push(value);
        }
        let mut sorted: Vec<Place> = by_path.keys().cloned().collect();
        sorted.sort_unstable();
        let mut above: HashSet<Box<str>> = HashSet::new();
        for path in &sorted {
            let folders = from_the_root(path.spot()).filter(|folder| *folder != path.as_str());
            for folder in folders {
                if !above.contains(folder) {
                    above.insert(folder.into());
                }
            }
        }
        Self { by_path, sorted, above }
    }

    /// Returns the values at exactly this path.
    pub fn at<'p>(&self, path: impl Into<Spot<'p>>) -> &[T] {
        self.by_path.get(path.into().as_str()).map_or(&[], Vec::as_slice)
    }

    /// Returns path and value of everything that overlaps `path`, folders above it first.
    pub fn overlapping<'a>(&'a self, path: impl Into<Spot<'a>>) -> impl Iterator<Item = (&'a Place, T)> + 'a {
        let path = path.into();
        let above = from_the_root(path).filter(|_| !self.by_path.is_empty());
        let above = above.filter_map(|at| self.by_path.get_key_value(at));
        // The root is on the way to a path outside of it by its text alone.
        let above = above.filter(move |(at, _)| at.contains(path));
        let inside = self.inside(path).map(|at| (at, &self.by_path[at]));
        above.chain(inside).flat_map(|(at, values)| values.iter().map(move |value| (at, *value)))
    }

    fn inside<'a>(&'a self, path: Spot<'a>) -> impl Iterator<Item = &'a Place> {
        let text = path.as_str();
        let sorted = if self.above.contains(text) { &self.sorted[..] } else { &[] };
        let prefix = if text.is_empty() || sorted.is_empty() { String::new() } else { format!("{text}/") };
        let start = sorted.partition_point(|at| at.as_str() < prefix.as_str());
        let inside = sorted[start..].iter().take_while(move |at| at.as_str().starts_with(&prefix));
        inside.filter(move |at| at.spot() != path && path.contains(at.spot()))
    }
}

/// Returns the text of the root, of each folder on the way to `path`, and of the path itself.
fn from_the_root(path: Spot<'_>) -> impl Iterator<Item = &str> {
    let text = path.as_str();
    let ends = text.match_indices('/').map(|(at, _)| at).chain((!text.is_empty()).then_some(text.len()));
    std::iter::once("").chain(ends.map(|end| &text[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_is_found_above_at_and_below() {
        let path = |text: &str| Place::parse(text).expect("a path");
        let index = PathIndex::new(
            ["data", "data/a", "data-b/c", "data/a/deep", "x", "../o/x", "/o/x"].map(|p| (path(p), p.len())),
        );
        let check = |at: &str, expect: &[&str]| {
            let at = path(at);
            let found: Vec<String> = index.overlapping(&at).map(|(path, _)| path.to_string()).collect();
            assert_eq!(found, expect, "{at}");
        };
        check("data/a", &["data", "data/a", "data/a/deep"]);
        check("data", &["data", "data/a", "data/a/deep"]);
        check("data/b", &["data"]);
        check("data-b", &["data-b/c"]);
        check("../o", &["../o/x"]);
        check("/o/x/y", &["/o/x"]);
        check(".", &["data", "data-b/c", "data/a", "data/a/deep", "x"]);
    }
}
