//! From a tree to a typed expression.

use std::borrow::Cow;

use lockgate_spanned::Span;

use super::aggregate::{Aggregate, How, Takes};
use super::ast::{Compare, Expr, Operand, Test};
use super::functions::{Asks, Function, Map, instead_of};
use super::grammar::{Kind, Node, parse};
use super::literal::{Constant, alike, is_number};
use super::{DateFormat, Mistake};
use crate::schema::declared::Declared;
use crate::schema::lower::{Reader, Word, example_of};
use crate::value::{Literal, Type};

/// A condition, and what must be known of it to say what kind of rule it makes.
pub(in crate::schema) struct Bare {
    pub expr: Expr,
    /// The place of its first aggregate.
    pub aggregate: Option<Span>,
    /// The columns that stand outside of aggregates.
    pub columns: Vec<(String, Span)>,
}

/// Reads a condition; `None` when something in it is wrong, and then all of that is noted.
pub(in crate::schema) fn condition(whole: Word<'_>, declared: &Declared, reader: &mut Reader<'_>) -> Option<Bare> {
    let node = match parse(whole) {
        Ok(node) => node,
        Err(Mistake { span, message, help }) => return reader.refuse("schema::bad-expression", span, message, help),
    };
    let mut typing = Typing { declared, reader, aggregate: None, is_within: false, columns: Vec::new() };
    let expr = typing.condition(&node)?;
    let (aggregate, columns) = (typing.aggregate, typing.columns);
    if columns.is_empty() && aggregate.is_none() {
        let help = "it is the same for every row: name the columns that it is about";
        return reader.refuse("schema::bad-expression", whole.span, "the expression names no column", help);
    }
    Some(Bare { expr, aggregate, columns })
}

struct Typing<'t, 'r> {
    declared: &'t Declared,
    reader: &'t mut Reader<'r>,
    aggregate: Option<Span>,
    /// Whether what is read stands within an aggregate.
    is_within: bool,
    columns: Vec<(String, Span)>,
}

/// A value, as far as it is known by itself.
enum Typed<'n> {
    /// With the type it is stored in; computed numbers are `f64`.
    Known(Operand, Type),
    /// A constant takes the type of what it is compared with.
    Constant(Constant<'n>),
}

