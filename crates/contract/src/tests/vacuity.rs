//! No pass without evidence, whatever the rules.
//!
//! The property, for random schemas and tables that are empty, all null, of one row or constant: a rule that passes has
//! examined something (`examined > 0`); on an empty or all-null table none of the rules about values passes and the whole
//! is worse than a warning; with one row nothing passes that takes two to tell.

use std::fmt::Write;

use proptest::prelude::*;

use super::{Desk, ENDINGS, lines, report};
use crate::{Report, RuleReport, State};
use polars::prelude::{Column, DataFrame, NamedFrom, Series};

/// Columns with the type that is declared and a value that keeps every rule below.
const FORMS: [(&str, &str); 8] = [
    ("i64", "0..9"),
    ("f64", "0..9"),
    ("str", "len 0.."),
    ("str", "/a*1?/"),
    ("date", "1970-01-01.."),
    ("any", "0..9"),
    ("i64", "in [1]"),
    ("f64", "0..<9"),
];

/// Rules on the column `c`, which hold for every value of the tables below.
const RULES: [&str; 12] = [
    "{check: c = c}",
    "{check: \"c in [1, 2] or c <> 3\"}",
    "{check: c = c, when: c is not null, allow: 100%}",
    "{check: count(c) >= 1}",
    "{check: max(c) >= min(c)}",
    "{check: n_unique(c) >= 1}",
    "{check: most_common(c) = most_common(c)}",
    "{check: max(c) >= min(c), by: n}",
    "{increasing: c}",
    "{decreasing: c, by: n, allow: 100%}",
    "{unique: c, allow: 100%}",
    "{unique: [c, n], when: n = 1, allow: 100%}",
];

/// Of these one row is not enough, and a constant column breaks the first.
const PAIRS: [&str; 2] = ["complete: {f: {columns: c, constant: forbid}}\n", "rules: [{r: std(c) >= 0}]\n"];

/// The rules that say something of a table without values: how many rows, which columns.
fn is_about_values(rule: &RuleReport) -> bool {
    rule.subject != "n" && rule.subject != "extra_columns" && !rule.rule.starts_with("type")
}

fn schema_text(form: (&str, &str), rules: &[usize]) -> String {
    let mut text = format!("columns: {{n: 'i64?', c: '{}? {}'}}\nalso_unique: [[c]]\n", form.0, form.1);
    if !rules.is_empty() {
        text += "rules:\n";
    }
    for at in rules {
        // Numbers are compared with numbers only.
        let is_number = matches!(form.0, "i64" | "f64" | "any");
        if is_number || !RULES[*at].contains("[1, 2]") {
            let _ = writeln!(text, "  - r{at}: {}", RULES[*at]);
        }
    }
    if text.ends_with("rules:\n") { text.replace("rules:\n", "") } else { text }
}

/// A table of `rows` rows in which `c` is null or has one value.
fn table(ty: &str, rows: usize, has_values: bool, ending: &str, text: &str) -> Report {
    let number = |value: i64| Series::new("c".into(), vec![value; rows]);
    let stored = crate::Type::parse(if ty == "any" { "i64" } else { ty }).expect("the type is valid");
    let dtype = crate::table::dtype(&stored);
    let cells = match (has_values, ty) {
        (false, _) => Series::full_null("c".into(), rows, &dtype),
        (true, "str") => Series::new("c".into(), vec!["1"; rows]),
        (true, "date") => number(1)
            .cast(&polars::prelude::DataType::Int32)
            .and_then(|days| days.cast(&dtype))
            .expect("days are dates"),
        (true, _) => number(1).cast(&dtype).expect("one is a number"),
    };
    let frame = DataFrame::new(rows, vec![Column::new("n".into(), vec![1i64; rows]), cells.into()]);
    let desk = Desk::new();
    report(text, &desk.table(&format!("t.{ending}"), &frame.expect("the columns are even")))
}

#[test]
fn a_table_without_rows_says_nothing_of_a_column_that_may_be_absent() {
    let empty = polars::df!("x" => [0_i64; 0]).expect("one column is even");
    for ending in ENDINGS {
        let desk = Desk::new();
        let path = desk.table(&format!("t.{ending}"), &empty);
        let found = report("extra_columns: allow\ncolumns: {zz: {type: f64, optional: true}}", &path);
        assert_eq!(found.state, State::Inconclusive, "{ending}: {}", lines(&found));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_passes_on_no_evidence(
        form in prop::sample::select(FORMS.to_vec()),
        rules in prop::sample::subsequence((0..RULES.len()).collect::<Vec<_>>(), 0..=4),
        rows in 0usize..3,
        ending in prop::sample::select(ENDINGS.to_vec()),
    ) {
        let text = schema_text(form, &rules);
        let found = table(form.0, rows, false, ending, &text);
        prop_assert!(found.state > State::Warn, "{text}{}", lines(&found));
        for rule in &found.rules {
            prop_assert!(rule.state != State::Pass || !is_about_values(rule), "{text}{}", lines(&found));
        }
    }

    #[test]
    fn what_passes_has_examined_something(
        form in prop::sample::select(FORMS.to_vec()),
        rules in prop::sample::subsequence((0..RULES.len()).collect::<Vec<_>>(), 0..=4),
        rows in 1usize..4,
        ending in prop::sample::select(ENDINGS.to_vec()),
    ) {
        let text = schema_text(form, &rules);
        let found = table(form.0, rows, true, ending, &text);
        for rule in &found.rules {
            prop_assert!(rule.state != State::Pass || rule.examined > 0, "{text}{}", lines(&found));
        }
    }

    #[test]
    fn one_row_does_not_show_what_takes_two(
        ty in prop::sample::select(vec!["i64", "f64", "any"]),
        pair in prop::sample::select(PAIRS.to_vec()),
        ending in prop::sample::select(ENDINGS.to_vec()),
    ) {
        let text = format!("columns: {{n: i64, c: '{ty}?'}}\n{pair}");
        let one = table(ty, 1, true, ending, &text);
        prop_assert_eq!(one.state, State::Inconclusive, "{}{}", text, lines(&one));
        let constant = table(ty, 3, true, ending, &text);
        let expect = if pair.starts_with("complete") { State::Fail } else { State::Pass };
        prop_assert_eq!(constant.state, expect, "{}{}", text, lines(&constant));
    }
}
