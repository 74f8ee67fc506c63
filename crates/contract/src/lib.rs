//! Given rules and a table, returns a report.
//!
//! Rules come from a schema text ([`Schema::read`]), tables are CSV, Parquet, JSON lines or Arrow IPC files or folders of
//! them ([`Input`]), and [`check`] makes a [`Report`] of the two. The crate knows nothing of stages, tasks, stores or caches:
//! what a verdict is good for, and for how long, is decided by whoever calls it. It is the only place that names the
//! data-frame library.
//!
//! What the rules mean, whatever the format: a null never violates a value rule (nullability is a rule of its own); NaN
//! violates a range unless `nan:` says otherwise; a share is over the rows examined, and the report gives that number;
//! a rule on several columns is not told of a row in which it is null, as in SQL, and computes in 64-bit floats;
//! uniqueness ignores nulls except in `key`; a regular expression must match the whole value; a rule that has seen no value
//! is *inconclusive*, never passed.

mod check;
mod infer;
mod report;
mod schema;
mod screen;
mod since;
mod table;
mod value;
mod wall;

#[cfg(test)]
mod tests;

pub use check::{Given, Input, Rejects, check};
pub use infer::infer;
pub use report::{Cell, Rejected, Report, RuleReport, Sample, State, StoredColumn, TableReport, percent, six_digits};
pub use schema::{
    Aggregate, Allow, Ask, Asked, Change, Cited, Column, ColumnOrder, Compare, Complete, Counts, Direction, Effect,
    End, Environment, Evolution, Expr, ExtraColumns, Fullness, How, Level, Major, Nan, Nulls, OnChange, Operand, Range,
    Reference, Rows, RuleKind, Schema, SchemaDiff, Semantics, Shape, Sum, TableRef, TableRule, Test, Ties, Tolerance,
    Unjudged, UnknownEnvironment, ValueRule, json_schema,
};
pub use table::{
    CheckError, ColumnKind, Numbers, SqlError, SqlResult, TableAt, TableFile, TimeKind, Times, instant_in_zone,
    rearrange, sql,
};
pub use value::{Literal, TimeUnit, Type};
pub use wall::caught;

/// The version of the meaning of the rules: it enters every verdict's key, so a change of meaning judges anew.
pub const CHECKER_VERSION: u32 = 3;
