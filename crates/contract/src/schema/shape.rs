//! Rules on the columns that a table has, whatever is in them: which there are, how many, and of which type one is.
//!
//! `extra_columns`, `column_order` and the declared types say the same of the declared columns; these are rules with a name,
//! a level and a verdict of their own, also on columns that are not declared.

use std::fmt;

use lockgate_spanned::{Fields, Node, Value};

use super::ast::{ColumnOrder, Counts, ExtraColumns};
use super::column::scalar;
use super::lower::{Reader, Word};
use super::names::distinct;
use crate::value::Type;

/// What a rule asks of the columns.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// These columns are there.
    Has {
        columns: Vec<String>,
        /// What becomes of others.
        extra: ExtraColumns,
        /// Whether they stand in this order, one after the other where no others may be.
        order: ColumnOrder,
        /// Where the first of them stands, from 1.
        position: Option<u64>,
    },
    /// So many columns are there.
    Count(Counts),
    /// The column has one of these types; a datetime without a unit stands for any unit.
    Typed { column: String, types: Vec<Type> },
}

/// Reads `{has_columns: [a, b], extra: forbid, order: exact, position: 1}`.
pub(super) fn has(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Shape> {
    let node = told_by("has_columns", fields);
    let columns = distinct("has_columns", node, reader)?.into_iter().map(|(name, _)| name).collect();
    let extra = choice("extra", ExtraColumns::Allow, fields, &ExtraColumns::ALL, reader)?;
    let order = choice("order", ColumnOrder::Any, fields, &ColumnOrder::ALL, reader)?;
    let position = match fields.get("position").map(|node| (node.span, &node.value)) {
        None => None,
        Some((_, Value::Int(at))) if *at > 0 => u64::try_from(*at).ok(),
        Some((span, _)) => {
            let help = "count from 1: `position: 1` is the first column";
            return reader.refuse("schema::bad-value", span, "`position` is not the place of a column", help);
        }
    };
    Some(Shape::Has { columns, extra, order, position })
}

fn told_by<'a>(key: &str, fields: &Fields<'a>) -> &'a Node {
    fields.get(key).expect("the form is known by this key")
}

/// Returns a choice, `default` when it is left out and `None` when it is a mistake.
fn choice<T: Copy>(
    key: &str,
    default: T,
    fields: &Fields<'_>,
    all: &[(&'static str, T)],
    reader: &mut Reader<'_>,
) -> Option<T> {
    let Some(node) = fields.get(key) else { return Some(default) };
    let word = scalar(key, node, reader)?;
    reader.choice(key, word, all)
}

/// Reads `{column_count: 3..5}`.
pub(super) fn count(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Shape> {
    let node = told_by("column_count", fields);
    let word = scalar("column_count", node, reader)?;
    reader.counts(word).map(Shape::Count)
}

/// Reads `{column_type: week, in: [i8, i16]}`.
pub(super) fn typed(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Shape> {
    let node = told_by("column_type", fields);
    let column = scalar("column_type", node, reader)?.text.to_owned();
    let Some(list) = fields.get("in") else {
        let help = "add `in: [i32, i64]`, or one type";
        return reader.refuse("schema::bad-rule", node.span, "`column_type` names no type", help);
    };
    let items = list.as_list().unwrap_or(std::slice::from_ref(list));
    let mut types = Vec::with_capacity(items.len());
    for item in items {
        let word: Word<'_> = scalar("in", item, reader)?;
        types.push(reader.ty(word)?.0);
    }
    Some(Shape::Typed { column, types })
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Has { columns, extra, order, position } => {
                write!(f, "has [{}]", columns.join(", "))?;
                if *extra != ExtraColumns::Allow {
                    f.write_str(" and no other")?;
                }
                if *order == ColumnOrder::Exact {
                    f.write_str(" in this order")?;
                }
                position.map_or(Ok(()), |position| write!(f, " from column {position} on"))
            }
            Self::Count(counts) => write!(f, "{counts} columns"),
            Self::Typed { column, types } => {
                let types: Vec<String> = types.iter().map(ToString::to_string).collect();
                write!(f, "{column} is {}", types.join(" or "))
            }
        }
    }
}
