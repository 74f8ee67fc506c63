//! Row rules as expressions of the data-frame library.
//!
//! Logic has three values, as in SQL: what is compared with null is null. NaN is unequal to everything, itself included, and
//! neither less nor greater; where the column says that it counts as null, it is null.

use polars::prelude::{DataType, Expr, NULL, lit, when};

use super::masks::{self, named};
use super::plan::Subject;
use crate::schema::{self, Compare, Operand, RowRule, Sum};
use crate::value::Type;

/// The columns of a rule, which are all there.
pub(super) struct Formula<'a>(pub &'a [Subject<'a>]);

impl Formula<'_> {
    /// True where a row breaks the rule.
    pub fn broken(&self, rule: &RowRule) -> Expr {
        self.among(rule, self.condition(&rule.check).not())
    }

    /// True where the rule can be told of a row.
    pub fn examined(&self, rule: &RowRule) -> Expr {
        self.among(rule, self.condition(&rule.check).is_not_null())
    }

    /// True where the rule applies to a row; `None` when it applies to all of them.
    pub fn applies(&self, rule: &RowRule) -> Option<Expr> {
        rule.when.as_ref().map(|condition| self.condition(condition).fill_null(lit(false)))
    }

    /// Restricts a mask to the rows to which the rule applies; null is made false, so that counting and filtering agree.
    fn among(&self, rule: &RowRule, mask: Expr) -> Expr {
        let mask = match &rule.when {
            Some(condition) => self.condition(condition).and(mask),
            None => mask,
        };
        mask.fill_null(lit(false))
    }

    fn condition(&self, expr: &schema::Expr) -> Expr {
        match expr {
            schema::Expr::Value(operand) => self.value(operand),
            schema::Expr::Not(inner) => self.condition(inner).not(),
            schema::Expr::And(left, right) => self.condition(left).and(self.condition(right)),
            schema::Expr::Or(left, right) => self.condition(left).or(self.condition(right)),
            schema::Expr::Compare(how, left, right) => self.compare(*how, left, right),
            schema::Expr::IsNull(operand) => self.is_null(operand),
            schema::Expr::In(operand, items) => {
                let equal = items.iter().map(|item| self.compare(Compare::Equal, operand, item));
                equal.reduce(Expr::or).expect("a set is not empty: checked when the schema was read")
            }
        }
    }

    fn is_null(&self, operand: &Operand) -> Expr {
        match operand {
            Operand::Column { name, .. } => masks::null(self.subject(name)),
            Operand::Literal { .. } | Operand::Sum(..) | Operand::Negative(_) | Operand::Abs(_) | Operand::Len(_) => {
                self.value(operand).is_null()
            }
        }
    }

    fn compare(&self, how: Compare, left: &Operand, right: &Operand) -> Expr {
        let (left, right) = self.sides(left, right);
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
    fn sides(&self, left: &Operand, right: &Operand) -> (Side, Side) {
        let is_float = |operand: &Operand| operand.stored_type().is_none_or(Type::is_float);
        let same = left.stored_type().is_some() && left.stored_type() == right.stored_type();
        let as_float = !same && (is_float(left) || is_float(right));
        let side = |operand: &Operand| {
            let value = self.value(operand);
            let value = if as_float { value.cast(DataType::Float64) } else { value };
            Side { value, has_nan: is_float(operand) }
        };
        (side(left), side(right))
    }

    fn value(&self, operand: &Operand) -> Expr {
        match operand {
            Operand::Column { name, .. } => self.column(name),
            Operand::Literal { value, ty } => lit(masks::literal(value, ty)),
            Operand::Sum(how, left, right) => {
                let (left, right) = (self.float(left), self.float(right));
                match how {
                    Sum::Plus => left + right,
                    Sum::Minus => left - right,
                    Sum::Times => left * right,
                    Sum::Over => left / right,
                }
            }
            Operand::Negative(inner) => lit(0.0) - self.float(inner),
            Operand::Abs(inner) => {
                let value = self.float(inner);
                when(value.clone().lt(lit(0.0))).then(lit(0.0) - value.clone()).otherwise(value)
            }
            Operand::Len(inner) => self.value(inner).str().len_chars(),
        }
    }

    fn float(&self, operand: &Operand) -> Expr {
        self.value(operand).cast(DataType::Float64)
    }

    fn column(&self, name: &str) -> Expr {
        if self.subject(name).nan_is_null() {
            return when(named(name).is_nan()).then(lit(NULL)).otherwise(named(name));
        }
        named(name)
    }

    fn subject(&self, name: &str) -> &Subject<'_> {
        let found = self.0.iter().find(|subject| subject.column.name == name);
        found.expect("the columns of a rule are its subjects: collected when the rules were planned")
    }
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
