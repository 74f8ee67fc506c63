//! Trees of values, such as the parameters or the metrics of two revisions: their leaves, what differs, and both as text.
//!
//! Tables, Markdown and JSON have the shapes that DVC gives them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Number, Value as Json, json};

use super::table::{Cell, Table};
use crate::words::text::inert;

/// The values of several files, by their paths as they are shown.
pub type Files = BTreeMap<String, Json>;

/// One leaf on two sides: `None` where a side does not have it.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub file: String,
    /// The dotted key; empty for a file that is one scalar.
    pub key: String,
    pub old: Option<Json>,
    pub new: Option<Json>,
}

/// Which leaves are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    Changed,
    All,
}

/// How many digits after the point are shown; `None` shows all there are.
pub type Precision = Option<usize>;

/// Returns the leaves of both, by file and key.
///
/// Mappings are compared key by key; a list is one value. An integer equals the float of the same value, as in DVC.
pub fn diff(old: &Files, new: &Files, extent: Extent) -> Vec<Difference> {
    let mut sides: BTreeMap<(&String, String), [Option<Json>; 2]> = BTreeMap::new();
    for (file, value) in old {
        for (key, leaf) in leaves(value) {
            sides.entry((file, key)).or_default()[0] = Some(leaf);
        }
    }
    for (file, value) in new {
        for (key, leaf) in leaves(value) {
            sides.entry((file, key)).or_default()[1] = Some(leaf);
        }
    }
    let told = sides.into_iter().filter(|(_, [old, new])| extent == Extent::All || !same(old.as_ref(), new.as_ref()));
    told.map(|((file, key), [old, new])| Difference { file: file.clone(), key, old, new }).collect()
}

/// Returns the leaves of a value by their dotted keys; an empty mapping has none.
pub fn leaves(value: &Json) -> BTreeMap<String, Json> {
    let Json::Object(entries) = value else { return BTreeMap::from([(String::new(), value.clone())]) };
    let mut found = BTreeMap::new();
    for (key, value) in entries {
        for (rest, leaf) in leaves(value) {
            let is_leaf = !value.is_object();
            found.insert(if is_leaf { key.clone() } else { format!("{key}.{rest}") }, leaf);
        }
    }
    found
}

/// Returns what a tree has under dotted `keys`, each under its whole key; a number names an item of a list.
pub fn under(value: &Json, keys: &BTreeSet<String>) -> Json {
    let find = |key: &String| {
        key.split('.').try_fold(value, |value, part| match value {
            Json::Object(entries) => entries.get(part),
            Json::Array(items) => items.get(part.parse::<usize>().ok()?),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
        })
    };
    keys.iter().filter_map(|key| Some((key.clone(), find(key)?.clone()))).collect()
}

/// Leaves what counts as a metric: numbers, booleans and texts, under keys that have some.
pub fn metrics(value: Json) -> Option<Json> {
    match value {
        Json::Null | Json::Array(_) => None,
        Json::Bool(_) | Json::Number(_) | Json::String(_) => Some(value),
        Json::Object(entries) => {
            let kept: Map<String, Json> =
                entries.into_iter().filter_map(|(key, value)| Some((key, metrics(value)?))).collect();
            (!kept.is_empty()).then_some(Json::Object(kept))
        }
    }
}

fn same(old: Option<&Json>, new: Option<&Json>) -> bool {
    match (old, new) {
        (Some(Json::Number(old)), Some(Json::Number(new))) => old == new || old.as_f64() == new.as_f64(),
        (old, new) => old == new,
    }
}

/// Draws the leaves of two sides, whose names head their columns: `Path`, `title`, both sides, and `Change`.
pub fn diff_table(differences: &[Difference], title: &str, sides: [&str; 2], precision: Precision) -> Table {
    let mut table = Table::new(&["Path", title, sides[0], sides[1], "Change"]);
    for Difference { file, key, old, new } in differences {
        let side = |value: &Option<Json>| Cell::new(value.as_ref().map_or("-".to_owned(), |v| shown(v, precision)));
        let change = change(old.as_ref(), new.as_ref());
        let change = change.map_or("-".to_owned(), |change| number(&change, precision));
        table.row([inert(file).into(), inert(key).into(), side(old), side(new), change.into()]);
    }
    table
}

