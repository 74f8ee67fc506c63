//! All bad rows as a file.

use insta::assert_snapshot;
use polars::prelude::*;

use super::{Desk, ENDINGS, schema};
use crate::{Given, Input, Rejects, Report, check};

const RULES: &str = "\
key: id
columns:
  id:    i64
  week:  i8? 1..22
  team:  str? in [KC, BUF]
  row:   f64? 0..1
rules:
  - late-is-kc: {when: week > 10, check: team = 'KC'}
";

fn frame() -> DataFrame {
    df!(
        "id" => [1i64, 2, 2, 4, 5, 6, 7],
        "week" => [Some(1i8), Some(99), None, Some(12), Some(3), Some(11), Some(30)],
        "team" => [Some("KC"), Some("KC"), Some("OAK"), Some("BUF"), None, Some("KC"), Some("GB")],
        "row" => [0.5; 7],
    )
    .expect("the columns are even")
}

/// Judges the table and returns the report with the file of bad rows, if there is one.
fn rejected(rules: &str, path: &std::path::Path) -> (Report, Option<DataFrame>) {
    let desk = Desk::new();
    let to = desk.path("quarantine/t.parquet");
    let rejects = [Rejects { path: &to, name: "quarantine/t.parquet" }];
    let given = Given { rejects: &rejects, ..Given::default() };
    let report = check(&schema(rules), &[Input { name: "t", path }], &given);
    let report = report.unwrap_or_else(|error| panic!("{error}"));
    let frame = std::fs::File::open(&to).ok().map(|file| ParquetReader::new(file).finish().expect("it is Parquet"));
    (report, frame)
}

