//! Tables as plain columns.

use insta::assert_snapshot;
use polars::prelude::*;

use super::{Desk, ENDINGS};
use lockgate_forms::{Decimal, TextForm};

use crate::{ColumnKind, Numbers, TableAt, TableFile, TimeKind};

fn opened(path: &std::path::Path) -> TableFile {
    TableFile::open(TableAt::plain("t", path)).unwrap_or_else(|error| panic!("{error}"))
}

fn frame() -> DataFrame {
    let mut frame = df!(
        "n" => [Some(1i32), None, Some(-3)],
        "x" => [0.5, 1e300, -2.0],
        "s" => [Some("a"), None, Some("b c")],
        "yes" => [Some(true), Some(false), None],
    )
    .expect("the columns are even");
    let ticks = Series::new("at".into(), [Some(0i64), None, Some(1_500_000)]);
    let at = ticks.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).expect("numbers are ticks");
    frame.with_column(at.into()).expect("the column is even");
    frame
}

#[test]
fn columns_and_values_are_the_same_in_every_format() {
    for ending in ENDINGS {
        let desk = Desk::new();
        let table = opened(&desk.table(&format!("t.{ending}"), &frame()));
        let kinds = table.columns().expect("the table can be read");
        let expect = [
            ("n", ColumnKind::Number),
            ("x", ColumnKind::Number),
            ("s", ColumnKind::Text),
            ("yes", ColumnKind::Bool),
            ("at", ColumnKind::Time(TimeKind::Local)),
        ];
        assert_eq!(kinds, expect.map(|(name, kind)| (name.to_owned(), kind)), "{ending}");
        assert_eq!(table.rows().expect("rows can be counted"), 3, "{ending}");

        let numbers = table.numbers(&["x", "n", "x", "yes"]).expect("the columns are numbers");
        let column = |values: &[f64], nulls| Numbers { values: values.to_vec(), nulls };
        let x = column(&[0.5, 1e300, -2.0], 0);
        assert_eq!(numbers, [x.clone(), column(&[1.0, -3.0], 1), x, column(&[1.0, 0.0], 1)], "{ending}");
        let aligned = table.aligned(&["n"]).expect("the column is numbers");
        assert_eq!(aligned, [[Some(1.0), None, Some(-3.0)]], "{ending}");

        let texts = table.texts("n").expect("the column is there");
        assert_eq!(texts, [Some("1".to_owned()), None, Some("-3".to_owned())], "{ending}");
        let times = table.times("at").expect("the column is times");
        assert_eq!((times.kind, times.values), (TimeKind::Local, vec![Some(0), None, Some(1_500_000_000)]), "{ending}");
    }
}

#[test]
fn a_zone_is_known_in_text_and_where_it_is_stored() {
    let desk = Desk::new();
    let text = "u,d,l\n2024-01-01T01:00:00+01:00,2024-01-02,2024-01-01 00:00\n,,\n2400-01-01T00:00:00Z,1969-12-31,2024-01-01T00:00:01\n";
    let table = opened(&desk.file("t.csv", text));
    let times = |column| table.times(column).map(|times| (times.kind, times.values)).expect("the column is times");
    let new_year = 1_704_067_200_000_000_000i128;
    let day = 86_400_000_000_000i128;
    assert_eq!(times("u"), (TimeKind::Zoned, vec![Some(new_year), None, Some(13_569_465_600_000_000_000)]));
    assert_eq!(times("d"), (TimeKind::Day, vec![Some(new_year + day), None, Some(-day)]));
    assert_eq!(times("l"), (TimeKind::Local, vec![Some(new_year), None, Some(new_year + 1_000_000_000)]));

    let ticks = Series::new("u".into(), [new_year / 1_000_000]);
    let zoned =
        DataType::Datetime(TimeUnit::Milliseconds, TimeZone::opt_try_new(Some("Europe/Paris")).expect("a zone"));
    let stored = ticks.cast(&zoned).expect("numbers are ticks").into_frame();
    let table = opened(&desk.table("t.parquet", &stored));
    let found = table.times("u").expect("the column is times");
    assert_eq!((found.kind, found.values), (TimeKind::Zoned, vec![Some(new_year)]));
}

