//! `lockgate remove`.

use clap::Args;

use super::Ended;
use crate::cli::context::Context;
use crate::cli::declared::{self, Wish};
use crate::cli::settings;
use crate::cli::trouble::Trouble;
use crate::engine::{Leftovers, Retired, WhenBusy, check_texts};
use crate::event::Event;
use crate::manifest::remove_stage;
use crate::pipeline::{Node, Tracked};
use crate::report::plain::{Detail, Look, line};
use crate::words::{Exit, Outside, TaskId};

/// Remove stages from the pipeline file and from the lock
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate remove train          the stage goes, `model.bin` stays where it is
  lockgate remove train --outs   and so does `model.bin`
  lockgate remove data.csv.dvc   `data.csv` is not tracked any more

The lines of the stage are taken out of the pipeline file, and its entry out of dvc.lock where `dvc.write_lock` is set; comments around it and every other byte stay. What the store
has of it stays until `lockgate gc`.")]
pub struct Remove {
    /// Stages, groups or `.dvc` files
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
    let (data, stages): (Vec<String>, Vec<String>) =
        command.targets.iter().cloned().partition(|target| workspace.tracked(target).is_some());
    let tracked: Vec<Tracked> = data.iter().filter_map(|target| workspace.tracked(target).cloned()).collect();
    let declared = declared::stages(&workspace, &stages, WISH)?;
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
    let config = settings::read(context, workspace.root(), &[])?;
    let look = Look { style: context.style(), detail: Detail::Usual, names: 0 };
    let out = &mut context.out;
    let mut tell = |event: &Event| out.say(&line(event, look).map(|line| format!("{line}\n")).unwrap_or_default());
    if !tasks.is_empty() {
        let retired = Retired { tasks: &tasks, texts: &texts, leftovers, dvc_lock: settings::dvc_lock(&config) };
        workspace.retire(retired, busy, &mut tell)?;
    }
    if !tracked.is_empty() {
        workspace.untrack(&tracked, leftovers, busy, &mut tell)?;
    }
    for path in &outside {
        context.note(&format!("`{path}` lies outside of the project and stays\n"));
    }
    for Tracked { file, .. } in &tracked {
        context.note(&format!("removed `{file}`\n"));
    }
    for (file, stage) in declared.iter().flat_map(|(file, stages)| stages.iter().map(move |stage| (file, stage))) {
        context.note(&format!("removed stage `{stage}` from `{file}`\n"));
    }
    Ok(Exit::Done)
}
