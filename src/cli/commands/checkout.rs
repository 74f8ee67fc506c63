//! `lockgate checkout`.

use clap::Args;
use serde_json::json;

use super::{Ended, repro};
use crate::cli::context::Context;
use crate::engine::Asked;
use crate::event::Summary;
use crate::graph::{Reading, Scope};
use crate::plan::Decision;
use crate::report::json::{page, to_value};
use crate::words::Exit;
use crate::words::text::{list, plural};

/// Put outputs in place from the store, as the lock names them; run nothing
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are independent of each other")]
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  git switch main && lockgate checkout    the outputs that belong to this commit
  lockgate checkout train                 those of one stage and of what it needs
  lockgate config link hardlink && lockgate checkout --relink    place everything anew, another way

What is not in the store, or does not pass its gates, is left for `lockgate repro`; exit code 7 tells that there is some.
An output that was edited by hand is kept in `.lockgate/quarantine`.")]
pub struct Checkout {
    /// What to put in place [default: everything]
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// Targets are folders: all stages that are declared or run below them
    #[arg(short = 'R', long, requires = "targets")]
    recursive: bool,
    /// Place outputs anew that are in place, as the setting `link` says
    #[arg(long)]
    relink: bool,
    /// Exit with 0 although some outputs cannot be put in place
    #[arg(long)]
    allow_missing: bool,
    /// Tell only how many outputs were put in place
    #[arg(long, conflicts_with = "json")]
    summary: bool,
    /// Nothing is asked with or without it: what was edited is kept in `.lockgate/quarantine`
    #[arg(short, long)]
    force: bool,
    /// Give up at once when another run holds the workspace
    #[arg(long)]
    no_wait: bool,
    /// Print JSON: the counts, and what is left
    #[arg(long)]
    json: bool,
}

/// Brings up to date those tasks that need no work: of the others nothing is selected, so nothing of them can run.
pub fn run(command: &Checkout, context: &mut Context) -> Ended {
    let workspace = context.open()?;
    let reading = if command.recursive { Reading::Folder } else { Reading::Name };
    let selection = workspace.select_by(reading, &command.targets, Scope::Upstream)?;
    let plan = workspace.plan(&selection, Asked::default());
    drop(workspace);
    let needs_no_work = |decision: &Decision| match decision {
        Decision::Fresh | Decision::Held(_) | Decision::Adopt { .. } | Decision::Restore { .. } => true,
        Decision::Run { .. } | Decision::Pending { .. } | Decision::Refused { .. } | Decision::Blocked { .. } => false,
    };
    let (ready, left): (Vec<_>, Vec<_>) = plan.tasks.iter().partition(|planned| needs_no_work(&planned.decision));
    let placed = if ready.is_empty() {
        Summary::default()
    } else {
        let targets = ready.iter().map(|planned| planned.task.local()).collect();
        let Checkout { no_wait, relink, summary, .. } = *command;
        let repro = repro::Repro { targets, no_wait, summary, relink, ..repro::Repro::default() };
        repro::carry_out(&repro::Repro { single_item: true, restore_only: true, ..repro }, context)?
    };
    if command.json {
        let left: Vec<String> = left.iter().map(|planned| planned.task.to_string()).collect();
        context.out.data(&page(&json!({ "v": 1, "summary": to_value(&placed), "left": left })))?;
    }
    if left.is_empty() || placed.exit != Exit::Done.code() {
        return repro::exit_of(&placed);
    }
    let names: Vec<String> = left.iter().take(5).map(|planned| format!("`{}`", planned.task)).collect();
    let more = if left.len() > names.len() { " and more" } else { "" };
    let count = plural(left.len(), "task");
    context.note(&format!("{count} cannot be put in place: {}{more}; `lockgate repro` makes them\n", list(&names)));
    Ok(if command.allow_missing { Exit::Done } else { Exit::NotUpToDate })
}
