//! From what was counted to what is said.

use lockgate_spanned::nearest;

use super::finding::{Finding, Outcome, counted, plural};
use super::groups::{Absence, Verdicts};
use super::layout::Unfit;
use super::measure::Tally;
use super::names;
use super::plan::{Grouped, Presence, Rule, Subject, Test};
use super::sequence::Order;
use super::{complete, nothing, sample, strangers};
use crate::report::{RuleReport, Sample, State};
use crate::schema::{Expr, ExtraColumns, Level, Rows, RuleKind, Schema, TableRule, Tolerance, Unjudged, ValueRule};
use crate::table::{CheckError, Table};
use crate::value::{Literal, Type};

/// What a rule is judged against, besides its own numbers.
pub(super) struct Context<'a> {
    pub schema: &'a Schema,
    pub table: &'a Table,
    /// Index of the table in the report.
    pub index: usize,
    pub rows: u64,
}

const NO_ROWS: &str = "the table has no rows";

/// Makes the report of one rule; looks for sample rows when it is broken.
pub(super) fn judge(rule: &Rule<'_>, tally: &Tally, context: &Context<'_>) -> Result<RuleReport, CheckError> {
    let mut finding = find(rule, tally, context);
    let state = finding.state();
    let tolerance = names::tolerance(rule);
    if let Outcome::Broken(level) = finding.outcome {
        finding.notes.extend((level == Level::Info).then(|| "broken, and only for information".to_owned()));
        if finding.samples.is_empty() {
            finding.samples = samples(rule, tally, context)?;
        }
        finding.notes.extend(did_you_mean(rule, &finding.samples));
        if let Rule::Value { subject, known: Some(known), .. } = rule {
            strangers::tell(subject, known, context.table, &mut finding)?;
        }
    }
    Ok(RuleReport {
        table: context.index,
        subject: names::subject_name(rule),
        rule: names::rule_name(rule),
        citation: names::citation(rule).to_owned(),
        level: tolerance.level,
        state,
        observed: finding.observed,
        expected: names::expected(rule),
        bad: finding.bad,
        examined: finding.examined,
        allowed: tolerance.to_string(),
        samples: if state == State::Inconclusive { Vec::new() } else { finding.samples },
        notes: finding.notes,
    })
}

fn samples(rule: &Rule<'_>, tally: &Tally, context: &Context<'_>) -> Result<Vec<Sample>, CheckError> {
    if let Some(duplicates) = &tally.duplicates {
        return Ok(duplicates.samples.clone());
    }
    if let Some(order) = &tally.order {
        return Ok(order.samples.clone());
    }
    if rule.is_ready() { sample::samples(rule, context) } else { Ok(Vec::new()) }
}

fn find(rule: &Rule<'_>, tally: &Tally, context: &Context<'_>) -> Finding {
    match rule {
        Rule::Rows(rows) => row_count(&rows.value, context.rows),
        Rule::Extra { policy, .. } => extra_columns(*policy, context),
        Rule::ColumnOrder { .. } => column_order(context),
        Rule::Type(subject) if subject.is_excused() && context.rows == 0 => unjudged(rule, NO_ROWS, context),
        Rule::Type(subject) if subject.is_excused() => {
            let notes = vec!["rules that need it are left out".to_owned()];
            Finding { notes, ..Finding::holds("the column is absent, as it may be", context.rows) }
        }
        Rule::Type(Subject { column, presence: Presence::Missing, .. }) => {
            let notes = missing_notes(&column.name, context);
            Finding { notes, ..Finding::broken("the column is missing", context.rows, context.rows) }
        }
        Rule::Type(Subject { presence: Presence::Mistyped(stored), .. }) => {
            Finding::broken(format!("stored as {stored}"), context.rows, context.rows)
        }
        Rule::Shape { rule, shape, table } => super::shape::judge(shape, table, rule.tolerance.level),
        Rule::Groups { by, test: Ok(Test { check: Some(check), .. }), .. }
            if by.is_empty() && tells_of_nothing(rule, tally, context) =>
        {
            of_nothing(rule, check, context)
        }
        _ if context.rows == 0 => unjudged(rule, NO_ROWS, context),
        _ if !rule.is_ready() => unready(rule, context),
        Rule::Type(subject) => types(subject, tally),
        Rule::NotNull(subject) => not_null(subject, tally),
        Rule::Value { known: Some(known), .. } if known.count() == 0 => Finding::unknown(format!(
            "the reference {} has no value in `{}`: one would be enough",
            known.path, known.column
        )),
        Rule::Value { .. } | Rule::Unique { .. } | Rule::Sequence { .. } if tally.examined == 0 => {
            unjudged(rule, &no_value(rule, context), context)
        }
        Rule::Value { rule, .. } => value(rule, tally, context),
        Rule::Unique { .. } => unique(rule, tally),
        Rule::Sequence { .. } if tally.bad == 0 && tally.order.as_ref().is_some_and(Order::has_no_pair) => {
            let what = "no value has one before it";
            unjudged(rule, &format!("{what} in {}: two would be enough", plural(tally.examined, "row")), context)
        }
        Rule::Groups { rule, by, .. } => groups(*rule, by, tally),
        Rule::Sequence { rule, .. } => sequence(rule, tally),
        Rule::Row { rule: named, .. } => row_rule(rule, named, tally, context),
        Rule::Complete { group, asked, unmatched, .. } => {
            complete::judge(group, asked, unmatched, &tally.fills, context.rows, tally.bad)
        }
    }
}

