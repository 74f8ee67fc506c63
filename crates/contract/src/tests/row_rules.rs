//! Rules on several columns of a row: what they mean, and what is said of one that cannot be read.

use std::collections::BTreeSet;

use insta::assert_snapshot;
use lockgate_spanned::{Problems, Source};
use polars::prelude::*;

use super::{Desk, ENDINGS, csv, lines, report, schema};
use crate::{Report, Schema, State};

const COLUMNS: &str = "columns: {a: 'i64?', b: 'f64?', s: 'str?', t: 'bool?', d: 'date?', u: 'u64?', i: 'i8?'}\n";
const HEADER: &str = "a,b,s,t,d,u,i\n";

/// The report of one rule on rows of the columns above.
fn rows(rule: &str, rows: &[&str]) -> Report {
    csv(&format!("{COLUMNS}rules:\n  - r: {rule}\n"), &format!("{HEADER}{}\n", rows.join("\n")))
}

/// What becomes of one row: held, broken or not examined.
fn row(rule: &str, cells: &str) -> &'static str {
    let found = rows(&format!("\"{rule}\""), &[cells]);
    let last = found.rules.last().expect("there is a rule");
    match last.state {
        State::Pass => "held",
        State::Fail => "broken",
        State::Inconclusive => "not examined",
        State::Warn => "warned",
        State::Review => "to be looked at",
    }
}

#[test]
fn every_operator_tells_its_rows_apart() {
    let check = |rule: &str, good: &str, bad: &str| {
        assert_eq!((row(rule, good), row(rule, bad)), ("held", "broken"), "{rule}");
    };
    check("a = 3", "3,,,,,,", "4,,,,,,");
    check("a <> 3", "4,,,,,,", "3,,,,,,");
    check("3 < a", "4,,,,,,", "3,,,,,,");
    check("a >= 3 and a <= 5", "5,,,,,,", "6,,,,,,");
    check("a < 3 or a > 5", "6,,,,,,", "4,,,,,,");
    check("not a = 3", "4,,,,,,", "3,,,,,,");
    check("a in [1, -2]", "-2,,,,,,", "2,,,,,,");
    check("a not in [1, 2]", "3,,,,,,", "2,,,,,,");
    check("a = b", "3,3.0,,,,,", "3,3.5,,,,,");
    check("a > 1.5", "2,,,,,,", "1,,,,,,");
    check("a + b * 2 = 7", "1,3,,,,,", "3,1,,,,,");
    check("(a + b) * 2 = 8", "1,3,,,,,", "1,2,,,,,");
    check("a - b - 1 = 0", "3,2,,,,,", "3,3,,,,,");
    check("a / b = 0.5", "1,2,,,,,", "1,0,,,,,");
    check("abs(a - b) < 2", "1,2.5,,,,,", "1,3,,,,,");
    check("-a > 2", "-3,,,,,,", "3,,,,,,");
    check("i + i + i = 300", ",,,,,,100", ",,,,,,99");
    check("len(s) = 2", ",,\u{e4}\u{f6},,,,", ",,abc,,,,");
    check("s = 'it''s'", ",,it's,,,,", ",,its,,,,");
    check("s < 'b'", ",,az,,,,", ",,b,,,,");
    check("d >= '2024-02-29'", ",,,,2024-02-29,,", ",,,,2024-02-28,,");
    check("t", ",,,true,,,", ",,,false,,,");
    check("not t or a > 0", "1,,,true,,,", "0,,,true,,,");
    check("t = false", ",,,false,,,", ",,,true,,,");
    check("u = 18446744073709551615", ",,,,,18446744073709551615,", ",,,,,18446744073709551614,");
    check("a is not null", "1,,,,,,", ",1,,,,,");
    check("a is null and b is null", ",,x,,,,", ",1,,,,,");
    check("`a` = 1", "1,,,,,,", "2,,,,,,");
}

