//! `tolerance`: whether two tables agree row by row, within bounds for each column.

use std::fmt;

use lockgate_spanned::{Key, Node, Value};
use serde::{Deserialize, Serialize};

use crate::quantity::percent;
use crate::reader::Reader;

/// Which table the data is compared with, by which key, and how far the columns may differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tolerance {
    pub against: String,
    pub key: Vec<String>,
    pub columns: Vec<(String, Within)>,
    /// What a row of `against` leads to that the data does not have.
    pub missing: Unpaired,
    /// What a row of the data leads to that `against` does not have.
    pub extra: Unpaired,
}

/// How far a value may be from the one it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Within {
    /// The same text.
    Equal,
    /// In the unit of the column.
    Absolute(f64),
    /// As a share of the value in `against`, whatever its sign.
    Relative(f64),
    /// It is enough to be within one of the two.
    Either { absolute: f64, relative: f64 },
}

/// What a row without its counterpart leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unpaired {
    Fail,
    Warn,
    Allow,
}

const UNPAIRED: [(&str, Unpaired); 3] =
    [("fail", Unpaired::Fail), ("warn", Unpaired::Warn), ("allow", Unpaired::Allow)];

impl Tolerance {
    pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let fields = reader.settings(node, &["against", "key", "columns", "missing", "extra"])?;
        let example = "data/live.parquet";
        let against = reader.needed(&fields, "against", example).and_then(|node| reader.table("against", node));
        let key = reader.needed(&fields, "key", "[game_id]").and_then(|node| reader.texts("key", node));
        let example = "{spread: 0.5, total: {relative: 1%}}";
        let columns = reader.needed(&fields, "columns", example).map(|node| {
            let entries = reader.entries("columns", node, example);
            let column = |(name, node): (&Key, &Node)| Some((name.text.clone(), within(&name.text, node, reader)?));
            entries.into_iter().filter_map(column).collect()
        });
        let mut unpaired = |what: &str| {
            let read = fields.get(what).and_then(|node| reader.choice(what, node, &UNPAIRED));
            read.unwrap_or(Unpaired::Fail)
        };
        let (missing, extra) = (unpaired("missing"), unpaired("extra"));
        Some(Self { against: against?, key: key?, columns: columns?, missing, extra })
    }
}

impl Within {
    /// Says whether a value that is `difference` away from `expected` is near enough; NaN is near nothing.
    pub fn holds(self, difference: f64, expected: f64) -> bool {
        if difference == 0.0 {
            return true;
        }
        // A bound that is met exactly is kept, whatever the last bit of a difference says.
        let within = |bound: f64| difference <= bound + 1e-9 * bound;
        match self {
            Self::Equal => false,
            Self::Absolute(bound) => within(bound),
            Self::Relative(share) => within(share * expected.abs()) && expected.is_finite(),
            Self::Either { absolute, relative } => {
                Self::Absolute(absolute).holds(difference, expected)
                    || Self::Relative(relative).holds(difference, expected)
            }
        }
    }
}

impl fmt::Display for Within {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equal => out.write_str("equal"),
            Self::Absolute(bound) => write!(out, "within {bound}"),
            Self::Relative(share) => write!(out, "within {}", percent(*share)),
            Self::Either { absolute, relative } => write!(out, "within {absolute} or {}", percent(*relative)),
        }
    }
}

fn within(name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Within> {
    match &node.value {
        Value::Str(text) if text == "equal" => return Some(Within::Equal),
        Value::Str(text) if text.trim_end().ends_with('%') => return reader.share(name, node).map(Within::Relative),
        Value::Map(_) => {}
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::List(_) => {
            return reader.positive(name, node).map(Within::Absolute);
        }
    }
    let fields = reader.open(name, node, &["absolute", "relative"])?;
    let absolute = fields.get("absolute").map(|node| reader.positive("absolute", node));
    let relative = fields.get("relative").map(|node| reader.share("relative", node));
    match (absolute, relative) {
        (None, None) => {
            let help = "write `0.5`, `{absolute: 0.1}`, `{relative: 1%}` or `equal`";
            reader.refuse(node.span, format!("column `{name}` has no bound"), help)
        }
        (Some(absolute), None) => absolute.map(Within::Absolute),
        (None, Some(relative)) => relative.map(Within::Relative),
        (Some(absolute), Some(relative)) => Some(Within::Either { absolute: absolute?, relative: relative? }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_that_is_met_exactly_is_kept() {
        let check = |within: Within, value: f64, expected: f64, expect: bool| {
            assert_eq!(within.holds((value - expected).abs(), expected), expect, "{within}: {value} for {expected}");
        };
        check(Within::Absolute(0.1), 1.3, 1.2, true);
        check(Within::Absolute(0.1), 1.300_001, 1.2, false);
        check(Within::Absolute(0.0), 0.3, 0.3, true);
        check(Within::Relative(0.01), -101.0, -100.0, true);
        check(Within::Relative(0.01), -102.0, -100.0, false);
        check(Within::Relative(0.01), 0.0, 0.0, true);
        check(Within::Either { absolute: 0.5, relative: 0.01 }, 100.9, 100.0, true);
        check(Within::Either { absolute: 0.5, relative: 0.01 }, 1.4, 1.0, true);
        check(Within::Absolute(1.0), f64::NAN, f64::NAN, false);
        check(Within::Relative(0.1), 1.0, f64::INFINITY, false);
    }
}
