//! The rules under `rules:`: what each can ask of a table.

use std::fmt;

use super::ast::name_in;
use super::formula::Expr;
use super::shape::Shape;
use super::tolerance::Tolerance;

/// A rule with a name of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct TableRule {
    pub name: String,
    pub ask: Ask,
    pub tolerance: Tolerance,
    pub at: String,
}

/// What a named rule asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Ask {
    /// A condition that each row must meet in which it is not null.
    Rows { when: Option<Expr>, check: Expr },
    /// A condition on aggregates that each group of rows must meet; without `by` all rows are one group.
    Groups { when: Option<Expr>, check: Expr, by: Vec<String> },
    /// The values of a column rise or fall from row to row; nulls are passed over.
    Order { column: String, by: Vec<String>, direction: Direction, ties: Ties },
    /// No two rows have the same values.
    Unique { columns: Vec<String>, when: Option<Expr>, nulls: Nulls },
    /// The columns of the table are as told.
    Shape(Shape),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Increasing,
    Decreasing,
}

/// Whether a value may be followed by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ties {
    Allowed,
    Forbidden,
}

/// Whether rows with a null take part in uniqueness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// A row with a null in any of the columns takes no part.
    Ignored,
    /// A row with a null in all of the columns takes no part; otherwise two nulls are alike.
    IgnoredTogether,
    /// A null is a value like any other.
    Counted,
}

impl Direction {
    pub fn name(self) -> &'static str {
        match self {
            Self::Increasing => "increasing",
            Self::Decreasing => "decreasing",
        }
    }
}

impl Nulls {
    pub(crate) const ALL: [(&'static str, Self); 3] =
        [("ignored", Self::Ignored), ("ignored_together", Self::IgnoredTogether), ("counted", Self::Counted)];

    pub(crate) fn name(self) -> &'static str {
        name_in(&Self::ALL, self)
    }
}

impl Ask {
    /// Calls `on_column` with each column that the rule looks at, as often as it is named.
    pub(crate) fn columns(&self, on_column: &mut dyn FnMut(&str)) {
        match self {
            Self::Rows { when, check } => each(&[], when.iter().chain([check]), on_column),
            Self::Groups { when, check, by } => each(by, when.iter().chain([check]), on_column),
            Self::Order { column, by, .. } => {
                each(by, std::iter::empty(), on_column);
                on_column(column);
            }
            Self::Unique { columns, when, .. } => each(columns, when.iter(), on_column),
            // These may name columns that are not declared.
            Self::Shape(_) => {}
        }
    }
}

fn each<'e>(names: &[String], exprs: impl Iterator<Item = &'e Expr>, on_column: &mut dyn FnMut(&str)) {
    for name in names {
        on_column(name);
    }
    for expr in exprs {
        expr.columns(on_column);
    }
}

impl fmt::Display for Ask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (by, when): (&[String], _) = match self {
            Self::Rows { when, check } => {
                write!(f, "{check}")?;
                (&[], when.as_ref())
            }
            Self::Groups { when, check, by } => {
                write!(f, "{check}")?;
                (by, when.as_ref())
            }
            Self::Order { column, by, direction, ties } => {
                let strictly = if *ties == Ties::Forbidden { "strictly " } else { "" };
                write!(f, "{column} {strictly}{}", direction.name())?;
                (by, None)
            }
            Self::Unique { columns, when, .. } => {
                write!(f, "[{}] unique", columns.join(", "))?;
                (&[], when.as_ref())
            }
            Self::Shape(shape) => {
                write!(f, "{shape}")?;
                (&[], None)
            }
        };
        if !by.is_empty() {
            write!(f, " by {}", by.join(", "))?;
        }
        when.map_or(Ok(()), |when| write!(f, " when {when}"))
    }
}
