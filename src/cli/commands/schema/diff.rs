//! `lockgate schema diff`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::text_of;
use crate::cli::commands::Ended;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::gate::{SchemaChange, SchemaChanges, Weight, compare_schemas};
use crate::report::json::page;
use crate::report::paint::Ink;
use crate::report::table::{Cell, Table};
use crate::words::Exit;
use crate::words::text::plural;

/// Tell what has changed from one schema to another, and what of it breaks
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Example:
  git show main:schemas/games.yaml > old.yaml; lockgate schema diff old.yaml schemas/games.yaml

A change breaks when data that passed may fail, or when `evolution:` of the new schema says so. The exit code is 1 then, \
also when the major in its name (`schema: games/2`) was raised for it.")]
pub struct Diff {
    /// The schema as it was
    old: PathBuf,
    /// The schema as it is
    new: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Diff, context: &mut Context) -> Ended {
    let side = |path: &PathBuf, context: &Context| {
        Ok::<_, Trouble>((path.display().to_string(), text_of(path, "schema", context)?))
    };
    let (old, new) = (side(&command.old, context)?, side(&command.new, context)?);
    let changes = compare_schemas((&old.0, &old.1), (&new.0, &new.1)).map_err(Trouble::invalid)?;
    let breaking = changes.changes.iter().filter(|change| change.weight == Weight::Breaks).count();
    if command.json {
        context.out.data(&page(&as_json(&changes)))?;
    } else if changes.changes.is_empty() {
        context.note("the rules are the same\n");
    } else {
        let style = context.data_style();
        context.out.data(&table(&changes).render(style))?;
        let all = plural(changes.changes.len(), "change");
        context.note(&format!("{all}, {breaking} breaking\n{}", advice(&changes, breaking)));
    }
    Ok(if breaking > 0 { Exit::StageFailed } else { Exit::Done })
}

fn table(changes: &SchemaChanges) -> Table {
    let mut table = Table::new(&["", "change", "of", "was", "now", "at"]);
    for change in &changes.changes {
        let SchemaChange { effect, subject, kind, was, now, at, .. } = change;
        let text = |side: &Option<String>| Cell::from(side.as_deref().unwrap_or("–").to_owned());
        let (ink, word) = match change.weight {
            Weight::Breaks => (Ink::Bad, "breaks"),
            Weight::Warns => (Ink::Caution, "warns"),
            Weight::Harmless => (Ink::Good, ""),
        };
        let of = format!("{subject} {kind}");
        table.row([Cell::inked(ink, word), (*effect).into(), of.into(), text(was), text(now), at.clone().into()]);
    }
    table
}

/// Says what to do about a breaking change whose major stayed.
fn advice(changes: &SchemaChanges, breaking: usize) -> String {
    match changes.kept_major {
        Some(major) if breaking > 0 => {
            format!("  help: raise the major for readers: `schema: NAME/{}`; it is still {major}\n", major + 1)
        }
        Some(_) | None => String::new(),
    }
}

fn as_json(changes: &SchemaChanges) -> serde_json::Value {
    let change = |change: &SchemaChange| {
        let SchemaChange { effect, subject, kind, was, now, at, weight } = change;
        json!({
            "change": effect, "subject": subject, "kind": kind, "was": was, "now": now, "at": at, "weight": weight.name(),
        })
    };
    let all: Vec<_> = changes.changes.iter().map(change).collect();
    json!({ "v": 1, "changes": all, "major_raised": changes.kept_major.is_none() })
}
