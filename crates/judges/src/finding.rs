//! From findings to a report.

use std::collections::BTreeMap;

use lockgate_contract::{Cell, Input, Level, Report, RuleReport, Sample, State, TableFile, TableReport, six_digits};

use crate::{Given, JudgeError, files};

/// How many rows or groups are shown of a rule.
pub const SHOWN: usize = 5;

/// What one rule found; what is left empty is not said.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Index into the gate's data.
    pub table: usize,
    pub subject: String,
    pub rule: String,
    pub state: State,
    /// What a violation does to the verdict.
    pub level: Level,
    pub observed: String,
    pub expected: String,
    pub bad: u64,
    pub examined: u64,
    pub samples: Vec<Sample>,
    pub notes: Vec<String>,
}

impl Finding {
    /// Starts a finding of a rule that fails when it is broken.
    pub fn new(subject: impl Into<String>, rule: impl Into<String>) -> Self {
        Self {
            table: 0,
            subject: subject.into(),
            rule: rule.into(),
            state: State::Pass,
            level: Level::Fail,
            observed: String::new(),
            expected: String::new(),
            bad: 0,
            examined: 0,
            samples: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Ends a finding: what was seen, and what that means.
    #[must_use]
    pub fn seen(self, state: State, observed: impl Into<String>) -> Self {
        Self { state, observed: observed.into(), ..self }
    }

    /// Ends a finding for which there was not enough: what there was, and what would do.
    #[must_use]
    pub fn lacking(self, why: impl Into<String>) -> Self {
        self.seen(State::Inconclusive, why)
    }

    /// Says of how many of what was examined something is wrong.
    #[must_use]
    pub fn count(self, bad: usize, examined: usize) -> Self {
        Self { bad: bad as u64, examined: examined as u64, ..self }
    }

    #[must_use]
    pub fn expecting(self, expected: impl Into<String>) -> Self {
        Self { expected: expected.into(), ..self }
    }

    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    #[must_use]
    pub fn samples(self, samples: Vec<Sample>) -> Self {
        Self { samples, ..self }
    }

    fn report(self, citation: &str) -> RuleReport {
        RuleReport {
            table: self.table,
            subject: self.subject,
            rule: self.rule,
            citation: citation.to_owned(),
            level: self.level,
            state: self.state,
            observed: self.observed,
            expected: self.expected,
            bad: self.bad,
            examined: self.examined,
            allowed: "0".to_owned(),
            samples: self.samples,
            notes: self.notes,
        }
    }
}

/// A report while it is made.
pub struct Draft<'a> {
    given: &'a Given<'a>,
    tables: Vec<TableReport>,
    rules: Vec<RuleReport>,
    metrics: BTreeMap<String, String>,
}

impl<'a> Draft<'a> {
    pub fn new(given: &'a Given<'a>) -> Self {
        Self { given, tables: Vec::new(), rules: Vec::new(), metrics: BTreeMap::new() }
    }

    /// Opens the next of the gate's data as a table; what is found from here on is found of it.
    pub fn open(&mut self, input: &Input<'a>) -> Result<TableFile, JudgeError> {
        let table = TableFile::open(self.given.table(input))?;
        self.tables.push(table.report()?);
        Ok(table)
    }

    /// Takes the next of the gate's data as a file that is no table.
    pub fn file(&mut self, input: &Input<'_>) -> Result<(), JudgeError> {
        let bytes = files::size(input.name, input.path)?;
        let path = input.name.to_owned();
        self.tables.push(TableReport { path, rows: 0, columns: 0, bytes, stored: Vec::new(), rejects: None });
        Ok(())
    }

    /// Returns the number of rows of the table that was opened last.
    pub fn rows(&self) -> u64 {
        self.tables.last().map_or(0, |table| table.rows)
    }

    /// Adds what a rule found of the table that was opened last.
    pub fn found(&mut self, mut finding: Finding) {
        finding.table = self.tables.len().saturating_sub(1);
        self.rules.push(finding.report(self.given.citation));
    }

    /// Keeps a number of the table that was opened last for the gate's history; the first table is not named in it.
    pub fn metric(&mut self, name: &str, value: f64) {
        match self.tables.as_slice() {
            [] | [_] => self.history(name, value),
            [.., last] => self.history(&format!("{name} {}", last.path), value),
        }
    }

    /// Keeps a number of all the data together for the gate's history.
    pub fn history(&mut self, name: &str, value: f64) {
        // What is left of zero by rounding is zero, on every machine.
        let value = if value.abs() < 1e-12 { 0.0 } else { value };
        self.metrics.insert(name.to_owned(), six_digits(value));
    }

    /// Ends the report; one without a rule has judged nothing.
    pub fn finish(self) -> Report {
        let state = self.rules.iter().map(RuleReport::weight).max().unwrap_or(State::Inconclusive);
        Report { state, tables: self.tables, rules: self.rules, metrics: self.metrics }
    }
}

/// Makes the sample of a row of a table that is one file, or of a group or column when `row` is `None`.
pub fn sample<'a>(row: Option<usize>, cells: impl IntoIterator<Item = (&'a str, Option<String>)>) -> Sample {
    let cells = cells.into_iter().map(|(column, value)| Cell { column: column.to_owned(), value }).collect();
    Sample { part: None, row: row.map(|row| row as u64 + 1), line: None, cells }
}
