//! `lockgate runs`.

use clap::Args;

use super::Ended;
use crate::cli::context::Context;
use crate::cli::{history, project};
use crate::report::history::{render, to_json};
use crate::report::json::page;
use crate::words::Exit;

/// List the runs that executed something, the newest first
#[derive(Clone, Debug, Args)]
#[command(after_help = "`lockgate show RUN` tells one of them again, `lockgate logs --run RUN` lists its logs.")]
pub struct Runs {
    /// How many
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Runs, context: &mut Context) -> Ended {
    let root = project::root(context)?;
    let names = history::run_names(&root)?;
    let journals = names.iter().take(command.limit).map(|name| history::journal(&root, name));
    let journals = journals.collect::<Result<Vec<_>, _>>()?;
    if command.json {
        context.out.data(&page(&to_json(&journals)))?;
    } else if names.is_empty() {
        context.note("nothing has run here yet\n");
    } else {
        context.out.data(&render(&journals, context.data_style()))?;
    }
    Ok(Exit::Done)
}
