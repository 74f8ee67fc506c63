//! The Wasserstein-1 distance of two samples on a line.

use super::steps::Steps;
use crate::StatError;
use crate::error::{Inconclusive, Invalid, Subject, setting, too_few};
use crate::sample::{Divisor, Sample, standard_deviation};
use crate::sum::Sum;

/// Returns the Wasserstein-1 (earth mover's) distance ∫ |F − G|, in the unit of the values.
///
/// Needs two finite values on both sides; nulls are not part of it. Linear.
pub fn wasserstein(reference: &Sample, current: &Sample) -> Result<f64, StatError> {
    for sample in [reference, current] {
        sample.at_least(2)?;
        sample.finite()?;
    }
    let (n, m) = (reference.values().len() as f64, current.values().len() as f64);
    // Divided once at the end: the products are whole numbers, and so are the distances of whole-numbered data.
    let product_gap = |i: usize, j: usize| (i as f64 * m - j as f64 * n).abs();
    Ok(area(reference.values(), current.values(), product_gap) / (n * m))
}

/// Returns the Wasserstein-1 distance in standard deviations (ddof 0) of the reference.
///
/// The deviation counts as `floor` when it is smaller; Evidently has 0.001 there. A constant reference without a floor is
/// inconclusive.
pub fn wasserstein_normed(reference: &Sample, current: &Sample, floor: f64) -> Result<f64, StatError> {
    setting(floor >= 0.0 && floor.is_finite(), "floor", floor, "it is zero or a positive number")?;
    let distance = wasserstein(reference, current)?;
    let unit = standard_deviation(reference, Divisor::Population)?.max(floor);
    if unit == 0.0 { Err(Inconclusive::NoVariance { of: reference.subject() }.into()) } else { Ok(distance / unit) }
}

/// Values that do not count alike, ascending.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighted {
    values: Vec<f64>,
    /// The share of the total weight before each value, and at the end 1.
    shares: Vec<f64>,
}

impl Weighted {
    /// Takes finite values, each with a finite weight that is not negative; at least two weights are positive.
    pub fn new(subject: Subject, values: &[f64], weights: &[f64]) -> Result<Self, StatError> {
        let (left, right) = (values.len(), weights.len());
        if left != right {
            return Err(Invalid::LengthsDiffer { left, right }.into());
        }
        let count = values.iter().filter(|value| value.is_nan()).count() as u64;
        if count > 0 {
            return Err(Invalid::NotANumber { of: subject, count, n: left as u64 }.into());
        }
        if values.iter().any(|value| value.is_infinite()) {
            return Err(Invalid::Infinite { of: subject }.into());
        }
        if let Some((at, value)) =
            weights.iter().enumerate().find(|(_, weight)| !(weight.is_finite() && **weight >= 0.0))
        {
            return Err(Invalid::NotAWeight { of: subject, at, value: *value }.into());
        }
        let mut pairs: Vec<(f64, f64)> =
            values.iter().copied().zip(weights.iter().copied()).filter(|(_, weight)| *weight > 0.0).collect();
        too_few(subject, pairs.len(), 2)?;
        pairs.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
        let mut total = Sum::default();
        let running = pairs.iter().map(|(_, weight)| {
            total.add(*weight);
            total.total()
        });
        let running: Vec<f64> = std::iter::once(0.0).chain(running).collect();
        let all = running[pairs.len()];
        setting(all.is_finite(), "sum of weights", all, "it must be finite")?;
        let shares = running.iter().map(|before| before / all).collect();
        Ok(Self { values: pairs.into_iter().map(|(value, _)| value).collect(), shares })
    }
}

/// Returns the Wasserstein-1 distance ∫ |F − G| of weighted values, in their unit.
pub fn wasserstein_weighted(reference: &Weighted, current: &Weighted) -> f64 {
    area(&reference.values, &current.values, |i, j| (reference.shares[i] - current.shares[j]).abs())
}

/// Sums `gap(i, j)` times the way to the next value, where i and j are the numbers of values so far.
fn area(left: &[f64], right: &[f64], gap: impl Fn(usize, usize) -> f64) -> f64 {
    let mut total = Sum::default();
    let mut before: Option<(f64, usize, usize)> = None;
    for step in Steps::new(left, right) {
        if let Some((value, i, j)) = before {
            total.add(gap(i, j) * (step.0 - value));
        }
        before = Some(step);
    }
    total.total()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NanPolicy;

    fn sample(values: &[f64]) -> Sample {
        Sample::new(Subject::Current, values.to_vec(), 0, NanPolicy::IsError).unwrap()
    }

    #[test]
    fn equal_weights_are_no_weights() {
        let (x, y) = ([1.0, 2.0, 2.0, 7.0], [0.0, 3.0, 4.0]);
        let weighted = |values: &[f64]| Weighted::new(Subject::Current, values, &vec![2.5; values.len()]).unwrap();
        let expect = wasserstein(&sample(&x), &sample(&y)).unwrap();
        crate::near(wasserstein_weighted(&weighted(&x), &weighted(&y)), expect, 1e-14);
    }

    #[test]
    fn a_constant_reference_has_no_unit() {
        let distance = |floor| wasserstein_normed(&sample(&[1.0, 1.0]), &sample(&[1.0, 2.0]), floor);
        assert_eq!(distance(0.001), Ok(500.0));
        assert_eq!(distance(0.0), Err(Inconclusive::NoVariance { of: Subject::Current }.into()));
        assert!(distance(f64::NAN).is_err());
    }

    #[test]
    fn what_has_no_distance_is_refused() {
        let infinite = sample(&[1.0, f64::INFINITY]);
        assert_eq!(wasserstein(&infinite, &infinite), Err(Invalid::Infinite { of: Subject::Current }.into()));
        let check =
            |values: &[f64], weights: &[f64]| assert!(Weighted::new(Subject::Current, values, weights).is_err());
        check(&[1.0, 2.0], &[1.0]);
        check(&[1.0, 2.0], &[1.0, -1.0]);
        check(&[1.0, 2.0], &[1.0, f64::NAN]);
        check(&[1.0, 2.0], &[1.0, 0.0]);
        check(&[1.0, f64::NAN], &[1.0, 1.0]);
        check(&[1.0, 2.0], &[f64::MAX, f64::MAX]);
    }
}
