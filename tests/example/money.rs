//! Faults of the failure table that cost money, on the example: worse and too good models, the future seen, stale and
//! drifted data, moved prices, false confidence, lost features.

use std::fs;

use crate::clone::{Clone, Told};
use crate::faults::says;

fn repro(clone: &Clone, code: i32) -> Told {
    let told = clone.bash("lockgate repro");
    assert_eq!(told.code, code, "{told}");
    told
}

fn bytes(clone: &Clone, path: &str) -> Vec<u8> {
    fs::read(clone.path(path)).unwrap()
}

#[test]
fn f7_a_worse_model_is_not_promoted_and_the_champion_stays() {
    let clone = Clone::settled();
    let (champion, predictions) = (bytes(&clone, "models/champion.json"), bytes(&clone, "reports/predictions.csv"));
    clone.edit("params.yaml", "  l2: 10 ", "  l2: 30000 ");
    let told = repro(&clone, 4);
    says(&told, &["model_is_no_worse", "FAIL", "brier", "2 %", "pipeline.yaml:", "blocked", "promote"]);
    assert_eq!(bytes(&clone, "models/champion.json"), champion);
    assert_eq!(bytes(&clone, "reports/predictions.csv"), predictions);
    for target in ["promote", "predict", "-s promote", "-k"] {
        assert_eq!(clone.bash(&format!("lockgate repro {target}")).code, 4, "{target}");
    }
    clone.edit("params.yaml", "  l2: 30000 ", "  l2: 10 ");
    repro(&clone, 0);
}

#[test]
fn f8_a_model_that_is_suddenly_much_better_waits_for_a_person() {
    let clone = Clone::settled();
    // As if the model before had been the one of the story: 0.228, and 0.215 now.
    clone.edit("references/model.json", "0.215076", "0.228");
    let told = repro(&clone, 5);
    says(
        &told,
        &["model_is_no_worse", "REVIEW", "home_win_brier", "0.228", "5 %", "lockgate approve model_is_no_worse"],
    );
    assert_eq!(clone.bash("lockgate repro promote").code, 5);
    let told = clone.bash("lockgate approve model_is_no_worse --reason 'the new ratings explain it'");
    assert_eq!(told.code, 0, "{told}");
    says(&told, &[".lockgate/approvals.yaml", "references/model.json"]);
    repro(&clone, 0);
    assert!(clone.read(".lockgate/approvals.yaml").contains("the new ratings explain it"));
    assert!(clone.read("references/model.json").contains("0.215076"), "what was approved is the baseline from now on");
    // The approval was for that model: the next jump is looked at again.
    clone.edit("references/model.json", "0.215076", "0.229");
    repro(&clone, 5);
}

/// A running sum of goals: with `shift` the match itself is left out, as it must be.
fn totals(clone: &Clone, program: &str) {
    let stage = format!(
        "
  totals:
    cmd: |
      awk -F, -v OFS=, '{program}' data/football.csv > data/totals.csv
    deps: [data/football.csv]
    outs: [data/totals.csv]

  totals_see_no_future:
    gate:
      data: data/totals.csv
      leakage:
        stage: totals
        key: [date, home_team, away_team]
        time: date
        outcomes: {{data/football.csv: [home_goals, away_goals]}}
"
    );
    fs::write(clone.path("pipeline.yaml"), clone.read("pipeline.yaml") + &stage).unwrap();
}

#[test]
fn f9_a_feature_that_sees_the_future_is_found_by_changing_the_future() {
    let clone = Clone::fresh();
    totals(
        &clone,
        r#"NR == 1 { print "date,home_team,away_team,scored"; next } { print $1, $3, $4, 0 + sum[$3]; sum[$3] += $5 }"#,
    );
    let told = clone.bash("lockgate repro totals");
    assert_eq!(told.code, 0, "{told}");
    // The shift is lost: the sum has the match itself.
    let clone = Clone::fresh();
    totals(
        &clone,
        r#"NR == 1 { print "date,home_team,away_team,scored"; next } { sum[$3] += $5; print $1, $3, $4, sum[$3] }"#,
    );
    let told = clone.bash("lockgate repro totals");
    assert_eq!(told.code, 4, "{told}");
    says(&told, &["totals_see_no_future", "FAIL", "scored", "before", "after", "pipeline.yaml:"]);
    assert!(!clone.path("data/totals.csv").exists(), "the leaking features were published");
}

#[test]
fn f10_stale_results_give_predictions_and_no_bets() {
    let clone = Clone::settled();
    let tips = bytes(&clone, "reports/tips.csv");
    clone.edit("params.yaml", "today: 2017-06-10", "today: 2017-08-01");
    let told = repro(&clone, 0);
    says(&told, &["results_are_fresh", "what is made of it is degraded", "predict", "degraded by `results_are_fresh`"]);
    says(
        &told,
        &["tips", "its inputs are degraded by `results_are_fresh`, and it says `degraded: skip`", "done, degraded"],
    );
    assert_eq!(bytes(&clone, "reports/tips.csv"), tips);
    let told = clone.bash("lockgate status");
    says(&told, &["degraded until `results_are_fresh` passes: `lockgate gate show results_are_fresh` says why"]);
    assert!(clone.read("pipeline.lock").contains("    degraded:\n      - results_are_fresh\n"));
    // A result from tomorrow is a broken clock or a broken source, and neither passes.
    clone.edit("params.yaml", "today: 2017-08-01", "today: 2017-05-01");
    let told = repro(&clone, 4);
    says(&told, &["results_are_fresh", "ERROR", "in the future"]);
    clone.edit("params.yaml", "today: 2017-05-01", "today: 2017-06-10");
    let told = repro(&clone, 0);
    assert!(!told.text.contains("degraded"), "{told}");
}

