//! `lockgate stage list`.

use std::collections::BTreeSet;

use clap::Args;

use crate::cli::commands::Ended;
use crate::cli::context::Context;
use crate::engine::Workspace;
use crate::graph::{Reading, Scope, SelectError, TaskIx};
use crate::pipeline::{Node, Tracked};
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
    let here = [".".to_owned()];
    let targets = if command.recursive && command.targets.is_empty() { &here[..] } else { &command.targets };
    let tracked = command.tracked(&workspace, targets);
    let chosen = command.chosen(&workspace, targets)?;
    let folder = workspace.entry().map(RelPath::parent);
    let is_narrow = command.targets.is_empty() && !command.all && !command.recursive;
    let is_here = |node: &Node| folder.as_ref().is_none_or(|folder| node.id.folder == *folder);
    let nodes = chosen.iter().map(|task| &pipeline.nodes[task.at()]);
    let nodes: Vec<&Node> = nodes.filter(|node| node.stage().is_some() && (!is_narrow || is_here(node))).collect();
    let text = if command.json {
        page(&stages::to_json(&nodes, &tracked))
    } else if command.name_only {
        stages::names(&nodes, &tracked)
    } else {
        stages::render(&nodes, &tracked, context.data_style())
    };
    context.out.data(&text)?;
    Ok(Exit::Done)
}

impl List {
    /// Returns the stages that are meant. A folder may have none, and data that is tracked.
    fn chosen(&self, workspace: &Workspace, targets: &[String]) -> Result<Vec<TaskIx>, SelectError> {
        if targets.is_empty() {
            return Ok(workspace.select(targets, Scope::Single)?.targets().collect());
        }
        let reading = if self.recursive { Reading::Folder } else { Reading::Name };
        let mut chosen = BTreeSet::new();
        for target in targets.iter().map(std::slice::from_ref) {
            match workspace.select_by(reading, target, Scope::Single) {
                Ok(selection) => chosen.extend(selection.targets()),
                Err(_) if !self.tracked(workspace, target).is_empty() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(chosen.into_iter().collect())
    }

    /// Returns the `.dvc` files that are meant: those that are named, and with the stages of folders or of the whole project
    /// those that lie there.
    fn tracked<'w>(&self, workspace: &'w Workspace, targets: &[String]) -> Vec<&'w Tracked> {
        let folders = targets.iter().filter_map(|target| workspace.cwd().join(target).ok());
        let folders: Vec<RelPath> = folders.filter(|_| self.recursive).collect();
        let named = targets.iter().flat_map(|target| workspace.tracking(target));
        let named: Vec<&RelPath> = named.map(|tracked| &tracked.file).collect();
        let is_meant = |tracked: &&Tracked| {
            self.all || named.contains(&&tracked.file) || folders.iter().any(|folder| folder.contains(&tracked.file))
        };
        workspace.pipeline().tracked.iter().filter(is_meant).collect()
    }
}
