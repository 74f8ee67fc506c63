//! The normal form: the bytes that stand for what the rules mean.
//!
//! Comments, the order of keys, quoting, places, `doc`, the schema's name and `evolution` do not enter it, and of the
//! environments only what the chosen one makes optional; the order of the columns does
//! only when `column_order: exact` makes it a rule. Defaults are written out, sets and keys are sorted. It is JSON with the
//! keys in a fixed order, so that a golden vector can be read; a change of its form bumps `CHECKER_VERSION`.

use lockgate_forms::TextForm;
use serde_json::{Value, json};

use super::ast::{Cited, Column, ColumnOrder, Counts, Rows, RuleKind, Schema, ValueRule};
use super::complete::Complete;
use super::formula::Expr;
use super::semantics::Semantics;
use super::table_rule::{Ask, TableRule, Ties};
use super::tolerance::{Allow, Tolerance};
use crate::value::{Literal, Type};

impl Schema {
    /// Returns the canonical bytes of the rules: equal for two texts exactly when they have the same rules.
    pub fn normal_form(&self) -> Vec<u8> {
        let mut columns: Vec<&Column> = self.columns.iter().collect();
        if self.column_order.value == ColumnOrder::Any {
            columns.sort_by(|a, b| a.name.cmp(&b.name));
        }
        let mut also_unique: Vec<Vec<&str>> = self.also_unique.iter().map(sorted).collect();
        also_unique.sort();
        also_unique.dedup();
        let mut form = json!({
            "format": "lockgate schema rules 1",
            "key": self.key.as_ref().map(sorted),
            "also_unique": also_unique,
            "extra_columns": self.extra_columns.value.name(),
            "column_order": self.column_order.value.name(),
            "rows": self.rows.as_ref().map(|all| rows(&all.value)),
            "columns": columns.into_iter().map(column).collect::<Vec<_>>(),
        });
        // What a schema does not use is left out, so that its form stays what it was before the language had it.
        if self.csv != TextForm::PLAIN {
            form["csv"] = self.csv.normal_form();
        }
        if !self.rules.is_empty() {
            form["rules"] = sorted_forms(self.rules.iter().map(table_rule));
        }
        if !self.complete.is_empty() {
            form["complete"] = sorted_forms(self.complete.iter().map(complete));
        }
        if self.semantics == Semantics::GreatExpectations {
            form["gx_compat"] = json!(true);
        }
        form.to_string().into_bytes()
    }
}

fn sorted(names: &Cited<Vec<String>>) -> Vec<&str> {
    sorted_names(&names.value)
}

fn sorted_names(names: &[String]) -> Vec<&str> {
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn counts(counts: Counts) -> Value {
    json!([counts.low, counts.high])
}

/// Without groups the bounds alone, so that a schema that has none is written as it always was.
fn rows(rows: &Rows) -> Value {
    if rows.per.is_empty() && rows.tolerance == Tolerance::NONE {
        return counts(rows.counts);
    }
    let mut per = rows.per.clone();
    per.sort();
    let mut form = json!({ "rows": counts(rows.counts), "per": per });
    tolerance(&rows.tolerance, &mut form);
    form
}

fn column(column: &Column) -> Value {
    let mut form = json!({
        "name": column.name,
        "type": column.ty.to_string(),
        "nullable": column.nullable,
        "nan": (column.ty.is_float() || column.ty == Type::Any).then(|| column.nan.name()),
        "rules": sorted_forms(column.rules.iter().map(rule)),
    });
    if let Some(missing) = &column.missing {
        form["missing"] = json!(sorted_names(missing));
    }
    if column.optional {
        form["optional"] = json!(true);
    }
    form
}

fn table_rule(rule: &TableRule) -> Value {
    let text = |when: &Option<Expr>| when.as_ref().map(ToString::to_string);
    let mut form = match &rule.ask {
        Ask::Rows { when, check } => json!({ "name": rule.name, "check": check.to_string(), "when": text(when) }),
        Ask::Groups { when, check, by } => {
            json!({ "name": rule.name, "check": check.to_string(), "when": text(when), "by": sorted_names(by) })
        }
        Ask::Order { column, by, direction, ties } => {
            let strict = *ties == Ties::Forbidden;
            json!({ "name": rule.name, direction.name(): column, "by": sorted_names(by), "strict": strict })
        }
        Ask::Shape(shape) => json!({ "name": rule.name, "columns": shape.to_string() }),
        Ask::Unique { columns, when, nulls } => {
            let columns = sorted_names(columns);
            json!({ "name": rule.name, "unique": columns, "when": text(when), "nulls": nulls.name() })
        }
    };
    tolerance(&rule.tolerance, &mut form);
    form
}

fn complete(group: &Complete) -> Value {
    let asks = sorted_forms(group.asks.iter().map(|asked| {
        let mut form = json!({ "ask": asked.what.to_string() });
        tolerance(&asked.tolerance, &mut form);
        form
    }));
    json!({ "name": group.name, "columns": sorted_names(&group.columns), "asks": asks })
}

fn sorted_forms(forms: impl Iterator<Item = Value>) -> Value {
    let mut forms: Vec<Value> = forms.collect();
    forms.sort_by_cached_key(Value::to_string);
    Value::Array(forms)
}

fn rule(rule: &ValueRule) -> Value {
    let kind = match &rule.kind {
        RuleKind::Range(range) => json!({ "range": range.to_string() }),
        RuleKind::In(values) => json!({ "in": set(values) }),
        RuleKind::Reference(reference) => json!({ "in": reference.to_string() }),
        RuleKind::Matches(regex) => json!({ "matches": regex }),
        RuleKind::Find(regex) => json!({ "find": regex }),
        RuleKind::Len(bounds) => json!({ "len": counts(*bounds) }),
        RuleKind::NotNan => json!("not_nan"),
    };
    let mut form = json!({ "rule": kind });
    tolerance(&rule.tolerance, &mut form);
    form
}

/// Adds what is tolerated to the form of a rule.
fn tolerance(tolerance: &Tolerance, form: &mut Value) {
    form["allow"] = json!(allow(tolerance.allow));
    if let Some(warn) = tolerance.warn_above {
        form["warn_above"] = json!(allow(warn));
    }
    form["level"] = json!(tolerance.level.name());
}

fn allow(allow: Allow) -> String {
    match allow {
        Allow::Rows(rows) => rows.to_string(),
        Allow::Percent(percent) => format!("{percent}%"),
        Allow::Mostly(share) => format!("mostly {share}"),
    }
}

fn set(values: &[Literal]) -> Vec<String> {
    let mut texts: Vec<String> = values.iter().map(text).collect();
    texts.sort();
    texts
}

/// A string as it is, for its escaped form is that of one version of the standard library.
fn text(value: &Literal) -> String {
    if let Literal::Str(text) = value { text.clone() } else { value.to_string() }
}
