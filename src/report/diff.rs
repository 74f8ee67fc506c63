//! What differs between two trees of values, such as the parameters or the metrics of two revisions.

use std::collections::BTreeMap;

use lockgate_spanned::Style;
use serde_json::{Value as Json, json};

use super::table::{Cell, Table};
use crate::pipeline::Value;
use crate::words::RelPath;
use crate::words::text::inert;

/// The values of several files.
pub type Files = BTreeMap<RelPath, Value>;

/// One leaf that differs: `None` where a side does not have it.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub file: RelPath,
    /// The dotted key; empty for a file that is one scalar.
    pub key: String,
    pub was: Option<Value>,
    pub now: Option<Value>,
}

/// Returns the leaves in which the two differ, by file and key.
///
/// Mappings are compared key by key; a list is one value. An integer equals the float of the same value, as in DVC.
pub fn diff(was: &Files, now: &Files) -> Vec<Difference> {
    let mut leaves: BTreeMap<(RelPath, String), (Option<Value>, Option<Value>)> = BTreeMap::new();
    for (file, value) in was {
        for (key, value) in self::leaves(value) {
            leaves.entry((file.clone(), key)).or_default().0 = Some(value);
        }
    }
    for (file, value) in now {
        for (key, value) in self::leaves(value) {
            leaves.entry((file.clone(), key)).or_default().1 = Some(value);
        }
    }
    let differs = leaves.into_iter().filter(|(_, (was, now))| !same(was.as_ref(), now.as_ref()));
    differs.map(|((file, key), (was, now))| Difference { file, key, was, now }).collect()
}

/// Returns the leaves of a value with their dotted keys, in the order of the keys.
pub fn leaves(value: &Value) -> Vec<(String, Value)> {
    let Value::Map(entries) = value else { return vec![(String::new(), value.clone())] };
    let below = entries.iter().flat_map(|(key, value)| {
        let join = move |rest: String| if rest.is_empty() { key.clone() } else { format!("{key}.{rest}") };
        leaves(value).into_iter().map(move |(rest, leaf)| (join(rest), leaf))
    });
    below.collect()
}

fn same(was: Option<&Value>, now: Option<&Value>) -> bool {
    match (was, now) {
        (Some(Value::Int(int)), Some(Value::Float(float))) | (Some(Value::Float(float)), Some(Value::Int(int))) => {
            #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "equality of values, as it is written")]
            let equal = *int as f64 == *float;
            equal
        }
        (was, now) => was == now,
    }
}

/// Draws the differences as a table; for numbers with the change.
pub fn render(differences: &[Difference], style: Style) -> String {
    if differences.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&["file", "key", "was", "now", "change"]);
    for Difference { file, key, was, now } in differences {
        let side = |value: &Option<Value>| Cell::new(value.as_ref().map_or("-".to_owned(), shown));
        let change = was.as_ref().zip(now.as_ref()).and_then(|(was, now)| change(was, now)).unwrap_or_default();
        table.row([inert(file.as_str()).into(), inert(key).into(), side(was), side(now), change.into()]);
    }
    table.render(style)
}

/// Draws all the leaves of some files.
pub fn render_all(files: &Files, style: Style) -> String {
    let mut table = Table::new(&["file", "key", "value"]);
    for (file, value) in files {
        for (key, leaf) in leaves(value) {
            table.row([inert(file.as_str()).into(), inert(&key).into(), shown(&leaf).into()]);
        }
    }
    if table.is_empty() { String::new() } else { table.render(style) }
}

/// Returns the differences as one JSON value.
pub fn to_json(differences: &[Difference]) -> Json {
    let side = |value: &Option<Value>| value.as_ref().map_or(Json::Null, Value::to_json);
    let one =
        |d: &Difference| json!({ "file": d.file.as_str(), "key": d.key, "was": side(&d.was), "now": side(&d.now) });
    json!({ "v": 1, "differences": differences.iter().map(one).collect::<Vec<_>>() })
}

/// Returns the leaves of some files as one JSON value.
pub fn all_to_json(files: &Files) -> Json {
    let files: serde_json::Map<String, Json> =
        files.iter().map(|(file, value)| (file.to_string(), value.to_json())).collect();
    json!({ "v": 1, "files": files })
}

fn shown(value: &Value) -> String {
    match value {
        Value::Str(text) => inert(text),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::List(_) | Value::Map(_) => {
            inert(&value.to_string())
        }
    }
}

fn change(was: &Value, now: &Value) -> Option<String> {
    if let (Value::Int(was), Value::Int(now)) = (was, now) {
        return now.checked_sub(*was).map(|change| format!("{change:+}"));
    }
    let change = number(now)? - number(was)?;
    Some(format!("{:+}", round(change)))
}

#[expect(clippy::cast_precision_loss, reason = "shown with six digits")]
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(value) => Some(*value as f64),
        Value::Float(value) => Some(*value),
        Value::Null | Value::Bool(_) | Value::Str(_) | Value::List(_) | Value::Map(_) => None,
    }
}

/// Six significant digits: 0.3 - 0.1 is 0.2, not 0.19999999999999998.
fn round(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::paint::tests::PLAIN;

    fn files(entries: &[(&str, Value)]) -> Files {
        let map = entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
        [(RelPath::parse("params.yaml").expect("a path"), Value::Map(map))].into()
    }

    #[test]
    fn only_leaves_that_differ_are_shown() {
        let inner = |lr: f64| Value::Map([("lr".to_owned(), Value::Float(lr))].into());
        let was = files(&[("train", inner(0.1)), ("n", Value::Int(1)), ("same", Value::Int(2)), ("gone", Value::Null)]);
        let now = files(&[
            ("train", inner(0.3)),
            ("n", Value::Int(5)),
            ("same", Value::Float(2.0)),
            ("new", Value::Str("x".into())),
        ]);
        let differences = diff(&was, &now);
        insta::assert_snapshot!(render(&differences, PLAIN), @"
        file         key       was   now  change
        params.yaml  gone      null  -
        params.yaml  n         1     5    +4
        params.yaml  new       -     x
        params.yaml  train.lr  0.1   0.3  +0.2
        ");
        insta::assert_snapshot!(to_json(&differences[..1]), @r#"{"v":1,"differences":[{"file":"params.yaml","key":"gone","was":null,"now":null}]}"#);
        insta::assert_snapshot!(render_all(&was, PLAIN), @"
        file         key       value
        params.yaml  gone      null
        params.yaml  n         1
        params.yaml  same      2
        params.yaml  train.lr  0.1
        ");
        assert_eq!(diff(&was, &was), []);
    }
}
