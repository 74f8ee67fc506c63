//! Which files a pipeline is made of, and how its parts are named from a folder.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::node::{Flavour, Node};
use super::parsing::Parsing;
use crate::words::{RelPath, TaskId};

/// The files that declare one pipeline, a `pipeline.yaml` alone or every `dvc.yaml` and `.dvc` file of a project, and whose
/// rules they follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Files {
    pub flavour: Flavour,
    /// How their mappings become options of commands.
    pub parsing: Parsing,
    /// The folder in which the lock stands.
    pub home: RelPath,
    /// The files that declare stages, at most one in a folder, each folder before those in it.
    pub pipelines: Vec<RelPath>,
    /// The files that track data, sorted.
    pub tracking: Vec<RelPath>,
}

impl Files {
    /// Names one file, with the lock beside it.
    pub fn single(file: RelPath) -> Self {
        let flavour = if file.file_name() == "dvc.yaml" { Flavour::Dvc } else { Flavour::Native };
        let (parsing, home) = (Parsing::default(), file.parent());
        Self { flavour, parsing, home, pipelines: vec![file], tracking: Vec::new() }
    }

    /// Names all that declare stages and track data in the project, whose lock stands at its root.
    pub fn of_project(mut pipelines: Vec<RelPath>, mut tracking: Vec<RelPath>) -> Self {
        sort_by_folder(&mut pipelines);
        tracking.sort();
        let (flavour, parsing) = (Flavour::Dvc, Parsing::default());
        Self { flavour, parsing, home: RelPath::root(), pipelines, tracking }
    }

    /// Adds a file that declares stages.
    pub fn add(&mut self, file: &RelPath) {
        if !self.pipelines.contains(file) {
            self.pipelines.push(file.clone());
            sort_by_folder(&mut self.pipelines);
        }
    }

    /// Returns the file that declares the stages of `folder`.
    pub fn in_folder(&self, folder: &RelPath) -> Option<&RelPath> {
        self.pipelines.iter().find(|file| file.parent() == *folder)
    }

    /// Returns how messages cite a line of the file that declares `task`: `models/pipeline.yaml:12`.
    ///
    /// Panics if none of the files lies in the task's folder.
    pub fn cite(&self, task: &TaskId, line: usize) -> String {
        let file = self.in_folder(&task.folder).expect("a task is declared by the file in its folder");
        format!("{file}:{line}")
    }

    /// Returns what messages call all of it: the only file, or how many there are.
    pub fn title(&self) -> String {
        match &self.pipelines[..] {
            [only] => only.to_string(),
            several => format!("{} pipeline files", several.len()),
        }
    }
}

/// Sorts as DVC walks through a project: the file of a folder, then those in its folders one by one.
fn sort_by_folder(files: &mut [RelPath]) {
    files.sort_by_cached_key(|file| file.parent().components().map(str::to_owned).collect::<Vec<String>>());
}

/// The nodes of a pipeline by folder, and by the name or the group that they have there.
#[derive(Debug, Default)]
pub struct Names<'p>(BTreeMap<&'p str, BTreeMap<&'p str, Vec<usize>>>);

impl<'p> Names<'p> {
    pub fn of(nodes: &'p [Node]) -> Self {
        let mut folders: BTreeMap<&str, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
        for (at, node) in nodes.iter().enumerate() {
            let (name, group) = (node.name().as_str(), node.name().group());
            let names = folders.entry(node.id.folder.as_str()).or_default();
            names.entry(name).or_default().push(at);
            if group != name {
                names.entry(group).or_default().push(at);
            }
        }
        Self(folders)
    }

    /// Returns the nodes that `name` means in the file of `folder`, as indices; none when it means nothing.
    pub fn in_folder(&self, folder: &RelPath, name: &str) -> &[usize] {
        let names = self.0.get(folder.as_str());
        names.and_then(|names| names.get(name)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the names that the file of `folder` declares.
    pub fn known_in(&self, folder: &RelPath) -> impl Iterator<Item = &'p str> + use<'_, 'p> {
        self.0.get(folder.as_str()).into_iter().flat_map(|names| names.keys().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_folder_comes_before_those_in_it() {
        let paths = ["a/b/dvc.yaml", "a-b/dvc.yaml", "dvc.yaml", "a/dvc.yaml"];
        let mut files = Files::of_project(paths.map(|path| RelPath::parse(path).unwrap()).to_vec(), Vec::new());
        files.add(&RelPath::parse("0/dvc.yaml").unwrap());
        let sorted: Vec<String> = files.pipelines.iter().map(ToString::to_string).collect();
        assert_eq!(sorted, ["dvc.yaml", "0/dvc.yaml", "a/dvc.yaml", "a/b/dvc.yaml", "a-b/dvc.yaml"]);
    }
}
