//! Conditions on columns of type `any`: the types are those that a table has.

use super::aggregate::{Aggregate, Takes};
use super::ast::{Expr, Operand, Test};
use super::literal::{Constant, alike, is_number};
use super::typing::literal;
use crate::value::Type;

/// The type of a column as it is stored; `None` for one whose declared type holds.
type Types<'a> = dyn Fn(&str) -> Option<Type> + 'a;

impl Expr {
    /// Returns the condition with the types of a table; the error says what cannot be compared or computed then.
    pub(crate) fn resolved(&self, types: &Types<'_>) -> Result<Self, String> {
        Ok(match self {
            Self::Value(operand) => {
                Self::Value(of_type(operand.resolved(types)?, "a condition", |ty| *ty == Type::Bool)?)
            }
            Self::Not(inner) => Self::Not(Box::new(inner.resolved(types)?)),
            Self::And(left, right) => Self::And(Box::new(left.resolved(types)?), Box::new(right.resolved(types)?)),
            Self::Or(left, right) => Self::Or(Box::new(left.resolved(types)?), Box::new(right.resolved(types)?)),
            Self::Compare(how, left, right) => {
                let (left, right) = (left.resolved(types)?, right.resolved(types)?);
                let (left, right) = (fitted(&left, &right)?, fitted(&right, &left)?);
                Self::Compare(*how, left, right)
            }
            Self::IsNull(operand) => Self::IsNull(operand.resolved(types)?),
            Self::In(operand, items) => {
                let operand = operand.resolved(types)?;
                let items = items.iter().map(|item| fitted(item, &operand)).collect::<Result<_, _>>()?;
                Self::In(operand, items)
            }
            Self::Test(test, operand) => {
                let operand = operand.resolved(types)?;
                let is_text = *test != Test::IsNan;
                Self::Test(
                    test.clone(),
                    if is_text { text(operand)? } else { of_type(operand, "a value", |ty| *ty != Type::Any)? },
                )
            }
        })
    }
}

impl Operand {
    fn resolved(&self, types: &Types<'_>) -> Result<Self, String> {
        let number = |operand: &Self| number(operand.resolved(types)?).map(Box::new);
        Ok(match self {
            Self::Column { name, ty } => {
                Self::Column { name: name.clone(), ty: types(name).unwrap_or_else(|| ty.clone()) }
            }
            Self::Literal { .. } => self.clone(),
            Self::Sum(how, left, right) => Self::Sum(*how, number(left)?, number(right)?),
            Self::Negative(inner) => Self::Negative(number(inner)?),
            Self::Abs(inner) => Self::Abs(number(inner)?),
            Self::Len(inner) => Self::Len(Box::new(text(inner.resolved(types)?)?)),
            Self::Text(inner) => Self::Text(Box::new(inner.resolved(types)?)),
            Self::Aggregate(aggregate) => Self::Aggregate(Box::new(aggregate.resolved(types)?)),
        })
    }

    /// Returns the type of the value; a number that is computed is `f64`.
    pub(crate) fn ty(&self) -> Type {
        match self {
            Self::Text(_) => Type::Str,
            Self::Column { .. }
            | Self::Literal { .. }
            | Self::Sum(..)
            | Self::Negative(_)
            | Self::Abs(_)
            | Self::Len(_) => self.stored_type().cloned().unwrap_or(Type::F64),
            Self::Aggregate(aggregate) => aggregate.ty(),
        }
    }
}

impl Aggregate {
    /// Returns the type of the result: that of its values, or `f64` for a number that is computed.
    fn ty(&self) -> Type {
        self.of.as_ref().filter(|_| self.how.keeps_value()).map_or(Type::F64, Operand::ty)
    }

    fn resolved(&self, types: &Types<'_>) -> Result<Self, String> {
        let of = self.of.as_ref().map(|operand| operand.resolved(types)).transpose()?;
        let of = match self.how.takes() {
            Takes::Numbers => of.map(number).transpose()?,
            Takes::Ordered => of.map(|operand| of_type(operand, "in an order", |ty| *ty != Type::Bool)).transpose()?,
            Takes::Anything => of,
        };
        Ok(Self { how: self.how, of })
    }
}

fn number(operand: Operand) -> Result<Operand, String> {
    of_type(operand, "a number", is_number)
}

fn text(operand: Operand) -> Result<Operand, String> {
    of_type(operand, "text", |ty| *ty == Type::Str)
}

fn of_type(operand: Operand, what: &str, fits: impl Fn(&Type) -> bool) -> Result<Operand, String> {
    let ty = operand.ty();
    if fits(&ty) { Ok(operand) } else { Err(format!("`{operand}` is {ty}, not {what}")) }
}

/// Returns `operand` as one that can be compared with `other`: a constant takes its type.
fn fitted(operand: &Operand, other: &Operand) -> Result<Operand, String> {
    let ty = other.ty();
    if ty == Type::Any {
        return Err(format!("`{other}` has no value"));
    }
    let mismatch = || format!("`{other}` is {ty}, and is compared with {operand}");
    match literal(operand) {
        Some(_) if operand.ty() == ty => Ok(operand.clone()),
        Some(value) => Constant::from(value).of_type(&ty).ok_or_else(mismatch),
        None if literal(other).is_some() || alike(&operand.ty(), &ty) => Ok(operand.clone()),
        None => Err(mismatch()),
    }
}
