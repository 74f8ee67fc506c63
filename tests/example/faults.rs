//! Faults of the failure table on the example: layouts, broken rows, failing stages.

use std::fs;

use crate::clone::{Clone, Told};

const MODEL: &str = "models/outcome.json";
const PUBLISHED: [&str; 4] =
    ["data/raw/matches.parquet", "data/clean/matches.parquet", MODEL, "reports/predictions.csv"];

/// Reads everything that a reader downstream of the line could see.
pub fn published(clone: &Clone) -> Vec<Vec<u8>> {
    PUBLISHED.iter().map(|path| fs::read(clone.path(path)).unwrap()).collect()
}

/// Runs `line`, which must end with `code` and leave everything published as it was.
pub fn stops(clone: &Clone, line: &str, code: i32) -> Told {
    let before = published(clone);
    let told = clone.bash(line);
    assert_eq!(told.code, code, "{told}");
    assert!(published(clone) == before, "a published output was changed\n{told}");
    told
}

pub fn says(told: &Told, texts: &[&str]) {
    for text in texts {
        assert!(told.text.contains(text), "`{text}` is not said:\n{told}");
    }
}

/// Changes the fields of one data row of the source; rows are counted from 1 after the header.
fn with_row(clone: &Clone, row: usize, change: impl Fn(&mut Vec<String>)) {
    let text = clone.read("data/football.csv");
    let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    let mut fields: Vec<String> = lines[row].split(',').map(ToOwned::to_owned).collect();
    change(&mut fields);
    lines[row] = fields.join(",");
    fs::write(clone.path("data/football.csv"), lines.join("\n") + "\n").unwrap();
}

#[test]
fn f2_a_source_with_another_layout_stops_the_line_and_the_difference_is_shown() {
    let clone = Clone::settled();
    clone.edit("data/football.csv", "home_team", "team_home");
    let told = stops(&clone, "lockgate repro", 1);
    says(&told, &["load_data_from_sources", "failed", "home_team", "team_home", ".lockgate/runs/"]);
    // A layout that can be read but says something else is the schema's to refuse.
    let clone = Clone::settled();
    clone.edit("schemas/raw_matches.yaml", "  away_goals: i64? 0..15", "  away_goals: i64? 0..15\n  referee:    str");
    clone.edit("schemas/raw_matches.yaml", "  home_goals: i64? 0..15", "  home_goals: f64? 0..15");
    let told = stops(&clone, "lockgate repro", 4);
    says(&told, &["validate_raw", "schemas/raw_matches.yaml:", "referee", "home_goals", "f64"]);
}

#[test]
fn f4_raw_data_that_breaks_its_schema_blocks_everything_whatever_is_targeted() {
    let clone = Clone::settled();
    with_row(&clone, 1999, |fields| *fields.iter_mut().rev().nth(1).unwrap() = "40".to_owned());
    let told = stops(&clone, "lockgate repro", 4);
    let rule =
        ["home_goals", "range 0..15", "schemas/raw_matches.yaml:13", "1 of 6504", "1999", "Liverpool", "blocked"];
    says(&told, &rule);
    for target in
        ["predict", "clean", "-s load_data_from_sources", "models/outcome.json", "--force classification_models", "-k"]
    {
        let told = stops(&clone, &format!("lockgate repro {target}"), 4);
        says(&told, &["validate_raw"]);
    }
    assert_eq!(clone.bash("lockgate status --check").code, 7);
    // CI sees the same: each broken rule beside its line, and as a case of its own.
    let told = stops(&clone, "GITHUB_ACTIONS=true lockgate repro --report junit=ci/report.xml", 4);
    says(
        &told,
        &["::error file=schemas/raw_matches.yaml,line=13,title=gate validate_raw fail::home_goals range 0..15: max 40"],
    );
    let report = clone.read("ci/report.xml");
    assert!(
        report
            .contains("classname=\"gate validate_raw\" name=\"home_goals range 0..15 (schemas/raw_matches.yaml:13)\"")
    );
    assert_eq!(report.matches("<failure ").count(), 1, "{report}");
    // One way out is to decide that the rule was wrong.
    clone.edit("schemas/raw_matches.yaml", "home_goals: i64? 0..15", "home_goals: i64? 0..40");
    let told = clone.bash("lockgate repro");
    assert_eq!(told.code, 0, "{told}");
    // The other is to mend the data.
    let clone = Clone::settled();
    let before = published(&clone);
    with_row(&clone, 1999, |fields| *fields.iter_mut().rev().nth(1).unwrap() = "40".to_owned());
    stops(&clone, "lockgate repro", 4);
    let told = clone.bash("git checkout -q data/football.csv && lockgate repro");
    assert_eq!(told.code, 0, "{told}");
    assert!(published(&clone) == before);
}

#[test]
fn f6_a_failing_stage_is_named_with_its_log_and_nothing_is_updated() {
    let clone = Clone::settled();
    // One step is too few for the fit to converge, so the program refuses.
    clone.edit("params.yaml", "max_iterations: 50", "max_iterations: 1");
    let told = stops(&clone, "lockgate repro", 1);
    says(
        &told,
        &["classification_models", "failed", ".lockgate/runs/", "classification_models.log", "predict", "blocked"],
    );
    let log = clone.bash("lockgate logs classification_models");
    assert!(log.code == 0 && !log.text.trim().is_empty(), "{log}");
    clone.edit("params.yaml", "max_iterations: 1", "max_iterations: 50");
    let told = clone.bash("lockgate repro");
    assert_eq!(told.code, 0, "{told}");
    says(&told, &["everything is fresh"]);
}

#[test]
fn a_fresh_clone_makes_the_lock_that_is_committed() {
    let clone = Clone::settled();
    let told = clone.bash("git status --porcelain");
    assert_eq!(told.text, "", "the run of a fresh clone has changed files that git knows");
    let told = clone.bash("lockgate repro");
    says(&told, &["everything is fresh: 17 tasks"]);
}
