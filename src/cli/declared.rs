//! What targets name in the text of a pipeline file, and changing that text.

use std::collections::{BTreeMap, BTreeSet};

use lockgate_spanned::Problems;

use super::trouble::Trouble;
use crate::engine::Workspace;
use crate::graph::Scope;
use crate::words::RelPath;

/// What a command wants to do with stages, in the words of its refusals.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// `a gate cannot be …`.
    pub done: &'static str,
    /// What to do with a gate instead.
    pub instead: &'static str,
}

/// The names under which each file declares the targets: a group that is declared as a whole has one.
pub type Declared = BTreeMap<RelPath, BTreeSet<String>>;

/// Returns where and under which names the targets are declared.
pub fn stages(workspace: &Workspace, targets: &[String], wish: Wish) -> Result<Declared, Trouble> {
    let mut declared = Declared::new();
    for target in targets {
        let selection = workspace.select(std::slice::from_ref(target), Scope::Single)?;
        if let Some(file) = selection.data().first() {
            return Err(no_stage(target, file, wish));
        }
        for task in selection.targets() {
            let node = &workspace.pipeline().nodes[task.at()];
            let name = target.rsplit(':').next().unwrap_or_default();
            if ![node.name().as_str(), node.name().group()].contains(&name) {
                let message = format!("`{target}` is no stage, and only stages can be {}", wish.done);
                let help = format!("name the stage: `{}`", node.id);
                return Err(Trouble::usage(message).help(help));
            }
            if node.gate().is_some() {
                let message = format!("`{target}` is a gate, and a gate cannot be {}", wish.done);
                return Err(Trouble::usage(message).help(wish.instead));
            }
            if target.contains('@') {
                return Err(Trouble::usage(format!("`{target}` is one member of a group that is declared as a whole"))
                    .help(format!("name the group: `{}`", node.name().group())));
            }
            let file = workspace.pipeline().file_of(&node.id).clone();
            declared.entry(file).or_default().insert(node.name().group().to_owned());
        }
    }
    Ok(declared)
}

/// Of data that is named by the file that tracks it, or by its own path.
fn no_stage(target: &str, file: &RelPath, wish: Wish) -> Trouble {
    if target.rsplit('/').next() == Some(file.file_name()) {
        let message = format!("`{target}` tracks data and is no stage, so it cannot be {}", wish.done);
        return Trouble::usage(message).help("name a stage or a group; `lockgate stage list` has them");
    }
    let message = format!("`{target}` is no stage, and only stages can be {}", wish.done);
    Trouble::usage(message).help(format!("it is data, and `{file}` tracks it"))
}

/// Changes the text of each file once for each of its stages, and returns the texts that differ.
pub fn edit(
    workspace: &Workspace,
    declared: &Declared,
    change: impl Fn(&RelPath, &str, &str) -> Result<String, Problems>,
) -> Result<BTreeMap<RelPath, String>, Trouble> {
    let mut edited = BTreeMap::new();
    for (file, stages) in declared {
        let path = workspace.root().resolve(file)?;
        let before = workspace.root().read_to_string(&path)?;
        let mut text = before.clone();
        for stage in stages {
            text = change(&path, &text, stage).map_err(Trouble::invalid)?;
        }
        if text != before {
            edited.insert(file.clone(), text);
        }
    }
    Ok(edited)
}
