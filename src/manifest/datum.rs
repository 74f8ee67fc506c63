//! Values of parameter files and `vars`, each with the place it came from.

use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexMap;
use lockgate_spanned::{Key, Node, Source, Span, Value as Yaml};

use crate::pipeline::Value;

/// A value and the file and place that set it. What is inside of it is shared, so that a copy costs no more than a list.
#[derive(Clone, Debug)]
pub(super) struct Datum {
    pub(super) place: Place,
    pub(super) shape: Shape,
}

/// Where a datum was set; a format that tells no places gives the start of its file.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) source: Arc<Source>,
    pub(super) span: Span,
}

impl Place {
    /// Returns `file:line`.
    pub(super) fn cite(&self) -> String {
        self.source.cite(self.span)
    }
}

/// The entries of a mapping in the order of their text: the order of options, of members and of combinations.
pub(super) type Entries = IndexMap<String, Rc<Datum>>;

#[derive(Clone, Debug)]
pub(super) enum Shape {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(String),
    List(Vec<Rc<Datum>>),
    Map(Entries),
}

impl Datum {
    pub(super) fn new(source: &Arc<Source>, span: Span, shape: Shape) -> Self {
        Self { place: Place { source: Arc::clone(source), span }, shape }
    }

    pub(super) fn from_yaml(node: &Node, source: &Arc<Source>) -> Self {
        let shape = match &node.value {
            Yaml::Null => Shape::Null,
            Yaml::Bool(value) => Shape::Bool(*value),
            Yaml::Int(value) => Shape::Int(*value),
            Yaml::Float(value) => Shape::Float(*value),
            // Within quotes it is a text, whatever it says.
            Yaml::Str(text) if source.slice(node.span).trim_end() == text => {
                integer(text).map_or_else(|| Shape::Str(text.clone()), Shape::Int)
            }
            Yaml::Str(text) => Shape::Str(text.clone()),
            Yaml::List(items) => Shape::List(items.iter().map(|item| Rc::new(Self::from_yaml(item, source))).collect()),
            Yaml::Map(entries) => {
                let entry = |(key, value): &(Key, Node)| (key_text(key), Rc::new(Self::from_yaml(value, source)));
                Shape::Map(entries.iter().map(entry).collect())
            }
        };
        Self::new(source, node.span, shape)
    }

    /// Returns what `segment` names inside of the datum: a key of a mapping or an index of a list, negative from its end.
    pub(super) fn step(&self, segment: &str) -> Option<&Rc<Self>> {
        match &self.shape {
            Shape::Map(entries) => entries.get(segment),
            Shape::List(items) => {
                let index: i64 = segment.parse().ok()?;
                let from_end = i64::try_from(items.len()).ok()?;
                let index = if index < 0 { index + from_end } else { index };
                items.get(usize::try_from(index).ok()?)
            }
            Shape::Null | Shape::Bool(_) | Shape::Int(_) | Shape::Float(_) | Shape::Str(_) => None,
        }
    }

