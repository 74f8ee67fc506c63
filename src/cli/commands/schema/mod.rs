//! `lockgate schema`.

mod diff;
mod import;
mod infer;
mod json_schema;

use std::path::Path;

use clap::{Args, Subcommand};

use super::Ended;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::sys::disk::read_outside;

/// Make schemas and compare them
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate schema import gx/expectations/games.json --out schemas/games.yaml    from Great Expectations
  lockgate schema infer data/games.parquet --out schemas/games.yaml             from a table
  lockgate schema diff old.yaml schemas/games.yaml                              what breaks")]
pub struct Schema {
    #[command(subcommand)]
    part: Part,
}

#[derive(Clone, Debug, Subcommand)]
enum Part {
    Diff(diff::Diff),
    Import(import::Import),
    Infer(infer::Infer),
    JsonSchema(json_schema::JsonSchema),
}

pub fn run(command: &Schema, context: &mut Context) -> Ended {
    match &command.part {
        Part::Diff(command) => diff::run(command, context),
        Part::Import(command) => import::run(command, context),
        Part::Infer(command) => infer::run(command, context),
        Part::JsonSchema(command) => json_schema::run(command, context),
    }
}

/// Reads a text that the user named.
fn text_of(path: &Path, what: &str, context: &Context) -> Result<String, Trouble> {
    read_outside(&context.folder.join(path))?.ok_or_else(|| {
        Trouble::usage(format!("there is no {what} `{}`", path.display())).help("name a file that is there")
    })
}
