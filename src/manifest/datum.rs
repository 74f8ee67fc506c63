//! Values of parameter files and `vars`, each with the place it came from.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_spanned::{Node, Source, Span, Value as Yaml};

use crate::pipeline::Value;

/// A value and the file and place that set it.
#[derive(Clone, Debug)]
pub(super) struct Datum {
    pub(super) place: Place,
    pub(super) shape: Shape,
}

/// Where a datum was set; the formats that tell no places give the start of their file.
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

#[derive(Clone, Debug)]
pub(super) enum Shape {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(String),
    List(Vec<Datum>),
    Map(BTreeMap<String, Datum>),
}

impl Datum {
    pub(super) fn from_yaml(node: &Node, source: &Arc<Source>) -> Self {
        let shape = match &node.value {
            Yaml::Null => Shape::Null,
            Yaml::Bool(value) => Shape::Bool(*value),
            Yaml::Int(value) => Shape::Int(*value),
            Yaml::Float(value) => Shape::Float(*value),
            Yaml::Str(text) => Shape::Str(text.clone()),
            Yaml::List(items) => Shape::List(items.iter().map(|item| Self::from_yaml(item, source)).collect()),
            Yaml::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| (key.text.clone(), Self::from_yaml(value, source)));
                Shape::Map(entries.collect())
            }
        };
        Self { place: Place { source: Arc::clone(source), span: node.span }, shape }
    }

    pub(super) fn from_json(value: &serde_json::Value, source: &Arc<Source>) -> Self {
        use serde_json::Value as Json;
        let shape = match value {
            Json::Null => Shape::Null,
            Json::Bool(value) => Shape::Bool(*value),
            Json::Number(number) => match number.as_i64() {
                Some(value) => Shape::Int(value),
                None => Shape::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::String(text) => Shape::Str(text.clone()),
            Json::Array(items) => Shape::List(items.iter().map(|item| Self::from_json(item, source)).collect()),
            Json::Object(entries) => {
                Shape::Map(entries.iter().map(|(key, value)| (key.clone(), Self::from_json(value, source))).collect())
            }
        };
        Self { place: Place { source: Arc::clone(source), span: Span::default() }, shape }
    }

    /// Takes a date as its text: a parameter is compared, not computed with.
    pub(super) fn from_toml(value: &toml::Value, source: &Arc<Source>) -> Self {
        use toml::Value as Toml;
        let shape = match value {
            Toml::Boolean(value) => Shape::Bool(*value),
            Toml::Integer(value) => Shape::Int(*value),
            Toml::Float(value) => Shape::Float(*value),
            Toml::String(text) => Shape::Str(text.clone()),
            Toml::Datetime(value) => Shape::Str(value.to_string()),
            Toml::Array(items) => Shape::List(items.iter().map(|item| Self::from_toml(item, source)).collect()),
            Toml::Table(entries) => {
                Shape::Map(entries.iter().map(|(key, value)| (key.clone(), Self::from_toml(value, source))).collect())
            }
        };
        Self { place: Place { source: Arc::clone(source), span: Span::default() }, shape }
    }

    /// Returns what `segment` names inside of the datum: a key of a mapping or an index of a list, negative from its end.
    pub(super) fn step(&self, segment: &str) -> Option<&Self> {
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

    pub(super) fn to_value(&self) -> Value {
        match &self.shape {
            Shape::Null => Value::Null,
            Shape::Bool(value) => Value::Bool(*value),
            Shape::Int(value) => Value::Int(*value),
            Shape::Float(value) => Value::Float(*value),
            Shape::Str(text) => Value::Str(text.clone()),
            Shape::List(items) => Value::List(items.iter().map(Self::to_value).collect()),
            Shape::Map(entries) => Value::Map(entries.iter().map(|(k, v)| (k.clone(), v.to_value())).collect()),
        }
    }

    /// Returns a scalar as a node of the tree at `span`, and `None` for a list or mapping.
    pub(super) fn to_scalar(&self) -> Option<Yaml> {
        match &self.shape {
            Shape::Null => Some(Yaml::Null),
            Shape::Bool(value) => Some(Yaml::Bool(*value)),
            Shape::Int(value) => Some(Yaml::Int(*value)),
            Shape::Float(value) => Some(Yaml::Float(*value)),
            Shape::Str(text) => Some(Yaml::Str(text.clone())),
            Shape::List(_) | Shape::Map(_) => None,
        }
    }
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
}
