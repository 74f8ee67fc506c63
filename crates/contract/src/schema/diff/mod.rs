//! What has changed from one schema to another, and what of it breaks.
//!
//! Each schema is taken apart into facets: one rule about one subject. Facets with the same subject and kind are compared, and
//! the change has a direction: tightened when data that passed may fail, loosened when data that failed may pass, changed
//! when both may be, or when it cannot be told. What that means for readers is for the `evolution:` of the new schema
//! to say; where it is silent, all that can make data fail breaks. It is a pure function of two schemas.

mod facet;
mod order;

use std::cmp::Ordering;

use super::ast::{Column, ExtraColumns, Schema};
use super::evolution::{Evolution, OnChange};
use facet::{Facet, facets};

/// All changes from one schema to another, in the order of the new one, then what is no longer there.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaDiff {
    pub changes: Vec<Change>,
    /// Whether the major of the new schema's name (`games/2`) is greater than that of the old.
    pub major: Major,
}

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub effect: Effect,
    /// What the rule is about, `week` or `key`.
    pub subject: String,
    /// The kind of the rule, `range`.
    pub kind: String,
    pub was: Option<String>,
    pub now: Option<String>,
    /// `file:line` in the new schema, or in the old one of what is no longer there.
    pub at: String,
    /// What it means for readers: [`OnChange::Fail`] breaks them.
    pub weight: OnChange,
}

/// What a change does to the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A column is there that was not.
    Added,
    /// A column is no longer there.
    Removed,
    /// A column has another name, as `evolution: {renamed: …}` says.
    Renamed,
    /// A column has another type.
    Retyped,
    Tightened,
    Loosened,
    /// Some data may pass that failed, and other data may fail that passed.
    Changed,
}

/// What became of the major version in the names of the schemas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Major {
    Raised,
    /// It is the same or smaller; with the one of the new schema.
    Kept(u64),
    /// One of the names has none.
    Unknown,
}

impl Effect {
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Renamed => "renamed",
            Self::Retyped => "retyped",
            Self::Tightened => "tightened",
            Self::Loosened => "loosened",
            Self::Changed => "changed",
        }
    }

    fn of(order: Option<Ordering>) -> Option<Self> {
        match order {
            Some(Ordering::Equal) => None,
            Some(Ordering::Greater) => Some(Self::Tightened),
            Some(Ordering::Less) => Some(Self::Loosened),
            None => Some(Self::Changed),
        }
    }
}

impl SchemaDiff {
    /// Returns the changes that break readers.
    pub fn breaking(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.weight == OnChange::Fail)
    }
}

impl Schema {
    /// Compares this schema, the old one, with the one that takes its place.
    pub fn diff(&self, new: &Self) -> SchemaDiff {
        let renamed = |name: &str| {
            let renames = &new.evolution.renamed;
            renames.iter().find(|(old, _)| old == name).map_or_else(|| name.to_owned(), |(_, now)| now.clone())
        };
        let (old_facets, new_facets) = (facets(self, &renamed), facets(new, &str::to_owned));
        let mut changes = columns(self, new, &renamed);
        // What came or went with its column is told once, of the column.
        let is_shared = |facet: &&Facet<'_>| {
            let name = facet.column.as_deref();
            let is_in = |schema: &Self, name: &str| schema.columns.iter().any(|column| column.name == name);
            let was = |name: &str| self.columns.iter().any(|column| renamed(&column.name) == name);
            name.is_none_or(|name| was(name) && is_in(new, name))
        };
        for facet in new_facets.iter().filter(is_shared) {
            changes.extend(facet.change(old_facets.iter().find(|old| old.is_like(facet))));
        }
        let gone = |facet: &&Facet<'_>| new_facets.iter().all(|new| !new.is_like(facet));
        changes.extend(old_facets.iter().filter(is_shared).filter(gone).map(Facet::gone));
        for change in &mut changes {
            change.weigh(&new.evolution);
        }
        SchemaDiff { changes, major: major(self.name.as_deref(), new.name.as_deref()) }
    }
}

fn major(old: Option<&str>, new: Option<&str>) -> Major {
    let of = |name: Option<&str>| name?.rsplit_once('/')?.1.parse::<u64>().ok();
    match (of(old), of(new)) {
        (Some(old), Some(new)) if new > old => Major::Raised,
        (Some(_), Some(new)) => Major::Kept(new),
        _ => Major::Unknown,
    }
}

impl Change {
    /// Decides what the change means. What is unsaid breaks when data that passed can fail; `weight` says so on entry.
    fn weigh(&mut self, evolution: &Evolution) {
        let said = match self.effect {
            Effect::Added => evolution.added,
            Effect::Removed => evolution.removed,
            Effect::Renamed => None,
            Effect::Tightened => evolution.narrowed,
            Effect::Loosened => evolution.widened,
            // It is both: the heavier of the two counts.
            Effect::Retyped | Effect::Changed => evolution.narrowed.max(evolution.widened),
        };
        self.weight = said.unwrap_or(self.weight);
    }
}

/// Columns that came, went, or have another name.
fn columns(old: &Schema, new: &Schema, renamed: &dyn Fn(&str) -> String) -> Vec<Change> {
    let mut changes = Vec::new();
    let change = |effect, column: &Column, was, now, weight| Change {
        effect,
        subject: column.name.clone(),
        kind: "column".to_owned(),
        was,
        now,
        at: column.at.clone(),
        weight,
    };
    for column in &new.columns {
        match old.columns.iter().find(|known| renamed(&known.name) == column.name) {
            Some(known) if known.name != column.name => {
                let (was, now) = (Some(known.name.clone()), Some(column.name.clone()));
                changes.push(change(Effect::Renamed, column, was, now, OnChange::Allow));
            }
            Some(_) => {}
            None => {
                let weight = if column.optional { OnChange::Allow } else { OnChange::Fail };
                changes.push(change(Effect::Added, column, None, Some(declared(column)), weight));
            }
        }
    }
    for column in old.columns.iter().filter(|column| new.columns.iter().all(|now| now.name != renamed(&column.name))) {
        // Data that still has the column fails only where no other columns may be.
        let forbids = new.extra_columns.value == ExtraColumns::Forbid;
        let weight = if forbids { OnChange::Fail } else { OnChange::Allow };
        changes.push(change(Effect::Removed, column, Some(declared(column)), None, weight));
    }
    changes
}

fn declared(column: &Column) -> String {
    format!("{}{}", column.ty, if column.nullable { "?" } else { "" })
}
