//! Great Expectations suites.

use insta::assert_snapshot;

use super::{one, schema, with};
use crate::{Dialect, dialect, is_suite};

const ONE_X: &str = r#"{
  "name": "games",
  "id": "b0c1",
  "notes": null,
  "meta": {"great_expectations_version": "1.24.1"},
  "expectations": [
    {"type": "expect_column_values_to_be_between", "severity": "warning", "meta": {},
     "kwargs": {"column": "spread", "min_value": -30.0, "max_value": 30.0, "mostly": 0.99}},
    {"type": "expect_column_values_to_be_in_set", "severity": "critical", "notes": ["who", "plays"],
     "kwargs": {"column": "home team", "value_set": ["KC", "BUF"], "condition_parser": "pandas",
                "row_condition": {"type": "pass_through", "pass_through_filter": "week > 1"}}},
    {"type": "expect_column_mean_to_be_between",
     "kwargs": {"column": "spread", "min_value": -1.0, "max_value": 1.0,
                "row_condition": {"type": "and", "conditions": [
                  {"type": "comparison", "column": {"name": "week"}, "operator": ">", "parameter": 1},
                  {"type": "nullity", "column": {"name": "home team"}, "is_null": false},
                  {"type": "comparison", "column": {"name": "home team"}, "operator": "NOT_IN", "parameter": ["OAK"]}]}}},
    {"type": "expect_column_max_to_be_between",
     "kwargs": {"column": "season", "min_value": {"$PARAMETER": "lo"}, "max_value": "2026-01-01"}},
    {"type": "expect_column_kl_divergence_to_be_less_than", "kwargs": {"column": "spread", "threshold": 0.1}},
    {"type": "unexpected_rows_expectation", "kwargs": {"unexpected_rows_query": "SELECT * FROM {batch}"}},
    {"type": "expect_column_values_to_be_unqiue", "kwargs": {"column": "id"}},
    {"type": "expect_column_max_to_be_between_custom", "kwargs": {"column": "id"}}
  ]
}
"#;

