//! `lockgate show`.

use clap::Args;

use super::Ended;
use crate::cli::context::{Context, Verbosity};
use crate::cli::history;
use crate::cli::trouble::Trouble;
use crate::graph::Scope;
use crate::report::json::{page, page_of, to_value};
use crate::report::plain::Detail;
use crate::report::{history as runs, node};
use crate::words::Exit;

/// Tell a run again, or show a task: what is declared, and what the lock holds of it
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate show last            the last run
  lockgate show train           a stage
  lockgate show data/a.parquet  the stage that makes it")]
pub struct Show {
    /// A run, by the beginning of its name, or `last`; a stage, gate or group; an output
    what: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Show, context: &mut Context) -> Ended {
    let workspace = context.open()?;
    match workspace.select(std::slice::from_ref(&command.what), Scope::Single) {
        Ok(selection) if !selection.data().is_empty() => {
            Err(Trouble::no_task(selection.data(), |file| format!("`lockgate stage list {file}` says what it tracks")))
        }
        Ok(selection) => {
            let nodes = selection.tasks().filter(|task| selection.is_target(*task));
            let nodes: Vec<_> = nodes.map(|task| &workspace.pipeline().nodes[task.at()]).collect();
            let locked = |node: &crate::pipeline::Node| workspace.lock().tasks.get(&node.id);
            let text = if command.json {
                page_of(nodes.iter().map(|node| node::to_json(node, locked(node))).collect())
            } else {
                let style = context.data_style();
                nodes.iter().map(|node| node::render(node, locked(node), style)).collect::<Vec<_>>().join("\n")
            };
            if command.json {
                context.out.data(&text)?;
            } else {
                context.show(&text)?;
            }
            Ok(Exit::Done)
        }
        Err(unknown) => match history::find(workspace.root(), &command.what)? {
            Some(run) => show_run(command, context, workspace.root(), &run),
            None => Err(Trouble::from(unknown)),
        },
    }
}

fn show_run(command: &Show, context: &mut Context, root: &crate::sys::disk::Root, run: &str) -> Ended {
    let journal = history::journal(root, run)?;
    let detail = if context.verbosity == Verbosity::Verbose { Detail::Full } else { Detail::Usual };
    let text = if command.json {
        let events: Vec<_> = journal
            .told
            .iter()
            .map(|told| serde_json::json!({ "at": told.at_ms, "event": to_value(&told.event) }))
            .collect();
        page(&serde_json::json!({ "v": 1, "run": run, "events": events }))
    } else {
        runs::retell(&journal, detail, context.data_style())
    };
    if command.json {
        context.out.data(&text)?;
    } else {
        context.show(&text)?;
    }
    Ok(Exit::Done)
}
