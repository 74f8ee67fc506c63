//! From the words of a rule to its meaning, the same for the short and the mapping form.

use std::sync::Arc;

use lockgate_forms::Reading;
use lockgate_spanned::{Problem, Problems, Source, Span, nearest};

use super::ast::{Counts, End, Range, Reference, RuleKind, whole_match};
use super::semantics::Semantics;
use super::tolerance::Allow;
use crate::table::is_time_zone;
use crate::value::{Literal, Type};

/// The text that is read and the mistakes found so far.
pub(super) struct Reader<'a> {
    pub source: &'a Arc<Source>,
    pub problems: &'a mut Problems,
    pub semantics: Semantics,
}

/// A piece of text and its place.
#[derive(Clone, Copy)]
pub(super) struct Word<'t> {
    pub text: &'t str,
    pub span: Span,
}

impl Word<'_> {
    /// Returns the part of the text with its place.
    pub fn piece(self, at: usize, len: usize) -> Self {
        Self { text: &self.text[at..at + len], span: self.part(at, len) }
    }

    /// Returns the place of a part, or of the whole when the text is not written as it reads (escapes, folded lines).
    pub fn part(self, at: usize, len: usize) -> Span {
        if self.span.len == self.text.len() { Span { start: self.span.start + at, len } } else { self.span }
    }
}

