//! The paths of a run that go through symlinks, or out of the project.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::knowledge::Knowledge;
use crate::manifest::{DeadLink, Link};
use crate::pipeline::Node;
use crate::sys::disk::{Kind, Root};
use crate::words::{Place, RelPath, Spot};

/// Looks for symlinks on the way to outs, and on the way to sources and at their place.
pub struct Links<'r, 'k> {
    root: &'r Root,
    /// Whether a folder of the project is reached through a symlink.
    folders: HashMap<Spot<'k>, bool>,
    found: HashMap<Place, Link>,
}

impl<'r, 'k> Links<'r, 'k> {
    /// Returns where the paths lead that go through a symlink, folders of outs and sources; and where those lead that lie
    /// outside of the project, as far as that can matter.
    pub fn of(root: &'r Root, known: &Knowledge<'k>) -> HashMap<Place, Link> {
        let mut links = Self { root, folders: HashMap::new(), found: HashMap::new() };
        // An out may clash with one that is not part of the run.
        let outs = known.pipeline.nodes.iter().flat_map(Node::outs);
        outs.filter(|out| out.path.outside().is_some()).for_each(|out| links.add(out.path.spot()));
        let makes_outside = !links.found.is_empty();
        for task in known.selection.tasks() {
            let outs = known.node(task).outs().iter().map(|out| out.path.spot()).filter(|path| path.is_inside());
            for folder in outs.filter_map(Spot::parent) {
                if links.is_behind(folder) {
                    links.add_existing(folder);
                }
            }
            for path in known.sources(task) {
                if !path.is_inside() {
                    links.add(path);
                } else if path.parent().is_some_and(|folder| links.is_behind(folder)) || links.is_symlink(path) {
                    links.add_existing(path);
                }
            }
        }
        // What lies outside is told apart only from what is made there.
        links.found.retain(|path, link| makes_outside || path.inside().is_some() || !matches!(link, Link::Out(_)));
        links.found
    }

    fn is_behind(&mut self, folder: Spot<'k>) -> bool {
        // The root is reached as it is.
        let Some(parent) = folder.parent() else { return false };
        if let Some(known) = self.folders.get(&folder) {
            return *known;
        }
        let is_behind = self.is_behind(parent) || self.is_symlink(folder);
        self.folders.insert(folder, is_behind);
        is_behind
    }

    fn is_symlink(&self, path: Spot<'_>) -> bool {
        self.root.lstat(path).is_ok_and(|stat| stat.is_some_and(|stat| stat.kind == Kind::Symlink))
    }

    /// A link that leads nowhere is no other name of anything.
    fn add_existing(&mut self, path: Spot<'_>) {
        if self.root.stat(path).is_ok_and(|stat| stat.is_some()) {
            self.add(path);
        }
    }

    fn add(&mut self, path: Spot<'_>) {
        let link = self.root.real_path(path).and_then(|real| link_to(self.root.path(), &real));
        if let Some(link) = link {
            self.found.insert(path.to_place(), link);
        }
    }
}

/// Returns the first symlink on the way to `path`, and at its place, that leads nowhere.
pub fn dead_link(root: &Root, path: Spot<'_>) -> Option<DeadLink> {
    let mut way: Vec<Spot<'_>> = std::iter::successors(Some(path), |path| path.parent()).collect();
    way.reverse();
    let is_dead = |path: &Spot<'_>| root.stat(*path).is_ok_and(|stat| stat.is_none());
    let (at, target) = way.into_iter().filter(is_dead).find_map(|path| Some((path.to_place(), target(root, path)?)))?;
    Some(DeadLink { is_circle: is_circle(root, &at), at, target })
}

fn target(root: &Root, link: Spot<'_>) -> Option<String> {
    root.read_link(link).ok().map(|target| String::from_utf8_lossy(&target).into_owned())
}

/// Whether symlinks of the project lead from one to the other and back.
fn is_circle(root: &Root, link: &Place) -> bool {
    let next = |link: &Place| link.inside()?.parent().place(&target(root, link.spot())?).ok();
    let mut seen = BTreeSet::new();
    let mut at = Some(link.clone());
    while let Some(link) = at {
        if !seen.insert(link.clone()) {
            return true;
        }
        at = next(&link);
    }
    false
}

/// Says where `real` is from the project in `root`; `None` when it has no name in UTF-8.
fn link_to(root: &Path, real: &Path) -> Option<Link> {
    if let Ok(inside) = real.strip_prefix(root) {
        let inside = inside.to_str()?;
        return Some(Link::To(if inside.is_empty() { RelPath::root() } else { RelPath::parse(inside).ok()? }));
    }
    if root.starts_with(real) {
        return Some(Link::Above);
    }
    Some(Link::Out(Place::parse(real.to_str()?).ok()?))
}
