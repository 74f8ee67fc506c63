//! `lockgate gc`.

use clap::Args;
use serde_json::json;

use super::Ended;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::cli::values;
use crate::engine::{GcError, WhenBusy, Workspace};
use crate::lock::{self, Lock, Realm};
use crate::report::json::page;
use crate::report::plain::{Detail, Look, line};
use crate::store::{GcMode, StoreError};
use crate::words::Exit;
use crate::words::text::{bytes, plural};

/// Remove from the store what the lock does not need
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate gc --dry              say what would go
  lockgate gc --rev main         keep also what the lock in `main` needs

What stays: outputs and verdicts that the lock names, those of each --rev, and refused candidates. What goes is made
again by its stage when it is needed.")]
pub struct Gc {
    /// Only say what would be removed
    #[arg(long)]
    dry: bool,
    /// Keep what the lock of this revision of git needs too
    #[arg(long = "rev", value_name = "REV")]
    revisions: Vec<String>,
    /// Give up at once when another run holds the workspace
    #[arg(long)]
    no_wait: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Gc, context: &mut Context) -> Ended {
    let mut workspace = context.open()?;
    let others = command.revisions.iter().map(|revision| lock_of(&workspace, revision));
    let others = others.collect::<Result<Vec<_>, _>>()?;
    let mode = if command.dry { GcMode::Dry } else { GcMode::Delete };
    let busy = if command.no_wait { WhenBusy::GiveUp } else { WhenBusy::Wait };
    let look = Look { style: context.style(), detail: Detail::Usual, names: 0 };
    let out = &mut context.out;
    let report = workspace.gc(&others, mode, busy, &mut |event| {
        out.say(&line(event, look).map(|line| format!("{line}\n")).unwrap_or_default());
    })?;
    if command.json {
        let object = |(kind, digest, size): &(crate::store::ObjectKind, crate::words::Digest, u64)| json!({ "kind": kind.name(), "digest": digest.to_string(), "bytes": size });
        let objects: Vec<_> = report.objects.iter().map(object).collect();
        context.out.data(&page(&json!({ "v": 1, "dry": command.dry, "bytes": report.bytes(), "objects": objects })))?;
    }
    let would = if command.dry { "would remove" } else { "removed" };
    let counts = format!("{}, {}", plural(report.objects.len(), "object"), bytes(report.bytes()));
    context.note(&format!("{would} {counts}\n"));
    Ok(Exit::Done)
}

/// A revision without a lock needs nothing.
fn lock_of(workspace: &Workspace, revision: &str) -> Result<Lock, Trouble> {
    let realm = Realm::of(&workspace.pipeline().files);
    let file = realm.home.join(lock::FILE_NAME).expect("the name is a plain one");
    let Some(text) = values::bytes_in_revision(workspace.root(), revision, &file)? else { return Ok(Lock::default()) };
    let read = lock::read(&text, &realm).map_err(|newer| Trouble::new(Exit::Invalid, newer.to_string()))?;
    Ok(read.lock)
}

impl From<GcError> for Trouble {
    fn from(error: GcError) -> Self {
        match error {
            GcError::Run(error) => error.into(),
            GcError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Disk(error) => error.into(),
            StoreError::Observe(_)
            | StoreError::Nothing { .. }
            | StoreError::Missing { .. }
            | StoreError::Damaged { .. } => {
                Self::new(Exit::Damaged, error.to_string()).help("`lockgate verify` reads the whole store")
            }
        }
    }
}
