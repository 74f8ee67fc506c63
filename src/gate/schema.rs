//! The verdict of a schema gate.

use std::path::PathBuf;

use lockgate_spanned::Problems;

use super::Judgement;
use crate::event::GateReport;
use crate::fingerprint::Rules;
use crate::lock::{GateState, Verdict};
use crate::words::RelPath;

/// Reads the rules of a schema file: the digest of their normal form and the version of what applies them.
#[cfg(feature = "tables")]
pub fn read_rules(file: &RelPath, text: &str) -> Result<Rules, Problems> {
    use crate::words::Digest;
    let mut problems = Problems::default();
    let source = lockgate_spanned::Source::new(file.to_string(), text);
    let schema = lockgate_contract::Schema::read(&source, &mut problems);
    match schema {
        Some(schema) if problems.is_empty() => {
            Ok(Rules { digest: Digest::of(&schema.normal_form()), checker: lockgate_contract::CHECKER_VERSION })
        }
        Some(_) | None => Err(problems),
    }
}

/// Without the feature `tables` no rule can be applied: the text stands for the rules.
#[cfg(not(feature = "tables"))]
pub fn read_rules(_file: &RelPath, text: &str) -> Result<Rules, Problems> {
    Ok(Rules { digest: crate::words::Digest::of(text.as_bytes()), checker: 0 })
}

/// Judges tables, each by the path that messages use and its place on disk, by the rules of a schema file.
#[cfg(feature = "tables")]
pub fn judge_tables(file: &RelPath, text: &str, tables: &[(RelPath, PathBuf)], data: Vec<String>) -> Judgement {
    let mut problems = Problems::default();
    let source = lockgate_spanned::Source::new(file.to_string(), text);
    let schema = lockgate_contract::Schema::read(&source, &mut problems).filter(|_| problems.is_empty());
    let Some(schema) = schema else { return error(data, format!("the schema `{file}` is not valid")) };
    let names: Vec<String> = tables.iter().map(|(path, _)| path.to_string()).collect();
    let inputs: Vec<_> =
        names.iter().zip(tables).map(|(name, (_, path))| lockgate_contract::Input { name, path }).collect();
    match lockgate_contract::check(&schema, &inputs) {
        Ok(report) => judgement(&report, data),
        Err(broken) => error(data, broken.to_string()),
    }
}

/// How wide the rules are drawn when the report is kept: a terminal of the usual width.
#[cfg(feature = "tables")]
const WIDTH: usize = 100;

#[cfg(feature = "tables")]
fn judgement(report: &lockgate_contract::Report, data: Vec<String>) -> Judgement {
    use crate::words::text::plural;
    use lockgate_contract::State;
    let state = match report.state {
        State::Pass => GateState::Pass,
        State::Warn => GateState::Warn,
        State::Review => GateState::Review,
        State::Inconclusive => GateState::Inconclusive,
        State::Fail => GateState::Fail,
    };
    let rows: u64 = report.tables.iter().map(|table| table.rows).sum();
    let rules = report.rules.len();
    let failed_rules: usize =
        [State::Review, State::Inconclusive, State::Fail].map(|state| report.count(state)).iter().sum();
    let seen = format!("{} on {}", plural(rules, "rule"), plural(usize::try_from(rows).unwrap_or(usize::MAX), "row"));
    let summary = if failed_rules == 0 { seen } else { format!("{failed_rules} of {seen} did not pass") };
    let details = serde_json::to_value(report).expect("a report has only string keys");
    let screen = report.screen(WIDTH);
    let shape = |(line, table): (String, &lockgate_contract::TableReport)| {
        format!("{line}  {} × {}", plural(usize::try_from(table.rows).unwrap_or(usize::MAX), "row"), table.columns)
    };
    let data = data.into_iter().zip(&report.tables).map(shape).collect();
    let report = GateReport { data, details, screen, failed_rules, rules, log: None };
    Judgement { verdict: Verdict { state, summary }, report }
}

/// Says that this build cannot judge tables.
#[cfg(not(feature = "tables"))]
pub fn judge_tables(_file: &RelPath, _text: &str, _tables: &[(RelPath, PathBuf)], data: Vec<String>) -> Judgement {
    error(data, "this lockgate was built without the feature `tables` and cannot judge tables".to_owned())
}

fn error(data: Vec<String>, message: String) -> Judgement {
    let details = serde_json::json!({ "error": message });
    let screen = format!("      {message}\n");
    let report = GateReport { data, details, screen, failed_rules: 0, rules: 0, log: None };
    Judgement { verdict: Verdict { state: GateState::Error, summary: message }, report }
}
