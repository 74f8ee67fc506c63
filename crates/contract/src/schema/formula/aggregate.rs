//! Aggregates: one value computed of all the rows of a group.

use std::fmt;

use super::ast::Operand;
use crate::value::Type;

/// A function over the rows of a group: `avg(spread)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    pub how: How,
    /// What it is computed of; `None` only of `count()`, which counts rows.
    pub of: Option<Operand>,
}

/// What is computed. Nulls take part only in `count()` and `share_null`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How {
    Count,
    /// Sums are taken in 64-bit floats: exact for whole numbers below 2^53.
    Sum,
    Avg,
    Min,
    Max,
    /// The mean of the two values in the middle when their number is even.
    Median,
    /// The standard deviation of a sample, with n - 1 in the denominator; of fewer than two values there is none.
    Std,
    NUnique,
    ShareNull,
    /// Different values divided by values.
    ShareUnique,
    /// Values that are exactly zero, divided by values.
    ShareZero,
    /// The value that is there most often, the smallest of those that are.
    MostCommon,
    /// The value at rank q * (n - 1) of the sorted ones, rounded to the nearest rank and a half to the even one, as
    /// `method="nearest"` of numpy.
    Quantile(f64),
}

/// Which values an aggregate can be computed of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    Numbers,
    /// All but booleans.
    Ordered,
    Anything,
}

/// The names, but for `quantile`, which has a second argument.
const NAMES: [(&str, How); 12] = [
    ("count", How::Count),
    ("sum", How::Sum),
    ("avg", How::Avg),
    ("min", How::Min),
    ("max", How::Max),
    ("median", How::Median),
    ("std", How::Std),
    ("n_unique", How::NUnique),
    ("share_null", How::ShareNull),
    ("share_unique", How::ShareUnique),
    ("share_zero", How::ShareZero),
    ("most_common", How::MostCommon),
];

pub(super) const QUANTILE: &str = "quantile";

impl How {
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name).chain([QUANTILE])
    }

    /// Returns the function of a name, but for `quantile`.
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, how)| *how)
    }

    pub(super) fn takes(self) -> Takes {
        match self {
            Self::Sum | Self::Avg | Self::Median | Self::Std | Self::ShareZero | Self::Quantile(_) => Takes::Numbers,
            Self::Min | Self::Max => Takes::Ordered,
            Self::Count | Self::NUnique | Self::ShareNull | Self::ShareUnique | Self::MostCommon => Takes::Anything,
        }
    }

    /// Says whether the result is one of the values itself, with their type; otherwise it is a number.
    pub(super) fn keeps_value(self) -> bool {
        matches!(self, Self::Min | Self::Max | Self::MostCommon)
    }
}

impl Aggregate {
    /// Returns the type of the result when it is a stored value; `None` for a number that is computed.
    pub(crate) fn stored_type(&self) -> Option<&Type> {
        self.of.as_ref().filter(|_| self.how.keeps_value()).and_then(Operand::stored_type)
    }
}

impl fmt::Display for Aggregate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = self.of.as_ref().map(ToString::to_string).unwrap_or_default();
        if let How::Quantile(share) = self.how {
            return write!(f, "{QUANTILE}({of}, {share})");
        }
        let name = NAMES.iter().find(|(_, how)| *how == self.how).map_or("", |(name, _)| name);
        write!(f, "{name}({of})")
    }
}
