//! Data that `.dvc` files track and that is missing: what of it DVC's cache has, and how it comes back.
//!
//! Such data are sources. What stands in the workspace counts, edited or not; only what is not there at all is put in place
//! before anything runs, and until then decisions take it for what it is going to be.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Included, Unbounded};

use super::dvccache::NotTaken;
use super::evidence::Evidence;
use super::foreseen::{Part, joined};
use super::workspace::Workspace;
use crate::dvclock::Claim;
use crate::event::Event;
use crate::graph::Selection;
use crate::observe::{ObserveError, Observer, TreeEntry, part_of};
use crate::pipeline::{Node, Pipeline, Tracked, TrackedOut};
use crate::plan::{Datum, DatumState};
use crate::store::{Link, Protect};
use crate::sys::disk::Root;
use crate::words::{Content, Md5Form, RelPath, Spot};

/// One file or folder that a `.dvc` file records.
#[derive(Clone, Debug)]
pub(super) struct Recorded<'a> {
    pub(super) file: &'a RelPath,
    pub(super) path: &'a RelPath,
    pub(super) claim: Claim,
}

/// What is missing and comes back, by path.
#[derive(Debug, Default)]
pub struct Promises {
    by_path: BTreeMap<RelPath, Promise>,
    /// What is missing and of which DVC's cache has nothing sound.
    lost: Vec<Claim>,
}

#[derive(Debug)]
struct Promise {
    tracked_by: RelPath,
    content: Content,
    /// Of a folder, relative to it; of a file, the file.
    entries: Vec<TreeEntry>,
}

/// How files get into the workspace.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    pub link: Link,
    pub protect: Protect,
}

impl Workspace {
    /// Returns the data that the tasks read or that was named, that `.dvc` files track, and that is missing.
    pub(super) fn missing_data<'a>(&'a self, selection: &Selection) -> Vec<Recorded<'a>> {
        let Pipeline { nodes, tracked, .. } = self.pipeline();
        if tracked.is_empty() {
            return Vec::new();
        }
        let chosen = selection.tasks().filter(|task| !selection.is_bystander(*task));
        let read = read_by(chosen.map(|task| &nodes[task.at()]));
        let is_wanted = |data: &Recorded<'_>| selection.data().contains(data.file) || touches(&read, data.path);
        let data = tracked.iter().flat_map(recorded).filter(is_wanted);
        data.filter(|data| self.root.stat(data.path).is_ok_and(|stat| stat.is_none())).collect()
    }

    /// Looks for missing data in DVC's cache.
    pub(super) fn promises(&self, selection: &Selection) -> Promises {
        let mut promises = Promises::default();
        for Recorded { file, path, claim } in self.missing_data(selection) {
            match self.evidence.cached(&claim) {
                Ok((content, entries)) => {
                    let promise = Promise { tracked_by: file.clone(), content, entries };
                    promises.by_path.insert(path.clone(), promise);
                }
                // Why it cannot be had is told by the run that wants it.
                Err(_) => promises.lost.push(claim),
            }
        }
        promises
    }

    /// Returns the data that was named and is not missing, or is missing for good.
    pub(super) fn named_data(&self, selection: &Selection, promises: &Promises) -> Vec<Datum> {
        let outs = self.named_outs(selection).filter(|(_, out)| !promises.by_path.contains_key(&out.path));
        let datum = |(file, out): (&RelPath, &TrackedOut)| Datum {
            path: out.path.clone(),
            tracked_by: file.clone(),
            state: self.state_of(out),
        };
        outs.map(datum).collect()
    }

    /// Returns data that was named and that does not stand here, with the file that tracks it.
    pub(super) fn named_and_missing<'a>(&'a self, selection: &'a Selection) -> Option<(&'a RelPath, &'a RelPath)> {
        let mut outs = self.named_outs(selection).map(|(file, out)| (file, &out.path));
        outs.find(|(_, path)| self.root.stat(*path).is_ok_and(|stat| stat.is_none()))
    }

    fn named_outs<'a>(&'a self, selection: &'a Selection) -> impl Iterator<Item = (&'a RelPath, &'a TrackedOut)> {
        let named = self.pipeline().tracked.iter().filter(|tracked| selection.data().contains(&tracked.file));
        named.flat_map(|tracked| tracked.outs.iter().map(move |out| (&tracked.file, out)))
    }

    fn state_of(&self, out: &TrackedOut) -> DatumState {
        if self.root.stat(&out.path).is_ok_and(|stat| stat.is_none()) {
            return DatumState::Lost;
        }
        let Some(claim) = claim(out) else { return DatumState::AsRecorded };
        match self.evidence.look(&out.path, claim.form) {
            Ok(Some((_, known))) if known.oid == claim.oid => DatumState::AsRecorded,
            Ok(_) | Err(_) => DatumState::Edited,
        }
    }

    /// Puts missing data in place, as far as DVC's cache has it. What it does not have is missed by the task that reads it.
    pub(super) fn bring_back(&self, missing: &[Recorded<'_>], manner: Manner, sink: &mut dyn FnMut(&Event)) {
        for data @ Recorded { file, path, .. } in missing {
            match self.put_in_place(data, manner) {
                Ok(()) => sink(&Event::Placed { path: (*path).clone(), tracked_by: (*file).clone() }),
                Err(NotTaken::Absent { .. }) => {}
                Err(error) => sink(&Event::Warning {
                    message: format!("`{path}`, which `{file}` tracks, could not be put in place: {error}"),
                    help: Some(format!("`dvc pull {file}` brings it again")),
                }),
            }
        }
    }

    /// Puts data in place as it is recorded, in place of what stands there.
    pub(super) fn put_in_place(&self, data: &Recorded<'_>, manner: Manner) -> Result<(), NotTaken> {
        let content = self.evidence.take(&data.claim, &self.store)?;
        // Nothing of ours names the data, so the store may forget it: a symlink into the store would then lead nowhere.
        let link = if manner.link == Link::Symlink { Link::Copy } else { manner.link };
        Ok(self.store.place(&content, data.path, link, manner.protect)?)
    }
}

