//! `lockgate metrics`.

use clap::{Args, Subcommand};

use super::Ended;
use super::params::{Diff, run_diff};
use crate::cli::context::Context;
use crate::cli::values::{self, Side};
use crate::report::diff::{all_to_json, render_all};
use crate::report::json::page;
use crate::words::Exit;

/// Show and compare metrics
#[derive(Clone, Debug, Args)]
pub struct Metrics {
    #[command(subcommand)]
    part: Part,
}

#[derive(Clone, Debug, Subcommand)]
enum Part {
    /// Show the metrics of the workspace
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    Diff(Diff),
}

pub fn run(command: &Metrics, context: &mut Context) -> Ended {
    let workspace = context.open()?;
    let files = values::metric_files(&workspace);
    let json = match &command.part {
        Part::Diff(command) => return run_diff(command, context, workspace.root(), &files),
        Part::Show { json } => *json,
    };
    let found = values::read(workspace.root(), &Side::Workspace, &files)?;
    if json {
        context.out.data(&page(&all_to_json(&found)))?;
    } else {
        context.out.data(&render_all(&found, context.data_style()))?;
    }
    for missing in files.iter().filter(|file| !found.contains_key(*file)) {
        context.note(&format!("`{missing}` is not there: `lockgate repro` makes it\n"));
    }
    if files.is_empty() {
        context.note("the pipeline declares no metrics\n");
    }
    Ok(Exit::Done)
}
