//! Constants of an expression, which take the type of what they are compared with.

use std::borrow::Cow;

use super::ast::Operand;
use crate::value::{Literal, Type};

/// A constant as it is written.
#[derive(Clone, Debug)]
pub(super) enum Constant<'n> {
    Number(Cow<'n, str>),
    Text(Cow<'n, str>),
    Bool(bool),
}

impl Constant<'_> {
    /// Returns the constant as one that a value of type `ty` can be compared with; `None` when there is none.
    pub fn of_type(&self, ty: &Type) -> Option<Operand> {
        let (text, fits) = match self {
            Self::Number(text) => (text.as_ref(), is_number(ty)),
            Self::Text(text) => (text.as_ref(), !is_number(ty) && *ty != Type::Bool),
            Self::Bool(value) => (if *value { "true" } else { "false" }, *ty == Type::Bool),
        };
        if *ty == Type::Any {
            return self.of_its_own();
        }
        let is_part = ty.int_domain().is_some() && text.contains(['.', 'e', 'E']);
        let ty = if is_part { &Type::F64 } else { ty };
        let value = ty.parse_value(text).filter(|_| fits)?;
        Some(Operand::Literal { value, ty: ty.clone() })
    }

    /// Returns the constant with the type that it has by itself.
    fn of_its_own(&self) -> Option<Operand> {
        let types: &[Type] = match self {
            Self::Number(_) => &[Type::I64, Type::U64, Type::F64],
            Self::Text(_) => &[Type::Str],
            Self::Bool(_) => &[Type::Bool],
        };
        types.iter().find_map(|ty| self.of_type(ty))
    }

    /// Returns the text of the constant without quotes.
    pub fn text(&self) -> &str {
        match self {
            Self::Number(text) | Self::Text(text) => text,
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
        }
    }

    /// Returns the text of the constant as a message shows it.
    pub fn shown(&self) -> String {
        if let Self::Text(text) = self { format!("'{text}'") } else { format!("`{}`", self.text()) }
    }
}

impl<'n> From<&'n Literal> for Constant<'n> {
    fn from(literal: &'n Literal) -> Self {
        match literal {
            Literal::Bool(value) => Self::Bool(*value),
            Literal::Int(_) | Literal::Float(_) => Self::Number(Cow::Owned(literal.to_string())),
            Literal::Str(text) => Self::Text(Cow::Borrowed(text)),
            Literal::Date(_) | Literal::Time(_) | Literal::Datetime(_) => Self::Text(Cow::Owned(literal.to_string())),
        }
    }
}

/// Says whether one can compute with values of a type; of `any` that is seen when there is a table.
pub(super) fn is_number(ty: &Type) -> bool {
    ty.is_float() || ty.int_domain().is_some()
}

/// Says whether values of the two types can be compared.
pub(super) fn alike(one: &Type, other: &Type) -> bool {
    match (one, other) {
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::Datetime { zone: one, .. }, Type::Datetime { zone: other, .. }) => one.is_some() == other.is_some(),
        (Type::U64, signed) | (signed, Type::U64) if signed.int_domain().is_some_and(|(low, _)| low < 0) => false,
        (one, other) => one == other || (is_number(one) && is_number(other)),
    }
}
