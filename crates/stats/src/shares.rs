//! Counts as probabilities.

use crate::error::{Invalid, Subject, setting};
use crate::sum::sum;

/// What becomes of a bin that one side never had, whose logarithm would be infinite.
///
/// The choice is part of the metric: the same data gives a PSI of 4.157 with a floor of 1e-4, 6.463 with one of 1e-6, and
/// 1.283 with Laplace's ½.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Smoothing {
    /// Shares as they are; where a logarithm needs more, the distance is infinite.
    None,
    /// Adds this to every count: (c + a) / (n + a B). Jeffreys' prior is a = ½, the default of the field's statisticians.
    Laplace(f64),
    /// Raises shares below this to it without making the others smaller, as Evidently does with 1e-4.
    Floor(f64),
}

impl Smoothing {
    /// Adds ½ to every count.
    pub const HALF: Self = Self::Laplace(0.5);

    fn check(self) -> Result<(), Invalid> {
        match self {
            Self::None => Ok(()),
            Self::Laplace(add) => setting(add > 0.0 && add.is_finite(), "laplace", add, "it is a positive number"),
            Self::Floor(floor) => setting(floor > 0.0 && floor < 1.0, "floor", floor, "it is a share within (0, 1)"),
        }
    }
}

/// A discrete probability distribution over at least two bins.
///
/// The shares sum to one, except that a floor makes the sum a little more.
#[derive(Clone, Debug, PartialEq)]
pub struct Shares(Vec<f64>);

impl Shares {
    /// Takes shares that sum to one within 1e-9.
    pub fn new(subject: Subject, shares: Vec<f64>) -> Result<Self, Invalid> {
        if let Some((at, value)) = shares.iter().enumerate().find(|(_, share)| !(0.0..=1.0).contains(*share)) {
            return Err(Invalid::NotAProbability { of: subject, at, value: *value });
        }
        setting(shares.len() >= 2, "bins", shares.len() as f64, "at least two are needed to see a difference")?;
        let total = sum(shares.iter().copied());
        if (total - 1.0).abs() > 1e-9 {
            return Err(Invalid::NotADistribution { of: subject, sum: total });
        }
        Ok(Self(shares))
    }

    /// Turns counts into shares; bins that are not in use stay at zero and are not smoothed.
    pub(crate) fn of_counts(
        subject: Subject,
        counts: &[u64],
        in_use: &[bool],
        smoothing: Smoothing,
    ) -> Result<Self, Invalid> {
        smoothing.check()?;
        let n = counts.iter().sum::<u64>() as f64;
        let bins = in_use.iter().filter(|used| **used).count() as f64;
        let share = |count: u64| match smoothing {
            Smoothing::None => count as f64 / n,
            Smoothing::Laplace(add) => (count as f64 + add) / (n + add * bins),
            Smoothing::Floor(floor) => (count as f64 / n).max(floor),
        };
        let shares: Vec<f64> =
            counts.iter().zip(in_use).map(|(count, used)| if *used { share(*count) } else { 0.0 }).collect();
        match smoothing {
            Smoothing::Floor(_) => Ok(Self(shares)),
            Smoothing::None | Smoothing::Laplace(_) => Self::new(subject, shares),
        }
    }

    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// Pairs the shares of two distributions over the same bins.
    pub(crate) fn paired<'a>(&'a self, other: &'a Self) -> Result<Vec<(f64, f64)>, Invalid> {
        if self.0.len() != other.0.len() {
            return Err(Invalid::LengthsDiffer { left: self.0.len(), right: other.0.len() });
        }
        Ok(self.0.iter().copied().zip(other.0.iter().copied()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_distribution_is_refused() {
        let check = |shares: &[f64]| assert!(Shares::new(Subject::Current, shares.to_vec()).is_err(), "{shares:?}");
        check(&[]);
        check(&[1.0]);
        check(&[0.5, 0.4]);
        check(&[1.5, -0.5]);
        check(&[f64::NAN, 1.0]);
        assert!(Shares::new(Subject::Current, vec![0.25, 0.75]).is_ok());
    }

    #[test]
    fn each_smoothing_does_what_it_says() {
        let shares = |smoothing| {
            Shares::of_counts(Subject::Current, &[3, 0, 1, 0], &[true, true, true, false], smoothing).unwrap().0
        };
        assert_eq!(shares(Smoothing::None), [0.75, 0.0, 0.25, 0.0]);
        assert_eq!(shares(Smoothing::HALF), [3.5 / 5.5, 0.5 / 5.5, 1.5 / 5.5, 0.0]);
        assert_eq!(shares(Smoothing::Floor(1e-4)), [0.75, 1e-4, 0.25, 0.0]);
        let bad =
            |smoothing: Smoothing| Shares::of_counts(Subject::Current, &[1, 1], &[true, true], smoothing).is_err();
        assert!(bad(Smoothing::Laplace(0.0)) && bad(Smoothing::Floor(f64::NAN)) && bad(Smoothing::Laplace(-1.0)));
    }
}
