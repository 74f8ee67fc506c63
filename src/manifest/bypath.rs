//! Values by path, to be found from the paths above and below.

use std::collections::BTreeMap;

use crate::words::Spot;

/// A tree of folders; each name is looked up once on the way to a path.
#[derive(Debug)]
pub(super) struct ByPath<'p, T> {
    here: Option<T>,
    inside: BTreeMap<&'p str, ByPath<'p, T>>,
}

impl<T> Default for ByPath<'_, T> {
    fn default() -> Self {
        Self { here: None, inside: BTreeMap::new() }
    }
}

impl<'p, T: Copy> ByPath<'p, T> {
    /// Adds a value, unless the path has one, which is returned.
    pub(super) fn insert(&mut self, path: impl Into<Spot<'p>>, value: T) -> Option<T> {
        let mut place = self;
        for name in path.into().steps() {
            place = place.inside.entry(name).or_default();
        }
        let known = place.here;
        place.here = known.or(Some(value));
        known
    }

    /// Returns the value of the nearest folder above `path`.
    pub(super) fn above<'a>(&self, path: impl Into<Spot<'a>>) -> Option<T> {
        let (mut place, mut nearest) = (self, None);
        for name in path.into().steps() {
            nearest = place.here.or(nearest);
            let Some(next) = place.inside.get(name) else { break };
            place = next;
        }
        nearest
    }

    /// Returns the values of all paths that are `path`, above it or below it, from the top down.
    pub(super) fn overlapping<'a>(&self, path: impl Into<Spot<'a>>) -> Vec<T> {
        let (mut place, mut found) = (self, Vec::new());
        for name in path.into().steps() {
            found.extend(place.here);
            let Some(next) = place.inside.get(name) else { return found };
            place = next;
        }
        place.add_all(&mut found);
        found
    }

    /// Returns the first of [`ByPath::overlapping`], without looking at the others.
    pub(super) fn first_overlapping<'a>(&self, path: impl Into<Spot<'a>>) -> Option<T> {
        let mut place = self;
        for name in path.into().steps() {
            if place.here.is_some() {
                return place.here;
            }
            place = place.inside.get(name)?;
        }
        // Every place was made on the way to a value, so there is one below it.
        while place.here.is_none() {
            place = place.inside.values().next()?;
        }
        place.here
    }

    fn add_all(&self, found: &mut Vec<T>) {
        found.extend(self.here);
        self.inside.values().for_each(|place| place.add_all(found));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_above_and_below_a_path() {
        let path = |text: &str| crate::words::Place::parse(text).expect("a path");
        let paths = ["data", "data/a", "data/a/b", "data-old", "data0", "x/y"].map(path);
        let mut index = ByPath::default();
        for (value, path) in paths.iter().enumerate() {
            assert_eq!(index.insert(path, value), None);
        }
        assert_eq!(index.insert(&paths[1], 9), Some(1));
        let check = |text: &str, expect: &[usize], above: Option<usize>| {
            assert_eq!(index.overlapping(&path(text)), expect, "{text}");
            assert_eq!(index.first_overlapping(&path(text)), expect.first().copied(), "{text}");
            assert_eq!(index.above(&path(text)), above, "{text}");
        };
        check("data", &[0, 1, 2], None);
        check("data/a", &[0, 1, 2], Some(0));
        check("data/a/b/c", &[0, 1, 2], Some(2));
        check("data/b", &[0], Some(0));
        check("data-old", &[3], None);
        check("x", &[5], None);
        check("y", &[], None);
        check(".", &[0, 1, 2, 3, 4, 5], None);
    }
}
