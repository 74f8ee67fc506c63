//! `lockgate explain`.

use clap::Args;

use super::Ended;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::engine::Asked;
use crate::graph::Scope;
use crate::report::explain::{Explained, render, to_json};
use crate::report::json::page_of;
use crate::words::Exit;

/// Say why a task would run: every reason, with what was and what is
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  lockgate explain train")]
pub struct Explain {
    /// A stage, a gate, a group or an output
    task: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Explain, context: &mut Context) -> Ended {
    let workspace = context.open()?;
    let selection = workspace.select(std::slice::from_ref(&command.task), Scope::Upstream)?;
    if !selection.data().is_empty() {
        return Err(Trouble::no_task(selection.data(), |file| format!("`lockgate status {file}` says how it stands")));
    }
    let plan = workspace.plan(&selection, Asked::default());
    context.warn_of_doubts(&workspace);
    let targets = selection.tasks().filter(|task| selection.is_target(*task));
    let ids = targets.map(|task| &workspace.pipeline().nodes[task.at()].id);
    let explained: Vec<Explained<'_>> = ids
        .filter_map(|task| {
            Some(Explained { task, decision: plan.get(task)?, locked: workspace.lock().tasks.get(task) })
        })
        .collect();
    let text = if command.json {
        page_of(explained.iter().map(to_json).collect())
    } else {
        let style = context.data_style();
        explained.iter().map(|one| render(one, style)).collect::<Vec<_>>().join("\n")
    };
    if command.json {
        context.out.data(&text)?;
    } else {
        context.show(&text)?;
    }
    Ok(Exit::Done)
}
