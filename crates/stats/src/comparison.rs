//! A metric of a candidate against that of a baseline.

use crate::StatError;
use crate::error::{Inconclusive, Invalid, setting};

/// Changes are compared with limits to this precision: (0.2 − 0.19) / 0.2 is 0.050000000000000044 in floats, and exactly
/// 5 % must not count as more than 5 %.
pub const TOLERANCE: f64 = 1e-9;

/// Which way a metric is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    LowerIsBetter,
    HigherIsBetter,
}

/// Returns the relative improvement of `candidate` over `baseline`: positive is better, 0.05 is 5 %.
///
/// It is relative to the size of the baseline, whatever its sign; to a baseline of zero nothing is relative.
pub fn relative_improvement(baseline: f64, candidate: f64, direction: Direction) -> Result<f64, StatError> {
    for value in [baseline, candidate] {
        if !value.is_finite() {
            return Err(Invalid::Metric { value }.into());
        }
    }
    if baseline == 0.0 {
        return Err(Inconclusive::ZeroBaseline.into());
    }
    let gain = match direction {
        Direction::LowerIsBetter => baseline - candidate,
        Direction::HigherIsBetter => candidate - baseline,
    };
    let relative = gain / baseline.abs();
    if relative.is_finite() { Ok(relative) } else { Err(Invalid::Metric { value: relative }.into()) }
}

/// How much a metric may change, as shares of the baseline; at least one limit is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    max_drop: Option<f64>,
    max_gain: Option<f64>,
}

/// What a change of a metric means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Comparison {
    Within {
        improvement: f64,
    },
    /// Worse than allowed.
    Fail {
        improvement: f64,
        max_drop: f64,
    },
    /// Better than is plausible: someone has to look before it counts.
    Review {
        improvement: f64,
        max_gain: f64,
    },
}

impl Limits {
    /// Takes limits that are not negative.
    pub fn new(max_drop: Option<f64>, max_gain: Option<f64>) -> Result<Self, Invalid> {
        for (name, limit) in [("max_drop", max_drop), ("max_gain", max_gain)] {
            let value = limit.unwrap_or(0.0);
            setting(value >= 0.0 && value.is_finite(), name, value, "it is a share, zero or more")?;
        }
        if max_drop.is_none() && max_gain.is_none() { Err(Invalid::NoLimit) } else { Ok(Self { max_drop, max_gain }) }
    }

    /// Compares a candidate with a baseline.
    pub fn compare(&self, baseline: f64, candidate: f64, direction: Direction) -> Result<Comparison, StatError> {
        let improvement = relative_improvement(baseline, candidate, direction)?;
        let exceeded = |change: f64, limit: Option<f64>| limit.filter(|limit| change > limit + TOLERANCE);
        Ok(match (exceeded(-improvement, self.max_drop), exceeded(improvement, self.max_gain)) {
            (Some(max_drop), _) => Comparison::Fail { improvement, max_drop },
            (None, Some(max_gain)) => Comparison::Review { improvement, max_gain },
            (None, None) => Comparison::Within { improvement },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_is_met_exactly_is_kept() {
        let limits = Limits::new(Some(0.05), Some(0.05)).unwrap();
        let compare = |candidate| limits.compare(0.2, candidate, Direction::LowerIsBetter).unwrap();
        assert!(matches!(compare(0.19), Comparison::Within { .. }));
        assert!(matches!(compare(0.21), Comparison::Within { .. }));
        assert!(matches!(compare(0.1899), Comparison::Review { max_gain: 0.05, .. }));
        assert!(matches!(compare(0.2101), Comparison::Fail { max_drop: 0.05, .. }));
    }

    #[test]
    fn a_negative_baseline_keeps_the_direction() {
        let check = |baseline, candidate, direction, expect| {
            assert_eq!(relative_improvement(baseline, candidate, direction), Ok(expect));
        };
        check(-2.0, -1.0, Direction::HigherIsBetter, 0.5);
        check(-2.0, -1.0, Direction::LowerIsBetter, -0.5);
        check(4.0, 3.0, Direction::LowerIsBetter, 0.25);
    }

    #[test]
    fn what_cannot_be_compared_never_passes() {
        let limits = Limits::new(Some(0.02), None).unwrap();
        let compare = |baseline, candidate| limits.compare(baseline, candidate, Direction::HigherIsBetter);
        assert_eq!(compare(0.0, 1.0), Err(Inconclusive::ZeroBaseline.into()));
        assert!(compare(0.5, f64::NAN).is_err() && compare(f64::INFINITY, 0.5).is_err());
        assert!(compare(f64::MIN_POSITIVE, f64::MAX).is_err());
        assert_eq!(Limits::new(None, None), Err(Invalid::NoLimit));
        assert!(Limits::new(Some(-0.1), None).is_err() && Limits::new(None, Some(f64::NAN)).is_err());
    }
}
