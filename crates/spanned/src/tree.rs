//! The tree and its reader.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::problem::{Problem, Problems};
use crate::source::{Source, Span};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub span: Span,
    pub value: Value,
}

/// A value of the YAML 1.2 core schema; `y`, `yes` and `on` are strings.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(String),
    List(Vec<Node>),
    /// The entries in the order of the text, without duplicates: those are reported when the text is read.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping; a key that is not a string is kept as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    pub span: Span,
    pub text: String,
    /// The kind of value that was written as the key, as [`Value::kind`] names it.
    pub kind: &'static str,
}

impl Value {
    /// Names the kind of the value as a message does: "a string".
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a number",
            Self::Str(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        }
    }
}

impl Node {
    /// Returns the string, or `None` when the value is of another kind.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::Str(text) = &self.value { Some(text) } else { None }
    }

    /// Returns the items when the value is a list.
    pub fn as_list(&self) -> Option<&[Node]> {
        if let Value::List(items) = &self.value { Some(items) } else { None }
    }

    /// Returns the entries when the value is a mapping.
    pub fn as_map(&self) -> Option<&[(Key, Node)]> {
        if let Value::Map(entries) = &self.value { Some(entries) } else { None }
    }

    /// Returns a scalar as it is written (`1.10`, `012`), and `None` for a list, a mapping or nothing.
    pub fn scalar_text<'a>(&'a self, source: &'a Source) -> Option<&'a str> {
        match &self.value {
            Value::Str(text) => Some(text),
            Value::Bool(_) | Value::Int(_) | Value::Float(_) => Some(source.slice(self.span).trim_end()),
            Value::Null | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// Returns the value of `key` when the node is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.iter().find(|(name, _)| name.text == key).map(|(_, value)| value)
    }
}

/// Reads a whole document; an empty one is an empty mapping.
///
/// Text that is not YAML gives `None` and one problem. A duplicate key gives a problem at its second place and the tree
/// goes on with the first value.
pub fn read(source: &Arc<Source>, problems: &mut Problems) -> Option<Node> {
    match serde_saphyr::from_str_with_options::<Placed>(source.text(), options()) {
        Ok(placed) => {
            let mut node = placed.0;
            if node.value == Value::Null {
                node.value = Value::Map(Vec::new());
            }
            report_duplicates(&mut node, source, problems);
            Some(node)
        }
        Err(error) => {
            problems.push(syntax_problem(source, &error));
            None
        }
    }
}

/// The default budget refuses an honest file of 20,000 stages; the limits on aliases stay, against exponential expansion.
/// The depth is what the stack of a thread takes in a build without optimisation, with room to spare.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        strict_booleans: true,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::PassThrough,
        leading_zero_numbers_as_strings: true,
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_events: 40_000_000,
            max_nodes: 20_000_000,
            max_depth: 32,
            max_total_scalar_bytes: 512 * 1024 * 1024,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 200_000 },
    }
}

fn syntax_problem(source: &Arc<Source>, error: &serde_saphyr::Error) -> Problem {
    let inner = error.without_snippet();
    let message = inner.to_string();
    let message = message.split(" at line ").next().unwrap_or(&message).trim_end_matches(':').to_owned();
    let span = inner.location().map_or(Span::default(), |at| {
        let (line, column) = (usize::try_from(at.line()), usize::try_from(at.column()));
        Span { start: source.offset(line.unwrap_or(1), column.unwrap_or(1)), len: 1 }
    });
    // The reader's own advice names its functions.
    let is_second = message.contains("multiple") && message.contains("document");
    let message = if is_second { "it holds more than one document".to_owned() } else { message };
    let text = format!("`{}` is not valid YAML: {message}", source.name());
    Problem::new("yaml::syntax", source, span, text).label("here").help(syntax_help(source, span, &message))
}

fn syntax_help(source: &Source, span: Span, message: &str) -> &'static str {
    let line = source.position(span.start).line;
    let text = source.text().lines().nth(line.saturating_sub(1)).unwrap_or_default();
    if source.text().lines().any(|line| line.starts_with("<<<<<<<") || line.starts_with(">>>>>>>")) {
        "the file has merge conflict markers: resolve the conflict, then run the command again"
    } else if text.chars().take_while(|c| c.is_whitespace()).any(|c| c == '\t') {
        "YAML is indented with spaces; replace the tab"
    } else if message.contains("a flow ") {
        "inside of `[…]` and `{…}`, quote a text that has one of `[]{},`"
    } else {
        "correct it here or on the lines before, such as a bracket, a quote or the indentation"
    }
}

