//! Files that are not what they claim to be.

use insta::assert_snapshot;
use polars::prelude::*;
use proptest::prelude::*;

use super::{Desk, judged};

const RULES: &str = "key: a\ncolumns: {a: i64 0..1000000, b: 'str? /x.*/'}\n";

fn refusal(name: &str, content: impl AsRef<[u8]>) -> String {
    let desk = Desk::new();
    refused(&desk.file(name, content))
}

fn refused(path: &std::path::Path) -> String {
    match judged(RULES, path) {
        Ok(report) => format!("judged: {:?}", report.state),
        Err(error) => error.to_string(),
    }
}

fn good(ending: &str) -> Vec<u8> {
    let numbers: Vec<i64> = (0..50).rev().collect();
    let texts: Vec<String> = (0..50).map(|n| format!("x{n}")).collect();
    let desk = Desk::new();
    let path = desk.table(&format!("t.{ending}"), &df!("a" => numbers, "b" => texts).expect("the columns are even"));
    std::fs::read(path).expect("the file was just written")
}

#[test]
fn each_kind_of_damage_is_told_with_the_file_and_the_place() {
    let parquet = good("parquet");
    let said = [
        refusal("t.csv", ""),
        refusal("t.csv", "a,a\n1,2\n"),
        refusal("t.csv", "a,\n1,2\n"),
        refusal("t.csv", "a,b\n1,2\n1\n"),
        refusal("t.csv", "a,b\n1,\"2\n3,4\n"),
        refusal("t.csv", "a,b\n1,\"2\"3\n"),
        refusal("t.csv", b"a,b\n1,\xff\n"),
        refusal("t.csv", &parquet),
        refusal("t.jsonl", "{\"a\": 1}\n{\"a\": \n"),
        refusal("t.jsonl", "[1, 2]\n"),
        refusal("t.jsonl", "{\"a\": 1} {\"a\": 2}\n"),
        refusal("t.parquet", ""),
        refusal("t.parquet", "a,b\n1,2\n"),
        refusal("t.parquet", &parquet[..parquet.len() / 2]),
        refusal("t.arrow", &good("arrow")[..100]),
        refusal("t.xlsx", "a"),
        refusal("t", ""),
    ];
    assert_snapshot!(said.join("\n"), @"
    `t` is damaged: the file is empty, without even a header line; write it again
    `t` is damaged: two columns are called `a` in the header; write it again
    `t` is damaged: column 2 has no name in the header; write it again
    `t` is damaged: line 3 has 1 field, and the header has 2; write it again
    `t` is damaged: the record on line 2 opens a quote that is never closed; write it again
    `t` is damaged: line 2 has text after a closing quote; write it again
    `t` is damaged: the record on line 2 is not UTF-8 text (of another encoding, say which with `csv: {encoding: latin1}` in its schema, or in the gate that reads it); write it again
    `t` is damaged: its name says CSV, and its first bytes say Parquet; write it again
    `t` is damaged: line 2, column 5: EOF while parsing a value; write it again
    `t` is damaged: line 1: invalid type: sequence, expected an object; write it again
    `t` is damaged: line 1, column 10: trailing characters; write it again
    `t` is damaged: the file is empty; write it again
    `t` is damaged: its name says Parquet, and its first bytes say something else; write it again
    `t` is damaged: it ends without its footer after 3193 bytes: the rest is missing; write it again
    `t` is damaged: it ends without its footer after 100 bytes: the rest is missing; write it again
    `t` is not a table: its name has no known ending and its first bytes are of no known format; tables are .csv, .parquet, .jsonl, .ndjson, .arrow, .ipc and .feather files, or a folder of one kind of them
    `t` is not a table: the file is empty and its name has no known ending; tables are .csv, .parquet, .jsonl, .ndjson, .arrow, .ipc and .feather files, or a folder of one kind of them
    ");
}

#[test]
fn a_key_that_stands_twice_in_a_line_is_refused() {
    let told = refusal("t.jsonl", "{\"a\": 1}\n{\"a\": 5000, \"b\": 1, \"a\": 2}\n");
    assert!(told.contains("line 2") && told.contains("the key `a` stands there twice"), "{told}");
}

#[test]
fn a_path_that_is_not_there_is_told() {
    assert_snapshot!(refused(&Desk::new().path("none.csv")), @"cannot read `t`: No such file or directory (os error 2); check that it is there and readable");
}

#[test]
fn a_folder_of_different_tables_is_refused() {
    let desk = Desk::new();
    assert_snapshot!(refused(desk.0.path()), @"`t` is not a table: the folder holds no file; tables are .csv, .parquet, .jsonl, .ndjson, .arrow, .ipc and .feather files, or a folder of one kind of them");
    desk.file("a.csv", "a,b\n1,x\n");
    desk.file("b.csv", "a,c\n1,x\n");
    assert_snapshot!(refused(desk.0.path()), @"`t/b.csv` does not have the columns of `t/a.csv`: `b` is missing; the parts of one table have the same columns");
    desk.file("b.csv", good("parquet"));
    assert_snapshot!(refused(desk.0.path()), @"`t/b.csv` is damaged: its name says CSV, and its first bytes say Parquet; write it again");
    desk.file("b.parquet", good("parquet"));
    assert_snapshot!(refused(desk.0.path()), @"`t/b.csv` is damaged: its name says CSV, and its first bytes say Parquet; write it again");
}

#[test]
fn an_empty_json_lines_file_has_no_columns_and_does_not_pass() {
    assert_snapshot!(refusal("t.jsonl", ""), @"judged: Inconclusive");
}

#[test]
fn no_byte_of_a_page_header_makes_the_reader_ask_for_all_memory() {
    let bytes = good("parquet");
    for value in [0x01, 0x7f, 0xff] {
        // The first pages, with their headers, lie at the start.
        for at in 4..120 {
            let mut damaged = bytes.clone();
            damaged[at] = value;
            // Each in a file of its own: the library's threads may still look into the last one, which must not shrink.
            let said = refusal("t.parquet", damaged);
            assert!(!said.contains("bug in lockgate"), "{at}: {said}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn damaged_bytes_give_an_error_or_a_verdict(
        ending in prop::sample::select(super::ENDINGS.to_vec()),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        keep in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = good(ending);
        for (at, byte) in &flips {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        if let Some(keep) = keep {
            bytes.truncate(keep.index(bytes.len()));
        }
        let said = refusal(&format!("t.{ending}"), bytes);
        prop_assert!(!said.contains("bug in lockgate"), "{said}");
    }
}
