//! The same pipeline on ten Premier League seasons, where `LOCKGATE_REAL_DATA` names a folder that has them.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use crate::clone::{Clone, repository};

fn premier_league() -> Option<PathBuf> {
    // A relative folder is meant from the root of the repository, where one calls cargo.
    let folder = repository().join(std::env::var_os("LOCKGATE_REAL_DATA")?);
    Some(fs::canonicalize(folder.join("premier-league")).unwrap())
}

#[test]
fn the_pipeline_runs_on_ten_premier_league_seasons_and_its_gates_pass() {
    let Some(folder) = premier_league() else {
        eprintln!("passed without looking: LOCKGATE_REAL_DATA does not name a folder with real data");
        return;
    };
    let clone = Clone::fresh();
    symlink(folder, clone.path("data/premier-league")).unwrap();
    let files = (2010..2020).map(|year| format!("data/premier-league/season-{}{}.csv", year % 100, (year + 1) % 100));
    let (mut flags, mut deps) = (String::new(), String::new());
    for file in files {
        write!(flags, " --source {file}").unwrap();
        writeln!(deps, "      - {file}").unwrap();
    }
    clone.edit("pipeline.yaml", "--layout openfootball", "--layout football-data --division 'English Premier League'");
    clone.edit("pipeline.yaml", " --source data/football.csv", &flags);
    clone.edit("pipeline.yaml", "      - data/football.csv\n", &deps);
    // The season of 2019 was played to its end in July of the next year.
    clone.edit("params.yaml", "starts_in: 7", "starts_in: 8");
    clone.edit("params.yaml", "{from: 2014, to: 2015}", "{from: 2011, to: 2018}");
    clone.edit("params.yaml", "test: 2016", "test: 2019");
    let told = clone.bash("lockgate repro");
    assert_eq!(told.code, 0, "{told}");
    let metrics: serde_json::Value = serde_json::from_str(&clone.read("reports/metrics.json")).unwrap();
    assert!(metrics["brier"].as_f64().unwrap() < metrics["brier_base_rate"].as_f64().unwrap(), "{metrics}");
    let told = clone.bash("lockgate repro");
    assert!(told.code == 0 && told.text.contains("everything is fresh"), "{told}");
}
