//! Objects shared with another store: taken over from it, or given to it, without a second copy where that can be.

use std::path::Path;

use super::error::StoreError;
use super::keep::{READ_ONLY, blob};
use super::objects::{ObjectKind, Store, object_path};
use crate::observe::{TreeEntry, hash_twice, listing_of};
use crate::sys::disk::{Root, Source, lend_outside};
use crate::sys::fault::fault;
use crate::words::{Content, Digest, Md5, Md5Form, RelPath};

/// Whether what is taken from another store may be one and the same file in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ties {
    /// By hard link.
    Allowed,
    None,
}

impl Store {
    /// Takes over the file at `path` of the store in `from`, by reflink, by hard link where that is allowed, or by copy.
    ///
    /// Returns its digest, or `None` when its bytes are not those that `md5` names: nothing is taken on trust.
    pub fn take(
        &self,
        (from, ties): (&Root, Ties),
        path: &RelPath,
        (md5, form): (Md5, Md5Form),
    ) -> Result<Option<Digest>, StoreError> {
        let source = from.open_source(path)?;
        let stat = source.stat()?;
        // The digest is not known yet; any object is on the right file system.
        let near = object_path(ObjectKind::Blob, &Digest::from_bytes([0; 32]));
        let (temp, mut copy) = self.root.temp_file(&near, READ_ONLY)?;
        let is_shared = self.share(&source, &copy);
        let hashed: &Source = if is_shared { &copy } else { &source };
        let (digest, found) = hash_twice(hashed, stat.size, form, self.observer.meter())?;
        if found != md5 {
            return Ok(None);
        }
        if self.holds(&digest, stat.size)? {
            return Ok(Some(digest));
        }
        let to = object_path(ObjectKind::Blob, &digest);
        fault!("store.blob.rename");
        if !is_shared && ties == Ties::Allowed && stat.mode & 0o333 == 0 {
            let link = self.root.temp_name(&near)?;
            if self.root.hard_link_from(&path.under(from.path()), link.path()).is_ok() {
                link.move_to(&to)?;
                return Ok(Some(digest));
            }
        }
        // What was hashed is not believed to be what is copied now.
        if !is_shared && self.copy_and_hash(&source, &mut copy)? != digest {
            return Ok(None);
        }
        temp.move_to(&to)?;
        Ok(Some(digest))
    }

    /// Keeps the listing of a folder, all of whose files are kept, and returns its content.
    pub fn keep_listing(&self, entries: &[TreeEntry]) -> Result<Content, StoreError> {
        let listing = listing_of(entries);
        let digest = Digest::of(&listing);
        self.put_tree(&digest, &listing)?;
        Ok(Content::Tree { digest })
    }

    /// Gives a stored file another name outside of the store; what is at `to` already stays.
    pub fn lend(&self, digest: &Digest, to: &Path) -> Result<(), StoreError> {
        let path = object_path(ObjectKind::Blob, digest);
        self.verify_file(&path, digest)?;
        lend_outside(&path.under(self.root.path()), to)?;
        // Linking changes the object's ctime, not its bytes.
        self.objects.remember(&path, &blob(*digest))?;
        Ok(())
    }
}