fn report_duplicates(node: &mut Node, source: &Arc<Source>, problems: &mut Problems) {
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(|item| report_duplicates(item, source, problems)),
        Value::Map(entries) => {
            let mut seen: std::collections::BTreeMap<String, Span> = std::collections::BTreeMap::new();
            entries.retain(|(key, _)| match seen.get(&key.text) {
                None => seen.insert(key.text.clone(), key.span).is_none(),
                Some(first) => {
                    let message = format!("key `{}` is given twice", key.text);
                    let problem = Problem::new("yaml::duplicate-key", source, key.span, message)
                        .label("given again here")
                        .also(*first, "first given here")
                        .help("keep one of the two, or merge them");
                    problems.push(problem);
                    false
                }
            });
            for (key, value) in entries {
                if key.kind != "a string" {
                    source.slice(key.span).trim_end().clone_into(&mut key.text);
                }
                report_duplicates(value, source, problems);
            }
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) => {}
    }
}

/// A node with the span that the reader gives.
struct Placed(Node);

impl<'de> Deserialize<'de> for Placed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::<Bare>::deserialize(deserializer)?;
        Ok(Self(Node { span: span_of(spanned.defined), value: spanned.value.0 }))
    }
}

fn span_of(location: serde_saphyr::Location) -> Span {
    let span = location.span();
    let bytes = |value: Option<u64>| value.and_then(|value| usize::try_from(value).ok()).unwrap_or(0);
    Span { start: bytes(span.byte_offset()), len: bytes(span.byte_len()) }
}

struct Bare(Value);

impl<'de> Deserialize<'de> for Bare {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BareVisitor).map(Self)
    }
}

struct BareVisitor;

impl<'de> Visitor<'de> for BareVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Int(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Value, E> {
        i64::try_from(value).map(Value::Int).map_err(|_| E::custom(format!("{value} does not fit into 64 bits")))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Str(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Str(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element::<Placed>()? {
            items.push(item.0);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<Placed>()? {
            let key = key_of(key.0).map_err(A::Error::custom)?;
            entries.push((key, map.next_value::<Placed>()?.0));
        }
        Ok(Value::Map(entries))
    }
}

fn key_of(node: Node) -> Result<Key, String> {
    let kind = node.value.kind();
    let text = match node.value {
        Value::Str(text) => text,
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        value @ (Value::List(_) | Value::Map(_)) => return Err(format!("a key cannot be {}", value.kind())),
    };
    Ok(Key { span: node.span, text, kind })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> (Option<Node>, Vec<String>) {
        let source = Source::new("t.yaml", text);
        let mut problems = Problems::default();
        let node = read(&source, &mut problems);
        problems.sort();
        (node, problems.iter().map(|p| format!("{} {}", p.cite(), p.message())).collect())
    }

    #[test]
    fn every_value_knows_its_place() {
        let text = "stages:\n  prep:\n    cmd: python prep.py\n    deps: [a.csv]\n";
        let (node, problems) = tree(text);
        assert_eq!(problems, Vec::<String>::new());
        let node = node.expect("the text is YAML");
        let cmd = node.get("stages").and_then(|n| n.get("prep")).and_then(|n| n.get("cmd")).expect("cmd is there");
        assert_eq!(&text[cmd.span.start..cmd.span.start + cmd.span.len], "python prep.py");
    }

    #[test]
    fn scalars_follow_yaml_1_2() {
        let kinds = |text: &str| tree(&format!("v: {text}")).0.and_then(|n| n.get("v").map(|n| n.value.clone()));
        assert_eq!(kinds("yes"), Some(Value::Str("yes".into())));
        assert_eq!(kinds("on"), Some(Value::Str("on".into())));
        assert_eq!(kinds("true"), Some(Value::Bool(true)));
        assert_eq!(kinds("0x1F"), Some(Value::Int(31)));
        assert_eq!(kinds("1e3"), Some(Value::Float(1000.0)));
        assert_eq!(kinds("12:30:45"), Some(Value::Str("12:30:45".into())));
        assert_eq!(kinds("~"), Some(Value::Null));
    }

    #[test]
    fn a_duplicate_key_is_reported_at_its_second_place() {
        let (node, problems) = tree("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n");
        assert_eq!(problems, ["t.yaml:4:3 key `c` is given twice", "t.yaml:5:1 key `a` is given twice"]);
        assert_eq!(node.and_then(|n| n.get("a").map(|n| n.value.clone())), Some(Value::Int(1)));
    }

    #[test]
    fn nesting_has_a_limit_within_the_stack() {
        assert_eq!(tree(&format!("a: {}{}", "[".repeat(30), "]".repeat(30))).1, Vec::<String>::new());
        assert_eq!(tree(&"[".repeat(100_000)).1.len(), 1);
        assert_eq!(tree(&format!("a: {}", "{a: ".repeat(100_000))).1.len(), 1);
    }

    #[test]
    fn an_expansion_bomb_is_refused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let refs = vec![format!("*a{}", level - 1); 10].join(", ");
            text = format!("{text}a{level}: &a{level} [{refs}]\n");
        }
        assert_eq!(tree(&text).1.len(), 1);
    }
}
