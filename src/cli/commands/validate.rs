//! `lockgate validate`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use lockgate_forms::{Reading, TextForm};
use lockgate_spanned::{Problem, Problems, Source, read};
use serde_json::json;

use super::Ended;
use crate::cli::context::{Context, Verbosity};
use crate::cli::trouble::Trouble;
use crate::gate::{Judgement, OtherTable, Tables, Use, User, judge_tables, read_rules};
use crate::report::gate::{Judge, Screen, render};
use crate::report::json::{page, to_value};
use crate::report::story::Downstream;
use crate::sys::clock::Stopwatch;
use crate::sys::disk::{is_folder, read_outside};
use crate::words::Exit;
use crate::words::GateState;
use crate::words::RelPath;

/// Judge a table by a schema, without a pipeline
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  lockgate validate data/raw/games.parquet --schema schemas/games.yaml

The table is CSV, Parquet, JSON lines or Arrow IPC, or a folder of them. Exit code 4 tells that it does not pass.")]
pub struct Validate {
    /// The table
    data: PathBuf,
    /// The rules
    #[arg(short, long, value_name = "FILE")]
    schema: PathBuf,
    /// A table that the schema refers to, such as teams=data/ref/teams.parquet
    #[arg(long = "table", value_name = "NAME=PATH", value_parser = named_path)]
    tables: Vec<(String, PathBuf)>,
    /// How the text of such a table is written, such as teams='{delimiter: ";", missing: [NA]}'; without NAME= of DATA,
    /// where the rules are a suite: a schema says it itself
    #[arg(long, value_name = "[NAME=]FORM", value_parser = named_form)]
    csv: Vec<(String, TextForm)>,
    /// The environment of the schema, such as `serving`
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// Write all bad rows to FILE, as Parquet, with a column for each rule that is true where the row breaks it
    #[arg(long, value_name = "FILE")]
    rows: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Reads `NAME=PATH`.
fn named_path(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => Ok((name.to_owned(), PathBuf::from(path))),
        _ => Err("write NAME=PATH, such as teams=data/ref/teams.parquet".to_owned()),
    }
}

/// The name under which the form of DATA stands.
const DATA: &str = "";

/// Reads `NAME=FORM`, or `FORM` alone.
fn named_form(text: &str) -> Result<(String, TextForm), String> {
    if text.starts_with('{') {
        return Ok((DATA.to_owned(), form(text)?));
    }
    match text.split_once('=').filter(|(name, _)| !name.is_empty()) {
        Some((name, text)) => Ok((name.to_owned(), form(text)?)),
        None => Err("write NAME=FORM, such as teams='{delimiter: \";\"}'".to_owned()),
    }
}

/// Reads how a table is written: what stands under `csv` in a schema.
pub fn form(text: &str) -> Result<TextForm, String> {
    let source = Source::new("--csv", text);
    let mut problems = Problems::default();
    let form = read(&source, &mut problems)
        .map(|node| TextForm::read(&node, &mut Reading { source: &source, problems: &mut problems, code: "csv" }));
    let told = |problem: &Problem| {
        let help = problem.next_step().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("{}{help}", problem.message())
    };
    let told: Vec<String> = problems.iter().map(told).collect();
    match form {
        Some(form) if told.is_empty() => Ok(form),
        _ => Err(told.join("; ")),
    }
}

pub fn run(command: &Validate, context: &mut Context) -> Ended {
    let watch = Stopwatch::start();
    let text = read_outside(&context.folder.join(&command.schema))?.ok_or_else(|| {
        Trouble::usage(format!("there is no schema `{}`", command.schema.display())).help("name a file with rules")
    })?;
    let schema = shown(&command.schema);
    let names: Vec<&str> = command.tables.iter().map(|(name, _)| name.as_str()).collect();
    let environment = command.environment.as_deref();
    let csv = command.csv.iter().find(|(name, _)| name == DATA).map_or(TextForm::plain(), |(_, form)| form);
    read_rules(&schema, &text, &Use { by: User::Command, environment, tables: &names, csv })
        .map_err(Trouble::invalid)?;
    let judged = [table_at(&command.data, context)?];
    let rejects: Vec<_> =
        command.rows.iter().map(|path| (path.display().to_string(), context.folder.join(path))).collect();
    let tables = Tables {
        by: User::Command,
        judged: &judged,
        others: &others(command, context)?,
        environment,
        csv,
        rejects: &rejects,
        scratch: None,
        last: &|| None,
    };
    let judged = judge_tables(&schema, &text, &tables, vec![command.data.display().to_string()]);
    let judgement = judged.map_err(|why| Trouble::new(Exit::Halted, why.to_string()))?;
    tell(command, context, &judgement, watch.elapsed_ms())?;
    Ok(match judgement.verdict.state {
        GateState::Pass | GateState::Warn => Exit::Done,
        GateState::Review => Exit::PersonNeeded,
        GateState::Fail | GateState::Inconclusive | GateState::Error => Exit::GateBlocked,
    })
}

/// Returns the tables that the schema refers to, each with how it is written.
fn others(command: &Validate, context: &Context) -> Result<BTreeMap<String, OtherTable>, Trouble> {
    if let Some((name, _)) =
        command.csv.iter().find(|(name, _)| name != DATA && command.tables.iter().all(|(known, _)| known != name))
    {
        let message = format!("`--csv` says how `{name}` is written, and no such table is given");
        return Err(Trouble::usage(message).help(format!("add `--table {name}=PATH`")));
    }
    let form = |name: &str| command.csv.iter().find(|(of, _)| of == name).map(|(_, form)| form.clone());
    let other = |(name, path): &(String, PathBuf)| {
        let (path, place) = table_at(path, context)?;
        Ok((name.clone(), OtherTable { path, place, form: form(name).unwrap_or_default() }))
    };
    command.tables.iter().map(other).collect()
}

/// Returns the name of a table in messages and where it lies, which is there.
fn table_at(path: &Path, context: &Context) -> Result<(RelPath, PathBuf), Trouble> {
    let place = context.folder.join(path);
    if is_folder(&place) || crate::sys::disk::canonical_file(&place).is_some() {
        return Ok((shown(path), place));
    }
    Err(Trouble::usage(format!("there is no table `{}`", path.display())).help("name a file or a folder"))
}

fn tell(command: &Validate, context: &mut Context, judgement: &Judgement, elapsed_ms: u64) -> Result<(), Trouble> {
    let Judgement { verdict, report } = judgement;
    if command.json {
        return Ok(context
            .out
            .data(&page(&json!({ "v": 1, "verdict": to_value(verdict), "report": to_value(report) })))?);
    }
    if context.verbosity == Verbosity::Quiet && verdict.state == GateState::Pass {
        return Ok(());
    }
    let file = command.schema.display().to_string();
    let (judge, downstream) = (Judge::Schema(&file), &Downstream::default());
    let screen =
        Screen { judge, verdict, report: Some(report), allowed: &[], elapsed_ms: Some(elapsed_ms), downstream };
    Ok(context.show(&render(&screen, context.data_style()))?)
}

/// Returns the name that messages use: the path as it was given, as far as it can be one inside a project.
fn shown(path: &Path) -> RelPath {
    let text = path.display().to_string();
    let name = || path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    RelPath::parse(&text).or_else(|_| RelPath::parse(&name())).unwrap_or_else(|_| RelPath::root())
}
