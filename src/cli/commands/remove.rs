//! `lockgate remove`.

use clap::Args;

use super::Ended;
use crate::cli::context::Context;
use crate::cli::declared::{self, Wish};
use crate::cli::trouble::Trouble;
use crate::engine::{Leftovers, WhenBusy, check_texts};
use crate::manifest::remove_stage;
use crate::pipeline::Node;
use crate::report::plain::{Detail, Look, line};
use crate::words::{Exit, Outside, TaskId};

/// Remove stages from the pipeline file and from the lock
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate remove train          the stage goes, `model.bin` stays where it is
  lockgate remove train --outs   and so does `model.bin`

The lines of the stage are taken out of the pipeline file; comments around it and every other byte stay. What the store
has of it stays until `lockgate gc`.")]
pub struct Remove {
    /// Stages or groups
    #[arg(required = true, value_name = "TARGET")]
    targets: Vec<String>,
    /// Remove their outputs as well
    #[arg(long)]
    outs: bool,
    /// Give up at once when another run holds the workspace
    #[arg(long)]
    no_wait: bool,
}

const WISH: Wish = Wish {
    done: "removed by a command",
    instead: "take its lines out of the pipeline file, so that a review sees what is not judged any more",
};

pub fn run(command: &Remove, context: &mut Context) -> Ended {
    let mut workspace = context.open()?;
    let declared = declared::stages(&workspace, &command.targets, WISH)?;
    let texts = declared::edit(&workspace, &declared, remove_stage)?;
    check_texts(workspace.root(), &workspace.pipeline().files, &texts).map_err(Trouble::invalid)?;
    let goes = |node: &&Node| {
        let stages = declared.get(workspace.pipeline().file_of(&node.id));
        stages.is_some_and(|stages| stages.contains(node.name().group()))
    };
    let nodes: Vec<&Node> = workspace.pipeline().nodes.iter().filter(goes).collect();
    let tasks: Vec<TaskId> = nodes.iter().map(|node| node.id.clone()).collect();
    let outs = nodes.iter().flat_map(|node| node.outs()).filter(|_| command.outs);
    let outside: Vec<Outside> = outs.filter_map(|out| out.path.outside().cloned()).collect();
    let leftovers = if command.outs { Leftovers::Remove } else { Leftovers::Keep };
    let busy = if command.no_wait { WhenBusy::GiveUp } else { WhenBusy::Wait };
    let look = Look { style: context.style(), detail: Detail::Usual, names: 0 };
    let out = &mut context.out;
    workspace.retire(&tasks, &texts, leftovers, busy, &mut |event| {
        out.say(&line(event, look).map(|line| format!("{line}\n")).unwrap_or_default());
    })?;
    for path in &outside {
        context.note(&format!("`{path}` lies outside of the project and stays\n"));
    }
    for (file, stage) in declared.iter().flat_map(|(file, stages)| stages.iter().map(move |stage| (file, stage))) {
        context.note(&format!("removed stage `{stage}` from `{file}`\n"));
    }
    Ok(Exit::Done)
}
