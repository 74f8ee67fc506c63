//! Judges data: a schema's rules on tables, or the exit status of a command.
//!
//! It knows neither tasks nor transactions: given rules and files it returns a verdict and the report behind it.

mod command;
mod difference;
#[cfg(not(feature = "tables"))]
mod no_tables;
#[cfg(feature = "tables")]
mod tables;

pub use command::judge_ended;
pub use difference::{SchemaChange, SchemaChanges, Weight};
#[cfg(not(feature = "tables"))]
pub use no_tables::{compare_schemas, infer_schema, judge_tables, language, read_rules};
#[cfg(feature = "tables")]
pub use tables::{compare_schemas, infer_schema, judge_tables, language, read_rules};

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::event::GateReport;
use crate::lock::Verdict;
use crate::words::{GateState, RelPath};

/// The tables of a verdict, each by the path that messages use and its place on disk.
#[derive(Clone, Copy, Debug)]
pub struct Tables<'a> {
    pub judged: &'a [(RelPath, PathBuf)],
    /// Tables that the rules refer to, by the names that the schema has for them.
    pub others: &'a BTreeMap<String, (RelPath, PathBuf)>,
}

/// A verdict and what it is based on.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    pub verdict: Verdict,
    pub report: GateReport,
}

impl Judgement {
    /// The verdict of a gate that could not judge.
    pub fn error(data: Vec<String>, message: String) -> Self {
        let report = GateReport::of_error(data, &message);
        Self { verdict: Verdict { state: GateState::Error, summary: message }, report }
    }
}
