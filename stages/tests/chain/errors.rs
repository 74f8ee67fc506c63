//! A stage that cannot do its work says why, exits 1, and leaves what was there.

use std::fs;

use insta::assert_snapshot;

use crate::example::Workspace;

/// Breaks the source of a finished line, and returns what loading it again says.
fn broken(from: &str, to: &str) -> String {
    let workspace = Workspace::new();
    workspace.succeed("load_data_from_sources");
    let raw = workspace.path("data/raw/matches.parquet");
    let before = fs::read(&raw).unwrap();
    workspace.edit("data/football.csv", from, to);
    let message = workspace.fail("load_data_from_sources");
    assert!(fs::read(&raw).unwrap() == before, "a failed stage changed its output");
    assert_eq!(fs::read_dir(raw.parent().unwrap()).unwrap().count(), 1, "a failed stage left a temporary file");
    message
}

#[test]
fn a_renamed_column_is_shown_as_gone_and_new() {
    assert_snapshot!(broken("home_goals", "hg"), @"
    error: `data/football.csv` does not have the layout `openfootball`
      columns gone: `home_goals`
      columns new: `hg`
      help: restore the file; if the source changed for good, teach `stages/src/layout.rs` its new columns
    ");
}

#[test]
fn a_retyped_column_is_shown_with_its_first_line() {
    assert_snapshot!(broken("Wiener Neustadt,FC RB Salzburg,1,5", "Wiener Neustadt,FC RB Salzburg,1.0,5"), @"
    error: `data/football.csv`, line 3: column `home_goals` holds `1.0`, expected a whole number (1 of 6508 rows are not)
      help: repair the line in the source, then run the stage again
    ");
}

#[test]
fn a_line_that_was_cut_off_is_no_match_without_a_score() {
    assert_snapshot!(broken("FC RB Salzburg,1,5", "FC RB"), @"
    error: `data/football.csv`, line 3: 4 fields, but the header has 6
      help: repair the line in the source, then run the stage again
    ");
}

#[test]
fn a_missing_source_is_named() {
    let workspace = Workspace::new();
    fs::remove_file(workspace.path("data/football.csv")).unwrap();
    assert_snapshot!(workspace.fail("load_data_from_sources"), @"
    error: cannot read `data/football.csv`: No such file or directory (os error 2)
      help: check the path, or run the stage that makes the file
    ");
}

#[test]
fn strange_values_are_left_to_the_gate() {
    let workspace = Workspace::new();
    workspace.edit("data/football.csv", "FC RB Salzburg,1,5", "FC RB Salzburg,99,5");
    workspace.edit("data/football.csv", "2013-07-20", "20.07.2013");
    workspace.succeed("load_data_from_sources");
    // Past a gate that was walked around, `clean` still does not invent a day.
    assert_snapshot!(workspace.fail("clean"), @"
    error: `data/raw/matches.parquet`, row 1: `20.07.2013` in `date` is no day
      help: repair the match in the source, then run the pipeline again
    ");
}

#[test]
fn a_source_that_stops_to_give_scores_is_refused() {
    let workspace = Workspace::new().with_param("/clean/max_unplayed_share", serde_json::json!(0.0001));
    workspace.succeed("load_data_from_sources");
    assert_snapshot!(workspace.fail("clean"), @"
    error: `data/raw/matches.parquet`: 4 of 6508 fixtures have no score, and only a share of 0.0001 may have none
      help: ask the source for the missing scores; if they are right, raise `clean.max_unplayed_share` in `params.yaml`
    ");
}

#[test]
fn a_model_no_better_than_the_base_rates_is_not_sane() {
    // A penalty that leaves nothing but the intercepts makes the model say the base rates.
    let workspace = Workspace::new().with_param("/model/l2", serde_json::json!(1e12));
    for stage in ["load_data_from_sources", "clean", "features", "classification_models", "evaluate"] {
        workspace.succeed(stage);
    }
    assert_snapshot!(workspace.fail("model_is_sane"), @"
    error: the model is not sane: Brier score 0.6296 against 0.6296 of the base rates is a skill of 0.0000, 0.02 is needed; home-win Brier score 0.2516 does not beat 0.2516 of the base rate
      help: look at `reports/calibration.csv` and at what changed in the features; the thresholds are `sanity` in `params.yaml`
    ");
}

#[test]
fn a_season_of_the_training_is_not_scored() {
    let workspace = Workspace::new().with_param("/seasons/test", serde_json::json!(2015));
    for stage in ["load_data_from_sources", "clean", "features", "classification_models"] {
        workspace.succeed(stage);
    }
    assert_snapshot!(workspace.fail("evaluate"), @"
    error: `--season` is 2015, but must be a season outside the training seasons 2014 to 2015
      help: change the value in `params.yaml`
    ");
}
