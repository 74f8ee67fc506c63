//! `lockgate status`.

use std::mem::ManuallyDrop;

use clap::Args;

use super::Ended;
use crate::cli::context::{Context, Verbosity};
use crate::engine::Asked;
use crate::graph::Scope;
use crate::report::{json, status};
use crate::words::Exit;

/// Say what would be done with each task, and the first reason
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate status           everything; `lockgate explain TASK` gives all reasons of one task
  lockgate status train     one stage and all that it needs
  lockgate status --check   exit 7 if something is not up to date; with -q without a word

Nothing is written and no lock is taken: it can be asked while a run goes on.")]
pub struct Status {
    /// What to look at [default: everything]
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// Exit with 7 if something is not up to date; -q implies it
    #[arg(long)]
    check: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Status, context: &mut Context) -> Ended {
    // The process ends with the command: at thousands of stages, to give back what it holds piece by piece takes its time.
    let workspace = ManuallyDrop::new(context.open()?);
    let selection = workspace.select(&command.targets, Scope::Upstream)?;
    let plan = ManuallyDrop::new(workspace.plan(&selection, Asked::default()));
    context.warn_of_doubts(&workspace);
    let is_quiet = context.verbosity == Verbosity::Quiet;
    if command.json {
        context.out.data(&json::page(&status::to_json(&plan)))?;
    } else if !is_quiet {
        context.out.data(&status::render(&plan, context.data_style()))?;
        context.note(&status::footer(&plan));
    }
    Ok(if (command.check || is_quiet) && !plan.is_fresh() { Exit::NotUpToDate } else { Exit::Done })
}
