//! Removing what nothing needs.

use std::collections::BTreeSet;

use super::error::StoreError;
use super::objects::{ObjectKind, Store, object_path};
use crate::observe::TreeNode;
use crate::sys::fault::fault;
use crate::words::Digest;

/// What must stay.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// Files and folders; what a folder holds stays with it.
    pub contents: BTreeSet<Digest>,
    /// Entries of the run cache, by task key.
    pub runs: BTreeSet<Digest>,
}

/// Whether anything is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GcMode {
    Dry,
    Delete,
}

/// What was removed, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GcReport {
    /// With their sizes in bytes, sorted.
    pub objects: Vec<(ObjectKind, Digest, u64)>,
}

impl GcReport {
    /// Returns the size of all objects in bytes; blocks that are shared with the workspace are counted as well.
    pub fn bytes(&self) -> u64 {
        self.objects.iter().map(|(_, _, size)| size).sum()
    }
}

impl Store {
    /// Removes all objects but the live ones.
    ///
    /// The caller holds the workspace's lock: another run may be about to place what this one finds unused.
    pub fn gc(&self, live: &Live, mode: GcMode) -> Result<GcReport, StoreError> {
        let needed = self.needed(live)?;
        let mut report = GcReport::default();
        // Folders first: a listing must not outlive the files it names.
        for kind in [ObjectKind::Run, ObjectKind::Tree, ObjectKind::Blob] {
            let keep = if kind == ObjectKind::Run { &live.runs } else { &needed };
            for (digest, size) in self.list(kind)?.into_iter().filter(|(digest, _)| !keep.contains(digest)) {
                if mode == GcMode::Delete {
                    fault!("store.gc.remove");
                    self.root.remove(&object_path(kind, &digest))?;
                }
                report.objects.push((kind, digest, size));
            }
        }
        Ok(report)
    }

    fn needed(&self, live: &Live) -> Result<BTreeSet<Digest>, StoreError> {
        let mut needed = live.contents.clone();
        for digest in &live.contents {
            match self.tree(digest) {
                Ok(entries) => needed.extend(entries.iter().filter_map(|entry| match &entry.node {
                    TreeNode::File { digest, .. } => Some(*digest),
                    TreeNode::Link { .. } | TreeNode::Folder => None,
                })),
                // It is a file, or a folder that is lost already.
                Err(error) if error.is_miss() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(needed)
    }
}
