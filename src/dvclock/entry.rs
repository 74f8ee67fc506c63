//! What dvc.lock says of one stage, in the order of its text.

use std::fmt;

use lockgate_spanned::{Node, Value as Yaml};

use crate::pipeline::Value;
use crate::words::{Md5Form, Oid};

/// What DVC knows of the last success of a stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub cmd: Cmd,
    pub deps: Vec<Item>,
    /// By file, the parameters that were named of it; of a file that was named as a whole, its top-level keys.
    pub params: Vec<(String, Keys)>,
    pub outs: Vec<Item>,
}

/// Values by key, in order.
pub type Keys = Vec<(String, Plain)>;

/// The commands as they were given: a list of one is not the same text as a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cmd {
    One(String),
    List(Vec<String>),
}

/// A dep or an out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// As dvc.yaml gives it, relative to the working folder of the stage.
    pub path: String,
    pub form: Md5Form,
    /// `None` for what DVC tells apart in another way, such as the etag of a URL.
    pub oid: Option<Oid>,
    /// In bytes; of a folder, the sum.
    pub size: Option<u64>,
    /// How many files a folder holds.
    pub n_files: Option<u64>,
    pub is_executable: bool,
}

/// A value without places, whose mappings keep their order.
#[derive(Clone, Debug, PartialEq)]
pub enum Plain {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(String),
    List(Vec<Plain>),
    Map(Vec<(String, Plain)>),
}

impl Cmd {
    /// Returns the commands, one after the other.
    pub fn lines(&self) -> &[String] {
        match self {
            Self::One(line) => std::slice::from_ref(line),
            Self::List(lines) => lines,
        }
    }
}

impl Plain {
    /// Takes a value as it was read.
    pub fn from_yaml(node: &Node) -> Self {
        match &node.value {
            Yaml::Null => Self::Null,
            Yaml::Bool(value) => Self::Bool(*value),
            Yaml::Int(value) => Self::Int(*value),
            Yaml::Float(value) => Self::Float(*value),
            Yaml::Str(text) => Self::Str(text.clone()),
            Yaml::List(items) => Self::List(items.iter().map(Self::from_yaml).collect()),
            Yaml::Map(entries) => {
                Self::Map(entries.iter().map(|(key, value)| (key.text.clone(), Self::from_yaml(value))).collect())
            }
        }
    }

    /// Takes a value whose mappings are sorted.
    pub fn from_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Int(value) => Self::Int(*value),
            Value::Float(value) => Self::Float(*value),
            Value::Str(text) => Self::Str(text.clone()),
            Value::List(items) => Self::List(items.iter().map(Self::from_value).collect()),
            Value::Map(entries) => {
                Self::Map(entries.iter().map(|(key, value)| (key.clone(), Self::from_value(value))).collect())
            }
        }
    }

    /// Whether the two are equal as Python compares them: `1`, `1.0` and `true` are, and so are mappings in another order.
    pub fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Str(a), Self::Str(b)) => a == b,
            (Self::List(a), Self::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.equals(b)),
            (Self::Map(a), Self::Map(b)) => same_entries(a, b),
            (a, b) => a.number().is_some_and(|a| b.number().is_some_and(|b| same_number(a, b))),
        }
    }

    fn number(&self) -> Option<Number> {
        match self {
            Self::Bool(value) => Some(Number::Int(i128::from(*value))),
            Self::Int(value) => Some(Number::Int(*value)),
            Self::Float(value) => Some(Number::Float(*value)),
            Self::Null | Self::Str(_) | Self::List(_) | Self::Map(_) => None,
        }
    }

    /// Returns what a parameter says: a file that is named as a whole, by the empty key, says all its keys.
    pub fn into_keys(self, key: &str) -> Keys {
        match (self, key.is_empty()) {
            (Self::Map(all), true) => all,
            (value, _) => vec![(key.to_owned(), value)],
        }
    }

    /// Returns the value of `key` in a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }
}

/// Whether two mappings have the same keys with equal values, in whatever order.
pub fn same_entries(a: &[(String, Plain)], b: &[(String, Plain)]) -> bool {
    let has = |(key, value): &(String, Plain)| b.iter().any(|(name, other)| name == key && value.equals(other));
    a.len() == b.len() && a.iter().all(has)
}

#[derive(Clone, Copy)]
enum Number {
    Int(i128),
    Float(f64),
}

#[expect(clippy::float_cmp, reason = "equality is what is asked, as Python does")]
#[expect(
    clippy::cast_possible_truncation,
    reason = "what has no fraction and is out of bounds saturates, and so does its twin: 2^127 is no i128"
)]
fn same_number(a: Number, b: Number) -> bool {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => a == b,
        (Number::Float(a), Number::Float(b)) => a == b || (a.is_nan() && b.is_nan()),
        (Number::Int(int), Number::Float(float)) | (Number::Float(float), Number::Int(int)) => {
            float.fract() == 0.0 && float as i128 == int
        }
    }
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => f.write_str(&super::scalar::float(*value)),
            Self::Str(text) => write!(f, "{text:?}"),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", items.join(", "))
            }
            Self::Map(entries) => {
                let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key}: {value}")).collect();
                write!(f, "{{{}}}", entries.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_as_python_does() {
        let check = |a: Plain, b: Plain, expect: bool| {
            assert_eq!((a.equals(&b), b.equals(&a)), (expect, expect), "{a} {b}");
        };
        let map = |keys: &[&str]| Plain::Map(keys.iter().map(|key| ((*key).to_owned(), Plain::Null)).collect());
        check(Plain::Int(1), Plain::Float(1.0), true);
        check(Plain::Int(1), Plain::Bool(true), true);
        check(Plain::Float(0.0), Plain::Bool(false), true);
        check(Plain::Int(1), Plain::Str("1".into()), false);
        check(Plain::Null, Plain::Bool(false), false);
        check(Plain::Int(i64::MAX.into()), Plain::Float(9_223_372_036_854_775_807.0), false);
        check(map(&["a", "b"]), map(&["b", "a"]), true);
        check(map(&["a", "b"]), map(&["a"]), false);
        check(Plain::List(vec![Plain::Int(1)]), Plain::List(vec![Plain::Float(1.0)]), true);
    }
}
