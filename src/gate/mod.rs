//! Judges data: a schema's rules on tables, or the exit status of a command.
//!
//! It knows neither tasks nor transactions: given rules and files it returns a verdict and the report behind it.

mod command;
mod drafts;
mod schema;

pub use command::judge_ended;
pub use drafts::infer_schema;
pub use schema::{judge_tables, read_rules};

use crate::event::GateReport;
use crate::lock::Verdict;

/// A verdict and what it is based on.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    pub verdict: Verdict,
    pub report: GateReport,
}
