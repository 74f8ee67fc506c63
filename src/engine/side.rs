//! One state of the project of which values are shown: the workspace as it is, or a commit of git.
//!
//! A file that is an output is often not in git. Then the lock of that state says what it was, and the store may still
//! have it. It knows nothing of what the files mean.

use std::borrow::Cow;
use std::rc::Rc;

use lockgate_spanned::Problems;

use super::workspace::Workspace;
use crate::lock::{self, Lock, Realm};
use crate::manifest::{Loaded, TextFound, load};
use crate::observe::TreeNode;
use crate::pipeline::{Files as PipelineFiles, Flavour, Node, Pipeline};
use crate::store::{Store, StoreError};
use crate::sys::disk::{DiskError, Kind, Root};
use crate::sys::git::{Commit, Found, Git, GitError};
use crate::words::{Content, Digest, RelPath};

/// A state of the project.
pub struct Side<'a> {
    place: Place<'a>,
    pipeline: Cow<'a, Pipeline>,
    /// What the pipeline files of this state are called, when they have mistakes.
    mistaken: Option<String>,
    lock: Cow<'a, Lock>,
    store: &'a Store,
}

enum Place<'a> {
    Workspace(&'a Root),
    Commit { git: Rc<Git>, commit: Commit },
}

/// Why a file of one state cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("it is not there")]
    Absent,
    /// It was an output then, and git does not have it.
    #[error("git does not have it, and `{}` says nothing of it there", lock::FILE_NAME)]
    NotLocked,
    #[error("it was {}, which the store does not have", .0.short())]
    NotKept(Content),
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error(transparent)]
    Git(#[from] GitError),
    #[error(transparent)]
    Store(StoreError),
}

/// The files at a path, each with its bytes: one, or all that are in the folder there.
pub type Files = Vec<(RelPath, Vec<u8>)>;

impl<'a> Side<'a> {
    /// Takes the workspace.
    pub fn workspace(workspace: &'a Workspace) -> Self {
        Self {
            place: Place::Workspace(workspace.root()),
            pipeline: Cow::Borrowed(workspace.pipeline()),
            mistaken: None,
            lock: Cow::Borrowed(workspace.lock()),
            store: workspace.store(),
        }
    }

    /// Takes the commit of the project that `workspace` is of.
    ///
    /// What it declares is read from its own pipeline file. Where that is missing or has mistakes, the commit counts as
    /// declaring what the workspace does.
    pub fn commit(workspace: &'a Workspace, git: &Rc<Git>, commit: Commit) -> Result<Self, GitError> {
        let present = workspace.pipeline();
        let files = files_of(git, &commit, &present.files)?;
        let (pipeline, mistaken) = match pipeline_of(git, &commit, &files) {
            _ if files.pipelines.is_empty() => (Cow::Borrowed(present), None),
            Ok(loaded) => (Cow::Owned(loaded.pipeline), None),
            Err(_) => (Cow::Borrowed(present), Some(files.title())),
        };
        let lock = lock_of(git, &commit, &Realm::of(&files))?;
        let place = Place::Commit { git: Rc::clone(git), commit };
        Ok(Self { place, pipeline, mistaken, lock: Cow::Owned(lock), store: workspace.store() })
    }

    /// Returns what this state declares.
    pub fn pipeline(&self) -> &Pipeline {
        &self.pipeline
    }

    /// Returns what the pipeline files of this state are called when they have mistakes, so that what the workspace declares
    /// stands for them.
    pub fn mistaken(&self) -> Option<&str> {
        self.mistaken.as_deref()
    }

    /// Reads the file at `path`, or every file of the folder there, sorted by path.
    pub fn read(&self, path: &RelPath) -> Result<Files, Unreadable> {
        match self.read_in_place(path)? {
            Some(files) => Ok(files),
            None => self.read_from_store(path),
        }
    }

    fn read_in_place(&self, path: &RelPath) -> Result<Option<Files>, Unreadable> {
        match &self.place {
            Place::Workspace(root) => Ok(match root.stat(path)?.map(|stat| stat.kind) {
                None => None,
                Some(Kind::Folder) => Some(files_in(root, path)?),
                Some(_) => Some(vec![(path.clone(), root.read(path)?)]),
            }),
            Place::Commit { git, commit } => Ok(match git.read(commit, path)? {
                Found::Nothing => None,
                Found::File(bytes) => Some(vec![(path.clone(), bytes)]),
                Found::Folder => {
                    let mut files = Files::new();
                    for file in git.files_below(commit, path)? {
                        if let Found::File(bytes) = git.read(commit, &file)? {
                            files.push((file, bytes));
                        }
                    }
                    Some(files)
                }
            }),
        }
    }

