//! Two rows of counts over the same columns: what numeric bins and categorical levels have in common.

use crate::StatError;
use crate::error::{Inconclusive, Invalid, Subject};
use crate::shares::{Shares, Smoothing};

/// A 2 × B contingency table: how often each bin or level occurs in the reference and in the current data.
///
/// Both rows have something in them, and at least two columns do: with one column, no two rows could differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contingency {
    reference: Vec<u64>,
    current: Vec<u64>,
}

/// The two sums of a table's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowTotals {
    pub reference: u64,
    pub current: u64,
}

impl Contingency {
    /// Takes one count per column for each row.
    pub fn new(reference: Vec<u64>, current: Vec<u64>) -> Result<Self, StatError> {
        if reference.len() != current.len() {
            return Err(Invalid::LengthsDiffer { left: reference.len(), right: current.len() }.into());
        }
        let table = Self { reference, current };
        let totals = table.totals();
        for (of, has) in [(Subject::Reference, totals.reference), (Subject::Current, totals.current)] {
            if has == 0 {
                return Err(Inconclusive::TooFew { of, has, needs: 1 }.into());
            }
        }
        if table.occupied() < 2 {
            return Err(Inconclusive::NoVariance { of: Subject::Reference }.into());
        }
        Ok(table)
    }

    pub fn reference(&self) -> &[u64] {
        &self.reference
    }

    pub fn current(&self) -> &[u64] {
        &self.current
    }

    pub fn totals(&self) -> RowTotals {
        RowTotals { reference: self.reference.iter().sum(), current: self.current.iter().sum() }
    }

    /// Returns the number of columns in which at least one row has something.
    pub fn occupied(&self) -> usize {
        self.columns().filter(|[one, other]| one + other > 0).count()
    }

    /// Says whether both rows have `per_bin` values for each column that is in use, or how many they would need.
    ///
    /// The bounds of large samples hold once about five are expected per bin.
    pub fn enough(&self, per_bin: u64) -> Result<(), Inconclusive> {
        let needs = per_bin * self.occupied() as u64;
        let RowTotals { reference, current } = self.totals();
        for (of, has) in [(Subject::Reference, reference), (Subject::Current, current)] {
            if has < needs {
                return Err(Inconclusive::TooFew { of, has, needs });
            }
        }
        Ok(())
    }

    /// Returns the shares of both rows, the reference's first.
    pub fn shares(&self, smoothing: Smoothing) -> Result<[Shares; 2], Invalid> {
        let in_use: Vec<bool> = self.columns().map(|[one, other]| one + other > 0).collect();
        Ok([
            Shares::of_counts(Subject::Reference, &self.reference, &in_use, smoothing)?,
            Shares::of_counts(Subject::Current, &self.current, &in_use, smoothing)?,
        ])
    }

    pub(crate) fn columns(&self) -> impl Iterator<Item = [u64; 2]> + '_ {
        self.reference.iter().zip(&self.current).map(|(reference, current)| [*reference, *current])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_cannot_show_a_difference_is_none() {
        let check = |reference: &[u64], current: &[u64], expect: &str| {
            assert_eq!(Contingency::new(reference.to_vec(), current.to_vec()).unwrap_err().to_string(), expect);
        };
        check(&[], &[], "the reference: needs n ≥ 1, has 0");
        check(&[1, 2], &[0, 0], "the current data: needs n ≥ 1, has 0");
        let one_bin = "the reference: all values are equal or fall into one bin; needs two that differ";
        check(&[0, 7], &[0, 9], one_bin);
        check(&[1], &[1, 2], "1 and 2 values do not belong together; there must be as many of one as of the other");
    }

    #[test]
    fn enough_counts_the_columns_in_use() {
        let table = Contingency::new(vec![90, 10, 0], vec![8, 8, 0]).unwrap();
        assert_eq!(table.enough(8), Ok(()));
        assert_eq!(table.enough(9).unwrap_err().to_string(), "the current data: needs n ≥ 18, has 16");
    }
}
