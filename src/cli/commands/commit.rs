//! `lockgate commit`.

use clap::Args;

use super::{Ended, repro};
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::engine::{CommitError, WhenBusy, Workspace};
use crate::graph::{Scope, Selection, TaskIx};
use crate::report::plain::{Detail, Look, line};
use crate::words::Exit;
use crate::words::text::{list, plural};

/// Record outputs as they stand as what their stages make, without running them
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  lockgate commit train     `model.bin` was made by hand, or the command changed and its result would not

Gates on the outputs, and on what the stages read, judge first; what does not pass is not committed. It is your word that the stage would make
these outputs: nothing checks it.")]
pub struct Commit {
    /// Stages, groups or outputs
    #[arg(required = true, value_name = "TARGET")]
    targets: Vec<String>,
    /// Give up at once when another run holds the workspace
    #[arg(long)]
    no_wait: bool,
}

pub fn run(command: &Commit, context: &mut Context) -> Ended {
    let workspace = context.open()?;
    let selection = workspace.select(&command.targets, Scope::Single)?;
    let is_stage =
        |task: &TaskIx| selection.is_target(*task) && workspace.pipeline().nodes[task.at()].stage().is_some();
    if !selection.tasks().any(|task| is_stage(&task)) {
        return Err(Trouble::usage("nothing to commit: a gate makes nothing")
            .help("name a stage; `lockgate gate run GATE` has a gate judge"));
    }
    let gates = gates_on(&workspace, &selection);
    drop(workspace);
    if !gates.is_empty() {
        let no_wait = command.no_wait;
        let judged = repro::Repro { targets: gates, single_item: true, no_wait, ..repro::Repro::default() };
        let ended = repro::run(&judged, context)?;
        if ended != Exit::Done {
            return Ok(ended);
        }
    }
    let mut workspace = context.open()?;
    let busy = if command.no_wait { WhenBusy::GiveUp } else { WhenBusy::Wait };
    let look = Look { style: context.style(), detail: Detail::Usual, names: 0 };
    let out = &mut context.out;
    let committed = workspace.commit(&selection, busy, &mut |event| {
        out.say(&line(event, look).map(|line| format!("{line}\n")).unwrap_or_default());
    })?;
    let names: Vec<String> = committed.iter().map(|task| format!("`{task}`")).collect();
    context.note(&format!("committed {}: {}\n", plural(committed.len(), "stage"), list(&names)));
    Ok(Exit::Done)
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
            CommitError::NotPassed { gate, .. } => Self::new(Exit::GateBlocked, message)
                .help(format!("nothing was committed; `lockgate gate run {gate}` has it judge")),
        }
    }
}