impl Reader<'_> {
    /// Returns the reader of how tables are written, on the same text.
    pub fn forms(&mut self) -> Reading<'_> {
        Reading { source: self.source, problems: self.problems, code: "schema::bad-value" }
    }

    /// Notes a mistake at `span`; returns `None` so that a reader can return it.
    pub fn refuse<T>(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<T> {
        self.problems.push(Problem::new(code, self.source, span, message).help(help));
        None
    }

    /// Reads one of a few names.
    pub fn choice<T: Copy>(&mut self, what: &str, word: Word<'_>, all: &[(&'static str, T)]) -> Option<T> {
        if let Some((_, value)) = all.iter().find(|(name, _)| *name == word.text) {
            return Some(*value);
        }
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        let help = match nearest(word.text, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", names.join(", ")),
        };
        self.refuse("schema::bad-value", word.span, format!("`{what}` cannot be `{}`", word.text), help)
    }

    /// Reads a type and its mark for nullable columns.
    pub fn ty(&mut self, word: Word<'_>) -> Option<(Type, bool)> {
        let (name, nullable) = word.text.strip_suffix('?').map_or((word.text, false), |name| (name, true));
        match Type::parse(name) {
            Some(Type::Datetime { zone: Some(zone), .. }) if !is_time_zone(&zone) => {
                let message = format!("there is no time zone `{zone}`");
                return self.refuse("schema::unknown-type", word.span, message, "write UTC or Europe/Paris");
            }
            Some(ty) => return Some((ty, nullable)),
            None => {}
        }
        let help = match near_type(name) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("types: {}; a date and time: datetime[us] or datetime[us, UTC]", names()),
        };
        self.refuse("schema::unknown-type", word.span, format!("there is no type `{name}`"), help)
    }

    /// Reads `1..22`, `0..<1`, `2020-01-01..`.
    pub fn range(&mut self, ty: &Type, word: Word<'_>) -> Option<RuleKind> {
        if !ty.has_range() {
            let help = "a range needs numbers, dates or times; for text use in [..], /regex/ or len A..B";
            return self.refuse("schema::bad-range", word.span, format!("a column of type {ty} has no range"), help);
        }
        let Some((low, high, end)) = split_range(word.text) else {
            let help = "write LOW..HIGH, LOW.. or ..HIGH; `..<` leaves the upper bound out";
            return self.refuse("schema::bad-range", word.span, format!("`{}` is not a range", word.text), help);
        };
        let low = if low.is_empty() { None } else { Some(self.bound(ty, low, word.span)?) };
        let high = if high.is_empty() { None } else { Some(self.bound(ty, high, word.span)?) };
        let (low, high) = if *ty == Type::Any { Literal::alike(low, high) } else { (low, high) };
        if is_empty(low.as_ref(), high.as_ref(), end) {
            let message = format!("no value is in the range `{}`", word.text);
            return self.refuse("schema::bad-range", word.span, message, "put the lower bound first");
        }
        Some(RuleKind::Range(Range { low, high, end }))
    }

    fn bound(&mut self, ty: &Type, text: &str, span: Span) -> Option<Literal> {
        match ty.parse_value(text) {
            Some(Literal::Float(value)) if value.is_nan() => {
                self.refuse("schema::bad-range", span, "NaN cannot be a bound", "leave the bound out to have no limit")
            }
            Some(value) => Some(value),
            None => {
                let message = format!("bound `{text}` is not a value of type {ty}");
                self.refuse("schema::bad-range", span, message, example_of(ty))
            }
        }
    }

    /// Reads `teams.code`, a column of another table.
    pub fn reference(&mut self, word: Word<'_>) -> Option<RuleKind> {
        match word.text.split_once('.') {
            Some((table, column)) if !table.is_empty() && !column.is_empty() => {
                let reference = Reference { table: table.to_owned(), column: column.to_owned() };
                Some(RuleKind::Reference(reference))
            }
            _ => {
                let help = "write the values, in [scheduled, live, final], or a column of another table: in teams.code";
                self.refuse("schema::bad-set", word.span, "after `in` comes a set", help)
            }
        }
    }

    /// Reads a set of values.
    pub fn set(&mut self, ty: &Type, words: &[Word<'_>], span: Span) -> Option<RuleKind> {
        if words.is_empty() {
            return self.refuse("schema::bad-set", span, "the set is empty", "list the values that are allowed");
        }
        // What the values of `any` are is seen when there is a table; until then they are kept as they are written.
        let ty = if *ty == Type::Any { &Type::Str } else { ty };
        let mut values: Vec<Literal> = Vec::with_capacity(words.len());
        let mut whole = true;
        for word in words {
            match ty.parse_value(word.text) {
                Some(value) if values.contains(&value) => {
                    let message = format!("`{}` stands twice in the set", word.text);
                    whole = self.refuse("schema::bad-set", word.span, message, "keep one of the two").unwrap_or(false);
                }
                Some(value) => values.push(value),
                None => {
                    let message = format!("`{}` is not a value of type {ty}", word.text);
                    whole = self.refuse("schema::bad-set", word.span, message, example_of(ty)).unwrap_or(false);
                }
            }
        }
        whole.then_some(RuleKind::In(values))
    }

    /// Reads a regular expression, which is given back as it is written.
    pub fn regex(&mut self, ty: &Type, word: Word<'_>) -> Option<String> {
        if !matches!(ty, Type::Str | Type::Any) {
            let message = format!("a column of type {ty} is not matched with a regular expression");
            return self.refuse("schema::bad-regex", word.span, message, "declare the column as str, or use a range");
        }
        // The whole-value form is tried too: an expression that ends in a comment would swallow what closes it.
        match regex::Regex::new(word.text).and_then(|_| regex::Regex::new(&whole_match(word.text))) {
            Ok(_) => Some(word.text.to_owned()),
            Err(error) => {
                let message = format!("`{}` is not a regular expression: {}", word.text, regex_why(&error));
                self.refuse("schema::bad-regex", word.span, message, "the syntax is that of the Rust crate `regex`")
            }
        }
    }

    /// Reads the bounds of a length.
    pub fn len(&mut self, ty: &Type, word: Word<'_>) -> Option<RuleKind> {
        if !matches!(ty, Type::Str | Type::Any) {
            let message = format!("a column of type {ty} has no length");
            return self.refuse("schema::bad-length", word.span, message, "use a range, or declare the column as str");
        }
        self.counts(word).map(RuleKind::Len)
    }

    /// Reads `250..300`, `1..`, `..5` or one number.
    pub fn counts(&mut self, word: Word<'_>) -> Option<Counts> {
        let counts = parse_counts(word.text);
        if counts.is_none() {
            let message = format!("`{}` is not a range of counts", word.text);
            let _: Option<()> = self.refuse("schema::bad-count", word.span, message, "write 250..300, 1.. or ..5");
        }
        counts
    }

    /// Reads `0.5%` or a number of rows.
    pub fn allow(&mut self, word: Word<'_>) -> Option<Allow> {
        let allow = match word.text.strip_suffix('%') {
            Some(percent) => percent.trim_end().parse().ok().filter(|p| (0.0..=100.0).contains(p)).map(Allow::Percent),
            None => word.text.parse().ok().map(Allow::Rows),
        };
        if allow.is_none() {
            let message = format!("`allow` cannot be `{}`", word.text);
            let _: Option<()> =
                self.refuse("schema::bad-value", word.span, message, "write a share such as 0.5%, or a number of rows");
        }
        allow
    }
}

