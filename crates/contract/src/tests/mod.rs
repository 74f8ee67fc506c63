//! Whole verdicts: a schema text and files in, a report or a screen out.

mod aggregates;
mod compat;
mod damage;
mod diffs;
mod editors;
mod folders;
mod formats;
mod functions;
mod groups;
mod inferred;
mod order;
mod plain;
mod queries;
mod rearranged;
mod rejects;
mod row_rules;
mod rules;
mod schemas;
mod screens;
mod shapes;
mod since;
mod tables;
mod texts;
mod vacuity;

use std::fs;
use std::path::{Path, PathBuf};

use lockgate_spanned::{Charset, Problems, Source, Style};
use polars::prelude::*;

use crate::{CheckError, Given, Input, Report, Schema, State, check};

/// A folder for the files of one test.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("there is room for a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folders can be made");
        fs::write(&path, content).expect("files can be written");
        path
    }

    /// Writes a frame in the format its name says.
    fn table(&self, name: &str, frame: &DataFrame) -> PathBuf {
        let path = self.file(name, "");
        let file = fs::File::create(&path).expect("the file was just made");
        let mut frame = frame.clone();
        let written = match path.extension().and_then(|e| e.to_str()) {
            Some("csv") => CsvWriter::new(file).finish(&mut frame),
            Some("parquet") => ParquetWriter::new(file).with_row_group_size(Some(4)).finish(&mut frame).map(|_| ()),
            Some("jsonl") => JsonWriter::new(file).with_json_format(JsonFormat::JsonLines).finish(&mut frame),
            _ => IpcWriter::new(file).finish(&mut frame),
        };
        written.expect("a small frame can be written");
        path
    }
}

const ENDINGS: [&str; 4] = ["csv", "parquet", "jsonl", "arrow"];

fn schema(text: &str) -> Schema {
    let source = Source::new("s.yaml", text);
    let mut problems = Problems::default();
    Schema::read(&source, &mut problems).unwrap_or_else(|| panic!("{}", drawn(&problems)))
}

fn drawn(problems: &Problems) -> String {
    problems.render(Style { width: 100, colour: false, charset: Charset::Ascii })
}

fn judged(schema_text: &str, path: &Path) -> Result<Report, CheckError> {
    check(&schema(schema_text), &[Input { name: "t", path }], &Given::default())
}

fn report(schema_text: &str, path: &Path) -> Report {
    judged(schema_text, path).unwrap_or_else(|error| panic!("{error}"))
}

/// Judges the text of a CSV file.
fn csv(schema_text: &str, content: &str) -> Report {
    report(schema_text, &Desk::new().file("t.csv", content))
}

/// One line a rule: state, name, observed.
fn lines(report: &Report) -> String {
    let line = |rule: &crate::RuleReport| format!("{} {}: {}", rule.state.name(), rule.name(), rule.observed);
    report.rules.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn state_of(report: &Report, name: &str) -> State {
    let found = report.rules.iter().find(|rule| rule.name() == name);
    found.unwrap_or_else(|| panic!("no rule {name} in\n{}", lines(report))).state
}
