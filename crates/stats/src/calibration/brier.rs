//! The Brier score and what it is made of.

use super::predictions::Predictions;
use super::reliability::{Binning, ReliabilityBin, ranges, reliability};
use crate::StatError;
use crate::error::{Inconclusive, Subject};
use crate::sum::sum;

/// The mean squared error of probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Brier {
    /// mean (p − y)², within [0, 1]; lower is better. G. Brier, Monthly Weather Review 78, 1950.
    pub score: f64,
    /// The score of always predicting the base rate: ȳ (1 − ȳ).
    pub uncertainty: f64,
}

impl Brier {
    /// Returns 1 − score / uncertainty: 1 is perfect, 0 no better than the base rate (scikit-learn's `d2_brier_score`).
    ///
    /// Without two different outcomes there is nothing to be better than.
    pub fn skill(&self) -> Result<f64, Inconclusive> {
        if self.uncertainty == 0.0 {
            return Err(Inconclusive::NoVariance { of: Subject::Outcomes });
        }
        Ok(1.0 - self.score / self.uncertainty)
    }
}

/// Murphy's decomposition: score = reliability − resolution + uncertainty + within bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Murphy {
    /// Σ (n_b / n) (mean probability − rate)²; 0 is calibrated.
    pub reliability: f64,
    /// Σ (n_b / n) (rate − ȳ)²; the more the predictions tell apart, the greater.
    pub resolution: f64,
    /// ȳ (1 − ȳ), a property of the outcomes alone.
    pub uncertainty: f64,
    /// The part that bins hide: variance minus twice the covariance with the outcomes inside of bins. Zero when each bin
    /// has one probability. D. Stephenson, C. Coelho and I. Jolliffe, Weather and Forecasting 23, 2008.
    pub within_bins: f64,
}

/// Computes the Brier score.
pub fn brier(predictions: &Predictions) -> Brier {
    let base = predictions.base_rate();
    Brier { score: mean(predictions.pairs(), |p, y| (p - y) * (p - y)), uncertainty: base * (1.0 - base) }
}

/// Decomposes the Brier score by bins (A. Murphy, J. Applied Meteorology 12, 1973).
pub fn murphy(predictions: &Predictions, binning: Binning, min_samples: u64) -> Result<Murphy, StatError> {
    let n = predictions.n() as f64;
    let base = predictions.base_rate();
    let bins = reliability(predictions, binning, min_samples)?.bins;
    let weighted = |term: &dyn Fn(&ReliabilityBin) -> f64| sum(bins.iter().map(|bin| term(bin) * bin.n as f64)) / n;
    let within = ranges(predictions, binning, min_samples)?.into_iter().zip(&bins).map(|(range, bin)| {
        let term = |p: f64, y: f64| {
            let above = p - bin.mean_probability;
            above * above - 2.0 * above * (y - bin.rate())
        };
        mean(&predictions.pairs()[range], term) * bin.n as f64
    });
    Ok(Murphy {
        reliability: weighted(&|bin| bin.gap() * bin.gap()),
        resolution: weighted(&|bin| (bin.rate() - base) * (bin.rate() - base)),
        uncertainty: base * (1.0 - base),
        within_bins: sum(within) / n,
    })
}

fn mean(pairs: &[(f64, bool)], term: impl Fn(f64, f64) -> f64) -> f64 {
    sum(pairs.iter().map(|(p, happened)| term(*p, f64::from(*happened)))) / pairs.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near;

    fn predictions() -> Predictions {
        Predictions::new(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true], 0).unwrap()
    }

    #[test]
    fn the_score_and_its_skill_are_those_of_scikit_learn() {
        let brier = brier(&predictions());
        near(brier.score, 0.158_125, 1e-14);
        near(brier.skill().unwrap(), 0.3675, 1e-14);
    }

    #[test]
    fn the_parts_sum_to_the_score() {
        for binning in [Binning::EqualWidth(2), Binning::EqualWidth(10), Binning::EqualMass(3)] {
            let parts = murphy(&predictions(), binning, 1).unwrap();
            let total = parts.reliability - parts.resolution + parts.uncertainty + parts.within_bins;
            near(total, 0.158_125, 1e-12);
        }
    }

    #[test]
    fn outcomes_that_are_all_alike_have_no_skill() {
        let brier = brier(&Predictions::new(&[0.9, 0.8], &[true, true], 0).unwrap());
        assert_eq!(brier.skill(), Err(Inconclusive::NoVariance { of: Subject::Outcomes }));
    }
}
