//! The rules of a table: from the text of `schemas/*.yaml` to typed values that know their place in it.
//!
//! [`Schema::read`] reports all mistakes at once. It knows nothing of tables: whether a column exists is for the check.

mod ast;
mod column;
mod lower;
mod normal;
mod read;
mod short;

pub(crate) use ast::whole_match;
pub use ast::{
    Allow, Cited, Column, ColumnOrder, Counts, End, ExtraColumns, Level, Nan, Range, RuleKind, Schema, ValueRule,
};
