//! What each kind of rule finds, and what it must not say.

use insta::assert_snapshot;
use polars::prelude::*;
use proptest::prelude::*;

use super::{Desk, csv, lines, report, schema, state_of};
use crate::{Report, State};

/// The report of a CSV file with one column `c`; rows that are to be null are empty and quoted text stays.
fn column(form: &str, cells: &[&str]) -> Report {
    let rows: Vec<String> = cells.iter().enumerate().map(|(row, cell)| format!("{row},{cell}\n")).collect();
    csv(&format!("columns:\n  n: i64\n  c: {form}\n"), &format!("n,c\n{}", rows.concat()))
}

/// The state of the last rule of a column.
fn last(form: &str, cells: &[&str]) -> (State, u64) {
    let report = column(form, cells);
    let rule = report.rules.last().expect("there is a rule");
    (rule.state, rule.bad)
}

#[test]
fn every_kind_of_value_rule_catches_its_defect() {
    let check = |form: &str, good: &str, bad: &str| {
        assert_eq!(last(form, &[good, good]), (State::Pass, 0), "{form} {good}");
        assert_eq!(last(form, &[good, bad, good]), (State::Fail, 1), "{form} {bad}");
    };
    check("i8 1..22", "22", "23");
    check("i8 1..22", "1", "0");
    check("i8 1..<22", "21", "22");
    check("u64 5..", "18446744073709551615", "4");
    check("i64 ..5", "-9223372036854775808", "6");
    check("f64 -2..2", "-2", "2.0000001");
    check("f64 -2..2", "0", "NaN");
    check("f64 0..", "inf", "NaN");
    check("f64 ..0", "-inf", "inf");
    check("f32 0..<1", "0.5", "1");
    check("date 2020-01-01..2020-12-31", "2020-12-31", "2021-01-01");
    check("time 12:00..", "12:00:00", "11:59:59.9");
    check("datetime[ms] ..<2020-01-01", "2019-12-31T23:59:59.999", "2020-01-01T00:00");
    check("datetime[us, UTC] 2020-01-01T00:00Z..", "2020-01-01T01:00+01:00", "2020-01-01T00:59:59+01:00");
    check("str in [live, final]", "live", "Live");
    check("i8 in [1, 3]", "3", "2");
    check("f64 in [0, 0.5, 1]", "0.5", "0.25");
    check("f64 in [0, 1]", "1", "NaN");
    check("date in [2020-01-01]", "2020-01-01", "2020-01-02");
    check("bool in [true]", "true", "false");
    check("str /[a-z]+/", "abc", "abc1");
    check("str /a|ab/", "ab", "abb");
    check("{type: str, find: b+}", "abc", "acc");
    check("str len 2..3", "äöü", "ä");
    check("str len 2..3", "ab", "abcd");
    check("{type: f64, nan: fail}", "inf", "nan");
}

