//! The paths of a run that go through symlinks.

use std::collections::HashMap;

use super::knowledge::Knowledge;
use crate::manifest::Link;
use crate::sys::disk::{Kind, Root};
use crate::words::RelPath;

/// Looks for symlinks on the way to outs, and on the way to sources and at their place.
pub struct Links<'a> {
    root: &'a Root,
    /// Whether a folder is reached through a symlink.
    folders: HashMap<RelPath, bool>,
    found: HashMap<RelPath, Link>,
}

impl<'a> Links<'a> {
    /// Returns where the paths lead that go through a symlink: folders of outs, and sources.
    pub fn of(root: &'a Root, known: &Knowledge<'_>) -> HashMap<RelPath, Link> {
        let mut links = Self { root, folders: HashMap::new(), found: HashMap::new() };
        for task in known.selection.tasks() {
            for out in known.node(task).outs() {
                let folder = out.path.parent();
                if links.is_behind(&folder) {
                    links.add(folder);
                }
            }
            for path in known.sources(task) {
                if links.is_behind(&path.parent()) || links.is_symlink(path) {
                    links.add(path.clone());
                }
            }
        }
        links.found
    }

    fn is_behind(&mut self, folder: &RelPath) -> bool {
        if folder.is_root() {
            return false;
        }
        if let Some(known) = self.folders.get(folder) {
            return *known;
        }
        let is_behind = self.is_behind(&folder.parent()) || self.is_symlink(folder);
        self.folders.insert(folder.clone(), is_behind);
        is_behind
    }

    fn is_symlink(&self, path: &RelPath) -> bool {
        self.root.lstat(path).is_ok_and(|stat| stat.is_some_and(|stat| stat.kind == Kind::Symlink))
    }

    /// A link that leads nowhere is no other name of anything.
    fn add(&mut self, path: RelPath) {
        let there = self.root.stat(&path).is_ok_and(|stat| stat.is_some());
        let link = self.root.resolve(&path).map_or(Link::Outside, Link::To);
        if there {
            self.found.insert(path, link);
        }
    }
}
