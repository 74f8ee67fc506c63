//! What the stages of a DVC project make is named in `.gitignore`, so that git does not offer it for a commit.
//!
//! The form is DVC's: `/name` in the file of the out's folder. The lines of all stages of a run are written before its first
//! command begins, so that no failure loses them. An out whose folder a command makes itself has its line before it is
//! published. What git ignores already needs no line. A `pipeline.yaml` says nothing of git, so its projects are left alone.

use std::collections::{BTreeMap, BTreeSet};

use super::run::Run;
use super::transaction::below;
use super::workspace::Workspace;
use crate::config::is_without_git;
use crate::event::Event;
use crate::graph::{Selection, TaskIx};
use crate::pipeline::{Flavour, Node, Pipeline};
use crate::sys::disk::{DiskError, Durability, Kind, Root, is_under_git};
use crate::sys::git::Git;
use crate::words::RelPath;
use crate::words::text::with_lines;

/// The outs of a run that have no line yet.
#[derive(Debug, Default)]
pub struct Unnamed(BTreeSet<RelPath>);

impl Unnamed {
    /// Takes the outs of the selected stages.
    pub fn of(root: &Root, pipeline: &Pipeline, selection: &Selection) -> Self {
        let nodes = selection.tasks().filter(|task| !selection.is_bystander(*task));
        let nodes: Vec<&Node> = nodes.map(|task| &pipeline.nodes[task.at()]).collect();
        if counts(root, pipeline) { Self(kept_by_dvc(&nodes).cloned().collect()) } else { Self::default() }
    }

    /// Gives those of `paths` a line whose folder is there.
    fn name(&mut self, root: &Root, paths: &BTreeSet<RelPath>) -> Result<(), DiskError> {
        let open: BTreeSet<RelPath> = self.0.intersection(paths).cloned().collect();
        let (tried, told) = name(root, &open);
        self.0.retain(|path| !tried.contains(path));
        told
    }
}

impl Run<'_> {
    /// Gives all outs a line whose folder is there.
    pub(super) fn name_outs(&mut self) {
        self.unnamed = Unnamed::of(&self.terms.root, self.known.pipeline, self.known.selection);
        let all = self.unnamed.0.clone();
        self.name_some(&all);
    }

    /// Gives the outs of one task a line.
    pub(super) fn name_outs_of(&mut self, task: TaskIx) {
        if !self.unnamed.0.is_empty() {
            let outs = self.known.node(task).outs().iter().filter_map(|out| out.path.inside().cloned()).collect();
            self.name_some(&outs);
        }
    }

    /// A line that cannot be written is no reason not to run.
    fn name_some(&mut self, paths: &BTreeSet<RelPath>) {
        if let Err(error) = self.unnamed.name(&self.terms.root, paths) {
            if error.is_full() {
                self.machine_failed(&error);
            }
            self.tell(&not_named(&error));
        }
    }
}

/// Says what follows from a line that cannot be written.
pub(super) fn not_named(error: &DiskError) -> Event {
    let message = format!("outputs cannot be named in `.gitignore`: {error}; git may offer them for a commit");
    let help = "make it a file that can be written: the next run that makes something adds the lines".to_owned();
    Event::Warning { message, help: Some(help) }
}

/// Gives the outs of stages a line; of a project that has none of this, nothing.
pub(super) fn name_outs_of(root: &Root, pipeline: &Pipeline, nodes: &[&Node]) -> Result<(), DiskError> {
    if counts(root, pipeline) { name(root, &kept_by_dvc(nodes).cloned().collect()).1 } else { Ok(()) }
}

impl Workspace {
    /// Gives the outs of a stage, or of all members of a group, a line.
    pub fn name_outs(&self, folder: &RelPath, group: &str) -> Result<(), DiskError> {
        let is_meant = |node: &&Node| node.id.folder == *folder && node.name().group() == group;
        let nodes: Vec<&Node> = self.pipeline().nodes.iter().filter(is_meant).collect();
        name_outs_of(&self.root, self.pipeline(), &nodes)
    }
}

/// Takes the lines of these paths away.
pub(super) fn unname(root: &Root, pipeline: &Pipeline, paths: &[&RelPath]) -> Result<(), DiskError> {
    let paths = if counts(root, pipeline) { paths } else { &[] };
    for (folder, paths) in by_folder(paths.iter().copied()) {
        let file = file_in(root, &folder)?;
        let Some(before) = text_of(root, &file)? else { continue };
        let lines: BTreeSet<String> = paths.iter().map(|path| line(path)).collect();
        let after: String = before.split_inclusive('\n').filter(|line| !lines.contains(line.trim_end())).collect();
        match (after == before, after.is_empty()) {
            (true, _) => {}
            (false, true) => root.remove(&file)?,
            (false, false) => root.publish(&file, after.as_bytes(), Durability::Later)?,
        }
    }
    Ok(())
}

