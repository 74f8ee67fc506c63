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
    assert_snapshot!(project.lockgate("schema import suite.json --param weeks=22 --out games.yaml"), @"");
    assert!(!project.path().join("games.yaml").exists());
    assert_snapshot!(project.lockgate("schema import suite.json --param weeks=22 --allow-unmapped"), @"");
    assert_snapshot!(project.lockgate("schema import nope.json"), @"");
}

#[cfg(feature = "tables")]
#[test]
fn a_translated_suite_judges_a_table() {
    let project = Sandbox::empty();
    project.write("suite.json", SUITE);
    project.write("in.csv", "week\n1\n99\n");
    project.lockgate("schema import suite.json --param weeks=22 --allow-unmapped --out games.yaml");
    assert_snapshot!(project.lockgate("validate in.csv --schema games.yaml"), @"");
}

#[cfg(feature = "tables")]
#[test]
fn a_table_passes_the_schema_that_was_inferred_from_it() {
    let project = Sandbox::empty();
    project.write("in.csv", "id,week\n1,1\n2,17\n3,\n");
    assert_snapshot!(project.lockgate("schema infer in.csv"), @"");
    project.lockgate("schema infer in.csv --out in.yaml");
    assert_snapshot!(project.lockgate("validate in.csv --schema in.yaml --json").code, @"0");
}

#[cfg(feature = "tables")]
#[test]
fn a_breaking_change_is_told_and_ends_with_1() {
    let project = Sandbox::empty();
    project.write("old.yaml", "schema: games/1\ncolumns: {week: i64 1..22, home: str}\n");
    project.write("new.yaml", "schema: games/1\ncolumns: {week: i64 1..18, home: str?}\n");
    assert_snapshot!(project.lockgate("schema diff old.yaml new.yaml"), @"");
    assert_snapshot!(project.lockgate("schema diff old.yaml old.yaml"), @"");
    assert_snapshot!(project.lockgate("schema diff old.yaml nope.yaml"), @"");
}
