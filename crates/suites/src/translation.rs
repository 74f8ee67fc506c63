//! What a translation gives.

use std::collections::BTreeMap;

/// A foreign format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    GreatExpectations,
    TableSchema,
}

impl Dialect {
    /// Names what one translated rule is called in the format, in the plural.
    pub fn rules(self) -> &'static str {
        match self {
            Self::GreatExpectations => "expectations",
            Self::TableSchema => "constraints",
        }
    }
}

/// What the caller decides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Values of the suite's runtime parameters (`{"$PARAMETER": "x"}`) by name, as text: `3`, `true`, `2024-01-01`.
    pub params: BTreeMap<String, String>,
}

/// A schema made of a suite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translation {
    pub dialect: Dialect,
    /// The schema, as YAML, with a comment above each rule that cites where it comes from.
    pub text: String,
    /// How many rules of the original are in the text.
    pub mapped: usize,
    /// How many rules the original has.
    pub total: usize,
    /// The rules that are not in the text, in the order of the original.
    pub unmapped: Vec<Unmapped>,
    /// By line of the text, from 1: where the rule on it comes from, as `file:line`.
    pub(crate) origins: BTreeMap<usize, String>,
}

/// A rule that has no exact translation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmapped {
    /// `file:line` of the rule.
    pub at: String,
    /// The rule by its own name, `expect_column_kl_divergence_to_be_less_than`.
    pub rule: String,
    /// Why it has none, and what to do when something can be done: a fragment.
    pub why: String,
}

impl Translation {
    /// Returns how much was translated, `41/44 expectations`.
    pub fn coverage(&self) -> String {
        format!("{}/{} {}", self.mapped, self.total, self.dialect.rules())
    }

    /// Returns where the rule on `line` of the text, counted from 1, comes from, as `file:line` of the original.
    pub fn origin(&self, line: usize) -> Option<&str> {
        self.origins.get(&line).map(String::as_str)
    }

    /// Returns the place in the original that a citation of the text, `NAME:LINE` with any name, stands for.
    pub fn origin_of(&self, citation: &str) -> Option<&str> {
        let (_, line) = citation.rsplit_once(':')?;
        self.origin(line.parse().ok()?)
    }
}
