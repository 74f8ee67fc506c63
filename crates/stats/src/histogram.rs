//! A numeric column as counts per bin: what is kept of a reference.

use crate::StatError;
use crate::contingency::Contingency;
use crate::cuts::Cuts;
use crate::error::Invalid;
use crate::sample::Sample;

/// Counts per bin, and the nulls as a bin of their own.
///
/// This, not the data, is what a reference keeps: its cuts, its counts, its nulls. Written down and read again with
/// [`Histogram::from_counts`] it is the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    cuts: Cuts,
    counts: Vec<u64>,
    nulls: u64,
}

impl Histogram {
    /// Cuts a reference as drift should be measured: quantile bins, none of which is empty, then counts it.
    ///
    /// At most `bins` bins, ten by convention.
    pub fn of_reference(reference: &Sample, bins: usize) -> Result<Self, StatError> {
        let cuts = Cuts::quantiles(reference, bins)?.without_empty(reference)?;
        Ok(Self::of(reference, cuts))
    }

    /// Counts `sample` by `cuts`.
    pub fn of(sample: &Sample, cuts: Cuts) -> Self {
        Self { counts: cuts.count(sample.values()), cuts, nulls: sample.nulls() }
    }

    /// Takes counts as they were stored, one per bin of `cuts`.
    pub fn from_counts(cuts: Cuts, counts: Vec<u64>, nulls: u64) -> Result<Self, Invalid> {
        let (needs, has) = (cuts.bins(), counts.len());
        if needs == has {
            Ok(Self { cuts, counts, nulls })
        } else {
            Err(Invalid::Counts { cuts: cuts.at().len(), needs, has })
        }
    }

    pub fn cuts(&self) -> &Cuts {
        &self.cuts
    }

    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    pub fn nulls(&self) -> u64 {
        self.nulls
    }

    /// Returns the number of cells, nulls included.
    pub fn n(&self) -> u64 {
        self.counts.iter().sum::<u64>() + self.nulls
    }

    /// Counts `current` by the cuts of this reference and puts both into one table: the bins, then the nulls.
    pub fn against(&self, current: &Sample) -> Result<Contingency, StatError> {
        self.against_counts(&Self::of(current, self.cuts.clone()))
    }

    /// Puts this reference and counts of the same cuts into one table: the bins, then the nulls.
    pub fn against_counts(&self, current: &Self) -> Result<Contingency, StatError> {
        if self.cuts != current.cuts {
            return Err(Invalid::CutsDiffer.into());
        }
        let with_nulls = |one: &Self| one.counts.iter().copied().chain([one.nulls]).collect();
        Contingency::new(with_nulls(self), with_nulls(current))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Closed, Ends, NanPolicy, Subject};

    fn sample(values: &[f64], nulls: u64) -> Sample {
        Sample::new(Subject::Current, values.to_vec(), nulls, NanPolicy::IsError).unwrap()
    }

    #[test]
    fn nulls_are_the_last_bin_of_the_table() {
        let reference = Histogram::of_reference(&sample(&[1.0, 2.0, 3.0, 4.0], 1), 2).unwrap();
        assert_eq!((reference.cuts().at(), reference.counts(), reference.nulls()), (&[2.5][..], &[2, 2][..], 1));
        let table = reference.against(&sample(&[9.0, 9.0], 3)).unwrap();
        assert_eq!((table.reference(), table.current()), (&[2, 2, 1][..], &[0, 2, 3][..]));
    }

    #[test]
    fn a_stored_histogram_is_the_same_again() {
        let made = Histogram::of_reference(&sample(&[1.0, 2.0, 2.0, 4.0, 7.0], 0), 3).unwrap();
        let cuts = Cuts::new(made.cuts().at().to_vec(), made.cuts().closed(), made.cuts().ends()).unwrap();
        assert_eq!(Histogram::from_counts(cuts, made.counts().to_vec(), made.nulls()), Ok(made));
    }

    #[test]
    fn counts_of_other_cuts_do_not_compare() {
        let cuts = |at| Cuts::new(vec![at], Closed::Right, Ends::Open).unwrap();
        let [one, other] = [1.0, 2.0].map(|at| Histogram::from_counts(cuts(at), vec![1, 2], 0).unwrap());
        assert_eq!(one.against_counts(&other), Err(Invalid::CutsDiffer.into()));
        assert!(Histogram::from_counts(cuts(1.0), vec![1], 0).is_err());
    }
}
