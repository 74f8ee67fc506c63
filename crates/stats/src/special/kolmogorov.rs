//! The distribution of Kolmogorov's statistic for a sample of n.
//!
//! Which formula serves which range follows R. Simard and P. L'Ecuyer, "Computing the two-sided Kolmogorov-Smirnov
//! distribution" (J. Stat. Software 39, 2011), as scipy's `kstwo` does. Exact to about twelve digits up to n = 140 and
//! wherever the tail is below 0.02; between, the error of the expansion by Pelz and Good is below 3e-6.

use std::f64::consts::{FRAC_PI_2, PI};

use super::gamma::stirling_error;
use crate::sum::Sum;

/// Above this, the sum over n terms takes too long, and the formula of Miller (1956) is good to 1e-5.
const LARGEST_SUM: u64 = 1_000_000;

/// Returns P(Dₙ ≥ d), where Dₙ is the largest distance of the empirical distribution of `n` values from the true one.
///
/// `n` = 0 gives NaN.
pub fn kolmogorov_sf(d: f64, n: u64) -> f64 {
    if n == 0 || d.is_nan() {
        return f64::NAN;
    }
    let size = n as f64;
    let scaled = size * d;
    if scaled <= 0.5 {
        return 1.0;
    }
    if d >= 1.0 {
        return 0.0;
    }
    let square = scaled * d;
    let tail_from = if n <= 140 { 4.0 } else { 2.2 };
    if d >= 0.5 || scaled >= size - 1.0 || square >= tail_from {
        // Both sides cannot be exceeded at once here, or so rarely that no digit shows it.
        return (2.0 * smirnov_sf(d, n)).min(1.0);
    }
    let within = if scaled <= 1.0 {
        ruben_gambino(scaled, n)
    } else if n <= 140 || (n <= 100_000 && scaled * d.sqrt() <= 1.4) {
        durbin(d, n)
    } else {
        pelz_good(d, size)
    };
    (1.0 - within).clamp(0.0, 1.0)
}

/// Returns P(Dₙ⁺ ≥ d), the one-sided tail: the sum of Smirnov (1944) and Birnbaum and Tingey (1951), each term of which
/// is a binomial probability by Stirling's formula times a factor near one, so that nothing cancels.
fn smirnov_sf(d: f64, n: u64) -> f64 {
    let size = n as f64;
    let scaled = size * d;
    if n > LARGEST_SUM {
        let shifted = 6.0 * scaled + 1.0;
        return libm::exp(-shifted * shifted / (18.0 * size));
    }
    let whole = stirling_error(size);
    let mut total = Sum::default();
    total.add(libm::exp(size * libm::log1p(-d)));
    for below in 1..n {
        let below = below as f64;
        let above = size - below;
        if above <= scaled {
            break;
        }
        let binomial = whole - stirling_error(below) - stirling_error(above);
        let shift = below * libm::log1p(scaled / below) + above * libm::log1p(-scaled / above);
        let front = (size / (2.0 * PI * below * above)).sqrt() * scaled / (scaled + below);
        total.add(front * libm::exp(binomial + shift));
    }
    total.total()
}

/// Returns P(Dₙ < d) for n d ≤ 1: n! (2d − 1/n)ⁿ (Ruben and Gambino, 1982).
fn ruben_gambino(scaled: f64, n: u64) -> f64 {
    (1..=n).fold(1.0, |product, factor| product * (factor as f64 / n as f64) * (2.0 * scaled - 1.0))
}

/// Returns P(Dₙ < d) as an element of the n-th power of a matrix (Durbin, 1973; Marsaglia, Tsang and Wang, 2003).
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "n d is below 200 wherever this is called")]
fn durbin(d: f64, n: u64) -> f64 {
    let scaled = n as f64 * d;
    let middle = scaled as usize;
    let (matrix, power) = Scaled { matrix: transition(middle, (middle + 1) as f64 - scaled), exponent: 0 }.power(n);
    let mut value = matrix[middle][middle];
    let mut exponent = power;
    for factor in 1..=n {
        value *= factor as f64 / n as f64;
        if value < 1e-140 {
            value = libm::scalbn(value, 512);
            exponent -= 512;
        }
    }
    libm::scalbn(value, exponent)
}

