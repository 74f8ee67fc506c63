//! Text formats that are not written as by default.

use insta::assert_snapshot;
use lockgate_spanned::{Problems, Source};

use super::{Desk, drawn, judged, lines, report, schema};
use crate::Schema;

fn of_bytes(schema_text: &str, name: &str, content: impl AsRef<[u8]>) -> String {
    let desk = Desk::new();
    match judged(schema_text, &desk.file(name, content)) {
        Ok(report) => lines(&report),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_table_is_read_as_the_schema_says_it_is_written() {
    let german = "csv: {delimiter: ';', encoding: latin1, decimal: ',', missing: [NA, -999]}\n\
                  columns: {ort: str /K\u{f6}ln/, wert: 'f64? 0..2', zahl: 'i64?'}\n";
    let table = "ort;wert;zahl\nK\u{f6}ln;1,5;NA\nK\u{f6}ln;-999;3\n\"K\u{f6}ln\";NA;\"NA\"\n";
    let latin1: Vec<u8> = table.chars().map(|c| u8::try_from(u32::from(c)).expect("all are in Latin 1")).collect();
    let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(table.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    let expect = of_bytes(german, "t.csv", latin1);
    assert_snapshot!(expect, @"
    pass extra_columns  forbid: no other columns
    pass ort  type str: every value is str
    pass ort  not null: no null
    pass ort  matches /Köln/: 0 of 3 rows without a match
    pass wert  type f64: every value is f64
    pass wert  range 0..2: 0 of 1 value outside
    pass zahl  type i64: every value is i64
    ");
    assert_eq!(of_bytes(&german.replace("latin1", "utf-16"), "t.csv", utf16), expect);
}

#[test]
fn a_number_with_a_point_is_none_where_a_comma_is_declared() {
    let rules = "csv: {delimiter: \"\\t\", decimal: ','}\ncolumns: {x: f64, n: i64}\n";
    let desk = Desk::new();
    let found = report(rules, &desk.file("t.csv", "x\tn\n1.000\t1,0\n2,5\t2\n"));
    let samples: Vec<_> = found.rules.iter().flat_map(|rule| &rule.samples).map(|s| s.cells[0].value.clone()).collect();
    assert_eq!(samples, [Some("1.000".to_owned()), Some("1,0".to_owned())]);
}

#[test]
fn missing_values_are_null_in_json_lines_too() {
    let rules = "csv: {missing: ['', n/a]}\ncolumns: {s: 'str?', n: 'i64?'}\n";
    let rows = "{\"s\": \"\", \"n\": \"n/a\"}\n{\"s\": \"a\", \"n\": 1}\n";
    assert_snapshot!(of_bytes(rules, "t.jsonl", rows), @"
    pass extra_columns  forbid: no other columns
    pass s  type str: every value is str
    pass n  type i64: every value is i64
    ");
}

#[test]
fn bytes_that_are_no_text_are_told_with_their_place_and_the_way_out() {
    let rules = |encoding| format!("csv: {{encoding: {encoding}}}\ncolumns: {{a: str}}\n");
    let said = [
        of_bytes(&rules("utf-8"), "t.csv", b"a\nx\n\xe9\n"),
        of_bytes(&rules("windows-1252"), "t.csv", b"a\nx\n\x81\n"),
        of_bytes(&rules("utf-16"), "t.csv", b"a\nx\n"),
        of_bytes(&rules("utf-16"), "t.csv", b"\xff\xfea\0\n\0b"),
    ];
    assert_snapshot!(said.join("\n"), @"
    `t` is damaged: the record on line 3 is not UTF-8 text (of another encoding, say which with `csv: {encoding: latin1}` in its schema, or in the gate that reads it); write it again
    `t` is damaged: byte 5 is not windows-1252 text; write it again
    `t` is damaged: it does not start with the byte order mark of UTF-16; write it again
    `t` is damaged: byte 7 is not UTF-16 text; write it again
    ");
}

#[test]
fn mistakes_in_the_writing_are_told_at_once() {
    let text = "csv: {delimiter: ';;', encoding: latin-1, missing: [[a]], decimal: ',', quote: x}\ncolumns: {a: str}\n";
    let mut problems = Problems::default();
    assert!(Schema::read(&Source::new("s.yaml", text), &mut problems).is_none());
    assert_snapshot!(drawn(&problems), @r#"
    error: `delimiter` cannot be ";;"
       ,-[s.yaml:1:19]
     1 | csv: {delimiter: ';;', encoding: latin-1, missing: [[a]], decimal: ',', quote: x}
       :                   ^|
       :                    `-- here
     2 | columns: {a: str}
       `----
      help: write one character such as ";", "|" or "\t"

    error: `encoding` cannot be `latin-1`
       ,-[s.yaml:1:34]
     1 | csv: {delimiter: ';;', encoding: latin-1, missing: [[a]], decimal: ',', quote: x}
       :                                  ^^^|^^^
       :                                     `-- here
     2 | columns: {a: str}
       `----
      help: did you mean `latin1`?

    error: a missing value is a list, not a text
       ,-[s.yaml:1:53]
     1 | csv: {delimiter: ';;', encoding: latin-1, missing: [[a]], decimal: ',', quote: x}
       :                                                     |
       :                                                     `-- here
     2 | columns: {a: str}
       `----
      help: write `missing: [NA, ""]`

    error: fields end at a comma, and so would a number with one
       ,-[s.yaml:1:59]
     1 | csv: {delimiter: ';;', encoding: latin-1, missing: [[a]], decimal: ',', quote: x}
       :                                                           ^^^|^^^
       :                                                              `-- here
     2 | columns: {a: str}
       `----
      help: name the delimiter: `csv: {delimiter: ";", decimal: ","}`

    error: `csv` has no key `quote`
       ,-[s.yaml:1:73]
     1 | csv: {delimiter: ';;', encoding: latin-1, missing: [[a]], decimal: ',', quote: x}
       :                                                                         ^^|^^
       :                                                                           `-- not a key
     2 | columns: {a: str}
       `----
      help: known keys: delimiter, encoding, missing, decimal
    "#);
}

#[test]
fn the_writing_is_part_of_the_rules_only_when_it_is_declared() {
    let form = |text: &str| String::from_utf8(schema(text).normal_form()).expect("the form is text");
    let plain = form("columns: {a: str}\n");
    assert_eq!(form("csv: {delimiter: ','}\ncolumns: {a: str}\n"), plain);
    let other = form("csv: {missing: [null, NA, ~, '', NA, -1]}\ncolumns: {a: str}\n");
    assert_snapshot!(other, @r#"{"format":"lockgate schema rules 1","key":null,"also_unique":[],"extra_columns":"forbid","column_order":"any","rows":null,"columns":[{"name":"a","type":"str","nullable":false,"nan":null,"rules":[]}],"csv":{"delimiter":",","encoding":"utf-8","missing":["","-1","NA","null","~"],"decimal":"."}}"#);
    assert_ne!(other, plain);
}

#[test]
fn a_column_says_for_itself_what_stands_for_null() {
    let rules = "csv: {missing: [NA]}\ncolumns: {a: 'i64?', b: {type: 'i64?', missing: [-1, '']}, c: {type: str, missing: []}, d: {type: 'any?', missing: '-'}}\n";
    let table = "a,b,c,d\nNA,-1,NA,-\n-1,2,x,2\n3,NA,\"\",3\n";
    assert_snapshot!(of_bytes(rules, "t.csv", table), @"
    pass extra_columns  forbid: no other columns
    pass a  type i64: every value is i64
    fail b  type i64: 1 of 2 values not i64 (50 %, allowed 0)
    pass c  type str: every value is str
    pass c  not null: no null
    pass d  type any: any type is right
    ");
    let lines =
        "{\"a\": \"NA\", \"b\": \"-1\", \"c\": \"NA\", \"d\": 1}\n{\"a\": -1, \"b\": -1, \"c\": \"\", \"d\": \"-\"}\n";
    assert_snapshot!(of_bytes(rules, "t.jsonl", lines), @"
    pass extra_columns  forbid: no other columns
    pass a  type i64: every value is i64
    pass b  type i64: every value is i64
    pass c  type str: every value is str
    pass c  not null: no null
    pass d  type any: any type is right
    ");
}

#[test]
fn what_stands_for_null_in_a_column_is_part_of_its_rules() {
    let form = |missing: &str| {
        let schema = schema(&format!("csv: {{missing: [NA]}}\ncolumns: {{a: {{type: 'str?'{missing}}}}}\n"));
        String::from_utf8(schema.normal_form()).expect("the form is text")
    };
    assert_eq!(form(", missing: ['-', x, x]"), form(", missing: [x, '-']"));
    assert_ne!(form(", missing: x"), form(""));
    assert_ne!(form(", missing: []"), form(""));
    let mut problems = Problems::default();
    let text = "columns: {a: {type: str, missing: {b: c}}}\n";
    assert!(Schema::read(&Source::new("s.yaml", text), &mut problems).is_none());
    assert_snapshot!(drawn(&problems), @r#"
    error: a missing value is a mapping, not a text
       ,-[s.yaml:1:35]
     1 | columns: {a: {type: str, missing: {b: c}}}
       :                                   |
       :                                   `-- here
       `----
      help: write `missing: [NA, ""]`
    "#);
}