impl Promise {
    fn at<'a>(&'a self, path: &'a RelPath) -> Part<'a> {
        Part { path, content: self.content, entries: Cow::Borrowed(&self.entries) }
    }
}

impl Promises {
    pub fn is_empty(&self) -> bool {
        self.by_path.is_empty() && self.lost.is_empty()
    }

    /// Returns the same without what comes back.
    #[must_use]
    pub fn only_lost(self) -> Self {
        Self { by_path: BTreeMap::new(), ..self }
    }

    /// Returns what comes back of that which these nodes read, or which these files track.
    pub fn returning_for<'n>(&self, nodes: impl Iterator<Item = &'n Node>, named: &BTreeSet<RelPath>) -> Vec<Datum> {
        if self.by_path.is_empty() {
            return Vec::new();
        }
        let read = read_by(nodes);
        let is_wanted = |path: &RelPath, promise: &Promise| named.contains(&promise.tracked_by) || touches(&read, path);
        let returning = self.by_path.iter().filter(|(path, promise)| is_wanted(path, promise));
        let data = |(path, promise): (&RelPath, &Promise)| Datum {
            path: path.clone(),
            tracked_by: promise.tracked_by.clone(),
            state: DatumState::Returns,
        };
        returning.map(data).collect()
    }

    /// Returns what will stand at `path`, when that is something else than what stands there now.
    pub fn content(&self, path: Spot<'_>, observer: &Observer) -> Result<Option<Content>, ObserveError> {
        let Some(path) = path.inside().filter(|_| !self.by_path.is_empty()) else { return Ok(None) };
        let mut above = path.clone();
        while !above.is_root() {
            if let Some(promise) = self.by_path.get(&above) {
                let part = || part_of(&promise.entries, &path.seen_from(&above));
                return Ok(if above == path { Some(promise.content) } else { part() });
            }
            above = above.parent();
        }
        let inside = within(&self.by_path, &path);
        let inside: Vec<Part<'_>> = inside.map(|(path, promise)| promise.at(path)).collect();
        if inside.is_empty() { Ok(None) } else { joined(&path, &inside, observer).map(Some) }
    }

    /// Whether nothing says what a path is that a task has read: it is missing, DVC's cache does not have it, and dvc.lock
    /// does not say that the task has read just what the `.dvc` file records.
    pub fn is_unknown(&self, node: &Node, path: Spot<'_>, evidence: &Evidence) -> bool {
        self.lost
            .iter()
            .any(|claim| claim.path.overlaps(path) && !(claim.path.spot() == path && evidence.has_read(node, claim)))
    }
}