type Matrix = Vec<Vec<f64>>;

/// Returns the matrix H of Marsaglia, Tsang and Wang for k = `middle` + 1 and h = `gap`.
fn transition(middle: usize, gap: f64) -> Matrix {
    let size = 2 * middle + 1;
    let powers: Vec<f64> = std::iter::successors(Some(gap), |power| Some(power * gap)).take(size).collect();
    let mut matrix: Matrix =
        (0..size).map(|row| (0..size).map(|column| f64::from(column <= row + 1)).collect()).collect();
    for at in 0..size {
        matrix[at][0] -= powers[at];
        matrix[size - 1][at] -= powers[size - 1 - at];
    }
    let both = (2.0 * gap - 1.0).max(0.0);
    matrix[size - 1][0] += (0..size).fold(1.0, |power, _| power * both);
    for (row, values) in matrix.iter_mut().enumerate() {
        for (column, value) in values.iter_mut().enumerate().take(row + 1) {
            *value = (1..=row + 1 - column).fold(*value, |quotient, factor| quotient / factor as f64);
        }
    }
    matrix
}

/// A matrix times 2 to the `exponent`.
struct Scaled {
    matrix: Matrix,
    exponent: i32,
}

impl Scaled {
    fn power(self, n: u64) -> (Matrix, i32) {
        if n == 1 {
            return (self.matrix, self.exponent);
        }
        let square = Self { matrix: product(&self.matrix, &self.matrix), exponent: 2 * self.exponent }.settled();
        let (matrix, exponent) = square.power(n / 2);
        if n.is_multiple_of(2) {
            return (matrix, exponent);
        }
        let once_more = Self { matrix: product(&matrix, &self.matrix), exponent: exponent + self.exponent }.settled();
        (once_more.matrix, once_more.exponent)
    }

    /// Keeps the element in the middle away from the ends of what a float can hold.
    fn settled(mut self) -> Self {
        let middle = self.matrix.len() / 2;
        if self.matrix[middle][middle] > 1e140 {
            self.matrix.iter_mut().flatten().for_each(|value| *value = libm::scalbn(*value, -512));
            self.exponent += 512;
        }
        self
    }
}

fn product(left: &Matrix, right: &Matrix) -> Matrix {
    let size = left.len();
    let mut result = vec![vec![0.0; size]; size];
    for (row, target) in left.iter().zip(&mut result) {
        for (factor, other) in row.iter().zip(right) {
            target.iter_mut().zip(other).for_each(|(cell, value)| *cell += factor * value);
        }
    }
    result
}

/// Returns P(Dₙ < d) by the expansion of Pelz and Good (1976) in powers of 1/√n.
fn pelz_good(d: f64, size: f64) -> f64 {
    let z = size.sqrt() * d;
    let [z2, z3] = [z * z, z * z * z];
    let [z4, z6] = [z2 * z2, z3 * z3];
    let halves = |term: &dyn Fn(f64) -> f64| theta(z2, 0.5, term);
    let wholes = |term: &dyn Fn(f64) -> f64| theta(z2, 1.0, term);
    let front = FRAC_PI_2.sqrt();
    let first = halves(&|_| 1.0) * 2.0 * front / z;
    let second = halves(&|w| w - z2) * 2.0 * front / (6.0 * z4);
    let third = halves(&|w| 6.0 * z6 + 2.0 * z4 + w * (2.0 * z4 - 5.0 * z2) + w * w * (1.0 - 2.0 * z2)) * 2.0 * front
        / (72.0 * z4 * z3)
        - wholes(&|w| w) * 2.0 * front / (36.0 * z3);
    let fourth = halves(&|w| {
        let cubic = w * w * w * (5.0 - 30.0 * z2) + w * w * (212.0 * z4 - 60.0 * z2);
        cubic + w * (135.0 * z4 - 96.0 * z6) - 30.0 * z6 - 90.0 * z4 * z4
    }) * 2.0
        * front
        / (6480.0 * z4 * z6)
        + wholes(&|w| 3.0 * w * z2 - w * w) * 2.0 * front / (216.0 * z6);
    let root = size.sqrt();
    first + second / root + third / size + fourth / (size * root)
}