    fn read_from_store(&self, path: &RelPath) -> Result<Files, Unreadable> {
        let mut outs = self.lock.tasks.values().flat_map(|entry| &entry.outs);
        let found = outs.find(|(out, _)| out.contains(path));
        let Some((out, content)) = found.and_then(|(out, content)| Some((out.inside()?, content))) else {
            return Err(self.why_not_locked(path));
        };
        let kept = |digest: &Digest| {
            self.store
                .bytes(digest)
                .map_err(|error| if error.is_miss() { Unreadable::NotKept(*content) } else { Unreadable::Store(error) })
        };
        let Content::Tree { digest } = content else {
            let bytes = if out == path { kept(&content.digest())? } else { return Err(Unreadable::Absent) };
            return Ok(vec![(path.clone(), bytes)]);
        };
        let entries = self.store.tree(digest).map_err(|_| Unreadable::NotKept(*content))?;
        let mut files = Files::new();
        for entry in entries {
            let file = out.join(entry.path.as_str()).expect("a path of a checked listing");
            if let (true, TreeNode::File { digest, .. }) = (path.contains(&file), &entry.node) {
                files.push((file, kept(digest)?));
            }
        }
        if files.is_empty() { Err(Unreadable::Absent) } else { Ok(files) }
    }

    fn why_not_locked(&self, path: &RelPath) -> Unreadable {
        let mut outs = self.pipeline.nodes.iter().flat_map(Node::outs);
        let is_out = outs.any(|out| out.path.contains(path));
        match &self.place {
            Place::Commit { .. } if is_out => Unreadable::NotLocked,
            Place::Commit { .. } | Place::Workspace(_) => Unreadable::Absent,
        }
    }
}

fn files_in(root: &Root, folder: &RelPath) -> Result<Files, DiskError> {
    let mut files = Files::new();
    for entry in root.list(folder)? {
        // A name that is no path of ours cannot be named by a pipeline file either.
        let Some(path) = entry.name.to_str().and_then(|name| folder.join(name).ok()) else { continue };
        match root.stat(&path)?.map(|stat| stat.kind) {
            // A symlink to a folder may lead in a circle.
            Some(Kind::Folder) if entry.kind == Kind::Folder => files.extend(files_in(root, &path)?),
            Some(Kind::File) => files.push((path.clone(), root.read(&path)?)),
            _ => {}
        }
    }
    Ok(files)
}

/// Finds the pipeline files of a commit: those of now, or those of the other kind when there were none yet.
fn files_of(git: &Git, commit: &Commit, present: &PipelineFiles) -> Result<PipelineFiles, GitError> {
    let is_there = |file: &RelPath| matches!(git.read(commit, file), Ok(Found::File(_)));
    let native = match present.flavour {
        Flavour::Native => present.pipelines.first().cloned(),
        Flavour::Dvc => Some(present.home.join("pipeline.yaml").expect("a plain name")),
    };
    let native = native.filter(is_there).map(PipelineFiles::single);
    let of_dvc = || {
        let (mut pipelines, mut tracking) = (Vec::new(), Vec::new());
        for file in git.files_below(commit, &RelPath::root())? {
            match file.file_name() {
                "dvc.yaml" => pipelines.push(file),
                name if name.strip_suffix(".dvc").is_some_and(|stem| !stem.is_empty()) => tracking.push(file),
                _ => {}
            }
        }
        Ok::<_, GitError>(PipelineFiles::of_project(pipelines, tracking))
    };
    match (present.flavour, native) {
        (Flavour::Native, Some(native)) => Ok(native),
        (Flavour::Native, None) => of_dvc(),
        (Flavour::Dvc, native) => {
            let of_dvc = of_dvc()?;
            Ok(native.filter(|_| of_dvc.pipelines.is_empty()).unwrap_or(of_dvc))
        }
    }
}

fn pipeline_of(git: &Git, commit: &Commit, files: &PipelineFiles) -> Result<Loaded, Problems> {
    let texts = |path: &RelPath| match git.read(commit, path) {
        Ok(Found::File(bytes)) => bytes.into(),
        Ok(Found::Folder | Found::Nothing) => TextFound::Missing,
        Err(error) => TextFound::Unreadable(error.to_string()),
    };
    load(files, &texts)
}

/// A lock that is not there, or of a format that is not known yet, says nothing.
fn lock_of(git: &Git, commit: &Commit, realm: &Realm) -> Result<Lock, GitError> {
    let file = realm.home.join(lock::FILE_NAME).expect("a plain name");
    let Found::File(text) = git.read(commit, &file)? else { return Ok(Lock::default()) };
    Ok(lock::read(&text, realm).map(|read| read.lock).unwrap_or_default())
}
