//! `lockgate stage list`.

use clap::Args;

use crate::cli::commands::Ended;
use crate::cli::context::Context;
use crate::graph::{Reading, Scope, TaskIx};
use crate::pipeline::Node;
use crate::report::json::page;
use crate::report::stages;
use crate::words::{Exit, RelPath};

/// List stages with what they make
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are independent of each other")]
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate stage list                the stages of the pipeline file
  lockgate stage list train          a stage or the members of a group
  lockgate stage list -R models      those below a folder
  lockgate stage list --name-only    for scripts: one name a line

Gates are listed by `lockgate gate list`.")]
pub struct List {
    /// Stages, groups or outputs; with -R, folders [default: the pipeline file's own stages]
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// All stages of the project
    #[arg(long, conflicts_with = "targets")]
    all: bool,
    /// Those below folders [default: below this one]
    #[arg(short = 'R', long, conflicts_with = "all")]
    recursive: bool,
    /// Only the names
    #[arg(long, alias = "names-only", conflicts_with = "json")]
    name_only: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(command: &List, context: &mut Context) -> Ended {
    let workspace = context.open()?;
    let pipeline = workspace.pipeline();
    let chosen: Vec<TaskIx> = if command.recursive {
        let here = [".".to_owned()];
        let targets = if command.targets.is_empty() { &here[..] } else { &command.targets };
        workspace.select_by(Reading::Folder, targets, Scope::Single)?.targets().collect()
    } else {
        workspace.select(&command.targets, Scope::Single)?.targets().collect()
    };
    let folder = workspace.entry().map(RelPath::parent);
    let is_narrow = command.targets.is_empty() && !command.all && !command.recursive;
    let is_here = |node: &Node| folder.as_ref().is_none_or(|folder| node.id.folder == *folder);
    let nodes = chosen.iter().map(|task| &pipeline.nodes[task.at()]);
    let nodes: Vec<&Node> = nodes.filter(|node| node.stage().is_some() && (!is_narrow || is_here(node))).collect();
    let text = if command.json {
        page(&stages::to_json(&nodes))
    } else if command.name_only {
        stages::names(&nodes)
    } else {
        stages::render(&nodes, context.data_style())
    };
    context.out.data(&text)?;
    Ok(Exit::Done)
}
