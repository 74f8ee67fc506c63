//! Judging rules on the columns that a table has.

use super::finding::{Finding, plural};
use super::layout::Unfit;
use crate::schema::{ColumnOrder, ExtraColumns, Level, Shape};
use crate::value::Type;

/// The columns of a table, in their order, and the type of the one that a rule asks for.
pub(super) struct Columns {
    pub names: Vec<String>,
    /// The orders in which the names stand, of which there may be several in several files.
    pub orders: Vec<Vec<String>>,
    pub ty: Result<Type, Unfit>,
}

/// Judges a rule; `level` is what it does when it is broken.
pub(super) fn judge(shape: &Shape, table: &Columns, level: Level) -> Finding {
    let count = table.names.len() as u64;
    match shape {
        Shape::Has { columns, extra, order, position } => {
            let wrong = missing(columns, table)
                .or_else(|| (*extra != ExtraColumns::Allow).then(|| others(columns, table)).flatten())
                .or_else(|| {
                    let orders = table.orders.iter().filter(|_| *order == ColumnOrder::Exact);
                    orders.into_iter().find_map(|names| out_of_order(columns, names))
                })
                .or_else(|| {
                    let position = (*position)?;
                    table.orders.iter().find_map(|names| elsewhere(columns, position, names))
                });
            wrong.map_or_else(
                || Finding::holds(plural(count, "column"), count),
                |(what, bad)| Finding::broken_at(level, what, bad, count),
            )
        }
        Shape::Count(counts) if counts.contains(count) => Finding::holds(plural(count, "column"), count),
        Shape::Count(_) => Finding::broken_at(level, plural(count, "column"), 0, count),
        Shape::Typed { column, types } => typed(column, types, table, level),
    }
}

fn typed(column: &str, types: &[Type], table: &Columns, level: Level) -> Finding {
    if table.names.iter().all(|name| name != column) {
        return Finding::unknown(format!("not judged: `{column}` is missing"));
    }
    match &table.ty {
        Ok(found) if types.iter().any(|ty| is_of(found, ty)) => Finding::holds(format!("`{column}` is {found}"), 1),
        Ok(found) => Finding::broken_at(level, format!("`{column}` is {found}"), 1, 1),
        Err(Unfit::NoValue) => Finding::unknown(format!("`{column}` has no value to know its type by")),
        Err(Unfit::Because(why)) => Finding::broken_at(level, why.clone(), 1, 1),
    }
}

fn is_of(found: &Type, wanted: &Type) -> bool {
    match (found, wanted) {
        (Type::Datetime { zone: None, .. }, Type::Datetime { unit: None, zone: None }) => true,
        (found, wanted) => found == wanted || *wanted == Type::Any,
    }
}

/// What is wrong, and how many columns it is wrong with.
type Wrong = Option<(String, u64)>;

fn listed(names: &[&str], what: &str) -> Wrong {
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > SHOWN { format!(" and {} more", names.len() - SHOWN) } else { String::new() };
    (!names.is_empty()).then(|| (format!("{what} {}{more}", shown.join(", ")), names.len() as u64))
}

const SHOWN: usize = 6;

fn missing(columns: &[String], table: &Columns) -> Wrong {
    let missing: Vec<&str> =
        columns.iter().map(String::as_str).filter(|name| table.names.iter().all(|known| known != name)).collect();
    listed(&missing, "without")
}

fn others(columns: &[String], table: &Columns) -> Wrong {
    let others: Vec<&str> =
        table.names.iter().map(String::as_str).filter(|name| columns.iter().all(|column| column != name)).collect();
    listed(&others, "also")
}

fn out_of_order(columns: &[String], names: &[String]) -> Wrong {
    let there = names.iter().map(String::as_str).filter(|name| columns.iter().any(|column| column == name));
    let wrong: Vec<&str> = there.zip(columns).filter(|(name, column)| name != column).map(|(name, _)| name).collect();
    listed(&wrong, "elsewhere")
}

fn elsewhere(columns: &[String], position: u64, names: &[String]) -> Wrong {
    let first = columns.first()?;
    let at = names.iter().position(|name| name == first)? as u64 + 1;
    (at != position).then(|| (format!("`{first}` is column {at}"), 1))
}
