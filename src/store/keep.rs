//! Keeping: hashing what stands in the workspace while it is copied into the store.

use super::error::StoreError;
use super::objects::{ObjectKind, Store, object_path};
use crate::observe::{LARGE, ObserveError, Sighting, Visit, hash_source};
use crate::sys::disk::{Cloned, Kind, Source};
use crate::sys::fault::fault;
use crate::words::{Content, Digest, RelPath};

/// From this size on, in bytes, sharing blocks is cheaper than copying.
pub(super) const WORTH_SHARING: u64 = 1 << 16;
/// What is read, hashed and written at a time.
pub(super) const BLOCK: usize = 1 << 20;
pub(super) const READ_ONLY: u32 = 0o444;

impl Store {
    /// Keeps the file or folder at `path`, and remembers its digest for the workspace.
    ///
    /// Content that the store holds already is not written again. When it fails, what was copied so far stays as
    /// objects that nothing needs.
    pub fn keep(&self, path: &RelPath) -> Result<Content, StoreError> {
        let kept = self.observer.visit(path.into(), &Keeping(self))?;
        kept.ok_or_else(|| StoreError::Nothing { path: path.clone() })
    }

    fn keep_file(&self, sighting: Sighting<'_>) -> Result<Digest, StoreError> {
        if let Some(digest) = sighting.known
            && self.holds(&digest, sighting.stat.size)?
        {
            return Ok(digest);
        }
        self.observer.read_unchanged(sighting, |source| {
            if sighting.stat.size < LARGE {
                self.keep_small(source, sighting.stat.size)
            } else {
                self.keep_large(source, sighting.stat.size)
            }
        })
    }

    fn keep_small(&self, source: &Source, size: u64) -> Result<Digest, StoreError> {
        let mut bytes = Vec::new();
        source.read_small(usize::try_from(size).expect("a small size"), &mut bytes)?;
        self.observer.meter().add(size);
        let digest = Digest::of(&bytes);
        if !self.holds(&digest, bytes.len() as u64)? {
            self.write_blob(&digest, |file| Ok(file.write_all(&bytes)?))?;
        }
        Ok(digest)
    }

    /// Shares the blocks and hashes the copy, or hashes while copying.
    ///
    /// Where blocks cannot be shared and the content turns out to be there already, the copy was in vain; to hash first
    /// would read everything else twice.
    fn keep_large(&self, source: &Source, size: u64) -> Result<Digest, StoreError> {
        // The digest is not known yet; any object is on the right file system.
        let near = object_path(ObjectKind::Blob, &Digest::from_bytes([0; 32]));
        let (temp, mut copy) = self.root.temp_file(&near, READ_ONLY)?;
        fault!("store.blob.write");
        let digest = if self.share(source, &copy) {
            hash_source(&copy, size, self.observer.meter()).map_err(ObserveError::from)?
        } else {
            self.copy_and_hash(source, &mut copy)?
        };
        if self.holds(&digest, size)? {
            return Ok(digest);
        }
        copy.set_mtime(self.objects.clock().settled_time()?)?;
        let path = object_path(ObjectKind::Blob, &digest);
        fault!("store.blob.rename");
        temp.move_to(&path)?;
        fault!("store.blob.done");
        self.objects.remember(&path, &blob(digest))?;
        Ok(digest)
    }

    /// Tries to make `copy` share the blocks of `source`.
    pub(super) fn share(&self, source: &Source, copy: &Source) -> bool {
        if !self.may_reflink() {
            return false;
        }
        match copy.clone_from_source(source) {
            Cloned::Shared => true,
            Cloned::NotThese => false,
            Cloned::Never => {
                self.never_reflink();
                false
            }
        }
    }

    /// Copies all of `source` to `copy` and returns the digest of what was copied.
    pub(super) fn copy_and_hash(&self, source: &Source, copy: &mut Source) -> Result<Digest, StoreError> {
        let mut hasher = blake3::Hasher::new();
        let mut block = vec![0; BLOCK];
        let mut offset = 0;
        loop {
            let count = source.read_at(&mut block, offset)?;
            if count == 0 {
                return Ok(Digest::from_bytes(*hasher.finalize().as_bytes()));
            }
            let (written, ()) = rayon::join(
                || copy.write_all(&block[..count]),
                || {
                    hasher.update(&block[..count]);
                },
            );
            written?;
            self.observer.meter().add(count as u64);
            offset += count as u64;
        }
    }

    /// Whether a sound blob is there; one that is not what its name says is set aside.
    ///
    /// It is hashed unless the memo knows it, so that what was kept can be relied on whatever happened to the store.
    pub(super) fn holds(&self, digest: &Digest, size: u64) -> Result<bool, StoreError> {
        let path = object_path(ObjectKind::Blob, digest);
        let Some(stat) = self.root.lstat(&path)? else { return Ok(false) };
        let is_sound = stat.kind == Kind::File
            && stat.size == size
            && self.observe_object(&path)?.is_some_and(|found| found.digest() == *digest);
        if !is_sound {
            self.set_aside(ObjectKind::Blob, digest)?;
        }
        Ok(is_sound)
    }

    fn write_blob(
        &self,
        digest: &Digest,
        write: impl FnOnce(&mut Source) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let path = object_path(ObjectKind::Blob, digest);
        let (temp, mut file) = self.root.temp_file(&path, READ_ONLY)?;
        fault!("store.blob.write");
        write(&mut file)?;
        fault!("store.blob.rename");
        temp.move_to(&path)?;
        fault!("store.blob.done");
        Ok(())
    }
}

/// Folders.
impl Store {
    /// Keeps a listing, all of whose files are kept.
    pub(super) fn put_tree(&self, digest: &Digest, listing: &[u8]) -> Result<(), StoreError> {
        if self.tree(digest).is_ok() {
            return Ok(());
        }
        let path = object_path(ObjectKind::Tree, digest);
        self.make_way(ObjectKind::Tree, digest)?;
        let (temp, mut file) = self.root.temp_file(&path, READ_ONLY)?;
        file.write_all(listing)?;
        fault!("store.tree.publish");
        Ok(temp.move_to(&path)?)
    }
}

pub(super) fn blob(digest: Digest) -> Content {
    Content::File { digest, mode: crate::words::FileMode::Plain }
}

/// Copies into the store what an observer does not know to be there.
struct Keeping<'a>(&'a Store);

impl Visit for Keeping<'_> {
    type Error = StoreError;

    fn file(&self, sighting: Sighting<'_>) -> Result<Digest, StoreError> {
        self.0.keep_file(sighting)
    }

    fn has_tree(&self, digest: &Digest) -> bool {
        self.0.has(&Content::Tree { digest: *digest })
    }

    fn listing(&self, digest: Digest, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.put_tree(&digest, bytes)
    }
}
