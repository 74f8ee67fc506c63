//! Why there is no answer: too little was seen, or what was given has no meaning.

use std::fmt;

/// A question without an answer.
///
/// The two cases are apart because they end differently: a gate that has seen too little is *inconclusive* and says what
/// would be enough; input without a meaning is an *error*, and more of the same does not help.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StatError {
    #[error(transparent)]
    Inconclusive(#[from] Inconclusive),
    #[error(transparent)]
    Invalid(#[from] Invalid),
}

/// Which input is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Reference,
    Current,
    Outcomes,
    Predictions,
    PairedRows,
    PValues,
}

impl fmt::Display for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Reference => "the reference",
            Self::Current => "the current data",
            Self::Outcomes => "the outcomes",
            Self::Predictions => "the predictions",
            Self::PairedRows => "the paired rows",
            Self::PValues => "the p-values",
        })
    }
}

/// What was seen says nothing either way; each variant says what would be enough.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Inconclusive {
    #[error("{of}: needs n ≥ {needs}, has {has}")]
    TooFew { of: Subject, has: u64, needs: u64 },

    #[error("{of}: all values are equal or fall into one bin; needs two that differ")]
    NoVariance { of: Subject },

    #[error("the predictions: all are 0, ½ or 1, of which the test tells nothing; needs one between them")]
    OnlyCertain,

    #[error("the baseline is zero and nothing is relative to it; needs a baseline other than zero")]
    ZeroBaseline,
}

/// What was given has no meaning.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Invalid {
    #[error("{of}: {count} of {n} values are NaN; count them as null or remove them")]
    NotANumber { of: Subject, count: u64, n: u64 },

    #[error("{of}: has infinite values, for which this distance is not defined; remove them or use another distance")]
    Infinite { of: Subject },

    #[error("{of}: {value} at index {at} is not within [0, 1]")]
    NotAProbability { of: Subject, at: usize, value: f64 },

    #[error("{of}: the shares sum to {sum}, not to 1")]
    NotADistribution { of: Subject, sum: f64 },

    #[error("{of}: {value} at index {at} is no weight; weights are finite and not negative")]
    NotAWeight { of: Subject, at: usize, value: f64 },

    #[error("{left} and {right} values do not belong together; there must be as many of one as of the other")]
    LengthsDiffer { left: usize, right: usize },

    #[error("the two histograms are not cut at the same values; count the current data with the cuts of the reference")]
    CutsDiffer,

    #[error("cuts must be finite and ascending, and there must be at least {needs} of them")]
    Cuts { needs: usize },

    #[error("{cuts} cuts make {needs} bins, but there are {has} counts")]
    Counts { cuts: usize, needs: usize, has: usize },

    #[error("`{name}` is {value}; {must}")]
    Setting { name: &'static str, value: f64, must: &'static str },

    #[error("the metric is {value}, which is not a finite number")]
    Metric { value: f64 },

    #[error("neither `max_drop` nor `max_gain` is set, so nothing would be compared; set at least one")]
    NoLimit,
}

pub(crate) fn too_few(of: Subject, has: usize, needs: u64) -> Result<(), Inconclusive> {
    let has = has as u64;
    if has < needs { Err(Inconclusive::TooFew { of, has, needs }) } else { Ok(()) }
}

/// Checks a setting that the caller made; `must` reads after "`name` is value;".
pub(crate) fn setting(ok: bool, name: &'static str, value: f64, must: &'static str) -> Result<(), Invalid> {
    if ok { Ok(()) } else { Err(Invalid::Setting { name, value, must }) }
}
