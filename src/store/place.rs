//! Placing: from the store into the workspace, as a whole or not at all.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::error::StoreError;
use super::keep::WORTH_SHARING;
use super::objects::{ObjectKind, Store, object_path};
use crate::observe::{TreeEntry, TreeNode, hash_source};
use crate::sys::disk::{DiskError, Kind, Source, Temp};
use crate::sys::fault::fault;
use crate::words::{Content, Digest, FileMode, RelPath};

/// How a file gets into the workspace where the file system cannot share its blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    Copy,
    /// Read-only, since it is the stored object itself; executable files are copied.
    Hardlink,
    /// Read-only, since it leads to the stored object; executable files are copied.
    Symlink,
}

/// Whether a placed copy may be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protect {
    Writable,
    ReadOnly,
}

/// How one placement goes about each of its files.
#[derive(Debug)]
struct Manner {
    link: Link,
    protect: Protect,
    /// The time that copies bear: in the past by a tick, so that any later write shows.
    mtime_ns: i64,
}

/// One file to build.
#[derive(Clone, Copy, Debug)]
struct Piece<'a> {
    digest: &'a Digest,
    mode: FileMode,
    /// Where it is built.
    at: &'a RelPath,
    /// Where it will be in the end, free of symlinks.
    home: &'a RelPath,
}

/// Below this many files a thread of its own costs more than it saves.
const MANY: usize = 64;

impl Store {
    /// Puts the content at `to`, in place of what is there, and remembers its digest.
    ///
    /// It is built aside and renamed, so that `to` is never half of it. Every file is verified on the way: a blob that
    /// is missing or not what its name says is `Missing` or `Damaged`, and what was at `to` stays.
    pub fn place(&self, content: &Content, to: &RelPath, link: Link, protect: Protect) -> Result<(), StoreError> {
        let mtime_ns = self.observer.clock().settled_time()?;
        let manner = Manner { link, protect, mtime_ns };
        let home = self.home_of(to)?;
        fault!("store.place.build");
        let temp = match content {
            Content::File { digest, mode } => {
                let temp = self.root.temp_name(to)?;
                self.build_file(Piece { digest, mode: *mode, at: temp.path(), home: &home }, &manner)?;
                temp
            }
            Content::Tree { digest } => {
                let entries = self.tree(digest)?;
                let temp = self.root.temp_folder(to)?;
                self.build_tree(&entries, temp.path(), &home, &manner)?;
                temp
            }
        };
        let built = temp.path().clone();
        self.swap_in(temp, to, content)?;
        if link == Link::Hardlink {
            // A rename between two names of one file does nothing, and says that it was done.
            self.root.remove(&built)?;
        }
        // It is in place; not to remember it costs a hash.
        self.observer.remember(to, content).ok();
        Ok(())
    }

    /// Makes the folder of `to` and resolves the symlinks on the way to it.
    fn home_of(&self, to: &RelPath) -> Result<RelPath, DiskError> {
        let parent = to.parent();
        self.root.create_dir_all(&parent)?;
        let real = if parent.is_root() { parent } else { self.root.resolve(&parent)? };
        Ok(real.join(to.file_name()).expect("a component of a path"))
    }

    fn build_tree(
        &self,
        entries: &[TreeEntry],
        at: &RelPath,
        home: &RelPath,
        manner: &Manner,
    ) -> Result<(), StoreError> {
        let inside =
            |folder: &RelPath, path: &RelPath| folder.join(path.as_str()).expect("a path of a checked listing");
        let folders: BTreeSet<RelPath> = entries.iter().map(|entry| entry.path.parent()).collect();
        for folder in folders.iter().filter(|folder| !folder.is_root()) {
            self.root.create_dir_all(&inside(at, folder))?;
        }
        let build = |entry: &TreeEntry| {
            let (at, home) = (inside(at, &entry.path), inside(home, &entry.path));
            match &entry.node {
                TreeNode::Folder => Ok(self.root.create_dir_all(&at)?),
                TreeNode::Link { target } => Ok(self.root.symlink(target, &at)?),
                TreeNode::File { digest, mode } => {
                    self.build_file(Piece { digest, mode: *mode, at: &at, home: &home }, manner)
                }
            }
        };
        if entries.len() < MANY { entries.iter().try_for_each(build) } else { entries.par_iter().try_for_each(build) }
    }

