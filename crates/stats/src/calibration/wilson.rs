//! How exactly a rate is known.

use crate::Interval;
use crate::StatError;
use crate::error::{Subject, setting, too_few};
use crate::special::chi_square_quantile;

/// Returns Wilson's score interval of a rate of `successes` in `n`, within [0, 1].
///
/// E. Wilson, J. Am. Stat. Assoc. 22, 1927; without correction for continuity. `confidence` is two-sided.
pub fn wilson(successes: u64, n: u64, confidence: f64) -> Result<Interval, StatError> {
    setting(confidence > 0.0 && confidence < 1.0, "confidence", confidence, "it is within (0, 1)")?;
    too_few(Subject::Outcomes, usize::try_from(n).unwrap_or(usize::MAX), 1)?;
    setting(successes <= n, "successes", successes as f64, "there cannot be more of them than of rows")?;
    // The square of a normal variable is chi-square with one degree of freedom.
    let square = chi_square_quantile(confidence, 1);
    let (n, rate) = (n as f64, successes as f64 / n as f64);
    let centre = (rate + square / (2.0 * n)) / (1.0 + square / n);
    let half = (square * (rate * (1.0 - rate) / n + square / (4.0 * n * n))).sqrt() / (1.0 + square / n);
    Ok(Interval { low: (centre - half).clamp(0.0, rate), high: (centre + half).clamp(rate, 1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_scipy() {
        let check = |successes, n, confidence, low, high| {
            let interval = wilson(successes, n, confidence).unwrap();
            crate::near(interval.low, low, 1e-9);
            crate::near(interval.high, high, 1e-9);
        };
        check(41, 80, 0.95, 0.404_933_342_165_422_54, 0.618_921_204_596_189_3);
        check(3, 10, 0.99, 0.079_566_316_523_065_78, 0.679_975_320_798_897_4);
        check(10, 10, 0.9, 0.787_058_029_916_593, 1.0);
        assert_eq!(wilson(0, 20, 0.95).unwrap().low, 0.0);
        assert!(wilson(0, 0, 0.95).is_err() && wilson(3, 2, 0.95).is_err() && wilson(1, 2, 1.0).is_err());
    }
}
