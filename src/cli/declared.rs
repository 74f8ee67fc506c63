//! What targets name in the text of a pipeline file, and changing that text.

use std::collections::BTreeSet;

use super::trouble::Trouble;
use crate::engine::Workspace;
use crate::graph::Scope;

/// What a command wants to do with stages, in the words of its refusals.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// `a gate cannot be …`.
    pub done: &'static str,
    /// What to do with a gate instead.
    pub instead: &'static str,
}

/// Returns the names under which the file declares the targets: a group that is declared as a whole has one.
pub fn stages(workspace: &Workspace, targets: &[String], wish: Wish) -> Result<BTreeSet<String>, Trouble> {
    let mut names = BTreeSet::new();
    for target in targets {
        let selection = workspace.select(std::slice::from_ref(target), Scope::Single)?;
        for task in selection.targets() {
            let node = &workspace.pipeline().nodes[task.at()];
            if node.gate().is_some() {
                let message = format!("`{target}` is a gate, and a gate cannot be {}", wish.done);
                return Err(Trouble::usage(message).help(wish.instead));
            }
            if target.contains('@') {
                return Err(Trouble::usage(format!("`{target}` is one member of a group that is declared as a whole"))
                    .help(format!("name the group: `{}`", node.name().group())));
            }
            names.insert(node.name().group().to_owned());
        }
    }
    Ok(names)
}