#[test]
fn a_suite_of_1_x_becomes_a_schema_that_cites_it() {
    assert_snapshot!(schema(ONE_X), @r#"
    # From `suite.json`: 3 of 8 expectations.
    schema: games/1
    gx_compat: true          # null, NaN, shares and empty tables mean what they mean to Great Expectations
    extra_columns: allow

    columns:
      spread: any?
      "home team": any?
      week: any?

    rules:
      # suite.json:7 expect_column_values_to_be_between
      - spread-between: {check: "spread >= -30.0 and spread <= 30.0", mostly: 0.99, level: warn}
      # suite.json:9 expect_column_values_to_be_in_set
      - home-team-in-set: {check: "`home team` in ['KC', 'BUF']", when: "week > 1", doc: "who plays"}
      # suite.json:12 expect_column_mean_to_be_between
      - spread-avg: {check: "avg(spread) >= -1.0 and avg(spread) <= 1.0", when: "week > 1 and `home team` is not null and (`home team` not in ['OAK'] or `home team` is null)"}
    # Not translated: suite.json:18 expect_column_max_to_be_between: it needs the parameter `lo`: give `--param lo=VALUE`
    # Not translated: suite.json:20 expect_column_kl_divergence_to_be_less_than: it compares distributions: use a `drift` gate
    # Not translated: suite.json:21 unexpected_rows_expectation: it is a query: use an `sql` gate, which passes when its query returns no row
    # Not translated: suite.json:22 expect_column_values_to_be_unqiue: there is no such expectation in Great Expectations; did you mean `expect_column_values_to_be_unique`?
    # Not translated: suite.json:23 expect_column_max_to_be_between_custom: it is an expectation of your own: say what it means as a rule, or as a `command` gate
    "#);
}

#[test]
fn coverage_and_what_is_unmapped_are_told_with_their_places() {
    let translation = with(ONE_X, &[("lo", "2015-01-01")]).expect("the suite is well formed");
    let unmapped: Vec<String> =
        translation.unmapped.iter().map(|each| format!("{} {}: {}", each.at, each.rule, each.why)).collect();
    assert_snapshot!(format!("{}\n{}", translation.coverage(), unmapped.join("\n")), @"
    4/8 expectations
    suite.json:20 expect_column_kl_divergence_to_be_less_than: it compares distributions: use a `drift` gate
    suite.json:21 unexpected_rows_expectation: it is a query: use an `sql` gate, which passes when its query returns no row
    suite.json:22 expect_column_values_to_be_unqiue: there is no such expectation in Great Expectations; did you mean `expect_column_values_to_be_unique`?
    suite.json:23 expect_column_max_to_be_between_custom: it is an expectation of your own: say what it means as a rule, or as a `command` gate
    ");
}

#[test]
fn every_rule_leads_back_to_its_expectation() {
    let translation = with(ONE_X, &[("lo", "2015")]).expect("the suite is well formed");
    let lines = translation.text.lines().enumerate();
    let found: Vec<String> = lines
        .filter_map(|(at, line)| Some(format!("{} <- {}", translation.origin(at + 1)?, line.split(':').next()?.trim())))
        .collect();
    assert_snapshot!(found.join("\n"), @r#"
    suite.json:7 <- spread
    suite.json:9 <- "home team"
    suite.json:9 <- week
    suite.json:18 <- season
    suite.json:7 <- - spread-between
    suite.json:9 <- - home-team-in-set
    suite.json:12 <- - spread-avg
    suite.json:18 <- - season-max
    "#);
    assert_eq!(translation.origin_of("schemas/any.yaml:1"), None);
}

const ZERO_X: &str = r#"{
  "expectation_suite_name": "bikes.warning",
  "ge_cloud_id": null,
  "data_asset_type": "Dataset",
  "evaluation_parameters": {"least": 100},
  "expectations": [
	{
	  "expectation_type": "expect_table_row_count_to_be_between",
	  "kwargs": {"min_value": {"$PARAMETER": "least"}, "max_value": null},
	  "meta": {"notes": {"format": "markdown", "content": ["Enough", "rows."]}}
	},
	{
	  "expectation_type": "expect_table_columns_to_match_set",
	  "kwargs": {"column_set": ["a", "b c"], "exact_match": null},
	  "meta": {}
	},
	{
	  "expectation_type": "expect_column_values_to_not_be_null",
	  "kwargs": {"column": "a", "mostly": 1.0, "result_format": "COMPLETE", "catch_exceptions": true},
	  "meta": {}
	},
	{
	  "expectation_type": "expect_column_values_to_be_between",
	  "kwargs": {"column": "a", "min_value": "2020-01-01", "parse_strings_as_datetimes": true},
	  "meta": {}
	}
  ],
  "meta": {"great_expectations_version": "0.15.50"}
}
"#;

#[test]
fn a_suite_of_0_x_becomes_a_schema_too() {
    assert_snapshot!(schema(ZERO_X), @r#"
    # From `suite.json`: 3 of 4 expectations.
    schema: bikes-warning/1
    gx_compat: true          # null, NaN, shares and empty tables mean what they mean to Great Expectations
    extra_columns: allow

    columns:
      a: any?

    rules:
      # suite.json:8 expect_table_row_count_to_be_between
      - rows: {check: "count() >= 100", doc: "Enough rows."}
      # suite.json:13 expect_table_columns_to_match_set
      - columns: {has_columns: [a, "b c"], extra: forbid}
      # suite.json:18 expect_column_values_to_not_be_null
      - a-not-null: {check: "a is not null"}
    # Not translated: suite.json:23 expect_column_values_to_be_between: `parse_strings_as_datetimes` is no kwarg that is known here
    "#);
}

#[test]
fn mistakes_in_the_form_of_a_suite_are_told_in_their_places() {
    assert_snapshot!(schema(r#"{
  "name": "games",
  "expectations": [
    "expect_column_to_exist",
    {"kwargs": {"column": "a"}},
    {"type": "expect_column_to_exist", "kwargs": ["a"]},
    {"type": "expect_column_to_exist", "kwargs": {"column": "a"}, "severity": "high"}
  ]
}"#), @r#"
    error: an expectation is a string, not a mapping
       ╭─[suite.json:4:5]
     3 │   "expectations": [
     4 │     "expect_column_to_exist",
       ·     ────────────┬───────────
       ·                 ╰── here
     5 │     {"kwargs": {"column": "a"}},
       ╰────
      help: write `{"type": …, "kwargs": {…}}`

    error: the expectation has no type
       ╭─[suite.json:5:5]
     4 │     "expect_column_to_exist",
     5 │     {"kwargs": {"column": "a"}},
       ·     ┬
       ·     ╰── here
     6 │     {"type": "expect_column_to_exist", "kwargs": ["a"]},
       ╰────
      help: add `"type": "expect_…"`

    error: the kwargs of `expect_column_to_exist` are a list, not a mapping
       ╭─[suite.json:6:50]
     5 │     {"kwargs": {"column": "a"}},
     6 │     {"type": "expect_column_to_exist", "kwargs": ["a"]},
       ·                                                  ┬
       ·                                                  ╰── here
     7 │     {"type": "expect_column_to_exist", "kwargs": {"column": "a"}, "severity": "high"}
       ╰────
      help: write `"kwargs": {"column": …}`

    error: the severity is not known
       ╭─[suite.json:7:79]
     6 │     {"type": "expect_column_to_exist", "kwargs": ["a"]},
     7 │     {"type": "expect_column_to_exist", "kwargs": {"column": "a"}, "severity": "high"}
       ·                                                                               ───┬──
       ·                                                                                  ╰── here
     8 │   ]
       ╰────
      help: use `critical`, `warning` or `info`
    "#);
}

#[test]
fn a_text_that_is_no_suite_is_refused() {
    assert_snapshot!(schema(r#"{"columns": {"a": "i64"}}"#), @r#"
    error: `suite.json` is neither an expectation suite nor a Table Schema
       ╭─[suite.json:1:1]
     1 │ {"columns": {"a": "i64"}}
       · ┬
       · ╰── here
       ╰────
      help: a suite has a list `expectations`, a Table Schema a list `fields`
    "#);
    assert_eq!(dialect(ONE_X), Some(Dialect::GreatExpectations));
    assert_eq!(dialect(r#"{"fields": []}"#), Some(Dialect::TableSchema));
    assert!(!is_suite("schema: games/1\ncolumns: {}\n"));
    assert!(!is_suite("{"));
}

const SAID: [(&str, &str); 28] = [
    ("expect_column_values_to_be_null", r#"{"column": "a"}"#),
    ("expect_column_values_to_be_between", r#"{"column": "a", "min_value": 1, "strict_min": true, "max_value": 2.5}"#),
    ("expect_column_values_to_be_between", r#"{"column": "a", "max_value": 1e+20, "mostly": 0.5}"#),
    ("expect_column_values_to_not_be_in_set", r#"{"column": "a", "value_set": ["O'Brien", null, "x"]}"#),
    (
        "expect_column_values_to_be_unique",
        r#"{"column": "a b", "mostly": 0.9, "row_condition": "c == 1", "condition_parser": "pandas"}"#,
    ),
    ("expect_column_values_to_match_regex", r#"{"column": "a", "regex": "^\\d+\\Z"}"#),
    ("expect_column_values_to_not_match_regex", r#"{"column": "a", "regex": "x"}"#),
    ("expect_column_values_to_match_regex_list", r#"{"column": "a", "regex_list": ["x", "y"], "match_on": "all"}"#),
    ("expect_column_values_to_not_match_regex_list", r#"{"column": "a", "regex_list": ["x", "y"]}"#),
    ("expect_column_values_to_match_strftime_format", r#"{"column": "a", "strftime_format": "%Y-%m-%d"}"#),
    ("expect_column_value_lengths_to_be_between", r#"{"column": "a", "min_value": 2}"#),
    ("expect_column_value_lengths_to_equal", r#"{"column": "a", "value": 3}"#),
    ("expect_column_values_to_be_increasing", r#"{"column": "a", "strictly": true}"#),
    ("expect_column_values_to_be_of_type", r#"{"column": "a", "type_": "int64"}"#),
    ("expect_column_values_to_be_in_type_list", r#"{"column": "a", "type_list": ["int", "int64", "float"]}"#),
    ("expect_column_stdev_to_be_between", r#"{"column": "a", "min_value": 0, "max_value": 2, "strict_max": true}"#),
    (
        "expect_column_quantile_values_to_be_between",
        r#"{"column": "a", "quantile_ranges": {"quantiles": [0.1, 0.9], "value_ranges": [[0, null], [1, 2]]}}"#,
    ),
    ("expect_column_proportion_of_non_null_values_to_be_between", r#"{"column": "a", "min_value": 0.5}"#),
    (
        "expect_column_distinct_values_to_equal_set",
        r#"{"column": "a", "value_set": [1, 2, 2], "row_condition": "b > 0"}"#,
    ),
    ("expect_table_row_count_to_equal", r#"{"value": 7}"#),
    ("expect_table_column_count_to_be_between", r#"{"min_value": 1, "max_value": 9, "strict_max": true}"#),
    ("expect_table_columns_to_match_ordered_list", r#"{"column_list": ["a", "b c"]}"#),
    ("expect_column_to_exist", r#"{"column": "a", "column_index": 0}"#),
    ("expect_column_pair_values_a_to_be_greater_than_b", r#"{"column_A": "a", "column_B": "b", "or_equal": true}"#),
    (
        "expect_column_pair_values_to_be_in_set",
        r#"{"column_A": "a", "column_B": "b", "value_pairs_set": [[1, "x"], [2, "y"]], "ignore_row_if": "neither"}"#,
    ),
    ("expect_compound_columns_to_be_unique", r#"{"column_list": ["a", "b"], "ignore_row_if": "never"}"#),
    (
        "expect_select_column_values_to_be_unique_within_record",
        r#"{"column_list": ["a", "b", "c"], "ignore_row_if": "any_value_is_missing"}"#,
    ),
    (
        "ExpectMulticolumnSumToEqual",
        r#"{"column_list": ["a", "b"], "sum_total": 10, "ignore_row_if": "any_value_is_missing"}"#,
    ),
];

#[test]
fn types_are_said_in_the_language() {
    let said: Vec<String> = SAID.iter().map(|(ty, kwargs)| one(ty, kwargs)).collect();
    assert_snapshot!(said.join("\n"), @r#"
    a-null: {check: "a is null"}
    a-between: {check: "a > 1 and a <= 2.5"}
    a-between: {check: "a <= 1e+20", mostly: 0.5}
    a-not-in-set: {check: "a not in ['O''Brien', 'x']"}
    a-b-unique: {unique: ["a b"], when: "c = 1", mostly: 0.9}
    a-regex: {check: "find(text(a), '^\\d+\\z')"}
    a-not-regex: {check: "not find(text(a), 'x')"}
    a-regex: {check: "find(text(a), 'x') and find(text(a), 'y')"}
    a-not-regex: {check: "not find(text(a), 'x') and not find(text(a), 'y')"}
    a-date-format: {check: "is_date(a, '%Y-%m-%d')"}
    a-lengths: {check: "len(text(a)) >= 2"}
    a-lengths: {check: "len(text(a)) = 3"}
    a-increasing: {increasing: a, strict: true}
    a-type: {column_type: a, in: [i64]}
    a-type: {column_type: a, in: [i64, f64]}
    a-std: {check: "std(a) >= 0 and std(a) < 2"}
    a-quantiles: {check: "quantile(a, 0.1) >= 0 and quantile(a, 0.9) >= 1 and quantile(a, 0.9) <= 2"}
    a-share-not-null: {check: "count(a) / count() >= 0.5"}
    a-distinct-in-set: {check: "a in [1, 2, 2]", when: "b > 0"}
    a-distinct-contain: {check: "n_unique(a) = 2", when: "(a in [1, 2]) and (b > 0)"}
    rows: {check: "count() = 7"}
    column-count: {column_count: 1..8}
    columns: {has_columns: [a, "b c"], extra: forbid, order: exact}
    a-exists: {has_columns: [a], position: 1}
    a-b-greater: {check: "a is not null and b is not null and a >= b", when: "a is not null or b is not null"}
    a-b-in-set: {check: "a is not null and b is not null and ((a = 1 and b = 'x') or (a = 2 and b = 'y'))"}
    a-b-unique: {unique: [a, b], nulls: counted}
    a-b-c-different: {check: "a <> b and a <> c and b <> c", when: "a is not null and b is not null and c is not null"}
    a-b-sum: {check: "a + b = 10"}
    "#);
}

#[test]
fn what_cannot_be_said_exactly_is_unmapped_with_its_reason() {
    let all = [
        ("expect_column_values_to_be_between", r#"{"column": "a"}"#),
        ("expect_column_values_to_be_between", r#"{"column": "a", "min_value": 2, "max_value": 1}"#),
        ("expect_column_values_to_be_between", r#"{"column": "a", "min_value": 2, "max": 3}"#),
        ("expect_column_values_to_be_between", r#"{"column": "a", "min_value": NaN}"#),
        ("expect_column_values_to_be_between", r#"{"column": "a", "min_value": 2, "mostly": 2}"#),
        ("expect_column_values_to_be_between", r#"{"min_value": 2}"#),
        ("expect_column_values_to_be_in_set", r#"{"column": "a", "value_set": ["1", 1]}"#),
        ("expect_column_values_to_be_in_set", r#"{"column": "a", "value_set": []}"#),
        ("expect_column_values_to_match_regex", r#"{"column": "a", "regex": "(?!x)"}"#),
        ("expect_column_values_to_not_be_null", r#"{"column": "a", "row_condition": "b.str.len() > 1"}"#),
        (
            "expect_column_values_to_not_be_null",
            r#"{"column": "a", "row_condition": "b > 1", "condition_parser": "spark"}"#,
        ),
        ("expect_column_values_to_be_of_type", r#"{"column": "a", "type_": "object"}"#),
        ("expect_column_values_to_be_in_type_list", r#"{"column": "a", "type_list": ["str", "int"]}"#),
        ("expect_column_values_to_be_increasing", r#"{"column": "a", "row_condition": "b > 1"}"#),
        ("expect_column_quantile_values_to_be_between", r#"{"column": "a", "quantile_ranges": {"quantiles": [0.1]}}"#),
        ("expect_multicolumn_sum_to_equal", r#"{"column_list": ["a", "b"], "sum_total": 10}"#),
        ("expect_column_to_exist", r#"{"column": "a", "column_index": -1}"#),
    ];
    let said: Vec<String> = all.iter().map(|(ty, kwargs)| one(ty, kwargs)).collect();
    assert_snapshot!(said.join("\n"), @"
    unmapped: it has neither `min_value` nor `max_value`
    unmapped: `min_value` is greater than `max_value`, which Great Expectations refuses
    unmapped: `max` is no kwarg that is known here
    unmapped: `min_value` has `NaN`, which is not JSON
    unmapped: `mostly` is not a share from 0 to 1
    unmapped: it needs `column`
    unmapped: `value_set` mixes texts, numbers and booleans: a column has values of one type
    unmapped: `value_set` is an empty list
    unmapped: `regex` `(?!x)` looks around or back, or is not valid: write one without, or a `command` gate
    unmapped: its row condition has `str`, which has no translation: say it as a `when` yourself
    unmapped: its row condition has the syntax of Spark: say it as a `when` yourself
    unmapped: `type_` has `object`, which says how pandas keeps a column, not what is in it: declare the column's type
    unmapped: `type_list` has `str`, whose meaning depends on the version of pandas: declare the column's type
    unmapped: an order of some rows only has no rule: put those rows into a table of their own
    unmapped: `quantile_ranges` needs `quantiles` and as many `value_ranges` of two
    unmapped: it computes with rows that have nulls in some of the columns: with `ignore_row_if: any_value_is_missing` it can be said
    unmapped: `column_index` counts from the end
    ");
}

#[test]
fn a_suite_with_broken_entries_tells_of_the_others_too() {
    let suite = r#"{"name": "s", "expectations": [
        5,
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "a", "min_value": []}},
        {"type": "expect_column_to_exist", "kwargs": {"column": "a"}}]}"#;
    assert_snapshot!(schema(suite), @r#"
    error: an expectation is an integer, not a mapping
       ╭─[suite.json:2:9]
     1 │ {"name": "s", "expectations": [
     2 │         5,
       ·         ┬
       ·         ╰── here
     3 │         {"type": "expect_column_values_to_be_between", "kwargs": {"column": "a", "min_value": []}},
       ╰────
      help: write `{"type": …, "kwargs": {…}}`

    error: `expect_column_values_to_be_between` cannot be judged as it is: `min_value` has a list where a value is needed
       ╭─[suite.json:3:18]
     2 │         5,
     3 │         {"type": "expect_column_values_to_be_between", "kwargs": {"column": "a", "min_value": []}},
       ·                  ──────────────────┬─────────────────
       ·                                    ╰── here
     4 │         {"type": "expect_column_to_exist", "kwargs": {"column": "a"}}]}
       ╰────
      help: leave it out, and say it in a rule of your own
    "#);
}

#[test]
fn a_suite_that_judges_nothing_is_refused() {
    assert_snapshot!(schema(r#"{"name": "s", "expectations": []}"#), @r#"
    error: the suite has no expectation, and would judge nothing
       ╭─[suite.json:1:1]
     1 │ {"name": "s", "expectations": []}
       · ┬
       · ╰── here
       ╰────
      help: add one to `expectations`
    "#);
}
