//! From a tree to a typed expression.

use lockgate_spanned::{Span, nearest};

use super::Mistake;
use super::ast::{Compare, Expr, Operand};
use super::grammar::{Kind, Node, parse};
use crate::schema::declared::Declared;
use crate::schema::lower::{Reader, Word, example_of};
use crate::value::Type;

/// Reads a condition on one row; `None` when something in it is wrong, and then all of that is noted.
pub(in crate::schema) fn condition(whole: Word<'_>, declared: &Declared, reader: &mut Reader<'_>) -> Option<Expr> {
    let node = match parse(whole) {
        Ok(node) => node,
        Err(Mistake { span, message, help }) => return reader.refuse("schema::bad-expression", span, message, help),
    };
    let expr = Typing { declared, reader }.condition(&node)?;
    let mut columns = 0;
    expr.columns(&mut |_| columns += 1);
    if columns == 0 {
        let help = "it is the same for every row: name the columns that it is about";
        return reader.refuse("schema::bad-expression", whole.span, "the expression names no column", help);
    }
    Some(expr)
}

struct Typing<'t, 'r> {
    declared: &'t Declared,
    reader: &'t mut Reader<'r>,
}

/// A value, as far as it is known by itself.
enum Typed<'n> {
    /// With the type it is stored in; computed numbers are `f64`.
    Known(Operand, Type),
    /// A literal takes the type of what it is compared with.
    Number(String),
    Text(&'n str),
    Bool(bool),
}

const FUNCTIONS: [&str; 2] = ["abs", "len"];

impl Typing<'_, '_> {
    fn refuse<T>(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) -> Option<T> {
        self.reader.refuse("schema::bad-expression", span, message, help)
    }

    fn condition(&mut self, node: &Node) -> Option<Expr> {
        match &node.kind {
            Kind::Not(inner) => Some(Expr::Not(Box::new(self.condition(inner)?))),
            Kind::And(left, right) => {
                let (left, right) = (self.condition(left), self.condition(right));
                Some(Expr::And(Box::new(left?), Box::new(right?)))
            }
            Kind::Or(left, right) => {
                let (left, right) = (self.condition(left), self.condition(right));
                Some(Expr::Or(Box::new(left?), Box::new(right?)))
            }
            Kind::Compare(how, left, right) => self.compare(*how, left, right, node.span),
            Kind::IsNull(inner) => self.is_null(inner),
            Kind::In(inner, items) => self.set(inner, items, node.span),
            Kind::Column(name) => match self.column(name, node.span)? {
                (operand, Type::Bool) => Some(Expr::Value(operand)),
                (_, ty) => self.refuse(node.span, format!("`{name}` is {ty}, not a condition"), COMPARE),
            },
            Kind::Number(_) | Kind::Text(_) | Kind::Bool(_) | Kind::Negative(_) | Kind::Sum(..) | Kind::Call(..) => {
                self.refuse(node.span, "this is a value, not a condition", COMPARE)
            }
        }
    }

    fn column(&mut self, name: &str, span: Span) -> Option<(Operand, Type)> {
        self.declared.expect("the expression", Word { text: name, span }, self.reader)?;
        // Of a column with a mistake in it nothing more can be said; that mistake is noted already.
        let ty = self.declared.ty(name)?.clone();
        Some((Operand::Column { name: name.to_owned(), ty: ty.clone() }, ty))
    }

    fn is_null(&mut self, node: &Node) -> Option<Expr> {
        if let Kind::Column(name) = &node.kind {
            return self.column(name, node.span).map(|(operand, _)| Expr::IsNull(operand));
        }
        self.refuse(node.span, "`is null` asks for a column", "a computed value is null when a column in it is")
    }

    fn compare(&mut self, how: Compare, left: &Node, right: &Node, span: Span) -> Option<Expr> {
        let (one, other) = (self.value(left), self.value(right));
        let (one, other) = match (one?, other?) {
            (Typed::Known(one, ty), Typed::Known(other, with)) => {
                if !self.comparable(&ty, &with, span) {
                    return None;
                }
                (one, other)
            }
            (Typed::Known(one, ty), literal) => (one, self.literal(&literal, &ty, right.span)?),
            (literal, Typed::Known(other, ty)) => (self.literal(&literal, &ty, left.span)?, other),
            (_, _) => return self.refuse(span, "two constants are compared", "name the column that is meant"),
        };
        Some(Expr::Compare(how, one, other))
    }

    fn comparable(&mut self, one: &Type, other: &Type, span: Span) -> bool {
        let alike = match (one, other) {
            (Type::Datetime { zone: one, .. }, Type::Datetime { zone: other, .. }) => one.is_some() == other.is_some(),
            (Type::U64, signed) | (signed, Type::U64) if signed.int_domain().is_some_and(|(low, _)| low < 0) => false,
            (one, other) => one == other || (is_number(one) && is_number(other)),
        };
        if !alike {
            let help =
                "both sides of a comparison need the same type; any two numbers will do, but u64 with signed ones";
            self.refuse::<()>(span, format!("{one} is compared with {other}"), help);
        }
        alike
    }