/// Whether DVC would write such lines here.
fn counts(root: &Root, pipeline: &Pipeline) -> bool {
    let says_no = |name: &str| {
        let path = below(&RelPath::root(), &format!(".dvc/{name}"));
        root.read_to_string(&path).is_ok_and(|text| is_without_git(&text))
    };
    pipeline.files.flavour == Flavour::Dvc && is_under_git(root) && !["config", "config.local"].into_iter().any(says_no)
}

/// The outs that lie in the cache and so do not belong into git.
fn kept_by_dvc<'a>(nodes: &'a [&Node]) -> impl Iterator<Item = &'a RelPath> {
    nodes.iter().flat_map(|node| node.outs()).filter(|out| out.cache).filter_map(|out| out.path.inside())
}

fn by_folder<'a>(paths: impl IntoIterator<Item = &'a RelPath>) -> BTreeMap<RelPath, Vec<&'a RelPath>> {
    let mut folders: BTreeMap<RelPath, Vec<&RelPath>> = BTreeMap::new();
    for path in paths {
        folders.entry(path.parent()).or_default().push(path);
    }
    folders
}

/// Tries the lines of all outs but those in folders that are not there, and returns what was tried. A file that cannot be
/// written is passed over, and told.
fn name(root: &Root, outs: &BTreeSet<RelPath>) -> (BTreeSet<RelPath>, Result<(), DiskError>) {
    let (mut tried, mut told) = (BTreeSet::new(), Ok(()));
    let mut without_line: Vec<Lacking<'_>> = Vec::new();
    for (folder, paths) in by_folder(outs) {
        match Lacking::of(root, &folder, &paths) {
            Ok(None) => continue,
            Ok(Some(lacking)) => without_line.push(lacking),
            Err(error) => told = told.and(Err(error)),
        }
        tried.extend(paths.into_iter().cloned());
    }
    let asked: Vec<&RelPath> = without_line.iter().flat_map(|lacking| lacking.paths.iter().copied()).collect();
    let ignored = ignored(root, &asked);
    for lacking in without_line {
        told = told.and(lacking.write(root, &ignored));
    }
    (tried, told)
}

/// A file, and the paths that have no line in it.
struct Lacking<'a> {
    file: RelPath,
    text: String,
    paths: Vec<&'a RelPath>,
}

impl<'a> Lacking<'a> {
    /// Looks into the file of a folder; `None` when there is no such folder.
    fn of(root: &Root, folder: &RelPath, paths: &[&'a RelPath]) -> Result<Option<Self>, DiskError> {
        if root.stat(folder)?.is_none_or(|stat| stat.kind != Kind::Folder) {
            return Ok(None);
        }
        let file = file_in(root, folder)?;
        let text = text_of(root, &file)?.unwrap_or_default();
        let there: BTreeSet<&str> = text.lines().map(str::trim_end).collect();
        let paths = paths.iter().copied().filter(|path| !there.contains(line(path).as_str())).collect();
        Ok(Some(Self { file, text, paths }))
    }

    fn write(self, root: &Root, ignored: &BTreeSet<RelPath>) -> Result<(), DiskError> {
        let lines = self.paths.into_iter().filter(|path| !ignored.contains(*path)).map(line);
        let text = with_lines(&self.text, lines);
        if text == self.text { Ok(()) } else { root.publish(&self.file, text.as_bytes(), Durability::Later) }
    }
}

/// Without an answer of git, a line too many does no harm.
fn ignored(root: &Root, paths: &[&RelPath]) -> BTreeSet<RelPath> {
    if paths.is_empty() {
        return BTreeSet::new();
    }
    Git::open(root.path()).and_then(|git| git.ignored(paths)).unwrap_or_default()
}

/// The file of a folder; one that is a symlink is written where it leads.
fn file_in(root: &Root, folder: &RelPath) -> Result<RelPath, DiskError> {
    let file = below(folder, ".gitignore");
    if root.stat(&file)?.is_some() { root.resolve(&file) } else { Ok(file) }
}

fn text_of(root: &Root, file: &RelPath) -> Result<Option<String>, DiskError> {
    if root.stat(file)?.is_some() { root.read_to_string(file).map(Some) } else { Ok(None) }
}

/// The line by which git ignores this path and no other.
fn line(path: &RelPath) -> String {
    let mut line = "/".to_owned();
    for c in path.file_name().chars() {
        if "[]!*#?".contains(c) {
            line.push('\\');
        }
        line.push(c);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_means_one_path() {
        let check = |path: &str, expect: &str| assert_eq!(line(&RelPath::parse(path).expect("a path")), expect);
        check("data/raw.csv", "/raw.csv");
        check("w=[1]*", r"/w=\[1\]\*");
        check("#a", r"/\#a");
    }
}
