//! The tree of a text: every key and value with its place.

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
    /// An integer that needs more bits is a mistake in the text, never a float.
    Int(i128),
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
