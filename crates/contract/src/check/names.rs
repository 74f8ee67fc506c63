//! What a rule is called, what it expects, and where it was written.

use super::plan::{Grouped, Rule, Subject, UniqueFrom};
use crate::schema::{Cited, ExtraColumns, Level, Tolerance};

/// Returns what a rule is about and what it is called, which together name it.
pub(super) fn names(rule: &Rule<'_>) -> (String, String) {
    (subject_name(rule), rule_name(rule))
}

/// Returns what a rule is about.
pub(super) fn subject_name(rule: &Rule<'_>) -> String {
    match rule {
        Rule::Rows(_) | Rule::Groups { rule: Grouped::Rows(_), .. } => "rows".to_owned(),
        Rule::Extra { .. } => "extra_columns".to_owned(),
        Rule::ColumnOrder { .. } => "column_order".to_owned(),
        Rule::Type(subject) | Rule::NotNull(subject) | Rule::Value { subject, .. } => subject.column.name.clone(),
        Rule::Row { rule, .. }
        | Rule::Shape { rule, .. }
        | Rule::Sequence { rule, .. }
        | Rule::Groups { rule: Grouped::Rule(rule), .. } => rule.name.clone(),
        Rule::Unique { from, wide, columns, .. } => match from {
            UniqueFrom::Key { .. } => format!("key [{}]", listed(&columns[..*wide])),
            UniqueFrom::Also { .. } => format!("also_unique [{}]", listed(&columns[..*wide])),
            UniqueFrom::Rule(rule) => rule.name.clone(),
        },
        Rule::Complete { group, .. } => format!("complete {}", group.name),
    }
}

fn listed(columns: &[Subject<'_>]) -> String {
    columns.iter().map(|subject| subject.column.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Returns what a rule is called.
pub(super) fn rule_name(rule: &Rule<'_>) -> String {
    match rule {
        Rule::Rows(rows) | Rule::Groups { rule: Grouped::Rows(rows), .. } => rows.value.to_string(),
        Rule::Extra { policy, .. } => policy.name().to_owned(),
        Rule::ColumnOrder { .. } => "exact".to_owned(),
        Rule::Type(subject) => format!("type {}", subject.column.ty),
        Rule::NotNull(_) => "not null".to_owned(),
        Rule::Value { rule, .. } => rule.kind.to_string(),
        Rule::Row { rule, .. }
        | Rule::Shape { rule, .. }
        | Rule::Sequence { rule, .. }
        | Rule::Groups { rule: Grouped::Rule(rule), .. }
        | Rule::Unique { from: UniqueFrom::Rule(rule), .. } => rule.ask.to_string(),
        Rule::Unique { from: UniqueFrom::Key { .. } | UniqueFrom::Also { .. }, .. } => "unique".to_owned(),
        Rule::Complete { asked, .. } => asked.what.to_string(),
    }
}

/// Returns what a rule expects of the table.
pub(super) fn expected(rule: &Rule<'_>) -> String {
    match rule {
        Rule::Rows(rows) => format!("{} rows", rows.value.counts),
        Rule::Groups { rule: Grouped::Rows(rows), .. } => {
            format!("{} rows per {}", rows.value.counts, rows.value.per.join(", "))
        }
        Rule::Extra { .. } => "only the declared columns".to_owned(),
        Rule::ColumnOrder { .. } => "the columns in the order of the schema".to_owned(),
        Rule::Type(subject) => subject.column.ty.to_string(),
        Rule::NotNull(_) => "no null".to_owned(),
        Rule::Unique { from: UniqueFrom::Key { .. } | UniqueFrom::Also { .. }, .. } => "no two rows alike".to_owned(),
        Rule::Value { .. }
        | Rule::Row { .. }
        | Rule::Shape { .. }
        | Rule::Sequence { .. }
        | Rule::Groups { rule: Grouped::Rule(_), .. }
        | Rule::Unique { from: UniqueFrom::Rule(_), .. }
        | Rule::Complete { .. } => rule_name(rule),
    }
}

/// Returns `file:line` of a rule.
pub(super) fn citation<'a>(rule: &'a Rule<'_>) -> &'a str {
    match rule {
        Rule::Rows(Cited { at, .. }) | Rule::Groups { rule: Grouped::Rows(Cited { at, .. }), .. } => at,
        Rule::Extra { at, .. }
        | Rule::ColumnOrder { at }
        | Rule::Unique { from: UniqueFrom::Key { at } | UniqueFrom::Also { at }, .. } => at,
        Rule::Type(subject) | Rule::NotNull(subject) => &subject.column.at,
        Rule::Value { rule, .. } => &rule.at,
        Rule::Row { rule, .. }
        | Rule::Shape { rule, .. }
        | Rule::Sequence { rule, .. }
        | Rule::Groups { rule: Grouped::Rule(rule), .. }
        | Rule::Unique { from: UniqueFrom::Rule(rule), .. } => &rule.at,
        Rule::Complete { asked, .. } => &asked.at,
    }
}

/// Returns what a rule tolerates.
pub(super) fn tolerance(rule: &Rule<'_>) -> Tolerance {
    match rule {
        Rule::Value { rule, .. } => rule.tolerance,
        Rule::Row { rule, .. }
        | Rule::Shape { rule, .. }
        | Rule::Sequence { rule, .. }
        | Rule::Groups { rule: Grouped::Rule(rule), .. }
        | Rule::Unique { from: UniqueFrom::Rule(rule), .. } => rule.tolerance,
        Rule::Rows(rows) | Rule::Groups { rule: Grouped::Rows(rows), .. } => rows.value.tolerance,
        Rule::Complete { asked, .. } => asked.tolerance,
        Rule::Extra { policy, .. } => Tolerance { level: extra_level(*policy), ..Tolerance::NONE },
        Rule::ColumnOrder { .. } | Rule::Type(_) | Rule::NotNull(_) | Rule::Unique { .. } => Tolerance::NONE,
    }
}

/// Returns what columns do to the verdict that the schema does not name.
pub(super) fn extra_level(policy: ExtraColumns) -> Level {
    if policy == ExtraColumns::Warn { Level::Warn } else { Level::Fail }
}
