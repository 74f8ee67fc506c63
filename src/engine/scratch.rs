//! A copy of the project in which a stage can run again without touching the real one.
//!
//! What the stage declares to read is copied, what it makes is left out, and all else is there as a link to the real
//! place: it may well read its program from there.

use std::path::PathBuf;

use super::transaction::below;
use crate::sys::disk::{DiskError, Layout, Root};
use crate::words::{RelPath, TaskId};

/// The copy; it is removed when this is dropped.
pub struct Scratch {
    root: Root,
    folder: RelPath,
}

impl Scratch {
    /// Copies `deps` and leaves `outs` out: the folders that these are in are there, and they are not.
    pub fn make(root: &Root, gate: &TaskId, deps: &[RelPath], outs: &[RelPath]) -> Result<Self, DiskError> {
        let name = gate.to_string().replace(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-', "_");
        let scratch = Self { root: root.clone(), folder: below(&Layout::tmp(), &format!("rerun-{name}")) };
        root.remove(&scratch.folder)?;
        scratch.fill(&RelPath::root(), deps, outs)?;
        outs.iter().try_for_each(|out| root.create_dir_all(&scratch.inside(&out.parent())))?;
        Ok(scratch)
    }

    /// Returns where a path of the project lies in the copy.
    pub fn path(&self, path: &RelPath) -> PathBuf {
        self.inside(path).under(self.root.path())
    }

    pub fn folder(&self) -> PathBuf {
        self.folder.under(self.root.path())
    }

    fn inside(&self, path: &RelPath) -> RelPath {
        if path.is_root() { self.folder.clone() } else { below(&self.folder, path.as_str()) }
    }

    fn fill(&self, folder: &RelPath, deps: &[RelPath], outs: &[RelPath]) -> Result<(), DiskError> {
        self.root.create_dir_all(&self.inside(folder))?;
        for entry in self.root.list(folder)? {
            // A name that no path can have is nothing that the stage declares.
            let Some(path) = entry.name.to_str().and_then(|name| folder.join(name).ok()) else { continue };
            let is_home = path == Layout::home();
            let holds = |other: &RelPath| *other != path && path.contains(other);
            if is_home || outs.contains(&path) {
                continue;
            }
            if deps.contains(&path) {
                self.root.copy(&path, &self.inside(&path))?;
            } else if deps.iter().chain(outs).any(holds) {
                self.fill(&path, deps, outs)?;
            } else {
                self.link(&path)?;
            }
        }
        Ok(())
    }

    fn link(&self, path: &RelPath) -> Result<(), DiskError> {
        let real: PathBuf = path.under(self.root.path());
        match real.to_str() {
            Some(real) => self.root.symlink(real, &self.inside(path)),
            None => Ok(()),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left is swept with the folder that it is in.
        let _ = self.root.remove(&self.folder);
    }
}
