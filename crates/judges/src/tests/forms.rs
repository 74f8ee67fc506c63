//! Tables that are written in another way: what is said of them stays the same.

use std::fs;

use insta::assert_snapshot;
use lockgate_contract::TableAt;
use lockgate_forms::{Decimal, Encoding, TextForm};
use lockgate_kinds::Kind;

use super::{Desk, csv, kind, said};
use crate::leakage::{Cutoff, Features, perturb};

const FORM: &str = "csv: {delimiter: ';', encoding: latin1, missing: [NA], decimal: ','}";

/// Writes a plain table as [`FORM`] says.
fn foreign(text: &str) -> Vec<u8> {
    let cell = |cell: &str| match cell {
        "" => "NA".to_owned(),
        number if number.parse::<f64>().is_ok() => number.replace('.', ","),
        text => text.to_owned(),
    };
    let lines = text.lines().map(|line| line.split(',').map(cell).collect::<Vec<_>>().join(";") + "\n");
    lines.collect::<String>().chars().map(|c| u8::try_from(c).expect("it is in Latin 1")).collect()
}

/// Judges the first of the files as it is and as it can be written otherwise, and says the same of both.
fn both(gate: &str, files: &[(&str, &str)]) -> String {
    let (plain, other) = (Desk::new(), Desk::new());
    for (name, text) in files {
        plain.file(name, text);
        other.file(name, foreign(text));
    }
    let gate_of_other = format!("{gate}\n{FORM}");
    if let Ok(text) = plain.reference(gate, &[files[0].0]) {
        assert_eq!(other.reference(&gate_of_other, &[files[0].0]).expect("a reference can be made"), text);
        plain.file("ref.json", &text);
        other.file("ref.json", &text);
    }
    let report = plain.said(gate, &[files[0].0]);
    assert_eq!(other.said(&gate_of_other, &[files[0].0]), report);
    assert_ne!(other.said(gate, &[files[0].0]), report, "without a word the table is another one");
    report
}