/// A rule on values that has judged none: what that means is for the schema to say.
fn unjudged(rule: &Rule<'_>, why: &str, context: &Context<'_>) -> Finding {
    let is_on_values = match rule {
        Rule::Type(_)
        | Rule::NotNull(_)
        | Rule::Value { .. }
        | Rule::Unique { .. }
        | Rule::Row { .. }
        | Rule::Sequence { .. } => true,
        Rule::Rows(_)
        | Rule::Extra { .. }
        | Rule::ColumnOrder { .. }
        | Rule::Shape { .. }
        | Rule::Groups { .. }
        | Rule::Complete { .. } => false,
    };
    match context.schema.semantics.unjudged() {
        Unjudged::Holds if is_on_values => {
            let notes = vec!["it has judged nothing, which holds under `gx_compat`".to_owned()];
            Finding { notes, ..Finding::holds(why, 0) }
        }
        Unjudged::Holds | Unjudged::Inconclusive => Finding::unknown(why),
    }
}

/// Says whether all rows are one group, that group has no row, and the schema wants to know what that comes to.
fn tells_of_nothing(rule: &Rule<'_>, tally: &Tally, context: &Context<'_>) -> bool {
    let no_row = || {
        let absence = tally.groups.as_ref().and_then(|verdicts| verdicts.inconclusive.as_ref());
        matches!(absence, Some(Absence::NoRow(_)))
    };
    let is_judged = context.schema.semantics.unjudged() == Unjudged::Holds;
    is_judged && rule.is_ready() && (context.rows == 0 || no_row())
}

fn of_nothing(rule: &Rule<'_>, check: &Expr, context: &Context<'_>) -> Finding {
    let what = if context.rows == 0 { NO_ROWS } else { "no row takes part" };
    match nothing::holds(check) {
        Some(true) => Finding::holds(what, 0),
        Some(false) => Finding::broken_at(names::tolerance(rule).level, what, 1, 1),
        None => Finding::unknown(what),
    }
}

fn no_value(rule: &Rule<'_>, context: &Context<'_>) -> String {
    let rows = plural(context.rows, "row");
    let when = if let Rule::Unique { when: Ok(Some(when)), .. } = rule {
        format!(" for which `{when}` holds")
    } else {
        String::new()
    };
    format!("no value to judge in {rows}{when}: one would be enough")
}

/// Says what a missing column may be called now.
fn missing_notes(name: &str, context: &Context<'_>) -> Vec<String> {
    let there = undeclared(context);
    let renamed =
        context.schema.evolution.renamed.iter().find(|(old, new)| new == name && there.contains(&old.as_str()));
    if let Some((old, _)) = renamed {
        return vec![format!("`{old}` is there: `evolution` says it was renamed to `{name}`")];
    }
    nearest(name, there).map(|near| format!("the table has `{near}`: renamed?")).into_iter().collect()
}

/// Says which column keeps a rule from being judged.
fn unready(rule: &Rule<'_>, context: &Context<'_>) -> Finding {
    let why = |subject: &Subject<'_>| match &subject.presence {
        Presence::Missing => Some(format!("not judged: `{}` is missing", subject.column.name)),
        Presence::Mistyped(stored) => Some(format!("not judged: `{}` is stored as {stored}", subject.column.name)),
        Presence::Ready(_) => None,
    };
    if let Some(why) = rule.subjects().iter().find_map(why) {
        return Finding::unknown(why);
    }
    match rule.unfit() {
        Some(Unfit::Because(why)) => Finding::unknown(format!("not judged: {why}")),
        Some(Unfit::NoValue) | None => unjudged(rule, &no_value(rule, context), context),
    }
}

