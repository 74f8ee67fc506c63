//! The two-sample Kolmogorov-Smirnov test.

use super::steps::Steps;
use crate::StatError;
use crate::error::{Subject, setting, too_few};
use crate::sample::Sample;
use crate::special::kolmogorov_sf;

/// The longer sample may have this many values for the p-value to be exact, as in scipy.
pub const EXACT_UP_TO: u64 = 10_000;

/// Halving any probability this often leaves zero.
const MOST_HALVINGS: u64 = 1_100;

/// The largest distance of two empirical distribution functions.
#[derive(Clone, Debug, PartialEq)]
pub struct KolmogorovSmirnov {
    /// D = sup |F − G|, within [0, 1].
    pub statistic: f64,
    /// The smallest value at which the distance is D.
    pub location: f64,
    /// |i m − j n| at its largest, a whole number: D times the product of both sizes.
    gap: f64,
    shorter: u64,
    longer: u64,
    shorter_is: Subject,
}

/// Finds the largest distance between the empirical distribution functions of two samples.
///
/// Both are right-continuous and ties are pooled, so equal values on both sides count at once. Nulls are not part of it.
/// Infinite values are values. Linear.
pub fn kolmogorov_smirnov(reference: &Sample, current: &Sample) -> Result<KolmogorovSmirnov, StatError> {
    reference.at_least(2)?;
    current.at_least(2)?;
    let (left, right) = (reference.values(), current.values());
    let (n, m) = (left.len() as f64, right.len() as f64);
    let (mut gap, mut location) = (0.0, left[0].min(right[0]));
    for (value, i, j) in Steps::new(left, right) {
        let here = (i as f64 * m - j as f64 * n).abs();
        if here > gap {
            (gap, location) = (here, value);
        }
    }
    let [(shorter, shorter_is), (longer, _)] = by_length(reference, current);
    Ok(KolmogorovSmirnov { statistic: gap / (n * m), location, gap, shorter, longer, shorter_is })
}

fn by_length(reference: &Sample, current: &Sample) -> [(u64, Subject); 2] {
    let mut sizes = [reference, current].map(|sample| (sample.values().len() as u64, sample.subject()));
    sizes.sort_by_key(|(size, _)| *size);
    sizes
}

impl KolmogorovSmirnov {
    /// Returns the probability of at least this distance between samples of one distribution.
    ///
    /// Exact while neither sample is longer than [`EXACT_UP_TO`], else asymptotic. With ties it is an upper bound.
    pub fn p_value(&self) -> f64 {
        if self.longer <= EXACT_UP_TO { self.p_exact() } else { self.p_asymptotic() }
    }

    /// Returns the exact p-value: the share of the lattice paths that leave the band |i/n − j/m| < D.
    ///
    /// Takes time in proportion to the cells of that band; a band of 10,000 by 10,000 at D = 0.05 has ten million. J.
    /// Hodges, Arkiv för Matematik 3, 1958.
    pub fn p_exact(&self) -> f64 {
        if self.gap == 0.0 {
            return 1.0;
        }
        // Less than 2 e⁻⁸⁰⁰ is zero in a float.
        if self.effective_size() * self.statistic * self.statistic > 400.0 {
            return 0.0;
        }
        if self.shorter == self.longer { equal_sizes(self.shorter, self.gap) } else { self.paths_outside() }
    }

    /// Returns the p-value by the distribution of one sample of round(n m / (n + m)) values, as scipy's `asymp`.
    pub fn p_asymptotic(&self) -> f64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the shorter size")]
        let size = self.effective_size().round_ties_even().max(1.0) as u64;
        kolmogorov_sf(self.statistic, size)
    }

    /// Says whether samples of these sizes could give a p-value of `alpha` at all, or how long the shorter must be.
    ///
    /// Where even disjoint samples cannot, the test passes whatever the data are.
    pub fn enough(&self, alpha: f64) -> Result<(), StatError> {
        setting(alpha > 0.0 && alpha < 1.0, "alpha", alpha, "it is within (0, 1)")?;
        let least = |size: u64| {
            let longer = self.longer.max(size) as f64;
            (1..=size).fold(2.0, |p, step| p * step as f64 / (longer + step as f64))
        };
        let needs = (1..MOST_HALVINGS).find(|size| least(*size) <= alpha).expect("each step halves it at least");
        Ok(too_few(self.shorter_is, usize::try_from(self.shorter).unwrap_or(usize::MAX), needs)?)
    }

    fn effective_size(&self) -> f64 {
        let (n, m) = (self.shorter as f64, self.longer as f64);
        n * m / (n + m)
    }

    /// Walks the lattice diagonal by diagonal: each cell holds the share of the paths to it that have been outside.
    ///
    /// The last step to (i, j) came from (i − 1, j) with probability i / (i + j). All terms are positive, so small results
    /// keep their digits.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below the product of two sizes")]
    fn paths_outside(&self) -> f64 {
        let (n, m, gap) = (self.shorter, self.longer, self.gap as u64);
        let mut outside = vec![1.0; n as usize + 1];
        outside[0] = 0.0;
        let mut low_before = 0;
        for steps in 1..=n + m {
            // The cells i of this diagonal with |i (n + m) − steps n| < gap and both coordinates on the lattice.
            let low = ((steps * n + n + m).saturating_sub(gap) / (n + m)).max(steps.saturating_sub(m));
            let high = ((steps * n + gap - 1) / (n + m)).min(n).min(steps);
            advance(&mut outside, low as usize, high as usize, steps as f64);
            outside[low_before..low as usize].fill(1.0);
            low_before = low as usize;
        }
        outside[n as usize]
    }
}

