//! What an expectation is told, as parts of the schema language.

use std::collections::BTreeMap;

use lockgate_spanned::{Node, Source, Value};

use super::read::Expectation;
use super::why::Why;
use crate::words;

/// The kwargs of one expectation.
pub(super) struct Kwargs<'a> {
    pub expectation: &'a Expectation<'a>,
    pub source: &'a Source,
    pub params: &'a Params<'a>,
}

/// The values of parameters: what the caller gives, then what the suite gives.
pub(super) struct Params<'a> {
    pub given: &'a BTreeMap<String, String>,
    pub own: &'a BTreeMap<&'a str, &'a Node>,
}

/// Bounds as literals; at least one is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    low: Option<Bound>,
    high: Option<Bound>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Bound {
    literal: String,
    symbol: &'static str,
}

impl Bounds {
    /// Writes that `subject` keeps within the bounds.
    pub fn of(&self, subject: &str) -> String {
        let side = |bound: &Bound| format!("{subject} {} {}", bound.symbol, bound.literal);
        [&self.low, &self.high].into_iter().flatten().map(side).collect::<Vec<_>>().join(" and ")
    }
}

impl Bounds {
    /// Says whether zero is within the bounds.
    pub fn have_zero(&self) -> bool {
        let side = |bound: &Option<Bound>, within: fn(f64, &str) -> bool| {
            bound.as_ref().is_none_or(|bound| bound.literal.parse().is_ok_and(|value| within(value, bound.symbol)))
        };
        let low = |value: f64, symbol: &str| value < 0.0 || (value <= 0.0 && symbol == ">=");
        let high = |value: f64, symbol: &str| value > 0.0 || (value >= 0.0 && symbol == "<=");
        side(&self.low, low) && side(&self.high, high)
    }
}

