//! The incomplete gamma function.

use std::f64::consts::PI;

/// Enough for any parameter below 10⁹: near x = a the number of terms grows with √a.
const MOST_TERMS: u32 = 1_000_000;

/// Returns P(a, x) = γ(a, x) / Γ(a), the lower regularised incomplete gamma function, for a > 0 and x ≥ 0.
pub fn regularized_gamma_p(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x < a + 1.0 { lower_by_series(a, x) } else { 1.0 - upper_by_fraction(a, x) }
}

/// Returns Q(a, x) = Γ(a, x) / Γ(a), the upper regularised incomplete gamma function, for a > 0 and x ≥ 0.
pub fn regularized_gamma_q(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x < a + 1.0 { 1.0 - lower_by_series(a, x) } else { upper_by_fraction(a, x) }
}

/// Abramowitz and Stegun 6.5.29; every term is positive.
fn lower_by_series(a: f64, x: f64) -> f64 {
    let (mut term, mut total) = (1.0, 1.0);
    for step in 1..MOST_TERMS {
        term *= x / (a + f64::from(step));
        total += term;
        if term <= total * f64::EPSILON {
            break;
        }
    }
    poisson_density(a, x) * total
}

/// Legendre's continued fraction (Abramowitz and Stegun 6.5.31), by the modified method of Lentz.
fn upper_by_fraction(a: f64, x: f64) -> f64 {
    if x == f64::INFINITY {
        return 0.0;
    }
    let mut partial = x + 1.0 - a;
    let mut numerator = f64::INFINITY;
    let mut denominator = 1.0 / partial;
    let mut value = denominator;
    for step in 1..MOST_TERMS {
        let step = f64::from(step);
        let factor = step * (a - step);
        partial += 2.0;
        denominator = 1.0 / (factor * denominator + partial);
        numerator = partial + factor / numerator;
        let change = numerator * denominator;
        value *= change;
        if (change - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    poisson_density(a, x) * a * value
}

/// Returns xᵃ e⁻ˣ / Γ(a + 1) without the cancellation of its logarithms (C. Loader, 2000).
pub(super) fn poisson_density(a: f64, x: f64) -> f64 {
    let excess = (x - a) / a;
    let log_ratio = if excess < -0.5 { libm::log(x / a) } else { libm::log1p(excess) };
    libm::exp(a * (log_ratio - excess) - stirling_error(a)) / (2.0 * PI * a).sqrt()
}

/// Returns ln Γ(a + 1) minus Stirling's formula ln(√(2πa) aᵃ e⁻ᵃ).
pub(super) fn stirling_error(a: f64) -> f64 {
    if a < 16.0 {
        return libm::lgamma(a + 1.0) - 0.5 * libm::log(2.0 * PI * a) - a * libm::log(a) + a;
    }
    let square = 1.0 / (a * a);
    let tail = 1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0);
    (1.0 / 12.0 - square * (1.0 / 360.0 - square * tail)) / a
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near;

    #[test]
    fn both_tails_agree_with_mpmath() {
        let check = |a: f64, x: f64, lower: f64, upper: f64| {
            near(regularized_gamma_p(a, x), lower, 1e-11);
            near(regularized_gamma_q(a, x), upper, 1e-11);
        };
        check(0.5, 1.0e-20, 1.128_379_167_095_512_6e-10, 0.999_999_999_887_162);
        check(0.5, 0.01, 0.112_462_916_018_284_9, 0.887_537_083_981_715_2);
        check(0.5, 3.0, 0.985_694_121_564_570_4, 0.014_305_878_435_429_64);
        check(1.0, 1.0, 0.632_120_558_828_557_7, 0.367_879_441_171_442_33);
        check(1.5, 11.5, 0.999_959_616_980_983_1, 4.038_301_901_684_742e-5);
        check(4.5, 20.0, 0.999_992_401_474_770_5, 7.598_525_229_464_276e-6);
        check(5.0, 5.0, 0.559_506_714_934_787_5, 0.440_493_285_065_212_4);
        check(50.0, 30.0, 0.000_518_891_462_548_034_3, 0.999_481_108_537_452);
        check(50.0, 120.0, 0.999_999_999_999_839_9, 1.600_822_679_334_483e-13);
        check(500.0, 480.0, 0.186_281_973_190_324_6, 0.813_718_026_809_675_4);
        check(5_000.0, 5_300.0, 0.999_984_454_884_214_5, 1.554_511_578_551_756_5e-5);
        check(50_000.0, 50_000.0, 0.500_594_708_104_793_3, 0.499_405_291_895_206_7);
    }

    #[test]
    fn the_ends_of_the_range_are_exact() {
        assert_eq!([regularized_gamma_p(2.0, 0.0), regularized_gamma_q(2.0, 0.0)], [0.0, 1.0]);
        assert_eq!([regularized_gamma_p(2.0, f64::INFINITY), regularized_gamma_q(2.0, f64::INFINITY)], [1.0, 0.0]);
        assert!(regularized_gamma_q(2.0, f64::NAN).is_nan());
    }
}
