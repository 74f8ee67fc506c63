//! Differences between two reports.

use insta::assert_snapshot;

use super::{Desk, csv, report, schema};
use crate::{Given, Input, Report, check};

const RULES: &str = "\
extra_columns: allow
columns:
  week: i8? 1..22
  home: str? in [KC, BUF]
";

#[test]
fn rows_columns_and_findings_that_differ_are_told_and_nothing_else() {
    let last = csv(RULES, "week,home,spread\n1,KC,2\n2,OAK,1\n");
    let now = csv(RULES, "week,home,total\n1,KC,2\n99,LV,1\n3,OAK,1\n");
    assert_snapshot!(now.since(&last).join("\n"), @r#"
    rows 2 → 3 (+1)
    column `total` is new (text)
    column `spread` is gone
    week  range 1..22: 0 of 2 rows outside → max 99, 1 of 3 rows outside (33.3 %, allowed 0)
    home  in [KC, BUF]: 1 of 2 rows not in the set (50 %, allowed 0) → 2 of 3 rows not in the set (66.7 %, allowed 0)
    home "LV" is new
    "#);
    assert_snapshot!(now.screen_since(&last, 60), @r#"
    since the last pass
        rows 2 → 3 (+1)
        column `total` is new (text)
        column `spread` is gone
        week  range 1..22: 0 of 2 rows outside → max 99, 1 of
        3 rows outside (33.3 %, allowed 0)
        home  in [KC, BUF]: 1 of 2 rows not in the set (50 %,
        allowed 0) → 2 of 3 rows not in the set (66.7 %,
        allowed 0)
        home "LV" is new
    "#);
    assert_eq!(last.since(&last), Vec::<String>::new());
    assert_eq!(last.screen_since(&last, 60), "");
}

#[test]
fn types_are_compared_where_they_are_stored() {
    let desk = Desk::new();
    let path = |name: &str, frame: polars::prelude::PolarsResult<polars::prelude::DataFrame>| {
        desk.table(name, &frame.expect("the columns are even"))
    };
    let last = report(RULES, &path("1.parquet", polars::prelude::df!("week" => [1i8], "x" => [1i64])));
    let now = report(RULES, &path("2.parquet", polars::prelude::df!("week" => [1i64], "x" => [1i64])));
    assert_snapshot!(now.since(&last).join("\n"), @"
    column `week` was i8 and is i64
    week  type i8: every value is i8 → stored as i64
    week  range 1..22: 0 of 1 row outside → not judged: `week` is stored as i64
    ");
}

#[test]
fn several_tables_are_named() {
    let desk = Desk::new();
    let (a, b) = (desk.file("a.csv", "week,home\n1,KC\n"), desk.file("b.csv", "week,home\n1,KC\n2,KC\n"));
    let schema = schema(RULES);
    let of = |inputs: &[Input<'_>]| check(&schema, inputs, &Given::default()).unwrap_or_else(|error| panic!("{error}"));
    let last = of(&[Input { name: "x", path: &a }]);
    let now = of(&[Input { name: "x", path: &b }, Input { name: "y", path: &b }]);
    assert_snapshot!(now.since(&last).join("\n"), @"
    `x`: rows 1 → 2 (+1)
    `y`: the table is new
    ");
}

#[test]
fn a_report_of_before_columns_were_noted_can_be_compared() {
    let now = csv(RULES, "week,home\n1,KC\n");
    let mut old = serde_json::to_value(&now).expect("a report is JSON");
    old["tables"][0].as_object_mut().expect("a table is an object").remove("stored");
    old["tables"][0]["rows"] = 3.into();
    let last: Report = serde_json::from_value(old).expect("older reports are read");
    assert_eq!(now.since(&last), ["rows 3 → 1 (-2)"]);
}
