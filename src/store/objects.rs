//! The objects of the store: where they are, whether they are there, and how a wrong one is set aside.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::StoreError;
use crate::observe::{ObserveError, Observer, TreeEntry, TreeNode, Trust, decode};
use crate::sys::disk::{DiskError, Kind, Layout, Root, Source, Stat};
use crate::sys::fault::fault;
use crate::words::{Content, Digest, RelPath};

/// The content-addressed store of a project; shared by the threads of a run.
#[derive(Debug)]
pub struct Store {
    pub(super) root: Root,
    /// Of the workspace.
    pub(super) observer: Arc<Observer>,
    /// Of the store's own objects, so that a linked object is not hashed each time.
    pub(super) objects: Observer,
    /// Set once the file system has said that it never shares blocks.
    cannot_reflink: AtomicBool,
}

/// What an object holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ObjectKind {
    Blob,
    Tree,
    Run,
}

impl ObjectKind {
    pub const ALL: [Self; 3] = [Self::Blob, Self::Tree, Self::Run];

    /// Returns the word for a message.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blob => "file",
            Self::Tree => "folder",
            Self::Run => "run",
        }
    }

    const fn folder(self) -> &'static str {
        match self {
            Self::Blob => "blobs",
            Self::Tree => "trees",
            Self::Run => "runs",
        }
    }
}

impl Store {
    /// Opens the store of the observer's project; nothing is read or made yet.
    pub fn open(observer: Arc<Observer>) -> Self {
        let root = observer.root().clone();
        let objects = Observer::with_memo(&root, "objects");
        Self { root, observer, objects, cannot_reflink: AtomicBool::new(false) }
    }

    /// Saves what is remembered of the store's own objects.
    pub fn save(&self, trust: Trust) -> Result<(), DiskError> {
        self.objects.save(trust)
    }

    /// Whether the store holds the content: the file, or the listing and every file of it.
    ///
    /// Files are looked for, not read; `place` finds out whether they are sound. A listing that is not sound is set
    /// aside and counts as missing.
    pub fn has(&self, content: &Content) -> bool {
        match content {
            Content::File { digest, .. } => self.has_object(ObjectKind::Blob, digest),
            Content::Tree { digest } => self.has_tree(digest),
        }
    }

    fn has_tree(&self, digest: &Digest) -> bool {
        let has_entry = |entry: &TreeEntry| match &entry.node {
            TreeNode::File { digest, .. } => self.has_object(ObjectKind::Blob, digest),
            TreeNode::Link { .. } | TreeNode::Folder => true,
        };
        self.tree(digest).is_ok_and(|entries| entries.iter().all(has_entry))
    }

    fn has_object(&self, kind: ObjectKind, digest: &Digest) -> bool {
        matches!(self.root.lstat(&object_path(kind, digest)), Ok(Some(stat)) if stat.kind == Kind::File)
    }

    /// Returns the entries of a kept folder, sorted by path.
    pub fn tree(&self, digest: &Digest) -> Result<Vec<TreeEntry>, StoreError> {
        match decode(&self.read_object(ObjectKind::Tree, digest)?) {
            Ok(entries) => Ok(entries),
            Err(_) => Err(self.damaged(ObjectKind::Tree, digest)?),
        }
    }

    /// Returns the bytes of a kept file, to be looked at; `place` is for files that are to stand somewhere.
    pub fn bytes(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        self.read_object(ObjectKind::Blob, digest)
    }

    fn read_object(&self, kind: ObjectKind, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        let (source, stat) = self.open_object(kind, digest)?;
        let mut bytes = Vec::new();
        source.read_small(usize::try_from(stat.size).unwrap_or(usize::MAX - 1), &mut bytes)?;
        if Digest::of(&bytes) == *digest { Ok(bytes) } else { Err(self.damaged(kind, digest)?) }
    }

    /// Opens an object that is a file of its own; anything else at its place is set aside.
    pub(super) fn open_object(&self, kind: ObjectKind, digest: &Digest) -> Result<(Source, Stat), StoreError> {
        let path = object_path(kind, digest);
        match self.root.lstat(&path)? {
            None => return Err(StoreError::Missing { kind, digest: *digest }),
            Some(stat) if stat.kind != Kind::File => return Err(self.damaged(kind, digest)?),
            Some(_) => {}
        }
        let source = self.root.open_own(&path)?;
        let stat = source.stat()?;
        Ok((source, stat))
    }

