//! The chi-square distribution.

use super::gamma::{poisson_density, regularized_gamma_p, regularized_gamma_q};

/// Returns P(X > x) for a chi-square variable with `dof` degrees of freedom.
///
/// With no degree of freedom the variable is always zero.
pub fn chi_square_sf(x: f64, dof: u64) -> f64 {
    if dof == 0 {
        return if x < 0.0 { 1.0 } else { 0.0 };
    }
    regularized_gamma_q(dof as f64 / 2.0, x / 2.0)
}

/// Returns the x with P(X ≤ x) = `p` for a chi-square variable with `dof` degrees of freedom.
///
/// `p` is a probability; 1 gives infinity, and what is not a probability gives NaN.
pub fn chi_square_quantile(p: f64, dof: u64) -> f64 {
    if !(0.0..=1.0).contains(&p) {
        return f64::NAN;
    }
    if p == 1.0 {
        return f64::INFINITY;
    }
    if p == 0.0 || dof == 0 {
        return 0.0;
    }
    invert(p, dof as f64 / 2.0)
}

/// Bisection alone would need no more of them than a float has values between two powers of two, and those powers.
const MOST_STEPS: u32 = 1_200;

/// Newton's method inside of a bracket that bisection narrows when a step would leave it.
fn invert(p: f64, shape: f64) -> f64 {
    // The smaller tail has the more digits.
    let miss = |half: f64| {
        if p < 0.5 { regularized_gamma_p(shape, half) - p } else { (1.0 - p) - regularized_gamma_q(shape, half) }
    };
    let (mut low, mut high) = (0.0, shape + 1.0);
    while miss(high) < 0.0 {
        (low, high) = (high, 2.0 * high);
    }
    let mut at = f64::midpoint(low, high);
    for _ in 0..MOST_STEPS {
        let error = miss(at);
        (low, high) = if error < 0.0 { (at, high) } else { (low, at) };
        let newton = at - error * at / (shape * poisson_density(shape, at));
        let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
        if (next - at).abs() <= 2.0 * f64::EPSILON * at {
            return 2.0 * next;
        }
        at = next;
    }
    2.0 * at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near;

    #[test]
    fn the_tail_agrees_with_mpmath() {
        let check = |x: f64, dof: u64, expect: f64| near(chi_square_sf(x, dof), expect, 1e-11);
        check(0.5, 1, 0.479_500_122_186_953_5);
        check(3.84, 1, 0.050_043_521_248_705_106);
        check(23.111_111_111_111_11, 3, 3.828_574_114_757_08e-5);
        check(16.9, 9, 0.050_305_190_124_310_874);
        check(300.0, 9, 2.610_277_347_207_023_8e-59);
        check(1_000.0, 2, 7.124_576_406_741_286e-218);
        check(90.0, 99, 0.729_834_410_284_651_1);
        check(1_200.0, 1_000, 1.225_594_233_062_290_5e-5);
        assert_eq!([chi_square_sf(0.0, 3), chi_square_sf(f64::INFINITY, 3), chi_square_sf(1.0, 0)], [1.0, 0.0, 0.0]);
    }

    #[test]
    fn the_quantile_agrees_with_mpmath() {
        let check = |p: f64, dof: u64, expect: f64| near(chi_square_quantile(p, dof), expect, 1e-11);
        check(1.0e-6, 1, 1.570_796_326_795_718_9e-12);
        check(0.5, 1, 0.454_936_423_119_572_8);
        check(0.95, 1, 3.841_458_820_694_124_5);
        check(0.01, 2, 0.020_100_671_707_002_884);
        check(0.95, 9, 16.918_977_604_620_448);
        check(0.99, 9, 21.665_994_333_461_924);
        check(0.99, 3, 11.344_866_730_144_37);
        check(0.999_999, 10, 46.863_046_846_715_68);
        check(0.05, 99, 77.046_331_863_760_29);
        check(0.99, 1_000, 1_106.968_994_352_217_4);
        assert_eq!([chi_square_quantile(0.0, 3), chi_square_quantile(1.0, 3)], [0.0, f64::INFINITY]);
        assert!(chi_square_quantile(-0.1, 3).is_nan() && chi_square_quantile(f64::NAN, 3).is_nan());
    }

    #[test]
    fn the_quantile_inverts_the_tail() {
        for dof in [1, 2, 3, 9, 10, 99, 1000, 100_000] {
            for p in [1e-12, 1e-6, 0.01, 0.5, 0.95, 0.99, 0.999_999] {
                near(1.0 - chi_square_sf(chi_square_quantile(p, dof), dof), p, 1e-9_f64.max(1e-15 / p));
            }
        }
    }
}
