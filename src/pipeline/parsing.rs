//! How a mapping in a command becomes options.

use serde::{Deserialize, Serialize};

/// The forms that DVC's settings `parsing.bool` and `parsing.list` choose from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parsing {
    pub flags: FlagForm,
    pub lists: ListForm,
}

/// How a boolean becomes an option.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum FlagForm {
    /// `--flag`, and nothing for `false`.
    #[default]
    StoreTrue,
    /// `--flag` and `--no-flag`.
    BooleanOptional,
}

/// How a list becomes options.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ListForm {
    /// `--list a b`.
    #[default]
    Nargs,
    /// `--list a --list b`.
    Append,
}

impl FlagForm {
    /// Reads the word of a setting.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::StoreTrue, Self::BooleanOptional].into_iter().find(|form| form.word() == text)
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::StoreTrue => "store_true",
            Self::BooleanOptional => "boolean_optional",
        }
    }
}

impl ListForm {
    /// Reads the word of a setting.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Nargs, Self::Append].into_iter().find(|form| form.word() == text)
    }

    pub const fn word(self) -> &'static str {
        match self {
            Self::Nargs => "nargs",
            Self::Append => "append",
        }
    }
}
