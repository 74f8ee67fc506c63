//! `lockgate freeze` and `lockgate unfreeze`.

use std::collections::{BTreeMap, BTreeSet};

use clap::Args;

use super::Ended;
use crate::cli::context::Context;
use crate::cli::edit::{EditError, Frozen, set_frozen};
use crate::cli::trouble::Trouble;
use crate::engine::Workspace;
use crate::graph::Scope;
use crate::sys::disk::Durability;
use crate::words::{Exit, RelPath};

/// Freeze stages: ignore their deps, never run them, keep their outputs as they are
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
The pipeline file is changed in place: `frozen: true` is added to each stage, every other byte stays.
Outputs of a frozen stage are still checked and gated.")]
pub struct Freeze {
    /// Stages or groups
    #[arg(required = true, value_name = "TARGET")]
    targets: Vec<String>,
}

/// Let frozen stages run again
#[derive(Clone, Debug, Args)]
pub struct Unfreeze {
    /// Stages or groups
    #[arg(required = true, value_name = "TARGET")]
    targets: Vec<String>,
}

pub fn run(command: &Freeze, context: &mut Context) -> Ended {
    set(&command.targets, Frozen::Yes, context)
}

pub fn run_unfreeze(command: &Unfreeze, context: &mut Context) -> Ended {
    set(&command.targets, Frozen::No, context)
}

/// Changes each file once, after all targets were found to be right.
fn set(targets: &[String], frozen: Frozen, context: &mut Context) -> Ended {
    let workspace = context.open()?;
    let mut changed = Vec::new();
    for (file, stages) in stages(&workspace, targets)? {
        let file = workspace.root().resolve(&file)?;
        let before = workspace.root().read_to_string(&file)?;
        let mut text = before.clone();
        for stage in &stages {
            text = set_frozen(file.as_str(), &text, stage, frozen)?.unwrap_or(text);
        }
        if text != before {
            changed.push((file, text, stages));
        }
    }
    if changed.is_empty() {
        context.note("nothing to change\n");
    }
    let word = if frozen == Frozen::Yes { "frozen" } else { "not frozen any more" };
    for (file, text, stages) in changed {
        workspace.root().publish(&file, text.as_bytes(), Durability::Later)?;
        for stage in &stages {
            context.note(&format!("`{stage}` is {word}\n"));
        }
    }
    Ok(Exit::Done)
}

/// The names under which each file declares the targets.
type Declared = BTreeMap<RelPath, BTreeSet<String>>;

fn stages(workspace: &Workspace, targets: &[String]) -> Result<Declared, Trouble> {
    let mut declared = Declared::new();
    for target in targets {
        let selection = workspace.select(std::slice::from_ref(target), Scope::Single)?;
        for task in selection.tasks().filter(|task| selection.is_target(*task)) {
            let node = &workspace.pipeline().nodes[task.at()];
            if node.gate().is_some() {
                return Err(Trouble::usage(format!("`{target}` is a gate, and a gate cannot be frozen"))
                    .help("take it out of the pipeline file if it should not judge"));
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

impl From<EditError> for Trouble {
    fn from(error: EditError) -> Self {
        let message = error.to_string();
        match error {
            EditError::Invalid(problems) => Self::invalid(problems),
            EditError::NoStage(_) => Self::usage(message).help("`lockgate status` lists all of them"),
            EditError::Template(_) | EditError::Shape(_) => {
                Self::usage(message).help("write `frozen: true` into the stage by hand, or take it out")
            }
        }
    }
}
