//! The same table in four formats, and as a folder of parts.

use insta::assert_snapshot;
use polars::prelude::*;

use super::{Desk, ENDINGS, lines, report, state_of};
use crate::{Report, State};

const RULES: &str = "\
key: [id]
also_unique: [[day, team]]
rows: 5..5
columns:
  id:    i64
  week:  i8? 1..22
  share: f64? 0..1
  team:  str in [KC, BUF, GB]
  day:   date 2024-01-01..2024-12-31
  at:    datetime[us] 2024-01-01..
  home:  bool
";

fn frame(weeks: [Option<i8>; 5], team: &str) -> DataFrame {
    let days = Series::new("day".into(), [19_800, 19_801, 19_802, 19_803, 19_804]).cast(&DataType::Date);
    let ticks = Series::new("at".into(), [1_710_000_000_000_000i64; 5]);
    let at = ticks.cast(&DataType::Datetime(TimeUnit::Microseconds, None));
    let mut frame = df!(
        "id" => [3i64, 1, 2, 5, 4],
        "week" => weeks,
        "share" => [Some(0.0), Some(0.25), None, Some(1.0), Some(0.1)],
        "team" => ["KC", "BUF", "GB", "KC", team],
    )
    .expect("the columns are even");
    frame.with_column(days.expect("numbers are days").into()).expect("the column is even");
    frame.with_column(at.expect("numbers are ticks").into()).expect("the column is even");
    frame.with_column(Column::new("home".into(), [true, false, true, false, true])).expect("the column is even");
    frame
}

/// What must not depend on the format: all but the file's size and types and the lines of text formats.
fn essence(mut report: Report) -> Report {
    report.tables[0].bytes = 0;
    report.tables[0].stored.clear();
    for rule in &mut report.rules {
        if rule.rule.starts_with("type") {
            // Text is parsed and counted; a stored type holds as a whole.
            (rule.observed, rule.examined) = (String::new(), 0);
            rule.notes.clear();
        }
        rule.samples.iter_mut().for_each(|sample| sample.line = None);
    }
    report
}

#[test]
fn the_verdict_does_not_depend_on_the_format() {
    let check = |frame: &DataFrame, state: State| {
        let desk = Desk::new();
        let found = ENDINGS.map(|ending| essence(report(RULES, &desk.table(&format!("t.{ending}"), frame))));
        assert_eq!(found[0].state, state, "{}", lines(&found[0]));
        for (ending, other) in ENDINGS.iter().zip(&found) {
            assert_eq!(other, &found[0], "{ending}");
        }
    };
    check(&frame([Some(1), Some(22), None, Some(7), Some(8)], "GB"), State::Pass);
    check(&frame([Some(1), Some(23), None, Some(7), Some(-8)], "GB"), State::Fail);
    check(&frame([Some(1), Some(2), Some(3), Some(7), Some(8)], "OAK"), State::Fail);
    check(&frame([None; 5], "GB"), State::Inconclusive);
}

#[test]
fn a_table_without_rows_has_the_same_verdict_in_every_format() {
    let desk = Desk::new();
    let empty = frame([None; 5], "GB").head(Some(0));
    let states = |report: Report| report.rules.into_iter().map(|rule| (rule.name(), rule.state)).collect::<Vec<_>>();
    let found = ENDINGS.map(|ending| states(report(RULES, &desk.table(&format!("t.{ending}"), &empty))));
    assert!(found.iter().all(|other| *other == found[0]), "{found:?}");
}

#[test]
fn a_folder_is_one_table_in_the_order_of_names() {
    let whole = frame([Some(1), Some(99), None, Some(7), Some(-8)], "KC");
    for ending in ENDINGS {
        let desk = Desk::new();
        desk.table(&format!("t/b.{ending}"), &whole.slice(2, 3));
        desk.table(&format!("t/a.{ending}"), &whole.slice(0, 2));
        desk.file("t/_SUCCESS", "");
        let found = report(RULES, &desk.path("t"));
        assert_eq!((found.tables[0].rows, found.rules[0].state), (5, State::Pass));
        let range = found.rules.iter().find(|rule| rule.name() == "week  range 1..22").expect("the rule is there");
        let at: Vec<_> = range.samples.iter().map(|sample| (sample.part.clone(), sample.row)).collect();
        assert_eq!(at, [(Some(format!("t/a.{ending}")), Some(2)), (Some(format!("t/b.{ending}")), Some(3))]);
        assert_eq!(range.observed, "min -8, max 99, 2 of 4 values outside (50 %, allowed 0)");
    }
}

