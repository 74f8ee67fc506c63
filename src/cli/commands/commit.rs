//! `lockgate commit`.

use std::fmt::Display;

use clap::Args;
use serde_json::json;

use super::{Ended, repro};
use crate::cli::ask::{check_can_ask, confirm};
use crate::cli::context::Context;
use crate::cli::settings;
use crate::cli::trouble::Trouble;
use crate::engine::{Answer, Asked, CommitError, Committed, WhenBusy, Workspace};
use crate::graph::{Reading, Scope, Selection, TaskIx};
use crate::plan::Reason;
use crate::report::json::page;
use crate::report::plain::{Detail, Look, line};
use crate::words::Exit;
use crate::words::text::{list, plural};

/// Record outputs as they stand as what their stages make, without running them
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are independent of each other")]
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate commit              keep in the store what `repro --no-commit` has made
  lockgate commit -f train     `model.bin` was made by hand, or the command changed and its result would not
  lockgate commit raw.dvc      where dvc.lock is written too: `raw.dvc` records `raw` as it stands; no stage is committed

A stage that has changed since it last ran is recorded after a question, or with --force. Gates on the outputs, and on what the stages read, judge first; what does not pass is not committed. It is your word that the stage would make
these outputs: nothing checks it.")]
pub struct Commit {
    /// Stages, groups, outputs or `.dvc` files [default: all stages]
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// Do not ask: record stages also when they have changed since they last ran
    #[arg(short, long)]
    force: bool,
    /// Targets are folders: all stages that are declared or run below them
    #[arg(short = 'R', long, requires = "targets")]
    recursive: bool,
    /// And all stages that the targets are made of
    #[arg(short = 'd', long, requires = "targets")]
    with_deps: bool,
    /// Give up at once when another run holds the workspace
    #[arg(long)]
    no_wait: bool,
    /// Write dvc.lock and DVC's cache too, for those who use DVC
    #[arg(long)]
    write_dvc_lock: bool,
    /// Print JSON: the stages that were committed
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Commit, context: &mut Context) -> Ended {
    let workspace = context.open()?;
    let scope = if command.with_deps { Scope::Upstream } else { Scope::Single };
    let reading = if command.recursive { Reading::Folder } else { Reading::Name };
    let selection = workspace.select_by(reading, &command.targets, scope)?;
    let selection = if command.with_deps { selection.with_all_named() } else { selection };
    let is_stage = |task: TaskIx| workspace.pipeline().nodes[task.at()].stage().is_some();
    let config = settings::read(context, workspace.root(), &settings::write_dvc_lock(command.write_dvc_lock))?;
    let dvc_lock = settings::dvc_lock(&config);
    workspace.check_data(&selection, dvc_lock)?;
    if selection.data().is_empty() && !selection.targets().any(is_stage) {
        return Err(Trouble::usage("nothing to commit: a gate makes nothing")
            .help("name a stage; `lockgate gate run GATE` has a gate judge"));
    }
    if !command.force && !allowed(&workspace, &selection)? {
        tell(command, context, &Committed::default())?;
        context.note("nothing was committed\n");
        return Ok(Exit::NotUpToDate);
    }
    let gates = gates_on(&workspace, &selection);
    drop(workspace);
    if !gates.is_empty() {
        let no_wait = command.no_wait;
        let write_dvc_lock = command.write_dvc_lock;
        let judged =
            repro::Repro { targets: gates, single_item: true, no_wait, write_dvc_lock, ..repro::Repro::default() };
        let ended = repro::run(&judged, context)?;
        if ended != Exit::Done {
            return Ok(ended);
        }
    }
    let mut workspace = context.open()?;
    let busy = if command.no_wait { WhenBusy::GiveUp } else { WhenBusy::Wait };
    let look = Look { style: context.style(), detail: Detail::Usual, names: 0 };
    let out = &mut context.out;
    let committed = workspace.commit(&selection, busy, dvc_lock, &mut |event| {
        out.say(&line(event, look).map(|line| format!("{line}\n")).unwrap_or_default());
    })?;
    tell(command, context, &committed)?;
    let Committed { stages, data } = committed;
    if !stages.is_empty() {
        context.note(&format!("committed {}: {}\n", plural(stages.len(), "stage"), names(&stages)));
    }
    if !data.is_empty() {
        context.note(&format!("recorded data as it stands: {}\n", names(&data)));
    }
    Ok(Exit::Done)
}

