//! Folders whose names are columns.

use insta::assert_snapshot;
use polars::prelude::*;

use super::{Desk, ENDINGS, judged, lines, report};
use crate::{ColumnKind, Sample, TableAt, TableFile, sql};

const RULES: &str = "\
key: [season, id]
rows: 1..2 per season
columns:
  id:     i64
  season: i16? 2016..2017
  team:   str? /[A-Z ]+/
";

/// Three files of two rows each, below two folders each.
fn partitioned(ending: &str, keys: [&str; 3]) -> Desk {
    let desk = Desk::new();
    for (at, key) in keys.iter().enumerate() {
        let ids = df!("id" => [1i64, 2]).expect("one column is even");
        desk.table(&format!("t/{key}/part-{at}.{ending}"), &ids);
    }
    desk
}

#[test]
fn the_keys_of_folders_are_columns_in_every_format() {
    let keys = [
        "season=2016/team=A%20B",
        "season=2017/team=__HIVE_DEFAULT_PARTITION__",
        "season=__HIVE_DEFAULT_PARTITION__/team=C",
    ];
    let said = ENDINGS.map(|ending| {
        let mut found = report(RULES, &partitioned(ending, keys).path("t"));
        found.rules.retain(|rule| !rule.rule.starts_with("type i64"));
        lines(&found)
    });
    assert!(said.iter().all(|other| *other == said[0]), "{said:#?}");
    assert_snapshot!(said[0], @"
    pass rows  1..2 per season: 0 of 3 groups outside
    pass extra_columns  forbid: no other columns
    pass key [season, id]  unique: 6 rows without a duplicate
    pass id  not null: no null
    pass season  type i16: every value is i16
    fail season  not null: 2 of 6 rows null (33.3 %, allowed 0)
    pass season  range 2016..2017: 0 of 4 values outside
    pass team  type str: every value is str
    pass team  matches /[A-Z ]+/: 0 of 4 values without a match
    ");
}

#[test]
fn a_folder_name_that_is_no_value_of_the_type_breaks_the_type_rule() {
    let keys = ["season=2016/team=A", "season=next/team=A", "season=2017/team=A"];
    let found = report(RULES, &partitioned("parquet", keys).path("t"));
    let rule = found.rules.iter().find(|rule| rule.name() == "season  type i16").expect("the rule is there");
    let shown = |sample: &Sample| format!("{:?} {:?} {:?}", sample.part, sample.row, sample.cells);
    let shown: Vec<String> = rule.samples.iter().map(shown).collect();
    assert_snapshot!(format!("{}\n{}", rule.observed, shown.join("\n")), @r#"
    2 of 6 values not i16 (33.3 %, allowed 0)
    Some("t/season=next/team=A/part-1.parquet") Some(1) [Cell { column: "season", value: Some("next") }, Cell { column: "id", value: Some("1") }]
    Some("t/season=next/team=A/part-1.parquet") Some(2) [Cell { column: "season", value: Some("next") }, Cell { column: "id", value: Some("2") }]
    "#);
}

#[test]
fn files_at_different_depths_or_below_different_keys_are_no_table() {
    let said = |keys| judged(RULES, &partitioned("csv", keys).path("t")).expect_err("the keys differ").to_string();
    let said = [
        said(["season=2016/team=A", "season=2017", "season=2018/team=A"]),
        said(["season=2016", "year=2017", "season=2018"]),
        said(["2016", "season=2017", "season=2018"]),
        said(["season=2016/season=2016", "season=2017", "season=2018"]),
    ];
    assert_snapshot!(said.join("\n"), @"
    `t/season=2017/part-1.csv` does not have the columns of `t/season=2016/team=A/part-0.csv`: its folders have season=… and not season=…/team=…; the parts of one table have the same columns
    `t/year=2017/part-1.csv` does not have the columns of `t/season=2016/part-0.csv`: its folders have year=… and not season=…; the parts of one table have the same columns
    `t/season=2017/part-1.csv` does not have the columns of `t/2016/part-0.csv`: its folders have season=… and not no key; the parts of one table have the same columns
    `t/season=2016/season=2016` is not a table: a folder above it has the same key; tables are .csv, .parquet, .jsonl, .ndjson, .arrow, .ipc and .feather files, or a folder of one kind of them
    ");
}

#[test]
fn the_column_of_a_file_counts_more_than_the_name_of_its_folder() {
    let desk = Desk::new();
    desk.file("t/id=7/a.csv", "id\n1\n");
    assert_snapshot!(lines(&report("columns: {id: i64 1..1}\n", &desk.path("t"))), @"
    pass extra_columns  forbid: no other columns
    pass id  type i64: every value is i64
    pass id  not null: no null
    pass id  range 1..1: 0 of 1 row outside
    ");
}

#[test]
fn plain_readers_and_queries_see_the_keys() {
    for ending in ENDINGS {
        let desk = partitioned(ending, ["season=2016/team=A", "season=2017/team=B", "season=2018/team=B"]);
        let table = TableFile::open(TableAt::plain("t", &desk.path("t"))).expect("the folder is a table");
        let kinds = table.columns().expect("the table can be read");
        let expect = [("id", ColumnKind::Number), ("season", ColumnKind::Number), ("team", ColumnKind::Text)];
        assert_eq!(kinds, expect.map(|(name, kind)| (name.to_owned(), kind)), "{ending}");
        let seasons = table.numbers(&["season"]).expect("seasons are numbers");
        assert_eq!(seasons[0].values, [2016.0, 2016.0, 2017.0, 2017.0, 2018.0, 2018.0], "{ending}");
        let query = "SELECT team, SUM(season) AS s, SUM(id) AS ids FROM t GROUP BY team ORDER BY team";
        let found = sql(&[("t", TableAt::plain("t", &desk.path("t")))], query, 9).expect("the query has an answer");
        let row = |cells: [&str; 3]| cells.map(|cell| Some(cell.to_owned())).to_vec();
        assert_eq!(found.rows, [row(["A", "4032", "3"]), row(["B", "8070", "6"])], "{ending}");
    }
}

#[test]
fn the_order_of_columns_is_judged_in_every_part() {
    let desk = Desk::new();
    desk.file("t/1.csv", "a,b\n1,2\n");
    desk.file("t/2.csv", "b,a\n2,1\n");
    let rules = "rules:\n  - r: {has_columns: [a, b], order: exact}\n  - p: {has_columns: [a], position: 1}\n";
    let text = format!("column_order: exact\ncolumns: {{a: i64, b: i64}}\n{rules}");
    assert_snapshot!(lines(&report(&text, &desk.path("t"))), @"
    pass extra_columns  forbid: no other columns
    fail column_order  exact: `b` stands where `a` is declared in t/2.csv
    pass a  type i64: every value is i64
    pass a  not null: no null
    pass b  type i64: every value is i64
    pass b  not null: no null
    fail r  has [a, b] in this order: elsewhere `b`, `a`
    fail p  has [a] from column 1 on: `a` is column 2
    ");
}
