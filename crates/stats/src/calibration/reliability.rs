//! The reliability of predictions bin by bin, and the expected calibration error.

use std::ops::Range;

use super::predictions::Predictions;
use super::wilson::wilson;
use crate::error::{Subject, setting, too_few};
use crate::sum::sum;
use crate::{Interval, StatError};

/// How probabilities are put into bins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binning {
    /// [i/B, (i+1)/B), and the last bin [(B−1)/B, 1]; the edges are the quotients as floats.
    EqualWidth(usize),
    /// About as many rows in each; a cut moves up to where the probability changes, so that equal probabilities share a
    /// bin and the order of the rows does not matter. There can be fewer bins than asked for.
    EqualMass(usize),
}

/// What was predicted and what happened in one bin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReliabilityBin {
    /// The least and the greatest probability in it.
    pub predicted: Interval,
    pub n: u64,
    pub happened: u64,
    pub mean_probability: f64,
}

impl ReliabilityBin {
    /// Returns the share of rows whose event happened.
    pub fn rate(&self) -> f64 {
        self.happened as f64 / self.n as f64
    }

    /// Returns |mean probability − rate|.
    pub fn gap(&self) -> f64 {
        (self.mean_probability - self.rate()).abs()
    }

    /// Returns Wilson's interval of the rate; a mean probability outside of it is a bin that does not hold.
    pub fn interval(&self, confidence: f64) -> Result<Interval, StatError> {
        wilson(self.happened, self.n, confidence)
    }

    fn of(pairs: &[(f64, bool)]) -> Self {
        let n = pairs.len() as u64;
        let predicted = Interval { low: pairs[0].0, high: pairs[pairs.len() - 1].0 };
        let mean = sum(pairs.iter().map(|pair| pair.0)) / n as f64;
        let happened = pairs.iter().filter(|pair| pair.1).count() as u64;
        Self { predicted, n, happened, mean_probability: mean.clamp(predicted.low, predicted.high) }
    }
}

/// Predictions bin by bin, ascending; no bin is empty, and every row is in one.
#[derive(Clone, Debug, PartialEq)]
pub struct Reliability {
    pub bins: Vec<ReliabilityBin>,
    /// The share of the rows given that could be used.
    pub coverage: f64,
}

impl Reliability {
    /// Returns the expected calibration error Σ (n_b / n) |mean probability − rate|, within [0, 1].
    ///
    /// Biased upwards: perfectly calibrated predictions have about 0.06 with ten bins and 256 rows. Compare it with
    /// [`super::expected_calibration_error_null`]. M. Naeini, G. Cooper and M. Hauskrecht, AAAI 2015.
    pub fn expected_calibration_error(&self) -> f64 {
        let n: u64 = self.bins.iter().map(|bin| bin.n).sum();
        sum(self.bins.iter().map(|bin| bin.gap() * bin.n as f64)) / n as f64
    }

    /// Returns the gap of the worst bin, within [0, 1].
    pub fn maximum_calibration_error(&self) -> f64 {
        self.bins.iter().map(ReliabilityBin::gap).fold(0.0, f64::max)
    }
}

/// Puts predictions into bins of at least `min_samples` rows.
///
/// A bin with fewer is merged with the next one that has any, the last with the one before: no row is skipped. Fewer rows
/// than `min_samples` at all are inconclusive.
pub fn reliability(predictions: &Predictions, binning: Binning, min_samples: u64) -> Result<Reliability, StatError> {
    let ranges = ranges(predictions, binning, min_samples)?;
    let bins = ranges.into_iter().map(|range| ReliabilityBin::of(&predictions.pairs()[range])).collect();
    Ok(Reliability { bins, coverage: predictions.coverage() })
}

/// The bins as ranges of the pairs in order.
pub(super) fn ranges(
    predictions: &Predictions,
    binning: Binning,
    min_samples: u64,
) -> Result<Vec<Range<usize>>, StatError> {
    let pairs = predictions.pairs();
    let (Binning::EqualWidth(bins) | Binning::EqualMass(bins)) = binning;
    setting(bins >= 1, "bins", bins as f64, "at least one is needed")?;
    let least = usize::try_from(min_samples).unwrap_or(usize::MAX).max(1);
    too_few(Subject::Predictions, pairs.len(), least as u64)?;
    let ends: Vec<usize> = match binning {
        Binning::EqualWidth(_) => (1..bins).map(|edge| first_at(pairs, edge as f64 / bins as f64)).collect(),
        Binning::EqualMass(_) => (1..bins).map(|cut| snapped(pairs, cut, bins)).collect(),
    };
    Ok(merge_thin(ends.into_iter().chain([pairs.len()]), least))
}

