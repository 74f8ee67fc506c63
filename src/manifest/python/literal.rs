//! The literals of Python, as `ast.literal_eval` takes them.

use std::rc::Rc;
use std::sync::Arc;

use lockgate_spanned::{Source, Span};

use super::tokens::{Kind, Token};
use crate::manifest::datum::{Datum, Entries, Shape};

/// Nested deeper than that is no parameter, and would use up the stack.
const DEEPEST: usize = 32;

/// Returns the tokens, each with the number of brackets around it.
pub(super) fn bracketed<'t>(tokens: &'t [Token<'t>]) -> impl Iterator<Item = (usize, &'t Token<'t>)> {
    let mut depth = 0_usize;
    tokens.iter().map(move |token| {
        match token.op() {
            Some("(" | "[" | "{") => depth += 1,
            Some(")" | "]" | "}") => depth = depth.saturating_sub(1),
            Some(_) | None => {}
        }
        (depth, token)
    })
}

/// A value while it is read.
pub(super) struct Reader<'t> {
    source: &'t Arc<Source>,
    tokens: &'t [Token<'t>],
    depth: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn new(source: &'t Arc<Source>, tokens: &'t [Token<'t>]) -> Self {
        Self { source, tokens, depth: 0 }
    }

    /// Reads all of the tokens as one value, or as the items of a tuple without brackets; `None` when they are no literal.
    pub(super) fn whole(mut self) -> Option<Shape> {
        let first = self.value()?;
        if self.tokens.is_empty() {
            return Some(first.shape);
        }
        let mut items = vec![Rc::new(first)];
        while !self.tokens.is_empty() {
            self.take(",")?;
            if !self.tokens.is_empty() {
                items.push(Rc::new(self.value()?));
            }
        }
        Some(Shape::List(items))
    }

    fn take(&mut self, op: &str) -> Option<()> {
        let (first, rest) = self.tokens.split_first()?;
        (first.op() == Some(op)).then(|| self.tokens = rest)
    }

    fn value(&mut self) -> Option<Datum> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let shape = match &first.kind {
            Kind::Name("True") => Shape::Bool(true),
            Kind::Name("False") => Shape::Bool(false),
            Kind::Name("None") => Shape::Null,
            Kind::Name("set") => {
                self.take("(")?;
                self.take(")")?;
                Shape::List(Vec::new())
            }
            Kind::Number(text) => number(text)?,
            Kind::Text(text) => self.text(text.clone())?,
            Kind::Op(sign @ ("-" | "+")) if !self.is_signed() => signed(sign, &self.value()?.shape)?,
            Kind::Op("(") => self.tuple()?,
            Kind::Op("[") => Shape::List(self.items("]")?.0),
            Kind::Op("{") => self.braces()?,
            Kind::Name(_) | Kind::Op(_) | Kind::Newline | Kind::Indent | Kind::Dedent | Kind::Other => return None,
        };
        self.depth -= 1;
        Some(Datum::new(self.source, Span { start: first.at, len: 1 }, shape))
    }

    /// Whether another sign comes next: of two, Python makes an expression.
    fn is_signed(&self) -> bool {
        self.tokens.first().is_some_and(|token| matches!(token.op(), Some("-" | "+")))
    }

    /// Texts that stand side by side are one.
    fn text(&mut self, mut text: String) -> Option<Shape> {
        while let Some((first, rest)) = self.tokens.split_first() {
            if first.kind == Kind::Other {
                return None;
            }
            let Kind::Text(more) = &first.kind else { break };
            text.push_str(more);
            self.tokens = rest;
        }
        Some(Shape::Str(text))
    }

    /// Reads up to `close`; tells too whether the last item had a comma after it.
    fn items(&mut self, close: &str) -> Option<(Vec<Rc<Datum>>, bool)> {
        let mut items = Vec::new();
        loop {
            if self.take(close).is_some() {
                return Some((items, true));
            }
            items.push(Rc::new(self.value()?));
            if self.take(",").is_none() {
                self.take(close)?;
                return Some((items, false));
            }
        }
    }

    /// Brackets around one value without a comma mean nothing.
    fn tuple(&mut self) -> Option<Shape> {
        let (items, has_comma) = self.items(")")?;
        match items.as_slice() {
            [only] if !has_comma => Some(only.shape.clone()),
            _ => Some(Shape::List(items)),
        }
    }

    fn braces(&mut self) -> Option<Shape> {
        if self.take("}").is_some() {
            return Some(Shape::Map(Entries::new()));
        }
        let first = self.value()?;
        if self.take(":").is_none() {
            let mut items = vec![Rc::new(first)];
            if self.take(",").is_some() {
                items.extend(self.items("}")?.0);
            } else {
                self.take("}")?;
            }
            return sorted(items).map(Shape::List);
        }
        let mut entries = Entries::new();
        entries.insert(first.in_python()?, Rc::new(self.value()?));
        loop {
            if self.take(",").is_none() {
                self.take("}")?;
                return Some(Shape::Map(entries));
            }
            if self.take("}").is_some() {
                return Some(Shape::Map(entries));
            }
            let key = self.value()?.in_python()?;
            self.take(":")?;
            entries.insert(key, Rc::new(self.value()?));
        }
    }
}