    fn build_file(&self, piece: Piece<'_>, manner: &Manner) -> Result<(), StoreError> {
        let (object, stat) = self.open_object(ObjectKind::Blob, piece.digest)?;
        let wants_link = manner.link != Link::Copy && piece.mode == FileMode::Plain;
        let may_share = self.may_reflink() && (wants_link || stat.size >= WORTH_SHARING);
        if may_share && self.build_shared(&object, stat.size, piece, manner)? {
            return Ok(());
        }
        if wants_link && self.build_link(piece, manner.link)? {
            return Ok(());
        }
        let mut copy = self.root.create_file(piece.at, bits(piece.mode, manner.protect))?;
        let digest = self.copy_and_hash(&object, &mut copy)?;
        self.accept(&copy, digest, piece, manner)
    }

    /// Returns `false`, with nothing built, where blocks cannot be shared.
    fn build_shared(&self, object: &Source, size: u64, piece: Piece<'_>, manner: &Manner) -> Result<bool, StoreError> {
        let copy = self.root.create_file(piece.at, bits(piece.mode, manner.protect))?;
        if !self.share(object, &copy) {
            self.root.remove(piece.at)?;
            return Ok(false);
        }
        let digest = hash_source(&copy, size, self.observer.meter())?;
        self.accept(&copy, digest, piece, manner)?;
        Ok(true)
    }

    fn accept(&self, copy: &Source, digest: Digest, piece: Piece<'_>, manner: &Manner) -> Result<(), StoreError> {
        if digest != *piece.digest {
            return Err(self.damaged(ObjectKind::Blob, piece.digest)?);
        }
        Ok(copy.set_mtime(manner.mtime_ns)?)
    }

    /// Returns `false`, with nothing built, where the file system refuses the link.
    fn build_link(&self, piece: Piece<'_>, link: Link) -> Result<bool, StoreError> {
        let path = object_path(ObjectKind::Blob, piece.digest);
        self.verify_linkable(&path, piece.digest)?;
        let linked = match link {
            Link::Copy => return Ok(false),
            Link::Hardlink => self.root.hard_link(&path, piece.at),
            Link::Symlink => self.root.symlink(&from_home(piece.home, &path), piece.at),
        };
        // Linking changes the object's ctime, not its bytes.
        self.objects.remember(&path, &Content::File { digest: *piece.digest, mode: FileMode::Plain })?;
        Ok(linked.is_ok())
    }

    /// A link shows the object itself, so the object must be sound and must not be writable through the link.
    fn verify_linkable(&self, path: &RelPath, digest: &Digest) -> Result<(), StoreError> {
        if self.root.lstat(path)?.is_some_and(|stat| stat.mode & 0o333 != 0) {
            self.root.set_mode(path, 0o444)?;
        }
        self.verify_file(path, digest)
    }

    /// Renames what was built into place; a folder has to be moved out of the way first.
    fn swap_in(&self, temp: Temp, to: &RelPath, content: &Content) -> Result<(), DiskError> {
        let standing = self.root.lstat(to)?;
        fault!("store.place.clear");
        match (standing.map(|stat| stat.kind), content) {
            (None, _) | (Some(Kind::File | Kind::Symlink | Kind::Special(_)), Content::File { .. }) => {
                fault!("store.place.rename");
                temp.move_to(to)?;
            }
            (Some(_), _) => {
                let old = self.root.temp_name(to)?;
                self.root.rename(to, old.path())?;
                fault!("store.place.rename");
                if let Err(error) = temp.move_to(to) {
                    old.move_to(to)?;
                    return Err(error);
                }
            }
        }
        fault!("store.place.done");
        Ok(())
    }
}

fn bits(mode: FileMode, protect: Protect) -> u32 {
    match (mode, protect) {
        (FileMode::Plain, Protect::Writable) => 0o666,
        (FileMode::Executable, Protect::Writable) => 0o777,
        (FileMode::Plain, Protect::ReadOnly) => 0o444,
        (FileMode::Executable, Protect::ReadOnly) => 0o555,
    }
}

/// Returns what a symlink at `home` must say to lead to `object`, so that it still does when the project is moved.
fn from_home(home: &RelPath, object: &RelPath) -> String {
    "../".repeat(home.components().count() - 1) + object.as_str()
}
