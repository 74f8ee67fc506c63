//! The verdicts of Great Expectations and of the translated suite, expectation by expectation, on the same tables.
//!
//! `gx/compare.py` makes tables, suite and recorded verdicts with Great Expectations itself. Here the suite is translated and
//! judged. Where it passes or fails there, it passes or does not pass here; where it raises an error there, nothing is asked.
#![expect(clippy::disallowed_methods, reason = "a test reads its files")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lockgate_contract::{Given, Input, Report, Schema, State, check};
use lockgate_spanned::{Problems, Source};
use lockgate_suites::{Options, Translation, translate};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/gx")
}

fn read(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).expect("the recorded files are beside the test")
}

fn translated(suite: &str) -> Translation {
    let mut problems = Problems::default();
    let options = Options { params: BTreeMap::new() };
    translate(&Source::new("suite.json", suite), &options, &mut problems).expect("the suite is well formed")
}

fn schema_of(translation: &Translation) -> Schema {
    let mut problems = Problems::default();
    let schema = Schema::read(&Source::new("s.yaml", translation.text.as_str()), &mut problems);
    let told: Vec<String> =
        problems.iter().map(|problem| format!("{} {}", problem.cite(), problem.message())).collect();
    schema.unwrap_or_else(|| panic!("{}", told.join("\n")))
}

/// Returns the worst state of the rules of each expectation, by its line in the suite.
fn states(report: &Report, translation: &Translation) -> BTreeMap<usize, State> {
    let mut states = BTreeMap::new();
    let named = report.rules.iter().filter(|rule| !rule.rule.starts_with("type ") && rule.rule != "not null");
    for rule in named {
        let Some(line) = translation.origin_of(&rule.citation).and_then(|origin| origin.rsplit_once(':')) else {
            continue;
        };
        let line: usize = line.1.parse().expect("a citation ends with a line");
        let state = states.entry(line).or_insert(rule.state);
        *state = rule.state.max(*state);
    }
    states
}

/// Where the verdict depends on how pandas keeps a column and not on what is in it: table, type and kwargs.
const DIFFERENT: [(&str, &str, &str); 7] = [
    // pandas has no column of integers with nulls: they become floats, and booleans objects.
    ("nulls", "of_type", ""),
    ("nulls", "in_type_list", ""),
    // A column without a value is asked for what its type does not have. There it holds; here the mismatch is told.
    ("nulls", "be_between", r#"{"column":"s","min_value":0.0"#),
    ("nulls", "be_in_set", r#"{"column":"k","value_set":["1"#),
    ("nulls", "strftime_format", r#""strftime_format":"%Y-%m-%d""#),
    // Texts and numbers are never equal there; here they are not compared.
    ("", "within_record", r#"["s","h"]"#),
    ("", "values_to_be_equal", r#"["s","h"]"#),
];

fn is_different(table: &str, ty: &str, kwargs: &str) -> bool {
    DIFFERENT.iter().any(|(on, of, with)| table.ends_with(on) && ty.contains(of) && kwargs.contains(with))
}

#[test]
fn a_translated_suite_says_what_great_expectations_says() {
    let suite = read("suite.json");
    let recorded: Value = serde_json::from_str(&read("recorded.json")).expect("it is JSON");
    let expectations: Value = serde_json::from_str(&suite).expect("it is JSON");
    let expectations = expectations["expectations"].as_array().expect("a list");
    let first_line = suite.lines().position(|line| line.contains("\"expectations\"")).expect("it is there") + 2;
    let translation = translated(&suite);
    let schema = schema_of(&translation);
    let mut compared = 0;
    let mut wrong = Vec::new();
    for (table, verdicts) in recorded["verdicts"].as_object().expect("a mapping") {
        let path = folder().join(format!("tables/{table}.parquet"));
        let given = Given::default();
        let report = check(&schema, &[Input { name: table, path: &path }], &given).expect("the table can be read");
        let states = states(&report, &translation);
        for (at, verdict) in verdicts.as_str().expect("a text").chars().enumerate() {
            let Some(state) = states.get(&(first_line + at)) else { continue };
            let (ty, kwargs) =
                (expectations[at]["type"].as_str().expect("a text"), expectations[at]["kwargs"].to_string());
            if verdict == 'e' || is_different(table, ty, &kwargs) {
                continue;
            }
            compared += 1;
            if (verdict == 'p') != (*state == State::Pass) {
                wrong.push(format!("{table}: {verdict} and {state:?}: {ty} {kwargs}"));
            }
        }
    }
    assert!(compared > 4_000, "only {compared} verdicts were compared");
    assert!(wrong.is_empty(), "{} of {compared} differ:\n{}", wrong.len(), wrong.join("\n"));
}
