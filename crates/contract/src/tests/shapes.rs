//! Rules on the columns that a table has.

use insta::assert_snapshot;

use super::schemas::brief;
use super::{csv, lines};

#[test]
fn columns_are_asked_for_by_name_order_place_number_and_type() {
    let schema = "
extra_columns: allow
columns: {a: any, b: any?}
rules:
  - there: {has_columns: [b, c]}
  - gone: {has_columns: [a, z], level: warn}
  - exactly: {has_columns: [a, b], extra: forbid}
  - ordered: {has_columns: [c, a], order: exact}
  - second: {has_columns: b, position: 2}
  - first: {has_columns: b, position: 1}
  - few: {column_count: ..2}
  - three: {column_count: 3}
  - whole: {column_type: a, in: [i32, i64]}
  - text: {column_type: a, in: str}
  - unknown: {column_type: b, in: f64}
";
    assert_snapshot!(lines(&csv(schema, "a,b,c\n1,,x\n2,,y\n")), @"
    pass a  type any: any type is right
    pass a  not null: no null
    pass b  type any: any type is right
    pass there  has [b, c]: 3 columns
    warn gone  has [a, z]: without `z`
    fail exactly  has [a, b] and no other: also `c`
    fail ordered  has [c, a] in this order: elsewhere `a`, `c`
    pass second  has [b] from column 2 on: 3 columns
    fail first  has [b] from column 1 on: `b` is column 2
    fail few  0..2 columns: 3 columns
    pass three  3..3 columns: 3 columns
    pass whole  a is i32 or i64: `a` is i64
    fail text  a is str: `a` is i64
    inconclusive unknown  b is f64: `b` has no value to know its type by
    ");
}

#[test]
fn mistakes_in_rules_on_columns_are_told() {
    assert_snapshot!(brief("
columns: {a: i64}
rules:
  - none: {has_columns: []}
  - twice: {has_columns: [a, a], order: strict}
  - place: {has_columns: [a], position: 0}
  - type: {column_type: a}
  - odd: {column_type: a, in: [i46]}
  - many: {column_count: lots}
"), @"
    s.yaml:4:25 `has_columns` names no column -> write `has_columns: [season, week]`
    s.yaml:5:26 `has_columns` names `a` twice -> keep one of the two
    s.yaml:6:41 `position` is not the place of a column -> count from 1: `position: 1` is the first column
    s.yaml:7:25 `column_type` names no type -> add `in: [i32, i64]`, or one type
    s.yaml:8:32 there is no type `i46` -> did you mean `i16`?
    s.yaml:9:26 `lots` is not a range of counts -> write 250..300, 1.. or ..5
    ");
}
