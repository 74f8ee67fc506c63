//! Columns of any type, and the null rule of Great Expectations.

use insta::assert_snapshot;
use polars::prelude::*;

use super::{Desk, csv, lines, report};
use crate::State;

const ANY: &str = "columns: {n: any 0..10, f: 'any? 0.5..2', s: 'any? len 1..2', b: any?, e: 'any? 0..1'}\n\
                   rules:\n  - m: n + f > 1\n  - t: \"s in ['a', 'bb']\"\n  - x: \"b is null or n = 1\"\n  - q: avg(n) > f\n";

#[test]
fn a_column_of_any_type_is_judged_as_what_it_is() {
    let text = ANY.replace("  - q: avg(n) > f\n", "  - q: avg(n) > 2\n");
    let found = csv(&text, "n,f,s,b,e\n1,1.5,a,true,\n12,0,ccc,,\n3,,,,\n");
    assert_snapshot!(lines(&found), @"
    pass extra_columns  forbid: no other columns
    pass n  type any: any type is right
    pass n  not null: no null
    fail n  range 0..10: max 12, 1 of 3 rows outside (33.3 %, allowed 0)
    pass f  type any: any type is right
    fail f  range 0.5..2: min 0, 1 of 2 values outside (50 %, allowed 0)
    pass s  type any: any type is right
    fail s  len 1..2: 1 of 2 values of another length (50 %, allowed 0)
    pass b  type any: any type is right
    pass e  type any: any type is right
    inconclusive e  range 0..1: no value to judge in 3 rows: one would be enough
    pass m  n + f > 1: 0 of 2 rows against it
    fail t  s in ['a', 'bb']: 1 of 2 rows against it (50 %, allowed 0)
    pass x  b is null or n = 1: 0 of 3 rows against it
    pass q  avg(n) > 2: avg(n) 5.33333
    ");
}

#[test]
fn a_rule_on_values_of_another_type_cannot_be_judged() {
    let frame = df!("n" => ["x", "y"], "f" => [1i64, 2], "s" => [1i64, 2]).expect("the columns are even");
    let text = "columns: {n: any 0..10, f: 'any 0.5..1.5', s: any len 1..2}\nrules:\n  - m: n > 1\n  - t: \"f < 1.5\"\n  - d: is_date(s, '%Y')\n";
    let desk = Desk::new();
    assert_snapshot!(lines(&report(text, &desk.table("t.parquet", &frame))), @"
    pass extra_columns  forbid: no other columns
    pass n  type any: any type is right
    pass n  not null: no null
    inconclusive n  range 0..10: not judged: `n`: str does not lie between the bounds 0..10
    pass f  type any: any type is right
    pass f  not null: no null
    fail f  range 0.5..1.5: max 2, 1 of 2 rows outside (50 %, allowed 0)
    pass s  type any: any type is right
    pass s  not null: no null
    inconclusive s  len 1..2: not judged: `s`: i64 has no length
    inconclusive m  n > 1: not judged: `n` is str, and is compared with 1
    fail t  f < 1.5: 1 of 2 rows against it (50 %, allowed 0)
    inconclusive d  is_date(s, '%Y'): not judged: `s` is i64, not text
    ");
}

/// States of the rules under both traditions, native first.
fn both(rules: &str, content: &str) -> String {
    let state = |top: &str| {
        let found = csv(&format!("{top}{rules}"), content);
        found.rules.iter().map(|rule| rule.state.name()).collect::<Vec<_>>().join(" ")
    };
    format!("native: {}\ncompat: {}", state(""), state("gx_compat: true\n"))
}

#[test]
fn great_expectations_leaves_nulls_and_nan_out_and_passes_on_nothing() {
    let rules = "extra_columns: allow\ncolumns: {x: 'f64? 0..1', y: 'i64? 0..1'}\nrules:\n  - u: {unique: x}\n  - r: y > 0\n  - w: {check: x > 0, when: y > 9}\n  - i: {increasing: y}\n  - a: avg(y) > 0\n";
    assert_snapshot!(both(rules, "x,y\n0.5,\nNaN,\nNaN,\n"), @"
    native: pass fail pass inconclusive fail inconclusive inconclusive inconclusive inconclusive
    compat: pass pass pass pass pass pass pass pass inconclusive
    ");
    assert_snapshot!(both(rules, "x,y\n"), @"
    native: inconclusive inconclusive inconclusive inconclusive inconclusive inconclusive inconclusive inconclusive inconclusive
    compat: pass pass pass pass pass pass pass pass inconclusive
    ");
    assert_snapshot!(both("extra_columns: allow\ncolumns: {x: 'f64'}\n", "x\n1\nNaN\n"), @"
    native: pass pass
    compat: pass fail
    ");
}

#[test]
fn mostly_is_the_least_share_that_is_good_as_floats_compare_it() {
    let state = |mostly: &str, bad: usize, all: usize| {
        let cells: Vec<&str> = (0..all).map(|row| if row < bad { "9" } else { "1" }).collect();
        let text = format!("gx_compat: true\ncolumns: {{x: {{type: i64, range: 0..5, mostly: {mostly}}}}}\n");
        csv(&text, &format!("x\n{}\n", cells.join("\n"))).state
    };
    assert_eq!(state("0.95", 1, 20), State::Pass);
    assert_eq!(state("0.95", 2, 20), State::Fail);
    assert_eq!(state("0.7", 3, 10), State::Pass);
    assert_eq!(state("0.1", 9, 10), State::Pass);
    assert_eq!(state("1", 0, 10), State::Pass);
    assert_eq!(state("0.0", 10, 10), State::Pass);
}

#[test]
fn all_copies_of_a_duplicate_are_bad() {
    let text = "gx_compat: true\ncolumns: {x: any?}\nrules:\n  - u: {unique: x, mostly: 0.5}\n";
    assert_snapshot!(lines(&csv(text, "x\na\na\nb\nc\n\n")), @"
    pass extra_columns  forbid: no other columns
    pass x  type any: any type is right
    pass u  [x] unique: 2 rows in 1 duplicate group, 2 of 4 rows not unique (50 %, allowed mostly 0.5)
    ");
    assert_eq!(csv(text, "x\na\na\na\nc\n\n").state, State::Fail);
}
