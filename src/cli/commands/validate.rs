//! `lockgate validate`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::Ended;
use crate::cli::context::{Context, Verbosity};
use crate::cli::trouble::Trouble;
use crate::gate::{Judgement, judge_tables, read_rules};
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
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Validate, context: &mut Context) -> Ended {
    let watch = Stopwatch::start();
    let text = read_outside(&context.folder.join(&command.schema))?.ok_or_else(|| {
        Trouble::usage(format!("there is no schema `{}`", command.schema.display())).help("name a file with rules")
    })?;
    let schema = shown(&command.schema);
    read_rules(&schema, &text).map_err(Trouble::invalid)?;
    let table = context.folder.join(&command.data);
    if !is_folder(&table) && crate::sys::disk::canonical_file(&table).is_none() {
        return Err(
            Trouble::usage(format!("there is no table `{}`", command.data.display())).help("name a file or a folder")
        );
    }
    let name = command.data.display().to_string();
    let judgement = judge_tables(&schema, &text, &[(shown(&command.data), table)], vec![name]);
    tell(command, context, &judgement, watch.elapsed_ms())?;
    Ok(match judgement.verdict.state {
        GateState::Pass | GateState::Warn => Exit::Done,
        GateState::Review => Exit::PersonNeeded,
        GateState::Fail | GateState::Inconclusive | GateState::Error => Exit::GateBlocked,
    })
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
    Ok(context.out.data(&render(&screen, context.data_style()))?)
}

/// Returns the name that messages use: the path as it was given, as far as it can be one inside a project.
fn shown(path: &Path) -> RelPath {
    let text = path.display().to_string();
    let name = || path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    RelPath::parse(&text).or_else(|_| RelPath::parse(&name())).unwrap_or_else(|_| RelPath::root())
}
