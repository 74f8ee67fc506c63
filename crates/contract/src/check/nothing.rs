//! What a condition on aggregates is worth where there is no row.
//!
//! Of nothing there are zero values, zero different ones and zero rows; every other aggregate is null.

use crate::schema::{Compare, Expr, How, Operand, Sum};
use crate::value::Literal;

/// Says whether the condition holds; `None` when it is null.
pub(super) fn holds(expr: &Expr) -> Option<bool> {
    match expr {
        Expr::Not(inner) => holds(inner).map(|held| !held),
        Expr::And(left, right) => match (holds(left), holds(right)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (left, right) => left.and(right),
        },
        Expr::Or(left, right) => match (holds(left), holds(right)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (left, right) => left.and(right),
        },
        Expr::Compare(how, left, right) => Some(compare(*how, number(left)?, number(right)?)),
        Expr::IsNull(operand) => Some(number(operand).is_none()),
        Expr::Value(_) | Expr::In(..) | Expr::Test(..) => None,
    }
}

fn compare(how: Compare, left: f64, right: f64) -> bool {
    match how {
        Compare::Equal => left.total_cmp(&right).is_eq(),
        Compare::Unequal => left.total_cmp(&right).is_ne(),
        Compare::Less => left < right,
        Compare::LessOrEqual => left <= right,
        Compare::Greater => left > right,
        Compare::GreaterOrEqual => left >= right,
    }
}

fn number(operand: &Operand) -> Option<f64> {
    match operand {
        Operand::Aggregate(aggregate) => matches!(aggregate.how, How::Count | How::NUnique).then_some(0.0),
        #[expect(
            clippy::cast_precision_loss,
            reason = "the engine compares with an aggregate in 64-bit floats as well"
        )]
        Operand::Literal { value: Literal::Int(value), .. } => Some(*value as f64),
        Operand::Literal { value: Literal::Float(value), .. } => Some(*value),
        Operand::Sum(how, left, right) => {
            let (left, right) = (number(left)?, number(right)?);
            let sum = match how {
                Sum::Plus => left + right,
                Sum::Minus => left - right,
                Sum::Times => left * right,
                Sum::Over => left / right,
            };
            (!sum.is_nan()).then_some(sum)
        }
        Operand::Negative(inner) => number(inner).map(|value| 0.0 - value),
        Operand::Abs(inner) => number(inner).map(f64::abs),
        Operand::Literal { .. } | Operand::Column { .. } | Operand::Len(_) | Operand::Text(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use lockgate_spanned::{Problems, Source};

    use super::*;
    use crate::schema::{Ask, Schema};

    #[test]
    fn of_no_row_there_are_zero_values_and_no_average() {
        let check = |condition: &str, expect: Option<bool>| {
            let text = format!("columns: {{x: f64}}\nrules:\n  - it: {condition}\n");
            let schema =
                Schema::read(&Source::new("s.yaml", text), &mut Problems::default()).expect("the rule is valid");
            let Ask::Groups { check, .. } = &schema.rules[0].ask else { panic!("it has an aggregate") };
            assert_eq!(holds(check), expect, "{condition}");
        };
        check("count() = 0", Some(true));
        check("count() >= 1", Some(false));
        check("n_unique(x) < 3 and count(x) <= 0", Some(true));
        check("avg(x) > 0", None);
        check("count(x) = 0 or avg(x) > 0", Some(true));
        check("not count(x) = 0 and avg(x) > 0", Some(false));
        check("count(x) / count() > 0.5", None);
        check("abs(count() - 2) = 2", Some(true));
    }
}
