//! From what was counted to what is said.

use lockgate_spanned::nearest;

use super::measure::Tally;
use super::plan::{Grouped, Presence, Rule, Subject};
use super::sample;
use crate::report::{RuleReport, Sample, State, percent};
use crate::schema::{Cited, ExtraColumns, Level, RowRule, Rows, RuleKind, Schema, Tolerance, ValueRule};
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
    /// With what this does to the verdict.
    Broken(Level),
    Unknown,
}

/// Makes the report of one rule; looks for sample rows when it is broken.
pub(super) fn judge(rule: &Rule<'_>, tally: &Tally, context: &Context<'_>) -> Result<RuleReport, CheckError> {
    let finding = find(rule, tally, context);
    let mut notes = finding.notes;
    let (state, samples) = match finding.outcome {
        Outcome::Holds => (State::Pass, Vec::new()),
        Outcome::Unknown => (State::Inconclusive, Vec::new()),
        Outcome::Broken(level) => (broken_state(level), samples(rule, tally, context)?),
    };
    if let Outcome::Broken(level) = finding.outcome {
        notes.extend((level == Level::Info).then(|| "broken, and only for information".to_owned()));
        notes.extend(did_you_mean(rule, &samples));
    }
    Ok(RuleReport {
        table: context.index,
        subject: subject_name(rule),
        rule: rule_name(rule),
        citation: citation(rule).to_owned(),
        level: tolerance(rule).level,
        state,
        observed: finding.observed,
        expected: expected(rule),
        bad: finding.bad,
        examined: finding.examined,
        allowed: tolerance(rule).to_string(),
        samples,
        notes,
    })
}

fn broken_state(level: Level) -> State {
    match level {
        Level::Fail => State::Fail,
        Level::Warn => State::Warn,
        Level::Info => State::Pass,
    }
}

fn samples(rule: &Rule<'_>, tally: &Tally, context: &Context<'_>) -> Result<Vec<Sample>, CheckError> {
    match (&tally.duplicates, &tally.groups) {
        (Some(duplicates), _) => Ok(duplicates.samples.clone()),
        (None, Some(groups)) => Ok(groups.shown.clone()),
        (None, None) if rule.is_ready() => sample::samples(rule, context),
        (None, None) => Ok(Vec::new()),
    }
}

fn find(rule: &Rule<'_>, tally: &Tally, context: &Context<'_>) -> Finding {
    match rule {
        Rule::Rows(rows) => row_count(&rows.value, context.rows),
        Rule::Extra { policy, .. } => extra_columns(*policy, context),
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
        Rule::Groups { rule, .. } => groups(*rule, tally),
        Rule::Row { rule, .. } => row_rule(rule, tally, context),
    }
}

fn unknown(why: impl Into<String>) -> Finding {
    Finding { outcome: Outcome::Unknown, observed: why.into(), bad: 0, examined: 0, notes: Vec::new() }
}

fn holds(what: impl Into<String>, examined: u64) -> Finding {
    Finding { outcome: Outcome::Holds, observed: what.into(), bad: 0, examined, notes: Vec::new() }
}

fn broken(what: impl Into<String>, bad: u64, examined: u64) -> Finding {
    broken_at(Level::Fail, what, bad, examined)
}

