//! Tables that are written anew with cells from other rows.

use std::fs;

use insta::assert_snapshot;
use lockgate_forms::{Decimal, Encoding, TextForm};
use polars::prelude::*;

use super::Desk;
use crate::{TableAt, rearrange};

#[test]
fn texts_stay_as_they_are_and_move_together() {
    let desk = Desk::new();
    let path = desk.file("t.csv", "id,home,away,name\n007,1,2,\"a, b\"\n008,,0,\n009,3.50,1,\"\"\n");
    let out = desk.path("out.csv");
    rearrange(TableAt::plain("t.csv", &path), &out, &["home", "away"], &[2, 1, 0]).unwrap();
    assert_snapshot!(fs::read_to_string(&out).unwrap(), @r#"
    id,home,away,name
    007,3.50,1,"a, b"
    008,,0,
    009,1,2,""
    "#);
    rearrange(TableAt::plain("t.csv", &path), &out, &["home"], &[0, 1, 2]).unwrap();
    assert_snapshot!(fs::read_to_string(&out).unwrap(), @r#"
    id,home,away,name
    007,1,2,"a, b"
    008,,0,
    009,3.50,1,""
    "#);
}

#[test]
fn a_table_is_written_anew_as_it_was_written() {
    let desk = Desk::new();
    let written = "ort;x\nK\u{f6}ln;1,5\n\"a;b\";NA\nBonn;-2,0\n";
    let latin1 = |text: &str| -> Vec<u8> { text.chars().map(|c| u8::try_from(c).expect("it is in Latin 1")).collect() };
    let (path, out) = (desk.file("t.csv", latin1(written)), desk.path("out.csv"));
    let form = TextForm {
        delimiter: b';',
        encoding: Encoding::Latin1,
        missing: vec!["NA".to_owned()],
        decimal: Decimal::Comma,
        ..TextForm::PLAIN
    };
    rearrange(TableAt { name: "t.csv", path: &path, form: &form }, &out, &["x"], &[2, 1, 0]).unwrap();
    assert_eq!(fs::read(&out).unwrap(), latin1("ort;x\nK\u{f6}ln;-2,0\n\"a;b\";NA\nBonn;1,5\n"));
}

#[test]
fn types_stay_as_they_are() {
    let desk = Desk::new();
    let frame = df!("id" => [1_i8, 2, 3], "x" => [Some(0.1_f32), None, Some(0.3)], "s" => ["a", "b", "c"]).unwrap();
    let (path, out) = (desk.table("t.parquet", &frame), desk.path("out.parquet"));
    rearrange(TableAt::plain("t.parquet", &path), &out, &["x", "s"], &[1, 2, 2]).unwrap();
    let found = ParquetReader::new(fs::File::open(&out).unwrap()).finish().unwrap();
    let expect = df!("id" => [1_i8, 2, 3], "x" => [None, Some(0.3_f32), Some(0.3)], "s" => ["b", "c", "c"]).unwrap();
    assert!(found.equals_missing(&expect), "{found}");
}

#[test]
fn what_cannot_be_written_anew_is_refused() {
    let desk = Desk::new();
    desk.file("folder/a.csv", "x\n1\n");
    desk.file("folder/b.csv", "x\n2\n");
    let lines = desk.file("t.jsonl", "{\"x\": 1}\n");
    let refused = |name: &str, path: &std::path::Path| {
        rearrange(TableAt::plain(name, path), &desk.path("out"), &["x"], &[0]).unwrap_err().to_string()
    };
    assert_snapshot!(refused("folder", &desk.path("folder")), @"`folder` cannot be written anew with other cells: it is a folder; give it as one Parquet or CSV file");
    assert_snapshot!(refused("t.jsonl", &lines), @"`t.jsonl` cannot be written anew with other cells: it is neither Parquet nor CSV; give it as one Parquet or CSV file");
}
