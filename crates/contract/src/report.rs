//! The report: what each rule found, as plain values.
//!
//! It has no times and no absolute paths and its order is fixed, so that equal data under equal rules gives equal reports.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::schema::Level;

/// What was found of one or more tables under one schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub state: State,
    pub tables: Vec<TableReport>,
    /// All rules of the first table, then those of the second, each in the order of the schema.
    pub rules: Vec<RuleReport>,
    /// What was measured, with six significant digits, by names such as `psi elo_diff`: the history of a gate is made of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub metrics: BTreeMap<String, String>,
}

/// The outcome of a rule or of a whole report, the harmless first: a report is in the greatest state of its rules.
///
/// A review is less than want of evidence: the approval of a person must not stand for what nobody has measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Pass,
    Warn,
    /// A person has to look before it counts.
    Review,
    /// There was not enough data to judge.
    Inconclusive,
    Fail,
}

/// A table that was judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableReport {
    /// The name the caller gave.
    pub path: String,
    pub rows: u64,
    pub columns: u64,
    pub bytes: u64,
    /// The columns with the types they are stored with, in the order of the table; `text` where any type is read from text.
    #[serde(default)]
    pub stored: Vec<StoredColumn>,
    /// Where all rows are that break a rule, when the caller wanted them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejects: Option<Rejected>,
}

/// A column of a table that was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredColumn {
    pub name: String,
    /// The type as a schema would name it.
    pub stored: String,
}

/// A file of bad rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The name the caller gave.
    pub path: String,
    pub rows: u64,
}

/// What one rule found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleReport {
    /// Index into [`Report::tables`].
    pub table: usize,
    /// What the rule is about, `week` or `key [game_id]`.
    pub subject: String,
    /// The rule itself, `range 1..22`.
    pub rule: String,
    /// `file:line` of the rule.
    pub citation: String,
    pub level: Level,
    /// The outcome under the rule's level: a violation at level info is a pass with a note.
    pub state: State,
    pub observed: String,
    pub expected: String,
    pub bad: u64,
    /// The rows, groups or columns that were examined: the denominator of the share.
    pub examined: u64,
    /// What is tolerated, `0` or `0.5 %`.
    pub allowed: String,
    pub samples: Vec<Sample>,
    pub notes: Vec<String>,
}

/// A row, a group of rows or a column that violates a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// The file, when the table is a folder.
    pub part: Option<String>,
    /// The number of the row in its file, from 1; `None` when the sample stands for a group of rows or a column.
    pub row: Option<u64>,
    /// The line of a text file on which the row starts, from 1.
    pub line: Option<u64>,
    /// The key columns, then what the rule is about.
    pub cells: Vec<Cell>,
}

/// A named value; `None` is null.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    pub column: String,
    pub value: Option<String>,
}

impl Report {
    /// Returns how many rules ended in `state`.
    pub fn count(&self, state: State) -> usize {
        self.rules.iter().filter(|rule| rule.state == state).count()
    }
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Review => "review",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
        }
    }
}

impl RuleReport {
    /// Returns the name of the rule, `week  range 1..22`.
    pub fn name(&self) -> String {
        format!("{}  {}", self.subject, self.rule)
    }

    /// Returns what the rule means for the whole: one that may only warn does not block for want of data either.
    pub fn weight(&self) -> State {
        match (self.level, self.state) {
            (Level::Warn, State::Inconclusive) => State::Warn,
            (Level::Info, State::Inconclusive) => State::Pass,
            (_, state) => state,
        }
    }
}

/// Returns a percentage with three significant digits; a share that is not all or nothing never reads `0` or `100`.
#[expect(clippy::cast_precision_loss, reason = "a share is shown with three digits")]
pub fn percent(bad: u64, examined: u64) -> String {
    if bad == 0 || examined == 0 {
        return "0 %".to_owned();
    }
    let share = bad as f64 / examined as f64 * 100.0;
    if bad < examined && share >= 99.95 {
        return "more than 99.9 %".to_owned();
    }
    let mut digits = 2;
    let mut scaled = share;
    while scaled >= 10.0 && digits > 0 {
        scaled /= 10.0;
        digits -= 1;
    }
    while scaled < 1.0 && digits < 12 {
        scaled *= 10.0;
        digits += 1;
    }
    let text = format!("{share:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} %")
}

/// Returns a number with six significant digits: the sums of floats differ in the last ones from run to run.
pub fn six_digits(value: f64) -> String {
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    // Negative zero is a zero with a history.
    if rounded == 0.0 { "0".to_owned() } else { rounded.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_three_digits_and_are_never_rounded_to_all_or_nothing() {
        let check = |bad, examined, expect: &str| assert_eq!(percent(bad, examined), expect, "{bad} of {examined}");
        check(5, 272, "1.84 %");
        check(2, 260, "0.769 %");
        check(1, 3, "33.3 %");
        check(1, 10_000_000, "0.00001 %");
        check(9_999_999, 10_000_000, "more than 99.9 %");
        check(7, 7, "100 %");
        check(1, 2, "50 %");
        check(0, 9, "0 %");
    }

    #[test]
    fn numbers_have_six_digits() {
        let check = |value, expect: &str| assert_eq!(six_digits(value), expect);
        check(4.535_107_062_182_109e-4, "0.000453511");
        check(4.535_107_062_182_083e-4, "0.000453511");
        check(3.0, "3");
        check(-0.0, "0");
        check(1_234_567.0, "1234570");
        check(f64::NAN, "NaN");
        check(f64::INFINITY, "inf");
    }
}
