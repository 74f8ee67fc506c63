//! Judges data: a schema's rules on tables, or the exit status of a command.
//!
//! It knows neither tasks nor transactions: given rules and files it returns a verdict and the report behind it.

mod command;
#[cfg(not(feature = "tables"))]
mod no_tables;
#[cfg(feature = "tables")]
mod tables;

pub use command::judge_ended;
#[cfg(not(feature = "tables"))]
pub use no_tables::{judge_tables, read_rules};
#[cfg(feature = "tables")]
pub use tables::{judge_tables, read_rules};

use crate::event::GateReport;
use crate::lock::Verdict;
use crate::words::GateState;

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
