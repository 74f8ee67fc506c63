//! `lockgate checkout`.

use clap::Args;
use serde_json::{Value, json};

use super::{Ended, repro};
use crate::cli::context::Context;
use crate::cli::settings;
use crate::cli::teller::{Form, Teller};
use crate::cli::trouble::Trouble;
use crate::engine::{Asked, LeftData, Unsaved, WhenBusy, Workspace};
use crate::event::Summary;
use crate::graph::{Reading, Scope};
use crate::pipeline::Tracked;
use crate::plan::{Decision, Plan, Planned};
use crate::report::json::{page, to_value};
use crate::words::text::{list, plural};
use crate::words::{Exit, RelPath};

/// Put outputs in place from the store, as the lock names them; run nothing
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are independent of each other")]
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  git switch main && lockgate checkout    the outputs that belong to this commit
  lockgate checkout train                 those of one stage and of what it needs
  lockgate config link hardlink && lockgate checkout --relink    place everything anew, another way

What is not in the store, or does not pass its gates, is left for `lockgate repro`; exit code 7 tells that there is some.
An output that was edited by hand is kept in `.lockgate/quarantine`. Data that `.dvc` files track comes from DVC's cache;
where it was edited and is recorded nowhere, it stays, or goes to the quarantine with --force.")]
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
    /// Replace data that `.dvc` files track also where it was edited and is recorded nowhere
    #[arg(short, long)]
    force: bool,
    /// Give up at once when another run holds the workspace
    #[arg(long)]
    no_wait: bool,
    /// Print JSON: the counts, and what is left
    #[arg(long)]
    json: bool,
}

/// Puts the data that is tracked in place, then brings up to date those tasks that need no work: of the others nothing is
/// selected, so nothing of them can run.
pub fn run(command: &Checkout, context: &mut Context) -> Ended {
    let mut workspace = context.open()?;
    let (named, targets): (Vec<&String>, Vec<&String>) =
        command.targets.iter().partition(|target| !workspace.tracking(target).is_empty());
    let targets: Vec<String> = targets.into_iter().cloned().collect();
    let is_of_tasks = !targets.is_empty() || named.is_empty();
    let reading = if command.recursive { Reading::Folder } else { Reading::Name };
    let selection = workspace.select_by(reading, &targets, Scope::Upstream)?;
    let mut files: Vec<RelPath> =
        named.into_iter().flat_map(|target| workspace.tracking(target)).map(file_of).collect();
    if command.targets.is_empty() {
        files = workspace.pipeline().tracked.iter().map(file_of).collect();
    } else if is_of_tasks {
        files.extend(workspace.tracking_for(&selection).into_iter().map(file_of));
    }
    let data = check_out_data(command, context, &mut workspace, &files)?;
    let plan = if is_of_tasks { workspace.plan(&selection, Asked::default()) } else { Plan::default() };
    drop(workspace);
    let (ready, left): (Vec<_>, Vec<_>) = plan.tasks.iter().partition(|planned| needs_no_work(&planned.decision));
    let placed = if ready.is_empty() { Summary::default() } else { place(command, context, &ready)? };
    if command.json {
        let left: Vec<String> = left.iter().map(|planned| planned.task.to_string()).collect();
        let data: Vec<_> = data.iter().map(told).collect();
        context.out.data(&page(&json!({ "v": 1, "summary": to_value(&placed), "left": left, "data": data })))?;
    }
    for LeftData { path, tracked_by, why } in &data {
        context.note(&format!("`{path}` is not as `{tracked_by}` records it: {why}\n"));
    }
    let is_whole = left.is_empty() && data.is_empty();
    if is_whole || placed.exit != Exit::Done.code() {
        return repro::exit_of(&placed);
    }
    if !left.is_empty() {
        let names: Vec<String> = left.iter().take(5).map(|planned| format!("`{}`", planned.task)).collect();
        let more = if left.len() > names.len() { " and more" } else { "" };
        let count = plural(left.len(), "task");
        context.note(&format!("{count} cannot be put in place: {}{more}; `lockgate repro` makes them\n", list(&names)));
    }
    Ok(if command.allow_missing { Exit::Done } else { Exit::NotUpToDate })
}

fn needs_no_work(decision: &Decision) -> bool {
    match decision {
        Decision::Fresh | Decision::Held(_) | Decision::Adopt { .. } | Decision::Restore { .. } => true,
        Decision::Run { .. } | Decision::Pending { .. } | Decision::Refused { .. } | Decision::Blocked { .. } => false,
    }
}

fn place(command: &Checkout, context: &mut Context, ready: &[&Planned]) -> Result<Summary, Trouble> {
    let targets = ready.iter().map(|planned| planned.task.local()).collect();
    let Checkout { no_wait, relink, summary, .. } = *command;
    let repro = repro::Repro { targets, no_wait, summary, relink, ..repro::Repro::default() };
    repro::carry_out(&repro::Repro { single_item: true, restore_only: true, ..repro }, context)
}

fn told(LeftData { path, tracked_by, why }: &LeftData) -> Value {
    json!({ "path": path, "tracked_by": tracked_by, "why": why.to_string() })
}

fn file_of(tracked: &Tracked) -> RelPath {
    tracked.file.clone()
}

fn check_out_data(
    command: &Checkout,
    context: &mut Context,
    workspace: &mut Workspace,
    files: &[RelPath],
) -> Result<Vec<LeftData>, Trouble> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let config = settings::read(context, workspace.root(), &[])?;
    let unsaved = if command.force { Unsaved::Replaced } else { Unsaved::Stays };
    let busy = if command.no_wait { WhenBusy::GiveUp } else { WhenBusy::Wait };
    let mut teller = Teller::new(context, Form::People, &[]);
    let left =
        workspace.check_out_data(files, settings::manner(&config), unsaved, busy, &mut |event| teller.hear(event))?;
    teller.lost()?;
    Ok(left)
}
