//! Values that only save time, kept in `.lockgate/state/`: one that is missing, torn or of another version does not count.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::transaction::below;
use crate::sys::disk::{DiskError, Durability, Layout, Root};
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
        let bytes = root.read(&self.path()).ok()?;
        let body = bytes.strip_prefix(self.version.as_bytes())?;
        let (digest, body) = body.split_first_chunk::<32>()?;
        (Digest::of(body).as_bytes() == digest).then(|| postcard::from_bytes(body).ok()).flatten()
    }

    /// Writes the value. Does nothing outside of a workspace: looking at a pipeline does not make one of its folder.
    pub fn write<T: Serialize>(self, root: &Root, value: &T) -> Result<(), DiskError> {
        if root.stat(&Layout::home())?.is_none() {
            return Ok(());
        }
        let body = postcard::to_stdvec(value).expect("every sequence of a snapshot knows its length");
        let bytes = [self.version.as_bytes(), Digest::of(&body).as_bytes(), &body].concat();
        root.create_dir_all(&Layout::state())?;
        root.publish(&self.path(), &bytes, Durability::Later)
    }

    fn path(self) -> RelPath {
        below(&Layout::state(), self.name)
    }
}