/// One line a row, null as nothing.
fn drawn(frame: &DataFrame) -> String {
    let line = |cells: Vec<String>| cells.join(" | ");
    let names = line(frame.get_column_names().iter().map(ToString::to_string).collect());
    let cell =
        |column: &Column, at: usize| crate::table::cell_text(&column.get(at).expect("in it")).unwrap_or_default();
    let row = |at: usize| line(frame.columns().iter().map(|column| cell(column, at)).collect());
    std::iter::once(names).chain((0..frame.height()).map(row)).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_bad_row_is_there_once_with_the_rules_it_breaks() {
    let desk = Desk::new();
    let (report, frame) = rejected(RULES, &desk.table("t.parquet", &frame()));
    assert_snapshot!(drawn(&frame.expect("rows are bad")), @"
    part | row_ | id | week | team | row | key [id]  unique | week  range 1..22 | team  in [KC, BUF] | late-is-kc  team = 'KC' when week > 10
    t | 2 | 2 | 99 | KC | 0.5 | true | true | false | false
    t | 3 | 2 |  | OAK | 0.5 | true | false | true | false
    t | 4 | 4 | 12 | BUF | 0.5 | false | false | false | true
    t | 7 | 7 | 30 | GB | 0.5 | false | true | true | true
    ");
    let rejects = report.tables[0].rejects.as_ref().expect("the report names the file");
    assert_eq!((rejects.path.as_str(), rejects.rows), ("quarantine/t.parquet", 4));
}

#[test]
fn rows_out_of_order_duplicates_and_sparse_rows_of_any_type_are_there_too() {
    let rules = "columns: {a: any?, g: str, f_x: any?, f_y: any?}\nrules:\n  - up: {increasing: a, by: g}\n  - one: {unique: [g, a], when: a > 1}\n\
                 complete: {f: {columns: 'f_*', per_row: 100%}}\n";
    let desk = Desk::new();
    let (one, two) = ("a,g,f_x,f_y\n1,x,1,2\n5,y,1,2\n3,x,,2\n", "a,g,f_x,f_y\n2,x,1,2\n5,y,1,2\n,y,1,x\n");
    desk.file("t/a.csv", one);
    desk.file("t/b.csv", two);
    let (_, frame) = rejected(rules, &desk.path("t"));
    assert_snapshot!(drawn(&frame.expect("rows are bad")), @"
    part | row | line | a | g | f_x | f_y | up  a increasing by g | one  [g, a] unique when a > 1 | complete f  per_row 100 %
    t/a.csv | 2 | 3 | 5 | y | 1 | 2 | false | true | false
    t/a.csv | 3 | 4 | 3 | x |  | 2 | false | false | true
    t/b.csv | 1 | 2 | 2 | x | 1 | 2 | true | false | false
    t/b.csv | 2 | 3 | 5 | y | 1 | 2 | false | true | false
    ");
}

#[test]
fn the_same_rows_are_bad_in_every_format_and_in_parts() {
    let essence = |frame: Option<DataFrame>| {
        let frame = frame.expect("rows are bad");
        let ids = frame.column("id").and_then(|ids| ids.cast(&DataType::Int64)).expect("ids are numbers");
        let truths: Vec<Column> = frame.columns().iter().filter(|c| c.dtype() == &DataType::Boolean).cloned().collect();
        (ids, truths)
    };
    let mut found = Vec::new();
    for ending in ENDINGS {
        let desk = Desk::new();
        found.push(essence(rejected(RULES, &desk.table(&format!("t.{ending}"), &frame())).1));
        desk.table(&format!("parts/1.{ending}"), &frame().slice(0, 2));
        desk.table(&format!("parts/2.{ending}"), &frame().slice(2, 5));
        found.push(essence(rejected(RULES, &desk.path("parts")).1));
    }
    assert!(found.iter().all(|other| *other == found[0]), "{found:#?}");
}

#[test]
fn text_is_kept_as_it_is_written() {
    let desk = Desk::new();
    let text = "id,week,team,row,extra\n1,1.50,KC,0.50,x\n2,,KC,,\n3,03,\"OAK\n\",1e0,\" y\"\n";
    let (report, frame) = rejected(RULES, &desk.file("t.csv", text));
    assert_snapshot!(drawn(&frame.expect("rows are bad")).escape_debug().to_string().replace("\\n", "\n"), @"
    part | row_ | line | id | week | team | row | extra | week  type i8 | team  in [KC, BUF]
    t | 1 | 2 | 1 | 1.50 | KC | 0.50 | x | true | false
    t | 3 | 4 | 3 | 03 | OAK
     | 1e0 |  y | false | true
    ");
    assert_snapshot!(report.screen(90), @r#"
    ✗ extra_columns  forbid                                                         s.yaml:1
        observed  1 column not in the schema: `extra`

    ✗ week  type i8                                                                 s.yaml:4
        observed  1 of 2 values not i8 (50 %, allowed 0)
        row  line  id  week
          1     2   1  1.50

    ✗ team  in [KC, BUF]                                                            s.yaml:5
        observed  1 of 3 rows not in the set (33.3 %, allowed 0)
        row  line  id  team
          3     4   3  "OAK\n"

    ? late-is-kc  team = 'KC' when week > 10  (inconclusive)                        s.yaml:8
        observed  `when` holds in none of 3 rows
    "#);
}

#[test]
fn the_screen_says_where_the_other_rows_are() {
    let desk = Desk::new();
    let path = desk.file("t.csv", format!("a\n{}", "9\n".repeat(7)));
    let (report, _) = rejected("columns: {a: i8 1..5}\n", &path);
    assert_snapshot!(report.screen(60).lines().last().unwrap_or_default(), @"      … 2 more in quarantine/t.parquet");
}

#[test]
fn where_no_row_breaks_a_rule_nothing_is_written() {
    let desk = Desk::new();
    let path = desk.table("t.parquet", &frame());
    for rules in [
        "rows: 100..\nextra_columns: allow\ncolumns: {id: i64}\n",
        "extra_columns: allow\ncolumns: {week: {type: 'i8?', range: 1..22, allow: 2}}\n",
    ] {
        let (report, frame) = rejected(rules, &path);
        assert_eq!((report.tables[0].rejects.as_ref(), frame), (None, None));
    }
}

#[test]
fn a_full_disk_is_told_apart_from_a_broken_one() {
    let desk = Desk::new();
    let path = desk.table("t.parquet", &frame());
    let full = |to: &std::path::Path| {
        let given = Given { rejects: &[Rejects { path: to, name: "rows" }], ..Given::default() };
        let error =
            check(&schema(RULES), &[Input { name: "t", path: &path }], &given).expect_err("it cannot be written");
        (error.is_full(), error.to_string())
    };
    let to = desk.path("rows.parquet");
    std::os::unix::fs::symlink("/dev/full", desk.path("rows.parquet.unfinished")).expect("links can be made");
    let (is_full, said) = full(&to);
    assert!(is_full && said.contains("cannot write the bad rows to `rows`: No space left on device"), "{said}");
    let (is_full, said) = full(&path.join("rows.parquet"));
    assert!(!is_full, "{said}");
}
