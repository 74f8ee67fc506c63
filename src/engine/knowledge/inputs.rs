//! The contents of what a task reads, or what is in the way of knowing them.

use super::{Knowledge, NoRecipe};
use crate::dvclock::Kind as Of;
use crate::engine::foreseen::{Part, joined};
use crate::graph::{Maker, TaskIx};
use crate::observe::{ObserveError, part_of};
use crate::pipeline::{Input, Need};
use crate::plan::Blocker;
use crate::words::{Content, RelPath, Spot};

impl<'a> Knowledge<'a> {
    /// Returns the contents of the task's inputs, in their order, or all that is in the way.
    pub(super) fn inputs(&mut self, task: TaskIx) -> Result<Vec<Option<Content>>, NoRecipe> {
        let graph = self.graph;
        let makers = graph.makers(task);
        let (mut contents, mut pending, mut blocked) = (Vec::with_capacity(makers.len()), Vec::new(), Vec::new());
        for (Input { path, need }, maker) in self.node(task).inputs().zip(makers) {
            if let Some(maker) = self.awaited(*maker) {
                pending.push(maker);
                continue;
            }
            match self.input(task, path, *maker) {
                Ok(content) => contents.push(Some(content)),
                Err(NoRecipe::Blocked(by)) if need.is_optional() && is_missing(&by) => contents.push(None),
                Err(NoRecipe::Blocked(by)) if need == Need::Params && is_missing(&by) => {
                    let file = path.inside().expect("parameters are in the project");
                    blocked.push(self.missing_params(task, &file));
                }
                Err(NoRecipe::Pending(on)) => pending.extend(on),
                Err(NoRecipe::Blocked(by)) => blocked.extend(by),
            }
        }
        in_the_way(pending, blocked).map_or(Ok(contents), Err)
    }

    /// Returns the maker of an input, if nothing is known yet of what it makes.
    fn awaited(&self, maker: Maker) -> Option<TaskIx> {
        match maker {
            Maker::Out(task) => (self.selection.contains(task) && self.made(task).is_none()).then_some(task),
            Maker::Parts | Maker::Nobody => None,
        }
    }

    fn input(&mut self, task: TaskIx, path: Spot<'a>, maker: Maker) -> Result<Content, NoRecipe> {
        match maker {
            Maker::Out(maker) if self.selection.contains(maker) => {
                let made = self.made(maker).and_then(|made| made.outs.get(path.as_str()).copied());
                made.ok_or_else(|| NoRecipe::Pending(vec![maker]))
            }
            Maker::Parts => self.parts(task, path),
            Maker::Out(_) | Maker::Nobody => {
                let found = self.whole(path).and_then(|()| self.source(path));
                found.or_else(|why| self.remembered(task, path, maker).filter(|_| is_absent(&why)).ok_or(why))
            }
        }
    }

    /// Returns what a path was, when it may be missing: as its maker left it, else as the task has read it; by our own lock,
    /// else by dvc.lock.
    pub(super) fn remembered(&self, task: TaskIx, path: Spot<'_>, maker: Maker) -> Option<Content> {
        let memory = self.memory.as_ref()?;
        if self.promises.is_unknown(self.node(task), path, self.evidence) {
            return None;
        }
        let read = || memory.read.get(&task).and_then(|read| read.get(path.as_str()));
        memory.made.get(path.as_str()).or_else(read).copied().or_else(|| match maker {
            Maker::Out(maker) => self.evidence.assumed(self.node(maker), Of::Out, path),
            Maker::Parts | Maker::Nobody => self.evidence.assumed(self.node(task), Of::Dep, path),
        })
    }

    /// Looks a path up in the listing of the folder of which it is a part, as the folder's maker leaves it.
    fn listed(&self, task: TaskIx, path: Spot<'_>) -> Result<Content, NoRecipe> {
        let unlisted = || NoRecipe::Blocked(vec![self.unlisted(task, path)]);
        let makers = self.graph.inputs(task).iter().filter_map(|edge| self.made(edge.from));
        let inside = makers.clone().flat_map(|made| &made.outs).filter(|(out, _)| path.contains(out.spot()));
        let assumed = self.memory.as_ref().and_then(|_| self.evidence.assumed_folder(self.node(task), path, inside));
        if let Some(content) = assumed {
            return Ok(content);
        }
        let others = self.memory.iter().flat_map(|memory| &memory.made);
        let mut outs = makers.flat_map(|made| &made.outs).chain(others);
        let (folder, content) = outs.find(|(out, _)| out.contains(path)).ok_or_else(unlisted)?;
        let place = path.as_str().strip_prefix(folder.as_str()).unwrap_or_default().trim_start_matches('/');
        let part = if let Some(entries) = self.evidence.listing(&content.digest()) {
            part_of(&entries, place)
        } else {
            self.memory.as_ref().ok_or_else(unlisted)?;
            part_of(&self.store.tree(&content.digest()).map_err(|_| unlisted())?, place)
        };
        part.ok_or_else(unlisted)
    }

