//! `lockgate schema infer`.

use std::path::PathBuf;

use clap::Args;
use lockgate_forms::TextForm;

use crate::cli::commands::Ended;
use crate::cli::commands::validate::form;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::gate::infer_schema;
use crate::sys::disk::{canonical_file, is_folder, write_outside};
use crate::words::Exit;

/// Write a first schema for a table
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  lockgate schema infer data/raw/games.parquet --out schemas/games.yaml

The table passes the schema. Bounds are what was seen, rounded outward; columns that could be the key are named in \
comments with the evidence. Read it before you believe it: what was seen is not what must be.")]
pub struct Infer {
    /// A table: CSV, Parquet, JSON lines or Arrow IPC, or a folder of them
    data: PathBuf,
    /// How the text of the table is written, such as '{delimiter: ";", missing: [NA]}'; the schema says it too
    #[arg(long, value_name = "FORM", value_parser = form)]
    csv: Option<TextForm>,
    /// What the schema calls itself [default: the name of the table]
    #[arg(long)]
    name: Option<String>,
    /// Write the schema to FILE instead of standard output
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn run(command: &Infer, context: &mut Context) -> Ended {
    let path = context.folder.join(&command.data);
    let shown = command.data.display().to_string();
    if !is_folder(&path) && canonical_file(&path).is_none() {
        return Err(Trouble::usage(format!("there is no table `{shown}`")).help("name a file or a folder"));
    }
    let stem = || command.data.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name = command.name.clone().unwrap_or_else(stem);
    let text = infer_schema(&shown, &path, command.csv.as_ref().unwrap_or(TextForm::plain()), &name)
        .map_err(|error| Trouble::new(Exit::GateBlocked, error))?;
    match &command.out {
        Some(out) => write_outside(&context.folder.join(out), &text)?,
        None => context.out.data(&text)?,
    }
    Ok(Exit::Done)
}