#[test]
fn what_cannot_be_given_is_told_with_its_place() {
    let desk = Desk::new();
    let csv =
        opened(&desk.file("t.csv", "n,at,mixed\n1,2024-01-01,2024-01-01T00:00Z\nx,2024-13-01,2024-01-01T00:00\n"));
    let json = opened(&desk.file("t.jsonl", "{\"n\": 1}\n{\"n\": \"2\"}\n"));
    let parquet = opened(&desk.table("t.parquet", &frame()));
    let said = [
        csv.numbers(&["m"]).expect_err("there is no such column"),
        csv.numbers(&["elo"]).expect_err("there is no such column"),
        csv.aligned(&["n"]).expect_err("x is no number"),
        csv.times("at").expect_err("there is no 13th month"),
        csv.times("mixed").expect_err("one has an offset and one has none"),
        json.numbers(&["n"]).expect_err("a string is no number"),
        parquet.numbers(&["n", "s"]).expect_err("a text is no number"),
        parquet.times("n").expect_err("a number is no time"),
    ];
    assert_snapshot!(said.map(|error| error.to_string()).join("\n"), @r#"
    `t` has no column `m`: it has n, at, mixed
    `t` has no column `elo`: it has n, at, mixed
    `t`, row 2: `x` in column `n` is not a number; correct it, or leave the cell empty
    `t`, row 2: `2024-13-01` in column `at` is not a date or a date and time; correct it, or leave the cell empty
    `t`, row 2: `2024-01-01T00:00` in column `mixed` is not a time with an offset as the values above it are; correct it, or leave the cell empty
    `t`, row 2: `"2"` in column `n` is not a number; correct it, or leave the cell empty
    column `s` of `t` is stored as str, and numbers are wanted; name another column
    column `n` of `t` is stored as i32, and points in time are wanted; name another column
    "#);
}

#[test]
fn kinds_of_text_hold_for_all_values() {
    let desk = Desk::new();
    let rows = |last: &str| format!("a\n{}{last}\n", "1\n".repeat(40_000));
    let kind = |text: &str| opened(&desk.file("t.csv", text)).columns().expect("the table can be read")[0].1;
    assert_eq!(kind(&rows("2.5")), ColumnKind::Number);
    assert_eq!(kind(&rows("x")), ColumnKind::Text);
    assert_eq!(kind("a,b\n,1\n"), ColumnKind::Text);
    assert_eq!(kind("a\n2024-01-01\n2024-01-01T10:00\n"), ColumnKind::Time(TimeKind::Local));
    let json = |text: &str| opened(&desk.file("t.jsonl", text)).columns().expect("the table can be read")[0].1;
    assert_eq!(json("{\"a\": \"1\"}\n"), ColumnKind::Text);
    assert_eq!(json("{\"a\": 1}\n{\"a\": null}\n"), ColumnKind::Number);
    assert_eq!(json("{\"a\": 1}\n{\"a\": \"2024-01-01\"}\n"), ColumnKind::Text);
}

#[test]
fn a_comma_before_the_fraction_makes_numbers_too() {
    let desk = Desk::new();
    let path = desk.file("t.csv", "a;b;c\n1,5;1;1.5\nNA;2;2,5\n");
    let form = TextForm { delimiter: b';', missing: vec!["NA".to_owned()], decimal: Decimal::Comma, ..TextForm::PLAIN };
    let table = TableFile::open(TableAt { name: "t", path: &path, form: &form }).expect("it is a table");
    let kinds: Vec<ColumnKind> = table.columns().expect("it can be read").into_iter().map(|(_, kind)| kind).collect();
    assert_eq!(kinds, [ColumnKind::Number, ColumnKind::Number, ColumnKind::Text]);
    let found = table.numbers(&["a"]).expect("they are numbers");
    assert_eq!(found, [Numbers { values: vec![1.5], nulls: 1 }]);
}