    /// Moves an object that is not what its name says out of the way, and returns the error that says so.
    pub(super) fn damaged(&self, kind: ObjectKind, digest: &Digest) -> Result<StoreError, DiskError> {
        let aside = self.set_aside(kind, digest)?;
        Ok(StoreError::Damaged { kind, digest: *digest, aside })
    }

    pub(super) fn set_aside(&self, kind: ObjectKind, digest: &Digest) -> Result<RelPath, DiskError> {
        fault!("store.set_aside");
        // No task has a name that begins with a dot.
        let name = format!(".store/{}-{digest}", kind.folder());
        let aside = Layout::quarantine().join(&name).expect("a plain name");
        self.root.remove(&aside)?;
        match self.root.rename(&object_path(kind, digest), &aside) {
            // Another thread was faster.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(aside),
            done => done.map(|()| aside),
        }
    }

    /// Sets aside a folder that stands where an object is to go; over anything else the object can be renamed.
    pub(super) fn make_way(&self, kind: ObjectKind, digest: &Digest) -> Result<(), DiskError> {
        match self.root.lstat(&object_path(kind, digest))? {
            Some(stat) if stat.kind == Kind::Folder => self.set_aside(kind, digest).map(drop),
            _ => Ok(()),
        }
    }

    /// Lists the objects of a kind in the order of their digests, with their sizes; names that are none are left out.
    pub(super) fn list(&self, kind: ObjectKind) -> Result<Vec<(Digest, u64)>, DiskError> {
        let mut found = Vec::new();
        let home = kind_folder(kind);
        for shard in self.root.list(&home)?.into_iter().filter(|entry| entry.kind == Kind::Folder) {
            let Some(first) = shard.name.to_str() else { continue };
            let Ok(path) = home.join(first) else { continue };
            let folder = self.root.open_folder(&path)?;
            for entry in folder.entries()? {
                let digest = entry.name.to_str().and_then(|rest| format!("{first}{rest}").parse().ok());
                let Some(digest) = digest else { continue };
                let size = folder.lstat(&entry.name)?.map_or(0, |stat| stat.size);
                found.push((digest, size));
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Returns where the store has a file, if it has it and its bytes are sound. Nobody writes to it there.
    pub fn sound_file(&self, content: &Content) -> Option<PathBuf> {
        let Content::File { digest, .. } = content else { return None };
        let path = object_path(ObjectKind::Blob, digest);
        (self.has(content) && self.verify_file(&path, digest).is_ok()).then(|| path.under(self.root.path()))
    }

    /// Looks at a file of the store. Another thread may place the same content over it meanwhile, or make a link to it, so one
    /// that changes while it is read is read again.
    pub(super) fn observe_object(&self, path: &RelPath) -> Result<Option<Content>, ObserveError> {
        const MOST_LOOKS: usize = 100;
        let mut looks = (1..MOST_LOOKS).map(|_| self.objects.observe(path));
        let settled = looks.find(|found| !matches!(found, Err(ObserveError::Changed { .. })));
        settled.unwrap_or_else(|| self.objects.observe(path))
    }

    /// Makes sure that a file of the store is what its name says.
    pub(super) fn verify_file(&self, path: &RelPath, digest: &Digest) -> Result<(), StoreError> {
        match self.observe_object(path) {
            Ok(Some(Content::File { digest: found, .. })) if found == *digest => Ok(()),
            Ok(_) | Err(ObserveError::Changed { .. }) => Err(self.damaged(ObjectKind::Blob, digest)?),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn may_reflink(&self) -> bool {
        !self.cannot_reflink.load(Ordering::Relaxed)
    }

    pub(super) fn never_reflink(&self) {
        self.cannot_reflink.store(true, Ordering::Relaxed);
    }
}

fn kind_folder(kind: ObjectKind) -> RelPath {
    Layout::store().join(kind.folder()).expect("a plain name")
}

pub(super) fn object_path(kind: ObjectKind, digest: &Digest) -> RelPath {
    let hex = digest.to_hex();
    let (shard, rest) = hex.split_at(2);
    RelPath::parse(&[".lockgate/store/", kind.folder(), "/", shard, "/", rest].concat()).expect("digits only")
}
