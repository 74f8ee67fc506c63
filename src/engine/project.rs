//! Where an invocation is: the project's root, its pipeline file and the folder from which targets are meant.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lockgate_spanned::Problems;

use super::dvccache::{HOME, settings};
use super::records::Unread;
use super::snapshot::Snapshot;
use super::transaction::below;
use crate::config::{NoRemote, Remote, default_remote};
use crate::lock::NewerLock;
use crate::pipeline::{Files, Parsing};
use crate::sys::disk::{DiskError, FileClock, Root};
use crate::sys::process::task_token;
use crate::words::RelPath;
use crate::words::text::inert;

/// Where an invocation stands: handed down by the command line.
#[derive(Clone, Debug)]
pub struct Place {
    pub cwd: PathBuf,
    /// The pipeline file, when it is named.
    pub file: Option<PathBuf>,
    pub env: BTreeMap<String, String>,
}

/// Why a workspace could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("there is no `pipeline.yaml` or `dvc.yaml` in `{}` or in a folder above it", .0.display())]
    NoPipeline(PathBuf),
    #[error("the pipeline file `{}` does not exist", .0.display())]
    NoSuchFile(PathBuf),
    #[error("`{}` is not a path that lockgate can use: {why}", .path.display())]
    BadPath { path: PathBuf, why: String },
    #[error("the pipeline is not valid")]
    Invalid(Problems),
    #[error(transparent)]
    NewerLock(#[from] NewerLock),
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// Why nothing can be taken from a remote.
#[derive(Debug, thiserror::Error)]
pub enum NoPull {
    #[error(transparent)]
    NoRemote(#[from] NoRemote),
    #[error("the remote `{}` is `{}`, which is no folder", .0.name, inert(&.0.url))]
    Address(Remote),
    #[error("the remote `{name}` cannot be reached: {why}")]
    Unreachable { name: String, why: DiskError },
}

impl From<Unread> for OpenError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::NewerLock(newer) => newer.into(),
            Unread::Disk(error) => error.into(),
        }
    }
}

/// A project that was found; nothing of it has been read.
#[derive(Debug)]
pub struct Project {
    pub(super) root: Root,
    pub(super) files: Files,
    /// The pipeline file from which the invocation starts: of several, what a run without targets is about.
    pub(super) entry: Option<RelPath>,
    /// The folder from which target paths are meant.
    pub(super) cwd: RelPath,
    pub(super) env: BTreeMap<String, String>,
    /// The remote of DVC that stands behind its cache.
    pub(super) remote: Option<PathBuf>,
    /// The `dvc.yaml` beside a `pipeline.yaml` that nobody named: the one of the two that is not read.
    pub(super) passed_over: Option<RelPath>,
}

impl Project {
    /// Finds the files of the pipeline.
    ///
    /// The project's root is the nearest folder, at or above the pipeline file, that has a `.lockgate` or a `.dvc`; without
    /// one it is the folder of the pipeline file. A `pipeline.yaml` is a pipeline by itself; a `dvc.yaml` makes one together
    /// with every other `dvc.yaml` and `.dvc` file of the project.
    pub fn find(place: &Place) -> Result<Self, OpenError> {
        let entry = find_file(place)?;
        let root_path = root_path(entry.as_deref(), place);
        let root = Root::open(root_path)?;
        let entry = entry.as_deref().map(|file| relative(file, root_path)).transpose()?;
        let files = match &entry {
            Some(file) if file.file_name() != "dvc.yaml" => Files::single(file.clone()),
            Some(_) | None => files_of_project(&root, entry.as_ref()),
        };
        if files.pipelines.is_empty() {
            return Err(OpenError::NoPipeline(place.cwd.clone()));
        }
        let above = || entry.as_ref().map_or_else(RelPath::root, RelPath::parent);
        let cwd = relative(&place.cwd, root_path).unwrap_or_else(|_| above());
        let passed_over = entry.as_ref().filter(|_| place.file.is_none()).and_then(|entry| other_file(&root, entry));
        Ok(Self { root, files, entry, cwd, env: place.env.clone(), remote: None, passed_over })
    }

    /// Returns the root of the project in which an invocation stands, also where it declares nothing yet.
    pub fn enclosing(place: &Place) -> Result<Root, OpenError> {
        let entry = find_file(place)?;
        Ok(Root::open(root_path(entry.as_deref(), place))?)
    }

    /// Sets how mappings become options of commands.
    #[must_use]
    pub fn with_parsing(mut self, parsing: Parsing) -> Self {
        self.files.parsing = parsing;
        self
    }

    /// Lets what DVC's cache lacks be taken from the project's default remote, which is a folder.
    pub fn with_remote(mut self) -> Result<Self, NoPull> {
        let remote = default_remote(&settings(&self.root))?;
        let folder = remote.folder().ok_or_else(|| NoPull::Address(remote.clone()))?;
        // DVC takes it from the folder of its settings, in which it writes it so.
        let folder = self.root.path().join(HOME).join(folder);
        Root::open(&folder).map_err(|why| NoPull::Unreachable { name: remote.name, why })?;
        self.remote = Some(folder);
        Ok(self)
    }