#[test]
fn every_kind_reads_its_data_as_the_gate_says() {
    let times = "at,team\n2017-05-21T14:45:00Z,K\u{f6}ln\n,Bonn\n";
    assert_snapshot!(both("freshness: {column: at, fail_after: 60m, per: team, expected: [K\u{f6}ln]}", &[("t.csv", times)]), @"
    pass
    pass at per team  age ≤ 1h: the oldest group has 2017-05-21T14:45:00Z, 15m before 2017-05-21T15:00:00Z [0 of 1]
      (not among the expected groups and not judged: `Bonn`)
    pass team  has the expected groups: all 1 [0 of 1]
    = age at: 900
    ");
    let spread = csv("elo", (0..200).map(|i| if i % 9 == 0 { String::new() } else { format!("{}.5", i % 40) }));
    assert_snapshot!(both("drift: {reference: ref.json, columns: [elo], psi: 0.2, ks: 0.1}", &[("t.csv", &spread)]), @"
    pass
    pass elo  psi ≤ 0.2: 0; chance alone stays under 0.232 in 99 of 100 cases [0 of 1]
    pass elo  ks ≤ 0.1: 0 at 0.5, p = 1, α = 0.01 [0 of 1]
    = ks elo: 0
    = psi elo: 0
    ");
    let sure = csv("p,won", (0..120).map(|i| if i == 7 { ",1".to_owned() } else { format!("0.5,{}", i % 2) }));
    assert_snapshot!(both("calibration: {probability: p, outcome: won, brier: 0.3}", &[("t.csv", &sure)]), @"
    pass
    pass p  Brier score ≤ 0.3: 0.25 of 119 rows [0 of 119]
      (skill against the base rate -7.06e-5; reliability 1.77e-5, resolution 0, uncertainty 0.25, within bins 0)
      (1 row without a probability or an outcome not counted)
    = brier p: 0.25
    ");
    let query = "sql: {query: \"SELECT home FROM data JOIN teams ON data.home = teams.code WHERE goals > 1.25\", tables: {teams: teams.csv}}";
    let goals = "home,goals\nK\u{f6}ln,1.5\nBonn,\nBonn,1\n";
    assert_snapshot!(both(query, &[("t.csv", goals), ("teams.csv", "code,n\nK\u{f6}ln,1\nBonn,2\n")]), @"
    fail
    fail sql  SELECT home FROM data JOIN teams ON data.home = teams.code WHERE goals > 1.25: 1 row [1 of 3]
      home Köln
    = bad rows: 1
    ");
    let prices = "game,price\na,1.5\nb,\nc,2\n";
    let live = "game,price\na,1.25\nb,\nc,4\n";
    assert_snapshot!(both("tolerance: {against: live.csv, key: game, columns: {price: 0.5}}", &[("t.csv", prices), ("live.csv", live)]), @"
    fail
    pass key  [game] unique: 3 rows [0 of 3]
    pass key in live.csv  [game] unique: 3 rows [0 of 3]
    pass missing rows  of live.csv: 0 of 3 rows [0 of 3]
    pass extra rows  not in live.csv: 0 of 3 rows [0 of 3]
    fail price  within 0.5: 1 of 2 pairs too far apart, the largest difference 2 [1 of 2]
      row 3, game c, price 2, price in live.csv 4
    ");
}

#[test]
fn a_table_that_settings_name_may_be_written_in_its_own_way() {
    let desk = Desk::new();
    desk.file("t.csv", "game,price\na,1.5\n");
    desk.file("live.csv", foreign("game,price\na,1.25\n"));
    let gate = format!(
        "tolerance: {{against: {{path: live.csv, {FORM}}}, key: game, columns: {{price: 0.5}}, missing: warn}}"
    );
    assert_eq!(desk.judge(&gate, &["t.csv"]).map(|report| report.state.name()).unwrap(), "pass");
    let gate =
        format!("sql: {{query: SELECT * FROM live WHERE price > 1, tables: {{live: {{path: live.csv, {FORM}}}}}}}");
    assert_snapshot!(said(&desk.judge(&gate, &["t.csv"]).unwrap()), @"
    fail
    fail sql  SELECT * FROM live WHERE price > 1: 1 row [1 of 1]
      game a, price 1.25
    = bad rows: 1
    ");
}

#[test]
fn losses_are_read_as_the_gate_says() {
    let rows = "id,loss\n1,0.25\n2,0.5\n";
    let gate = "regression: {metrics: {brier: {better: lower, max_drop: 2%}}, baseline: ref.json, evaluation: [n], rows: {file: rows.csv, key: id, loss: loss}}";
    let (plain, other) = (Desk::new(), Desk::new());
    for (desk, rows) in [(&plain, rows.as_bytes().to_vec()), (&other, foreign(rows))] {
        desk.file("m.json", "{\"n\": 2, \"brier\": 0.2}");
        desk.file("rows.csv", rows);
    }
    let made = plain.reference(gate, &["m.json", "rows.csv"]).expect("a baseline can be made");
    let other = other.reference(&format!("{gate}\n{FORM}"), &["m.json", "rows.csv"]);
    assert_eq!(other.expect("a baseline can be made"), made);
}

#[test]
fn an_input_is_perturbed_in_the_way_it_is_written() {
    let gate = "leakage: {stage: f, key: id, time: day, outcomes: {t.csv: [x]}}";
    let Kind::Leakage(settings) = kind(gate) else { panic!("it is a leakage gate") };
    let text = csv("id,day,x", (0..9).map(|i| format!("{i},2017-05-0{},{}.5", i + 1, i * 3 % 20)));
    let form = TextForm {
        delimiter: b';',
        encoding: Encoding::Latin1,
        missing: vec!["NA".to_owned()],
        decimal: Decimal::Comma,
        ..TextForm::PLAIN
    };
    let desk = Desk::new();
    let (plain, other) = (desk.file("t.csv", &text), desk.file("other.csv", foreign(&text)));
    let perturbed = |table: TableAt<'_>, out: &str| {
        let features = Features::open(&settings, table).expect("it is a table");
        let cutoff: Cutoff = features.cutoffs(1)[0];
        let out = desk.file(out, "");
        let changed = perturb(&settings.outcomes[0], table, &out, cutoff).expect("it can be written anew");
        (changed, fs::read(out).expect("it was written"))
    };
    let (changed, made) = perturbed(TableAt::plain("t.csv", &plain), "made.csv");
    let made = String::from_utf8(made).expect("it is UTF-8");
    assert!(changed > 0 && made != text);
    let other = TableAt { name: "other.csv", path: &other, form: &form };
    assert_eq!(perturbed(other, "other-made.csv"), (changed, foreign(&made)));
}

#[test]
fn the_name_of_a_file_says_its_format_wherever_it_lies() {
    let desk = Desk::new();
    desk.file("t.csv", csv("id,at,x,y", (0..200).map(|i| format!("{i},2017-05-21,0.{},{}", i % 90 + 10, i % 2))));
    desk.file("other.jsonl", (0..200).map(|i| format!("{{\"id\": {i}, \"x\": 0.5}}\n")).collect::<Vec<_>>().concat());
    desk.file("m.json", "{\"n\": 200, \"brier\": 0.2}");
    let drift = "drift: {reference: ref.json, columns: [x], psi: 0.2}";
    desk.file("ref.json", desk.reference(drift, &["t.csv"]).expect("a reference can be made"));
    let gates = [
        "freshness: {column: at, fail_after: 1d, timezone: UTC}",
        drift,
        "calibration: {probability: x, outcome: y, brier: 0.9}",
        "tolerance: {against: other.jsonl, key: [id], columns: {x: 1}}",
        "sql: {query: SELECT data.id FROM data JOIN other ON data.id = other.id WHERE data.x > 2, tables: {other: other.jsonl}}",
    ];
    for gate in gates {
        let report = desk.judge_in_store(gate, &["t.csv"]).unwrap_or_else(|error| panic!("{gate}: {error}"));
        assert_eq!(report.state.name(), "pass", "{gate}: {}", said(&report));
    }
    let rows = "regression: {metrics: {brier: {better: lower, max_drop: 2%}}, baseline: base.json, evaluation: [n], rows: {file: t.csv, key: id, loss: x}}";
    desk.file("base.json", desk.reference(rows, &["m.json", "t.csv"]).expect("a baseline can be made"));
    assert_eq!(desk.judge_in_store(rows, &["m.json", "t.csv"]).map(|report| report.state.name()).unwrap(), "pass");
}
