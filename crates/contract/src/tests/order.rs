//! Order and uniqueness as named rules.

use insta::assert_snapshot;
use polars::prelude::*;

use super::{Desk, csv, lines, report};
use crate::State;

/// What is said of one rule on rows of a group, a number and a text.
fn said(rule: &str, rows: &str) -> String {
    let text = format!("columns: {{g: 'str?', a: 'f64?', s: 'str?'}}\nrules:\n  - r: {rule}\n");
    let found = csv(&text, &format!("g,a,s\n{rows}"));
    let rule = found.rules.last().expect("there is a rule");
    format!("{} {}\n{}", rule.state.name(), rule.observed, found.screen(80))
}

const ROWS: &str = "x,1,b\ny,9,b\nx,,\nx,1,c\ny,8,\nx,3,c\ny,8,d\n";

#[test]
fn values_rise_from_row_to_row_within_their_group() {
    assert_snapshot!(said("{increasing: a}", ROWS), @"
    fail 2 of 6 rows out of order (33.3 %, allowed 0)
      ✗ r  a increasing                                                     s.yaml:3
          observed  2 of 6 rows out of order (33.3 %, allowed 0)
          row  line  a before  a
            4     5         9  1
            6     7         8  3
    ");
    assert_snapshot!(said("{increasing: a, by: g}", ROWS), @"
    fail 1 of 6 rows out of order (16.7 %, allowed 0)
      ✗ r  a increasing by g                                                s.yaml:3
          observed  1 of 6 rows out of order (16.7 %, allowed 0)
          row  line  g  a before  a
            5     6  y         9  8
    ");
    assert_snapshot!(said("{decreasing: a, by: [g], strict: true, allow: 3}", ROWS), @"pass 3 of 6 rows out of order (50 %, allowed 3)");
    assert_snapshot!(said("{increasing: s, strict: false}", ROWS), @"pass 0 of 5 rows out of order");
    assert_snapshot!(said("{increasing: a}", "x,1,\nx,NaN,\nx,0,\nx,1,\n"), @"
    fail 1 of 4 rows out of order (25 %, allowed 0)
      ✗ r  a increasing                                                     s.yaml:3
          observed  1 of 4 rows out of order (25 %, allowed 0)
          row  line  a before    a
            2     3         1  NaN
    ");
    assert_snapshot!(said("{increasing: a}", "x,,\nx,,\n"), @"
    inconclusive no value to judge in 2 rows: one would be enough
      ? r  a increasing  (inconclusive)                                     s.yaml:3
          observed  no value to judge in 2 rows: one would be enough
    ");
}

#[test]
fn order_goes_on_over_batches_and_parts() {
    let part = |start: i64, group: &str| {
        df!("k" => (start..start + 40_000).collect::<Vec<_>>(), "g" => vec![group; 40_000])
            .expect("the columns are even")
    };
    let text = "columns: {k: i64, g: str}\nrules:\n  - all: {increasing: k, strict: true}\n  - each: {increasing: k, by: g, strict: true}\n";
    for ending in ["csv", "arrow"] {
        let desk = Desk::new();
        desk.table(&format!("t/a.{ending}"), &part(0, "x"));
        desk.table(&format!("t/b.{ending}"), &part(40_000, "x"));
        assert_eq!(report(text, &desk.path("t")).state, State::Pass, "{ending}");
        desk.table(&format!("t/b.{ending}"), &part(0, "y"));
        let found = report(text, &desk.path("t"));
        let bad: Vec<(u64, u64)> = found.rules.iter().rev().take(2).map(|rule| (rule.bad, rule.examined)).collect();
        assert_eq!(bad, [(0, 80_000), (1, 80_000)], "{ending}\n{}", lines(&found));
        let sample = &found.rules[found.rules.len() - 2].samples[0];
        assert_eq!((sample.part.as_deref(), sample.row), (Some(format!("t/b.{ending}").as_str()), Some(1)));
    }
}

#[test]
fn rows_are_unique_with_a_tolerance_a_condition_and_nulls_as_asked() {
    assert_snapshot!(said("{unique: [a]}", ROWS), @"
    fail 4 rows in 2 duplicate groups
      ✗ r  [a] unique                                                       s.yaml:3
          observed  4 rows in 2 duplicate groups
          row  line  a
            1     2  1
            4     5  1
            5     6  8
            7     8  8
    ");
    assert_snapshot!(said("{unique: [g, s], level: warn}", ROWS), @"
    warn 2 rows in 1 duplicate group, 2 of 5 rows not unique (40 %, allowed 0)
      ! r  [g, s] unique  (warn)                                            s.yaml:3
          observed  2 rows in 1 duplicate group, 2 of 5 rows not unique (40 %,
                    allowed 0)
          row  line  g  s
            4     5  x  c
            6     7  x  c
    ");
    assert_snapshot!(said("{unique: a, when: g = 'x', allow: 50%}", ROWS), @"
    fail 2 rows in 1 duplicate group, 2 of 3 rows not unique (66.7 %, allowed 50 %)
      ✗ r  [a] unique when g = 'x'                                          s.yaml:3
          observed  2 rows in 1 duplicate group, 2 of 3 rows not unique (66.7 %,
                    allowed 50 %)
          row  line  a
            1     2  1
            4     5  1
    ");
    assert_snapshot!(said("{unique: a, when: g = 'z'}", ROWS), @"
    inconclusive no value to judge in 7 rows for which `g = 'z'` holds: one would be enough
      ? r  [a] unique when g = 'z'  (inconclusive)                          s.yaml:3
          observed  no value to judge in 7 rows for which `g = 'z'` holds: one would
                    be enough
    ");
    assert_snapshot!(said("{unique: [g, s], nulls: counted}", "x,1,\nx,2,\n,3,\n,4,\n"), @"
    fail 4 rows in 2 duplicate groups
      ✗ r  [g, s] unique                                                    s.yaml:3
          observed  4 rows in 2 duplicate groups
          row  line  g        s
            1     2  x     null
            2     3  x     null
            3     4  null  null
            4     5  null  null
    ");
    assert_snapshot!(said("{unique: [g, s], nulls: ignored_together}", "x,1,\nx,2,\n,3,\n,4,\n"), @"
    fail 2 rows in 1 duplicate group
      ✗ r  [g, s] unique                                                    s.yaml:3
          observed  2 rows in 1 duplicate group
          row  line  g     s
            1     2  x  null
            2     3  x  null
    ");
}

#[test]
fn nan_that_is_null_is_no_duplicate() {
    let text = "columns: {b: {type: 'f64?', nan: null}}\nrules: [{u: {unique: b}}]\nalso_unique: [[b]]\n";
    assert_snapshot!(lines(&csv(text, "b\nNaN\nNaN\n1\n")), @"
    pass extra_columns  forbid: no other columns
    pass also_unique [b]  unique: 1 row without a duplicate
    pass b  type f64: every value is f64
    pass u  [b] unique: 1 row without a duplicate
    ");
}

#[test]
fn one_value_is_in_no_order() {
    let said = |rows: &str| lines(&csv("columns: {g: i64, x: 'i64?'}\nrules: [{r: {increasing: x, by: g}}]", rows));
    assert_snapshot!(said("g,x\n1,5\n2,6\n2,\n"), @"
    pass extra_columns  forbid: no other columns
    pass g  type i64: every value is i64
    pass g  not null: no null
    pass x  type i64: every value is i64
    inconclusive r  x increasing by g: no value has one before it in 2 rows: two would be enough
    ");
    assert!(said("g,x\n1,5\n2,6\n2,7\n").contains("pass r"));
    assert_snapshot!(lines(&csv("gx_compat: true\ncolumns: {x: i64}\nrules: [{r: {increasing: x}}]", "x\n1\n")), @"
    pass extra_columns  forbid: no other columns
    pass x  type i64: every value is i64
    pass x  not null: no null
    pass r  x increasing: no value has one before it in 1 row: two would be enough
    ");
}
