//! From what was counted to what is said.

use lockgate_spanned::nearest;

use super::measure::Tally;
use super::plan::{Presence, Rule, Subject};
use super::sample;
use crate::report::{RuleReport, Sample, State, percent};
use crate::schema::{Allow, Counts, ExtraColumns, Level, RuleKind, Schema, ValueRule};
use crate::table::{CheckError, Table};
use crate::value::Literal;

/// What a rule is judged against, besides its own numbers.
pub(super) struct Context<'a> {
    pub schema: &'a Schema,
    pub table: &'a Table,
    /// Index of the table in the report.
    pub index: usize,
    pub rows: u64,
}

/// What a rule says of the table, before its level is applied.
struct Finding {
    outcome: Outcome,
    observed: String,
    bad: u64,
    examined: u64,
    notes: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Holds,
    Broken,
    Unknown,
}

/// Makes the report of one rule; looks for sample rows when it is broken.
pub(super) fn judge(rule: &Rule<'_>, tally: &Tally, context: &Context<'_>) -> Result<RuleReport, CheckError> {
    let finding = find(rule, tally, context);
    let samples = if finding.outcome == Outcome::Broken { samples(rule, tally, context)? } else { Vec::new() };
    let mut notes = finding.notes;
    let level = level(rule);
    let state = match (finding.outcome, level) {
        (Outcome::Holds, _) => State::Pass,
        (Outcome::Unknown, _) => State::Inconclusive,
        (Outcome::Broken, Level::Fail) => State::Fail,
        (Outcome::Broken, Level::Warn) => State::Warn,
        (Outcome::Broken, Level::Info) => {
            notes.push("broken, and only for information".to_owned());
            State::Pass
        }
    };
    if let (Rule::Value { rule, .. }, Outcome::Broken) = (rule, finding.outcome) {
        notes.extend(did_you_mean(&rule.kind, &samples));
    }
    Ok(RuleReport {
        table: context.index,
        subject: subject_name(rule),
        rule: rule_name(rule),
        citation: citation(rule).to_owned(),
        level,
        state,
        observed: finding.observed,
        expected: expected(rule),
        bad: finding.bad,
        examined: finding.examined,
        allowed: allow(rule).to_string(),
        samples,
        notes,
    })
}

fn samples(rule: &Rule<'_>, tally: &Tally, context: &Context<'_>) -> Result<Vec<Sample>, CheckError> {
    match &tally.duplicates {
        Some(duplicates) => Ok(duplicates.samples.clone()),
        None if rule.is_ready() => sample::samples(rule, context),
        None => Ok(Vec::new()),
    }
}

fn find(rule: &Rule<'_>, tally: &Tally, context: &Context<'_>) -> Finding {
    match rule {
        Rule::Rows { counts, .. } => row_count(*counts, context.rows),
        Rule::Extra { .. } => extra_columns(context),
        Rule::Order { .. } => column_order(context),
        Rule::Type(Subject { column, presence: Presence::Missing }) => {
            let names: Vec<&str> = undeclared(context);
            let near = nearest(&column.name, names).map(|near| format!("the table has `{near}`: renamed?"));
            let notes = near.into_iter().collect();
            Finding { notes, ..broken("the column is missing", context.rows, context.rows) }
        }
        Rule::Type(Subject { presence: Presence::Mistyped(stored), .. }) => {
            broken(format!("stored as {stored}"), context.rows, context.rows)
        }
        _ if context.rows == 0 => unknown("the table has no rows"),
        _ if !rule.is_ready() => unknown(unready(rule)),
        Rule::Type(subject) => types(subject, tally),
        Rule::NotNull(subject) => not_null(subject, tally),
        Rule::Value { .. } | Rule::Unique { .. } if tally.examined == 0 => {
            unknown(format!("no value to judge in {} rows", context.rows))
        }
        Rule::Value { rule, .. } => value(rule, tally, context),
        Rule::Unique { .. } => unique(tally),
    }
}

fn unknown(why: impl Into<String>) -> Finding {
    Finding { outcome: Outcome::Unknown, observed: why.into(), bad: 0, examined: 0, notes: Vec::new() }
}

fn holds(what: impl Into<String>, examined: u64) -> Finding {
    Finding { outcome: Outcome::Holds, observed: what.into(), bad: 0, examined, notes: Vec::new() }
}

fn broken(what: impl Into<String>, bad: u64, examined: u64) -> Finding {
    Finding { outcome: Outcome::Broken, observed: what.into(), bad, examined, notes: Vec::new() }
}

