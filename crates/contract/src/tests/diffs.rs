//! What changed from one schema to another.

use insta::assert_snapshot;

use super::schema;
use crate::{Major, OnChange};

/// One line a change, the weight first.
fn diff(old: &str, new: &str) -> String {
    let diff = schema(old).diff(&schema(new));
    let line = |change: &crate::Change| {
        let text = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
        let sides = format!("{} -> {}", text(&change.was), text(&change.now));
        format!("{} {} {} {}: {sides}", change.weight.name(), change.effect.name(), change.subject, change.kind)
    };
    diff.changes.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_rule_is_tightened_loosened_or_changed() {
    let old = "
key: [id]
also_unique: [[a, b]]
rows: 10..20
columns:
  id: i64
  a: i64? 0..10
  b: str in [x, y]
  c: f64 0..1
  d: str len 2..3
  e: str /a+/
  f: {type: i64, range: 0..5, allow: 1%}
  g: {type: f64, nan: ok}
rules:
  - kept: a < 5
  - other: a < 6
  - gone: a < 7
";
    let new = "
key: [id, a]
extra_columns: allow
column_order: exact
rows: 5..
columns:
  id: i64
  a: i64 0..8
  b: str in [x, y, z]
  c: f64 0..<1
  d: str len 1..2
  e: str /b+/
  f: {type: i64, range: 0..5, allow: 0.5%, level: warn}
  g: {type: f64, nan: fail}
rules:
  - kept: a < 5
  - other: a < 60
  - new: {check: a < 7, level: warn}
";
    assert_snapshot!(diff(old, new), @r#"
    allow loosened table extra_columns: forbid -> allow
    fail tightened table column_order: any -> exact
    fail changed table key: [id] -> [a, id]
    allow loosened table rows: 10..20 -> 5..
    fail tightened a null: allowed -> never
    fail tightened a range: 0..10 -> 0..8
    allow loosened b in: ["x", "y"] -> ["x", "y", "z"]
    fail tightened c range: 0..1 -> 0..<1
    fail changed d len: 2..3 -> 1..2
    fail changed e matches: a+ -> b+
    allow changed f range: 0..5, allow 1 % -> 0..5, allow 0.5 %, level warn
    fail tightened g nan: ok -> fail
    fail changed other rule: a < 6 -> a < 60
    allow tightened new rule: - -> a < 7, level warn
    allow loosened [a, b] unique: [a, b] -> -
    allow loosened gone rule: a < 7 -> -
    "#);
}

#[test]
fn columns_come_go_and_change_their_names_and_types() {
    let old = "columns: {a: i64 0..5, spread_line: f64 0..9, c: str, d: any}\n";
    let new = "
columns: {a: i32 0..5, spread: f64 0..8, d: date, e: str, f: {type: str, optional: true}}
evolution: {renamed: {spread_line: spread}}
";
    assert_snapshot!(diff(old, new), @"
    allow renamed spread column: spread_line -> spread
    fail added e column: - -> str
    allow added f column: - -> str
    fail removed c column: str -> -
    fail retyped a type: i64 -> i32
    fail tightened spread range: 0..9 -> 0..8
    fail tightened d type: any -> date
    ");
}

#[test]
fn the_new_schema_says_what_breaks() {
    let old = "columns: {a: i64 0..5, b: i64 0..5, c: str}\n";
    let rules = "columns: {a: i64 0..4, b: i64 0..6, d: str}\n";
    assert_snapshot!(diff(old, rules), @"
    fail added d column: - -> str
    fail removed c column: str -> -
    fail tightened a range: 0..5 -> 0..4
    allow loosened b range: 0..5 -> 0..6
    ");
    let policy = "evolution: {added: warn, removed: fail, narrowed: allow, widened: fail}\n";
    assert_snapshot!(diff(old, &format!("{rules}{policy}")), @"
    warn added d column: - -> str
    fail removed c column: str -> -
    allow tightened a range: 0..5 -> 0..4
    fail loosened b range: 0..5 -> 0..6
    ");
}

#[test]
fn equal_rules_have_no_difference_and_majors_are_compared() {
    let same = "schema: games/1\ncolumns: {a: i64 0..5, b: str}\n";
    assert_eq!(diff(same, "schema: games/2\ncolumns: {b: str, a: i64 0..5}\n"), "");
    let major = |old: &str, new: &str| {
        let named = |name: &str| schema(&format!("schema: {name}\ncolumns: {{a: i64}}\n"));
        named(old).diff(&named(new)).major
    };
    assert_eq!(major("games/1", "games/2"), Major::Raised);
    assert_eq!(major("games/2", "games/2"), Major::Kept(2));
    assert_eq!(schema("columns: {a: i64}").diff(&schema(same)).major, Major::Unknown);
    assert!(OnChange::Fail > OnChange::Warn);
}

#[test]
fn another_writing_of_the_table_breaks_its_readers() {
    let columns = "columns: {a: i64}\n";
    assert_snapshot!(diff(columns, &format!("csv: {{delimiter: ';', missing: [NA]}}\n{columns}")), @r#"fail changed table csv: {} -> {delimiter: ";", missing: ["NA"]}"#);
}