#[test]
fn text_that_is_no_value_breaks_the_type_rule_and_nothing_else() {
    let found = column("i8 1..22", &["1", "abc", "300", "", "30"]);
    assert_snapshot!(lines(&found), @"
    pass extra_columns  forbid: no other columns
    pass n  type i64: every value is i64
    pass n  not null: no null
    fail c  type i8: 2 of 4 values not i8 (50 %, allowed 0)
    fail c  not null: 1 of 5 rows null (20 %, allowed 0)
    fail c  range 1..22: max 30, 1 of 2 values outside (50 %, allowed 0)
    ");
    let samples: Vec<_> = found.rules[3].samples.iter().map(|s| (s.row, s.line, s.cells[0].value.clone())).collect();
    assert_eq!(samples, [(Some(2), Some(3), Some("abc".to_owned())), (Some(3), Some(4), Some("300".to_owned()))]);
}

#[test]
fn nulls_shares_and_duplicates_follow_our_rules_where_tools_differ() {
    let frame = df!(
        "week" => [Some(1i8), Some(99), None, Some(5), Some(6)],
        "game_id" => [Some("a"), Some("a"), Some("x"), None, None],
        "f" => [Some(1.0), Some(f64::NAN), None, Some(2.0), Some(3.0)],
    );
    let text = "also_unique: [[game_id]]\ncolumns: {week: 'i8? 1..22', game_id: str?, f: 'f64'}\n";
    let path = Desk::new();
    let path = (path.table("t.parquet", &frame.expect("the frame is even")), path);
    assert_snapshot!(lines(&report(text, &path.0)), @"
    pass extra_columns  forbid: no other columns
    fail also_unique [game_id]  unique: 2 rows in 1 duplicate group
    pass week  type i8: every value is i8
    fail week  range 1..22: max 99, 1 of 4 values outside (25 %, allowed 0)
    pass game_id  type str: every value is str
    pass f  type f64: every value is f64
    fail f  not null: 1 of 5 rows null (20 %, allowed 0)
    ");
}

#[test]
fn nan_is_what_the_schema_says() {
    let cells = ["0.5", "NaN", "", "NaN"];
    let said = |nan: &str| lines(&column(&format!("{{type: f64?, range: 0..1, nan: {nan}}}"), &cells));
    assert_snapshot!(said("fail"), @"
    pass extra_columns  forbid: no other columns
    pass n  type i64: every value is i64
    pass n  not null: no null
    pass c  type f64: every value is f64
    fail c  range 0..1: 2 NaN, 2 of 3 values outside (66.7 %, allowed 0)
    ");
    assert_snapshot!(said("ok"), @"
    pass extra_columns  forbid: no other columns
    pass n  type i64: every value is i64
    pass n  not null: no null
    pass c  type f64: every value is f64
    pass c  range 0..1: 0 of 3 values outside
    ");
    assert_snapshot!(said("null"), @"
    pass extra_columns  forbid: no other columns
    pass n  type i64: every value is i64
    pass n  not null: no null
    pass c  type f64: every value is f64
    pass c  range 0..1: 0 of 1 value outside
    ");
    assert_eq!(state_of(&column("{type: f64, range: 0..1, nan: null}", &["0.5", "NaN"]), "c  not null"), State::Fail);
}

#[test]
fn what_is_allowed_is_a_share_of_the_rows_examined() {
    let hundred = |bad: usize| -> Vec<&str> { (0..100).map(|n| if n < bad { "9" } else { "1" }).collect() };
    assert_eq!(last("{type: i8, range: 0..5, allow: 2%}", &hundred(2)), (State::Pass, 2));
    assert_eq!(last("{type: i8, range: 0..5, allow: 2%}", &hundred(3)), (State::Fail, 3));
    assert_eq!(last("{type: i8, range: 0..5, allow: 2}", &hundred(3)), (State::Fail, 3));
    assert_eq!(last("{type: i8, range: 0..5, level: warn}", &hundred(1)), (State::Warn, 1));
    assert_eq!(last("{type: i8, range: 0..5, level: info}", &hundred(1)), (State::Pass, 1));
    // Two of the ten are null: of the eight examined a quarter is two.
    let cells = ["9", "9", "1", "1", "1", "1", "1", "1", "", ""];
    assert_eq!(last("{type: i8?, range: 0..5, allow: 24%}", &cells), (State::Fail, 2));
    assert_eq!(last("{type: i8?, range: 0..5, allow: 25%}", &cells), (State::Pass, 2));
}

#[test]
fn a_rule_may_warn_before_it_fails() {
    let hundred = |bad: usize| -> Vec<&str> { (0..100).map(|n| if n < bad { "9" } else { "1" }).collect() };
    let form = "{type: i8, range: 0..5, allow: {warn: 1%, fail: 3}}";
    assert_eq!(last(form, &hundred(1)), (State::Pass, 1));
    assert_eq!(last(form, &hundred(2)), (State::Warn, 2));
    assert_eq!(last(form, &hundred(3)), (State::Warn, 3));
    assert_eq!(last(form, &hundred(4)), (State::Fail, 4));
    let found = column(form, &hundred(2));
    let rule = found.rules.last().expect("there is a rule");
    assert_snapshot!(rule.observed, @"max 9, 2 of 100 rows outside (2 %, allowed 3, warned above 1 %)");
    assert_eq!(column(&form.replace("i8", "i8?"), &[""]).state, State::Inconclusive);
}

#[test]
fn a_level_that_only_warns_does_not_block() {
    assert_eq!(column("{type: i8, range: 0..5, level: warn}", &["9"]).state, State::Warn);
    assert_eq!(column("{type: i8?, range: 0..5, level: warn}", &[""]).state, State::Warn);
    assert_eq!(column("{type: i8, range: 0..5, level: info}", &["9"]).state, State::Pass);
    assert_eq!(column("i8? 0..5", &[""]).state, State::Inconclusive);
}

#[test]
fn missing_extra_and_retyped_columns_are_told() {
    let frame = df!("week" => [1i64, 2], "sprad" => [1.0, 2.0], "b" => ["x", "y"], "a" => ["x", "y"]);
    let desk = Desk::new();
    let path = desk.table("t.parquet", &frame.expect("the frame is even"));
    let text =
        "column_order: exact\nkey: [week]\nrows: 3..\ncolumns: {week: i8 1..22, spread: f64 0..9, a: str, b: str}\n";
    let found = report(text, &path);
    assert_snapshot!(lines(&found), @"
    fail rows  3..: 2 rows
    fail extra_columns  forbid: 1 column not in the schema: `sprad`
    fail column_order  exact: `b` stands where `a` is declared
    inconclusive key [week]  unique: not judged: `week` is stored as i64
    fail week  type i8: stored as i64
    inconclusive week  not null: not judged: `week` is stored as i64
    inconclusive week  range 1..22: not judged: `week` is stored as i64
    fail spread  type f64: the column is missing
    inconclusive spread  not null: not judged: `spread` is missing
    inconclusive spread  range 0..9: not judged: `spread` is missing
    pass a  type str: every value is str
    pass a  not null: no null
    pass b  type str: every value is str
    pass b  not null: no null
    ");
    assert_snapshot!(found.rules.iter().flat_map(|rule| &rule.notes).map(String::as_str).collect::<Vec<_>>().join("\n"), @"the table has `sprad`: renamed?");
    assert_eq!(report(&format!("extra_columns: warn\n{text}"), &path).rules[1].state, State::Warn);
    let allowed = "extra_columns: allow\ncolumns: {a: str}\n";
    assert_eq!(report(allowed, &path).state, State::Pass);
}

#[test]
fn a_column_may_be_called_like_a_pattern() {
    let found = csv("columns:\n  '*': i8 1..2\n  ^a.*$: i8 3..4\n  row: i8\n", "*,^a.*$,row\n1,3,9\n2,9,9\n");
    assert_snapshot!(lines(&found), @"
    pass extra_columns  forbid: no other columns
    pass *  type i8: every value is i8
    pass *  not null: no null
    pass *  range 1..2: 0 of 2 rows outside
    pass ^a.*$  type i8: every value is i8
    pass ^a.*$  not null: no null
    fail ^a.*$  range 3..4: max 9, 1 of 2 rows outside (50 %, allowed 0)
    pass row  type i8: every value is i8
    pass row  not null: no null
    ");
}

#[test]
fn duplicates_are_counted_in_rows_and_groups() {
    let text = "key: [a, b]\nalso_unique: [[a, c]]\ncolumns: {a: i64, b: str, c: i64?}\n";
    let found = csv(text, "a,b,c\n1,x,1\n1,y,\n1,x,\n2,x,3\n1,x,4\n2,x,3\n");
    assert_snapshot!(lines(&found), @"
    pass extra_columns  forbid: no other columns
    fail key [a, b]  unique: 5 rows in 2 duplicate groups
    fail also_unique [a, c]  unique: 2 rows in 1 duplicate group
    pass a  type i64: every value is i64
    pass a  not null: no null
    pass b  type str: every value is str
    pass b  not null: no null
    pass c  type i64: every value is i64
    ");
    let rows: Vec<u64> = found.rules[1].samples.iter().filter_map(|sample| sample.row).collect();
    assert_eq!(rows, [1, 3, 5, 4, 6], "the rows of the first group, then those of the second");
}

#[test]
fn nulls_in_a_key_are_alike_and_elsewhere_they_are_not() {
    let found = csv("key: a\nalso_unique: [[b]]\ncolumns: {a: 'i64?', b: 'i64?'}\n", "a,b\n1,1\n,\n,\n2,2\n");
    assert_snapshot!(lines(&found), @"
    pass extra_columns  forbid: no other columns
    fail key [a]  unique: 2 rows in 1 duplicate group
    pass also_unique [b]  unique: 2 rows without a duplicate
    pass a  type i64: every value is i64
    fail a  not null: 2 of 4 rows null (50 %, allowed 0)
    pass b  type i64: every value is i64
    ");
}

#[test]
fn values_that_do_not_parse_are_not_called_duplicates() {
    let found = csv("key: a\ncolumns: {a: i64}\n", "a\n1\nx\ny\n2\n");
    assert_eq!(state_of(&found, "key [a]  unique"), State::Pass);
    assert_eq!(state_of(&found, "a  type i64"), State::Fail);
}

#[test]
fn a_long_key_is_judged_right_whether_it_rises_or_not() {
    let check = |values: Vec<i64>, expect: (u64, u64)| {
        let frame = DataFrame::new_infer_height(vec![Column::new("k".into(), values)]).expect("one column is even");
        let desk = Desk::new();
        let path = desk.table("t.arrow", &frame);
        let rule = report("key: k\ncolumns: {k: i64}\n", &path).rules.remove(1);
        assert_eq!((rule.bad, rule.examined), expect, "{}", rule.observed);
    };
    let many = 300_000i64;
    check((0..many).collect(), (0, 300_000));
    check((0..many).map(|n| n * 7_919 % 300_007).collect(), (0, 300_000));
    check((0..many).chain([5]).collect(), (2, 300_001));
    check((0..many).map(|n| n / 2).collect(), (300_000, 300_000));
    check((0..many).map(|n| if n == 299_999 { 299_998 } else { n }).collect(), (2, 300_000));
}

#[test]
fn a_kept_report_takes_the_places_of_moved_rules() {
    let mut found = csv("columns:\n  a: i8 1..2\n", "a\n3\n");
    found.cite(&schema("# a comment\n\ncolumns:\n  a: {range: 1..2,\n      type: i8}\n"));
    let cited: Vec<String> = found.rules.iter().map(|rule| format!("{} {}", rule.citation, rule.name())).collect();
    assert_snapshot!(cited.join("\n"), @"
    s.yaml:3 extra_columns  forbid
    s.yaml:4 a  type i8
    s.yaml:4 a  not null
    s.yaml:4 a  range 1..2
    ");
}

#[test]
fn a_report_survives_being_kept() {
    let found = csv("key: a\ncolumns:\n  a: i8 1..2\n", "a\n3\n3\n\n");
    let text = serde_json::to_string(&found).expect("a report is plain data");
    assert_eq!(serde_json::from_str::<Report>(&text).expect("it was just written"), found);
}

/// A column form with a rule that judges values.
fn value_forms() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "i8? 1..22",
        "u32? 0..",
        "f64? -1..1",
        "f32? in [1]",
        "date? 2020-01-01..",
        "datetime? 2020-01-01..",
        "str? in [a]",
        "str? /.*/",
        "str? len 0..",
        "bool? in [true, false]",
        "{type: f64?, nan: fail}",
        "{type: f64?, range: 0..1, nan: null, allow: 100%}",
        "{type: 'str?', find: '', allow: 5}",
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn no_value_rule_passes_without_a_value(form in value_forms(), rows in 0usize..4, ending in prop::sample::select(super::ENDINGS.to_vec())) {
        let read = schema(&format!("columns: {{n: 'i64?', c: {}}}\n", quoted(form)));
        let ty = crate::table::dtype(&read.columns[1].ty);
        let nulls = Series::full_null("c".into(), rows, &ty);
        let numbers = Column::new("n".into(), vec![1i64; rows]);
        let frame = DataFrame::new(rows, vec![numbers, nulls.into()]).expect("the columns are even");
        let desk = Desk::new();
        let text = format!("also_unique: [[c]]\ncolumns: {{n: 'i64?', c: {}}}\n", quoted(form));
        let found = report(&text, &desk.table(&format!("t.{ending}"), &frame));
        prop_assert!(found.state > State::Warn, "{}", lines(&found));
        for rule in found.rules.iter().filter(|rule| rule.subject != "n" && rule.subject != "extra_columns") {
            let is_type = rule.rule.starts_with("type");
            prop_assert!(rule.state != State::Pass || (is_type && rows > 0), "{}", lines(&found));
        }
    }
}

/// Quotes a short form for use within braces.
fn quoted(form: &str) -> String {
    if form.starts_with('{') { form.to_owned() } else { format!("'{form}'") }
}
