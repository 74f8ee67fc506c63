//! The values of one numeric column, sorted once for all that is asked of them.

use crate::error::{Inconclusive, Invalid, Subject, too_few};
use crate::sum::sum;

/// What a NaN among the values means; nulls never reach the values, they are counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NanPolicy {
    /// It is a missing value and counts as a null.
    IsNull,
    /// It is a mistake, and there is no answer.
    IsError,
}

/// The values of one numeric column in ascending order, and the number of its nulls.
///
/// No value is NaN; infinite ones are kept, and zero has no sign. Making it takes n log n, all distances of it are linear.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    subject: Subject,
    sorted: Vec<f64>,
    nulls: u64,
}

impl Sample {
    /// Sorts `values`, the non-null ones of a column that has `nulls` more cells.
    ///
    /// `subject` is how errors call it.
    pub fn new(subject: Subject, mut values: Vec<f64>, nulls: u64, nan: NanPolicy) -> Result<Self, Invalid> {
        let n = values.len() as u64;
        values.retain(|value| !value.is_nan());
        let count = n - values.len() as u64;
        if count > 0 && nan == NanPolicy::IsError {
            return Err(Invalid::NotANumber { of: subject, count, n });
        }
        // Adding zero turns -0.0 into 0.0: equal values have equal bits from here on.
        for value in &mut values {
            *value += 0.0;
        }
        values.sort_unstable_by(f64::total_cmp);
        Ok(Self { subject, sorted: values, nulls: nulls + count })
    }

    pub fn subject(&self) -> Subject {
        self.subject
    }

    /// Returns the non-null values, ascending.
    pub fn values(&self) -> &[f64] {
        &self.sorted
    }

    pub fn nulls(&self) -> u64 {
        self.nulls
    }

    /// Returns the number of cells, nulls included.
    pub fn n(&self) -> u64 {
        self.sorted.len() as u64 + self.nulls
    }

    pub(crate) fn at_least(&self, needs: u64) -> Result<(), Inconclusive> {
        too_few(self.subject, self.sorted.len(), needs)
    }

    pub(crate) fn finite(&self) -> Result<(), Invalid> {
        let ends = [self.sorted.first(), self.sorted.last()];
        let infinite = ends.into_iter().flatten().any(|value| value.is_infinite());
        if infinite { Err(Invalid::Infinite { of: self.subject }) } else { Ok(()) }
    }
}

/// Returns the quantile at `rank` / `parts` of ascending values, or `None` when there are none.
///
/// Type 7 of R. Hyndman and Y. Fan (Am. Stat. 50, 1996), which is numpy's *linear*: the position (n − 1) · rank / parts is
/// found in whole numbers, then two neighbours are interpolated. Next to an infinite value the result is infinite or NaN.
pub fn quantile(sorted: &[f64], rank: usize, parts: usize) -> Option<f64> {
    let steps = sorted.len().checked_sub(1)? as u128 * rank as u128;
    let below = usize::try_from(steps / parts as u128).ok()?;
    let share = (steps % parts as u128) as f64 / parts as f64;
    let low = *sorted.get(below)?;
    let high = *sorted.get(below + 1).unwrap_or(&low);
    if share == 0.0 || low == high {
        return Some(low);
    }
    Some((low * (1.0 - share) + high * share).clamp(low, high))
}

/// What the sum of squares is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Divisor {
    /// n: the values are all there is (numpy's `ddof=0`).
    Population,
    /// n − 1: the values stand for more (numpy's `ddof=1`).
    Sample,
}

/// Returns the standard deviation, in the unit of the values.
///
/// Needs two finite values. Equal values give exactly zero: whoever divides by it has to look.
pub fn standard_deviation(sample: &Sample, divisor: Divisor) -> Result<f64, crate::StatError> {
    sample.at_least(2)?;
    sample.finite()?;
    let n = sample.sorted.len() as f64;
    let squares = central_moment(&sample.sorted, |distance| distance * distance) * n;
    let divided = match divisor {
        Divisor::Population => squares / n,
        Divisor::Sample => squares / (n - 1.0),
    };
    Ok(divided.sqrt())
}

/// Returns the mean of `power` of the distances to the mean.
pub(crate) fn central_moment(sorted: &[f64], power: impl Fn(f64) -> f64) -> f64 {
    let n = sorted.len() as f64;
    let (first, last) = (sorted[0], sorted[sorted.len() - 1]);
    // Rounding must not put the mean outside: equal values have no spread at all.
    let mean = (sum(sorted.iter().copied()) / n).clamp(first, last);
    sum(sorted.iter().map(|value| power(value - mean))) / n
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: &[f64], nan: NanPolicy) -> Result<Sample, Invalid> {
        Sample::new(Subject::Current, values.to_vec(), 1, nan)
    }

    #[test]
    fn nan_is_a_null_or_an_error_and_zero_has_no_sign() {
        let values = [0.0, f64::NAN, -1.0, f64::INFINITY, -0.0, -f64::NAN];
        let as_null = sample(&values, NanPolicy::IsNull).unwrap();
        assert_eq!((as_null.values(), as_null.nulls(), as_null.n()), (&[-1.0, 0.0, 0.0, f64::INFINITY][..], 3, 7));
        assert!(as_null.values().iter().all(|value| *value != 0.0 || value.is_sign_positive()));
        let error = sample(&values, NanPolicy::IsError).unwrap_err();
        assert_eq!(error.to_string(), "the current data: 2 of 6 values are NaN; count them as null or remove them");
    }

    #[test]
    fn quantiles_are_those_of_type_7() {
        let values = [1.0, 2.0, 4.0, 8.0];
        let check = |rank, parts, expect| assert_eq!(quantile(&values, rank, parts), Some(expect), "{rank}/{parts}");
        check(0, 4, 1.0);
        check(1, 4, 1.75);
        check(2, 4, 3.0);
        check(1, 3, 2.0);
        check(4, 4, 8.0);
        assert_eq!(quantile(&[], 1, 2), None);
        assert_eq!(quantile(&[3.0], 1, 2), Some(3.0));
    }

    #[test]
    fn a_spread_needs_two_finite_values() {
        let spread = |values: &[f64]| standard_deviation(&sample(values, NanPolicy::IsNull).unwrap(), Divisor::Sample);
        assert_eq!(spread(&[1.0]).unwrap_err().to_string(), "the current data: needs n ≥ 2, has 1");
        assert!(spread(&[1.0, f64::INFINITY]).is_err());
        assert_eq!(spread(&[0.1; 7]), Ok(0.0));
        assert_eq!(spread(&[1.0, 3.0]), Ok(2.0_f64.sqrt()));
    }
}
