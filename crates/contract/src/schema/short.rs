//! The short form of a column: `TYPE["?"] [RANGE] ["in" SET] ["/regex/"] [len A..B]`.

use lockgate_spanned::Span;

use super::ast::RuleKind;
use super::lower::{Reader, Word};
use crate::value::Type;

/// What the short form says.
pub(super) struct Short {
    pub ty: Type,
    pub nullable: bool,
    pub rules: Vec<(RuleKind, Span)>,
}

/// One word of the short form.
enum Token<'t> {
    Plain(Word<'t>),
    Regex(Word<'t>),
    Set(Vec<Word<'t>>, Span),
}

/// Reads the short form; `None` when something in it is wrong.
pub(super) fn read(whole: Word<'_>, reader: &mut Reader<'_>) -> Option<Short> {
    let tokens = tokens(whole, reader)?;
    let mut tokens = tokens.into_iter().peekable();
    let Some(Token::Plain(first)) = tokens.next() else {
        return reader.refuse(
            "schema::bad-column",
            whole.span,
            "the column has no type",
            "start with a type: i64 1..22",
        );
    };
    let (ty, nullable) = reader.ty(first)?;
    let mut rules: Vec<(RuleKind, Span)> = Vec::new();
    let mut whole_read = true;
    while let Some(token) = tokens.next() {
        let (rule, span) = match token {
            Token::Regex(word) => (reader.regex(&ty, word).map(RuleKind::Matches), word.span),
            Token::Set(_, span) => (stray(reader, "[", span), span),
            Token::Plain(word) if word.text == "in" => match tokens.next() {
                Some(Token::Set(words, span)) => (reader.set(&ty, &words, span), span),
                Some(Token::Plain(reference)) => (reader.reference(reference), reference.span),
                _ => (reader.reference(word.piece(0, 0)), word.span),
            },
            Token::Plain(word) if word.text == "len" => match tokens.next() {
                Some(Token::Plain(counts)) => (reader.len(&ty, counts), counts.span),
                _ => (stray(reader, "len", word.span), word.span),
            },
            Token::Plain(word) if word.text.contains("..") => (reader.range(&ty, word), word.span),
            Token::Plain(word) => (stray(reader, word.text, word.span), word.span),
        };
        match rule {
            Some(rule) if rules.iter().any(|(other, _)| same_kind(other, &rule)) => {
                let message = format!("the column has two rules of the kind `{}`", kind_name(&rule));
                whole_read = reader.refuse("schema::two-rules", span, message, "keep one of the two").unwrap_or(false);
            }
            Some(rule) => rules.push((rule, span)),
            None => whole_read = false,
        }
    }
    whole_read.then_some(Short { ty, nullable, rules })
}

fn stray(reader: &mut Reader<'_>, text: &str, span: Span) -> Option<RuleKind> {
    let help = "after the type come, in any order: LOW..HIGH, in [A, B], in TABLE.COLUMN, /regex/, len A..B; \
                anything else needs the mapping form {type: …, range: …}";
    reader.refuse("schema::bad-column", span, format!("`{text}` is not a rule"), help)
}

fn same_kind(a: &RuleKind, b: &RuleKind) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

fn kind_name(rule: &RuleKind) -> &'static str {
    match rule {
        RuleKind::Range(_) => "range",
        RuleKind::In(_) | RuleKind::Reference(_) => "in",
        RuleKind::Matches(_) => "/regex/",
        RuleKind::Find(_) => "find",
        RuleKind::Len(_) => "len",
        RuleKind::NotNan => "nan",
    }
}

/// Splits at spaces, but not within `[…]` and `/…/`.
fn tokens<'t>(whole: Word<'t>, reader: &mut Reader<'_>) -> Option<Vec<Token<'t>>> {
    let mut found = Vec::new();
    let mut rest = whole.text;
    loop {
        rest = rest.trim_start();
        let at = whole.text.len() - rest.len();
        let Some(first) = rest.chars().next() else { return Some(found) };
        let taken = match first {
            '/' => regex_end(rest),
            '[' => bracket_end(rest),
            _ => Some(plain_end(rest)),
        };
        let Some(len) = taken else {
            let (what, close) = if first == '/' { ("regular expression", '/') } else { ("set", ']') };
            let message = format!("the {what} has no end");
            return reader.refuse("schema::bad-column", whole.part(at, rest.len()), message, format!("add `{close}`"));
        };
        found.push(match first {
            '/' => Token::Regex(whole.piece(at + 1, len - 2)),
            '[' => Token::Set(items(whole, at + 1, len - 2), whole.part(at, len)),
            _ => Token::Plain(whole.piece(at, len)),
        });
        rest = &rest[len..];
    }
}

/// Returns the length up to and with the closing `/`, which is the first that stands before a space or the end: slashes
/// within the expression need no escape.
fn regex_end(text: &str) -> Option<usize> {
    text.char_indices().skip(1).find_map(|(at, c)| {
        let ends = text[at + c.len_utf8()..].chars().next().is_none_or(char::is_whitespace);
        (c == '/' && ends).then_some(at + 1)
    })
}

fn bracket_end(text: &str) -> Option<usize> {
    let mut quotes = Quotes::default();
    text.char_indices().find(|(_, c)| quotes.is_outside(*c) && *c == ']').map(|(at, _)| at + 1)
}

/// A type may have brackets: `datetime[us, UTC]`.
fn plain_end(text: &str) -> usize {
    let space = text.find(char::is_whitespace).unwrap_or(text.len());
    match text.find('[') {
        Some(open) if open < space => {
            let close = text[open..].find(']').map_or(text.len(), |close| open + close + 1);
            close + text[close..].find(char::is_whitespace).unwrap_or(text.len() - close)
        }
        _ => space,
    }
}

/// Returns the values of a set whose inside starts at `at`.
fn items(whole: Word<'_>, at: usize, len: usize) -> Vec<Word<'_>> {
    let inside = &whole.text[at..at + len];
    let mut found = Vec::new();
    let mut start = 0;
    let mut quotes = Quotes::default();
    for (here, c) in inside.char_indices().chain([(len, ',')]) {
        if quotes.is_outside(c) && c == ',' {
            found.extend(item(whole, at + start, &inside[start..here], here == len));
            start = here + 1;
        }
    }
    found
}

/// Follows the quotes of a set: one opens a value only as its first character, so that `O'Brien` is a plain word.
#[derive(Default)]
struct Quotes {
    open: Option<char>,
    within: bool,
}

impl Quotes {
    /// Takes the next character and says whether it stands outside of quotes.
    fn is_outside(&mut self, c: char) -> bool {
        match self.open {
            Some(open) if c == open => self.open = None,
            Some(_) => {}
            None if !self.within && matches!(c, '"' | '\'') => (self.open, self.within) = (Some(c), true),
            None => {
                self.within = if c.is_whitespace() { self.within } else { !matches!(c, ',' | '[') };
                return true;
            }
        }
        false
    }
}

/// Trims a value and takes off its quotes; nothing after the last comma is no value.
fn item<'t>(whole: Word<'t>, at: usize, text: &'t str, last: bool) -> Option<Word<'t>> {
    let trimmed = text.trim();
    if trimmed.is_empty() && last {
        return None;
    }
    let at = at + (text.len() - text.trim_start().len());
    let quoted = ['"', '\''].into_iter().any(|q| trimmed.len() > 1 && trimmed.starts_with(q) && trimmed.ends_with(q));
    Some(if quoted { whole.piece(at + 1, trimmed.len() - 2) } else { whole.piece(at, trimmed.len()) })
}