/// Draws the leaves of several revisions with a column for each key.
pub fn wide_table(revisions: &[(String, Files)], precision: Precision) -> Table {
    let rows: Vec<_> = rows(revisions).collect();
    let keys: BTreeSet<&String> = rows.iter().flat_map(|(_, _, leaves)| leaves.keys()).collect();
    let shown_keys = keys.iter().map(|key| inert(key));
    let header: Vec<String> = ["Revision", "Path"].map(str::to_owned).into_iter().chain(shown_keys).collect();
    let mut table = Table::new(&header);
    for (revision, file, leaves) in &rows {
        let value = |key: &&String| Cell::new(leaves.get(*key).map_or("-".to_owned(), |v| shown(v, precision)));
        let start = [inert(revision).into(), inert(file).into()];
        table.row_of(start.into_iter().chain(keys.iter().map(value)).collect());
    }
    table
}

/// Draws the same leaves one below the other, for screens on which the columns have no room.
pub fn long_table(revisions: &[(String, Files)], precision: Precision) -> Table {
    let mut table = Table::new(&["Revision", "Path", "Metric", "Value"]);
    for (revision, file, leaves) in rows(revisions) {
        for (key, leaf) in leaves {
            let value = shown(&leaf, precision);
            table.row([inert(revision).into(), inert(file).into(), inert(&key).into(), value.into()]);
        }
    }
    table
}

fn rows(revisions: &[(String, Files)]) -> impl Iterator<Item = (&String, &String, BTreeMap<String, Json>)> {
    revisions.iter().flat_map(|(name, files)| files.iter().map(move |(file, value)| (name, file, leaves(value))))
}

/// Returns the leaves of two sides as JSON: file, key, then `old`, `new` and, between numbers, `diff`.
pub fn diff_json(differences: &[Difference]) -> Json {
    let mut files: Map<String, Json> = Map::new();
    for Difference { file, key, old, new } in differences {
        let mut leaf = json!({ "old": old, "new": new });
        if let Some(change) = change(old.as_ref(), new.as_ref()) {
            leaf["diff"] = Json::Number(change);
        }
        files.entry(file.as_str()).or_insert_with(|| json!({}))[key] = leaf;
    }
    Json::Object(files)
}

fn change(old: Option<&Json>, new: Option<&Json>) -> Option<Number> {
    let (Some(Json::Number(old)), Some(Json::Number(new))) = (old, new) else { return None };
    match (old.as_i64(), new.as_i64()) {
        (Some(old), Some(new)) => new.checked_sub(old).map(Number::from),
        _ => Number::from_f64(new.as_f64()? - old.as_f64()?),
    }
}

fn shown(value: &Json, precision: Precision) -> String {
    match value {
        Json::String(text) => inert(text),
        Json::Number(value) => number(value, precision),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => inert(&spaced(value)),
    }
}

