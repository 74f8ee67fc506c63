//! The facets of a schema: what it says, in pieces that can be compared.

use std::cmp::Ordering;
use std::fmt;

use super::order::{both, counts, ranges, sets, tolerances};
use super::{Change, Effect};
use crate::schema::ast::{Cited, Column, ColumnOrder, Counts, ExtraColumns, Nan, Range, RuleKind, Schema};
use crate::schema::evolution::OnChange;
use crate::schema::tolerance::{Level, Tolerance};
use crate::value::{Literal, Type};

/// One rule about one subject.
pub(super) struct Facet<'a> {
    /// The column, under its new name, whose coming and going takes the facet with it.
    pub column: Option<String>,
    subject: String,
    kind: &'static str,
    said: Said<'a>,
    tolerance: Tolerance,
    at: &'a str,
}

/// What a rule says, as far as it can be compared.
enum Said<'a> {
    Range(&'a Range),
    Set(&'a [Literal]),
    Counts(Counts),
    Type(&'a Type),
    /// A setting of which a greater one is stricter.
    Rank(u8, String),
    Text(String),
}

impl Facet<'_> {
    pub fn is_like(&self, other: &Facet<'_>) -> bool {
        self.subject == other.subject && self.kind == other.kind
    }

    /// Returns how the facet differs from what it was; a new one asks for more than nothing did.
    pub fn change(&self, old: Option<&Facet<'_>>) -> Option<Change> {
        let Some(old) = old else { return Some(self.told(Effect::Tightened, None, Some(self.to_string()))) };
        Some(self.told(self.effect(old)?, Some(old.to_string()), Some(self.to_string())))
    }

    pub fn gone(&self) -> Change {
        self.told(Effect::Loosened, Some(self.to_string()), None)
    }

    fn told(&self, effect: Effect, was: Option<String>, now: Option<String>) -> Change {
        let breaks = effect != Effect::Loosened && self.tolerance.level == Level::Fail;
        Change {
            effect,
            subject: self.subject.clone(),
            kind: self.kind.to_owned(),
            was,
            now,
            at: self.at.to_owned(),
            weight: if breaks { OnChange::Fail } else { OnChange::Allow },
        }
    }

    fn effect(&self, old: &Facet<'_>) -> Option<Effect> {
        if let (Said::Type(was), Said::Type(now)) = (&old.said, &self.said) {
            return match (was, now) {
                (was, now) if was == now => None,
                (Type::Any, _) => Some(Effect::Tightened),
                (_, Type::Any) => Some(Effect::Loosened),
                _ => Some(Effect::Retyped),
            };
        }
        Effect::of(both(self.said.stricter_than(&old.said), tolerances(&self.tolerance, &old.tolerance)))
    }
}

impl fmt::Display for Facet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.said)?;
        let Tolerance { allow, warn_above, level } = self.tolerance;
        if !allow.is_nothing() || warn_above.is_some() {
            write!(f, ", allow {}", self.tolerance)?;
        }
        if level == Level::Fail { Ok(()) } else { write!(f, ", level {}", level.name()) }
    }
}

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range(range) => write!(f, "{range}"),
            Self::Set(values) => {
                write!(f, "[{}]", values.iter().map(Literal::to_string).collect::<Vec<_>>().join(", "))
            }
            Self::Counts(counts) => write!(f, "{counts}"),
            Self::Type(ty) => write!(f, "{ty}"),
            Self::Rank(_, text) | Self::Text(text) => f.write_str(text),
        }
    }
}

impl Said<'_> {
    /// Compares what is allowed: `Greater` when this allows less, `None` when neither allows all that the other does.
    fn stricter_than(&self, old: &Self) -> Option<Ordering> {
        match (self, old) {
            (Self::Range(now), Self::Range(was)) => ranges(now, was),
            (Self::Set(now), Self::Set(was)) => sets(now, was),
            (Self::Counts(now), Self::Counts(was)) => counts(*now, *was),
            (Self::Rank(now, _), Self::Rank(was, _)) => Some(now.cmp(was)),
            (Self::Text(now), Self::Text(was)) if now == was => Some(Ordering::Equal),
            _ => None,
        }
    }
}

