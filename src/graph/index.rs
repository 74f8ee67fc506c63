//! Which declared paths overlap a path.

use std::collections::BTreeMap;

use crate::words::RelPath;

/// Values by path, found again by every path that equals, holds or lies inside of theirs.
#[derive(Clone, Debug)]
pub struct PathIndex<T> {
    by_path: BTreeMap<RelPath, Vec<T>>,
}

impl<T: Copy> PathIndex<T> {
    /// Indexes the pairs; a path may come several times.
    pub fn new(pairs: impl IntoIterator<Item = (RelPath, T)>) -> Self {
        let mut by_path: BTreeMap<RelPath, Vec<T>> = BTreeMap::new();
        for (path, value) in pairs {
            by_path.entry(path).or_default().push(value);
        }
        Self { by_path }
    }

    /// Returns the values at exactly this path.
    pub fn at(&self, path: &RelPath) -> &[T] {
        self.by_path.get(path).map_or(&[], Vec::as_slice)
    }

    /// Returns path and value of everything that overlaps `path`, folders above it first.
    pub fn overlapping<'a>(&'a self, path: &'a RelPath) -> impl Iterator<Item = (&'a RelPath, T)> + 'a {
        let above = from_the_root(path).filter_map(|at| self.by_path.get_key_value(at));
        above.chain(self.inside(path)).flat_map(|(at, values)| values.iter().map(move |value| (at, *value)))
    }

    fn inside<'a>(&'a self, path: &'a RelPath) -> impl Iterator<Item = (&'a RelPath, &'a Vec<T>)> + 'a {
        let prefix = if path.is_root() { String::new() } else { format!("{path}/") };
        let from = (std::ops::Bound::Included(prefix.as_str()), std::ops::Bound::Unbounded);
        let start = self.by_path.range::<str, _>(from);
        start.take_while(move |(at, _)| at.as_str().starts_with(&prefix)).filter(move |(at, _)| *at != path)
    }
}

/// Returns the text of the root, of each folder on the way to `path`, and of the path itself.
fn from_the_root(path: &RelPath) -> impl Iterator<Item = &str> {
    let text = path.as_str();
    let ends = text.match_indices('/').map(|(at, _)| at).chain((!path.is_root()).then_some(text.len()));
    std::iter::once("").chain(ends.map(|end| &text[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_is_found_above_at_and_below() {
        let path = |text: &str| RelPath::parse(text).expect("a path");
        let index = PathIndex::new(["data", "data/a", "data-b/c", "data/a/deep", "x"].map(|p| (path(p), p.len())));
        let check = |at: &str, expect: &[&str]| {
            let at = path(at);
            let found: Vec<String> = index.overlapping(&at).map(|(path, _)| path.to_string()).collect();
            assert_eq!(found, expect, "{at}");
        };
        check("data/a", &["data", "data/a", "data/a/deep"]);
        check("data", &["data", "data/a", "data/a/deep"]);
        check("data/b", &["data"]);
        check("data-b", &["data-b/c"]);
        check(".", &["data", "data-b/c", "data/a", "data/a/deep", "x"]);
    }
}
