//! The rules of a table: from the text of `schemas/*.yaml` to typed values that know their place in it.
//!
//! [`Schema::read`] reports all mistakes at once. It knows nothing of tables: whether a column exists is for the check.

mod ast;
mod column;
mod csv;
mod declared;
mod formula;
mod lower;
mod names;
mod normal;
mod read;
mod row_rules;
mod rows;
mod short;
mod tolerance;

pub(crate) use ast::whole_match;
pub use ast::{
    Cited, Column, ColumnOrder, Counts, End, ExtraColumns, Nan, Range, RowRule, Rows, RuleKind, Schema, ValueRule,
};
pub use formula::{Compare, Expr, Operand, Sum};
pub use tolerance::{Allow, Level, Tolerance};