/// A set has no order, and a value must have one: numbers by their value, then all else by its text.
fn sorted(items: Vec<Rc<Datum>>) -> Option<Vec<Rc<Datum>>> {
    let number = |shape: &Shape| match shape {
        #[expect(clippy::cast_precision_loss, reason = "it only orders; equal places are told apart by the text")]
        Shape::Int(value) => *value as f64,
        Shape::Float(value) => *value,
        Shape::Null | Shape::Bool(_) | Shape::Str(_) | Shape::List(_) | Shape::Map(_) => f64::INFINITY,
    };
    let mut keyed: Vec<(String, Rc<Datum>)> =
        items.into_iter().map(|item| Some((item.in_python()?, item))).collect::<Option<_>>()?;
    keyed.sort_by(|(a, x), (b, y)| number(&x.shape).total_cmp(&number(&y.shape)).then_with(|| a.cmp(b)));
    keyed.dedup_by(|(a, x), (b, y)| a == b && x.kind() == y.kind());
    Some(keyed.into_iter().map(|(_, item)| item).collect())
}

fn number(text: &str) -> Option<Shape> {
    let text = text.replace('_', "").to_ascii_lowercase();
    match digits(&text) {
        // One that is too long is told by who asks for the value.
        Some((digits, radix)) => {
            Some(i128::from_str_radix(digits, radix).map_or_else(|_| Shape::Str(text.clone()), Shape::Int))
        }
        None => text.parse().ok().map(Shape::Float),
    }
}

/// Whether a number is an integer that needs more than 128 bits.
pub(super) fn is_too_long(text: &str) -> bool {
    let text = text.replace('_', "").to_ascii_lowercase();
    digits(&text).is_some_and(|(digits, radix)| i128::from_str_radix(digits, radix).is_err())
}

/// Returns the digits of an integer in small letters, and their base.
fn digits(text: &str) -> Option<(&str, u32)> {
    let mut based = [("0x", 16), ("0o", 8), ("0b", 2)].into_iter();
    let (digits, radix) =
        based.find_map(|(prefix, radix)| Some((text.strip_prefix(prefix)?, radix))).unwrap_or((text, 10));
    (!digits.is_empty() && digits.chars().all(|c| c.is_digit(radix))).then_some((digits, radix))
}

fn signed(sign: &str, shape: &Shape) -> Option<Shape> {
    let is_minus = sign == "-";
    match shape {
        Shape::Int(value) => if is_minus { value.checked_neg() } else { Some(*value) }.map(Shape::Int),
        Shape::Float(value) => Some(Shape::Float(if is_minus { -value } else { *value })),
        Shape::Null | Shape::Bool(_) | Shape::Str(_) | Shape::List(_) | Shape::Map(_) => None,
    }
}