#[test]
fn keys_are_unique_over_all_parts() {
    let desk = Desk::new();
    desk.file("t/1.csv", "k\n1\n2\n");
    desk.file("t/2.csv", "k\n3\n1\n");
    assert_snapshot!(lines(&report("key: k\ncolumns: {k: i64}\n", &desk.path("t"))), @"
    pass extra_columns  forbid: no other columns
    fail key [k]  unique: 2 rows in 1 duplicate group
    pass k  type i64: every value is i64
    pass k  not null: no null
    ");
}

#[test]
fn csv_is_read_as_it_is_written() {
    let desk = Desk::new();
    let text = "\u{feff}a,\"b, c\",d\r\n1,\"x \"\"y\"\"\r\nz\",\r\n2,,\"\"\r\n";
    let path = desk.file("t.csv", text);
    let found = report("columns: {a: i8 5.., 'b, c': str /-/, d: str? /-/}\n", &path);
    let cells: Vec<_> =
        found.rules.iter().flat_map(|rule| &rule.samples).map(|s| (s.line, s.cells[0].value.clone())).collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        cells,
        [
            (Some(2), text("1")),
            (Some(4), text("2")),
            (Some(4), None),
            (Some(2), text("x \"y\"\r\nz")),
            (Some(4), text("")),
        ]
    );
}

#[test]
fn json_values_keep_their_kind() {
    let desk = Desk::new();
    let lines_of =
        "{\"n\": 1, \"s\": \"a\"}\n\n{\"n\": \"2\", \"s\": 3}\n{\"s\": null, \"n\": 4.0, \"x\": [1]}\n{\"n\":true}\n";
    let path = desk.file("t.jsonl", lines_of);
    assert_snapshot!(lines(&report("columns: {n: i64, s: str?}\n", &path)), @"
    fail extra_columns  forbid: 1 column not in the schema: `x`
    fail n  type i64: 3 of 4 values not i64 (75 %, allowed 0)
    pass n  not null: no null
    fail s  type str: 1 of 2 values not str (50 %, allowed 0)
    ");
}

#[test]
fn a_file_without_a_known_ending_is_known_by_its_first_bytes() {
    let desk = Desk::new();
    let path = desk.table("t.parquet", &df!("a" => [1i64]).expect("one column is even"));
    let bytes = std::fs::read(path).expect("the file was just written");
    let found = report("columns: {a: i64}\n", &desk.file("blob", bytes));
    assert_eq!(found.state, State::Pass);
}

#[test]
fn other_names_of_a_path_are_not_patterns() {
    let desk = Desk::new();
    let path = desk.table("week=1/t*[1].parquet", &df!("a" => [1i64]).expect("one column is even"));
    assert_eq!(report("columns: {a: i64}\n", &path).state, State::Pass);
}

#[test]
fn categories_are_text() {
    let cells = Column::new("s".into(), ["a", "b", "a", "c"]);
    let cells = cells.cast(&DataType::from_categories(Categories::global())).expect("texts are categories");
    let table = DataFrame::new(4, vec![cells]).expect("one column is even");
    for ending in ["parquet", "arrow"] {
        let desk = Desk::new();
        let path = desk.table(&format!("t.{ending}"), &table);
        let found = report("columns:\n  s: str in [a, b] len 1..1\nrules: [{r: n_unique(s) = 3}]", &path);
        assert_eq!(state_of(&found, "s  type str"), State::Pass, "{}", lines(&found));
        assert_eq!(state_of(&found, "s  in [a, b]"), State::Fail, "{}", lines(&found));
        assert_eq!(state_of(&found, "r  n_unique(s) = 3"), State::Pass, "{}", lines(&found));
    }
}
