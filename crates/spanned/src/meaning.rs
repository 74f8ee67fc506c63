//! What the values of a text mean: numbers as they are written, tags, keys and their duplicates.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::problem::{Problem, Problems};
use crate::raw::{Bare, Raw};
use crate::source::{Source, Span};
use crate::tree::{Key, Node, Value};

/// The namespace that `!!` stands for.
const CORE: &str = "tag:yaml.org,2002:";

/// The values of one text while they become a tree.
pub(crate) struct Meaning<'a> {
    pub(crate) source: &'a Arc<Source>,
    pub(crate) problems: &'a mut Problems,
}

/// What a tag says of the value it stands before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tag {
    Absent,
    /// The value is a text, whatever it looks like.
    Text,
    /// The value is of the kind it was read as.
    Kind,
}

impl Meaning<'_> {
    pub(crate) fn node(&mut self, raw: Raw) -> Node {
        let tag = self.tag(raw.tag.as_deref(), raw.span);
        let span = if tag == Tag::Text { with_tag(self.source, raw.span) } else { raw.span };
        let value = match raw.value {
            Bare::Null => Value::Null,
            Bare::Bool(value) => Value::Bool(value),
            Bare::Int(value) => Value::Int(value),
            Bare::Float(value) => self.float(value, tag, span),
            Bare::Str(text) => Value::Str(text),
            Bare::List(items) => Value::List(items.into_iter().map(|item| self.node(item)).collect()),
            Bare::Map(entries) => Value::Map(self.entries(entries)),
        };
        Node { span, value }
    }

    fn tag(&mut self, tag: Option<&str>, span: Span) -> Tag {
        let Some(tag) = tag else { return Tag::Absent };
        match tag.strip_prefix(CORE) {
            Some("str") => return Tag::Text,
            Some("int" | "float" | "bool" | "null" | "map" | "seq") => return Tag::Kind,
            Some(_) | None if tag == "!" => return Tag::Text,
            Some(_) | None => {}
        }
        let written = tag.strip_prefix(CORE).map_or_else(|| tag.to_owned(), |name| format!("!!{name}"));
        let message = format!("the tag `{written}` means nothing here");
        let help = "remove the tag; those of YAML itself are `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!map` and `!!seq`";
        let start = with_tag(self.source, span).start;
        let rest = self.source.text().get(start..).unwrap_or_default();
        let len = rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}')).unwrap_or(rest.len());
        self.problems.push(Problem::new("yaml::tag", self.source, Span { start, len }, message).help(help));
        Tag::Kind
    }

    /// Takes a number that the reader gave as a float by its text: an integer of any length is one.
    fn float(&mut self, value: f64, tag: Tag, span: Span) -> Value {
        let source = self.source;
        let text = source.slice(span).trim_end();
        if tag == Tag::Absent && is_integer(text) {
            return integer(text).map_or_else(|| self.too_long(text, span), Value::Int);
        }
        if !value.is_finite() {
            self.not_finite(text, span);
        }
        Value::Float(value)
    }

    fn too_long(&mut self, text: &str, span: Span) -> Value {
        self.problems.push(Problem::too_long(self.source, span));
        Value::Str(text.to_owned())
    }

    fn not_finite(&mut self, text: &str, span: Span) {
        let message = if text.contains(|c: char| c.is_ascii_digit()) {
            format!("`{text}` is larger than any number of 64 bits")
        } else {
            format!("`{text}` is not a finite number")
        };
        let help = format!("write a finite number, or quote it as a text: `\"{text}\"`");
        self.problems.push(Problem::new("yaml::not-finite", self.source, span, message).help(help));
    }

    fn entries(&mut self, raw: Vec<(Raw, Raw)>) -> Vec<(Key, Node)> {
        let mut entries = Vec::with_capacity(raw.len());
        let mut seen: BTreeMap<String, Span> = BTreeMap::new();
        for (key, value) in raw {
            let Some((key, read_as)) = self.key(key) else { continue };
            if let Some(first) = seen.get(&read_as) {
                self.duplicate(&read_as, key.span, *first);
                continue;
            }
            seen.insert(read_as, key.span);
            let value = self.node(value);
            entries.push((key, value));
        }
        entries
    }

    fn duplicate(&mut self, key: &str, span: Span, first: Span) {
        let problem = Problem::new("yaml::duplicate-key", self.source, span, format!("key `{key}` is given twice"))
            .label("given again here")
            .also(first, "first given here")
            .help("keep one of the two, or merge them");
        self.problems.push(problem);
    }

    /// Returns a key, and the text by which it is told from others: `1` and `0x1` are the same.
    fn key(&mut self, raw: Raw) -> Option<(Key, String)> {
        let Node { span, value } = self.node(raw);
        let kind = value.kind();
        let as_written = || self.source.slice(span).trim_end().to_owned();
        let (text, read_as) = match value {
            Value::Str(text) => (text.clone(), text),
            Value::Null => (as_written(), "null".to_owned()),
            Value::Bool(value) => (as_written(), value.to_string()),
            Value::Int(value) => (as_written(), value.to_string()),
            Value::Float(value) => (as_written(), value.to_string()),
            Value::List(_) | Value::Map(_) => {
                let message = format!("a key cannot be {kind}");
                let problem = Problem::new("yaml::key", self.source, span, message);
                self.problems.push(problem.help("write a text as the key, in quotes when it has `{`, `[` or `: `"));
                return None;
            }
        };
        Some((Key { span, text, kind }, read_as))
    }
}

/// Returns the place of a value together with the tag before it.
fn with_tag(source: &Source, span: Span) -> Span {
    let before = source.text().get(..span.start).unwrap_or_default();
    let start = before.rfind('!').map_or(span.start, |bang| {
        let begins = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | '{');
        before[..bang].rfind(begins).map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8))
    });
    Span { start, len: span.start + span.len - start }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(|c| c.is_ascii_digit() || c == '_')
}

fn integer(text: &str) -> Option<i128> {
    text.replace('_', "").parse().ok()
}
