//! `.dvcignore`: what lies in a folder and is not part of its content.
//!
//! The syntax is that of `.gitignore`. What counts for a folder are the files in the folders above it; one that lies in the
//! folder itself is content like any other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::sys::disk::{FolderEntry, Kind, Root};
use crate::words::{RelPath, Spot};

const FILE_NAME: &str = ".dvcignore";

/// What DVC leaves out of a project without being told, in the words of its `.dvcignore`.
const ALWAYS: [&str; 4] = [".hg/", ".git/", ".git", ".dvc/"];

/// Whether one of the lines that always count leaves out what has this name.
fn is_always_left_out(name: &str, is_folder: bool) -> bool {
    name == ".git" || (is_folder && matches!(name, ".hg" | ".dvc"))
}

/// The `.dvcignore` files of a project, each read once.
#[derive(Debug)]
pub(super) struct Ignored {
    root: Root,
    read: Mutex<BTreeMap<RelPath, Option<Lines>>>,
}

/// What counts for one folder: the folders above it, the nearest first, with what is said there.
#[derive(Debug, Default)]
pub(super) struct Rules(Vec<(RelPath, Lines)>);

/// What is said in one folder.
#[derive(Clone, Debug)]
enum Lines {
    /// Nothing but what always counts, for which no pattern needs to be tried.
    Always,
    Written(Arc<Gitignore>),
}

impl Ignored {
    pub(super) fn new(root: &Root) -> Self {
        Self { root: root.clone(), read: Mutex::default() }
    }

    /// Returns what counts for what lies in the folder `base`, the nearest file first.
    pub(super) fn rules_for(&self, base: &RelPath) -> Rules {
        let above = std::iter::successors((!base.is_root()).then(|| base.parent()), |folder| {
            (!folder.is_root()).then(|| folder.parent())
        });
        Rules(above.filter_map(|folder| Some((folder.clone(), self.in_folder(&folder)?))).collect())
    }

    fn in_folder(&self, folder: &RelPath) -> Option<Lines> {
        let mut read = self.read.lock().expect("no thread panics while it holds the lock");
        read.entry(folder.clone()).or_insert_with(|| self.parse(folder)).clone()
    }

    /// A line that cannot be understood leaves nothing out, as in git.
    fn parse(&self, folder: &RelPath) -> Option<Lines> {
        let text = self.root.read_to_string(&folder.join(FILE_NAME).expect("a plain name")).ok();
        let Some(text) = text else { return folder.is_root().then_some(Lines::Always) };
        let always: &[&str] = if folder.is_root() { &ALWAYS } else { &[] };
        let mut builder = GitignoreBuilder::new("");
        for line in always.iter().copied().chain(text.lines()) {
            let _ = builder.add_line(None, line);
        }
        builder.build().ok().filter(|rules| !rules.is_empty()).map(|rules| Lines::Written(Arc::new(rules)))
    }
}

impl Lines {
    /// Says whether what is at `path`, relative to the folder of the lines, is left out; `None` where they say nothing of it.
    fn leave_out(&self, path: &str, is_folder: bool) -> Option<bool> {
        match self {
            Self::Always => {
                let name = path.rsplit('/').next().unwrap_or_default();
                is_always_left_out(name, is_folder).then_some(true)
            }
            Self::Written(rules) => {
                let said = rules.matched(path, is_folder);
                (!said.is_none()).then(|| said.is_ignore())
            }
        }
    }
}

impl Rules {
    /// Keeps of the `entries` of a folder, which is not left out itself, those that are not.
    pub(super) fn keep_part(&self, folder: Spot<'_>, entries: &mut Vec<FolderEntry>) {
        if self.0.is_empty() {
            return;
        }
        let mut path = folder.as_str().to_owned();
        if !path.is_empty() {
            path.push('/');
        }
        let start = path.len();
        entries.retain(|entry| {
            // What has no name in UTF-8 is met, and refused, later.
            let Some(name) = entry.name.to_str() else { return true };
            path.truncate(start);
            path.push_str(name);
            !self.leave_out(&path, entry.kind == Kind::Folder)
        });
    }

    /// Whether `path`, whose parent is not left out, is left out.
    fn leave_out(&self, path: &str, is_folder: bool) -> bool {
        let said = |(folder, lines): &(RelPath, Lines)| {
            let inside = path.strip_prefix(folder.as_str()).unwrap_or(path).trim_start_matches('/');
            lines.leave_out(inside, is_folder)
        };
        self.0.iter().find_map(said).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_always_counts_is_what_its_lines_say() {
        let mut builder = GitignoreBuilder::new("");
        for line in ALWAYS {
            builder.add_line(None, line).expect("a pattern");
        }
        let written = Lines::Written(Arc::new(builder.build().expect("patterns")));
        for name in ["a", ".git", ".hg", ".dvc", ".dvcignore", ".github", "git"] {
            for path in [name.to_owned(), format!("data/{name}"), format!("{name}/x")] {
                for is_folder in [false, true] {
                    let expect = written.leave_out(&path, is_folder);
                    assert_eq!(Lines::Always.leave_out(&path, is_folder), expect, "{path} {is_folder}");
                }
            }
        }
    }
}
