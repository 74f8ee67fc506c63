//! `lockgate params`.

use clap::{Args, Subcommand};

use super::Ended;
use crate::cli::context::Context;
use crate::cli::values;
use crate::report::diff::{diff, render, to_json};
use crate::report::json::page;
use crate::words::Exit;
use crate::words::RelPath;

/// Compare parameters
#[derive(Clone, Debug, Args)]
pub struct Params {
    #[command(subcommand)]
    part: Part,
}

#[derive(Clone, Debug, Subcommand)]
enum Part {
    Diff(Diff),
}

/// Show which values differ between two revisions of git, or one and the workspace
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  diff               HEAD and the workspace
  diff main          main and the workspace
  diff v1 v2         two revisions")]
pub struct Diff {
    /// The old revision [default: HEAD]
    #[arg(value_name = "OLD")]
    old: Option<String>,
    /// The new revision [default: the workspace]
    #[arg(value_name = "NEW")]
    new: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Params, context: &mut Context) -> Ended {
    let Part::Diff(command) = &command.part;
    let workspace = context.open()?;
    let files = values::param_files(&workspace);
    run_diff(command, context, workspace.root(), &files)
}

/// Compares the values of `files`.
pub fn run_diff(command: &Diff, context: &mut Context, root: &crate::sys::disk::Root, files: &[RelPath]) -> Ended {
    let (old, new) = values::sides(command.old.as_ref(), command.new.as_ref());
    let differences = diff(&values::read(root, &old, files)?, &values::read(root, &new, files)?);
    if command.json {
        context.out.data(&page(&to_json(&differences)))?;
    } else if differences.is_empty() {
        context.note("no value differs\n");
    } else {
        context.out.data(&render(&differences, context.data_style()))?;
    }
    Ok(Exit::Done)
}
