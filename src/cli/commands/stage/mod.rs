//! `lockgate stage`.

mod add;
mod list;

use clap::{Args, Subcommand};

use super::Ended;
use crate::cli::context::Context;

/// List stages, and add one to the pipeline file
#[derive(Clone, Debug, Args)]
pub struct Stage {
    #[command(subcommand)]
    action: Action,
}

#[derive(Clone, Debug, Subcommand)]
enum Action {
    List(list::List),
    Add(Box<add::Add>),
}

pub fn run(command: &Stage, context: &mut Context) -> Ended {
    match &command.action {
        Action::List(command) => list::run(command, context),
        Action::Add(command) => add::run(command, context),
    }
}
