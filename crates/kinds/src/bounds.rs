//! Thresholds: above which value a gate warns, and above which it fails.

use std::fmt;

use lockgate_spanned::{Fields, Node, Value};
use serde::{Deserialize, Serialize};

use crate::reader::Reader;

/// The values above which a gate warns and fails; at least one is set, and the first is below the second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    pub warn: Option<f64>,
    pub fail: Option<f64>,
}

/// Bounds of an effect size, which count only where a test says that chance would not do it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tested {
    pub bounds: Bounds,
    /// The probability of a false alarm that is accepted, within (0, 1).
    pub alpha: f64,
}

/// What a value above a bound leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    Warn,
    Fail,
}

const ALPHA: f64 = 0.01;

impl Bounds {
    /// Returns what `value` leads to; a value that meets a bound exactly keeps it.
    pub fn exceeded(&self, value: f64) -> Option<Alarm> {
        let above = |bound: Option<f64>| bound.is_some_and(|bound| value > bound);
        if above(self.fail) { Some(Alarm::Fail) } else { above(self.warn).then_some(Alarm::Warn) }
    }

    /// Reads `0.2` (fails above) or `{warn: 0.1, fail: 0.2}` of what is never above `most`.
    pub(crate) fn read(what: &str, most: f64, node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if !matches!(node.value, Value::Map(_)) {
            return reader.below(what, most, node).map(|fail| Self { warn: None, fail: Some(fail) });
        }
        let fields = reader.open(what, node, &["warn", "fail"])?;
        Self::of_fields(what, most, &fields, reader)
    }

    fn of_fields(what: &str, most: f64, fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let mut bound = |key: &str| fields.get(key).map(|node| reader.below(key, most, node));
        let (warn, fail) = (bound("warn"), bound("fail"));
        match (warn, fail) {
            (None, None) => {
                let help = "add `fail: 0.2`, the value above which the gate fails, or `warn: 0.1`";
                reader.refuse(fields.span(), format!("`{what}` has neither `warn` nor `fail`"), help)
            }
            (Some(Some(warn)), Some(Some(fail))) if warn >= fail => {
                let message = format!("`{what}` fails above {fail} and warns only above {warn}");
                reader.refuse(fields.span(), message, "let `warn` be below `fail`")
            }
            (warn, fail) => Some(Self { warn: warn.flatten(), fail: fail.flatten() }),
        }
    }
}

impl Tested {
    /// Reads `0.1`, or `{warn: 0.05, fail: 0.1, alpha: 0.01}`; α is 0.01 where it is not given.
    pub(crate) fn read(what: &str, most: f64, node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        if !matches!(node.value, Value::Map(_)) {
            return Bounds::read(what, most, node, reader).map(|bounds| Self { bounds, alpha: ALPHA });
        }
        let fields = reader.open(what, node, &["warn", "fail", "alpha"])?;
        let alpha = fields.get("alpha").and_then(|node| reader.alpha(node));
        let bounds = Bounds::of_fields(what, most, &fields, reader)?;
        Some(Self { bounds, alpha: alpha.unwrap_or(ALPHA) })
    }
}

impl fmt::Display for Bounds {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.warn, self.fail) {
            (Some(warn), Some(fail)) => write!(out, "≤ {fail}, warned above {warn}"),
            (Some(bound), None) | (None, Some(bound)) => write!(out, "≤ {bound}"),
            (None, None) => Ok(()),
        }
    }
}
