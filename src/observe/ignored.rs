//! `.dvcignore`: what lies in a folder and is not part of its content.
//!
//! The syntax is that of `.gitignore`. What counts for a folder are the files in the folders above it; one that lies in the
//! folder itself is content like any other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::sys::disk::Root;
use crate::words::RelPath;

const FILE_NAME: &str = ".dvcignore";

/// What DVC leaves out without being told.
const ALWAYS: [&str; 4] = [".hg/", ".git/", ".git", ".dvc/"];

/// The `.dvcignore` files of a project, each read once.
#[derive(Debug)]
pub(super) struct Ignored {
    root: Root,
    read: Mutex<BTreeMap<RelPath, Option<Arc<Gitignore>>>>,
}

/// What counts for one folder.
#[derive(Debug, Default)]
pub(super) struct Rules(Vec<(RelPath, Arc<Gitignore>)>);

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

    fn in_folder(&self, folder: &RelPath) -> Option<Arc<Gitignore>> {
        let mut read = self.read.lock().expect("no thread panics while it holds the lock");
        read.entry(folder.clone()).or_insert_with(|| self.parse(folder).map(Arc::new)).clone()
    }

    /// A line that cannot be understood leaves nothing out, as in git.
    fn parse(&self, folder: &RelPath) -> Option<Gitignore> {
        let text = self.root.read_to_string(&folder.join(FILE_NAME).expect("a plain name")).ok();
        let always: &[&str] = if folder.is_root() { &ALWAYS } else { &[] };
        let mut builder = GitignoreBuilder::new("");
        for line in always.iter().copied().chain(text.as_deref().unwrap_or_default().lines()) {
            let _ = builder.add_line(None, line);
        }
        builder.build().ok().filter(|rules| !rules.is_empty())
    }
}

impl Rules {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `path`, whose parent is not left out, is left out.
    pub(super) fn leave_out(&self, path: &str, is_folder: bool) -> bool {
        let said = self.0.iter().map(|(folder, rules)| {
            let inside = path.strip_prefix(folder.as_str()).unwrap_or(path).trim_start_matches('/');
            rules.matched(inside, is_folder)
        });
        said.into_iter().find(|said| !said.is_none()).is_some_and(|said| said.is_ignore())
    }
}
