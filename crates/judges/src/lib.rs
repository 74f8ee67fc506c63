//! Given the settings of a gate kind and its data, returns a report: the same one that schemas give.
//!
//! [`judge`] judges, [`reference()`] makes the file that a later judgement compares with, and [`leakage`] has the parts between
//! which the engine runs a stage again. What is written in a report follows from the settings and the data alone, save for
//! freshness without a declared moment, which takes the one it is given.
//!
//! Nothing passes for want of evidence. What is missing, too short, constant or without a counterpart is *inconclusive* and
//! says what would be enough; what has no meaning (a probability of 1.2, a time in the future, a file that is no
//! reference) is a [`JudgeError`], and more of the same does not help.
//!
//! The crate knows nothing of stages, tasks, stores or verdicts, and does not name the data-frame library.
#![expect(clippy::cast_precision_loss, reason = "counts are far below 2⁵³, where floats stop to hold whole numbers")]

mod approval;
mod calibration;
mod drift;
mod error;
mod files;
mod finding;
mod freshness;
mod json;
pub mod leakage;
mod regression;
mod sql;
#[cfg(test)]
mod tests;
mod tolerance;
mod words;

use std::path::PathBuf;

use lockgate_contract::{Input, Report, TableAt, caught};
use lockgate_forms::TextForms;
use lockgate_kinds::Kind;

pub use error::{Future, JudgeError, Misfit};

/// The version of the meaning of the kinds: it enters every verdict's key, so a change of meaning judges anew.
pub const CHECKER_VERSION: u32 = 2;

/// What is judged, and where the rest lies.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// The gate's name, for the commands that messages give.
    pub gate: &'a str,
    /// Where the settings stand, `file:line`.
    pub citation: &'a str,
    /// The gate's data, in the order of its list.
    pub data: &'a [Input<'a>],
    /// How the files are written that are text, by the names that the settings have for them.
    pub forms: &'a TextForms,
    /// Returns where a file that the settings name lies at the moment.
    pub file: &'a dyn Fn(&str) -> PathBuf,
    /// The moment of the run, in nanoseconds since 1970-01-01 00:00 UTC.
    pub now: i128,
}

impl<'a> Given<'a> {
    /// Returns one of the gate's data as a table.
    pub fn table(&self, input: &Input<'a>) -> TableAt<'a> {
        TableAt { name: input.name, path: input.path, form: self.forms.of(input.name) }
    }
}

/// Judges the data by the settings of a gate.
///
/// A file that cannot be read as what it claims to be, and values without a meaning, are errors. A leakage gate is
/// inconclusive here: its report is [`leakage::report`], of what running the stage again has shown. An approval asks for
/// a review, and whether there was one is not known here.
pub fn judge(kind: &Kind, given: &Given<'_>) -> Result<Report, JudgeError> {
    behind_wall(kind.name(), given, || judge_kind(kind, given))
}

fn judge_kind(kind: &Kind, given: &Given<'_>) -> Result<Report, JudgeError> {
    match kind {
        Kind::Freshness(freshness) => freshness::judge(freshness, given),
        Kind::Drift(drift) => drift::judge(drift, given),
        Kind::Calibration(calibration) => calibration::judge(calibration, given),
        Kind::Regression(regression) => regression::judge(regression, given),
        Kind::Tolerance(tolerance) => tolerance::judge(tolerance, given),
        Kind::Sql(sql) => sql::judge(sql, given),
        Kind::Leakage(leakage) => leakage::report(leakage, given, &[]),
        Kind::Approval(approval) => approval::judge(approval, given),
    }
}

/// Returns the text of the file that the gate compares with from now on: of a drift gate its reference, of a regression gate
/// its baseline.
///
/// Other kinds have none, and that is an error.
pub fn reference(kind: &Kind, given: &Given<'_>) -> Result<String, JudgeError> {
    behind_wall(kind.name(), given, || reference_of(kind, given))
}

/// Runs what reads tables for a gate of this kind: a fall of the data-frame library is an error that names the settings.
///
/// [`judge`] and [`reference()`] do so themselves; the parts of [`leakage`] are for whoever calls them.
pub fn behind_wall<T>(
    kind: &'static str,
    given: &Given<'_>,
    run: impl FnOnce() -> Result<T, JudgeError>,
) -> Result<T, JudgeError> {
    caught(run).unwrap_or_else(|why| Err(JudgeError::Stopped { kind, citation: given.citation.to_owned(), why }))
}

fn reference_of(kind: &Kind, given: &Given<'_>) -> Result<String, JudgeError> {
    match kind {
        Kind::Drift(drift) => drift::reference(drift, given),
        Kind::Regression(regression) => regression::reference(regression, given),
        Kind::Freshness(_)
        | Kind::Calibration(_)
        | Kind::Tolerance(_)
        | Kind::Sql(_)
        | Kind::Leakage(_)
        | Kind::Approval(_) => Err(JudgeError::NoReference { kind: kind.name() }),
    }
}
