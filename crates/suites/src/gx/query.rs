//! The row conditions that are texts: the part of the query language of pandas that lockgate can say.
//!
//! Comparisons, `in` and `not in`, `.notnull()` and its relatives, `and`, `or`, `not` with their symbols, parentheses, and
//! `col("name")`, which Great Expectations' own parser has.

use super::condition::{Condition, Operand, Order};
use super::why::Why;
use crate::words;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Quoted(String),
    Text(String),
    Number(String),
    Symbol(&'static str),
}

/// Longer symbols stand before those they start with.
const SYMBOLS: [&str; 19] =
    ["==", "!=", "<=", ">=", "<", ">", "=", "(", ")", "[", "]", ",", ".", "&", "|", "~", "-", "+", "{"];

/// Reads a condition; what the language cannot say is named in the error.
pub(super) fn parse(text: &str) -> Result<Condition, Why> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let condition = parser.or()?;
    match parser.tokens.get(parser.at) {
        None => Ok(condition),
        Some(token) => Err(odd(token)),
    }
}

fn odd(token: &Token) -> Why {
    let text = match token {
        Token::Name(text) | Token::Quoted(text) | Token::Text(text) | Token::Number(text) => text,
        Token::Symbol(symbol) => *symbol,
    };
    Why::Condition(format!("`{text}`, which has no translation: say it as a `when` yourself"))
}

fn tokens(text: &str) -> Result<Vec<Token>, Why> {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, len) = token(rest, first)?;
        found.push(token);
        rest = rest[len..].trim_start();
    }
    Ok(found)
}

fn token(rest: &str, first: char) -> Result<(Token, usize), Why> {
    if matches!(first, '"' | '\'' | '`') {
        let unfinished = || Why::Condition("a quoted text without an end".to_owned());
        let (text, len) = quoted(rest, first).ok_or_else(unfinished)?;
        return Ok((if first == '`' { Token::Quoted(text) } else { Token::Text(text) }, len));
    }
    if first.is_alphabetic() || first == '_' {
        let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        return Ok((Token::Name(rest[..len].to_owned()), len));
    }
    if first.is_ascii_digit() {
        let len = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(rest.len());
        let is_number = rest[..len].parse::<f64>().is_ok_and(f64::is_finite);
        return if is_number {
            Ok((Token::Number(rest[..len].to_owned()), len))
        } else {
            Err(odd(&Token::Text(rest[..len].to_owned())))
        };
    }
    let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol));
    symbol.map(|symbol| (Token::Symbol(symbol), symbol.len())).ok_or_else(|| odd(&Token::Text(first.to_string())))
}

/// Returns what is between the quotes, a backslash taken off, and the length with them.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut content = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote != '`' => content.push(chars.next()?.1),
            c if c == quote => return Some((content, at + 1)),
            c => content.push(c),
        }
    }
    None
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn symbol(&mut self, symbols: &[&'static str]) -> Option<&'static str> {
        let Some(Token::Symbol(symbol)) = self.tokens.get(self.at) else { return None };
        let symbol = symbols.iter().find(|each| *each == symbol)?;
        self.at += 1;
        Some(symbol)
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Name(name)) if name == word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), Why> {
        self.symbol(&[symbol]).map(|_| ()).ok_or_else(|| self.odd_here())
    }

    fn odd_here(&self) -> Why {
        self.tokens.get(self.at).map_or_else(|| Why::Condition("an end that comes too early".to_owned()), odd)
    }

    fn or(&mut self) -> Result<Condition, Why> {
        let mut parts = vec![self.and()?];
        while self.word("or") || self.symbol(&["|"]).is_some() {
            parts.push(self.and()?);
        }
        Ok(Condition::any(parts))
    }

    fn and(&mut self) -> Result<Condition, Why> {
        let mut parts = vec![self.not()?];
        while self.word("and") || self.symbol(&["&"]).is_some() {
            parts.push(self.not()?);
        }
        Ok(Condition::all(parts))
    }

    fn not(&mut self) -> Result<Condition, Why> {
        if self.word("not") || self.symbol(&["~"]).is_some() {
            return Ok(Condition::Not(Box::new(self.not()?)));
        }
        if self.symbol(&["("]).is_some() {
            let inner = self.or()?;
            self.expect(")")?;
            return Ok(inner);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Condition, Why> {
        let mut left = self.operand()?;
        if self.symbol(&["."]).is_some() {
            return self.method(left);
        }
        let before = self.at;
        let negated = self.word("not");
        if self.word("in") {
            let found = Condition::In(left, self.items()?);
            return Ok(if negated { Condition::Not(Box::new(found)) } else { found });
        }
        self.at = before;
        let mut parts = Vec::new();
        while let Some(symbol) = self.symbol(&Order::SYMBOLS) {
            let right = self.operand()?;
            parts.push(Condition::Compare(Order::of(symbol), left, right.clone()));
            left = right;
        }
        if parts.is_empty() { Err(self.odd_here()) } else { Ok(Condition::all(parts)) }
    }

    fn method(&mut self, operand: Operand) -> Result<Condition, Why> {
        let is_null = match self.tokens.get(self.at) {
            Some(Token::Name(name)) if ["isnull", "isna", "is_null", "isNull"].contains(&name.as_str()) => true,
            Some(Token::Name(name)) if ["notnull", "notna", "notNull", "is_not_null"].contains(&name.as_str()) => false,
            _ => return Err(self.odd_here()),
        };
        self.at += 1;
        self.expect("(")?;
        self.expect(")")?;
        let Operand::Column(name) = operand else {
            return Err(Why::Condition("a constant that is asked for null".to_owned()));
        };
        let found = Condition::IsNull(name);
        Ok(if is_null { found } else { Condition::Not(Box::new(found)) })
    }

    fn items(&mut self) -> Result<Vec<String>, Why> {
        let close = if self.symbol(&["("]).is_some() { ")" } else { "]" };
        if close == "]" {
            self.expect("[")?;
        }
        let mut items = Vec::new();
        while self.symbol(&[close]).is_none() {
            if !items.is_empty() {
                self.expect(",")?;
            }
            let Operand::Literal(item) = self.operand()? else {
                return Err(Why::Condition("a column within a set".to_owned()));
            };
            items.push(item);
        }
        if items.is_empty() { Err(Why::Condition("an empty set".to_owned())) } else { Ok(items) }
    }

    fn operand(&mut self) -> Result<Operand, Why> {
        let sign = if self.symbol(&["-"]).is_some() { "-" } else { "" };
        let token = self.tokens.get(self.at).cloned().ok_or_else(|| self.odd_here())?;
        self.at += 1;
        match token {
            Token::Number(text) => Ok(Operand::Literal(format!("{sign}{text}"))),
            Token::Text(text) if sign.is_empty() => Ok(Operand::Literal(words::text(&text))),
            Token::Name(name) if name == "col" && self.symbol(&["("]).is_some() => self.col(),
            Token::Name(name) if ["True", "False", "true", "false"].contains(&name.as_str()) => {
                Ok(Operand::Literal(name.to_lowercase()))
            }
            Token::Name(name) | Token::Quoted(name) if sign.is_empty() && name != "None" => Ok(Operand::Column(name)),
            other @ (Token::Name(_) | Token::Quoted(_) | Token::Text(_) | Token::Symbol(_)) => Err(odd(&other)),
        }
    }

    fn col(&mut self) -> Result<Operand, Why> {
        let Some(Token::Text(name)) = self.tokens.get(self.at).cloned() else { return Err(self.odd_here()) };
        self.at += 1;
        self.expect(")")?;
        Ok(Operand::Column(name))
    }
}
