//! The values of parameter and metrics files, in the workspace and in revisions of git.

use super::trouble::Trouble;
use crate::engine::Workspace;
use crate::manifest::read_values;
use crate::pipeline::{Node, OutKind};
use crate::report::diff::Files;
use crate::sys::disk::Root;
use crate::sys::process::output_of;
use crate::words::Exit;
use crate::words::RelPath;

/// Where values are taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Side {
    /// The files as they are.
    Workspace,
    /// As git has them in a commit.
    Revision(String),
}

/// Returns the files that stages take parameters from, and `params.yaml` beside the pipeline file.
pub fn param_files(workspace: &Workspace) -> Vec<RelPath> {
    let pipeline = workspace.pipeline();
    let beside = pipeline.files.pipelines.iter().map(|file| file.parent().join("params.yaml"));
    let beside = beside.map(|path| path.expect("the name is a plain one"));
    let named = pipeline.nodes.iter().flat_map(|node| node.params.iter().map(|param| param.file.clone()));
    unique(named.chain(beside))
}

/// Returns the files that are declared as metrics.
pub fn metric_files(workspace: &Workspace) -> Vec<RelPath> {
    let pipeline = workspace.pipeline();
    let outs = pipeline.nodes.iter().flat_map(Node::outs).filter(|out| out.kind == OutKind::Metric);
    unique(outs.map(|out| out.path.clone()).chain(pipeline.metrics.iter().cloned()))
}

fn unique(files: impl Iterator<Item = RelPath>) -> Vec<RelPath> {
    files.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// Reads those of `files` that one side has.
pub fn read(root: &Root, side: &Side, files: &[RelPath]) -> Result<Files, Trouble> {
    let mut found = Files::new();
    for file in files {
        let text = match side {
            Side::Workspace => in_workspace(root, file)?,
            Side::Revision(revision) => in_revision(root, revision, file)?,
        };
        if let Some(text) = text {
            found.insert(file.clone(), read_values(file, &text).map_err(Trouble::invalid)?);
        }
    }
    Ok(found)
}

fn in_workspace(root: &Root, file: &RelPath) -> Result<Option<String>, Trouble> {
    match root.read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A file that git does not have in the revision is absent there, as one that was not written yet.
fn in_revision(root: &Root, revision: &str, file: &RelPath) -> Result<Option<String>, Trouble> {
    let bytes = bytes_in_revision(root, revision, file)?;
    Ok(bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
}

/// Returns the bytes of a file as a revision has it; `None` when it does not have it.
pub fn bytes_in_revision(root: &Root, revision: &str, file: &RelPath) -> Result<Option<Vec<u8>>, Trouble> {
    check_revision(root, revision)?;
    git(root, &["show", &format!("{revision}:./{file}")])
}

fn check_revision(root: &Root, revision: &str) -> Result<(), Trouble> {
    if git(root, &["rev-parse", "--is-inside-work-tree"])?.is_none() {
        return Err(Trouble::usage("this project is not in a git repository")
            .help("`git init` makes it one; values are compared with what git has"));
    }
    let commit = format!("{revision}^{{commit}}");
    match git(root, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])? {
        Some(_) => Ok(()),
        None => Err(Trouble::usage(format!("git knows no revision `{revision}` of this project"))
            .help("name a commit, a branch or a tag; `git log --oneline` lists commits")),
    }
}

fn git(root: &Root, args: &[&str]) -> Result<Option<Vec<u8>>, Trouble> {
    output_of("git", args, root.path()).map_err(|error| {
        Trouble::new(Exit::Usage, format!("`git` cannot be started: {error}"))
            .help("install git; values are compared with what it has")
    })
}

/// Returns what is compared: `HEAD` and the workspace, a revision and the workspace, or two revisions.
pub fn sides(old: Option<&String>, new: Option<&String>) -> (Side, Side) {
    let old = Side::Revision(old.map_or_else(|| "HEAD".to_owned(), Clone::clone));
    (old, new.map_or(Side::Workspace, |new| Side::Revision(new.clone())))
}
