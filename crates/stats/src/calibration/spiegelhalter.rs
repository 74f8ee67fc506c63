//! A test of calibration without bins.

use super::predictions::Predictions;
use crate::error::Inconclusive;
use crate::special::normal_sf;
use crate::sum::sum;

/// The outcome of Spiegelhalter's test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spiegelhalter {
    /// About standard normal when the predictions are calibrated; positive when they are too sure.
    pub z: f64,
    /// Two-sided.
    pub p_value: f64,
}

/// Tests calibration by Spiegelhalter's z = Σ (y − p)(1 − 2p) / √Σ (1 − 2p)² p (1 − p).
///
/// Predictions of 0, ½ and 1 alone have no variance to compare with. D. Spiegelhalter, Statistics in Medicine 5, 1986.
pub fn spiegelhalter(predictions: &Predictions) -> Result<Spiegelhalter, Inconclusive> {
    let pairs = predictions.pairs();
    let variance = sum(pairs.iter().map(|(p, _)| (1.0 - 2.0 * p) * (1.0 - 2.0 * p) * p * (1.0 - p)));
    if variance == 0.0 {
        return Err(Inconclusive::OnlyCertain);
    }
    let z = sum(pairs.iter().map(|(p, happened)| (f64::from(*happened) - p) * (1.0 - 2.0 * p))) / variance.sqrt();
    Ok(Spiegelhalter { z, p_value: 2.0 * normal_sf(z.abs()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_agrees_with_the_formula_by_hand() {
        let predictions = Predictions::new(&[0.1, 0.4, 0.35, 0.8], &[false, false, true, true], 0).unwrap();
        let test = spiegelhalter(&predictions).unwrap();
        crate::near(test.z, -0.223_009_561_450_546_62, 1e-12);
        crate::near(test.p_value, 0.823_528_064_928_252_3, 1e-12);
    }

    #[test]
    fn predictions_without_variance_are_inconclusive() {
        let predictions = Predictions::new(&[0.0, 0.5, 1.0], &[false, true, true], 0).unwrap();
        assert_eq!(spiegelhalter(&predictions), Err(Inconclusive::OnlyCertain));
    }
}
