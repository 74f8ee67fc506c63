//! A categorical column as counts per level.

use std::collections::{BTreeMap, BTreeSet};

use crate::StatError;
use crate::contingency::Contingency;
use crate::error::{Invalid, setting};

/// How often each level of a categorical column occurs, and how often none does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    pub counts: BTreeMap<String, u64>,
    pub nulls: u64,
}

/// What is done with levels that hardly occur.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rare {
    /// They are levels like all others.
    Keep,
    /// Those whose share is below this on *both* sides are one level; one that has become frequent is never hidden.
    Pool { below: f64 },
}

/// One column of the table that two categorical columns make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level<'a> {
    Named(&'a str),
    /// The rare levels together.
    Other,
    Null,
}

impl Levels {
    /// Returns the number of cells, nulls included.
    pub fn n(&self) -> u64 {
        self.counts.values().sum::<u64>() + self.nulls
    }

    fn count(&self, level: &str) -> u64 {
        self.counts.get(level).copied().unwrap_or(0)
    }

    /// Puts this reference and `current` into one table over the union of their levels.
    ///
    /// The levels come in the order of their names; then the rare ones when they are pooled, then the nulls when there
    /// are any.
    pub fn against<'a>(&'a self, current: &'a Self, rare: Rare) -> Result<(Vec<Level<'a>>, Contingency), StatError> {
        let is_rare = self.rarity(current, rare)?;
        let union: BTreeSet<&str> = self.counts.keys().chain(current.counts.keys()).map(String::as_str).collect();
        let (pooled, named): (Vec<&str>, Vec<&str>) = union.into_iter().partition(|level| is_rare(level));
        let pair = |level: &str| [self.count(level), current.count(level)];
        let mut rows: Vec<(Level<'a>, [u64; 2])> =
            named.iter().map(|level| (Level::Named(level), pair(level))).collect();
        if !pooled.is_empty() {
            let add = |total: [u64; 2], [one, other]: [u64; 2]| [total[0] + one, total[1] + other];
            rows.push((Level::Other, pooled.iter().map(|level| pair(level)).fold([0; 2], add)));
        }
        if self.nulls + current.nulls > 0 {
            rows.push((Level::Null, [self.nulls, current.nulls]));
        }
        let (levels, counts): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let side = |index: usize| counts.iter().map(|pair| pair[index]).collect();
        Ok((levels, Contingency::new(side(0), side(1))?))
    }

    fn rarity<'a>(&'a self, current: &'a Self, rare: Rare) -> Result<impl Fn(&str) -> bool + 'a, Invalid> {
        let below = match rare {
            Rare::Keep => 0.0,
            Rare::Pool { below } => below,
        };
        setting((0.0..1.0).contains(&below), "other", below, "it is a share within [0, 1)")?;
        let is_below = move |one: &Self, level: &str| (one.count(level) as f64) < below * one.n() as f64;
        Ok(move |level: &str| is_below(self, level) && is_below(current, level))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(counts: &[(&str, u64)], nulls: u64) -> Levels {
        Levels { counts: counts.iter().map(|(level, count)| ((*level).to_owned(), *count)).collect(), nulls }
    }

    #[test]
    fn the_table_is_over_the_union_of_the_levels() {
        let (reference, current) = (levels(&[("b", 9), ("a", 1)], 0), levels(&[("b", 5), ("c", 4)], 1));
        let (names, table) = reference.against(&current, Rare::Keep).unwrap();
        assert_eq!(names, [Level::Named("a"), Level::Named("b"), Level::Named("c"), Level::Null]);
        assert_eq!((table.reference(), table.current()), (&[1, 9, 0, 0][..], &[0, 5, 4, 1][..]));
    }

    #[test]
    fn only_what_is_rare_on_both_sides_is_pooled() {
        let reference = levels(&[("big", 96), ("gone", 2), ("risen", 1), ("x", 1)], 0);
        let current = levels(&[("big", 40), ("risen", 59), ("new", 1)], 0);
        let (names, table) = reference.against(&current, Rare::Pool { below: 0.03 }).unwrap();
        assert_eq!(names, [Level::Named("big"), Level::Named("risen"), Level::Other]);
        assert_eq!((table.reference(), table.current()), (&[96, 1, 3][..], &[40, 59, 1][..]));
        assert!(reference.against(&current, Rare::Pool { below: f64::NAN }).is_err());
    }
}
