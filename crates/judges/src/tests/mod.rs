//! Whole reports: settings and files in, states and words out.

mod calibration;
mod drift;
mod evidence;
mod forms;
mod freshness;
mod leakage;
mod regression;
mod sql;
mod tolerance;

use std::fs;
use std::path::PathBuf;

use lockgate_contract::{Input, Report, RuleReport, Sample};
use lockgate_forms::{Reading, TextForm, TextForms};
use lockgate_kinds::Kind;
use lockgate_spanned::{Problems, Source, read};

use crate::{Given, JudgeError, judge, reference};

/// 2017-05-21T15:00:00Z.
const NOW: i128 = 1_495_378_800_000_000_000;

/// A folder for the files of one test.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("there is room for a folder"))
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, content).expect("files can be written");
        path
    }

    /// Judges the data where a stage has put it: in places whose names say nothing.
    fn judge_in_store(&self, gate: &str, data: &[&str]) -> Result<Report, JudgeError> {
        let (kind, forms) = settings(gate);
        let place = |name: &str| {
            let stored = self.0.path().join(blake3::hash(name.as_bytes()).to_hex().as_str());
            fs::copy(self.0.path().join(name), &stored).map(|_| stored.clone()).unwrap_or(stored)
        };
        let paths: Vec<PathBuf> = data.iter().map(|name| place(name)).collect();
        let inputs: Vec<Input<'_>> = data.iter().zip(&paths).map(|(name, path)| Input { name, path }).collect();
        judge(
            &kind,
            &Given { gate: "g", citation: "pipeline.yaml:7", data: &inputs, forms: &forms, file: &place, now: NOW },
        )
    }

    /// Runs `with` on what a gate is given of the files that are its data.
    fn given<T>(&self, data: &[&str], forms: &TextForms, with: impl FnOnce(&Given<'_>) -> T) -> T {
        let paths: Vec<PathBuf> = data.iter().map(|name| self.0.path().join(name)).collect();
        let inputs: Vec<Input<'_>> = data.iter().zip(&paths).map(|(name, path)| Input { name, path }).collect();
        let file = |name: &str| self.0.path().join(name);
        with(&Given { gate: "g", citation: "pipeline.yaml:7", data: &inputs, forms, file: &file, now: NOW })
    }

    /// The desk with one more file.
    fn and(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.file(name, content);
        self
    }

    /// Makes the file `made`, with which the gate compares, of its data as it is, and returns its text.
    fn refer(&self, gate: &str, data: &[&str], made: &str) -> String {
        let text = self.reference(gate, data).unwrap_or_else(|error| panic!("{error}"));
        self.file(made, &text);
        text
    }

    fn judge(&self, gate: &str, data: &[&str]) -> Result<Report, JudgeError> {
        let (kind, forms) = settings(gate);
        self.given(data, &forms, |given| judge(&kind, given))
    }

    fn reference(&self, gate: &str, data: &[&str]) -> Result<String, JudgeError> {
        let (kind, forms) = settings(gate);
        self.given(data, &forms, |given| reference(&kind, given))
    }

    /// Judges and says what came of it: states, rules, samples and metrics.
    fn said(&self, gate: &str, data: &[&str]) -> String {
        match self.judge(gate, data) {
            Ok(report) => said(&report),
            Err(error) => format!("error: {error}"),
        }
    }
}

/// Reads `drift: {…}`.
fn kind(gate: &str) -> Kind {
    settings(gate).0
}

/// Reads `drift: {…}`, with `csv: {…}` beside it for all tables.
fn settings(gate: &str) -> (Kind, TextForms) {
    let source = Source::new("pipeline.yaml", gate);
    let mut problems = Problems::default();
    let root = read(&source, &mut problems).expect("the text is YAML");
    let (name, node) = Kind::NAMES.iter().find_map(|name| Some((name, root.get(name)?))).expect("it names a kind");
    let kind = Kind::read(name, node, &source, &mut problems, &mut |path, _| Some(path.to_owned()));
    let mistakes: Vec<&str> = problems.iter().map(lockgate_spanned::Problem::message).collect();
    let (kind, mut forms) = kind.unwrap_or_else(|| panic!("{mistakes:?}"));
    let mut reading = Reading { source: &source, problems: &mut problems, code: "x" };
    forms.all = root.get("csv").map_or(TextForm::PLAIN, |node| TextForm::read(node, &mut reading));
    (kind, forms)
}

fn said(report: &Report) -> String {
    let mut lines = vec![report.state.name().to_owned()];
    lines.extend(report.rules.iter().flat_map(rule_lines));
    lines.extend(report.metrics.iter().map(|(name, value)| format!("= {name}: {value}")));
    lines.join("\n")
}

fn rule_lines(rule: &RuleReport) -> Vec<String> {
    let counts = format!("[{} of {}]", rule.bad, rule.examined);
    let mut lines = vec![format!("{} {}: {} {counts}", rule.state.name(), rule.name(), rule.observed)];
    lines.extend(rule.notes.iter().map(|note| format!("  ({note})")));
    lines.extend(rule.samples.iter().map(|sample| format!("  {}", sample_line(sample))));
    lines
}

fn sample_line(sample: &Sample) -> String {
    let row = sample.row.map(|row| format!("row {row}"));
    let cells = sample.cells.iter().map(|cell| format!("{} {}", cell.column, cell.value.as_deref().unwrap_or("null")));
    row.into_iter().chain(cells).collect::<Vec<_>>().join(", ")
}

/// Makes a CSV file of a header and rows.
fn csv(header: &str, rows: impl IntoIterator<Item = String>) -> String {
    rows.into_iter().fold(format!("{header}\n"), |text, row| text + &row + "\n")
}