/// JSON on one line with spaces after commas and colons.
fn spaced(value: &Json) -> String {
    match value {
        Json::Array(items) => format!("[{}]", items.iter().map(spaced).collect::<Vec<_>>().join(", ")),
        Json::Object(entries) => {
            let entry = |(key, value): (&String, &Json)| format!("{}: {}", Json::from(key.as_str()), spaced(value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => value.to_string(),
    }
}

/// Rounds a float to so many digits after the point; one that would become zero keeps so many digits that count.
fn number(value: &Number, precision: Precision) -> String {
    let (Some(float), Some(digits)) = (value.as_f64().filter(|_| value.is_f64()), precision) else {
        return value.to_string();
    };
    let rounded: f64 = format!("{float:.digits$}").parse().unwrap_or(float);
    if rounded == 0.0 && float != 0.0 {
        let rounded: f64 = format!("{float:.*e}", digits.max(1) - 1).parse().unwrap_or(float);
        return format!("{rounded:e}");
    }
    format!("{rounded:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::paint::tests::PLAIN;

    fn files(value: Json) -> Files {
        [("params.yaml".to_owned(), value)].into()
    }

    #[test]
    fn only_leaves_that_differ_are_shown() {
        let old = files(json!({ "train": { "lr": 0.1, "none": {} }, "n": 1, "same": 2, "gone": null, "on": true }));
        let new = files(json!({ "train": { "lr": 0.3 }, "n": 5, "same": 2.0, "new": ["x", 1], "on": false }));
        let differences = diff(&old, &new, Extent::Changed);
        let table = diff_table(&differences, "Param", ["HEAD", "a|b"], Some(5));
        insta::assert_snapshot!(table.render(PLAIN), @r#"
        Path         Param     HEAD  a|b       Change
        params.yaml  gone      null  -         -
        params.yaml  n         1     5         4
        params.yaml  new       -     ["x", 1]  -
        params.yaml  on        true  false     -
        params.yaml  train.lr  0.1   0.3       0.2
        "#);
        insta::assert_snapshot!(table.without("Path").without("Change").markdown(), @r#"
        | Param    | HEAD   | a\|b     |
        |----------|--------|----------|
        | gone     | null   | -        |
        | n        | 1      | 5        |
        | new      | -      | ["x", 1] |
        | on       | true   | false    |
        | train.lr | 0.1    | 0.3      |
        "#);
        insta::assert_snapshot!(diff_json(&differences), @r#"{"params.yaml":{"gone":{"old":null,"new":null},"n":{"old":1,"new":5,"diff":4},"new":{"old":null,"new":["x",1]},"on":{"old":true,"new":false},"train.lr":{"old":0.1,"new":0.3,"diff":0.19999999999999998}}}"#);
        assert_eq!(diff(&old, &old, Extent::Changed), []);
        assert_eq!(diff(&old, &old, Extent::All).len(), 5);
    }

    #[test]
    fn metrics_are_shown_side_by_side_or_below_one_another() {
        let of = |value: Json| metrics(value).map(files).unwrap_or_default();
        let revisions = [
            (
                "workspace".to_owned(),
                of(json!({ "acc": 0.123_456_7, "deep": { "n": 3, "list": [1] }, "tiny": 1.25e-7 })),
            ),
            ("main".to_owned(), of(json!({ "acc": 0.1, "name": "x\u{7}" }))),
            ("old".to_owned(), of(json!({ "nothing": [] }))),
        ];
        insta::assert_snapshot!(wide_table(&revisions, Some(5)).render(PLAIN), @r"
        Revision   Path         acc      deep.n  name    tiny
        workspace  params.yaml  0.12346  3       -       1.25e-7
        main       params.yaml  0.1      -       x\u{7}  -
        ");
        insta::assert_snapshot!(long_table(&revisions, Some(2)).without("Path").render(PLAIN), @r"
        Revision   Metric  Value
        workspace  acc     0.12
        workspace  deep.n  3
        workspace  tiny    1.2e-7
        main       acc     0.1
        main       name    x\u{7}
        ");
    }

    #[test]
    fn numbers_are_rounded_and_never_to_nothing() {
        let check = |value: f64, digits, expect: &str| {
            assert_eq!(number(&Number::from_f64(value).expect("finite"), digits), expect, "{value}");
        };
        check(12_345_678.123_456, Some(5), "12345678.12346");
        check(1.0, Some(5), "1.0");
        check(0.2 - 0.1, Some(5), "0.1");
        check(-0.000_001_234_567, Some(3), "-1.23e-6");
        check(0.0, Some(3), "0.0");
        check(0.123_456_789, None, "0.123456789");
    }

    #[test]
    fn keys_lead_into_mappings_and_lists() {
        let tree = json!({ "a": { "b": [1, { "c": 2 }] }, "d": 3 });
        let keys = ["a.b.1", "a.b.0", "nope", "d"].map(str::to_owned).into();
        assert_eq!(under(&tree, &keys), json!({ "a.b.0": 1, "a.b.1": { "c": 2 }, "d": 3 }));
    }
}
