//! The locks that revisions of git have: of whole pipelines, wherever in the project they lie.

use std::collections::BTreeSet;

use super::trouble::Trouble;
use crate::lock::{self, Lock, Realm};
use crate::sys::disk::Root;
use crate::sys::git::{Commit, Found, Git, GitError};
use crate::words::{Digest, Exit, RelPath};

/// Which revisions are meant, beside the workspace.
#[derive(Clone, Debug, Default)]
pub struct Revisions<'a> {
    pub branches: bool,
    pub tags: bool,
    pub commits: bool,
    pub named: &'a [String],
    /// How many commits of each branch and each named revision.
    pub last: usize,
    /// The first day of commits that count.
    pub since: Option<&'a str>,
}

impl Revisions<'_> {
    fn is_none(&self) -> bool {
        !self.branches && !self.tags && !self.commits && self.named.is_empty() && self.since.is_none()
    }
}

/// Reads all locks of the revisions. Equal texts at equal paths are read once.
pub fn read(root: &Root, revisions: &Revisions<'_>) -> Result<Vec<Lock>, Trouble> {
    if revisions.is_none() {
        return Ok(Vec::new());
    }
    let git = Git::open(root.path()).map_err(told)?;
    let mut seen: BTreeSet<(RelPath, Digest)> = BTreeSet::new();
    let mut locks = Vec::new();
    for (commit, path) in places(&git, revisions).map_err(told)? {
        let Found::File(text) = git.read(&commit, &path).map_err(told)? else { continue };
        if seen.insert((path.clone(), Digest::of(&text))) {
            let read = lock::read(&text, &Realm::below(path.parent()));
            let read = read
                .map_err(|newer| unknown(&format!("the lock `{path}` of commit {commit} cannot be read: {newer}")))?;
            if let Some(warning) = read.warning {
                return Err(unknown(&format!("in commit {commit}, {warning}")));
            }
            locks.push(read.lock);
        }
    }
    Ok(locks)
}

/// What is needed cannot be known, so nothing is removed.
pub fn unknown(why: &str) -> Trouble {
    Trouble::new(Exit::Invalid, format!("nothing was removed, since what is needed cannot be known: {why}")).help(
        "put that lock right, by `git checkout`, `lockgate lock merge` or `lockgate repro`; or name other revisions",
    )
}

/// Returns where locks may be. Over all of history, one look at all names costs less than one at each commit.
fn places(git: &Git, revisions: &Revisions<'_>) -> Result<Vec<(Commit, RelPath)>, GitError> {
    let many = match (revisions.commits, revisions.since) {
        (true, _) => git.commits()?,
        (false, Some(day)) => git.since(day)?,
        (false, None) => Vec::new(),
    };
    let paths = if many.is_empty() { Vec::new() } else { git.paths_ever(lock::FILE_NAME)? };
    let mut places: BTreeSet<(Commit, RelPath)> = BTreeSet::new();
    for commit in many {
        places.extend(paths.iter().map(|path| (commit.clone(), path.clone())));
    }
    for commit in few(git, revisions)? {
        let files = git.files_below(&commit, &RelPath::root())?;
        let locks = files.into_iter().filter(|path| path.file_name() == lock::FILE_NAME);
        places.extend(locks.map(|path| (commit.clone(), path)));
    }
    Ok(places.into_iter().collect())
}

/// Returns the commits that are named: tips, tags and their last ancestors.
fn few(git: &Git, revisions: &Revisions<'_>) -> Result<BTreeSet<Commit>, GitError> {
    let mut starts: Vec<Commit> = Vec::new();
    for revision in revisions.named {
        starts.push(git.commit(revision)?);
    }
    if revisions.branches {
        starts.extend(git.branches()?.into_iter().chain(git.fetched_branches()?).map(|(_, commit)| commit));
    }
    let mut commits: BTreeSet<Commit> = BTreeSet::new();
    for start in starts {
        commits.extend(git.last(&start, revisions.last)?);
    }
    if revisions.tags {
        commits.extend(git.tags()?.into_iter().map(|(_, commit)| commit));
    }
    Ok(commits)
}

fn told(error: GitError) -> Trouble {
    let message = error.to_string();
    let help = match error {
        error @ (GitError::NoRevision(_) | GitError::Failed { .. }) => error.help(),
        GitError::NotStarted(_) | GitError::NoRepository | GitError::NoCommits => {
            "`lockgate gc --workspace` keeps what the workspace needs, and does without git"
        }
    };
    Trouble::usage(message).help(help)
}
