//! How exactly the difference of two metrics is known.

use crate::error::{Inconclusive, Invalid, Subject, setting, too_few};
use crate::random::{Draws, SplitMix64};
use crate::sample::quantile;
use crate::sum::sum;
use crate::{Interval, StatError};

/// An estimate and its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub value: f64,
    pub interval: Interval,
}

/// Estimates the mean of `candidate` − `baseline`, two scores of the same rows, with a percentile bootstrap interval.
///
/// A row's score is for example its squared error. The rows are drawn in pairs, with replacement, as often as `draws` says
/// (2,000 do for two digits); `percent` is the confidence, such as 95. Differences that are all the same have no interval.
/// B. Efron, Annals of Statistics 7, 1979.
pub fn paired_bootstrap_mean(
    baseline: &[f64],
    candidate: &[f64],
    percent: u8,
    draws: Draws,
) -> Result<Estimate, StatError> {
    let (left, right) = (baseline.len(), candidate.len());
    if left != right {
        return Err(Invalid::LengthsDiffer { left, right }.into());
    }
    let differences: Vec<f64> = baseline.iter().zip(candidate).map(|(before, after)| after - before).collect();
    if let Some(value) = differences.iter().find(|difference| !difference.is_finite()) {
        return Err(Invalid::Metric { value: *value }.into());
    }
    too_few(Subject::PairedRows, left, 2)?;
    if differences.iter().all(|difference| *difference == differences[0]) {
        return Err(Inconclusive::NoVariance { of: Subject::PairedRows }.into());
    }
    paired_bootstrap(left, percent, draws, |rows| sum(rows.iter().map(|row| differences[*row])) / left as f64)
}

/// Estimates a difference of metrics that is not a mean over rows, such as one of areas under a curve.
///
/// `difference` is given the rows to use, each below `n` and possibly several times; first all of them in order, for the
/// estimate itself. A result that is not finite is an error.
pub fn paired_bootstrap(
    n: usize,
    percent: u8,
    draws: Draws,
    mut difference: impl FnMut(&[usize]) -> f64,
) -> Result<Estimate, StatError> {
    too_few(Subject::PairedRows, n, 2)?;
    setting((1..=99).contains(&percent), "confidence", f64::from(percent), "it is within 1 to 99 percent")?;
    setting(draws.count >= 100, "draws", draws.count as f64, "at least 100 are needed for an interval")?;
    let mut rows: Vec<usize> = (0..n).collect();
    let mut checked = |rows: &[usize]| {
        let value = difference(rows);
        if value.is_finite() { Ok(value) } else { Err(Invalid::Metric { value }) }
    };
    let value = checked(&rows)?;
    let mut random = SplitMix64::new(draws.seed);
    let mut drawn = Vec::with_capacity(draws.count);
    for _ in 0..draws.count {
        rows.fill_with(|| random.below(n));
        drawn.push(checked(&rows)?);
    }
    drawn.sort_unstable_by(f64::total_cmp);
    let tail = usize::from(100 - percent);
    let end = |rank| quantile(&drawn, rank, 200).expect("there are draws");
    Ok(Estimate { value, interval: Interval { low: end(tail), high: end(200 - tail) } })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: Draws = Draws { count: 2000, seed: 1 };

    #[test]
    fn the_interval_is_about_two_standard_errors() {
        let baseline: Vec<f64> = (0..400).map(|i| f64::from(i % 7)).collect();
        let candidate: Vec<f64> = (0..400).map(|i| f64::from(i % 7) + f64::from(i % 2)).collect();
        let estimate = paired_bootstrap_mean(&baseline, &candidate, 95, DRAWS).unwrap();
        assert_eq!(estimate.value, 0.5);
        // The differences are 0 and 1: one standard error is 0.5 / √400.
        assert!((estimate.interval.low - 0.451).abs() < 0.004, "{estimate:?}");
        assert!((estimate.interval.high - 0.549).abs() < 0.004, "{estimate:?}");
        assert_eq!(paired_bootstrap_mean(&baseline, &candidate, 95, DRAWS), Ok(estimate));
    }

    #[test]
    fn what_has_no_interval_says_why() {
        let check = |before: &[f64], after: &[f64], expect: StatError| {
            assert_eq!(paired_bootstrap_mean(before, after, 95, DRAWS), Err(expect));
        };
        let of = Subject::PairedRows;
        check(&[], &[], Inconclusive::TooFew { of, has: 0, needs: 2 }.into());
        check(&[1.0], &[2.0], Inconclusive::TooFew { of, has: 1, needs: 2 }.into());
        check(&[1.0, 2.0], &[1.5, 2.5], Inconclusive::NoVariance { of }.into());
        check(&[1.0, f64::INFINITY], &[1.0, 1.0], Invalid::Metric { value: f64::NEG_INFINITY }.into());
        check(&[1.0], &[], Invalid::LengthsDiffer { left: 1, right: 0 }.into());
        assert!(paired_bootstrap(9, 95, DRAWS, |_| f64::NAN).is_err());
        assert!(paired_bootstrap(9, 100, DRAWS, |_| 1.0).is_err());
    }
}
