//! What the calibration error of these very predictions would be if they were right.

use super::predictions::Predictions;
use super::reliability::{Binning, ranges};
use crate::StatError;
use crate::error::setting;
use crate::random::{Chance, Draws, SplitMix64};
use crate::sample::quantile;
use crate::sum::sum;

/// Expected calibration errors of perfectly calibrated outcomes, ascending.
#[derive(Clone, Debug, PartialEq)]
pub struct NullDistribution(Vec<f64>);

impl NullDistribution {
    /// Returns the error that calibrated predictions stay under in `percent` of 100 draws; 95 is customary.
    pub fn percentile(&self, percent: u8) -> f64 {
        quantile(&self.0, usize::from(percent.min(100)), 100).expect("there is a draw: checked when they are made")
    }

    /// Returns (1 + draws that are at least `observed`) / (1 + draws), never zero.
    pub fn p_value(&self, observed: f64) -> f64 {
        let below = self.0.partition_point(|error| *error < observed);
        (1 + self.0.len() - below) as f64 / (1 + self.0.len()) as f64
    }
}

/// Draws every outcome anew with its predicted probability, `draws` times, and computes the expected calibration error.
///
/// 1,000 draws are customary. The same seed gives the same draws everywhere; time goes with draws times rows, about two
/// nanoseconds each. Bins are those of [`super::reliability`]. Predictions of 0 and 1 alone have no null but zero.
pub fn expected_calibration_error_null(
    predictions: &Predictions,
    binning: Binning,
    min_samples: u64,
    draws: Draws,
) -> Result<NullDistribution, StatError> {
    setting(draws.count >= 1, "draws", draws.count as f64, "at least one is needed")?;
    let bins: Vec<Bin> = ranges(predictions, binning, min_samples)?
        .into_iter()
        .map(|range| Bin::of(&predictions.pairs()[range]))
        .collect();
    let n = predictions.n() as f64;
    let mut random = SplitMix64::new(draws.seed);
    let mut error = || sum(bins.iter().map(|bin| bin.drawn_gap(&mut random))) / n;
    let mut errors: Vec<f64> = (0..draws.count).map(|_| error()).collect();
    errors.sort_unstable_by(f64::total_cmp);
    Ok(NullDistribution(errors))
}

struct Bin {
    expected: f64,
    chances: Vec<Chance>,
}

impl Bin {
    fn of(pairs: &[(f64, bool)]) -> Self {
        let chances = pairs.iter().map(|(p, _)| Chance::new(*p)).collect();
        Self { expected: sum(pairs.iter().map(|(p, _)| *p)), chances }
    }

    /// The number of rows times |mean probability − rate| of outcomes drawn anew.
    fn drawn_gap(&self, random: &mut SplitMix64) -> f64 {
        let happened = self.chances.iter().filter(|chance| chance.draw(random)).count();
        (self.expected - happened as f64).abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: Draws = Draws { count: 1000, seed: 20_260_726 };

    fn spread(n: u32) -> Predictions {
        let probabilities: Vec<f64> = (0..n).map(|i| (f64::from(i) + 0.5) / f64::from(n)).collect();
        let outcomes: Vec<bool> = (0..n).map(|i| i % 3 == 0).collect();
        Predictions::new(&probabilities, &outcomes, 0).unwrap()
    }

    fn null(n: u32, draws: Draws) -> NullDistribution {
        expected_calibration_error_null(&spread(n), Binning::EqualWidth(10), 1, draws).unwrap()
    }

    #[test]
    fn the_same_seed_gives_the_same_draws() {
        assert_eq!(null(50, DRAWS), null(50, DRAWS));
        assert_ne!(null(50, DRAWS), null(50, Draws { seed: 1, ..DRAWS }));
    }

    #[test]
    fn the_noise_falls_with_the_root_of_the_rows() {
        // Ten bins of n/10 rows each: the mean of |error| in a bin is √(2/π) √(p (1 − p) / (n/10)), so 0.0318 at 1,000 rows.
        let middle = null(1000, DRAWS).percentile(50);
        assert!((middle - 0.0318).abs() < 0.002, "{middle}");
        let ratio = null(100, DRAWS).percentile(50) / middle;
        assert!((ratio - 10.0_f64.sqrt()).abs() < 0.4, "{ratio}");
    }

    #[test]
    fn the_p_value_counts_what_is_as_bad() {
        let null = NullDistribution(vec![0.1, 0.2, 0.2, 0.4]);
        assert_eq!([0.05, 0.2, 0.3, 0.5].map(|observed| null.p_value(observed)), [1.0, 0.8, 0.4, 0.2]);
        let no_draws = Draws { count: 0, seed: 0 };
        assert!(expected_calibration_error_null(&spread(9), Binning::EqualWidth(10), 1, no_draws).is_err());
    }
}
