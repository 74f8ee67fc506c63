//! Which tasks an invocation is about.

use std::collections::BTreeSet;

use super::build::{Edge, EdgeKind, Graph, TaskIx, outs_of};
use crate::pipeline::{Node, Pipeline};
use crate::words::pattern::matches;
use crate::words::{NodeName, RelPath, TaskId};

/// How far a selection goes from its targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The targets and all that they are made of.
    Upstream,
    /// The targets alone.
    Single,
    /// The targets and all that is made of them.
    Downstream,
    /// Everything that is connected with the targets.
    Pipeline,
}

/// What the text of a target may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Naming {
    /// A name, a group or an output path.
    #[default]
    Exact,
    /// A shell-style pattern on names.
    Pattern,
    /// A folder, for all that is declared or runs in it; what is no such folder is read as a name.
    Folder,
}

/// Where and how targets are meant.
#[derive(Clone, Copy, Debug)]
pub struct Targets<'a> {
    pub texts: &'a [String],
    /// The folder from which paths are meant.
    pub folder: &'a RelPath,
    pub naming: Naming,
}

/// The chosen tasks. A gate that judges what a chosen task makes or reads is always among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    tasks: BTreeSet<TaskIx>,
    targets: BTreeSet<TaskIx>,
}

/// A target that names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no stage, gate or output is called `{target}`")]
pub struct SelectError {
    pub target: String,
    pub did_you_mean: Option<String>,
}

impl Selection {
    /// Selects every task of the pipeline.
    pub fn all(graph: &Graph) -> Self {
        let tasks: BTreeSet<TaskIx> = graph.order().iter().copied().collect();
        Self { targets: tasks.clone(), tasks }
    }

    /// Selects what the texts name: stages and gates, groups of members, or output paths. No text means everything.
    pub fn of(pipeline: &Pipeline, graph: &Graph, targets: Targets<'_>, scope: Scope) -> Result<Self, SelectError> {
        if targets.texts.is_empty() {
            return Ok(Self::all(graph));
        }
        let mut found = BTreeSet::new();
        for target in targets.texts {
            found.extend(match targets.naming {
                Naming::Exact => named(pipeline, targets.folder, target)?,
                Naming::Pattern => matching(pipeline, target)?,
                Naming::Folder => in_folder(pipeline, targets.folder, target)?,
            });
        }
        let mut tasks = reach(graph, &found, scope);
        add_needed_gates(pipeline, graph, &mut tasks);
        add_gates(graph, &mut tasks, scope);
        Ok(Self { tasks, targets: found })
    }

    pub fn contains(&self, task: TaskIx) -> bool {
        self.tasks.contains(&task)
    }

    /// Whether the task was named, or nothing was.
    pub fn is_target(&self, task: TaskIx) -> bool {
        self.targets.contains(&task)
    }

    /// Returns the tasks that were named; all of them when nothing was.
    pub fn targets(&self) -> impl Iterator<Item = TaskIx> + '_ {
        self.targets.iter().copied()
    }

    /// Counts all the chosen tasks as named.
    #[must_use]
    pub fn with_all_named(self) -> Self {
        Self { targets: self.tasks.clone(), ..self }
    }

    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    pub fn tasks(&self) -> impl Iterator<Item = TaskIx> + '_ {
        self.tasks.iter().copied()
    }
}

fn named(pipeline: &Pipeline, folder: &RelPath, target: &str) -> Result<BTreeSet<TaskIx>, SelectError> {
    let is_named = |name: &NodeName, id: &TaskId| {
        name.as_str() == target || name.group() == target || id.local() == target || id.to_string() == target
    };
    let found: BTreeSet<TaskIx> =
        tasks(pipeline).filter(|(_, node)| is_named(node.name(), &node.id)).map(|(task, _)| task).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let outs = outs_of(pipeline);
    let path = folder.join(target).map_err(|_| unknown(pipeline, folder, target))?;
    let by_path: BTreeSet<TaskIx> = outs.overlapping(&path).map(|(_, task)| task).collect();
    if by_path.is_empty() { Err(unknown(pipeline, folder, target)) } else { Ok(by_path) }
}

fn matching(pipeline: &Pipeline, pattern: &str) -> Result<BTreeSet<TaskIx>, SelectError> {
    let is_meant = |id: &TaskId| matches(pattern, id.name.as_str()) || matches(pattern, &id.to_string());
    let found: BTreeSet<TaskIx> =
        tasks(pipeline).filter(|(_, node)| is_meant(&node.id)).map(|(task, _)| task).collect();
    if found.is_empty() { Err(unknown(pipeline, &RelPath::root(), pattern)) } else { Ok(found) }
}

