//! The values of one numeric column, sorted once for all that is asked of them.

use crate::error::{Inconclusive, Invalid, Subject, too_few};
use crate::random::SplitMix64;
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
        // Whole numbers are compared faster than floats. Both steps keep the memory of the values.
        let mut ranks: Vec<i64> = values.into_iter().map(rank).collect();
        ranks.sort_unstable();
        let sorted = ranks.into_iter().map(of_rank).collect();
        Ok(Self { subject, sorted, nulls: nulls + count })
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

    /// Draws `size` of the values at random without replacement, all of them when there are no more; the nulls stay.
    ///
    /// Selection sampling (D. Knuth, The Art of Computer Programming 2, algorithm 3.4.2 S): the same seed draws the same
    /// values. [`distribution_error`] says how well they stand for the rest.
    #[must_use]
    pub fn thinned(&self, size: usize, seed: u64) -> Self {
        let mut random = SplitMix64::new(seed);
        let (mut left, mut needed) = (self.sorted.len(), size);
        let mut is_drawn = |_: &&f64| {
            let drawn = random.below(left) < needed;
            left -= 1;
            needed -= usize::from(drawn);
            drawn
        };
        let sorted = if size < self.sorted.len() {
            self.sorted.iter().filter(&mut is_drawn).copied().collect()
        } else {
            self.sorted.clone()
        };
        Self { subject: self.subject, sorted, nulls: self.nulls }
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

/// Returns a whole number that is ordered as `f64::total_cmp` orders; -0.0 becomes 0.0, so that equal values have equal bits.
fn rank(value: f64) -> i64 {
    turned((value + 0.0).to_bits().cast_signed())
}

fn of_rank(rank: i64) -> f64 {
    f64::from_bits(turned(rank).cast_unsigned())
}

/// Turns the bits of a negative number, but for the sign: the greater ones were those further from zero.
fn turned(bits: i64) -> i64 {
    bits ^ ((bits >> 63) & i64::MAX)
}

/// Returns how far the empirical distribution of `n` values drawn at random is from that of all, at most, with the given
/// confidence: √(ln(2 / (1 − confidence)) / 2n).
///
/// A. Dvoretzky, J. Kiefer and J. Wolfowitz, Ann. Math. Stat. 27, 1956, with the constant of P. Massart, Ann. Probab. 18, 1990.
pub fn distribution_error(n: u64, confidence: f64) -> f64 {
    (libm::log(2.0 / (1.0 - confidence)) / (2.0 * n as f64)).sqrt()
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

    #[test]
    fn a_drawn_part_stands_for_the_whole() {
        let values: Vec<f64> = (0..5000).map(f64::from).collect();
        let all = Sample::new(Subject::Reference, values, 7, NanPolicy::IsError).unwrap();
        let part = all.thinned(1000, 1);
        assert_eq!((part.values().len(), part.nulls()), (1000, 7));
        assert!(part.values().windows(2).all(|pair| pair[0] < pair[1]), "drawn without replacement, in order");
        let gap = crate::kolmogorov_smirnov(&all, &part).unwrap().statistic;
        assert!(gap < distribution_error(1000, 0.99), "{gap}");
        assert_eq!(all.thinned(1000, 1), part);
        assert_ne!(all.thinned(1000, 2), part);
        assert_eq!(all.thinned(5000, 1), all);
        crate::near(distribution_error(10_000, 0.95), 0.013_581, 1e-4);
    }

    #[test]
    fn values_are_in_the_order_of_total_cmp_and_zero_has_no_sign() {
        let odd =
            [f64::INFINITY, 1.5, -0.0, 5e-324, f64::MIN, -f64::MIN_POSITIVE, f64::MAX, f64::NEG_INFINITY, -1.5, 0.0];
        let mut expect = odd.map(|value| value + 0.0);
        expect.sort_unstable_by(f64::total_cmp);
        let sorted = sample(&odd, NanPolicy::IsError).unwrap();
        assert!(sorted.values().iter().map(|value| value.to_bits()).eq(expect.map(f64::to_bits)), "{sorted:?}");
    }
}
