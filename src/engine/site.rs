//! Where the things lie that a gate measures, and what it is given of them.

use std::path::PathBuf;

use crate::fingerprint::Recipe;
use crate::gate::Case;
use crate::pipeline::{Files, Gate, Node};
use crate::store::Store;
use crate::sys::clock::since_epoch;
use crate::sys::disk::Root;
use crate::words::{Content, RelPath};

/// A project with its store.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    pub root: &'a Root,
    pub store: &'a Store,
    /// The pipeline files, which messages cite.
    pub files: &'a Files,
}

impl Site<'_> {
    /// Returns where a file is read: in the store, where its bytes cannot change any more, or else in the workspace.
    pub fn place_of(&self, path: &RelPath, content: Option<&Content>) -> PathBuf {
        let kept = content.and_then(|content| self.store.sound_file(content));
        kept.unwrap_or_else(|| path.under(self.root.path()))
    }

    /// Puts together what a gate that measures is given; `line` is that of its settings in the pipeline file.
    pub fn with_case<T>(
        &self,
        node: &Node,
        gate: &Gate,
        recipe: &Recipe,
        line: usize,
        act: impl FnOnce(&Case<'_>) -> T,
    ) -> T {
        let place = |file: &str| {
            let path = RelPath::parse(file).expect("the path was made by the manifest");
            self.place_of(&path, recipe.deps.get(path.as_str()).or_else(|| recipe.data.get(&path)))
        };
        let data = gate.data.iter().map(|path| (path.clone(), self.place_of(path, recipe.data.get(path)))).collect();
        let file = self.files.in_folder(&node.id.folder).expect("a node is declared by the file in its folder");
        let now_ns = i128::try_from(since_epoch().as_nanos()).unwrap_or(i128::MAX);
        act(&Case {
            gate: node.id.to_string(),
            citation: format!("{file}:{line}"),
            data,
            described: describe(gate, recipe),
            forms: &gate.forms,
            place: &place,
            now_ns,
        })
    }
}

/// Returns what was judged, a line each.
pub fn describe(gate: &Gate, recipe: &Recipe) -> Vec<String> {
    let content = |path: &RelPath| recipe.data.get(path).map(|content| format!("{path}  ({})", content.short()));
    gate.data.iter().filter_map(content).collect()
}
