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
    /// Finds data of this content that was refused, and so is not in its place.
    pub refused: &'a dyn Fn(&RelPath, &Content) -> Option<PathBuf>,
}

impl Site<'_> {
    /// Returns where a file or folder is read: in the store, where bytes cannot change any more, else in quarantine, or else in
    /// the workspace.
    pub fn place_of(&self, path: &RelPath, content: Option<&Content>) -> PathBuf {
        let kept = content.and_then(|content| self.store.sound_file(content).or_else(|| (self.refused)(path, content)));
        kept.unwrap_or_else(|| path.under(self.root.path()))
    }

    /// Puts together what a gate that measures is given.
    pub fn with_case<T>(&self, node: &Node, gate: &Gate, recipe: &Recipe, act: impl FnOnce(&Case<'_>) -> T) -> T {
        let place = |file: &str| {
            let path = RelPath::parse(file).expect("the path was made by the manifest");
            self.place_of(&path, recipe.deps.get(path.as_str()).or_else(|| recipe.data.get(&path)))
        };
        let data = gate.data.iter().map(|path| (path.clone(), self.place_of(path, recipe.data.get(path)))).collect();
        let now_ns = i128::try_from(since_epoch().as_nanos()).unwrap_or(i128::MAX);
        act(&Case {
            gate: node.id.to_string(),
            citation: self.files.cite(&node.id, gate.line),
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
