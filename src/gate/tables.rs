//! Verdicts on tables: what links the data-frame library.

use lockgate_contract::{Input, State};
use lockgate_judges::leakage::{self, Cutoff, Features, Probe};
use lockgate_judges::{Given, JudgeError};
use lockgate_kinds::{Kind, Leakage};
use lockgate_spanned::Problems;

use super::{Case, Judgement, Redo, Tables};
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

/// Returns the rules of a gate that measures: its settings, and the version of what applies them.
pub fn rules_of_kind(kind: &Kind) -> Rules {
    Rules { digest: Digest::of(&kind.normal_form()), checker: lockgate_judges::CHECKER_VERSION }
}

/// Measures data and holds it against the settings of a gate.
pub fn judge_kind(kind: &Kind, case: &Case<'_>) -> Judgement {
    with_given(case, |given| lockgate_judges::judge(kind, given)).map_or_else(
        |why| Judgement::error(case.described.clone(), why.to_string()),
        |report| judgement(&report, case.described.clone()),
    )
}

/// Returns the text of the file with which a gate compares from now on.
pub fn reference_of(kind: &Kind, case: &Case<'_>) -> Result<String, String> {
    with_given(case, |given| lockgate_judges::reference(kind, given)).map_err(|why| why.to_string())
}

fn with_given<T>(case: &Case<'_>, act: impl FnOnce(&Given<'_>) -> T) -> T {
    let names: Vec<String> = case.data.iter().map(|(path, _)| path.to_string()).collect();
    let data: Vec<Input<'_>> = names.iter().zip(&case.data).map(|(name, (_, path))| Input { name, path }).collect();
    let Case { gate, citation, place, now_ns, .. } = case;
    act(&Given { gate, citation, data: &data, file: place, now: *now_ns })
}

/// Judges whether features of the past move when outcomes of the future change: the stage is run again, once on inputs
/// that were only written anew and once for each cutoff.
pub fn judge_leakage(settings: &Leakage, case: &Case<'_>, redo: &mut Redo<'_>) -> Judgement {
    let report = with_given(case, |given| probe(settings, given, redo));
    match report {
        Ok(report) => judgement(&report, case.described.clone()),
        Err(why) => Judgement::error(case.described.clone(), why),
    }
}

fn probe(settings: &Leakage, given: &Given<'_>, redo: &mut Redo<'_>) -> Result<lockgate_contract::Report, String> {
    let told = |error: JudgeError| error.to_string();
    let Some(input) = given.data.first() else { return Err("there is no data to judge".to_owned()) };
    let base = Features::open(settings, input).map_err(told)?;
    let mut again = |cutoff: Cutoff| -> Result<(Features, u64), String> {
        let mut perturbed = 0;
        let made = redo(&mut |file, from, to| {
            let outcomes = settings.outcomes.iter().filter(|outcomes| outcomes.file == file);
            for outcomes in outcomes {
                let input = Input { name: file, path: from };
                perturbed += leakage::perturb(outcomes, &input, to, cutoff).map_err(told)?;
            }
            Ok(())
        })?;
        let features = Features::open(settings, &Input { name: input.name, path: &made }).map_err(told)?;
        Ok((features, perturbed))
    };
    let mut probes = Vec::new();
    let cutoffs = base.cutoffs(settings.cutoffs);
    if !cutoffs.is_empty() {
        let (same, _) = again(Cutoff::never(&base))?;
        leakage::control(settings, &base, &same, given).map_err(told)?;
    }
    for cutoff in cutoffs {
        let (other, perturbed) = again(cutoff)?;
        let moved = leakage::compare(&base, &other, cutoff).map_err(told)?;
        probes.push(Probe { cutoff, perturbed, moved });
    }
    leakage::report(settings, given, &probes).map_err(told)
}
