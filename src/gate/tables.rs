//! Verdicts on tables by the rules of a schema.

use std::path::Path;

use lockgate_contract::{Given, Input, Rejects, Report, State, TableAt, TableFile};
use lockgate_spanned::Problems;

use super::rules::Ruled;
use super::{Judgement, NoRoom, OtherTable, Tables, Use};
use crate::event::{GateReport, RuleFound};
use crate::fingerprint::Rules;
use crate::lock::Verdict;
use crate::words::text::plural;
use crate::words::{GateState, RelPath};

/// Reads the rules of a schema file or a suite: the digest of their normal form and the version of what applies them.
pub fn read_rules(file: &RelPath, text: &str, asked: &Use<'_>) -> Result<Rules, Problems> {
    Ruled::read(file, text, asked).map(|ruled| ruled.digest())
}

/// Judges tables by the rules of a schema file or a suite.
pub fn judge_tables(file: &RelPath, text: &str, tables: &Tables<'_>, data: Vec<String>) -> Result<Judgement, NoRoom> {
    let named: Vec<&str> = tables.others.keys().map(String::as_str).collect();
    let asked = Use { by: tables.by, environment: tables.environment, tables: &named, csv: tables.csv };
    let ruled = match Ruled::read(file, text, &asked) {
        Ok(ruled) => ruled,
        Err(problems) => {
            let why = problems.iter().next().map(|problem| format!(": {}", problem.message())).unwrap_or_default();
            return Ok(Judgement::error(data, format!("the schema `{file}` is not valid{why}")));
        }
    };
    let names: Vec<String> = tables.judged.iter().map(|(path, _)| path.to_string()).collect();
    let inputs: Vec<_> = names.iter().zip(tables.judged).map(|(name, (_, path))| Input { name, path }).collect();
    let others = tables.others.iter().map(|(called, OtherTable { path, place, form })| {
        (called.clone(), TableAt { name: path.as_str(), path: place, form })
    });
    let rejects: Vec<Rejects<'_>> = tables.rejects.iter().map(|(name, path)| Rejects { path, name }).collect();
    let given = Given { tables: others.collect(), scratch: tables.scratch, rejects: &rejects };
    match lockgate_contract::check(&ruled.schema, &inputs, &given) {
        Ok(mut report) => {
            ruled.cite(&mut report);
            let judged = judgement(&report, data);
            Ok(with_difference(judged, &report, tables.last))
        }
        Err(broken) if broken.is_full() => Err(NoRoom(broken.to_string())),
        Err(broken) => Ok(Judgement::error(data, broken.to_string())),
    }
}

/// Returns all rows of a table as CSV, with a line for the names; a null is an empty field.
pub fn rows_as_csv(name: &str, path: &Path) -> Result<String, String> {
    let told = |error: lockgate_contract::CheckError| error.to_string();
    let table = TableFile::open(TableAt::plain(name, path)).map_err(told)?;
    let names: Vec<String> = table.columns().map_err(told)?.into_iter().map(|(name, _)| name).collect();
    let columns = names.iter().map(|name| table.texts(name)).collect::<Result<Vec<_>, _>>().map_err(told)?;
    let rows = columns.first().map_or(0, Vec::len);
    let line = |cells: &mut dyn Iterator<Item = &str>| cells.map(quoted).collect::<Vec<_>>().join(",") + "\n";
    let mut text = line(&mut names.iter().map(String::as_str));
    for row in 0..rows {
        text += &line(&mut columns.iter().map(|column| column[row].as_deref().unwrap_or_default()));
    }
    Ok(text)
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// Tells of data that does not pass what is different from the data that passed last.
fn with_difference(judged: Judgement, report: &Report, last: &dyn Fn() -> Option<serde_json::Value>) -> Judgement {
    if judged.verdict.state.lets_pass() {
        return judged;
    }
    // One that another version has written may have another shape: then there is nothing to compare with.
    let last: Option<Report> = last().and_then(|last| serde_json::from_value(last).ok());
    let Some(last) = last else { return judged };
    let Judgement { verdict, report: mut told } = judged;
    told.screen.push('\n');
    told.screen.push_str(&report.screen_since(&last, WIDTH));
    Judgement { verdict, report: told }
}

/// How wide the rules are drawn when the report is kept: a terminal of the usual width.
const WIDTH: usize = 100;

pub(super) fn judgement(report: &Report, data: Vec<String>) -> Judgement {
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