fn row_count(rule: &Rows, rows: u64) -> Finding {
    let observed = plural(rows, "row");
    if rule.counts.contains(rows) {
        Finding::holds(observed, rows)
    } else {
        Finding::broken_at(rule.tolerance.level, observed, 0, rows)
    }
}

fn undeclared<'a>(context: &'a Context<'_>) -> Vec<&'a str> {
    let declared = |name: &str| context.schema.columns.iter().any(|column| column.name == name);
    context.table.columns.iter().map(|(name, _)| name.as_str()).filter(|name| !declared(name)).collect()
}

fn extra_columns(policy: ExtraColumns, context: &Context<'_>) -> Finding {
    let extra = undeclared(context);
    let columns = context.table.columns.len() as u64;
    if extra.is_empty() {
        return Finding::holds("no other columns", columns);
    }
    let shown: Vec<String> = extra.iter().take(SHOWN_COLUMNS).map(|name| format!("`{name}`")).collect();
    let more = extra.len().saturating_sub(SHOWN_COLUMNS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let bad = extra.len() as u64;
    let what = format!("{} not in the schema: {}{more}", plural(bad, "column"), shown.join(", "));
    Finding::broken_at(names::extra_level(policy), what, bad, columns)
}

const SHOWN_COLUMNS: usize = 6;

/// Compares the order of the columns that are both declared and there.
fn column_order(context: &Context<'_>) -> Finding {
    let there = |name: &str| context.table.columns.iter().any(|(known, _)| known == name);
    let declared = context.schema.columns.iter().map(|column| column.name.as_str());
    let declared: Vec<&str> = declared.filter(|name| there(name)).collect();
    let columns = declared.len() as u64;
    for (part, stored) in context.table.orders() {
        let stored: Vec<&str> = stored.into_iter().filter(|name| declared.contains(name)).collect();
        let bad = stored.iter().zip(&declared).filter(|(stored, declared)| stored != declared).count() as u64;
        if let Some((stored, declared)) = stored.iter().zip(&declared).find(|(stored, declared)| stored != declared) {
            let place = if context.table.parts.len() > 1 { format!(" in {}", part.name) } else { String::new() };
            let what = format!("`{stored}` stands where `{declared}` is declared{place}");
            return Finding::broken(what, bad, columns);
        }
    }
    Finding::holds("the declared order", columns)
}

fn types(subject: &Subject<'_>, tally: &Tally) -> Finding {
    let ty = &subject.column.ty;
    if tally.bad == 0 {
        let notes = if tally.examined == 0 { vec!["no value seen: all rows are null".to_owned()] } else { Vec::new() };
        let what = if *ty == Type::Any { "any type is right".to_owned() } else { format!("every value is {ty}") };
        return Finding { notes, ..Finding::holds(what, tally.examined) };
    }
    let how = format!("not {ty}");
    Finding::broken(counted(tally.bad, tally.examined, "value", &how, &Tolerance::NONE), tally.bad, tally.examined)
}

fn not_null(subject: &Subject<'_>, tally: &Tally) -> Finding {
    if tally.bad == 0 {
        return Finding::holds("no null", tally.examined);
    }
    let how = if subject.nan_is_null() { "null or NaN" } else { "null" };
    Finding::broken(counted(tally.bad, tally.examined, "row", how, &Tolerance::NONE), tally.bad, tally.examined)
}

fn value(rule: &ValueRule, tally: &Tally, context: &Context<'_>) -> Finding {
    let unit = if tally.examined == context.rows { "row" } else { "value" };
    let how = match &rule.kind {
        RuleKind::Range(_) => "outside".to_owned(),
        RuleKind::In(_) => "not in the set".to_owned(),
        RuleKind::Reference(reference) => format!("not in {reference}"),
        RuleKind::Matches(_) | RuleKind::Find(_) => "without a match".to_owned(),
        RuleKind::Len(_) => "of another length".to_owned(),
        RuleKind::NotNan => "NaN".to_owned(),
    };
    let count = counted(tally.bad, tally.examined, unit, &how, &rule.tolerance);
    Finding::within(&rule.tolerance, extremes(tally) + &count, tally.bad, tally.examined)
}

fn row_rule(rule: &Rule<'_>, named: &TableRule, tally: &Tally, context: &Context<'_>) -> Finding {
    if tally.applies == 0 {
        return unjudged(rule, &format!("`when` holds in none of {}", plural(context.rows, "row")), context);
    }
    if tally.examined == 0 {
        let rows = plural(tally.applies, "row");
        return unjudged(rule, &format!("no value to judge in {rows}: a column is null in each"), context);
    }
    let observed = counted(tally.bad, tally.examined, "row", "against it", &named.tolerance);
    Finding::within(&named.tolerance, observed, tally.bad, tally.examined)
}

/// Says by which values a range is left: `max 99, `.
fn extremes(tally: &Tally) -> String {
    let nans = (tally.nans > 0).then(|| format!("{} NaN, ", tally.nans));
    let low = tally.below.iter().map(|low| format!("min {low}, "));
    let high = tally.above.iter().map(|high| format!("max {high}, "));
    low.chain(high).chain(nans).collect()
}

fn unique(rule: &Rule<'_>, tally: &Tally) -> Finding {
    let groups = tally.duplicates.as_ref().map_or(0, |duplicates| duplicates.groups);
    if tally.bad == 0 {
        return Finding::holds(format!("{} without a duplicate", plural(tally.examined, "row")), tally.examined);
    }
    let tolerance = names::tolerance(rule);
    let rows = format!("{} in {}", plural(tally.bad, "row"), plural(groups, "duplicate group"));
    let observed = if tolerance == Tolerance::NONE {
        rows
    } else {
        format!("{rows}, {}", counted(tally.bad, tally.examined, "row", "not unique", &tolerance))
    };
    Finding::within(&tolerance, observed, tally.bad, tally.examined)
}

fn sequence(rule: &TableRule, tally: &Tally) -> Finding {
    if let Some(why) = tally.order.as_ref().and_then(|order| order.inconclusive.as_ref()) {
        return Finding::unknown(why.clone());
    }
    let observed = counted(tally.bad, tally.examined, "row", "out of order", &rule.tolerance);
    Finding::within(&rule.tolerance, observed, tally.bad, tally.examined)
}

/// The verdict of the worst group: a broken one, then one that cannot be judged.
fn groups(rule: Grouped<'_>, by: &[Subject<'_>], tally: &Tally) -> Finding {
    let Some(verdicts) = &tally.groups else { return Finding::unknown("no group was judged") };
    let (tolerance, how) = match rule {
        Grouped::Rows(rows) => (rows.value.tolerance, "outside"),
        Grouped::Rule(rule) => (rule.tolerance, "against it"),
    };
    if let Some(Absence::NoRow(why) | Absence::TooMany(why)) = &verdicts.inconclusive {
        return Finding::unknown(why.clone());
    }
    let first = verdicts.shown.first().map(group_text).unwrap_or_default();
    if by.is_empty() {
        return all_rows(first, verdicts, &tolerance);
    }
    let worst = if first.is_empty() { first } else { first + "; " };
    let observed = worst + &counted(tally.bad, tally.examined, "group", how, &tolerance);
    let finding = Finding::within(&tolerance, observed, tally.bad, tally.examined);
    if finding.outcome == Outcome::Holds && verdicts.unknown > 0 {
        let groups = plural(verdicts.unknown + verdicts.judged, "group");
        return Finding::unknown(format!("{} of {groups} without a value to judge", verdicts.unknown));
    }
    Finding { samples: verdicts.shown.clone(), ..finding }
}

/// The verdict on all rows as one group, with the figures that were seen.
fn all_rows(figures: String, verdicts: &Verdicts, tolerance: &Tolerance) -> Finding {
    if verdicts.judged == 0 {
        return Finding::unknown(format!("{figures}: a value to compute it of would be enough"));
    }
    Finding::within(tolerance, figures, verdicts.broken, verdicts.judged)
}

/// Returns `season 2019, rows 3`.
fn group_text(group: &Sample) -> String {
    let cells = group.cells.iter().map(|cell| format!("{} {}", cell.column, cell.value.as_deref().unwrap_or("null")));
    cells.collect::<Vec<_>>().join(", ")
}

/// Names the value of a set that is nearest to the first one outside of it.
fn did_you_mean(rule: &Rule<'_>, samples: &[Sample]) -> Option<String> {
    let Rule::Value { rule: ValueRule { kind: RuleKind::In(values), .. }, .. } = rule else { return None };
    let word = samples.first()?.cells.last()?.value.as_deref()?;
    let texts =
        values.iter().filter_map(|value| if let Literal::Str(text) = value { Some(text.as_str()) } else { None });
    nearest(word, texts).map(|near| format!("{word:?}: did you mean {near:?}?"))
}