#[test]
fn f11_a_price_that_moved_stops_the_bet() {
    let clone = Clone::fresh();
    let stages = "
  price_holds:
    gate:
      data: prices/decided.csv
      tolerance:
        against: prices/live.csv
        key: [match]
        columns: {spread: 0.5, moneyline: {absolute: 0.10}}

  place:
    cmd: cp prices/decided.csv prices/placed.csv
    deps: [prices/decided.csv]
    outs: [prices/placed.csv]
";
    fs::write(clone.path("pipeline.yaml"), clone.read("pipeline.yaml") + stages).unwrap();
    fs::create_dir(clone.path("prices")).unwrap();
    fs::write(clone.path("prices/decided.csv"), "match,spread,moneyline\nKC-BUF,-3.0,1.85\nDET-GB,2.5,2.10\n").unwrap();
    fs::write(clone.path("prices/live.csv"), "match,spread,moneyline\nKC-BUF,-3.5,1.95\nDET-GB,3.5,2.10\n").unwrap();
    let told = clone.bash("lockgate repro place");
    assert_eq!(told.code, 4, "{told}");
    says(&told, &["price_holds", "FAIL", "spread", "DET-GB", "0.5"]);
    assert!(!clone.path("prices/placed.csv").exists());
    fs::write(clone.path("prices/live.csv"), "match,spread,moneyline\nKC-BUF,-3.5,1.95\nDET-GB,3.0,2.10\n").unwrap();
    let told = clone.bash("lockgate repro place");
    assert_eq!(told.code, 0, "{told}");
}

#[test]
fn f12_drift_in_two_runs_in_a_row_retrains() {
    let clone = Clone::settled();
    let condition = "    when: {gate: no_drift, state: fail, consecutive: 2}\n  evaluate:\n    desc: Scores";
    clone.edit("pipeline.yaml", "\n  evaluate:\n    desc: Scores", condition);
    let model = bytes(&clone, "models/outcome.json");
    let k = |from: &str, to: &str| {
        clone.edit("params.yaml", &format!("  k: {from} "), &format!("  k: {to} "));
        clone.bash("lockgate repro -k")
    };
    let told = k("20", "75");
    says(&told, &["no_drift", "elo_diff", "psi", "held"]);
    assert_eq!(bytes(&clone, "models/outcome.json"), model, "once is not twice\n{told}");
    let told = k("75", "76");
    says(&told, &["no_drift", "elo_diff"]);
    assert_ne!(bytes(&clone, "models/outcome.json"), model, "it was not trained again\n{told}");
    let lock = clone.read("pipeline.lock");
    let history = lock.split("\n  no_drift:\n    - {").nth(1).unwrap().lines();
    let verdicts: Vec<&str> = history.map(|line| line.trim_start_matches([' ', '-', '{'])).collect();
    let verdicts: Vec<&str> = verdicts.into_iter().take_while(|line| line.starts_with("verdict: ")).collect();
    let [.., before, once, twice] = verdicts.as_slice() else { panic!("{lock}") };
    assert!(before.starts_with("verdict: pass, "), "{lock}");
    assert!(once.starts_with("verdict: fail, ") && twice.starts_with("verdict: fail, "), "{lock}");
}

#[test]
fn f13_an_over_confident_model_is_held_against_what_chance_would_give() {
    let clone = Clone::settled();
    let tips = bytes(&clone, "reports/tips.csv");
    // Every probability is sharpened: what was 60 % is told as 77 %.
    let sharpen = r"    cmd:
      - awk -F, -v OFS=, 'NR > 1 { a = $5 ^ 3; b = $6 ^ 3; c = $7 ^ 3; $5 = a / (a + b + c); $6 = b / (a + b + c); $7 = c / (a + b + c) } 1' reports/plain.csv > reports/predictions.csv
    deps:
      - reports/plain.csv
    outs:
      - reports/predictions.csv

  plain:
    cmd: >-
      stages/football predict
";
    clone.edit("pipeline.yaml", "    cmd: >-\n      stages/football predict\n", sharpen);
    clone.edit("pipeline.yaml", "      --out reports/predictions.csv", "      --out reports/plain.csv");
    let text = clone.read("pipeline.yaml");
    let (before, after) = text.split_once("  plain:\n").unwrap();
    let after = after.replacen("      - reports/predictions.csv\n", "      - reports/plain.csv\n", 1);
    fs::write(clone.path("pipeline.yaml"), format!("{before}  plain:\n{after}")).unwrap();
    let told = repro(&clone, 4);
    says(&told, &["predictions_are_calibrated", "FAIL", "home_win", "expected calibration error", "of 100 draws"]);
    assert_eq!(bytes(&clone, "reports/tips.csv"), tips);
}

#[test]
fn f16_features_that_went_missing_halt_the_whole_run() {
    let clone = Clone::settled();
    let before = bytes(&clone, "reports/predictions.csv");
    // Nobody has played a thousand matches: every form is unknown.
    clone.edit("params.yaml", "window: 12 ", "window: 2000 ");
    clone.edit("params.yaml", "min_matches: 4 ", "min_matches: 1000 ");
    let told = repro(&clone, 6);
    says(&told, &["validate_features", "FAIL", "form", "home_points", "80 %", "schemas/features.yaml:", "halted"]);
    assert_eq!(bytes(&clone, "reports/predictions.csv"), before);
    assert_eq!(clone.bash("lockgate repro -k").code, 6);
    let told = clone.bash("git checkout -q params.yaml");
    assert_eq!(told.code, 0, "{told}");
    repro(&clone, 0);
}
