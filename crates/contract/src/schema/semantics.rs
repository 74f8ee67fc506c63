//! The one place where traditions differ.

use super::ast::Nan;

/// What a rule makes of null, NaN and of nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Semantics {
    /// NaN breaks a rule on values unless its column says otherwise, and a rule that has judged nothing is inconclusive.
    Native,
    /// As Great Expectations on pandas: NaN is null, and a rule on values that has judged nothing holds.
    GreatExpectations,
}

/// What becomes of a rule on values that has judged none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unjudged {
    Inconclusive,
    Holds,
}

/// How the good share of a rule may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shares {
    Allow,
    /// Besides, `mostly: 0.95`: the least share that must be good, compared in 64-bit floats.
    Mostly,
}

impl Semantics {
    /// Returns what NaN is in a column that does not say.
    pub fn nan(self) -> Nan {
        match self {
            Self::Native => Nan::Fail,
            Self::GreatExpectations => Nan::Null,
        }
    }

    pub fn unjudged(self) -> Unjudged {
        match self {
            Self::Native => Unjudged::Inconclusive,
            Self::GreatExpectations => Unjudged::Holds,
        }
    }

    pub(crate) fn shares(self) -> Shares {
        match self {
            Self::Native => Shares::Allow,
            Self::GreatExpectations => Shares::Mostly,
        }
    }
}
