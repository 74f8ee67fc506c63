//! Predicted probabilities and what came of them.

use insta::assert_snapshot;

use super::Desk;

/// Judges rows of `p,won` of n predictions that come true in the share that `rate` gives for theirs.
fn of(gate: &str, n: u32, rate: impl Fn(f64) -> f64) -> String {
    let desk = Desk::new();
    let row = |i: u32| {
        let p = f64::from(i % 20) / 20.0 + 0.025;
        // Within each of the twenty probabilities, the first rows of them happened.
        let happened = f64::from(i / 20) + 0.5 < rate(p) * f64::from(n / 20);
        format!("{p},{happened}")
    };
    desk.file("p.csv", super::csv("p,won", (0..n).map(row)));
    desk.said(gate, &["p.csv"])
}

const GATE: &str = "calibration: {probability: p, outcome: won, ece: {warn: 0.03, fail: 0.05}, brier: 0.25, spiegelhalter: {alpha: 0.01}}";

#[test]
fn calibrated_predictions_pass() {
    assert_snapshot!(of(GATE, 1000, |p| p), @"
    pass
    pass p  expected calibration error ≤ 0.05, warned above 0.03: 0 of 1000 rows; calibrated predictions stay under 0.045 in 95 of 100 draws [0 of 10]
      predicted 0.025..0.075, rows 100, mean 5 %, happened 5 %, 95 % interval 0.0215..0.112, holds yes
      predicted 0.125..0.175, rows 100, mean 15 %, happened 15 %, 95 % interval 0.0931..0.233, holds yes
      predicted 0.225..0.275, rows 100, mean 25 %, happened 25 %, 95 % interval 0.175..0.343, holds yes
      predicted 0.325..0.375, rows 100, mean 35 %, happened 35 %, 95 % interval 0.264..0.447, holds yes
      predicted 0.425..0.475, rows 100, mean 45 %, happened 45 %, 95 % interval 0.356..0.548, holds yes
      predicted 0.525..0.575, rows 100, mean 55 %, happened 55 %, 95 % interval 0.452..0.644, holds yes
      predicted 0.625..0.675, rows 100, mean 65 %, happened 65 %, 95 % interval 0.553..0.736, holds yes
      predicted 0.725..0.775, rows 100, mean 75 %, happened 75 %, 95 % interval 0.657..0.825, holds yes
      predicted 0.825..0.875, rows 100, mean 85 %, happened 85 %, 95 % interval 0.767..0.907, holds yes
      predicted 0.925..0.975, rows 100, mean 95 %, happened 95 %, 95 % interval 0.888..0.978, holds yes
    pass p  Brier score ≤ 0.25: 0.167 of 1000 rows [0 of 1000]
      (skill against the base rate 0.334; reliability 0, resolution 0.0825, uncertainty 0.25, within bins -0.000875)
    pass p  Spiegelhalter's test, α = 0.01: z = -0.0432, p = 0.966 [0 of 1000]
    = brier p: 0.166625
    = ece p: 0
    = spiegelhalter_z p: -0.0431671
    ");
}

#[test]
fn predictions_that_are_too_sure_fail_and_show_their_bins() {
    assert_snapshot!(of(GATE, 1000, |p| 0.5 + (p - 0.5) * 0.5), @"
    fail
    fail p  expected calibration error ≤ 0.05, warned above 0.03: 0.124 of 1000 rows; calibrated predictions stay under 0.045 in 95 of 100 draws [6 of 10]
      predicted 0.025..0.075, rows 100, mean 5 %, happened 27 %, 95 % interval 0.193..0.364, holds no
      predicted 0.125..0.175, rows 100, mean 15 %, happened 33 %, 95 % interval 0.246..0.427, holds no
      predicted 0.225..0.275, rows 100, mean 25 %, happened 37 %, 95 % interval 0.282..0.468, holds no
      predicted 0.325..0.375, rows 100, mean 35 %, happened 43 %, 95 % interval 0.337..0.528, holds yes
      predicted 0.425..0.475, rows 100, mean 45 %, happened 47 %, 95 % interval 0.375..0.567, holds yes
      predicted 0.525..0.575, rows 100, mean 55 %, happened 53 %, 95 % interval 0.433..0.625, holds yes
      predicted 0.625..0.675, rows 100, mean 65 %, happened 57 %, 95 % interval 0.472..0.663, holds yes
      predicted 0.725..0.775, rows 100, mean 75 %, happened 63 %, 95 % interval 0.532..0.718, holds no
      predicted 0.825..0.875, rows 100, mean 85 %, happened 67 %, 95 % interval 0.573..0.754, holds no
      predicted 0.925..0.975, rows 100, mean 95 %, happened 73 %, 95 % interval 0.636..0.807, holds no
    pass p  Brier score ≤ 0.25: 0.25 of 1000 rows [0 of 1000]
      (skill against the base rate 0.0015; reliability 0.0204, resolution 0.0209, uncertainty 0.25, within bins 0.000125)
    fail p  Spiegelhalter's test, α = 0.01: z = 14.3, p < 1e-12: the predictions are too sure [0 of 1000]
    = brier p: 0.249625
    = ece p: 0.124
    = spiegelhalter_z p: 14.2883
    ");
}

#[test]
fn an_error_that_chance_would_make_is_none() {
    assert_snapshot!(of("calibration: {probability: p, outcome: won, ece: 0.01}", 100, |p| 0.5 + (p - 0.5) * 0.9), @"
    pass
    pass p  expected calibration error ≤ 0.01: 0.05 of 100 rows; calibrated predictions stay under 0.14 in 95 of 100 draws [0 of 10]
      (above the bound, and so it would be by chance alone)
      predicted 0.025..0.075, rows 10, mean 5 %, happened 10 %, 95 % interval 0.0179..0.404, holds yes
      predicted 0.125..0.175, rows 10, mean 15 %, happened 20 %, 95 % interval 0.0567..0.51, holds yes
      predicted 0.225..0.275, rows 10, mean 25 %, happened 20 %, 95 % interval 0.0567..0.51, holds yes
      predicted 0.325..0.375, rows 10, mean 35 %, happened 40 %, 95 % interval 0.168..0.687, holds yes
      predicted 0.425..0.475, rows 10, mean 45 %, happened 40 %, 95 % interval 0.168..0.687, holds yes
      predicted 0.525..0.575, rows 10, mean 55 %, happened 60 %, 95 % interval 0.313..0.832, holds yes
      predicted 0.625..0.675, rows 10, mean 65 %, happened 60 %, 95 % interval 0.313..0.832, holds yes
      predicted 0.725..0.775, rows 10, mean 75 %, happened 80 %, 95 % interval 0.49..0.943, holds yes
      predicted 0.825..0.875, rows 10, mean 85 %, happened 80 %, 95 % interval 0.49..0.943, holds yes
      predicted 0.925..0.975, rows 10, mean 95 %, happened 90 %, 95 % interval 0.596..0.982, holds yes
    = ece p: 0.05
    ");
}

#[test]
fn thin_bins_are_merged_and_not_skipped() {
    // With bins of one row or two, skipping those below a minimum leaves nothing, and an error of zero.
    let desk = Desk::new()
        .and("p.csv", super::csv("p,won", (0..25).map(|i| format!("{},{}", f64::from(i) / 24.0, i % 5 == 0))));
    assert_snapshot!(desk.said("calibration: {probability: p, outcome: won, ece: 0.05, min_rows: 20}", &["p.csv"]), @"
    fail
    fail p  expected calibration error ≤ 0.05: 0.31 of 25 rows; calibrated predictions stay under 0.18 in 95 of 100 draws [1 of 2]
      predicted 0..0.375, rows 10, mean 18.8 %, happened 20 %, 95 % interval 0.0567..0.51, holds yes
      predicted 0.417..1, rows 15, mean 70.8 %, happened 20 %, 95 % interval 0.0705..0.452, holds no
    = ece p: 0.31
    ");
}

#[test]
fn a_certain_prediction_counts() {
    let desk = Desk::new().and("p.csv", super::csv("p,won", (0..100).map(|i| format!("1.0,{}", u8::from(i % 2 == 0)))));
    assert_snapshot!(desk.said("calibration: {probability: p, outcome: won, ece: 0.05}", &["p.csv"]), @"
    fail
    fail p  expected calibration error ≤ 0.05: 0.5 of 100 rows; calibrated predictions stay under 0 in 95 of 100 draws [1 of 1]
      predicted 1..1, rows 100, mean 100 %, happened 50 %, 95 % interval 0.404..0.596, holds no
    = ece p: 0.5
    ");
}

#[test]
fn what_is_no_probability_or_outcome_is_an_error() {
    let error = |gate: &str, rows: &str| {
        let desk = Desk::new().and("p.csv", rows);
        desk.judge(gate, &["p.csv"]).unwrap_err().to_string()
    };
    let gate = "calibration: {probability: p, outcome: y, ece: 0.05, min_rows: 1}";
    assert_snapshot!(error(gate, "p,y\n0.5,1\n1.2,0\n"), @"`p.csv`, row 2: `1.2` in column `p` is not a probability within 0 and 1; correct what predicts it");
    assert_snapshot!(error(gate, "p,y\nNaN,1\n"), @"`p.csv`, row 1: `NaN` in column `p` is not a probability within 0 and 1; correct what predicts it");
    assert_snapshot!(error(gate, "p,y\n0.5,2\n"), @"`p.csv`, row 1: `2` in column `y` is not an outcome: true, false, 1 or 0; correct it, or say with `event` which text means that it happened");
    assert_snapshot!(error(gate, "p,y\n0.5,H\n"), @"`p.csv`, row 1: `H` in column `y` is not an outcome: true, false, 1 or 0; correct it, or say with `event` which text means that it happened");
    let classes = "calibration: {probabilities: {H: p, A: q}, outcome: y, ece: 0.05, min_rows: 1}";
    assert_snapshot!(error(classes, "p,q,y\n0.5,0.5,D\n"), @"`p.csv`, row 1: `D` in column `y` is not one of H, A; correct it, or give it a column under `probabilities`");
    assert_snapshot!(error(classes, "p,q,y\n0.5,0.2,H\n"), @"`p.csv`, row 1: `0.7` in column `p + q` is not 1, the sum of all probabilities; name the columns of all classes under `probabilities`");
}

#[test]
fn too_little_is_inconclusive() {
    let judged = |rows: &str| {
        let desk = Desk::new().and("p.csv", rows);
        desk.said("calibration: {probability: p, outcome: y, event: H, ece: 0.05, min_rows: 2, window: 3}", &["p.csv"])
    };
    assert_snapshot!(judged("p,y\n"), @"
    inconclusive
    inconclusive p  expected calibration error ≤ 0.05: needs n ≥ 2 rows with a probability and an outcome, has 0: wait for more outcomes [0 of 0]
    ");
    assert_snapshot!(judged("p,y\n0.5,H\n0.5,\n"), @"
    inconclusive
    inconclusive p  expected calibration error ≤ 0.05: needs n ≥ 2 rows with a probability and an outcome, has 1: wait for more outcomes [0 of 0]
      (1 row without a probability or an outcome not counted)
    ");
    assert_snapshot!(judged("p,y\n0.5,A\n0.5,H\n0.6,H\n0.9,H\n"), @"
    inconclusive
    inconclusive p  expected calibration error ≤ 0.05: all outcomes are the same; needs two that differ, over a longer time [0 of 0]
    ");
    assert_snapshot!(judged("p,y\n0.5,A\n0.6,H\n0.9,H\n"), @"
    inconclusive
    inconclusive p  expected calibration error ≤ 0.05: the predictions: needs n ≥ 10, has 3 [0 of 0]
    ");
}

#[test]
fn classes_are_judged_one_by_one_and_by_the_most_probable() {
    let desk = Desk::new();
    let row = |i: u32| {
        let home = 0.3 + 0.4 * f64::from(i % 10) / 10.0;
        let (draw, away) = ((1.0 - home) * 0.4, (1.0 - home) * 0.6);
        let result = match f64::from(i / 10) / 30.0 {
            x if x < 0.95 * home => "H",
            x if x < 0.95 * home + draw => "D",
            _ => "A",
        };
        format!("{home},{draw},{away},{result}")
    };
    desk.file("p.csv", super::csv("p_home,p_draw,p_away,result", (0..300).map(row)));
    let gate = "calibration: {probabilities: {H: p_home, D: p_draw, A: p_away}, outcome: result, ece: 0.1, brier: 0.6}";
    assert_snapshot!(desk.said(gate, &["p.csv"]), @"
    fail
    pass p_home  expected calibration error ≤ 0.1: 0.01 of 300 rows; calibrated predictions stay under 0.0767 in 95 of 100 draws [0 of 4]
      predicted 0.3..0.38, rows 90, mean 34 %, happened 33.3 %, 95 % interval 0.245..0.436, holds yes
      predicted 0.42..0.46, rows 60, mean 44 %, happened 43.3 %, 95 % interval 0.316..0.559, holds yes
      predicted 0.5..0.58, rows 90, mean 54 %, happened 53.3 %, 95 % interval 0.431..0.633, holds yes
      predicted 0.62..0.66, rows 60, mean 64 %, happened 61.7 %, 95 % interval 0.49..0.729, holds yes
    pass p_draw  expected calibration error ≤ 0.1: 0.00133 of 300 rows; calibrated predictions stay under 0.0547 in 95 of 100 draws [0 of 2]
      predicted 0.136..0.184, rows 120, mean 16 %, happened 15.8 %, 95 % interval 0.104..0.234, holds yes
      predicted 0.2..0.28, rows 180, mean 24 %, happened 23.9 %, 95 % interval 0.182..0.306, holds yes
    pass p_away  expected calibration error ≤ 0.1: 0.0113 of 300 rows; calibrated predictions stay under 0.0647 in 95 of 100 draws [0 of 3]
      predicted 0.204..0.276, rows 120, mean 24 %, happened 25.8 %, 95 % interval 0.188..0.343, holds yes
      predicted 0.3..0.396, rows 150, mean 34.8 %, happened 35.3 %, 95 % interval 0.281..0.433, holds yes
      predicted 0.42..0.42, rows 30, mean 42 %, happened 43.3 %, 95 % interval 0.274..0.608, holds yes
    pass most probable class  expected calibration error ≤ 0.1: 0.0076 of 300 rows; calibrated predictions stay under 0.0791 in 95 of 100 draws [0 of 4]
      predicted 0.38..0.396, rows 60, mean 38.8 %, happened 38.3 %, 95 % interval 0.271..0.51, holds yes
      predicted 0.42..0.46, rows 90, mean 43.3 %, happened 43.3 %, 95 % interval 0.336..0.536, holds yes
      predicted 0.5..0.58, rows 90, mean 54 %, happened 53.3 %, 95 % interval 0.431..0.633, holds yes
      predicted 0.62..0.66, rows 60, mean 64 %, happened 61.7 %, 95 % interval 0.49..0.729, holds yes
    fail classes  Brier score ≤ 0.6: 0.614 of 300 rows, within 0 and 2 [0 of 300]
    = brier: 0.613899
    = ece most probable class: 0.0076
    = ece p_away: 0.0113333
    = ece p_draw: 0.00133333
    = ece p_home: 0.01
    ");
}

#[test]
fn certain_predictions_alone_tell_the_test_nothing() {
    let desk = Desk::new();
    desk.file("t.csv", super::csv("p,won", (0..200).map(|i| format!("{},{}", i % 2, i % 2))));
    assert_snapshot!(desk.said("calibration: {probability: p, outcome: won, spiegelhalter: {alpha: 0.01}}", &["t.csv"]), @"
    inconclusive
    inconclusive p  Spiegelhalter's test, α = 0.01: the predictions: all are 0, ½ or 1, of which the test tells nothing; needs one between them [0 of 0]
    ");
}
