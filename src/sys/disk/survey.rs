//! Finding files by name in a whole project, without what git and DVC ignore.

use std::path::Path;

use ignore::{DirEntry, WalkBuilder};

use super::error::DiskError;
use super::outside::is_folder;
use super::root::Root;
use crate::words::RelPath;

/// Folders that hold no part of a pipeline.
const APART: [&str; 4] = [".git", ".hg", ".dvc", ".lockgate"];

impl Root {
    /// Returns the files whose name is `wanted`, sorted.
    ///
    /// Left out are what `.gitignore` files name when the project is under git, what `.dvcignore` files name, what lies behind
    /// symlinks, projects within the project (folders with a `.dvc`), and what cannot be named in UTF-8. A folder that cannot
    /// be read is passed over: nothing in it could be used.
    pub fn find_files(&self, wanted: &dyn Fn(&str) -> bool) -> Result<Vec<RelPath>, DiskError> {
        let root = self.path().to_owned();
        let walk = WalkBuilder::new(&root)
            .hidden(false)
            .ignore(false)
            .git_global(false)
            .add_custom_ignore_filename(".dvcignore")
            .filter_entry(move |entry| is_part(&root, entry))
            .build();
        let files = walk.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
        let named = files.filter(|entry| entry.file_name().to_str().is_some_and(wanted));
        let mut found: Vec<RelPath> = named.filter_map(|entry| self.relative(entry.path())).collect();
        found.sort();
        Ok(found)
    }

    fn relative(&self, path: &Path) -> Option<RelPath> {
        RelPath::parse(path.strip_prefix(self.path()).ok()?.to_str()?).ok()
    }
}

fn is_part(root: &Path, entry: &DirEntry) -> bool {
    if !entry.file_type().is_some_and(|kind| kind.is_dir()) || entry.path() == root {
        return true;
    }
    let is_apart = entry.file_name().to_str().is_some_and(|name| APART.contains(&name));
    !is_apart && !is_folder(&entry.path().join(".dvc"))
}