/// Returns the data that `.dvc` files track, that is missing, and without which a folder that these nodes read is not whole.
pub(super) fn missing_parts<'a>(
    root: &Root,
    pipeline: &'a Pipeline,
    nodes: impl Iterator<Item = &'a Node>,
) -> Vec<&'a RelPath> {
    if pipeline.tracked.is_empty() {
        return Vec::new();
    }
    let read = read_by(nodes);
    let paths = pipeline.tracked.iter().flat_map(|tracked| &tracked.outs).map(|out| &out.path);
    let inside = paths.filter(|path| !path.is_root() && is_at_or_in(&read, &path.parent()));
    inside.filter(|path| root.stat(*path).is_ok_and(|stat| stat.is_none())).collect()
}

/// Returns the entries whose path lies inside of `folder`, by their order.
fn within<'a, T>(by_path: &'a BTreeMap<RelPath, T>, folder: &RelPath) -> impl Iterator<Item = (&'a RelPath, &'a T)> {
    let inside = start_of_all_in(folder);
    let from = by_path.range::<str, _>((Included(inside.as_str()), Unbounded));
    from.take_while(move |(path, _)| path.as_str().starts_with(&inside))
}

/// Returns that with which all paths in a folder begin.
fn start_of_all_in(folder: &RelPath) -> String {
    if folder.is_root() { String::new() } else { format!("{folder}/") }
}

/// Returns what a `.dvc` file records by an MD5.
pub(super) fn recorded(tracked: &Tracked) -> impl Iterator<Item = Recorded<'_>> {
    tracked.outs.iter().filter_map(|out| Some(Recorded { file: &tracked.file, path: &out.path, claim: claim(out)? }))
}

/// Returns what a `.dvc` file says of one out; `None` when it tells it apart in another way than by an MD5.
pub(super) fn claim(out: &TrackedOut) -> Option<Claim> {
    let TrackedOut { path, md5, is_plain_md5, is_executable, .. } = out;
    let form = if *is_plain_md5 { Md5Form::Bytes } else { Md5Form::Text };
    let oid = md5.as_deref()?.parse().ok()?;
    Some(Claim { path: path.into(), form, oid, size: None, is_executable: *is_executable })
}

/// Returns the paths that tasks read. What a frozen stage reads is nobody's business.
pub(super) fn read_by<'a>(nodes: impl Iterator<Item = &'a Node>) -> BTreeSet<&'a str> {
    let nodes = nodes.filter(|node| !node.stage().is_some_and(|stage| stage.frozen));
    nodes.flat_map(|node| node.inputs().map(|input| input.path.as_str())).collect()
}

/// Whether `path`, something in it, or a folder that it is in is among `read`.
pub(super) fn touches(read: &BTreeSet<&str>, path: &RelPath) -> bool {
    let inside = start_of_all_in(path);
    let next = read.range::<str, _>((Included(inside.as_str()), Unbounded)).next();
    is_at_or_in(read, path) || next.is_some_and(|next| next.starts_with(&inside))
}

/// Whether `path` or a folder that it is in is among `read`.
pub(super) fn is_at_or_in(read: &BTreeSet<&str>, path: &RelPath) -> bool {
    let mut above = path.clone();
    while !above.is_root() {
        if read.contains(above.as_str()) {
            return true;
        }
        above = above.parent();
    }
    read.contains("")
}