#[test]
fn null_is_neither_kept_nor_broken_unless_the_rule_asks_for_it() {
    let check = |rule: &str, cells: &str, expect: &str| assert_eq!(row(rule, cells), expect, "{rule} on {cells}");
    check("a > 3", ",1,,,,,", "not examined");
    check("not a > 3", ",1,,,,,", "not examined");
    check("a > 3 or b > 0", ",1,,,,,", "held");
    check("a > 3 and b > 0", ",1,,,,,", "not examined");
    check("a > 3 and b > 0", ",0,,,,,", "broken");
    check("a in [1, 2]", ",1,,,,,", "not examined");
    check("a + b > 0", ",1,,,,,", "not examined");
    check("a is not null and a > 3", ",1,,,,,", "broken");
    check("b = b", ",NaN,,,,,", "broken");
    check("b <> 1", ",NaN,,,,,", "held");
    check("b > 1", ",NaN,,,,,", "broken");
    check("a / b > 1", "0,0,,,,,", "broken");
}

#[test]
fn text_that_is_no_value_is_not_null_and_not_examined() {
    assert_eq!(row("a is null", "x,,,,,,"), "broken");
    assert_eq!(row("a > 3", "x,,,,,,"), "not examined");
}

#[test]
fn nan_that_counts_as_null_is_null() {
    let text = "columns: {b: {type: 'f64?', nan: null}}\nrules: [{r: b > 1}, {n: b is null}]\n";
    let found = csv(text, "b\nNaN\n2\n");
    assert_snapshot!(lines(&found), @"
    pass extra_columns  forbid: no other columns
    pass b  type f64: every value is f64
    pass r  b > 1: 0 of 1 row against it
    fail n  b is null: 1 of 2 rows against it (50 %, allowed 0)
    ");
}

const SCORES: &str =
    "key: id\ncolumns: {id: i64, status: 'str in [final, live]', home: 'i16?', away: 'i16?'}\nrules:\n";

#[test]
fn a_broken_row_rule_is_shown_with_key_columns_and_its_own() {
    let text = format!(
        "{SCORES}  - teams-differ: home <> away\n  - final-has-score:\n      when: status = 'final'\n      check: home is not null and away is not null\n"
    );
    let found = csv(&text, "id,status,home,away\n1,final,3,4\n2,final,,4\n3,live,,\n4,final,7,7\n5,live,8,8\n");
    assert_snapshot!(found.screen(80), @"
    ✗ teams-differ  home <> away                                          s.yaml:4
        observed  2 of 3 rows against it (66.7 %, allowed 0)
        row  line  id  home  away
          4     5   4     7     7
          5     6   5     8     8

    ✗ final-has-score  home is not null and away is not null when status = 'final'
        s.yaml:5
        observed  1 of 3 rows against it (33.3 %, allowed 0)
        row  line  id  status  home  away
          2     3   2  final   null     4
    ");
}

#[test]
fn a_rule_that_has_seen_no_row_is_inconclusive() {
    let rules = "  - none: {when: home > 99, check: home > 1}\n  - nulls: away > 1\n";
    let found = csv(&format!("{SCORES}{rules}"), "id,status,home,away\n1,final,3,\n2,live,4,\n");
    assert_snapshot!(lines(&found), @"
    pass extra_columns  forbid: no other columns
    pass key [id]  unique: 2 rows without a duplicate
    pass id  type i64: every value is i64
    pass id  not null: no null
    pass status  type str: every value is str
    pass status  not null: no null
    pass status  in [final, live]: 0 of 2 rows not in the set
    pass home  type i16: every value is i16
    pass away  type i16: every value is i16
    inconclusive none  home > 1 when home > 99: `when` holds in none of 2 rows
    inconclusive nulls  away > 1: no value to judge in 2 rows: a column is null in each
    ");
    let found = csv(&format!("{SCORES}{rules}"), "id,status,home,away\n");
    assert_eq!(found.rules.last().map(|rule| rule.observed.as_str()), Some("the table has no rows"));
    let found = csv(&format!("{SCORES}{rules}"), "id,status,home\n1,final,3\n");
    assert_eq!(found.rules.last().map(|rule| rule.observed.as_str()), Some("not judged: `away` is missing"));
}

#[test]
fn a_row_rule_has_a_tolerance_and_a_level() {
    let said = |rule: &str| {
        let found = rows(rule, &["1,,,,,,", "2,,,,,,", "3,,,,,,", ",1,,,,,"]);
        let rule = found.rules.last().expect("there is a rule");
        format!("{} {}", rule.state.name(), rule.observed)
    };
    assert_snapshot!(said("{check: a < 3, allow: 1}"), @"pass 1 of 3 rows against it (33.3 %, allowed 1)");
    assert_snapshot!(said("{check: a < 3, allow: 33%}"), @"fail 1 of 3 rows against it (33.3 %, allowed 33 %)");
    assert_snapshot!(said("{check: a < 3, allow: 34%}"), @"pass 1 of 3 rows against it (33.3 %, allowed 34 %)");
    assert_snapshot!(said("{check: a < 3, level: warn}"), @"warn 1 of 3 rows against it (33.3 %, allowed 0)");
    assert_snapshot!(said("{check: a < 3, allow: {warn: 0, fail: 2}}"), @"warn 1 of 3 rows against it (33.3 %, allowed 2, warned above 0)");
}

#[test]
fn row_rules_are_the_same_in_every_format() {
    let frame = df!("a" => [Some(1i64), None, Some(3)], "b" => [Some(1.0), Some(2.0), Some(f64::NAN)]);
    let frame = frame.expect("the columns are even");
    // JSON has no NaN.
    for ending in ENDINGS.into_iter().filter(|ending| *ending != "jsonl") {
        let desk = Desk::new();
        let text = "columns: {a: 'i64?', b: 'f64?'}\nrules: [{r: a = b}]\n";
        let found = report(text, &desk.table(&format!("t.{ending}"), &frame));
        let rule = found.rules.last().expect("there is a rule");
        assert_eq!((rule.bad, rule.examined, rule.samples[0].row), (1, 2, Some(3)), "{ending}");
    }
}

#[test]
fn an_instant_is_compared_in_the_unit_it_is_stored_in() {
    let ticks = Column::new("d".into(), [1_704_067_200_000i64, 1_704_067_200_001]);
    let instants = ticks.cast(&DataType::Datetime(TimeUnit::Milliseconds, None)).expect("numbers are instants");
    let frame = DataFrame::new(2, vec![instants]).expect("one column is even");
    let desk = Desk::new();
    let text = "columns: {d: datetime}\nrules: [{r: d <= '2024-01-01T00:00'}]\n";
    let found = report(text, &desk.table("t.parquet", &frame));
    assert_eq!(found.rules.last().map(|rule| (rule.bad, rule.examined)), Some((1, 2)));
    let finer = "columns: {d: datetime ..2024-01-01T00:00:00.0005}\n";
    let found = report(finer, &desk.table("t.parquet", &frame));
    assert_eq!(found.rules.last().map(|rule| (rule.bad, rule.examined)), Some((1, 2)), "a bound between two ticks");
}

/// One line a problem: place, message, next step.
pub(super) fn problems(rules: &str) -> String {
    let source = Source::new("s.yaml", format!("rules:\n{rules}\n{COLUMNS}"));
    let mut problems = Problems::default();
    assert_eq!(Schema::read(&source, &mut problems).is_none(), !problems.is_empty());
    let line = |p: &lockgate_spanned::Problem| {
        format!("{} {} -> {}", p.cite(), p.message(), p.next_step().unwrap_or("(no next step)"))
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Each expression with what is said of it.
fn said(expressions: &[&str]) -> String {
    let one = |text: &&str| {
        let quoted = text.replace('"', "\\\"");
        format!("{text}\n    {}", problems(&format!("- r: \"{quoted}\"")).replace('\n', "\n    "))
    };
    expressions.iter().map(one).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_mistake_in_the_grammar_is_told_with_its_place() {
    let expressions = ["a <", "a < 3 b", "1 < a < 3", "(a < 3", "a is 3", "a in []", "s = 'x", "a ? 3", "null = a"];
    assert_snapshot!(said(&expressions), @"
    a <
        s.yaml:2:9 the expression ends too early -> a column or a value is missing here
    a < 3 b
        s.yaml:2:13 the expression should end here -> join two conditions by `and` or `or`
    1 < a < 3
        s.yaml:2:13 a comparison has two sides -> write `1 < a and a < 3`
    (a < 3
        s.yaml:2:12 `)` is missing here -> add `)`
    a is 3
        s.yaml:2:12 after `is` comes `null` or `not null` -> compare values with `=`
    a in []
        s.yaml:2:7 the set is empty -> list the values that are allowed
    s = 'x
        s.yaml:2:11 the quoted text has no end -> add '
    a ? 3
        s.yaml:2:9 `?` is not part of an expression -> an expression is made of columns, numbers, 'text', comparisons, and, or, not, + - * / and parentheses
    null = a
        s.yaml:2:7 `null` stands where a value is needed -> put a column of that name between backticks
    ");
}

#[test]
fn a_mistake_in_the_types_is_told_with_its_place() {
    assert_snapshot!(said(&TYPE_MISTAKES), @"
    aa < 3 and beta > 1
        s.yaml:2:7 the expression names `aa`, which is not a declared column -> declare it under `columns`
        s.yaml:2:18 the expression names `beta`, which is not a declared column -> declare it under `columns`
    s = 3
        s.yaml:2:11 `3` is not a value of type str -> put it in quotes: '3'
    a = 'x' or s = d
        s.yaml:2:11 'x' is not a value of type i64 -> i64 holds whole numbers -9223372036854775808 to 9223372036854775807
        s.yaml:2:18 str is compared with date -> both sides of a comparison need the same type; any two numbers will do, but u64 with signed ones
    d > '2024-02-30'
        s.yaml:2:11 '2024-02-30' is not a value of type date -> a date is written 2024-12-31
    i < 300
        s.yaml:2:11 `300` is not a value of type i8 -> i8 holds whole numbers -128 to 127
    u < a
        s.yaml:2:7 u64 is compared with i64 -> both sides of a comparison need the same type; any two numbers will do, but u64 with signed ones
    a and t
        s.yaml:2:7 `a` is i64, not a condition -> compare it with something: `week > 0`
    a + s > 1
        s.yaml:2:11 this is str, not a number -> compute with numbers
    t + 1 > 0
        s.yaml:2:7 this is bool, not a number -> compute with numbers
    1 = 1
        s.yaml:2:7 two constants are compared -> name the column that is meant
    not 'x'
        s.yaml:2:11 this is a value, not a condition -> compare it with something: `week > 0`
    a
        s.yaml:2:7 `a` is i64, not a condition -> compare it with something: `week > 0`
    a + 1 is null
        s.yaml:2:7 `is null` asks for a column -> a computed value is null when a column in it is
    a in [1, b]
        s.yaml:2:16 a set holds constants -> compare with `=` and `or`
    3 in [1]
        s.yaml:2:7 a constant is looked for in a set -> name the column that is meant
    abs(s) > 1
        s.yaml:2:11 this is str, not a number -> compute with numbers
    ABS(a) > 1
        s.yaml:2:7 there is no function `ABS` -> did you mean `abs`?
    len(a) > 1
        s.yaml:2:11 i64 has no length -> len is for text: write len(text(…))
    len() > 1
        s.yaml:2:7 `len` needs one value, and has 0 -> name a column in the parentheses
    sqrt(a) > 1
        s.yaml:2:7 there is no function `sqrt` -> functions: abs, len, text, matches, find, is_date, is_nan, count, sum, avg, min, max, median, std, n_unique, share_null, share_unique, share_zero, most_common, quantile
    (a < 3) = t
        s.yaml:2:7 this is a condition, not a value -> join conditions by `and` and `or`
    ");
}

const TYPE_MISTAKES: [&str; 21] = [
    "aa < 3 and beta > 1",
    "s = 3",
    "a = 'x' or s = d",
    "d > '2024-02-30'",
    "i < 300",
    "u < a",
    "a and t",
    "a + s > 1",
    "t + 1 > 0",
    "1 = 1",
    "not 'x'",
    "a",
    "a + 1 is null",
    "a in [1, b]",
    "3 in [1]",
    "abs(s) > 1",
    "ABS(a) > 1",
    "len(a) > 1",
    "len() > 1",
    "sqrt(a) > 1",
    "(a < 3) = t",
];

#[test]
fn each_mistake_in_the_list_of_rules_is_told() {
    let said = problems(
        "- a < 3\n- r: a < 3\n- r: a < 4\n- x: {chek: a < 3}\n- y: {check: a < 3, when: aa = 1, level: wrn}\n- z: [a]\n- p: a < 1\n  q: a < 2",
    );
    assert_snapshot!(said, @"
    s.yaml:2:3 a rule is a string, without a name -> write a list of named rules: `- teams-differ: home <> away`
    s.yaml:4:3 two rules are called `r` -> rename one: a rule is known by its name
    s.yaml:5:3 rule `x` has no `check` -> add `check: home <> away`, or `increasing: kickoff`, or `unique: [season, week]`
    s.yaml:5:7 rule `x` has no key `chek` -> did you mean `check`?
    s.yaml:6:27 the expression names `aa`, which is not a declared column -> declare it under `columns`
    s.yaml:6:42 `level` cannot be `wrn` -> did you mean `warn`?
    s.yaml:7:6 `z` is a list, not one value -> write `z: VALUE`
    s.yaml:8:3 a rule has one name -> indent its keys below the name, and start each rule with `-`
    ");
    assert_snapshot!(problems("  r: a < 3"), @"s.yaml:2:3 `rules` is a mapping, not a list -> write a list of named rules: `- teams-differ: home <> away`");
}

#[test]
fn nesting_and_length_have_limits() {
    let nested = format!("- r: \"{}a < 3{}\"", "(".repeat(60), ")".repeat(60));
    let long = format!("- r: \"a < 3{}\"", " and a < 3".repeat(200));
    assert_snapshot!(format!("{}\n{}", problems(&nested), problems(&long)), @"
    s.yaml:2:57 the expression is nested too deeply -> split it into several rules
    s.yaml:2:7 the expression is too long -> split it into several rules
    ");
}

#[test]
fn a_rule_has_one_normal_form_however_it_is_spaced() {
    let form = |rule: &str| {
        let bytes = schema(&format!("{COLUMNS}rules:\n  - r: {rule}\n")).normal_form();
        String::from_utf8(bytes).expect("the normal form is text")
    };
    assert_eq!(form("\"a<3 and (s!='x')\""), form("{doc: words, check: \"(a < 3) and s <> 'x'\"}"));
    assert!(
        form("a - (b - 1) > 2")
            .ends_with(r#""rules":[{"name":"r","check":"a - (b - 1) > 2","when":null,"allow":"0","level":"fail"}]}"#)
    );
    let different = [
        "a < 3 and (b < 3 or t)",
        "(a < 3 and b < 3) or t",
        "not (a < 3 and t)",
        "not a < 3 and t",
        "a - (b - 1) > 2",
        "a - b - 1 > 2",
        "-(a + b) > 2",
        "-a + b > 2",
        "{check: t, when: a < 3}",
        "{check: t, allow: 1}",
        "t",
    ];
    let forms: BTreeSet<String> = different.iter().map(|rule| form(rule)).collect();
    assert_eq!(forms.len(), different.len());
}

proptest::proptest! {
    #[test]
    fn no_expression_makes_the_reader_panic(text in "[abst01 .()<>=+*/'\\[\\],`-]{0,40}|(a|b|and|or|not|is|null|in|[(]|[)]|<|1| ){0,12}") {
        problems(&format!("- r: '{}'", text.replace('\'', "''")));
    }
}