    pub fn root(&self) -> &Root {
        &self.root
    }

    /// Returns the pipeline file from which the invocation starts.
    pub fn entry(&self) -> Option<&RelPath> {
        self.entry.as_ref()
    }

    /// Returns the `dvc.yaml` that is not read, since a `pipeline.yaml` stands beside it and neither was named.
    pub fn passed_over(&self) -> Option<&RelPath> {
        self.passed_over.as_ref()
    }

    /// Returns the files of the pipeline, with `file` among them.
    pub fn files_with(&self, file: &RelPath) -> Files {
        let mut files = self.files.clone();
        files.add(file);
        files
    }

    /// Returns the folder from which paths are meant.
    pub fn here(&self) -> &RelPath {
        &self.cwd
    }

    /// Whether this process is part of a task of this project.
    pub(super) fn is_inside(&self) -> bool {
        is_inside(&self.root, &self.env)
    }
}

/// Whether a process with the environment `env` is part of a task of the project at `root`.
pub(super) fn is_inside(root: &Root, env: &BTreeMap<String, String>) -> bool {
    let (token, value) = task_token(root.path());
    env.get(&token) == Some(&value)
}

/// Finds the pipeline file: the named one, or the first of the two names going up from the working folder. A project of DVC
/// may have its files only below.
fn find_file(place: &Place) -> Result<Option<PathBuf>, OpenError> {
    if let Some(file) = &place.file {
        let path = place.cwd.join(file);
        let file = crate::sys::disk::canonical_file(&path);
        return file.map(Some).ok_or(OpenError::NoSuchFile(path));
    }
    let candidates =
        place.cwd.ancestors().flat_map(|folder| ["pipeline.yaml", "dvc.yaml"].map(|name| folder.join(name)));
    let found = candidates.into_iter().find_map(|path| crate::sys::disk::canonical_file(&path));
    if found.is_none() && !place.cwd.ancestors().any(is_project) {
        return Err(OpenError::NoPipeline(place.cwd.clone()));
    }
    Ok(found)
}

/// Returns the nearest folder of a project at or above the pipeline file, or else the folder of that file.
fn root_path<'p>(entry: Option<&'p Path>, place: &'p Place) -> &'p Path {
    let folder = entry.and_then(Path::parent).unwrap_or(&place.cwd);
    folder.ancestors().find(|folder| is_project(folder)).unwrap_or(folder)
}

/// Returns the `dvc.yaml` beside a `pipeline.yaml`.
fn other_file(root: &Root, entry: &RelPath) -> Option<RelPath> {
    let other = (entry.file_name() == "pipeline.yaml").then(|| below(&entry.parent(), "dvc.yaml"))?;
    root.stat(&other).is_ok_and(|stat| stat.is_some()).then_some(other)
}

/// Which folders hold what, for the next time. The names that are wanted are part of the version.
const SURVEY: Snapshot =
    Snapshot { name: "names.bin", version: concat!("lockgate names 1 ", env!("CARGO_PKG_VERSION"), "\n") };

/// Finds every file of the project that declares stages or tracks data. The one from which the invocation starts is among
/// them also when git ignores it.
fn files_of_project(root: &Root, entry: Option<&RelPath>) -> Files {
    let tracks = |name: &str| name.strip_suffix(".dvc").is_some_and(|stem| !stem.is_empty());
    let clock = SURVEY.is_kept_in(root).then(|| FileClock::new(root));
    let known = SURVEY.read(root).unwrap_or_default();
    let survey = root.find_files(&|name| name == "dvc.yaml" || tracks(name), &known, clock.as_ref());
    if survey.is_worth_keeping() {
        // It only saves time.
        let _ = SURVEY.write(root, &survey.names);
    }
    let (mut pipelines, tracking): (Vec<RelPath>, Vec<RelPath>) =
        survey.files.into_iter().partition(|file| file.file_name() == "dvc.yaml");
    pipelines.extend(entry.filter(|entry| !pipelines.contains(entry)).cloned().into_iter().collect::<Vec<_>>());
    Files::of_project(pipelines, tracking)
}

fn is_project(folder: &Path) -> bool {
    [".lockgate", ".dvc"].iter().any(|name| crate::sys::disk::is_folder(&folder.join(name)))
}

fn relative(path: &Path, root: &Path) -> Result<RelPath, OpenError> {
    let bad = |why: String| OpenError::BadPath { path: path.to_owned(), why };
    let inside = path.strip_prefix(root).map_err(|error| bad(error.to_string()))?;
    let text = inside.to_str().ok_or_else(|| bad("it is not UTF-8".to_owned()))?;
    if text.is_empty() { Ok(RelPath::root()) } else { RelPath::parse(text).map_err(|error| bad(error.to_string())) }
}