fn first_at(pairs: &[(f64, bool)], edge: f64) -> usize {
    pairs.partition_point(|pair| pair.0 < edge)
}

fn snapped(pairs: &[(f64, bool)], cut: usize, bins: usize) -> usize {
    let position = (pairs.len() as u128 * cut as u128 / bins as u128) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below the number of pairs")]
    match (position as usize).checked_sub(1) {
        None => 0,
        Some(last) => pairs.partition_point(|pair| pair.0 <= pairs[last].0),
    }
}

fn merge_thin(ends: impl Iterator<Item = usize>, least: usize) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    let mut last = 0;
    for end in ends {
        last = end;
        if end - start >= least {
            ranges.push(start..end);
            start = end;
        }
    }
    if let Some(range) = ranges.last_mut() {
        range.end = last;
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    fn predictions(pairs: &[(f64, bool)]) -> Predictions {
        let (probabilities, outcomes): (Vec<f64>, Vec<bool>) = pairs.iter().copied().unzip();
        Predictions::new(&probabilities, &outcomes, 0).unwrap()
    }

    fn sizes(probabilities: &[f64], binning: Binning, min_samples: u64) -> Vec<u64> {
        let pairs: Vec<_> = probabilities.iter().map(|p| (*p, true)).collect();
        reliability(&predictions(&pairs), binning, min_samples).unwrap().bins.iter().map(|bin| bin.n).collect()
    }

    #[test]
    fn edges_are_quotients_closed_on_the_left_and_certainty_counts() {
        let check = |probabilities: &[f64], expect: &[u64]| {
            assert_eq!(sizes(probabilities, Binning::EqualWidth(10), 1), expect, "{probabilities:?}");
        };
        check(&[0.1, 0.1], &[2]);
        check(&[0.3, 0.399], &[2]);
        check(&[0.299_999_999_999_999_9, 0.3], &[1, 1]);
        check(&[0.6, 0.7, 0.700_000_000_000_000_1], &[1, 2]);
        check(&[0.0, 0.9, 1.0], &[1, 2]);
    }

    #[test]
    fn equal_probabilities_share_a_bin_of_equal_mass() {
        let check = |probabilities: &[f64], bins, expect: &[u64]| {
            assert_eq!(sizes(probabilities, Binning::EqualMass(bins), 1), expect, "{probabilities:?}");
        };
        check(&[0.9; 10], 5, &[10]);
        check(&[0.1, 0.2, 0.3, 0.4], 2, &[2, 2]);
        check(&[0.1, 0.2, 0.2, 0.2, 0.3, 0.4], 3, &[4, 2]);
        check(&[0.5], 10, &[1]);
    }

    #[test]
    fn thin_bins_are_merged_and_no_row_is_lost() {
        let spread: Vec<f64> = (0..25).map(|i| f64::from(i) / 25.0).collect();
        // Each of the ten bins has fewer than 20 rows: skipping them would leave nothing and an error of zero.
        assert_eq!(sizes(&spread, Binning::EqualWidth(10), 20), [25]);
        assert_eq!(sizes(&spread, Binning::EqualWidth(10), 5), [5, 5, 5, 5, 5]);
        assert_eq!(sizes(&[0.05, 0.05, 0.95], Binning::EqualWidth(10), 2), [3]);
        let error = reliability(&predictions(&[(0.5, true)]), Binning::EqualWidth(10), 20).unwrap_err();
        assert_eq!(error.to_string(), "the predictions: needs n ≥ 20, has 1");
    }

    #[test]
    fn a_bin_tells_its_own_error() {
        let pairs: Vec<_> = (0..80).map(|i| (0.6, i < 41)).collect();
        let all = reliability(&predictions(&pairs), Binning::EqualWidth(10), 1).unwrap();
        crate::near(all.maximum_calibration_error(), 0.6 - 41.0 / 80.0, 1e-12);
        let interval = all.bins[0].interval(0.95).unwrap();
        // 51 % of 80 where 60 % was promised is no proof yet.
        assert!(interval.low < 0.6 && interval.high > 0.6, "{interval:?}");
    }

    #[test]
    fn what_is_no_probability_is_an_error() {
        let check = |p: f64| assert!(Predictions::new(&[0.5, p], &[true, false], 0).is_err(), "{p}");
        check(f64::NAN);
        check(1.000_000_000_000_000_2);
        check(-1e-300);
        assert!(Predictions::new(&[], &[], 9).is_err() && Predictions::new(&[0.5], &[], 0).is_err());
        assert_eq!(Predictions::new(&[0.5], &[true], 3).unwrap().coverage(), 0.25);
    }
}
