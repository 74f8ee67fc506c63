//! The rules as expressions over the rows of a batch.
//!
//! Each mask is true for the rows that break the rule and never for a null, so that counting it and filtering by it agree.

use polars::prelude::{DataType, Expr, IntoSeries, PlSmallStr, Scalar, Series, lit};

use super::complete;
use super::formula::Formula;
use super::plan::{Rule, Subject};
use super::reference::Known;
use crate::schema::{End, Nan, Range, RuleKind, whole_match};
use crate::table::{any_value, dtype, raw_name};
use crate::value::{Literal, Type};

/// Names a column exactly; `col` would take `*` and `^…$` for patterns.
pub(super) fn named(name: &str) -> Expr {
    Expr::Column(PlSmallStr::from(name))
}

/// True where a cell of a text format is not a value of the type.
pub(super) fn misfit(subject: &Subject<'_>) -> Expr {
    named(&raw_name(&subject.column.name)).is_not_null()
}

/// True where there is no value: null, and NaN if it counts as null. Text that is no value of the type is not null.
pub(super) fn null(subject: &Subject<'_>) -> Expr {
    let cell = named(&subject.column.name);
    let mut null = cell.clone().is_null();
    if subject.is_text() {
        null = null.and(misfit(subject).not());
    }
    if subject.nan_is_null() {
        // `is_nan` of a null is null, and true or null is true.
        null = null.or(cell.is_nan());
    }
    null
}

/// True where a row breaks the rule; `None` for a rule that is not about single rows, or whose columns are not there.
pub(super) fn broken(rule: &Rule<'_>) -> Option<Expr> {
    match rule {
        Rule::Rows(_)
        | Rule::Extra { .. }
        | Rule::ColumnOrder { .. }
        | Rule::Shape { .. }
        | Rule::Unique { .. }
        | Rule::Groups { .. }
        | Rule::Sequence { .. } => None,
        Rule::Type(subject) => subject.is_text().then(|| misfit(subject)),
        Rule::NotNull(subject) => Some(null(subject)),
        Rule::Value { subject, kind, known, .. } => {
            kind.as_ref().ok().map(|kind| value(subject, kind, known.as_deref()))
        }
        Rule::Row { columns, test, .. } => test.as_ref().ok().map(|test| Formula(columns).broken(test)),
        Rule::Complete { asked, columns, .. } => complete::sparse_row(asked.what, columns),
    }
}

fn value(subject: &Subject<'_>, kind: &RuleKind, known: Option<&Known>) -> Expr {
    let cell = named(&subject.column.name);
    let broken = match kind {
        RuleKind::Range(range) => outside(subject, range),
        RuleKind::In(values) => cell.clone().is_in(set(values, &stored(subject)), false).not(),
        RuleKind::Reference(_) => known.map_or(lit(false), |known| cell.clone().is_in(known.set(), false).not()),
        RuleKind::Matches(regex) => cell.clone().str().contains(lit(whole_match(regex)), true).not(),
        RuleKind::Find(regex) => cell.clone().str().contains(lit(regex.as_str()), true).not(),
        RuleKind::Len(counts) => {
            let len = cell.clone().str().len_chars();
            let short = len.clone().lt(lit(counts.low));
            counts.high.map_or(short.clone(), |high| short.or(len.gt(lit(high))))
        }
        RuleKind::NotNan => return cell.is_nan(),
    };
    if !subject.ty.is_float() {
        return broken;
    }
    match subject.column.nan {
        Nan::Fail => broken.or(cell.is_nan()),
        Nan::Ok | Nan::Null => broken.and(cell.is_not_nan()),
    }
}

fn stored(subject: &Subject<'_>) -> DataType {
    subject.dtype().expect("masks are made for columns that are there")
}

fn outside(subject: &Subject<'_>, range: &Range) -> Expr {
    let (cell, stored) = (named(&subject.column.name), stored(subject));
    let bound = |value: &Literal| {
        // A bound may be finer than the stored unit of a `datetime` without one; the library compares the two.
        let coarse = any_value(value, &stored).map(|value| Scalar::new(stored.clone(), value));
        lit(coarse.unwrap_or_else(|| literal(value, &subject.ty)))
    };
    let below = range.low.as_ref().map(|low| cell.clone().lt(bound(low)));
    let above = range.high.as_ref().map(|high| match range.end {
        End::Included => cell.clone().gt(bound(high)),
        End::Excluded => cell.clone().gt_eq(bound(high)),
    });
    match (below, above) {
        (Some(below), Some(above)) => below.or(above),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => lit(false),
    }
}

/// Makes a scalar of a literal of the type `ty`.
pub(super) fn literal(value: &Literal, ty: &Type) -> Scalar {
    let stored = dtype(ty);
    let value = any_value(value, &stored).expect("a literal is a value of its own type");
    Scalar::new(stored, value)
}

fn set(values: &[Literal], stored: &DataType) -> Expr {
    let values: Vec<_> = values.iter().filter_map(|value| any_value(value, stored)).collect();
    let series = Series::from_any_values_and_dtype(PlSmallStr::from_static("set"), &values, stored, true);
    let series = series.expect("the values have the type of the column");
    lit(series.implode().expect("a series can be put into a list").into_series())
}