    /// Returns the names that [`Datum::step`] would find.
    pub(super) fn steps(&self) -> Vec<String> {
        match &self.shape {
            Shape::Map(entries) => entries.keys().cloned().collect(),
            Shape::List(items) => (0..items.len()).map(|index| index.to_string()).collect(),
            Shape::Null | Shape::Bool(_) | Shape::Int(_) | Shape::Float(_) | Shape::Str(_) => Vec::new(),
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match &self.shape {
            Shape::Null => "nothing",
            Shape::Bool(_) => "a boolean",
            Shape::Int(_) => "an integer",
            Shape::Float(_) => "a number",
            Shape::Str(_) => "a string",
            Shape::List(_) => "a list",
            Shape::Map(_) => "a mapping",
        }
    }

    pub(super) fn is_composite(&self) -> bool {
        matches!(self.shape, Shape::List(_) | Shape::Map(_))
    }

    pub(super) fn to_value(&self) -> Value {
        match &self.shape {
            Shape::Null => Value::Null,
            Shape::Bool(value) => Value::Bool(*value),
            Shape::Int(value) => Value::Int(*value),
            Shape::Float(value) => Value::Float(*value),
            Shape::Str(text) => Value::Str(text.clone()),
            Shape::List(items) => Value::List(items.iter().map(|item| item.to_value()).collect()),
            Shape::Map(entries) => Value::Map(entries.iter().map(|(k, v)| (k.clone(), v.to_value())).collect()),
        }
    }

    /// Returns the datum as a tree in which everything stands at `span`, where it was asked for.
    pub(super) fn to_yaml(&self, span: Span) -> Yaml {
        let node = |datum: &Rc<Self>| Node { span, value: datum.to_yaml(span) };
        match &self.shape {
            Shape::Null => Yaml::Null,
            Shape::Bool(value) => Yaml::Bool(*value),
            Shape::Int(value) => Yaml::Int(*value),
            Shape::Float(value) => Yaml::Float(*value),
            Shape::Str(text) => Yaml::Str(text.clone()),
            Shape::List(items) => Yaml::List(items.iter().map(node).collect()),
            Shape::Map(entries) => {
                let key = |text: &String| Key { span, text: text.clone(), kind: "a string" };
                Yaml::Map(entries.iter().map(|(text, value)| (key(text), node(value))).collect())
            }
        }
    }

    /// Returns a scalar as DVC writes it into a string; `None` for a list or mapping.
    pub(super) fn rendered(&self) -> Option<String> {
        (!self.is_composite()).then(|| rendered(&self.to_yaml(self.place.span))).flatten()
    }

    /// Returns a scalar as Python's `str` writes it: as [`Datum::rendered`], but for `True` and `False`.
    pub(super) fn in_python(&self) -> Option<String> {
        match &self.shape {
            Shape::Bool(true) => Some("True".to_owned()),
            Shape::Bool(false) => Some("False".to_owned()),
            Shape::Null | Shape::Int(_) | Shape::Float(_) | Shape::Str(_) | Shape::List(_) | Shape::Map(_) => {
                self.rendered()
            }
        }
    }
}

/// Returns a key as Python writes its value: `1.0` of `1.00`, `None` of `~`.
pub(super) fn key_text(key: &Key) -> String {
    match (key.kind, key.text.as_str()) {
        ("nothing", _) => "None".to_owned(),
        ("a boolean", text) => text.to_ascii_lowercase(),
        ("an integer", text) => integer(text).map_or_else(|| text.to_owned(), |value| value.to_string()),
        ("a number", text) => text.parse().map_or_else(|_| text.to_owned(), python_float),
        (_, text) => text.to_owned(),
    }
}

/// Reads the integers that DVC's reader of YAML has beside those of ours: `010`, `1_000`, `0b101`; also `0x1F` and `0o17`.
fn integer(text: &str) -> Option<i128> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, &digits[2..]),
        Some("0o") => (8, &digits[2..]),
        Some("0b") => (2, &digits[2..]),
        Some(_) | None => (10, digits),
    };
    if !digits.starts_with(|c: char| c.is_digit(radix)) {
        return None;
    }
    i128::from_str_radix(&format!("{sign}{}", digits.replace('_', "")), radix).ok()
}

/// Returns a scalar as DVC writes it into a string: `true`, `None`, `0.001`, `1e-05`; `None` for a list or mapping.
pub(super) fn rendered(value: &Yaml) -> Option<String> {
    match value {
        Yaml::Null => Some("None".to_owned()),
        Yaml::Bool(value) => Some(value.to_string()),
        Yaml::Int(value) => Some(value.to_string()),
        Yaml::Float(value) => Some(python_float(*value)),
        Yaml::Str(text) => Some(text.clone()),
        Yaml::List(_) | Yaml::Map(_) => None,
    }
}

/// Writes a float as Python's `repr` does: the shortest digits that read back, positional from 1e-4 to below 1e16.
fn python_float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let plain = value.to_string();
    if plain.contains('.') { plain } else { plain + ".0" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_python_writes_them() {
        let check = |value: f64, expect: &str| assert_eq!(python_float(value), expect);
        check(1.0, "1.0");
        check(1e-3, "0.001");
        check(1e10, "10000000000.0");
        check(1e-5, "1e-05");
        check(1.5e16, "1.5e+16");
        check(-0.1, "-0.1");
        check(0.0, "0.0");
        check(1e22, "1e+22");
        check(123_456.789, "123456.789");
    }

    #[test]
    fn integers_are_those_of_dvc() {
        let check = |text: &str, expect: Option<i128>| assert_eq!(integer(text), expect, "{text}");
        check("010", Some(10));
        check("-008", Some(-8));
        check("1_000", Some(1000));
        check("0b101", Some(5));
        check("+0x1F", Some(31));
        check("0o17", Some(15));
        for text in ["", "-", "_1", "0x", "1-2", "2024-01-01", "1.0", "--1", "a"] {
            check(text, None);
        }
    }
}
