//! What a rule says of a table, before its level is applied.

use crate::report::{Sample, State, percent};
use crate::schema::{Level, Tolerance};

/// What a rule found.
pub(super) struct Finding {
    pub outcome: Outcome,
    pub observed: String,
    pub bad: u64,
    pub examined: u64,
    pub notes: Vec<String>,
    /// Columns or groups that break the rule; rows are looked for when they are needed.
    pub samples: Vec<Sample>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Holds,
    /// With what this does to the verdict.
    Broken(Level),
    Unknown,
}

impl Finding {
    fn new(outcome: Outcome, observed: impl Into<String>, bad: u64, examined: u64) -> Self {
        Self { outcome, observed: observed.into(), bad, examined, notes: Vec::new(), samples: Vec::new() }
    }

    pub fn unknown(why: impl Into<String>) -> Self {
        Self::new(Outcome::Unknown, why, 0, 0)
    }

    pub fn holds(what: impl Into<String>, examined: u64) -> Self {
        Self::new(Outcome::Holds, what, 0, examined)
    }

    pub fn broken(what: impl Into<String>, bad: u64, examined: u64) -> Self {
        Self::broken_at(Level::Fail, what, bad, examined)
    }

    pub fn broken_at(level: Level, what: impl Into<String>, bad: u64, examined: u64) -> Self {
        Self::new(Outcome::Broken(level), what, bad, examined)
    }

    /// Compares what was counted with what is tolerated.
    pub fn within(tolerance: &Tolerance, observed: String, bad: u64, examined: u64) -> Self {
        if let Some(level) = tolerance.exceeded(bad, examined) {
            return Self::broken_at(level, observed, bad, examined);
        }
        let notes = if bad > 0 { vec!["within what is allowed".to_owned()] } else { Vec::new() };
        Self { bad, notes, ..Self::holds(observed, examined) }
    }

    pub fn state(&self) -> State {
        match self.outcome {
            Outcome::Holds | Outcome::Broken(Level::Info) => State::Pass,
            Outcome::Unknown => State::Inconclusive,
            Outcome::Broken(Level::Fail) => State::Fail,
            Outcome::Broken(Level::Warn) => State::Warn,
        }
    }
}

/// Returns `5 of 272 rows against it (1.84 %, allowed 0)`; without a bad one there is no share to tell.
pub(super) fn counted(bad: u64, examined: u64, unit: &str, how: &str, tolerance: &Tolerance) -> String {
    let count = format!("{bad} of {} {how}", plural(examined, unit));
    if bad == 0 { count } else { format!("{count} ({}, allowed {tolerance})", percent(bad, examined)) }
}

pub(super) fn plural(count: u64, unit: &str) -> String {
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}
