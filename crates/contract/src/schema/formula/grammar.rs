//! From words to a tree, which has places and no types yet.
//!
//! From the loosest: `or`, `and`, `not`, one comparison, `+ -`, `* /`, a sign, and what stands by itself.

use lockgate_spanned::Span;

use super::Mistake;
use super::ast::{Compare, Sum};
use super::tokens::{Token, tokens};
use crate::schema::lower::Word;

/// A part of an expression and its place, from its first to its last word.
#[derive(Debug)]
pub(super) struct Node {
    pub kind: Kind,
    pub span: Span,
}

#[derive(Debug)]
pub(super) enum Kind {
    Column(String),
    Number(String),
    Text(String),
    Bool(bool),
    Negative(Box<Node>),
    Not(Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Compare(Compare, Box<Node>, Box<Node>),
    Sum(Sum, Box<Node>, Box<Node>),
    IsNull(Box<Node>),
    In(Box<Node>, Vec<Node>),
    Call(String, Vec<Node>),
}

/// Deeper nesting than this is a mistake, and would use up the stack.
const DEEPEST: usize = 50;

/// More words than this make a tree too deep for the stack: `a and b and c` nests as well, and a set does not.
const LONGEST: usize = 400;

/// Reads a whole expression.
pub(super) fn parse(whole: Word<'_>) -> Result<Node, Mistake> {
    let tokens = tokens(whole)?;
    // What is missing at the end is shown at the last word: an empty place is drawn at no line for sure.
    let end = tokens.last().map_or(whole.span, |(_, span)| *span);
    if nesting(&tokens) > LONGEST {
        return Err(Mistake::new(whole.span, "the expression is too long", "split it into several rules"));
    }
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0, end };
    let node = parser.or()?;
    match parser.tokens.get(parser.at) {
        None => Ok(node),
        Some((_, span)) => {
            Err(Mistake::new(*span, "the expression should end here", "join two conditions by `and` or `or`"))
        }
    }
}

/// Counts the words outside of sets.
fn nesting(tokens: &[(Token, Span)]) -> usize {
    let mut within = false;
    let outside = tokens.iter().filter(|(token, _)| {
        within = (within || *token == Token::Symbol("[")) && *token != Token::Symbol("]");
        !within
    });
    outside.count()
}

struct Parser<'t> {
    tokens: &'t [(Token, Span)],
    at: usize,
    depth: usize,
    end: Span,
}

const RESERVED: [&str; 8] = ["and", "or", "not", "is", "null", "in", "true", "false"];

