//! Conditions as expressions of the data-frame library.
//!
//! Logic has three values, as in SQL: what is compared with null is null. NaN is unequal to everything, itself included, and
//! neither less nor greater; where the column says that it counts as null, it is null.

use polars::prelude::{AnyValue, Column, DataType, Expr, Field, NULL, PolarsResult, StringChunked, lit, when};
use polars::prelude::{BooleanChunked, IntoColumn, NewChunkedArray};

use super::masks::{self, named};
use super::plan::{Subject, Test};
use crate::schema::{self, Aggregate, Compare, DateFormat, Operand, Sum, whole_match};
use crate::table::cell_text;
use crate::value::{Type, float_text, float32_text};

/// Says how the columns and aggregates of a condition are found where it is told.
pub(super) trait Leaves {
    fn column(&self, name: &str) -> Expr;
    fn is_null(&self, name: &str) -> Expr;
    fn aggregate(&self, aggregate: &Aggregate) -> Expr;
}

/// The columns of a rule on rows, which are all there.
pub(super) struct Formula<'a>(pub &'a [Subject<'a>]);

impl Formula<'_> {
    /// True where a row breaks the rule.
    pub fn broken(&self, test: &Test) -> Expr {
        self.among(test, self.check(test).not())
    }

    /// True where the rule can be told of a row.
    pub fn examined(&self, test: &Test) -> Expr {
        self.among(test, self.check(test).is_not_null())
    }

    /// True where the rule applies to a row; `None` when it applies to all of them.
    pub fn applies(&self, when: Option<&schema::Expr>) -> Option<Expr> {
        when.map(|when| condition(self, when).fill_null(lit(false)))
    }

    fn check(&self, test: &Test) -> Expr {
        condition(self, test.check.as_ref().expect("a rule on rows has a condition"))
    }

    /// Restricts a mask to the rows to which the rule applies; null is made false, so that counting and filtering agree.
    fn among(&self, test: &Test, mask: Expr) -> Expr {
        let mask = match &test.when {
            Some(when) => condition(self, when).and(mask),
            None => mask,
        };
        mask.fill_null(lit(false))
    }

    fn subject(&self, name: &str) -> &Subject<'_> {
        let found = self.0.iter().find(|subject| subject.column.name == name);
        found.expect("the columns of a rule are its subjects: collected when the rules were planned")
    }
}

impl Leaves for Formula<'_> {
    fn column(&self, name: &str) -> Expr {
        if self.subject(name).nan_is_null() {
            return when(named(name).is_nan()).then(lit(NULL)).otherwise(named(name));
        }
        named(name)
    }

    fn is_null(&self, name: &str) -> Expr {
        masks::null(self.subject(name))
    }

    fn aggregate(&self, _: &Aggregate) -> Expr {
        unreachable!("a rule on rows has no aggregates: checked when the schema was read")
    }
}

/// Returns a condition that is true, false or null.
pub(super) fn condition(leaves: &dyn Leaves, expr: &schema::Expr) -> Expr {
    match expr {
        schema::Expr::Value(operand) => value(leaves, operand),
        schema::Expr::Not(inner) => condition(leaves, inner).not(),
        schema::Expr::And(left, right) => condition(leaves, left).and(condition(leaves, right)),
        schema::Expr::Or(left, right) => condition(leaves, left).or(condition(leaves, right)),
        schema::Expr::Compare(how, left, right) => compare(leaves, *how, left, right),
        schema::Expr::IsNull(Operand::Column { name, .. }) => leaves.is_null(name),
        schema::Expr::IsNull(operand) => value(leaves, operand).is_null(),
        schema::Expr::In(operand, items) => {
            let equal = items.iter().map(|item| compare(leaves, Compare::Equal, operand, item));
            equal.reduce(Expr::or).expect("a set is not empty: checked when the schema was read")
        }
        schema::Expr::Test(test, operand) => ask(leaves, test, operand),
    }
}

fn ask(leaves: &dyn Leaves, test: &schema::Test, operand: &Operand) -> Expr {
    let cell = value(leaves, operand);
    match test {
        schema::Test::Matches(regex) => cell.str().contains(lit(whole_match(regex)), true),
        schema::Test::Find(regex) => cell.str().contains(lit(regex.as_str()), true),
        schema::Test::IsDate(format) => is_date(cell, format),
        schema::Test::IsNan if operand.ty().is_float() => cell.is_nan(),
        schema::Test::IsNan => when(cell.is_null()).then(lit(NULL)).otherwise(lit(false)),
    }
}

