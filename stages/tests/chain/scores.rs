//! What the model is worth.

use std::fs;
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::example::{Workspace, root};

#[test]
fn the_model_beats_the_base_rates_in_a_season_it_has_not_seen() {
    let workspace = Workspace::new();
    assert_snapshot!(workspace.run_all(), @"
    6508 rows of `data/football.csv` in `data/raw/matches.parquet`
    6504 played matches in `data/clean/matches.parquet`, 4 fixtures without a score dropped
    features of 6504 matches in `data/features/matches.parquet`, both forms known in 6219
    model in `models/outcome.json`, fitted on 3171 matches in 5 steps
    season 2016: Brier 0.5577 against 0.6296 of the base rates, accuracy 0.571, 1598 matches, 28 left out
    sane: Brier 0.5577 against 0.6296 of the base rates, skill 0.1142
    1598 matches predicted in `reports/predictions.csv`, 28 left out: a form is unknown
    ");
    assert_snapshot!(fs::read_to_string(workspace.path("reports/metrics.json")).unwrap(), @r#"
    {
      "season": 2016,
      "matches": 1598,
      "left_out": 28,
      "brier": 0.557685,
      "brier_base_rate": 0.62955,
      "brier_skill": 0.114154,
      "home_win_brier": 0.215076,
      "home_win_brier_base_rate": 0.251581,
      "log_loss": 0.943209,
      "log_loss_base_rate": 1.044996,
      "accuracy": 0.570713,
      "accuracy_base_rate": 0.491865,
      "lowest_probability": 0.015691,
      "highest_probability": 0.929848,
      "improper": 0
    }
    "#);
    assert_snapshot!(fs::read_to_string(workspace.path("reports/calibration.csv")).unwrap(), @"
    result,bin_from,bin_to,matches,mean_predicted,observed_share
    H,0.000000,0.100000,24,0.078362,0.083333
    H,0.100000,0.200000,120,0.153899,0.158333
    H,0.200000,0.300000,216,0.254345,0.351852
    H,0.300000,0.400000,300,0.351054,0.340000
    H,0.400000,0.500000,319,0.447494,0.485893
    H,0.500000,0.600000,269,0.548250,0.639405
    H,0.600000,0.700000,177,0.648460,0.661017
    H,0.700000,0.800000,119,0.748195,0.806723
    H,0.800000,0.900000,49,0.835921,0.857143
    H,0.900000,1.000000,5,0.916345,1.000000
    D,0.000000,0.100000,13,0.076992,0.076923
    D,0.100000,0.200000,211,0.164079,0.137441
    D,0.200000,0.300000,1169,0.257963,0.220701
    D,0.300000,0.400000,205,0.317489,0.307317
    A,0.000000,0.100000,156,0.064912,0.044872
    A,0.100000,0.200000,337,0.152700,0.127596
    A,0.200000,0.300000,397,0.251344,0.224181
    A,0.300000,0.400000,325,0.347702,0.350769
    A,0.400000,0.500000,187,0.443109,0.427807
    A,0.500000,0.600000,102,0.545919,0.588235
    A,0.600000,0.700000,69,0.640303,0.666667
    A,0.700000,0.800000,25,0.737891,0.880000
    ");
}

#[test]
#[expect(clippy::print_stderr, reason = "whoever reads the test's output should know that it did not look")]
fn the_same_stages_beat_the_base_rates_in_ten_premier_league_seasons() {
    let Some(folder) = premier_league() else {
        eprintln!("passed without looking: LOCKGATE_REAL_DATA does not name a folder with real data");
        return;
    };
    let workspace = Workspace::new()
        .with_sources(&premier_league_flags(&folder))
        // The season of 2019 was played to its end in July of the next year.
        .with_param("/seasons/starts_in", json!(8))
        .with_param("/seasons/train", json!({"from": 2011, "to": 2018}))
        .with_param("/seasons/test", json!(2019));
    workspace.run_all();
    let metrics: Value = serde_json::from_slice(&fs::read(workspace.path("reports/metrics.json")).unwrap()).unwrap();
    assert!(metrics["brier"].as_f64().unwrap() < metrics["brier_base_rate"].as_f64().unwrap(), "{metrics}");
    // Three promoted teams: their first matches have no form, and with them those of their opponents.
    assert_eq!(metrics["matches"].as_u64().unwrap() + metrics["left_out"].as_u64().unwrap(), 380, "{metrics}");
}

fn premier_league() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("LOCKGATE_REAL_DATA")?);
    // A relative folder is meant from the root of the repository, where one calls cargo.
    Some(root().join(folder).join("premier-league"))
}

fn premier_league_flags(folder: &Path) -> String {
    let seasons = (2010..2020).map(|year| format!("season-{}{}.csv", year % 100, (year + 1) % 100));
    let sources: Vec<String> = seasons.map(|file| format!("--source {}", folder.join(file).display())).collect();
    // The space within the name must not part the flag in two.
    format!("--layout football-data --division English\u{a0}Premier\u{a0}League {}", sources.join(" "))
}