impl<'a> Kwargs<'a> {
    /// Returns what is given for `key`; null is the same as nothing.
    pub fn get(&self, key: &str) -> Option<&'a Node> {
        let found = self.expectation.kwargs.iter().find(|(name, _)| name.text == key);
        found.map(|(_, node)| node).filter(|node| node.value != Value::Null)
    }

    pub fn text(&self, key: &str) -> Result<Option<&'a str>, Why> {
        let Some(node) = self.get(key) else { return Ok(None) };
        node.as_str().map(Some).ok_or_else(|| Why::kwarg(key, format!("is {}, not a text", node.value.kind())))
    }

    pub fn needed_text(&self, key: &'static str) -> Result<&'a str, Why> {
        self.text(key)?.ok_or(Why::Missing(key))
    }

    pub fn column(&self) -> Result<&'a str, Why> {
        self.needed_text("column")
    }

    pub fn list(&self, key: &'static str) -> Result<&'a [Node], Why> {
        let node = self.get(key).ok_or(Why::Missing(key))?;
        match node.as_list() {
            Some([]) => Err(Why::kwarg(key, "is an empty list")),
            Some(items) => Ok(items),
            None => Err(Why::kwarg(key, format!("is {}, not a list", node.value.kind()))),
        }
    }

    pub fn texts(&self, key: &'static str) -> Result<Vec<&'a str>, Why> {
        let texts = self.list(key)?.iter().map(Node::as_str).collect::<Option<_>>();
        texts.ok_or_else(|| Why::kwarg(key, "has something other than a text in it"))
    }

    /// Returns a switch; `default` when it is not given.
    pub fn flag(&self, key: &str, default: bool) -> Result<bool, Why> {
        match self.get(key).map(|node| &node.value) {
            None => Ok(default),
            Some(Value::Bool(value)) => Ok(*value),
            Some(other) => Err(Why::kwarg(key, format!("is {}, not true or false", other.kind()))),
        }
    }

    /// Returns the share that must be good, when it is less than all.
    pub fn mostly(&self) -> Result<Option<f64>, Why> {
        let Some(node) = self.get("mostly") else { return Ok(None) };
        let share = self.literal("mostly", node)?.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
        share
            .map(|share| Some(share).filter(|share| *share < 1.0))
            .ok_or_else(|| Why::kwarg("mostly", "is not a share from 0 to 1"))
    }

    /// Returns a value as a condition writes it; a parameter is replaced by its value.
    pub fn literal(&self, key: &str, node: &Node) -> Result<String, Why> {
        if let Some(name) = node.get("$PARAMETER") {
            return self.parameter(key, name.as_str().unwrap_or_default());
        }
        let written = self.source.slice(node.span).trim_end();
        match &node.value {
            // What Python writes for floats that JSON does not have comes as a text without quotes.
            Value::Str(_) if !written.starts_with(['"', '\'']) => {
                Err(Why::kwarg(key, format!("has `{written}`, which is not JSON")))
            }
            Value::Str(text) => Ok(words::text(text)),
            Value::Bool(value) => Ok(value.to_string()),
            Value::Int(value) => Ok(value.to_string()),
            Value::Float(value) if value.is_finite() => Ok(written.to_owned()),
            Value::Null | Value::Float(_) | Value::List(_) | Value::Map(_) => {
                Err(Why::kwarg(key, format!("has {} where a value is needed", node.value.kind())))
            }
        }
    }

    /// Returns the values of a list; null among them says nothing, for no rule on values looks at null.
    pub fn literals(&self, key: &'static str) -> Result<Vec<String>, Why> {
        let items = self.list(key)?.iter().filter(|node| node.value != Value::Null);
        let found: Vec<String> = items.map(|node| self.literal(key, node)).collect::<Result<_, _>>()?;
        let kinds = |literal: &String| (literal.starts_with('\''), matches!(literal.as_str(), "true" | "false"));
        if found.windows(2).any(|pair| kinds(&pair[0]) != kinds(&pair[1])) {
            return Err(Why::kwarg(key, "mixes texts, numbers and booleans: a column has values of one type"));
        }
        if found.is_empty() { Err(Why::kwarg(key, "has no value but null")) } else { Ok(found) }
    }

    fn parameter(&self, key: &str, name: &str) -> Result<String, Why> {
        if let Some(text) = self.params.given.get(name) {
            return Ok(scalar(text));
        }
        match self.params.own.get(name) {
            Some(node) if node.get("$PARAMETER").is_none() => self.literal(key, node),
            _ => Err(Why::Parameter(name.to_owned())),
        }
    }

    /// Returns `min_value` and `max_value` with their strictness.
    pub fn bounds(&self) -> Result<Bounds, Why> {
        let low = self.bound("min_value", "strict_min", [">=", ">"])?;
        let high = self.bound("max_value", "strict_max", ["<=", "<"])?;
        let number = |bound: &Option<Bound>| bound.as_ref().and_then(|bound| bound.literal.parse::<f64>().ok());
        if low.is_none() && high.is_none() {
            return Err(Why::Inexpressible("it has neither `min_value` nor `max_value`"));
        }
        if number(&low).zip(number(&high)).is_some_and(|(low, high)| low > high) {
            return Err(Why::kwarg("min_value", "is greater than `max_value`, which Great Expectations refuses"));
        }
        Ok(Bounds { low, high })
    }

    fn bound(&self, key: &str, strict: &str, symbols: [&'static str; 2]) -> Result<Option<Bound>, Why> {
        let is_strict = self.flag(strict, false)?;
        let Some(node) = self.get(key) else { return Ok(None) };
        Ok(Some(Bound { literal: self.literal(key, node)?, symbol: symbols[usize::from(is_strict)] }))
    }
}

/// Takes a value from a command line: a number or a boolean if it reads as one, else a text.
fn scalar(text: &str) -> String {
    let is_number = text.parse::<f64>().is_ok_and(f64::is_finite);
    if is_number || text == "true" || text == "false" { text.to_owned() } else { words::text(text) }
}