    /// Says of what nothing is known: of a part of a folder that is there, or of all of it.
    fn unlisted(&self, task: TaskIx, path: Spot<'_>) -> Blocker {
        let root = self.observer.root();
        let is_there = |path: Spot<'_>| root.stat(path).is_ok_and(|stat| stat.is_some());
        let outs = self.graph.inputs(task).iter().flat_map(|edge| self.node(edge.from).outs());
        let part = outs.map(|out| &out.path).find(|out| path.contains(out.spot()) && !is_there(out.spot()));
        match part.filter(|_| is_there(path)) {
            Some(part) => Blocker::MissingPart { dep: path.to_place(), part: part.clone() },
            None => Blocker::Unlisted { path: path.to_place() },
        }
    }

    /// Looks at a path that outs are a part of, when all of them stand in the workspace.
    fn parts(&self, task: TaskIx, path: Spot<'_>) -> Result<Content, NoRecipe> {
        self.whole(path)?;
        let makers = self.graph.inputs(task).iter().map(|edge| edge.from).filter(|from| self.selection.contains(*from));
        let overlaps = |from: &TaskIx| self.node(*from).outs().iter().any(|out| out.path.overlaps(path));
        let absent = |from: &TaskIx| self.made(*from).is_none_or(|made| !made.in_place);
        let mut pending: Vec<TaskIx> = makers.filter(absent).filter(overlaps).collect();
        pending.dedup();
        let is_made = |task: &TaskIx| self.made(*task).is_some();
        if pending.is_empty() {
            let found = found(path, self.observer.observe(path));
            found.or_else(
                |why| if self.memory.is_some() && is_absent(&why) { self.listed(task, path) } else { Err(why) },
            )
        } else {
            // What is about to be placed is known by its listing.
            match pending.iter().all(is_made).then(|| self.listed(task, path)) {
                Some(Err(_)) if self.memory.is_none() => self.foreseen(task, path).ok_or(NoRecipe::Pending(pending)),
                Some(listed) => listed,
                None => Err(NoRecipe::Pending(pending)),
            }
        }
    }

    /// Returns what will stand at a path once all outs that it is a part of, or that lie in it, are placed; `None` when it takes
    /// more than that to know it.
    fn foreseen(&self, task: TaskIx, path: Spot<'_>) -> Option<Content> {
        let comes_back = self.promises.content(path, self.observer).ok()?;
        let path = path.inside().filter(|_| comes_back.is_none())?;
        let outs = self.graph.inputs(task).iter().filter_map(|edge| self.made(edge.from)).flat_map(|made| &made.outs);
        let outs = outs.filter_map(|(out, content)| Some((out.inside()?, content)));
        let entries = |content: &Content| match content {
            Content::File { .. } => Some(Vec::new()),
            Content::Tree { digest } => {
                let known = self.evidence.listing(digest).map(|entries| entries.to_vec());
                known.or_else(|| self.store.tree(digest).ok())
            }
        };
        if let Some((folder, content)) = outs.clone().find(|(out, _)| out.contains(&path)) {
            return part_of(&entries(content)?, &path.seen_from(folder));
        }
        let part = |(out, content): (&'_ RelPath, &'_ Content)| Some((out.clone(), *content, entries(content)?));
        let inside: Vec<_> = outs.filter(|(out, _)| path.contains(out)).map(part).collect::<Option<_>>()?;
        let parts =
            inside.iter().map(|(path, content, entries)| Part { path, content: *content, entries: entries.into() });
        joined(&path, &parts.collect::<Vec<_>>(), self.observer).ok()
    }

    fn source(&mut self, path: Spot<'a>) -> Result<Content, NoRecipe> {
        found(path, self.look(path))
    }
}

fn found(path: Spot<'_>, observed: Result<Option<Content>, ObserveError>) -> Result<Content, NoRecipe> {
    match observed {
        Ok(Some(content)) => Ok(content),
        Ok(None) => Err(NoRecipe::Blocked(vec![Blocker::MissingDep { path: path.to_place() }])),
        Err(error) => Err(NoRecipe::Blocked(vec![Blocker::Unreadable { message: error.to_string() }])),
    }
}

/// Returns what is in the way of a recipe, if anything is: what blocks it counts before what it waits for.
pub(super) fn in_the_way(mut pending: Vec<TaskIx>, blocked: Vec<Blocker>) -> Option<NoRecipe> {
    if !blocked.is_empty() {
        return Some(NoRecipe::Blocked(blocked));
    }
    pending.sort_unstable();
    pending.dedup();
    (!pending.is_empty()).then_some(NoRecipe::Pending(pending))
}

fn is_absent(why: &NoRecipe) -> bool {
    matches!(why, NoRecipe::Blocked(by) if is_missing(by))
}

fn is_missing(by: &[Blocker]) -> bool {
    by.iter().all(|blocker| matches!(blocker, Blocker::MissingDep { .. } | Blocker::MissingPart { .. }))
}
