//! What a target means: a stage or gate, a group of members, a pipeline file, tracked data or an output.
//!
//! | target | means |
//! |---|---|
//! | `train`, `train@a`, `train[week=3]` | a stage, member or task of the pipeline file from which the invocation starts |
//! | `:train` | the same, said plainly |
//! | `models:train`, `models/dvc.yaml:train` | one of another file |
//! | `models/dvc.yaml` | all that a file declares |
//! | `data.dvc`, `data` | the data that the file tracks, which is no task |
//! | `out/model.bin`, `out` | the stages that make the path, or something in it |

use std::collections::BTreeSet;

use super::build::{TaskIx, outs_of};
use super::index::PathIndex;
use super::select::SelectError;
use crate::pipeline::{Names, Node, Pipeline, Tracked};
use crate::words::RelPath;
use crate::words::pattern::matches;

/// From where targets are meant.
#[derive(Clone, Debug)]
pub struct Standpoint {
    /// The folder of which paths are meant.
    pub cwd: RelPath,
    /// The pipeline file whose stages need no more than their name.
    pub entry: Option<RelPath>,
}

impl Standpoint {
    fn folder(&self) -> RelPath {
        self.entry.as_ref().map_or_else(|| self.cwd.clone(), RelPath::parent)
    }
}

/// What the text of a target is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// What the table above says.
    #[default]
    Name,
    /// A shell-style pattern on names.
    Pattern,
    /// A folder, for all that is declared or runs in it; what is no such folder is a name.
    Folder,
    /// A folder; what is no such folder is a pattern.
    FolderOrPattern,
}

/// A pipeline's names as they are meant from one place.
pub(super) struct Naming<'p> {
    pipeline: &'p Pipeline,
    stand: &'p Standpoint,
    names: Names<'p>,
    outs: PathIndex<TaskIx>,
}

type Tasks = BTreeSet<TaskIx>;

/// What targets mean.
#[derive(Debug, Default)]
pub(super) struct Meant {
    pub(super) tasks: Tasks,
    /// The `.dvc` files whose data is meant.
    pub(super) data: BTreeSet<RelPath>,
}

impl Meant {
    pub(super) fn extend(&mut self, other: Self) {
        self.tasks.extend(other.tasks);
        self.data.extend(other.data);
    }
}

impl From<Tasks> for Meant {
    fn from(tasks: Tasks) -> Self {
        Self { tasks, data: BTreeSet::new() }
    }
}

impl<'p> Naming<'p> {
    pub(super) fn new(pipeline: &'p Pipeline, stand: &'p Standpoint) -> Self {
        Self { pipeline, stand, names: Names::of(&pipeline.nodes), outs: outs_of(pipeline) }
    }

    /// Returns what `target` means, read in one of the ways.
    pub(super) fn read(&self, target: &str, reading: Reading) -> Result<Meant, SelectError> {
        match reading {
            Reading::Name => self.meant(target),
            Reading::Pattern => self.matching(target).map(Meant::from).ok_or_else(|| self.unknown(target)),
            Reading::Folder => self.below(target).map_or_else(|| self.meant(target), |tasks| Ok(tasks.into())),
            Reading::FolderOrPattern => {
                self.below(target).map_or_else(|| self.read(target, Reading::Pattern), |tasks| Ok(tasks.into()))
            }
        }
    }

    /// The tasks whose names match a pattern, here or with the folder of their file.
    fn matching(&self, pattern: &str) -> Option<Tasks> {
        let here = self.stand.folder();
        let is_here = |node: &Node| node.id.folder == here || self.pipeline.files.pipelines.len() == 1;
        let local = |node: &Node| is_here(node) && matches(pattern, node.name().as_str());
        some(self.tasks_where(|node| local(node) || matches(pattern, &node.id.to_string())))
    }

    /// The tasks that are declared or run in a folder.
    fn below(&self, target: &str) -> Option<Tasks> {
        let place = self.stand.cwd.join(target).ok()?;
        some(self.tasks_where(|node| place.contains(&node.id.folder) || place.contains(&node.wdir)))
    }

    /// Returns what `target` means.
    fn meant(&self, target: &str) -> Result<Meant, SelectError> {
        let found = self.in_folder(&self.stand.folder(), target);
        let found = found.or_else(|| self.addressed(target)).or_else(|| self.of_file(target)).map(Meant::from);
        let found = found.or_else(|| self.data(target)).or_else(|| self.making(target).map(Meant::from));
        let found = found.or_else(|| self.in_one_other_file(target).map(Meant::from));
        found.ok_or_else(|| self.unknown(target))
    }

