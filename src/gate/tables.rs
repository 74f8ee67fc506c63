//! Verdicts on tables by the rules of a schema.

use lockgate_contract::{Input, State};
use lockgate_spanned::Problems;

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
    let given = lockgate_contract::Given { tables, ..lockgate_contract::Given::default() };
    match lockgate_contract::check(&schema, &inputs, &given) {
        Ok(report) => judgement(&report, data),
        Err(broken) => Judgement::error(data, broken.to_string()),
    }
}

/// How wide the rules are drawn when the report is kept: a terminal of the usual width.
const WIDTH: usize = 100;

pub(super) fn judgement(report: &lockgate_contract::Report, data: Vec<String>) -> Judgement {
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
        if table.columns == 0 {
            // No table, or one of which nothing was read.
            return line;
        }
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
