//! Functions of one value in conditions on rows.

use insta::assert_snapshot;

use super::csv;
use crate::State;

const COLUMNS: &str = "columns: {a: 'i64?', f: 'f64?', s: 'str?', t: 'bool?', d: 'date?', k: 'datetime[us]?'}\n";

/// Says whether the one row keeps the rule.
fn holds(rule: &str, cells: &str) -> State {
    let rule = rule.replace('\\', "\\\\");
    let text = format!("{COLUMNS}rules:\n  - r: \"{rule}\"\n");
    csv(&text, &format!("a,f,s,t,d,k\n{cells}\n")).rules.last().expect("there is a rule").state
}

#[test]
fn every_function_tells_its_rows_apart() {
    let check = |rule: &str, good: &str, bad: &str| {
        assert_eq!((holds(rule, good), holds(rule, bad)), (State::Pass, State::Fail), "{rule}");
    };
    check("matches(s, '[A-Z]{2,3}')", ",,KC,,,", ",,xKC,,,");
    check("find(s, '[A-Z]{2}')", ",,xKC,,,", ",,xK,,,");
    check("not find(s, '^ ')", ",,x,,,", ",,\" x\",,,");
    check("matches(text(a), '\\d{4}')", "2024,,,,,", "24,,,,,");
    check("len(text(f)) = 3", ",1,,,,", ",1.25,,,,");
    check("text(f) = '1e+16'", ",1e16,,,,", ",1e15,,,,");
    check("text(t) = 'true'", ",,,true,,", ",,,false,,");
    check("text(d) = '2024-02-29'", ",,,,2024-02-29,", ",,,,2024-02-28,");
    check("is_date(s, '%Y-%m-%d')", ",,2024-02-29,,,", ",,2023-02-29,,,");
    check("is_date(text(a), '%Y%m%d')", "20240229,,,,,", "20230229,,,,,");
    check("not is_nan(f)", ",1,,,,", ",NaN,,,,");
    check("d > '2024-01-01' or k < '2024-01-01T12:00'", ",,,,2024-01-02,", ",,,,2024-01-01,2024-01-01T12:00");
}

