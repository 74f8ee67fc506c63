//! Predicted probabilities and what came of them.

use crate::StatError;
use crate::error::{Invalid, Subject, too_few};

/// Probabilities of an event, each with whether it happened; at least one.
///
/// They are kept in the order of the probabilities, so nothing that is computed of them depends on the order of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    pairs: Vec<(f64, bool)>,
    missing: u64,
}

impl Predictions {
    /// Takes one outcome per probability, and the number of rows that were left out because either is null.
    ///
    /// A probability outside [0, 1] or NaN is an error, not a row to skip.
    pub fn new(probabilities: &[f64], outcomes: &[bool], missing: u64) -> Result<Self, StatError> {
        let (left, right) = (probabilities.len(), outcomes.len());
        if left != right {
            return Err(Invalid::LengthsDiffer { left, right }.into());
        }
        if let Some((at, value)) = probabilities.iter().enumerate().find(|(_, p)| !(0.0..=1.0).contains(*p)) {
            return Err(Invalid::NotAProbability { of: Subject::Predictions, at, value: *value }.into());
        }
        too_few(Subject::Predictions, left, 1)?;
        let mut pairs: Vec<(f64, bool)> = probabilities.iter().map(|p| p + 0.0).zip(outcomes.iter().copied()).collect();
        pairs.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        Ok(Self { pairs, missing })
    }

    /// Returns the number of rows that have both a probability and an outcome.
    pub fn n(&self) -> u64 {
        self.pairs.len() as u64
    }

    /// Returns the share of rows that could be used, within (0, 1].
    pub fn coverage(&self) -> f64 {
        self.n() as f64 / (self.n() + self.missing) as f64
    }

    /// Returns the share of rows whose event happened.
    pub fn base_rate(&self) -> f64 {
        self.pairs.iter().filter(|(_, happened)| *happened).count() as f64 / self.n() as f64
    }

    /// The pairs, ascending by probability.
    pub(crate) fn pairs(&self) -> &[(f64, bool)] {
        &self.pairs
    }
}
