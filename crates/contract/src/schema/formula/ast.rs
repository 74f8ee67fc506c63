//! The typed expressions.
//!
//! An [`Expr`] is a condition: true, false, or null when a value it needs is null. An [`Operand`] is a value in it. The text
//! that `Display` gives is the same for two texts that mean the same but for spaces and superfluous parentheses.

use std::fmt;

use super::aggregate::Aggregate;
use crate::value::{Literal, Type};

/// A condition on one row.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A column of booleans, or a constant.
    Value(Operand),
    Not(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Compare(Compare, Operand, Operand),
    IsNull(Operand),
    In(Operand, Vec<Operand>),
    Test(Test, Operand),
}

/// What a function asks of one value.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// A regular expression matches the whole text.
    Matches(String),
    /// A regular expression matches somewhere in the text.
    Find(String),
    /// The whole text is a date or time of this `strftime` format.
    IsDate(String),
    IsNan,
}

/// A value in an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    Column {
        name: String,
        ty: Type,
    },
    Literal {
        value: Literal,
        ty: Type,
    },
    /// Arithmetic is done in 64-bit floats: exact for whole numbers below 2^53, and without overflow.
    Sum(Sum, Box<Operand>, Box<Operand>),
    Negative(Box<Operand>),
    Abs(Box<Operand>),
    /// The length of a text in characters.
    Len(Box<Operand>),
    /// The value as text: a float as Python writes it, a date and time as ISO 8601.
    Text(Box<Operand>),
    Aggregate(Box<Aggregate>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sum {
    Plus,
    Minus,
    Times,
    Over,
}

impl Compare {
    pub(super) const SYMBOLS: [&'static str; 8] = ["=", "==", "<>", "!=", "<", "<=", ">", ">="];

    pub(super) fn of(symbol: &str) -> Self {
        match symbol {
            "=" | "==" => Self::Equal,
            "<>" | "!=" => Self::Unequal,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            _ => Self::GreaterOrEqual,
        }
    }

    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::Unequal => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl Sum {
    pub(super) fn of(symbol: &str) -> Self {
        match symbol {
            "+" => Self::Plus,
            "-" => Self::Minus,
            "*" => Self::Times,
            _ => Self::Over,
        }
    }

    pub fn symbol(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "*",
            Self::Over => "/",
        }
    }
}

impl Expr {
    /// Calls `on_column` with each column, as often as it stands in the expression.
    pub(crate) fn columns(&self, on_column: &mut dyn FnMut(&str)) {
        match self {
            Self::Value(operand) | Self::IsNull(operand) | Self::In(operand, _) | Self::Test(_, operand) => {
                operand.columns(on_column);
            }
            Self::Not(inner) => inner.columns(on_column),
            Self::And(left, right) | Self::Or(left, right) => {
                left.columns(on_column);
                right.columns(on_column);
            }
            Self::Compare(_, left, right) => {
                left.columns(on_column);
                right.columns(on_column);
            }
        }
    }
}

impl Expr {
    /// Returns each aggregate of the expression once, in the order in which they stand in it.
    pub(crate) fn aggregates(&self) -> Vec<&Aggregate> {
        let mut found: Vec<&Aggregate> = Vec::new();
        self.each_aggregate(&mut |aggregate| {
            if !found.contains(&aggregate) {
                found.push(aggregate);
            }
        });
        found
    }

    fn each_aggregate<'e>(&'e self, on_aggregate: &mut dyn FnMut(&'e Aggregate)) {
        match self {
            Self::Value(operand) | Self::IsNull(operand) | Self::In(operand, _) | Self::Test(_, operand) => {
                operand.aggregates(on_aggregate);
            }
            Self::Not(inner) => inner.each_aggregate(on_aggregate),
            Self::And(left, right) | Self::Or(left, right) => {
                left.each_aggregate(on_aggregate);
                right.each_aggregate(on_aggregate);
            }
            Self::Compare(_, left, right) => {
                left.aggregates(on_aggregate);
                right.aggregates(on_aggregate);
            }
        }
    }
}

impl Operand {
    fn columns(&self, on_column: &mut dyn FnMut(&str)) {
        match self {
            Self::Column { name, .. } => on_column(name),
            Self::Literal { .. } => {}
            Self::Sum(_, left, right) => {
                left.columns(on_column);
                right.columns(on_column);
            }
            Self::Negative(inner) | Self::Abs(inner) | Self::Len(inner) | Self::Text(inner) => inner.columns(on_column),
            Self::Aggregate(aggregate) => aggregate.of.iter().for_each(|operand| operand.columns(on_column)),
        }
    }

    /// Says whether no column is in the value.
    pub(super) fn is_constant(&self) -> bool {
        let mut columns = 0;
        self.columns(&mut |_| columns += 1);
        columns == 0
    }

    /// Calls `on_aggregate` with each aggregate, as often as it stands in the value.
    fn aggregates<'e>(&'e self, on_aggregate: &mut dyn FnMut(&'e Aggregate)) {
        match self {
            Self::Column { .. } | Self::Literal { .. } => {}
            Self::Sum(_, left, right) => {
                left.aggregates(on_aggregate);
                right.aggregates(on_aggregate);
            }
            Self::Negative(inner) | Self::Abs(inner) | Self::Len(inner) | Self::Text(inner) => {
                inner.aggregates(on_aggregate);
            }
            Self::Aggregate(aggregate) => on_aggregate(aggregate),
        }
    }

    /// Returns the type of a stored value or a literal; `None` for a number that is computed.
    pub(crate) fn stored_type(&self) -> Option<&Type> {
        match self {
            Self::Column { ty, .. } | Self::Literal { ty, .. } => Some(ty),
            Self::Aggregate(aggregate) => aggregate.stored_type(),
            Self::Sum(..) | Self::Negative(_) | Self::Abs(_) | Self::Len(_) | Self::Text(_) => None,
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(operand) => write!(f, "{operand}"),
            Self::Not(inner) => match inner.as_ref() {
                Self::IsNull(operand) => write!(f, "{operand} is not null"),
                Self::In(operand, items) => write!(f, "{operand} not in [{}]", list(items)),
                Self::Value(operand) => write!(f, "not {operand}"),
                inner @ Self::Test(..) => write!(f, "not {inner}"),
                inner @ (Self::Not(_) | Self::And(..) | Self::Or(..) | Self::Compare(..)) => write!(f, "not ({inner})"),
            },
            Self::And(left, right) => write!(f, "{} and {}", within_and(left), within_and(right)),
            Self::Or(left, right) => write!(f, "{left} or {right}"),
            Self::Compare(how, left, right) => write!(f, "{left} {} {right}", how.symbol()),
            Self::IsNull(operand) => write!(f, "{operand} is null"),
            Self::In(operand, items) => write!(f, "{operand} in [{}]", list(items)),
            Self::Test(test, operand) => match test {
                Test::Matches(regex) => write!(f, "matches({operand}, {})", quoted(regex)),
                Test::Find(regex) => write!(f, "find({operand}, {})", quoted(regex)),
                Test::IsDate(format) => write!(f, "is_date({operand}, {})", quoted(format)),
                Test::IsNan => write!(f, "is_nan({operand})"),
            },
        }
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn within_and(expr: &Expr) -> String {
    if matches!(expr, Expr::Or(..)) { format!("({expr})") } else { expr.to_string() }
}

fn list(items: &[Operand]) -> String {
    items.iter().map(Operand::to_string).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = |operand: &Self| {
            if matches!(operand, Self::Sum(..)) { format!("({operand})") } else { operand.to_string() }
        };
        match self {
            Self::Column { name, .. } if is_plain(name) => f.write_str(name),
            Self::Column { name, .. } => write!(f, "`{}`", name.replace('`', "``")),
            Self::Literal { value: Literal::Bool(value), .. } => write!(f, "{value}"),
            Self::Literal { value: Literal::Str(text), .. } => f.write_str(&quoted(text)),
            Self::Literal { value: value @ (Literal::Int(_) | Literal::Float(_)), .. } => write!(f, "{value}"),
            Self::Literal { value, .. } => write!(f, "'{value}'"),
            Self::Sum(how, left, right) => write!(f, "{} {} {}", inner(left), how.symbol(), inner(right)),
            Self::Negative(operand) => write!(f, "-{}", inner(operand)),
            Self::Abs(operand) => write!(f, "abs({operand})"),
            Self::Len(operand) => write!(f, "len({operand})"),
            Self::Text(operand) => write!(f, "text({operand})"),
            Self::Aggregate(aggregate) => write!(f, "{aggregate}"),
        }
    }
}

fn is_plain(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    starts && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}