/// Takes a schema apart; names of columns are those that `renamed` gives.
pub(super) fn facets<'a>(schema: &'a Schema, renamed: &dyn Fn(&str) -> String) -> Vec<Facet<'a>> {
    let whole = |subject: &str, kind, said, tolerance, at| Facet {
        column: None,
        subject: subject.to_owned(),
        kind,
        said,
        tolerance,
        at,
    };
    let names = |names: &[String]| {
        let mut names: Vec<String> = names.iter().map(|name| renamed(name)).collect();
        names.sort();
        names.join(", ")
    };
    let mut found = Vec::new();
    let semantics = Said::Text(format!("{:?}", schema.semantics));
    let Cited { value: extra, at } = &schema.extra_columns;
    found.push(whole("table", "gx_compat", semantics, Tolerance::NONE, at));
    found.push(whole("table", "csv", Said::Text(schema.csv.to_string()), Tolerance::NONE, at));
    let rank = match extra {
        ExtraColumns::Allow => 0,
        ExtraColumns::Warn => 1,
        ExtraColumns::Forbid => 2,
    };
    found.push(whole("table", "extra_columns", Said::Rank(rank, extra.name().to_owned()), Tolerance::NONE, at));
    let Cited { value: order, at } = &schema.column_order;
    let rank = u8::from(*order == ColumnOrder::Exact);
    found.push(whole("table", "column_order", Said::Rank(rank, order.name().to_owned()), Tolerance::NONE, at));
    if let Some(Cited { value, at }) = &schema.key {
        found.push(whole("table", "key", Said::Text(format!("[{}]", names(value))), Tolerance::NONE, at));
    }
    for Cited { value, at } in &schema.also_unique {
        let subject = format!("[{}]", names(value));
        found.push(whole(&subject, "unique", Said::Text(subject.clone()), Tolerance::NONE, at));
    }
    if let Some(Cited { value, at }) = &schema.rows {
        let subject = if value.per.is_empty() { "table".to_owned() } else { format!("per {}", names(&value.per)) };
        found.push(whole(&subject, "rows", Said::Counts(value.counts), value.tolerance, at));
    }
    for column in &schema.columns {
        column_facets(column, &renamed(&column.name), &mut found);
    }
    for rule in &schema.rules {
        found.push(whole(&rule.name, "rule", Said::Text(rule.ask.to_string()), rule.tolerance, &rule.at));
    }
    for group in &schema.complete {
        for asked in &group.asks {
            let said = Said::Text(format!("{} of [{}]", asked.what, group.columns.join(", ")));
            found.push(whole(&group.name, asked.what.name(), said, asked.tolerance, &asked.at));
        }
    }
    found
}

fn column_facets<'a>(column: &'a Column, name: &str, found: &mut Vec<Facet<'a>>) {
    let facet = |kind, said, tolerance, at| Facet {
        column: Some(name.to_owned()),
        subject: name.to_owned(),
        kind,
        said,
        tolerance,
        at,
    };
    let setting = |kind, is_strict: bool, strict: &str, loose: &str| {
        let text = if is_strict { strict } else { loose };
        facet(kind, Said::Rank(u8::from(is_strict), text.to_owned()), Tolerance::NONE, &column.at)
    };
    found.push(facet("type", Said::Type(&column.ty), Tolerance::NONE, &column.at));
    found.push(setting("null", !column.nullable, "never", "allowed"));
    found.push(setting("absence", !column.optional, "never", "allowed"));
    let rank = match column.nan {
        Nan::Ok => 0,
        Nan::Null => 1,
        Nan::Fail => 2,
    };
    found.push(facet("nan", Said::Rank(rank, column.nan.name().to_owned()), Tolerance::NONE, &column.at));
    let missing = column.missing.as_ref().map_or("as in the table".to_owned(), |texts| format!("{texts:?}"));
    found.push(facet("missing", Said::Text(missing), Tolerance::NONE, &column.at));
    for rule in &column.rules {
        let (kind, said) = match &rule.kind {
            RuleKind::Range(range) => ("range", Said::Range(range)),
            RuleKind::In(values) => ("in", Said::Set(values)),
            RuleKind::Reference(reference) => ("in", Said::Text(reference.to_string())),
            RuleKind::Matches(regex) => ("matches", Said::Text(regex.clone())),
            RuleKind::Find(regex) => ("find", Said::Text(regex.clone())),
            RuleKind::Len(counts) => ("len", Said::Counts(*counts)),
            // What NaN is was said above.
            RuleKind::NotNan => continue,
        };
        found.push(facet(kind, said, rule.tolerance, &rule.at));
    }
}