fn names() -> String {
    Type::names().collect::<Vec<_>>().join(", ")
}

/// Other tools' names for our types, besides plain typing mistakes.
fn near_type(name: &str) -> Option<&'static str> {
    const ALIASES: [(&str, &[&str]); 8] = [
        ("str", &["string", "text", "utf8", "varchar", "object"]),
        ("i64", &["int", "integer", "int64", "bigint", "long"]),
        ("i32", &["int32"]),
        ("i16", &["int16"]),
        ("i8", &["int8"]),
        ("f64", &["float", "double", "float64", "number", "numeric", "decimal"]),
        ("f32", &["float32"]),
        ("datetime", &["timestamp"]),
    ];
    let lower = name.to_lowercase();
    let alias = ALIASES.iter().find(|(_, others)| others.contains(&lower.as_str())).map(|(ours, _)| *ours);
    alias.or_else(|| nearest(name, ["boolean"]).map(|_| "bool")).or_else(|| nearest(name, Type::names()))
}

pub(super) fn example_of(ty: &Type) -> String {
    if let Some((low, high)) = ty.int_domain() {
        return format!("{ty} holds whole numbers {low} to {high}");
    }
    match ty {
        Type::Date => "a date is written 2024-12-31".to_owned(),
        Type::Time => "a time is written 20:15 or 20:15:30".to_owned(),
        Type::Datetime { zone: Some(_), .. } => "an instant is written 2024-12-31T20:15:00Z".to_owned(),
        Type::Datetime { zone: None, .. } => "a date and time is written 2024-12-31T20:15:00".to_owned(),
        Type::Bool => "a boolean is true or false".to_owned(),
        Type::F32 | Type::F64 => "a number is written 0.5, -3 or 1e6".to_owned(),
        Type::Any
        | Type::Str
        | Type::I8
        | Type::I16
        | Type::I32
        | Type::I64
        | Type::U8
        | Type::U16
        | Type::U32
        | Type::U64 => {
            format!("write a value of type {ty}")
        }
    }
}

fn split_range(text: &str) -> Option<(&str, &str, End)> {
    let (low, rest) = text.split_once("..")?;
    let (high, end) = rest.strip_prefix('<').map_or((rest, End::Included), |high| (high, End::Excluded));
    // `..` bounds nothing, and `1..<` leaves out a bound that is not there.
    let unbounded = high.is_empty() && (low.is_empty() || end == End::Excluded);
    (!unbounded).then_some((low.trim(), high.trim(), end))
}

fn is_empty(low: Option<&Literal>, high: Option<&Literal>, end: End) -> bool {
    let (Some(low), Some(high)) = (low, high) else { return false };
    let order = match (low, high) {
        (Literal::Float(low), Literal::Float(high)) => low.partial_cmp(high),
        (Literal::Int(low), Literal::Int(high)) | (Literal::Datetime(low), Literal::Datetime(high)) => {
            Some(low.cmp(high))
        }
        (Literal::Date(low), Literal::Date(high)) => Some(low.cmp(high)),
        (Literal::Time(low), Literal::Time(high)) => Some(low.cmp(high)),
        _ => None,
    };
    match order {
        Some(order) => order.is_gt() || (order.is_eq() && end == End::Excluded),
        None => true,
    }
}

fn parse_counts(text: &str) -> Option<Counts> {
    if let Ok(exact) = text.parse::<u64>() {
        return Some(Counts { low: exact, high: Some(exact) });
    }
    let (low, high, end) = split_range(text)?;
    let low = if low.is_empty() { 0 } else { low.parse().ok()? };
    let high: Option<u64> = if high.is_empty() { None } else { Some(high.parse().ok()?) };
    let high = match (high, end) {
        (Some(high), End::Excluded) => Some(high.checked_sub(1)?),
        (high, _) => high,
    };
    high.is_none_or(|high| low <= high).then_some(Counts { low, high })
}

/// Returns the last line of the crate's message, which is the one that says what is wrong.
fn regex_why(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.trim().trim_start_matches("error: ").to_owned()
}
