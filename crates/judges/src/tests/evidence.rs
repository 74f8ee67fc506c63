//! No kind passes on no evidence.

use lockgate_contract::{Report, State};
use proptest::prelude::*;

use super::Desk;

/// Settings of every kind that judges a table, over columns `id`, `at`, `x`, `y` and `level`.
const GATES: [&str; 10] = [
    "freshness: {column: at, fail_after: 36500d}",
    "freshness: {column: at, fail_after: 36500d, per: [level], expected: [a]}",
    "drift: {reference: ref.json, columns: [x], psi: 0.2}",
    "drift: {reference: ref.json, columns: '*', psi: 0.2, ks: 0.9, wasserstein: 9, jensen_shannon: 0.9, chi_square: 0.9, min_rows: 1}",
    "drift: {reference: ref.json, columns: '*', psi: 0.5, min_rows: 1, share_drifted: 99%}",
    "calibration: {probability: x, outcome: y, ece: 0.99, brier: 0.99, min_rows: 1}",
    "calibration: {probability: x, outcome: y, spiegelhalter: {alpha: 0.0001}, min_rows: 1}",
    "tolerance: {against: other.csv, key: [id], columns: {x: 1000}, missing: allow, extra: allow}",
    "sql: {query: SELECT * FROM data WHERE x > 1000}",
    "leakage: {stage: s, key: [id], time: at, outcomes: {other.csv: [x]}}",
];

fn table(rows: usize, x: Option<f64>, y: Option<u8>) -> String {
    let text = |value: Option<String>| value.unwrap_or_default();
    let row = |id: usize| {
        let at = x.map(|_| "2017-05-20T00:00:00Z".to_owned());
        let level = x.map(|_| "a".to_owned());
        format!(
            "{id},{},{},{},{}",
            text(at),
            text(x.map(|x| x.to_string())),
            text(y.map(|y| y.to_string())),
            text(level)
        )
    };
    super::csv("id,at,x,y,level", (0..rows).map(row))
}

fn desk() -> Desk {
    let desk = Desk::new();
    let old =
        (0..500).map(|i| format!("{i},,{},{},{}", f64::from(i % 97) / 97.0, i % 2, if i % 2 == 0 { "a" } else { "b" }));
    desk.file("old.csv", super::csv("id,at,x,y,level", old));
    let gate = "drift: {reference: ref.json, columns: [x, y, level], psi: 0.2}";
    desk.refer(gate, &["old.csv"], "ref.json");
    desk
}

fn lets_pass(report: &Report) -> bool {
    matches!(report.state, State::Pass | State::Warn)
}

#[test]
fn an_empty_or_all_null_table_never_passes() {
    let desk = desk();
    for rows in [0, 1, 300] {
        desk.file("t.csv", table(rows, None, None));
        desk.file("other.csv", table(rows, None, None));
        for gate in GATES {
            let judged = desk.judge(gate, &["t.csv"]);
            assert!(!judged.as_ref().is_ok_and(lets_pass), "{rows} rows, {gate}: {judged:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_table_of_one_row_or_one_value_gives_no_statistic(rows in 1_usize..120, x in 0.0..=1.0_f64, y in 0_u8..=1) {
        let desk = desk();
        let one_row = table(1, Some(x), Some(y));
        desk.file("other.csv", &one_row);
        for text in [one_row, table(rows, Some(x), Some(y))] {
            desk.file("t.csv", text);
            for gate in GATES.iter().filter(|gate| ["drift", "calibration", "leakage"].iter().any(|kind| gate.starts_with(kind))) {
                let judged = desk.judge(gate, &["t.csv"]);
                prop_assert!(!judged.as_ref().is_ok_and(lets_pass), "{rows} rows of {x}, {gate}: {judged:?}");
            }
        }
    }
}