    /// Gives a literal the type of what it is compared with.
    fn literal(&mut self, literal: &Typed<'_>, ty: &Type, span: Span) -> Option<Operand> {
        let (text, fits) = match literal {
            Typed::Number(text) => (text.clone(), is_number(ty)),
            Typed::Text(text) => ((*text).to_owned(), !is_number(ty) && *ty != Type::Bool),
            Typed::Bool(value) => (value.to_string(), *ty == Type::Bool),
            Typed::Known(operand, _) => return Some(operand.clone()),
        };
        let is_part = ty.int_domain().is_some() && text.contains(['.', 'e', 'E']);
        let ty = if fits && is_part { &Type::F64 } else { ty };
        if let Some(value) = ty.parse_value(&text).filter(|_| fits) {
            return Some(Operand::Literal { value, ty: ty.clone() });
        }
        let help = if *ty == Type::Str { format!("put it in quotes: '{text}'") } else { example_of(ty) };
        self.refuse(span, format!("{} is not a value of type {ty}", shown(literal, &text)), help)
    }

    fn set(&mut self, node: &Node, items: &[Node], span: Span) -> Option<Expr> {
        if items.is_empty() {
            return self.refuse(span, "the set is empty", "list the values that are allowed");
        }
        let Typed::Known(operand, ty) = self.value(node)? else {
            return self.refuse(node.span, "a constant is looked for in a set", "name the column that is meant");
        };
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(match self.value(item) {
                Some(Typed::Known(..)) => self.refuse(item.span, "a set holds constants", "compare with `=` and `or`"),
                Some(literal) => self.literal(&literal, &ty, item.span),
                None => None,
            });
        }
        Some(Expr::In(operand, values.into_iter().collect::<Option<_>>()?))
    }

    fn value<'n>(&mut self, node: &'n Node) -> Option<Typed<'n>> {
        match &node.kind {
            Kind::Column(name) => self.column(name, node.span).map(|(operand, ty)| Typed::Known(operand, ty)),
            Kind::Number(text) => Some(Typed::Number(text.clone())),
            Kind::Text(text) => Some(Typed::Text(text)),
            Kind::Bool(value) => Some(Typed::Bool(*value)),
            Kind::Negative(inner) => {
                if let Kind::Number(text) = &inner.kind {
                    return Some(Typed::Number(format!("-{text}")));
                }
                let inner = self.number(inner)?;
                Some(Typed::Known(Operand::Negative(Box::new(inner)), Type::F64))
            }
            Kind::Sum(how, left, right) => {
                let (left, right) = (self.number(left), self.number(right));
                Some(Typed::Known(Operand::Sum(*how, Box::new(left?), Box::new(right?)), Type::F64))
            }
            Kind::Call(name, argument) => self.call(name, argument.as_deref(), node.span),
            Kind::Not(_) | Kind::And(..) | Kind::Or(..) | Kind::Compare(..) | Kind::IsNull(_) | Kind::In(..) => {
                self.refuse(node.span, "this is a condition, not a value", "join conditions by `and` and `or`")
            }
        }
    }

    /// Reads a value to compute with.
    fn number(&mut self, node: &Node) -> Option<Operand> {
        match self.value(node)? {
            Typed::Known(operand, ty) if is_number(&ty) => Some(operand),
            Typed::Known(_, ty) => {
                self.refuse(node.span, format!("this is {ty}, not a number"), "compute with numbers")
            }
            literal @ (Typed::Number(_) | Typed::Text(_) | Typed::Bool(_)) => {
                self.literal(&literal, &Type::F64, node.span)
            }
        }
    }

    fn call(&mut self, name: &str, argument: Option<&Node>, span: Span) -> Option<Typed<'static>> {
        let Some(argument) = argument.filter(|_| FUNCTIONS.contains(&name)) else {
            let near = nearest(name, FUNCTIONS).filter(|near| *near != name);
            let help =
                near.map_or("functions: abs(NUMBER), len(TEXT)".to_owned(), |near| format!("did you mean `{near}`?"));
            let message = if near.is_none() && FUNCTIONS.contains(&name) {
                format!("`{name}` needs a value")
            } else {
                format!("there is no function `{name}`")
            };
            return self.refuse(span, message, help);
        };
        if name == "abs" {
            let operand = Operand::Abs(Box::new(self.number(argument)?));
            return Some(Typed::Known(operand, Type::F64));
        }
        match self.value(argument)? {
            Typed::Known(operand, Type::Str) => Some(Typed::Known(Operand::Len(Box::new(operand)), Type::F64)),
            Typed::Known(_, ty) => {
                self.refuse(argument.span, format!("{ty} has no length"), "len is for columns of str")
            }
            Typed::Number(_) | Typed::Text(_) | Typed::Bool(_) => {
                self.refuse(argument.span, "a constant has the same length for every row", "len is for columns of str")
            }
        }
    }
}

const COMPARE: &str = "compare it with something: `week > 0`";

fn is_number(ty: &Type) -> bool {
    ty.is_float() || ty.int_domain().is_some()
}

fn shown(literal: &Typed<'_>, text: &str) -> String {
    if matches!(literal, Typed::Text(_)) { format!("'{text}'") } else { format!("`{text}`") }
}