impl Parser<'_> {
    fn here(&self) -> Span {
        self.tokens.get(self.at).map_or(self.end, |(_, span)| *span)
    }

    fn symbol(&mut self, symbols: &[&'static str]) -> Option<&'static str> {
        let Some((Token::Symbol(symbol), _)) = self.tokens.get(self.at) else { return None };
        symbols.contains(symbol).then(|| self.at += 1)?;
        Some(symbol)
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some((Token::Name(name), _)) if name == word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), Mistake> {
        let here = self.here();
        let missing = || Mistake::new(here, format!("`{symbol}` is missing here"), format!("add `{symbol}`"));
        self.symbol(&[symbol]).map(|_| ()).ok_or_else(missing)
    }

    /// Makes a node that starts at `start` and ends with the last word that was taken.
    fn node(&self, start: Span, kind: Kind) -> Node {
        let last = self.tokens.get(self.at.saturating_sub(1)).map_or(start, |(_, span)| *span);
        let len = (last.start + last.len).saturating_sub(start.start).max(start.len);
        Node { kind, span: Span { start: start.start, len } }
    }

    fn or(&mut self) -> Result<Node, Mistake> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Mistake::new(
                self.here(),
                "the expression is nested too deeply",
                "split it into several rules",
            ));
        }
        let start = self.here();
        let mut left = self.and()?;
        while self.word("or") {
            let right = self.and()?;
            left = self.node(start, Kind::Or(Box::new(left), Box::new(right)));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Result<Node, Mistake> {
        let start = self.here();
        let mut left = self.not()?;
        while self.word("and") {
            let right = self.not()?;
            left = self.node(start, Kind::And(Box::new(left), Box::new(right)));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Node, Mistake> {
        let start = self.here();
        let mut times = 0;
        while self.word("not") {
            times += 1;
        }
        let node = self.comparison()?;
        Ok(if times % 2 == 1 { self.node(start, Kind::Not(Box::new(node))) } else { node })
    }

    fn comparison(&mut self) -> Result<Node, Mistake> {
        let start = self.here();
        let left = self.sum()?;
        if self.word("is") {
            let negated = self.word("not");
            return if self.word("null") {
                let node = self.node(start, Kind::IsNull(Box::new(left)));
                Ok(self.negated(start, node, negated))
            } else {
                Err(Mistake::new(self.here(), "after `is` comes `null` or `not null`", "compare values with `=`"))
            };
        }
        let before = self.at;
        let negated = self.word("not");
        if self.word("in") {
            let items = self.items()?;
            let node = self.node(start, Kind::In(Box::new(left), items));
            return Ok(self.negated(start, node, negated));
        }
        self.at = before;
        let Some(symbol) = self.symbol(&Compare::SYMBOLS) else { return Ok(left) };
        let right = self.sum()?;
        let node = self.node(start, Kind::Compare(Compare::of(symbol), Box::new(left), Box::new(right)));
        let here = self.here();
        match self.symbol(&Compare::SYMBOLS) {
            None => Ok(node),
            Some(_) => Err(Mistake::new(here, "a comparison has two sides", "write `1 < a and a < 3`")),
        }
    }

    fn negated(&self, start: Span, node: Node, negated: bool) -> Node {
        if negated { self.node(start, Kind::Not(Box::new(node))) } else { node }
    }

    fn items(&mut self) -> Result<Vec<Node>, Mistake> {
        self.expect("[")?;
        let mut items = Vec::new();
        while self.symbol(&["]"]).is_none() {
            if !items.is_empty() {
                self.expect(",")?;
            }
            items.push(self.sign()?);
        }
        Ok(items)
    }

    fn sum(&mut self) -> Result<Node, Mistake> {
        let start = self.here();
        let mut left = self.product()?;
        while let Some(symbol) = self.symbol(&["+", "-"]) {
            let right = self.product()?;
            left = self.node(start, Kind::Sum(Sum::of(symbol), Box::new(left), Box::new(right)));
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Node, Mistake> {
        let start = self.here();
        let mut left = self.sign()?;
        while let Some(symbol) = self.symbol(&["*", "/"]) {
            let right = self.sign()?;
            left = self.node(start, Kind::Sum(Sum::of(symbol), Box::new(left), Box::new(right)));
        }
        Ok(left)
    }

    fn sign(&mut self) -> Result<Node, Mistake> {
        let start = self.here();
        let mut times = 0;
        while self.symbol(&["-"]).is_some() {
            times += 1;
        }
        let node = self.single()?;
        Ok(if times % 2 == 1 { self.node(start, Kind::Negative(Box::new(node))) } else { node })
    }

    fn single(&mut self) -> Result<Node, Mistake> {
        let start = self.here();
        let Some((token, _)) = self.tokens.get(self.at).cloned() else {
            return Err(Mistake::new(start, "the expression ends too early", "a column or a value is missing here"));
        };
        self.at += 1;
        let kind = match token {
            Token::Number(text) => Kind::Number(text),
            Token::Text(text) => Kind::Text(text),
            Token::Name(name) if name == "true" || name == "false" => Kind::Bool(name == "true"),
            Token::Name(name) if RESERVED.contains(&name.as_str()) => {
                let help = "put a column of that name between backticks";
                return Err(Mistake::new(start, format!("`{name}` stands where a value is needed"), help));
            }
            Token::Name(name) if self.symbol(&["("]).is_some() => self.call(name)?,
            Token::Name(name) | Token::Quoted(name) => Kind::Column(name),
            Token::Symbol("(") => {
                let inner = self.or()?;
                self.expect(")")?;
                return Ok(self.node(start, inner.kind));
            }
            Token::Symbol(symbol) => {
                let help = "a column or a value is missing before it";
                return Err(Mistake::new(start, format!("`{symbol}` stands where a value is needed"), help));
            }
        };
        Ok(self.node(start, kind))
    }

    fn call(&mut self, name: String) -> Result<Kind, Mistake> {
        let mut arguments = Vec::new();
        if self.symbol(&[")"]).is_some() {
            return Ok(Kind::Call(name, arguments));
        }
        arguments.push(self.or()?);
        while self.symbol(&[","]).is_some() {
            arguments.push(self.or()?);
        }
        self.expect(")")?;
        Ok(Kind::Call(name, arguments))
    }
}