#[test]
fn a_function_of_null_is_null() {
    for rule in
        ["matches(s, 'x')", "find(s, 'x')", "is_date(s, '%Y')", "is_nan(f)", "len(text(f)) > 0", "text(a) = '1'"]
    {
        assert_eq!(holds(rule, ",,,true,,"), State::Inconclusive, "{rule}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "most of it is the snapshot")]
fn a_mistake_in_a_call_is_told_with_its_place() {
    let said = |rule: &str| super::row_rules::problems(&format!("- r: \"{rule}\""));
    let rules = [
        "matches(a, 'x')",
        "matches(s)",
        "matches(s, '[')",
        "matches(s, s)",
        "find('x', 'y')",
        "is_date(s, '%Q')",
        "is_date(s, 3)",
        "is_nan(a)",
        "matches(s, 'x') = true",
        "text(3) = '3'",
        "text(a) > 3",
        "contains(s, 'x')",
        "mean(a) > 3",
        "avg(s) > 1",
        "max(t) = true",
        "quantile(a, 90) > 1",
        "quantile(a) > 1",
        "sum(avg(a)) > 1",
        "avg(1) > 1",
        "a > avg(a)",
        "count(a, b) > 1",
        "max(d) > 3",
    ];
    let said: Vec<String> = rules.iter().map(|rule| format!("{rule}\n    {}", said(rule))).collect();
    assert_snapshot!(said.join("\n"), @"
    matches(a, 'x')
        s.yaml:2:15 this is i64, not text -> it is for text: put text(…) around the value
    matches(s)
        s.yaml:2:7 `matches` needs two values, and has 1 -> write matches(code, '[A-Z]+')
    matches(s, '[')
        s.yaml:2:18 `[` is not a regular expression: unclosed character class -> the syntax is that of the Rust crate `regex`
    matches(s, s)
        s.yaml:2:18 this is not a quoted regular expression -> write '[A-Z]+'
    find('x', 'y')
        s.yaml:2:12 a constant is the same for every row -> name a column in the parentheses
    is_date(s, '%Q')
        s.yaml:2:18 `%Q` is no part of a date -> parts: %a %A %b %B %d %f %H %I %j %m %M %p %S %w %y %Y %z %%
    is_date(s, 3)
        s.yaml:2:18 this is not a quoted format of dates -> write '%Y-%m-%d'
    is_nan(a)
        s.yaml:2:14 i64 has no NaN -> is_nan is for columns of floats
    matches(s, 'x') = true
        s.yaml:2:7 this is a condition, not a value -> join conditions by `and` and `or`
    text(3) = '3'
        s.yaml:2:12 a constant is the same for every row -> name a column in the parentheses
    text(a) > 3
        s.yaml:2:17 `3` is not a value of type str -> put it in quotes: '3'
    contains(s, 'x')
        s.yaml:2:7 there is no function `contains` -> did you mean `find`?
    mean(a) > 3
        s.yaml:2:7 there is no function `mean` -> did you mean `avg`?
    avg(s) > 1
        s.yaml:2:11 this is str, not a number -> compute with numbers
    max(t) = true
        s.yaml:2:11 bool has no order -> ask for the share of rows: a row rule with `allow`
    quantile(a, 90) > 1
        s.yaml:2:19 the share of a quantile is a number from 0 to 1 -> write quantile(spread, 0.9) for the value below which nine tenths lie
    quantile(a) > 1
        s.yaml:2:7 `quantile` needs two values, and has 1 -> write quantile(spread, 0.9)
    sum(avg(a)) > 1
        s.yaml:2:11 an aggregate of an aggregate -> compute it of a column
    avg(1) > 1
        s.yaml:2:11 a constant is the same for every row -> name a column in the parentheses
    a > avg(a)
        s.yaml:2:7 `a` has a value for each row, and an aggregate has one for a group -> aggregate it, as in max(a), or group by it: `by: [a]`
    count(a, b) > 1
        s.yaml:2:7 `count` needs one value, and has 2 -> name a column in the parentheses
    max(d) > 3
        s.yaml:2:16 `3` is not a value of type date -> a date is written 2024-12-31
    ");
}

#[test]
fn a_mistake_in_the_form_of_a_rule_is_told_with_its_place() {
    let rules = "- a: {check: a > 1, by: a}\n- b: {check: avg(a) > 1, by: [aa]}\n- c: {check: avg(a) > 1, when: max(a) > 1}\n\
                 - d: {check: avg(a) > 1, allow: 3}\n- e: {increasing: aa, strict: maybe}\n- f: {increasing: a, when: t}\n\
                 - g: {unique: [a, aa], nulls: sometimes}\n- h: {check: t, mostly: 0.9}\n- i: {increasing: t}\n- j: {decreasin: a}";
    assert_snapshot!(super::row_rules::problems(rules), @"
    s.yaml:2:21 `by` is said of a rule on single rows -> it makes groups for aggregates such as avg(…): remove `by`, or aggregate
    s.yaml:3:31 `by` names `aa`, which is not a declared column -> declare it under `columns`
    s.yaml:4:32 `when` has an aggregate -> it says of each single row whether the rule is about it
    s.yaml:5:33 `allow` has no groups to apply to -> it tolerates groups: add `by: [season]`, or widen the bound
    s.yaml:6:31 `strict` is a string, not true or false -> write `strict: true`
    s.yaml:7:22 rule `f` has no key `when` -> known keys: increasing, by, strict, allow, mostly, level, doc
    s.yaml:8:19 `unique` names `aa`, which is not a declared column -> declare it under `columns`
    s.yaml:8:31 `nulls` cannot be `sometimes` -> write one of ignored, ignored_together, counted
    s.yaml:9:17 `mostly` is a word of Great Expectations -> write `allow: 5%` for `mostly: 0.95`, or `gx_compat: true` at the top of the schema
    s.yaml:10:19 bool has no order -> name a column that has one
    s.yaml:11:3 rule `j` has no `check` -> add `check: home <> away`, or `increasing: kickoff`, or `unique: [season, week]`
    s.yaml:11:7 rule `j` has no key `decreasin` -> known keys: check, when, by, allow, mostly, level, doc
    ");
}
