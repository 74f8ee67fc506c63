//! Schemas that are made, translated and compared.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const SUITE: &str = r#"{
  "name": "games",
  "expectations": [
    {"type": "expect_column_values_to_be_between", "severity": "warning",
     "kwargs": {"column": "week", "min_value": 1, "max_value": {"$PARAMETER": "weeks"}, "mostly": 0.95}},
    {"type": "expect_column_kl_divergence_to_be_less_than", "kwargs": {"column": "week", "threshold": 0.1}}
  ]
}
"#;

#[test]
fn a_suite_is_translated_only_as_a_whole_unless_it_is_allowed_otherwise() {
    let project = Sandbox::empty();
    project.write("suite.json", SUITE);
    assert_snapshot!(project.lockgate("schema import suite.json --param weeks=22 --out games.yaml"), @"
    --- stderr
    1/2 expectations of `suite.json` translated
      suite.json:6  expect_column_kl_divergence_to_be_less_than: it compares distributions: use a `drift` gate
    error: 1 rule of `suite.json` cannot be said exactly
      help: say them by hand, and leave them out here with `--allow-unmapped`; nothing was written
    --- exit 3
    ");
    assert!(!project.path().join("games.yaml").exists());
    assert_snapshot!(project.lockgate("schema import suite.json --param weeks=22 --allow-unmapped"), @r#"
    # From `suite.json`: 1 of 2 expectations.
    schema: games/1
    gx_compat: true          # null, NaN, shares and empty tables mean what they mean to Great Expectations
    extra_columns: allow

    columns:
      week: any?

    rules:
      # suite.json:4 expect_column_values_to_be_between
      - week-between: {check: "week >= 1 and week <= 22", mostly: 0.95, level: warn}
    # Not translated: suite.json:6 expect_column_kl_divergence_to_be_less_than: it compares distributions: use a `drift` gate
    --- stderr
    1/2 expectations of `suite.json` translated
      suite.json:6  expect_column_kl_divergence_to_be_less_than: it compares distributions: use a `drift` gate
    --- exit 0
    "#);
    assert_snapshot!(project.lockgate("schema import nope.json"), @"
    --- stderr
    error: there is no suite `nope.json`
      help: name a file that is there
    --- exit 2
    ");
}

#[cfg(feature = "tables")]
#[test]
fn a_translated_suite_judges_a_table() {
    let project = Sandbox::empty();
    project.write("suite.json", SUITE);
    project.write("in.csv", "week\n1\n99\n");
    project.lockgate("schema import suite.json --param weeks=22 --allow-unmapped --out games.yaml");
    assert_snapshot!(project.lockgate("validate in.csv --schema games.yaml"), @"
    ! schema games.yaml  WARN  in.csv  2 rows × 1  2 rules TIME

      ! week-between  week >= 1 and week <= 22  (warn)                                     games.yaml:11
          observed  1 of 2 rows against it (50 %, allowed mostly 0.95)
          row  line  week
            2     3    99

    --- exit 0
    ");
}

#[cfg(feature = "tables")]
#[test]
fn a_table_passes_the_schema_that_was_inferred_from_it() {
    let project = Sandbox::empty();
    project.write("in.csv", "id,week\n1,1\n2,17\n3,\n");
    assert_snapshot!(project.lockgate("schema infer in.csv"), @r#"
    # Inferred from "in.csv": 3 rows, 2 columns. Bounds are what was seen, rounded outward:
    # tighten what you know better, and loosen what was chance.
    schema: in/1
    extra_columns: forbid
    # key: [id]    # never null, another value in each of 3 rows
    rows: 1..    # 3 seen

    columns:
      id: i64 1..3      # 1 to 3, 3 different
      week: i64? 1..17  # 1 of 3 null, 1 to 17, 2 different
    --- exit 0
    "#);
    project.lockgate("schema infer in.csv --out in.yaml");
    assert_snapshot!(project.lockgate("validate in.csv --schema in.yaml --json").code, @"0");
}

#[cfg(feature = "tables")]
#[test]
fn a_breaking_change_is_told_and_ends_with_1() {
    let project = Sandbox::empty();
    project.write("old.yaml", "schema: games/1\ncolumns: {week: i64 1..22, home: str}\n");
    project.write("new.yaml", "schema: games/1\ncolumns: {week: i64 1..18, home: str?}\n");
    assert_snapshot!(project.lockgate("schema diff old.yaml new.yaml"), @"
            change     of          was    now      at
    breaks  tightened  week range  1..22  1..18    new.yaml:2
            loosened   home null   never  allowed  new.yaml:2
    --- stderr
    2 changes, 1 breaking
      help: raise the major for readers: `schema: NAME/2`; it is still 1
    --- exit 1
    ");
    assert_snapshot!(project.lockgate("schema diff old.yaml old.yaml"), @"
    --- stderr
    the rules are the same
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("schema diff old.yaml nope.yaml"), @"
    --- stderr
    error: there is no schema `nope.yaml`
      help: name a file that is there
    --- exit 2
    ");
}