fn in_folder(pipeline: &Pipeline, folder: &RelPath, target: &str) -> Result<BTreeSet<TaskIx>, SelectError> {
    let Ok(place) = folder.join(target) else { return named(pipeline, folder, target) };
    let is_inside = |node: &Node| place.contains(&node.id.folder) || place.contains(&node.wdir);
    let found: BTreeSet<TaskIx> = tasks(pipeline).filter(|(_, node)| is_inside(node)).map(|(task, _)| task).collect();
    if found.is_empty() { named(pipeline, folder, target) } else { Ok(found) }
}

fn tasks(pipeline: &Pipeline) -> impl Iterator<Item = (TaskIx, &Node)> {
    pipeline.nodes.iter().enumerate().map(|(at, node)| (TaskIx::new(at), node))
}

/// Suggests a name, or an output as it is named from `folder`: also one that is called so in another folder.
fn unknown(pipeline: &Pipeline, folder: &RelPath, target: &str) -> SelectError {
    let outs = || pipeline.nodes.iter().flat_map(|node| node.outs().iter().map(|out| &out.path));
    let elsewhere = outs().find(|out| out.as_str() == target || out.file_name() == target);
    let names = pipeline.nodes.iter().map(|node| node.name().as_str().to_owned());
    let known: Vec<String> = names.chain(outs().map(|out| out.seen_from(folder))).collect();
    let near = elsewhere.map(|out| out.seen_from(folder));
    let near = near.or_else(|| lockgate_spanned::nearest(target, known.iter().map(String::as_str)).map(str::to_owned));
    SelectError { target: target.to_owned(), did_you_mean: near }
}

fn reach(graph: &Graph, targets: &BTreeSet<TaskIx>, scope: Scope) -> BTreeSet<TaskIx> {
    let up = |task: TaskIx| graph.inputs(task).iter().map(|edge| edge.from).collect::<Vec<_>>();
    let down = |task: TaskIx| graph.consumers(task).iter().map(|edge| edge.to).collect::<Vec<_>>();
    match scope {
        Scope::Single => targets.clone(),
        Scope::Upstream => close(targets, up),
        Scope::Downstream => close(targets, down),
        Scope::Pipeline => close(targets, |task| [up(task), down(task)].concat()),
    }
}

fn close(start: &BTreeSet<TaskIx>, next: impl Fn(TaskIx) -> Vec<TaskIx>) -> BTreeSet<TaskIx> {
    let mut found = start.clone();
    let mut open: Vec<TaskIx> = start.iter().copied().collect();
    while let Some(task) = open.pop() {
        open.extend(next(task).into_iter().filter(|task| found.insert(*task)));
    }
    found
}

/// Adds the gates that chosen tasks need, with all that those judge is made of: a verdict on what is no more would let
/// anything pass.
fn add_needed_gates(pipeline: &Pipeline, graph: &Graph, tasks: &mut BTreeSet<TaskIx>) {
    let is_gate = |task: TaskIx| pipeline.nodes[task.at()].gate().is_some();
    let needs = tasks.iter().flat_map(|task| graph.inputs(*task)).filter(|edge| edge.kind == EdgeKind::Order);
    let gates: BTreeSet<TaskIx> = needs.map(|edge| edge.from).filter(|gate| is_gate(*gate)).collect();
    tasks.extend(close(&gates, |task| graph.inputs(task).iter().map(|edge| edge.from).collect()));
}

/// Adds the gates on what the chosen tasks make and read, and what those gates are made of when upstream is chosen.
fn add_gates(graph: &Graph, tasks: &mut BTreeSet<TaskIx>, scope: Scope) {
    let gates_around = |task: TaskIx| {
        let read = graph.inputs(task).iter().filter(|edge| edge.kind == EdgeKind::Verdict).map(|edge| edge.from);
        read.chain(graph.guards(task)).collect::<Vec<_>>()
    };
    let upstream = |edge: &Edge| scope == Scope::Upstream || edge.kind == EdgeKind::Verdict;
    loop {
        let mut more: BTreeSet<TaskIx> = tasks.iter().flat_map(|task| gates_around(*task)).collect();
        let gates: Vec<TaskIx> = more.iter().copied().collect();
        more.extend(gates.iter().flat_map(|gate| graph.inputs(*gate)).filter(|edge| upstream(edge)).map(|e| e.from));
        if scope == Scope::Upstream {
            more = close(&more, |task| graph.inputs(task).iter().map(|edge| edge.from).collect());
        }
        let before = tasks.len();
        tasks.extend(more);
        if tasks.len() == before {
            return;
        }
    }
}
