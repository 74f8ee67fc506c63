//! Values that only save time, kept in `.lockgate/state/`: one that is missing, torn or of another version does not count.
//!
//! Looking at a pipeline makes no workspace of its folder. Where DVC has one, and nothing was run with lockgate yet, they are
//! kept in DVC's folder for what can be thrown away.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::transaction::below;
use crate::sys::disk::{DiskError, Durability, Layout, Root};
use crate::words::shared::pooled;
use crate::words::{Digest, RelPath};

/// One file with one value.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot {
    pub name: &'static str,
    /// The file's first line: raised with any change of the value's type.
    pub version: &'static str,
}

impl Snapshot {
    /// Returns the value, if the file is whole.
    pub fn read<T: DeserializeOwned>(self, root: &Root) -> Option<T> {
        let bytes = root.read(&self.path(root).ok()?).ok()?;
        let body = bytes.strip_prefix(self.version.as_bytes())?;
        let (digest, body) = body.split_first_chunk::<32>()?;
        (Digest::of(body).as_bytes() == digest).then(|| pooled(|| postcard::from_bytes(body)).ok()).flatten()
    }

    /// Writes the value. Does nothing in a folder that is neither a workspace nor a project of DVC.
    pub fn write<T: Serialize>(self, root: &Root, value: &T) -> Result<(), DiskError> {
        if !self.is_kept_in(root) {
            return Ok(());
        }
        let path = self.path(root)?;
        let body = pooled(|| postcard::to_stdvec(value)).expect("every sequence of a snapshot knows its length");
        let bytes = [self.version.as_bytes(), Digest::of(&body).as_bytes(), &body].concat();
        root.create_dir_all(&path.parent())?;
        root.publish(&path, &bytes, Durability::Later)
    }

    /// Whether there is a folder for such files: the project is a workspace, or a project of DVC.
    pub fn is_kept_in(self, root: &Root) -> bool {
        let has_place = |path: RelPath| {
            path.parent() != Layout::state() || root.stat(&Layout::home()).is_ok_and(|home| home.is_some())
        };
        self.path(root).is_ok_and(has_place)
    }

    fn path(self, root: &Root) -> Result<RelPath, DiskError> {
        Ok(below(&root.caches()?, self.name))
    }
}