    /// A stage, a gate, a group or a task of the file in `folder`.
    fn in_folder(&self, folder: &RelPath, name: &str) -> Option<Tasks> {
        let named: Tasks = self.names.in_folder(folder, name).iter().map(|at| TaskIx::new(*at)).collect();
        if !named.is_empty() {
            return Some(named);
        }
        if !name.contains('[') {
            return None;
        }
        some(self.tasks_where(|node| node.id.folder == *folder && node.id.local() == name))
    }

    fn tasks_where(&self, is_meant: impl Fn(&Node) -> bool) -> Tasks {
        let nodes = self.pipeline.nodes.iter().enumerate();
        nodes.filter(|(_, node)| is_meant(node)).map(|(at, _)| TaskIx::new(at)).collect()
    }

    /// `FILE:name` and `FOLDER:name`; the place is meant from the working folder, else from the project's root.
    fn addressed(&self, target: &str) -> Option<Tasks> {
        let (place, name) = target.split_once(':')?;
        if place.is_empty() {
            return self.in_folder(&self.stand.folder(), name);
        }
        let places = [self.stand.cwd.join(place), RelPath::parse(place)];
        places.into_iter().flatten().find_map(|path| {
            let folder = if self.pipeline.files.pipelines.contains(&path) { path.parent() } else { path };
            self.in_folder(&folder, name)
        })
    }

    /// A pipeline file.
    fn of_file(&self, target: &str) -> Option<Tasks> {
        let path = self.stand.cwd.join(target).ok()?;
        let is_pipeline = self.pipeline.files.pipelines.contains(&path);
        is_pipeline.then(|| in_folders(self.pipeline, |folder| *folder == path.parent()))
    }

    /// Data that is tracked, by the file that tracks it or by its own path.
    fn data(&self, target: &str) -> Option<Meant> {
        let path = self.stand.cwd.join(target).ok()?;
        let names = |tracked: &&Tracked| tracked.file == path || tracked.outs.iter().any(|out| out.path == path);
        let files = self.pipeline.tracked.iter().filter(names).map(|tracked| tracked.file.clone());
        let data: BTreeSet<RelPath> = files.collect();
        (!data.is_empty()).then(|| Meant { tasks: Tasks::new(), data })
    }

    /// The stages that make a path.
    fn making(&self, target: &str) -> Option<Tasks> {
        let path = self.stand.cwd.place(target).ok()?;
        some(self.outs.overlapping(&path).map(|(_, task)| task).collect())
    }

    /// A name that only one file of the project has.
    fn in_one_other_file(&self, target: &str) -> Option<Tasks> {
        let folders = self.pipeline.files.pipelines.iter().map(RelPath::parent);
        let mut found = folders.filter_map(|folder| self.in_folder(&folder, target));
        found.next().filter(|_| found.next().is_none())
    }

    /// Suggests a name, or an output as it is named from the working folder: also one that is called so in another folder.
    fn unknown(&self, target: &str) -> SelectError {
        let nodes = &self.pipeline.nodes;
        let outs = || nodes.iter().flat_map(|node| node.outs().iter().map(|out| &out.path));
        let elsewhere = outs().find(|out| out.as_str() == target || out.file_name() == target);
        let here = self.stand.folder();
        let name = |node: &Node| if node.id.folder == here { node.id.local() } else { node.id.to_string() };
        let same_name = nodes.iter().find(|node| node.name().as_str() == target).map(name);
        let known: Vec<String> =
            nodes.iter().map(name).chain(outs().map(|out| out.seen_from(&self.stand.cwd))).collect();
        let near = same_name.or_else(|| elsewhere.map(|out| out.seen_from(&self.stand.cwd)));
        let near =
            near.or_else(|| lockgate_spanned::nearest(target, known.iter().map(String::as_str)).map(str::to_owned));
        SelectError { target: target.to_owned(), did_you_mean: near }
    }
}

/// Returns the tasks of the files in the folders that `is_meant`.
pub(super) fn in_folders(pipeline: &Pipeline, is_meant: impl Fn(&RelPath) -> bool) -> Tasks {
    let nodes = pipeline.nodes.iter().enumerate().filter(|(_, node)| is_meant(&node.id.folder));
    nodes.map(|(at, _)| TaskIx::new(at)).collect()
}

fn some(tasks: Tasks) -> Option<Tasks> {
    (!tasks.is_empty()).then_some(tasks)
}