const COMPARE: &str = "compare it with something: `week > 0`";

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
                (operand, Type::Bool | Type::Any) => Some(Expr::Value(operand)),
                (_, ty) => self.refuse(node.span, format!("`{name}` is {ty}, not a condition"), COMPARE),
            },
            Kind::Call(name, arguments) => match self.function(name, arguments, node.span)? {
                Function::Asks(asks) => self.test(asks, arguments),
                Function::Map(_) | Function::Aggregate(_) | Function::Quantile => self.no_condition(node.span),
            },
            Kind::Number(_) | Kind::Text(_) | Kind::Bool(_) | Kind::Negative(_) | Kind::Sum(..) => {
                self.no_condition(node.span)
            }
        }
    }

    fn no_condition<T>(&mut self, span: Span) -> Option<T> {
        self.refuse(span, "this is a value, not a condition", COMPARE)
    }

    fn column(&mut self, name: &str, span: Span) -> Option<(Operand, Type)> {
        self.declared.expect("the expression", Word { text: name, span }, self.reader)?;
        if !self.is_within {
            self.columns.push((name.to_owned(), span));
        }
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
                if !alike(&ty, &with) {
                    let help = "both sides of a comparison need the same type; any two numbers will do, but u64 with \
                                signed ones";
                    return self.refuse(span, format!("{ty} is compared with {with}"), help);
                }
                (one, other)
            }
            (Typed::Known(one, ty), Typed::Constant(other)) => (one, self.constant(&other, &ty, right.span)?),
            (Typed::Constant(one), Typed::Known(other, ty)) => (self.constant(&one, &ty, left.span)?, other),
            (Typed::Constant(_), Typed::Constant(_)) => {
                return self.refuse(span, "two constants are compared", "name the column that is meant");
            }
        };
        Some(Expr::Compare(how, one, other))
    }

    /// Gives a constant the type of what it is compared with.
    fn constant(&mut self, constant: &Constant<'_>, ty: &Type, span: Span) -> Option<Operand> {
        if let Some(operand) = constant.of_type(ty) {
            return Some(operand);
        }
        let help = if *ty == Type::Str { format!("put it in quotes: '{}'", constant.text()) } else { example_of(ty) };
        self.refuse(span, format!("{} is not a value of type {ty}", constant.shown()), help)
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
                Some(Typed::Constant(constant)) => self.constant(&constant, &ty, item.span),
                None => None,
            });
        }
        Some(Expr::In(operand, values.into_iter().collect::<Option<_>>()?))
    }

    fn value<'n>(&mut self, node: &'n Node) -> Option<Typed<'n>> {
        match &node.kind {
            Kind::Column(name) => self.column(name, node.span).map(|(operand, ty)| Typed::Known(operand, ty)),
            Kind::Number(text) => Some(Typed::Constant(Constant::Number(Cow::Borrowed(text)))),
            Kind::Text(text) => Some(Typed::Constant(Constant::Text(Cow::Borrowed(text)))),
            Kind::Bool(value) => Some(Typed::Constant(Constant::Bool(*value))),
            Kind::Negative(inner) => {
                if let Kind::Number(text) = &inner.kind {
                    return Some(Typed::Constant(Constant::Number(Cow::Owned(format!("-{text}")))));
                }
                let inner = self.number(inner)?;
                Some(Typed::Known(Operand::Negative(Box::new(inner)), Type::F64))
            }
            Kind::Sum(how, left, right) => {
                let (left, right) = (self.number(left), self.number(right));
                Some(Typed::Known(Operand::Sum(*how, Box::new(left?), Box::new(right?)), Type::F64))
            }
            Kind::Call(name, arguments) => match self.function(name, arguments, node.span)? {
                Function::Map(map) => self.map(map, &arguments[0]),
                Function::Aggregate(how) => self.aggregate(how, arguments.first(), node.span),
                Function::Quantile => self.quantile(arguments, node.span),
                Function::Asks(_) => self.no_value(node.span),
            },
            Kind::Not(_) | Kind::And(..) | Kind::Or(..) | Kind::Compare(..) | Kind::IsNull(_) | Kind::In(..) => {
                self.no_value(node.span)
            }
        }
    }

    fn no_value<T>(&mut self, span: Span) -> Option<T> {
        self.refuse(span, "this is a condition, not a value", "join conditions by `and` and `or`")
    }

    /// Reads a value to compute with.
    fn number(&mut self, node: &Node) -> Option<Operand> {
        match self.value(node)? {
            Typed::Known(operand, ty) if is_number(&ty) || ty == Type::Any => Some(operand),
            Typed::Known(_, ty) => {
                self.refuse(node.span, format!("this is {ty}, not a number"), "compute with numbers")
            }
            Typed::Constant(constant) => self.constant(&constant, &Type::F64, node.span),
        }
    }

    /// Finds the function of a call that has as many arguments as it takes.
    fn function(&mut self, name: &str, arguments: &[Node], span: Span) -> Option<Function> {
        let Some(function) = Function::named(name) else {
            return self.refuse(span, format!("there is no function `{name}`"), instead_of(name));
        };
        let (least, most) = function.arguments();
        if (least..=most).contains(&arguments.len()) {
            return Some(function);
        }
        let takes = if most == 2 { "two values" } else { "one value" };
        let help = match function {
            Function::Asks(Asks::IsDate) => "write is_date(day, '%Y-%m-%d')",
            Function::Asks(_) if most == 2 => "write matches(code, '[A-Z]+')",
            Function::Quantile => "write quantile(spread, 0.9)",
            Function::Map(_) | Function::Asks(_) | Function::Aggregate(_) => "name a column in the parentheses",
        };
        self.refuse(span, format!("`{name}` needs {takes}, and has {}", arguments.len()), help)
    }

    fn map(&mut self, map: Map, argument: &Node) -> Option<Typed<'static>> {
        if map == Map::Abs {
            let operand = Operand::Abs(Box::new(self.number(argument)?));
            return Some(Typed::Known(operand, Type::F64));
        }
        match (map, self.value(argument)?) {
            (_, Typed::Constant(_)) => {
                let help = "name a column in the parentheses";
                self.refuse(argument.span, "a constant is the same for every row", help)
            }
            (Map::Text, Typed::Known(operand, _)) => Some(Typed::Known(Operand::Text(Box::new(operand)), Type::Str)),
            (_, Typed::Known(operand, Type::Str | Type::Any)) => {
                Some(Typed::Known(Operand::Len(Box::new(operand)), Type::F64))
            }
            (_, Typed::Known(_, ty)) => {
                self.refuse(argument.span, format!("{ty} has no length"), "len is for text: write len(text(…))")
            }
        }
    }

    fn test(&mut self, asks: Asks, arguments: &[Node]) -> Option<Expr> {
        let wants_float = asks == Asks::IsNan;
        let operand = match self.value(&arguments[0])? {
            Typed::Known(operand, ty) if ty == Type::Any || (ty.is_float() && wants_float) => operand,
            Typed::Known(operand, Type::Str) if !wants_float => operand,
            Typed::Known(_, ty) if wants_float => {
                return self.refuse(arguments[0].span, format!("{ty} has no NaN"), "is_nan is for columns of floats");
            }
            Typed::Known(_, ty) => {
                let help = "it is for text: put text(…) around the value";
                return self.refuse(arguments[0].span, format!("this is {ty}, not text"), help);
            }
            Typed::Constant(_) => {
                let help = "name a column in the parentheses";
                return self.refuse(arguments[0].span, "a constant is the same for every row", help);
            }
        };
        let test = match asks {
            Asks::IsNan => Test::IsNan,
            Asks::Matches => Test::Matches(self.regex(&arguments[1])?),
            Asks::Find => Test::Find(self.regex(&arguments[1])?),
            Asks::IsDate => Test::IsDate(self.date_format(&arguments[1])?),
        };
        Some(Expr::Test(test, operand))
    }

    fn regex(&mut self, node: &Node) -> Option<String> {
        let Kind::Text(text) = &node.kind else {
            return self.refuse(node.span, "this is not a quoted regular expression", "write '[A-Z]+'");
        };
        self.reader.regex(&Type::Str, Word { text, span: node.span })
    }

    fn date_format(&mut self, node: &Node) -> Option<String> {
        let Kind::Text(text) = &node.kind else {
            return self.refuse(node.span, "this is not a quoted format of dates", "write '%Y-%m-%d'");
        };
        match DateFormat::parse(text) {
            Ok(_) => Some(text.clone()),
            Err((why, help)) => self.refuse(node.span, why, help),
        }
    }

    fn quantile(&mut self, arguments: &[Node], span: Span) -> Option<Typed<'static>> {
        let text = if let Kind::Number(text) = &arguments[1].kind { text.as_str() } else { "" };
        let Some(share) = text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share)) else {
            let help = "write quantile(spread, 0.9) for the value below which nine tenths lie";
            return self.refuse(arguments[1].span, "the share of a quantile is a number from 0 to 1", help);
        };
        self.aggregate(How::Quantile(share), arguments.first(), span)
    }

    fn aggregate(&mut self, how: How, argument: Option<&Node>, span: Span) -> Option<Typed<'static>> {
        if self.is_within {
            return self.refuse(span, "an aggregate of an aggregate", "compute it of a column");
        }
        self.aggregate.get_or_insert(span);
        self.is_within = true;
        let of = argument.map(|node| self.aggregated(how, node));
        self.is_within = false;
        let (of, ty) = of.map_or(Some((None, Type::F64)), |of| of.map(|(operand, ty)| (Some(operand), ty)))?;
        let ty = if how.keeps_value() { ty } else { Type::F64 };
        Some(Typed::Known(Operand::Aggregate(Box::new(Aggregate { how, of })), ty))
    }

    fn aggregated(&mut self, how: How, node: &Node) -> Option<(Operand, Type)> {
        let is_number = how.takes() == Takes::Numbers;
        let value = if is_number { Typed::Known(self.number(node)?, Type::F64) } else { self.value(node)? };
        match value {
            Typed::Known(operand, _) if operand.is_constant() => {
                self.refuse(node.span, "a constant is the same for every row", "name a column in the parentheses")
            }
            Typed::Known(_, Type::Bool) if how.takes() == Takes::Ordered => {
                self.refuse(node.span, "bool has no order", "ask for the share of rows: a row rule with `allow`")
            }
            Typed::Known(operand, ty) => Some((operand, ty)),
            Typed::Constant(_) => {
                self.refuse(node.span, "a constant is the same for every row", "name a column in the parentheses")
            }
        }
    }
}

/// Says whether a constant stands alone.
pub(super) fn literal(operand: &Operand) -> Option<&Literal> {
    if let Operand::Literal { value, .. } = operand { Some(value) } else { None }
}
