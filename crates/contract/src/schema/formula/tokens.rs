//! The words of an expression.

use lockgate_spanned::Span;

use super::Mistake;
use crate::schema::lower::Word;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A column, a function or a word of the language.
    Name(String),
    /// A column between backticks, which may have any name.
    Quoted(String),
    Number(String),
    Text(String),
    Symbol(&'static str),
}

/// Longer symbols stand before those they start with.
const SYMBOLS: [&str; 17] = ["<>", "!=", "<=", ">=", "==", "<", ">", "=", "+", "-", "*", "/", "(", ")", "[", "]", ","];

/// Splits an expression into words with their places.
pub(super) fn tokens(whole: Word<'_>) -> Result<Vec<(Token, Span)>, Mistake> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = whole.text[at..].chars().next() {
        let rest = &whole.text[at..];
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (token, len) = token(rest, first, whole.part(at, first.len_utf8()))?;
        found.push((token, whole.part(at, len)));
        at += len;
    }
    Ok(found)
}

fn token(rest: &str, first: char, here: Span) -> Result<(Token, usize), Mistake> {
    if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
        return Ok((Token::Symbol(symbol), symbol.len()));
    }
    if first.is_alphabetic() || first == '_' {
        let len = length(rest, |c| c.is_alphanumeric() || c == '_');
        return Ok((Token::Name(rest[..len].to_owned()), len));
    }
    if first.is_ascii_digit() {
        let len = number_length(rest);
        return Ok((Token::Number(rest[..len].to_owned()), len));
    }
    if matches!(first, '\'' | '"' | '`') {
        let Some((text, len)) = quoted(rest, first) else {
            return Err(Mistake::new(here, "the quoted text has no end", format!("add {first}")));
        };
        return Ok((if first == '`' { Token::Quoted(text) } else { Token::Text(text) }, len));
    }
    let help = "an expression is made of columns, numbers, 'text', comparisons, and, or, not, + - * / and parentheses";
    Err(Mistake::new(here, format!("`{first}` is not part of an expression"), help))
}

fn length(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Takes digits, a fraction and an exponent.
fn number_length(text: &str) -> usize {
    let mut len = length(text, |c| c.is_ascii_digit());
    if text[len..].starts_with('.') {
        len += 1 + length(&text[len + 1..], |c| c.is_ascii_digit());
    }
    if let Some(exponent) = text[len..].strip_prefix(['e', 'E']) {
        let sign = usize::from(exponent.starts_with(['+', '-']));
        let digits = length(&exponent[sign..], |c| c.is_ascii_digit());
        len += if digits > 0 { 1 + sign + digits } else { 0 };
    }
    len
}

/// Returns what is between the quotes, of which a doubled one stands for itself, and the length with them.
fn quoted(text: &str, quote: char) -> Option<(String, usize)> {
    let mut content = String::new();
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != quote {
            content.push(c);
        } else if chars.next_if(|(_, next)| *next == quote).is_some() {
            content.push(quote);
        } else {
            return Some((content, at + 1));
        }
    }
    None
}
