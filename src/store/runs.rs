//! The run cache: what a task with a given key came to.
//!
//! The bytes are the caller's; here they get a header and a checksum. An entry that cannot be read is a miss.

use super::error::StoreError;
use super::objects::{ObjectKind, Store, object_path};
use crate::sys::disk::{DiskError, Durability};
use crate::sys::fault::fault;
use crate::words::Digest;

const MAGIC: &[u8; 16] = b"lockgate run  1\n";

impl Store {
    /// Returns the entry of a task key, or `None` when there is none; one that cannot be read is set aside.
    pub fn run_get(&self, key: &Digest) -> Option<Vec<u8>> {
        let bytes = match self.root.read(&object_path(ObjectKind::Run, key)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(_) => Vec::new(),
        };
        let entry = open(&bytes).map(<[u8]>::to_vec);
        if entry.is_none() {
            // If even that fails, the entry stays a miss.
            self.set_aside(ObjectKind::Run, key).ok();
        }
        entry
    }

    /// Writes the entry of a task key, in place of one that is there.
    pub fn run_put(&self, key: &Digest, bytes: &[u8]) -> Result<(), StoreError> {
        let path = object_path(ObjectKind::Run, key);
        self.make_way(ObjectKind::Run, key)?;
        fault!("store.run.publish");
        let sealed = [&MAGIC[..], Digest::of(bytes).as_bytes(), bytes].concat();
        Ok(self.root.publish(&path, &sealed, Durability::Later)?)
    }

    /// Returns the keys that have an entry, sorted; it may turn out to be unreadable.
    pub fn run_keys(&self) -> Result<Vec<Digest>, DiskError> {
        Ok(self.list(ObjectKind::Run)?.into_iter().map(|(key, _)| key).collect())
    }
}

/// Returns what the file of an entry holds, if it is whole.
pub(super) fn open(file: &[u8]) -> Option<&[u8]> {
    let (sum, bytes) = file.strip_prefix(MAGIC)?.split_at_checked(32)?;
    (Digest::of(bytes).as_bytes() == sum).then_some(bytes)
}
