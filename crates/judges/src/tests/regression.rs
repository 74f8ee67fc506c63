//! Metrics against a committed baseline.

use insta::assert_snapshot;

use super::Desk;

const GATE: &str = "regression: {metrics: {test.brier: {better: lower, max_drop: 2%, max_gain: 5%}}, baseline: base.json, evaluation: [matches]}";

/// Judges a score against a baseline of `before`, on as many matches as given.
fn change(before: &str, after: &str, matches: u32) -> String {
    let desk = Desk::new().and("m.json", format!("{{\"matches\": 380, \"test\": {{\"brier\": {before}}}}}"));
    desk.refer(GATE, &["m.json"], "base.json");
    desk.file("m.json", format!("{{\"matches\": {matches}, \"test\": {{\"brier\": {after}}}}}"));
    desk.said(GATE, &["m.json"])
}

#[test]
fn worse_fails_and_much_better_asks_for_a_review() {
    assert_snapshot!(change("0.228", "0.215", 380), @"
    review
    pass evaluation  on the data of the baseline: matches 380 [0 of 1]
    review test.brier  ≤ 2 % worse, ≤ 5 % better: 0.228 → 0.215, 5.7 % better [1 of 1]
      (much better is mostly a leak: look for one before it counts)
    = test.brier: 0.215
    ");
    assert_snapshot!(change("0.228", "0.235", 380), @"
    fail
    pass evaluation  on the data of the baseline: matches 380 [0 of 1]
    fail test.brier  ≤ 2 % worse, ≤ 5 % better: 0.228 → 0.235, 3.07 % worse [1 of 1]
    = test.brier: 0.235
    ");
    assert_snapshot!(change("0.228", "0.229", 380), @"
    pass
    pass evaluation  on the data of the baseline: matches 380 [0 of 1]
    pass test.brier  ≤ 2 % worse, ≤ 5 % better: 0.228 → 0.229, 0.439 % worse [0 of 1]
    = test.brier: 0.229
    ");
    // (0.2 − 0.19) / 0.2 is a little more than 5 % in floats.
    assert_snapshot!(change("0.2", "0.19", 380), @"
    pass
    pass evaluation  on the data of the baseline: matches 380 [0 of 1]
    pass test.brier  ≤ 2 % worse, ≤ 5 % better: 0.2 → 0.19, 5 % better [0 of 1]
    = test.brier: 0.19
    ");
    assert_snapshot!(change("0", "0.19", 380), @"
    inconclusive
    pass evaluation  on the data of the baseline: matches 380 [0 of 1]
    inconclusive test.brier  ≤ 2 % worse, ≤ 5 % better: 0 → 0.19: the baseline is zero and nothing is relative to it; needs a baseline other than zero [0 of 1]
    = test.brier: 0.19
    ");
}

#[test]
fn a_metric_of_other_data_is_not_comparable() {
    assert_snapshot!(change("0.228", "0.228", 200), @"
    inconclusive
    inconclusive evaluation  on the data of the baseline: `matches` was 380 and is 200: evaluate both on one data set, then make the baseline with `lockgate gate reference g` [1 of 1]
    inconclusive test.brier  ≤ 2 % worse, ≤ 5 % better: 0.228 → 0.228, but not on the same data [0 of 1]
    = test.brier: 0.228
    ");
}

#[test]
fn without_a_baseline_the_message_says_how_to_make_one() {
    let desk = Desk::new().and("m.json", "{\"matches\": 380, \"test\": {\"brier\": 0.2}}");
    assert_snapshot!(desk.said(GATE, &["m.json"]), @"
    inconclusive
    inconclusive baseline  base.json: there is no baseline: make it with `lockgate gate reference g` of a model that you approve, and commit it [0 of 0]
    = test.brier: 0.2
    ");
}

#[test]
fn a_metric_that_is_not_there_is_an_error() {
    let error = |text: &str, data: &[&str]| {
        let desk = Desk::new().and("m.json", text).and("m.yaml", "matches: 380\ntest: {brier: .nan}");
        desk.judge(GATE, data).unwrap_err().to_string()
    };
    assert_snapshot!(error("{\"matches\": 380, \"test\": {\"brierr\": 0.2}}", &["m.json"]), @"`m.json` has no `test.brier`: did you mean `test.brierr`?");
    assert_snapshot!(error("{\"matches\": 380, \"test\": {\"brier\": \"low\"}}", &["m.json"]), @r#"`m.json` is not a file of this metric: `test.brier` is "low", not a finite number; correct what computes it, or name another metric"#);
    assert_snapshot!(error("{\"matches\": 380,", &["m.json"]), @"`m.json` is not a JSON file: EOF while parsing a value at line 1 column 16; correct what writes it");
    assert_snapshot!(error("{}", &["m.yaml"]), @"`m.yaml` is not a YAML file: `.nan` is not a finite number; correct what writes it");
    assert_snapshot!(error("{}", &["m.json", "m.yaml"]), @"`data` is not one file of metrics at pipeline.yaml:7; name one JSON or YAML file, and beside it at most the table of `rows`");
}

const ROWS: &str = "regression: {metrics: {brier: {better: lower, max_drop: 2%}}, baseline: base.json,
    evaluation: {files: [test.csv]}, rows: {file: rows.csv, key: [id], loss: loss}}";

/// A score on a test set, with a loss for each of its rows.
fn evaluated(rows: impl AsRef<[u8]>) -> Desk {
    Desk::new().and("m.yaml", "brier: 0.2").and("test.csv", "a").and("rows.csv", rows)
}

#[test]
fn rows_say_whether_the_evaluation_is_the_same_and_how_sure_the_difference_is() {
    let rows = |add: f64, n: u32| {
        super::csv("id,loss", (0..n).map(|i| format!("{i},{}", f64::from(i % 5) / 10.0 + add * f64::from(i % 3))))
    };
    let desk = evaluated(rows(0.0, 100));
    desk.refer(ROWS, &["m.yaml", "rows.csv"], "base.json");
    desk.file("rows.csv", rows(0.01, 100));
    assert_snapshot!(desk.said(ROWS, &["m.yaml", "rows.csv"]), @"
    pass
    pass evaluation  on the data of the baseline: test.csv, 100 rows [0 of 2]
    pass brier  ≤ 2 % worse: 0.2 → 0.2, 0 % better [0 of 1]
    pass loss  paired difference of means: 0.2 → 0.21, a difference of 0.0099 (95 % interval 0.0083..0.0115), which is not chance [0 of 100]
    = brier: 0.2
    ");
    desk.file("rows.csv", rows(0.01, 99));
    desk.file("test.csv", "b");
    assert_snapshot!(desk.said(ROWS, &["m.yaml", "rows.csv"]), @"
    inconclusive
    inconclusive evaluation  on the data of the baseline: `test.csv` has changed; 99 rows, and the baseline has 100: evaluate both on one data set, then make the baseline with `lockgate gate reference g` [2 of 2]
    inconclusive brier  ≤ 2 % worse: 0.2 → 0.2, but not on the same data [0 of 1]
    = brier: 0.2
    ");
    desk.file("rows.csv", "id,loss\n1,0.5\n1,0.25\n");
    assert_snapshot!(desk.said(ROWS, &["m.yaml", "rows.csv"]), @"error: `rows.csv`, row 2: `1` in column `id` is not a key that no row above has; correct what writes it");
    assert_snapshot!(desk.said(ROWS, &["m.yaml"]), @"error: `rows` names `rows.csv`, which is not among the data of the gate at pipeline.yaml:7; add `rows.csv` to `data`");
}

#[test]
fn a_baseline_is_a_file_of_version_1() {
    let desk = evaluated("id,loss\na,0.125\nb,0.25\n");
    let text = desk.refer(ROWS, &["m.yaml", "rows.csv"], "base.json");
    assert_eq!(text, include_str!("regression-baseline-v1.json"));
    assert!(desk.judge(ROWS, &["m.yaml", "rows.csv"]).is_ok());
    desk.file("base.json", text.replace("baseline 1", "baseline 9"));
    assert_snapshot!(desk.said(ROWS, &["m.yaml", "rows.csv"]), @"error: `base.json` is in the format `lockgate regression baseline 9`, and this version reads `lockgate regression baseline 1`; update lockgate, or make the file again with `lockgate gate reference g`");
    desk.file("base.json", text.replace("digest", "digets"));
    assert_snapshot!(desk.said(ROWS, &["m.yaml", "rows.csv"]), @"error: `base.json` is not a baseline: unknown field `digets`, expected one of `n`, `digest`, `losses` at line 11 column 12; make it again with `lockgate gate reference g`");
}

#[test]
fn an_evaluation_of_nothing_is_no_evidence() {
    let desk = evaluated("id,loss\n1,0.5\n");
    desk.refer(ROWS, &["m.yaml", "rows.csv"], "base.json");
    desk.file("rows.csv", "id,loss\n");
    assert_snapshot!(desk.said(ROWS, &["m.yaml", "rows.csv"]), @"
    inconclusive
    inconclusive evaluation  on the data of the baseline: no row was evaluated; needs one: evaluate both on one data set, then make the baseline with `lockgate gate reference g` [1 of 1]
    inconclusive brier  ≤ 2 % worse: 0.2 → 0.2, but not on the same data [0 of 1]
    = brier: 0.2
    ");
    assert_snapshot!(desk.reference(ROWS, &["m.yaml", "rows.csv"]).unwrap_err(), @"no reference can be made: no row was evaluated; needs one; evaluate the model, and make the baseline of that");
    let empty = "{\"format\": \"lockgate regression baseline 1\", \"metrics\": {\"test.brier\": 0.2}, \"evaluation\": {\"matches\": \"null\"}}";
    desk.file("base.json", empty);
    desk.file("m.json", "{\"matches\": null, \"test\": {\"brier\": 0.2}}");
    assert_snapshot!(desk.said(GATE, &["m.json"]), @"
    inconclusive
    inconclusive evaluation  on the data of the baseline: `matches` is null in `m.json`; needs a value: evaluate both on one data set, then make the baseline with `lockgate gate reference g` [1 of 1]
    inconclusive test.brier  ≤ 2 % worse, ≤ 5 % better: 0.2 → 0.2, but not on the same data [0 of 1]
    = test.brier: 0.2
    ");
    assert_snapshot!(desk.reference(GATE, &["m.json"]).unwrap_err(), @"no reference can be made: `matches` is null in `m.json`; needs a value; evaluate the model, and make the baseline of that");
}

#[test]
fn a_file_that_contradicts_itself_is_an_error() {
    let desk = evaluated("id,loss\n1,inf\n");
    desk.file("m.json", "{\"matches\": 380, \"test\": {\"brier\": 0.9, \"brier\": 0.2}}");
    assert_snapshot!(desk.said(GATE, &["m.json"]), @"error: `m.json` is not a JSON file: the key `brier` stands twice at line 1 column 47; correct what writes it");
    desk.file("m.json", "{\"matches\": 380, \"test\": {\"brier\": 0.2}}");
    desk.file("base.json", "null");
    assert_snapshot!(desk.said(GATE, &["m.json"]), @"error: `base.json` is not a baseline: it does not say its `format`; make it again with `lockgate gate reference g`");
    desk.file("base.json", "{\"format\": \"lockgate regression baseline 1\", \"metrics\": {}, \"rows\": 5}");
    assert_snapshot!(desk.said(GATE, &["m.json"]), @"error: `base.json` is not a baseline: invalid type: integer `5`, expected a mapping with the losses at line 1 column 69; make it again with `lockgate gate reference g`");
    assert_snapshot!(desk.said(ROWS, &["m.yaml", "rows.csv"]), @"error: `rows.csv`, row 1: `inf` in column `loss` is not a finite loss; correct what writes it");
}