fn compare(leaves: &dyn Leaves, how: Compare, left: &Operand, right: &Operand) -> Expr {
    let (left, right) = sides(leaves, left, right);
    let nan = left.nan().or(right.nan());
    let (left, right) = (left.value, right.value);
    match how {
        Compare::Equal => left.eq(right).and(nan.not()),
        Compare::Unequal => left.neq(right).or(nan),
        Compare::Less => left.lt(right).and(nan.not()),
        Compare::LessOrEqual => left.lt_eq(right).and(nan.not()),
        Compare::Greater => left.gt(right).and(nan.not()),
        Compare::GreaterOrEqual => left.gt_eq(right).and(nan.not()),
    }
}

/// Returns both sides in one type: whole numbers stay whole, and anything else that is a number becomes a float.
fn sides(leaves: &dyn Leaves, left: &Operand, right: &Operand) -> (Side, Side) {
    let is_float = |operand: &Operand| operand.ty().is_float();
    let same = left.stored_type().is_some() && left.stored_type() == right.stored_type();
    let as_float = !same && (is_float(left) || is_float(right));
    let side = |operand: &Operand| {
        let value = value(leaves, operand);
        let value = if as_float { value.cast(DataType::Float64) } else { value };
        Side { value, has_nan: is_float(operand) }
    };
    (side(left), side(right))
}

/// One side of a comparison.
struct Side {
    value: Expr,
    has_nan: bool,
}

impl Side {
    fn nan(&self) -> Expr {
        if self.has_nan { self.value.clone().is_nan() } else { lit(false) }
    }
}

/// Returns a value; a number that is computed is a 64-bit float.
pub(super) fn value(leaves: &dyn Leaves, operand: &Operand) -> Expr {
    let float = |operand: &Operand| value(leaves, operand).cast(DataType::Float64);
    match operand {
        Operand::Column { name, .. } => leaves.column(name),
        Operand::Literal { value, ty } => lit(masks::literal(value, ty)),
        Operand::Sum(how, left, right) => {
            let (left, right) = (float(left), float(right));
            match how {
                Sum::Plus => left + right,
                Sum::Minus => left - right,
                Sum::Times => left * right,
                Sum::Over => left / right,
            }
        }
        Operand::Negative(inner) => lit(0.0) - float(inner),
        Operand::Abs(inner) => {
            let value = float(inner);
            when(value.clone().lt(lit(0.0))).then(lit(0.0) - value.clone()).otherwise(value)
        }
        Operand::Len(inner) => value(leaves, inner).str().len_chars(),
        Operand::Text(inner) => text(value(leaves, inner), &inner.ty()),
        Operand::Aggregate(aggregate) => leaves.aggregate(aggregate),
    }
}

/// Writes values as text.
fn text(cells: Expr, ty: &Type) -> Expr {
    if *ty == Type::Str || ty.int_domain().is_some() {
        return cells.cast(DataType::String);
    }
    let texts = |column: Column| {
        let texts = column.as_materialized_series().iter().map(|value| text_of(&value));
        Ok(StringChunked::from_iter_options(column.name().clone(), texts).into_column())
    };
    cells.map(texts, |_, field| Ok(Field::new(field.name().clone(), DataType::String)))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only floats are written another way than in reports")]
fn text_of(value: &AnyValue<'_>) -> Option<String> {
    match value {
        AnyValue::Float32(value) => Some(float32_text(*value)),
        AnyValue::Float64(value) => Some(float_text(*value)),
        other => cell_text(other),
    }
}

fn is_date(cells: Expr, format: &str) -> Expr {
    let format = DateFormat::parse(format).expect("the format is known: checked when the schema was read");
    let dates = move |column: Column| -> PolarsResult<Column> {
        let found = column.str()?.iter().map(|text| text.map(|text| format.is_met_by(text)));
        Ok(BooleanChunked::from_iter_options(column.name().clone(), found).into_column())
    };
    cells.map(dates, |_, field| Ok(Field::new(field.name().clone(), DataType::Boolean)))
}
