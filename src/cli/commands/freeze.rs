//! `lockgate freeze` and `lockgate unfreeze`.

use clap::Args;

use super::Ended;
use crate::cli::context::Context;
use crate::cli::declared::{self, Wish};
use crate::cli::trouble::Trouble;
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

/// Changes the file once, after all targets were found to be right.
fn set(targets: &[String], frozen: Frozen, context: &mut Context) -> Ended {
    let workspace = context.open()?;
    let stages = declared::stages(&workspace, targets, WISH)?;
    let file = workspace.root().resolve(&workspace.pipeline().file)?;
    let before = workspace.root().read_to_string(&file)?;
    let mut text = before.clone();
    for stage in &stages {
        text = set_frozen(&file, &text, stage, frozen).map_err(Trouble::invalid)?;
    }
    if text == before {
        context.note("nothing to change\n");
        return Ok(Exit::Done);
    }
    workspace.root().publish(&file, text.as_bytes(), Durability::Later)?;
    let word = if frozen == Frozen::Yes { "frozen" } else { "not frozen any more" };
    for stage in &stages {
        context.note(&format!("`{stage}` is {word}\n"));
    }
    Ok(Exit::Done)
}
