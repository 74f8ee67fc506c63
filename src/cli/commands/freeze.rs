//! `lockgate freeze` and `lockgate unfreeze`.

use clap::Args;

use super::Ended;
use crate::cli::context::Context;
use crate::cli::declared::{self, Wish};
use crate::manifest::{Frozen, set_frozen};
use crate::sys::disk::Durability;
use crate::words::Exit;

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

const WISH: Wish = Wish { done: "frozen", instead: "take it out of the pipeline file if it should not judge" };

pub fn run(command: &Freeze, context: &mut Context) -> Ended {
    set(&command.targets, Frozen::Yes, context)
}

pub fn run_unfreeze(command: &Unfreeze, context: &mut Context) -> Ended {
    set(&command.targets, Frozen::No, context)
}

/// Changes each file once, after all targets were found to be right.
fn set(targets: &[String], frozen: Frozen, context: &mut Context) -> Ended {
    let workspace = context.open()?;
    let declared = declared::stages(&workspace, targets, WISH)?;
    let edited = declared::edit(&workspace, &declared, |file, text, stage| set_frozen(file, text, stage, frozen))?;
    if edited.is_empty() {
        context.note("nothing to change\n");
    }
    let word = if frozen == Frozen::Yes { "frozen" } else { "not frozen any more" };
    for (file, text) in edited {
        let path = workspace.root().resolve(&file)?;
        workspace.root().publish(&path, text.as_bytes(), Durability::Later)?;
        for stage in &declared[&file] {
            context.note(&format!("`{stage}` is {word}\n"));
        }
    }
    Ok(Exit::Done)
}