/// Says which column keeps a rule from being judged.
fn unready(rule: &Rule<'_>) -> String {
    let why = |subject: &Subject<'_>| match &subject.presence {
        Presence::Missing => Some(format!("not judged: `{}` is missing", subject.column.name)),
        Presence::Mistyped(stored) => Some(format!("not judged: `{}` is stored as {stored}", subject.column.name)),
        Presence::Ready(_) => None,
    };
    rule.subjects().iter().find_map(why).unwrap_or_default()
}

fn row_count(counts: Counts, rows: u64) -> Finding {
    let observed = plural(rows, "row");
    if counts.contains(rows) { holds(observed, rows) } else { broken(observed, 0, rows) }
}

fn undeclared<'a>(context: &'a Context<'_>) -> Vec<&'a str> {
    let declared = |name: &str| context.schema.columns.iter().any(|column| column.name == name);
    context.table.columns.iter().map(|(name, _)| name.as_str()).filter(|name| !declared(name)).collect()
}

fn extra_columns(context: &Context<'_>) -> Finding {
    let extra = undeclared(context);
    let columns = context.table.columns.len() as u64;
    if extra.is_empty() {
        return holds("no other columns", columns);
    }
    let shown: Vec<String> = extra.iter().take(SHOWN_COLUMNS).map(|name| format!("`{name}`")).collect();
    let more = extra.len().saturating_sub(SHOWN_COLUMNS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let bad = extra.len() as u64;
    let what = format!("{} not in the schema: {}{more}", plural(bad, "column"), shown.join(", "));
    broken(what, bad, columns)
}

const SHOWN_COLUMNS: usize = 6;

/// Compares the order of the columns that are both declared and there.
fn column_order(context: &Context<'_>) -> Finding {
    let stored: Vec<&str> = context.table.columns.iter().map(|(name, _)| name.as_str()).collect();
    let declared = context.schema.columns.iter().map(|column| column.name.as_str());
    let declared: Vec<&str> = declared.filter(|name| stored.contains(name)).collect();
    let stored: Vec<&str> = stored.into_iter().filter(|name| declared.contains(name)).collect();
    let columns = stored.len() as u64;
    match stored.iter().zip(&declared).position(|(stored, declared)| stored != declared) {
        None => holds("the declared order", columns),
        Some(at) => {
            let bad = stored.iter().zip(&declared).filter(|(stored, declared)| stored != declared).count() as u64;
            broken(format!("`{}` stands where `{}` is declared", stored[at], declared[at]), bad, columns)
        }
    }
}

fn types(subject: &Subject<'_>, tally: &Tally) -> Finding {
    let ty = &subject.column.ty;
    if tally.bad == 0 {
        let notes = if tally.examined == 0 { vec!["no value seen: all rows are null".to_owned()] } else { Vec::new() };
        return Finding { notes, ..holds(format!("every value is {ty}"), tally.examined) };
    }
    let (count, share) = share(tally.bad, tally.examined, "value", &Allow::Rows(0));
    broken(format!("{count} not {ty}{share}"), tally.bad, tally.examined)
}

fn not_null(subject: &Subject<'_>, tally: &Tally) -> Finding {
    if tally.bad == 0 {
        return holds("no null", tally.examined);
    }
    let (count, share) = share(tally.bad, tally.examined, "row", &Allow::Rows(0));
    let what = if subject.nan_is_null() { "null or NaN" } else { "null" };
    broken(format!("{count} {what}{share}"), tally.bad, tally.examined)
}

fn value(rule: &ValueRule, tally: &Tally, context: &Context<'_>) -> Finding {
    let unit = if tally.examined == context.rows { "row" } else { "value" };
    let (count, share) = share(tally.bad, tally.examined, unit, &rule.allow);
    let how = match &rule.kind {
        RuleKind::Range(_) => "outside",
        RuleKind::In(_) => "not in the set",
        RuleKind::Matches(_) | RuleKind::Find(_) => "without a match",
        RuleKind::Len(_) => "of another length",
        RuleKind::NotNan => "NaN",
    };
    let extreme = extremes(tally);
    let observed =
        if tally.bad == 0 { format!("{extreme}{count} {how}") } else { format!("{extreme}{count} {how}{share}") };
    let (bad, examined) = (tally.bad, tally.examined);
    if bad > rule.allow.rows(examined) {
        return broken(observed, bad, examined);
    }
    let notes = if bad > 0 { vec!["within what is allowed".to_owned()] } else { Vec::new() };
    Finding { bad, notes, ..holds(observed, examined) }
}

/// Says by which values a range is left: `max 99, `.
fn extremes(tally: &Tally) -> String {
    let nans = (tally.nans > 0).then(|| format!("{} NaN, ", tally.nans));
    let low = tally.below.iter().map(|low| format!("min {low}, "));
    let high = tally.above.iter().map(|high| format!("max {high}, "));
    low.chain(high).chain(nans).collect()
}

fn unique(tally: &Tally) -> Finding {
    let groups = tally.duplicates.as_ref().map_or(0, |duplicates| duplicates.groups);
    if tally.bad == 0 {
        return holds(format!("{} without a duplicate", plural(tally.examined, "row")), tally.examined);
    }
    let observed = format!("{} in {}", plural(tally.bad, "row"), plural(groups, "duplicate group"));
    broken(observed, tally.bad, tally.examined)
}

/// Returns `5 of 272 rows` and ` (1.84 %, allowed 0)`.
fn share(bad: u64, examined: u64, unit: &str, allow: &Allow) -> (String, String) {
    (format!("{bad} of {}", plural(examined, unit)), format!(" ({}, allowed {allow})", percent(bad, examined)))
}

fn plural(count: u64, unit: &str) -> String {
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// Names the value of a set that is nearest to the first one outside of it.
fn did_you_mean(kind: &RuleKind, samples: &[Sample]) -> Option<String> {
    let RuleKind::In(values) = kind else { return None };
    let word = samples.first()?.cells.last()?.value.as_deref()?;
    let texts =
        values.iter().filter_map(|value| if let Literal::Str(text) = value { Some(text.as_str()) } else { None });
    nearest(word, texts).map(|near| format!("{word:?}: did you mean {near:?}?"))
}

/// Returns what a rule is about and what it is called, which together name it.
pub(super) fn names(rule: &Rule<'_>) -> (String, String) {
    (subject_name(rule), rule_name(rule))
}

fn subject_name(rule: &Rule<'_>) -> String {
    match rule {
        Rule::Rows { .. } => "rows".to_owned(),
        Rule::Extra { .. } => "extra_columns".to_owned(),
        Rule::Order { .. } => "column_order".to_owned(),
        Rule::Type(subject) | Rule::NotNull(subject) | Rule::Value { subject, .. } => subject.column.name.clone(),
        Rule::Unique { columns, nulls, .. } => {
            let names: Vec<&str> = columns.iter().map(|subject| subject.column.name.as_str()).collect();
            let what = if *nulls == super::plan::Nulls::Counted { "key" } else { "also_unique" };
            format!("{what} [{}]", names.join(", "))
        }
    }
}

fn rule_name(rule: &Rule<'_>) -> String {
    match rule {
        Rule::Rows { counts, .. } => counts.to_string(),
        Rule::Extra { policy, .. } => policy.name().to_owned(),
        Rule::Order { .. } => "exact".to_owned(),
        Rule::Type(subject) => format!("type {}", subject.column.ty),
        Rule::NotNull(_) => "not null".to_owned(),
        Rule::Value { rule, .. } => rule.kind.to_string(),
        Rule::Unique { .. } => "unique".to_owned(),
    }
}

fn expected(rule: &Rule<'_>) -> String {
    match rule {
        Rule::Rows { counts, .. } => format!("{counts} rows"),
        Rule::Extra { .. } => "only the declared columns".to_owned(),
        Rule::Order { .. } => "the columns in the order of the schema".to_owned(),
        Rule::Type(subject) => subject.column.ty.to_string(),
        Rule::NotNull(_) => "no null".to_owned(),
        Rule::Value { rule, .. } => rule.kind.to_string(),
        Rule::Unique { .. } => "no two rows alike".to_owned(),
    }
}

/// Returns `file:line` of a rule.
pub(super) fn citation<'a>(rule: &'a Rule<'_>) -> &'a str {
    match rule {
        Rule::Rows { at, .. } | Rule::Extra { at, .. } | Rule::Order { at } | Rule::Unique { at, .. } => at,
        Rule::Type(subject) | Rule::NotNull(subject) => &subject.column.at,
        Rule::Value { rule, .. } => &rule.at,
    }
}

fn level(rule: &Rule<'_>) -> Level {
    match rule {
        Rule::Value { rule, .. } => rule.level,
        Rule::Extra { policy: ExtraColumns::Warn, .. } => Level::Warn,
        Rule::Rows { .. }
        | Rule::Extra { .. }
        | Rule::Order { .. }
        | Rule::Type(_)
        | Rule::NotNull(_)
        | Rule::Unique { .. } => Level::Fail,
    }
}

fn allow(rule: &Rule<'_>) -> Allow {
    if let Rule::Value { rule, .. } = rule { rule.allow } else { Allow::Rows(0) }
}
