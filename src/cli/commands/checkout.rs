//! `lockgate checkout`.

use clap::Args;

use super::{Ended, repro};
use crate::cli::context::Context;
use crate::cli::settings;
use crate::cli::teller::{Form, Teller};
use crate::cli::trouble::Trouble;
use crate::engine::{Asked, LeftData, Unsaved, WhenBusy, Workspace};
use crate::graph::{Scope, Selection};
use crate::pipeline::Tracked;
use crate::plan::Decision;
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
    /// Print the events, one JSON value a line
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
    let selection = workspace.select(&targets, Scope::Upstream)?;
    let mut files: Vec<RelPath> =
        named.into_iter().flat_map(|target| workspace.tracking(target)).map(file_of).collect();
    if command.targets.is_empty() {
        files = workspace.pipeline().tracked.iter().map(file_of).collect();
    } else if is_of_tasks {
        files.extend(workspace.tracking_for(&selection).into_iter().map(file_of));
    }
    let left = check_out_data(command, context, &mut workspace, &files)?;
    let ended = if is_of_tasks { check_out_tasks(command, context, &workspace, &selection)? } else { Exit::Done };
    for LeftData { path, tracked_by, why } in &left {
        context.note(&format!("`{path}` is not as `{tracked_by}` records it: {why}\n"));
    }
    let is_left = ended == Exit::Done && !left.is_empty() && !command.allow_missing;
    Ok(if is_left { Exit::NotUpToDate } else { ended })
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
    let form = if command.json { Form::Json } else { Form::People };
    let mut teller = Teller::new(context, form, &[]);
    let left =
        workspace.check_out_data(files, settings::manner(&config), unsaved, busy, &mut |event| teller.hear(event))?;
    teller.lost()?;
    Ok(left)
}

fn check_out_tasks(command: &Checkout, context: &mut Context, workspace: &Workspace, selection: &Selection) -> Ended {
    let plan = workspace.plan(selection, Asked::default());
    let needs_no_work = |decision: &Decision| match decision {
        Decision::Fresh | Decision::Held(_) | Decision::Adopt { .. } | Decision::Restore { .. } => true,
        Decision::Run { .. } | Decision::Pending { .. } | Decision::Refused { .. } | Decision::Blocked { .. } => false,
    };
    let (ready, left): (Vec<_>, Vec<_>) = plan.tasks.iter().partition(|planned| needs_no_work(&planned.decision));
    let ended = if ready.is_empty() {
        Exit::Done
    } else {
        let targets = ready.iter().map(|planned| planned.task.local()).collect();
        let Checkout { no_wait, json, relink, summary, .. } = *command;
        let repro = repro::Repro { targets, no_wait, json, summary, relink, ..repro::Repro::default() };
        repro::run(&repro::Repro { single_item: true, restore_only: true, ..repro }, context)?
    };
    if left.is_empty() || ended != Exit::Done {
        return Ok(ended);
    }
    let names: Vec<String> = left.iter().take(5).map(|planned| format!("`{}`", planned.task)).collect();
    let more = if left.len() > names.len() { " and more" } else { "" };
    let count = plural(left.len(), "task");
    context.note(&format!("{count} cannot be put in place: {}{more}; `lockgate repro` makes them\n", list(&names)));
    Ok(if command.allow_missing { Exit::Done } else { Exit::NotUpToDate })
}