/// Returns Σ term(w) e^(−w / 2z²) over w = (π k)², k = `start`, `start` + 1, …
fn theta(z2: f64, start: f64, term: &dyn Fn(f64) -> f64) -> f64 {
    // The exponent falls with k²: for every z that comes here the twentieth term is below 1e-300.
    (0..20).rev().fold(0.0, |total, step| {
        let root = PI * (start + f64::from(step));
        let w = root * root;
        total + term(w) * libm::exp(-w / (2.0 * z2))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near;

    #[test]
    fn it_agrees_with_scipy_in_every_range() {
        let check = |d: f64, n: u64, expect: f64| near(kolmogorov_sf(d, n), expect, 1e-9);
        check(0.45, 4, 0.292_900_000_000_000_05);
        check(0.2, 4, 0.987_85);
        check(0.3, 2, 0.98);
        check(0.9, 4, 0.000_199_999_999_999_999_82);
        check(0.47, 15, 0.001_465_504_604_634_127);
        check(0.1, 50, 0.662_311_270_465_818_6);
        check(0.19, 50, 0.046_989_328_202_061_253);
        check(0.25, 100, 5.408_871_776_434_847e-6);
        check(0.04, 140, 0.971_972_658_761_866_1);
        check(0.06, 141, 0.667_716_079_134_891_5);
        check(0.01, 1_000, 0.999_949_674_537_061_1);
        check(0.02, 1_000, 0.810_897_165_689_557_7);
        check(0.03, 1_000, 0.322_690_214_391_463_6);
        check(0.05, 1_000, 0.013_012_074_781_090_332);
        check(0.1, 1_000, 3.703_687_096_817_711e-9);
        check(0.002, 9_901, 0.999_999_999_999_385_7);
        check(0.008, 9_901, 0.547_891_104_200_642_9);
        check(0.013, 9_901, 0.069_797_933_776_413_97);
        check(0.02, 9_901, 0.000_716_226_494_110_397_1);
        check(0.1, 9_901, 1.210_034_584_261_926_6e-86);
        check(0.000_5, 100_000, 1.0);
        check(0.001, 500_000, 0.698_980_144_366_366_1);
        check(0.003, 500_000, 0.000_246_323_012_391_867_54);
        check(0.001_2, 2_000_000, 0.006_297_183_259_583_361);
        check(0.000_6, 3_000_000, 0.230_204_797_106_635_1);
    }

    #[test]
    fn the_ends_of_the_range_are_exact() {
        assert_eq!([kolmogorov_sf(0.0, 9), kolmogorov_sf(-1.0, 9), kolmogorov_sf(1.0, 9)], [1.0, 1.0, 0.0]);
        assert!(kolmogorov_sf(0.3, 0).is_nan() && kolmogorov_sf(f64::NAN, 3).is_nan());
    }

    #[test]
    fn the_tail_falls_where_one_formula_follows_another() {
        for n in [1, 2, 5, 20, 139, 140, 141, 1000, 20_001] {
            let tails: Vec<f64> = (0..=200).map(|step| kolmogorov_sf(f64::from(step) / 200.0, n)).collect();
            assert!(tails.windows(2).all(|pair| pair[1] <= pair[0] + 1e-7), "n = {n}");
        }
    }
}
