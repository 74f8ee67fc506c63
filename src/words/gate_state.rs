//! The states of a verdict.

use serde::{Deserialize, Serialize};

/// The state of a verdict; all but `Pass` and `Warn` block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GateState {
    Pass,
    Warn,
    Fail,
    Review,
    Inconclusive,
    Error,
}

impl GateState {
    /// Whether consumers of the data may go on.
    pub const fn lets_pass(self) -> bool {
        match self {
            Self::Pass | Self::Warn => true,
            Self::Fail | Self::Review | Self::Inconclusive | Self::Error => false,
        }
    }

    /// Returns how much it weighs against others: the heaviest of several rules is the verdict of the whole.
    pub const fn weight(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Warn => 1,
            Self::Review => 2,
            Self::Inconclusive => 3,
            Self::Fail => 4,
            Self::Error => 5,
        }
    }

    /// Returns the state that [`word`](Self::word) writes so.
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Pass, Self::Warn, Self::Fail, Self::Review, Self::Inconclusive, Self::Error];
        all.into_iter().find(|state| state.word() == word)
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Review => "review",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
        }
    }
}
