//! The normal distribution.

use std::f64::consts::SQRT_2;

/// Returns P(Z > z) of the standard normal distribution, accurate in the far tail too.
pub fn normal_sf(z: f64) -> f64 {
    0.5 * libm::erfc(z / SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near;

    #[test]
    fn it_agrees_with_scipy() {
        let check = |z: f64, expect: f64| near(normal_sf(z), expect, 1e-13);
        check(0.0, 0.5);
        check(1.959_963_984_540_054, 0.025);
        check(-1.0, 0.841_344_746_068_542_9);
        check(10.0, 7.619_853_024_160_527e-24);
        assert!(normal_sf(f64::NAN).is_nan());
    }
}