fn broken_at(level: Level, what: impl Into<String>, bad: u64, examined: u64) -> Finding {
    Finding { outcome: Outcome::Broken(level), observed: what.into(), bad, examined, notes: Vec::new() }
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

fn row_count(rule: &Rows, rows: u64) -> Finding {
    let observed = plural(rows, "row");
    if rule.counts.contains(rows) { holds(observed, rows) } else { broken_at(rule.tolerance.level, observed, 0, rows) }
}

fn undeclared<'a>(context: &'a Context<'_>) -> Vec<&'a str> {
    let declared = |name: &str| context.schema.columns.iter().any(|column| column.name == name);
    context.table.columns.iter().map(|(name, _)| name.as_str()).filter(|name| !declared(name)).collect()
}

fn extra_columns(policy: ExtraColumns, context: &Context<'_>) -> Finding {
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
    broken_at(extra_level(policy), what, bad, columns)
}

fn extra_level(policy: ExtraColumns) -> Level {
    if policy == ExtraColumns::Warn { Level::Warn } else { Level::Fail }
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
    let (count, share) = share(tally.bad, tally.examined, "value", &Tolerance::NONE);
    broken(format!("{count} not {ty}{share}"), tally.bad, tally.examined)
}

fn not_null(subject: &Subject<'_>, tally: &Tally) -> Finding {
    if tally.bad == 0 {
        return holds("no null", tally.examined);
    }
    let (count, share) = share(tally.bad, tally.examined, "row", &Tolerance::NONE);
    let what = if subject.nan_is_null() { "null or NaN" } else { "null" };
    broken(format!("{count} {what}{share}"), tally.bad, tally.examined)
}

fn value(rule: &ValueRule, tally: &Tally, context: &Context<'_>) -> Finding {
    let unit = if tally.examined == context.rows { "row" } else { "value" };
    let (count, share) = share(tally.bad, tally.examined, unit, &rule.tolerance);
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
    within(&rule.tolerance, observed, tally)
}

fn row_rule(rule: &RowRule, tally: &Tally, context: &Context<'_>) -> Finding {
    if tally.applies == 0 {
        return unknown(format!("`when` holds in none of {}", plural(context.rows, "row")));
    }
    if tally.examined == 0 {
        return unknown(format!("no value to judge in {}: a column is null in each", plural(tally.applies, "row")));
    }
    let (count, share) = share(tally.bad, tally.examined, "row", &rule.tolerance);
    let share = if tally.bad == 0 { String::new() } else { share };
    within(&rule.tolerance, format!("{count} against it{share}"), tally)
}

/// Compares what was counted with what is tolerated.
fn within(tolerance: &Tolerance, observed: String, tally: &Tally) -> Finding {
    let (bad, examined) = (tally.bad, tally.examined);
    if let Some(level) = tolerance.exceeded(bad, examined) {
        return broken_at(level, observed, bad, examined);
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

/// The verdict of the worst group: a broken one, then one that cannot be judged.
fn groups(rule: Grouped<'_>, tally: &Tally) -> Finding {
    let Some(verdicts) = &tally.groups else { return unknown("no group was judged") };
    let (tolerance, how) = match rule {
        Grouped::Rows(rows) => (rows.value.tolerance, "outside"),
    };
    if let Some(why) = &verdicts.inconclusive {
        return unknown(why.clone());
    }
    let (count, share) = share(tally.bad, tally.examined, "group", &tolerance);
    let worst = verdicts.shown.first().map(|group| group_text(group) + "; ").unwrap_or_default();
    let observed =
        if tally.bad == 0 { format!("{worst}{count} {how}") } else { format!("{worst}{count} {how}{share}") };
    let finding = within(&tolerance, observed, tally);
    if finding.outcome == Outcome::Holds && verdicts.unknown > 0 {
        let groups = verdicts.unknown + verdicts.judged;
        return unknown(format!("{} of {} without a value to judge", verdicts.unknown, plural(groups, "group")));
    }
    finding
}

/// Returns `season 2019, rows 3`.
fn group_text(group: &Sample) -> String {
    let cells = group.cells.iter().map(|cell| format!("{} {}", cell.column, cell.value.as_deref().unwrap_or("null")));
    cells.collect::<Vec<_>>().join(", ")
}

/// Returns `5 of 272 rows` and ` (1.84 %, allowed 0)`.
fn share(bad: u64, examined: u64, unit: &str, allow: &Tolerance) -> (String, String) {
    (format!("{bad} of {}", plural(examined, unit)), format!(" ({}, allowed {allow})", percent(bad, examined)))
}

fn plural(count: u64, unit: &str) -> String {
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

/// Names the value of a set that is nearest to the first one outside of it.
fn did_you_mean(rule: &Rule<'_>, samples: &[Sample]) -> Option<String> {
    let Rule::Value { rule: ValueRule { kind: RuleKind::In(values), .. }, .. } = rule else { return None };
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
        Rule::Rows(_) | Rule::Groups { rule: Grouped::Rows(_), .. } => "rows".to_owned(),
        Rule::Extra { .. } => "extra_columns".to_owned(),
        Rule::Order { .. } => "column_order".to_owned(),
        Rule::Type(subject) | Rule::NotNull(subject) | Rule::Value { subject, .. } => subject.column.name.clone(),
        Rule::Row { rule, .. } => rule.name.clone(),
        Rule::Unique { columns, nulls, .. } => {
            let names: Vec<&str> = columns.iter().map(|subject| subject.column.name.as_str()).collect();
            let what = if *nulls == super::plan::Nulls::Counted { "key" } else { "also_unique" };
            format!("{what} [{}]", names.join(", "))
        }
    }
}

fn rule_name(rule: &Rule<'_>) -> String {
    match rule {
        Rule::Rows(rows) | Rule::Groups { rule: Grouped::Rows(rows), .. } => rows.value.to_string(),
        Rule::Extra { policy, .. } => policy.name().to_owned(),
        Rule::Order { .. } => "exact".to_owned(),
        Rule::Type(subject) => format!("type {}", subject.column.ty),
        Rule::NotNull(_) => "not null".to_owned(),
        Rule::Value { rule, .. } => rule.kind.to_string(),
        Rule::Row { rule, .. } => rule.to_string(),
        Rule::Unique { .. } => "unique".to_owned(),
    }
}

fn expected(rule: &Rule<'_>) -> String {
    match rule {
        Rule::Rows(rows) => format!("{} rows", rows.value.counts),
        Rule::Groups { rule: Grouped::Rows(rows), .. } => {
            format!("{} rows per {}", rows.value.counts, rows.value.per.join(", "))
        }
        Rule::Extra { .. } => "only the declared columns".to_owned(),
        Rule::Order { .. } => "the columns in the order of the schema".to_owned(),
        Rule::Type(subject) => subject.column.ty.to_string(),
        Rule::NotNull(_) => "no null".to_owned(),
        Rule::Value { rule, .. } => rule.kind.to_string(),
        Rule::Row { rule, .. } => rule.to_string(),
        Rule::Unique { .. } => "no two rows alike".to_owned(),
    }
}

/// Returns `file:line` of a rule.
pub(super) fn citation<'a>(rule: &'a Rule<'_>) -> &'a str {
    match rule {
        Rule::Rows(Cited { at, .. }) | Rule::Groups { rule: Grouped::Rows(Cited { at, .. }), .. } => at,
        Rule::Extra { at, .. } | Rule::Order { at } | Rule::Unique { at, .. } => at,
        Rule::Type(subject) | Rule::NotNull(subject) => &subject.column.at,
        Rule::Value { rule, .. } => &rule.at,
        Rule::Row { rule, .. } => &rule.at,
    }
}

fn tolerance(rule: &Rule<'_>) -> Tolerance {
    match rule {
        Rule::Value { rule, .. } => rule.tolerance,
        Rule::Row { rule, .. } => rule.tolerance,
        Rule::Rows(rows) | Rule::Groups { rule: Grouped::Rows(rows), .. } => rows.value.tolerance,
        Rule::Extra { policy, .. } => Tolerance { level: extra_level(*policy), ..Tolerance::NONE },
        Rule::Order { .. } | Rule::Type(_) | Rule::NotNull(_) | Rule::Unique { .. } => Tolerance::NONE,
    }
}