fn advance(outside: &mut [f64], low: usize, high: usize, steps: f64) {
    let mut before = if low == 0 { 0.0 } else { outside[low - 1] };
    let share = 1.0 / steps;
    let mut i = low as f64;
    for cell in &mut outside[low..=high] {
        let here = *cell;
        *cell = (i * before + (steps - i) * here) * share;
        before = here;
        i += 1.0;
    }
}

/// Returns 2 Σ (−1)ᵏ⁻¹ C(2n, n − k h) / C(2n, n) for two samples of n, by the nested products of scipy.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the square of a size")]
fn equal_sizes(n: u64, gap: f64) -> f64 {
    let height = gap as u64 / n;
    let total = (0..=n / height).rev().fold(0.0, |rest, fold| {
        let start = fold * height;
        let ratio =
            |product: f64, step: u64| product * n.saturating_sub(start + step) as f64 / (n + start + step + 1) as f64;
        (0..height).fold(1.0, ratio) * (1.0 - rest)
    });
    (2.0 * total).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NanPolicy, Subject, near};

    fn sample(values: Vec<f64>) -> Sample {
        Sample::new(Subject::Current, values, 0, NanPolicy::IsError).unwrap()
    }

    /// n values i², and m values j² + shift, so that sizes and distances are what a case wants.
    fn squares(n: u32, m: u32, stretch: f64) -> KolmogorovSmirnov {
        let of = |size: u32, stretch: f64| {
            let place = |i: u32| (f64::from(i) + 0.5) / f64::from(size);
            sample((0..size).map(|i| place(i) * place(i) * stretch).collect())
        };
        kolmogorov_smirnov(&of(n, 1.0), &of(m, stretch)).unwrap()
    }

    #[test]
    fn it_agrees_with_scipy() {
        let check = |n: u32, m: u32, stretch: f64, statistic: f64, exact: f64, asymptotic: f64| {
            let test = squares(n, m, stretch);
            near(test.statistic, statistic, 1e-12);
            near(test.p_exact(), exact, 1e-9);
            near(test.p_asymptotic(), asymptotic, 1e-9);
        };
        check(7, 9, 1.5, 0.222_222_222_222_222_2, 0.955_244_755_244_755_3, 0.965_692_158_207_590_4);
        check(40, 25, 1.0, 0.03, 1.0, 1.0);
        check(40, 25, 2.0, 0.32, 0.067_744_974_684_688_25, 0.072_566_892_406_626_84);
        check(100, 100, 1.3, 0.13, 0.368_187_786_062_860_96, 0.337_184_401_125_063_76);
        check(100, 100, 8.0, 0.65, 3.108_079_571_219_943e-20, 3.622_782_686_581_74e-21);
        check(60, 120, 1.7, 0.241_666_666_666_666_67, 0.017_387_987_661_708_806, 0.015_322_046_805_642_087);
        check(999, 1_000, 1.2, 0.088, 0.000_785_564_216_748_604_6, 0.000_809_110_548_170_874_2);
        check(1_000, 64, 3.0, 0.425_5, 2.243_215_876_462_067_8e-10, 2.253_035_450_347_042_4e-10);
        check(500, 3_000, 1.15, 0.068_333_333_333_333_33, 0.035_321_868_630_762_09, 0.034_702_740_736_665_68);
        check(10_000, 3_000, 1.1, 0.046_7, 8.225_977_423_693_882e-5, 8.199_038_141_287_58e-5);
    }

    #[test]
    fn infinite_values_are_values() {
        let test = kolmogorov_smirnov(&sample(vec![1.0, 2.0]), &sample(vec![f64::INFINITY; 2])).unwrap();
        assert_eq!((test.statistic, test.location), (1.0, 2.0));
    }

    #[test]
    fn samples_too_short_to_fail_say_so() {
        let test = kolmogorov_smirnov(&sample(vec![1.0, 2.0]), &sample(vec![8.0, 9.0])).unwrap();
        near(test.p_value(), 1.0 / 3.0, 1e-12);
        assert_eq!(test.enough(0.05).unwrap_err().to_string(), "the current data: needs n ≥ 4, has 2");
        assert_eq!(test.enough(0.5), Ok(()));
        assert!(test.enough(0.0).is_err());
    }
}
