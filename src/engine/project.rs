//! Where an invocation is: the project's root, its pipeline file and the folder from which targets are meant.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lockgate_spanned::Problems;

use crate::lock::NewerLock;
use crate::pipeline::Parsing;
use crate::sys::disk::{DiskError, Root};
use crate::sys::process::task_token;
use crate::words::RelPath;

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

/// A project that was found; nothing of it has been read.
#[derive(Debug)]
pub struct Project {
    pub(super) root: Root,
    pub(super) file: RelPath,
    /// The folder from which target paths are meant.
    pub(super) cwd: RelPath,
    pub(super) env: BTreeMap<String, String>,
    pub(super) parsing: Parsing,
}

impl Project {
    /// Finds the pipeline file.
    ///
    /// The project's root is the nearest folder at or above the pipeline file that has a `.lockgate` or a `.dvc`;
    /// without one it is the folder of the pipeline file.
    pub fn find(place: &Place) -> Result<Self, OpenError> {
        let file = find_file(place)?;
        let folder = file.parent().unwrap_or(Path::new("/"));
        let root_path = folder.ancestors().find(|folder| is_project(folder)).unwrap_or(folder);
        let root = Root::open(root_path)?;
        let file = relative(&file, root_path)?;
        let cwd = relative(&place.cwd, root_path).unwrap_or_else(|_| file.parent());
        Ok(Self { root, file, cwd, env: place.env.clone(), parsing: Parsing::default() })
    }

    /// Sets how mappings become options of commands.
    #[must_use]
    pub fn with_parsing(self, parsing: Parsing) -> Self {
        Self { parsing, ..self }
    }

    pub fn root(&self) -> &Root {
        &self.root
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

/// Finds the pipeline file: the named one, or the first of the two names going up from the working folder.
fn find_file(place: &Place) -> Result<PathBuf, OpenError> {
    if let Some(file) = &place.file {
        let path = place.cwd.join(file);
        let file = crate::sys::disk::canonical_file(&path);
        return file.ok_or(OpenError::NoSuchFile(path));
    }
    let candidates =
        place.cwd.ancestors().flat_map(|folder| ["pipeline.yaml", "dvc.yaml"].map(|name| folder.join(name)));
    let mut found = candidates.filter_map(|path| crate::sys::disk::canonical_file(&path));
    found.next().ok_or_else(|| OpenError::NoPipeline(place.cwd.clone()))
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
