//! The rules of a table: from the text of `schemas/*.yaml` to typed values that know their place in it.
//!
//! [`Schema::read`] reports all mistakes at once. It knows nothing of tables: whether a column exists is for the check.

mod ast;
mod column;
mod complete;
mod declared;
mod diff;
mod evolution;
mod fit;
mod formula;
mod json_schema;
mod lower;
mod names;
mod normal;
mod read;
mod rows;
mod rules;
mod semantics;
mod shape;
mod short;
mod table_rule;
mod tolerance;

pub(crate) use ast::whole_match;
pub use ast::{
    Cited, Column, ColumnOrder, Counts, End, ExtraColumns, Nan, Range, Reference, Rows, RuleKind, Schema, TableRef,
    ValueRule,
};
pub use complete::{Asked, Complete, Fullness};
pub use diff::{Change, Effect, Major, SchemaDiff};
pub use evolution::{Environment, Evolution, OnChange, UnknownEnvironment};
pub(crate) use formula::DateFormat;
pub use formula::{Aggregate, Compare, Expr, How, Operand, Sum, Test};
pub use json_schema::json_schema;
pub use semantics::{Semantics, Unjudged};
pub use shape::Shape;
pub use table_rule::{Ask, Direction, Nulls, TableRule, Ties};
pub use tolerance::{Allow, Level, Tolerance};
