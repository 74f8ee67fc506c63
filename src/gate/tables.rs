//! Verdicts on tables: what links the data-frame library.

use std::path::Path;

use lockgate_contract::{Given, Input, Major, OnChange, State};
use lockgate_spanned::Problems;

use super::difference::{SchemaChange, SchemaChanges, Weight};
use super::{Judgement, Tables};
use crate::event::{GateReport, RuleFound};
use crate::fingerprint::Rules;
use crate::lock::Verdict;
use crate::words::text::plural;
use crate::words::{Digest, GateState, RelPath};

/// Reads the rules of a schema file: the digest of their normal form and the version of what applies them.
pub fn read_rules(file: &RelPath, text: &str) -> Result<Rules, Problems> {
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

use std::path::Path;

/// Judges tables by the rules of a schema file.
pub fn judge_tables(file: &RelPath, text: &str, tables: &Tables<'_>, data: Vec<String>) -> Judgement {
    let mut problems = Problems::default();
    let source = lockgate_spanned::Source::new(file.to_string(), text);
    let schema = lockgate_contract::Schema::read(&source, &mut problems).filter(|_| problems.is_empty());
    let Some(schema) = schema else { return Judgement::error(data, format!("the schema `{file}` is not valid")) };
    let names: Vec<String> = tables.judged.iter().map(|(path, _)| path.to_string()).collect();
    let inputs: Vec<_> = names.iter().zip(tables.judged).map(|(name, (_, path))| Input { name, path }).collect();
    let others: Vec<String> = tables.others.values().map(|(path, _)| path.to_string()).collect();
    let named = others.iter().zip(tables.others);
    let tables = named.map(|(name, (called, (_, path)))| (called.clone(), Input { name, path })).collect();
    let given = Given { tables };
    match lockgate_contract::check(&schema, &inputs, &given) {
        Ok(report) => judgement(&report, data),
        Err(broken) => Judgement::error(data, broken.to_string()),
    }
}

/// How wide the rules are drawn when the report is kept: a terminal of the usual width.
const WIDTH: usize = 100;

fn judgement(report: &lockgate_contract::Report, data: Vec<String>) -> Judgement {
    let count = |rows: u64| plural(usize::try_from(rows).unwrap_or(usize::MAX), "row");
    let rules: Vec<RuleFound> = report
        .rules
        .iter()
        .map(|rule| RuleFound {
            name: format!("{} {}", rule.subject, rule.rule),
            citation: rule.citation.clone(),
            observed: rule.observed.clone(),
            state: state(rule.weight()),
        })
        .collect();
    let rows: u64 = report.tables.iter().map(|table| table.rows).sum();
    let seen = format!("{} on {}", plural(rules.len(), "rule"), count(rows));
    let failed = rules.iter().filter(|rule| !rule.state.lets_pass()).count();
    let summary = if failed == 0 { seen } else { format!("{failed} of {seen} did not pass") };
    let details = serde_json::to_value(report).expect("a report has only string keys");
    let screen = report.screen(WIDTH);
    let shape = |(line, table): (String, &lockgate_contract::TableReport)| {
        format!("{line}  {} × {}", count(table.rows), table.columns)
    };
    let data = data.into_iter().zip(&report.tables).map(shape).collect();
    let whole = state(report.state);
    let metrics = report.metrics.clone();
    let report = GateReport { data, details, screen, rules, metrics, log: None };
    Judgement { verdict: Verdict { state: whole, summary }, report }
}

const fn state(state: lockgate_contract::State) -> GateState {
    match state {
        State::Pass => GateState::Pass,
        State::Warn => GateState::Warn,
        State::Review => GateState::Review,
        State::Inconclusive => GateState::Inconclusive,
        State::Fail => GateState::Fail,
    }
}

/// Compares two schemas, each by its name in messages and its text; mistakes in either are problems.
pub fn compare_schemas(old: (&str, &str), new: (&str, &str)) -> Result<SchemaChanges, Problems> {
    let mut problems = Problems::default();
    let mut read = |(name, text): (&str, &str)| {
        lockgate_contract::Schema::read(&lockgate_spanned::Source::new(name, text), &mut problems)
    };
    let (old, new) = (read(old), read(new));
    let (Some(old), Some(new), true) = (old, new, problems.is_empty()) else { return Err(problems) };
    let diff = old.diff(&new);
    let kept_major = if let Major::Kept(major) = diff.major { Some(major) } else { None };
    Ok(SchemaChanges { changes: diff.changes.into_iter().map(change).collect(), kept_major })
}

fn change(change: lockgate_contract::Change) -> SchemaChange {
    let weight = match change.weight {
        OnChange::Allow => Weight::Harmless,
        OnChange::Warn => Weight::Warns,
        OnChange::Fail => Weight::Breaks,
    };
    let lockgate_contract::Change { effect, subject, kind, was, now, at, .. } = change;
    SchemaChange { effect: effect.name(), subject, kind, was, now, at, weight }
}

/// Returns a schema, as text, that the table at `path` passes; `name` is what messages call the table.
pub fn infer_schema(name: &str, path: &Path, schema: &str) -> Result<String, String> {
    lockgate_contract::infer(&Input { name, path }, schema).map_err(|error| error.to_string())
}

/// Returns the JSON Schema of the schema language.
#[expect(clippy::unnecessary_wraps, reason = "a build without tables has none")]
pub fn language() -> Result<String, String> {
    Ok(lockgate_contract::json_schema())
}
