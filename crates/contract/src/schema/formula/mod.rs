//! The expressions of row rules: `home <> away`, `home_score is not null and away_score is not null`.
//!
//! [`condition`] goes from a text with its place to a typed [`Expr`]: words, a tree of them, then types, so that a comparison of a
//! name with a number is a mistake in the schema and not a surprise in the data. It knows nothing of tables.

mod aggregate;
mod ast;
mod dates;
mod functions;
mod grammar;
mod literal;
mod resolve;
mod tokens;
mod typing;

pub use aggregate::{Aggregate, How};
pub use ast::{Compare, Expr, Operand, Sum, Test};
pub(crate) use dates::DateFormat;
pub(super) use typing::{Bare, condition};

use lockgate_spanned::Span;

/// What is wrong with an expression.
struct Mistake {
    span: Span,
    message: String,
    help: String,
}

impl Mistake {
    fn new(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: help.into() }
    }
}