fn names(items: &[impl Display]) -> String {
    list(&items.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>())
}

fn tell(command: &Commit, context: &mut Context, committed: &Committed) -> std::io::Result<()> {
    if !command.json {
        return Ok(());
    }
    let names: Vec<String> = committed.stages.iter().map(ToString::to_string).collect();
    let mut value = json!({ "v": 1, "committed": names });
    if !committed.data.is_empty() {
        value["data"] = committed.data.iter().map(ToString::to_string).collect();
    }
    context.out.data(&page(&value))
}

/// Asks for each stage that is not what the lock says it was.
fn allowed(workspace: &Workspace, selection: &Selection) -> Result<bool, Trouble> {
    let plan = workspace.plan(selection, Asked::default());
    for task in selection.targets().map(|task| &workspace.pipeline().nodes[task.at()]) {
        let reason = plan.get(&task.id).and_then(|decision| decision.reasons().iter().find(|reason| is_change(reason)));
        let Some(reason) = reason.filter(|_| task.stage().is_some()) else { continue };
        let mut outs = task.outs().iter().map(|out| &out.path);
        if let Some(path) = outs.find(|path| workspace.root().stat(*path).is_ok_and(|stat| stat.is_none())) {
            return Err(CommitError::OutMissing { task: task.id.clone(), path: path.clone() }.into());
        }
        let what = format!("stage `{}` is not what it was when it last ran: {reason}", task.id);
        check_can_ask(&what, &format!("`lockgate commit --force {}` records its outputs as they stand", task.id))?;
        if confirm(&format!("{what}; record its outputs as they stand?")) == Answer::No {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A stage that runs every time has not changed for that.
const fn is_change(reason: &Reason) -> bool {
    match reason {
        Reason::AlwaysChanged
        | Reason::NothingToCompare
        | Reason::Volatile
        | Reason::DvcLock
        | Reason::EndedInError { .. }
        | Reason::Forced => false,
        Reason::NeverRun
        | Reason::Changed(_)
        | Reason::OutMissing { .. }
        | Reason::OutEdited { .. }
        | Reason::NotInStore { .. }
        | Reason::Relinked { .. }
        | Reason::NotAsDvcKnows { .. } => true,
    }
}

fn gates_on(workspace: &Workspace, selection: &Selection) -> Vec<String> {
    let gates = workspace.gates_before(selection).into_iter();
    gates.map(|gate| workspace.pipeline().nodes[gate.at()].id.to_string()).collect()
}

impl From<CommitError> for Trouble {
    fn from(error: CommitError) -> Self {
        let message = error.to_string();
        match error {
            CommitError::Run(error) => error.into(),
            CommitError::Store(error) => error.into(),
            CommitError::Disk(error) => error.into(),
            CommitError::Observe(_) | CommitError::Unwritten => {
                Self::new(Exit::Damaged, message).help("put it right and run the command again")
            }
            CommitError::OutMissing { .. } | CommitError::NoInput { .. } => Self::new(Exit::StageFailed, message)
                .help("nothing was committed; `lockgate repro` makes what is missing"),
            CommitError::NotRecorded(_) => Self::new(Exit::Damaged, message)
                .help("no stage was committed; put it right and run the command again"),
            CommitError::NoDvcLock { file } => Self::usage(message).help(format!(
                "nothing was committed; `dvc commit {file}` records it, and so does `lockgate commit --write-dvc-lock {file}`"
            )),
            CommitError::Imported { file } => Self::usage(message)
                .help(format!("nothing was committed; `dvc update {file}` brings what the source has")),
            CommitError::NoData { file, .. } => Self::new(Exit::StageFailed, message).help(format!(
                "nothing was committed; `lockgate checkout {file}` puts it in place as it is recorded"
            )),
            CommitError::NotPassed { gate, .. } => Self::new(Exit::GateBlocked, message)
                .help(format!("nothing was committed; `lockgate gate run {gate}` has it judge")),
        }
    }
}
