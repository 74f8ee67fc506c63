//! Judges data: a schema's rules on tables, or the exit status of a command.
//!
//! It knows neither tasks nor transactions: given rules and files it returns a verdict and the report behind it.

mod command;
mod difference;
#[cfg(feature = "tables")]
mod measured;
#[cfg(not(feature = "tables"))]
mod no_tables;
#[cfg(feature = "tables")]
mod rules;
#[cfg(feature = "tables")]
mod schemas;
#[cfg(feature = "tables")]
mod tables;

pub use command::judge_ended;
pub use difference::{SchemaChange, SchemaChanges, Weight};
#[cfg(feature = "tables")]
pub use measured::{judge_kind, judge_leakage, reference_of, rules_of_kind};
#[cfg(not(feature = "tables"))]
pub use no_tables::{
    compare_schemas, infer_schema, judge_kind, judge_leakage, judge_tables, language, read_rules, reference_of,
    rows_as_csv, rules_of_kind,
};
#[cfg(feature = "tables")]
pub use schemas::{compare_schemas, infer_schema, language};
#[cfg(feature = "tables")]
pub use tables::{judge_tables, read_rules, rows_as_csv};

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lockgate_forms::{TextForm, TextForms};

use crate::event::GateReport;
use crate::lock::Verdict;
use crate::words::{GateState, RelPath, TaskId};

/// How the rules of a file are used.
#[derive(Clone, Copy, Debug)]
pub struct Use<'a> {
    pub by: User<'a>,
    /// The environment of the schema, when one is named.
    pub environment: Option<&'a str>,
    /// The names of the tables that the rules may refer to.
    pub tables: &'a [&'a str],
    /// How the judged table is written if it is text, where the rules do not say it.
    pub csv: &'a TextForm,
}

/// Who uses them, and can be told what to add.
#[derive(Clone, Copy, Debug)]
pub enum User<'a> {
    Gate(&'a TaskId),
    /// A person, with `lockgate validate`.
    Command,
}

/// The tables of a verdict, each by the path that messages use and its place on disk.
#[derive(Clone, Copy)]
pub struct Tables<'a> {
    pub by: User<'a>,
    pub judged: &'a [(RelPath, PathBuf)],
    /// Tables that the rules refer to, by the names that the schema has for them.
    pub others: &'a BTreeMap<String, OtherTable>,
    pub environment: Option<&'a str>,
    /// How the judged tables are written if they are text, where the rules do not say it.
    pub csv: &'a TextForm,
    /// For each judged table the file for its bad rows, by what messages call it and its place; none are written without.
    pub rejects: &'a [(String, PathBuf)],
    /// The folder for what does not fit into memory.
    pub scratch: Option<&'a Path>,
    /// Returns the details of the report on the data that passed last; only asked when there is something to compare.
    pub last: &'a dyn Fn() -> Option<serde_json::Value>,
}

/// A table that rules refer to: the path that messages use, its place on disk, and how it is written if it is text.
#[derive(Clone, Debug)]
pub struct OtherTable {
    pub path: RelPath,
    pub place: PathBuf,
    pub form: TextForm,
}

/// What a gate that measures is given.
pub struct Case<'a> {
    /// The gate's name, for the commands that messages give.
    pub gate: String,
    /// Where the settings stand, `file:line`.
    pub citation: String,
    /// What is judged: the path that messages use, and where it lies.
    pub data: Vec<(RelPath, PathBuf)>,
    /// What is judged, a line each.
    pub described: Vec<String>,
    /// How the tables are written that it reads.
    pub forms: &'a TextForms,
    /// Returns where a file that the settings name lies.
    pub place: &'a dyn Fn(&str) -> PathBuf,
    /// The moment of the run, in nanoseconds since 1970-01-01 00:00 UTC.
    pub now_ns: i128,
}

/// Writes a dep of a stage anew: its path in the project, where it lies, and where the other one goes. One that is to stay
/// as it is is not written.
pub type Change<'a> = dyn FnMut(&str, &Path, &Path) -> Result<(), String> + 'a;

/// Runs a stage again on deps that are written anew; returns where its data lies then, until the next time.
pub type Redo<'a> = dyn FnMut(&mut Change<'_>) -> Result<PathBuf, String> + 'a;

/// A verdict and what it is based on.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    pub verdict: Verdict,
    pub report: GateReport,
}

/// A disk is full of which judging needs some: that is nothing about the data, and a person can mend it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NoRoom(pub String);

impl Judgement {
    /// The verdict of a gate that could not judge.
    pub fn error(data: Vec<String>, message: String) -> Self {
        let report = GateReport::of_error(data, &message);
        Self { verdict: Verdict { state: GateState::Error, summary: message }, report }
    }
}
