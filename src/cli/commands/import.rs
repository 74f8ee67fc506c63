//! `lockgate import`.

use std::fmt::Write as _;

use clap::{Args, Subcommand};
use serde_json::json;

use super::Ended;
use crate::cli::context::Context;
use crate::cli::settings;
use crate::engine::{Fate, ImportMode, Imported, WhenBusy};
use crate::report::json::page;
use crate::report::paint::Ink;
use crate::report::plain::{Detail, Look, line};
use crate::report::table::{Cell, Table};
use crate::words::text::{inert, plural};
use crate::words::{Exit, TaskId};

/// Take over what another tool has recorded
#[derive(Clone, Debug, Args)]
pub struct Import {
    #[command(subcommand)]
    from: From,
}

#[derive(Clone, Debug, Subcommand)]
enum From {
    Dvc(Dvc),
}

/// Take over what dvc.lock records and what DVC's cache holds
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate import dvc --dry     say what would be taken, and what not and why
  lockgate import dvc           write pipeline.lock, and take the outputs into the store

Nothing is run, and DVC's files are not changed. A stage is taken when its command, parameters, deps and outputs are those
of dvc.lock, by digest. Outputs that are missing in the workspace are taken from DVC's cache into the store;
`lockgate checkout` places them. Data that `.dvc` files track is put in place. Objects are shared by reflink or hard link where that can be, and each is hashed first.

What gates are known to refuse is not taken, and neither is what was made of it. Gates that have not judged yet do so in
the next run.

Exits with 7 when something could not be taken: `lockgate repro` makes that.")]
struct Dvc {
    /// Only say what would be taken
    #[arg(long)]
    dry: bool,
    /// Give up at once when another run holds the workspace
    #[arg(long)]
    no_wait: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Import, context: &mut Context) -> Ended {
    let From::Dvc(command) = &command.from;
    let mut workspace = context.open()?;
    let mode = if command.dry { ImportMode::Dry } else { ImportMode::Write };
    let busy = if command.no_wait { WhenBusy::GiveUp } else { WhenBusy::Wait };
    let config = settings::read(context, workspace.root(), &[])?;
    let manner = settings::manner(&config);
    let look = Look { style: context.style(), detail: Detail::Usual, names: 0 };
    let out = &mut context.out;
    let imported = workspace.import_dvc(mode, manner, busy, &mut |event| {
        out.say(&line(event, look).map(|line| format!("{line}\n")).unwrap_or_default());
    })?;
    context.warn_of_doubts(&workspace);
    if command.json {
        context.out.data(&page(&to_json(&imported, command.dry)))?;
    } else {
        context.out.data(&table(&imported).render(context.data_style()))?;
        context.note(&footer(&imported, command.dry));
    }
    let is_left = |imported: &Imported| matches!(imported.fate, Fate::Left(_) | Fate::Refused(_) | Fate::Blocked(_));
    Ok(if imported.iter().any(is_left) { Exit::NotUpToDate } else { Exit::Done })
}

fn table(imported: &[Imported]) -> Table {
    let mut table = Table::new(&["stage", "import", "because"]);
    for Imported { task, fate } in imported {
        let (ink, word) = match fate {
            Fate::Known => (Ink::Faint, "known"),
            Fate::Taken | Fate::TakenFromCache(_) => (Ink::Good, "taken"),
            Fate::Left(_) => (Ink::Caution, "left"),
            Fate::Refused(_) => (Ink::Bad, "refused"),
            Fate::Blocked(_) => (Ink::Caution, "blocked"),
            Fate::Gone => (Ink::Faint, "gone"),
        };
        let because = match fate {
            Fate::Known | Fate::Taken => String::new(),
            Fate::TakenFromCache(count) => format!("{} only in DVC's cache", plural(*count, "output")),
            Fate::Left(reasons) | Fate::Blocked(reasons) => inert(&reasons.join("; ")),
            Fate::Refused(gates) => inert(&by_gates(gates).join("; ")),
            Fate::Gone => "only dvc.lock knows it: it is not declared any more".to_owned(),
        };
        table.row([inert(&task.to_string()).into(), Cell::inked(ink, word), because.into()]);
    }
    table
}

fn by_gates(gates: &[TaskId]) -> Vec<String> {
    gates.iter().map(|gate| format!("gate `{gate}` does not pass")).collect()
}

fn to_json(imported: &[Imported], dry: bool) -> serde_json::Value {
    let stages: Vec<_> = imported
        .iter()
        .map(|Imported { task, fate }| {
            let (import, from_cache, reasons) = match fate {
                Fate::Known => ("known", 0, Vec::new()),
                Fate::Taken => ("taken", 0, Vec::new()),
                Fate::TakenFromCache(count) => ("taken", *count, Vec::new()),
                Fate::Left(reasons) => ("left", 0, reasons.clone()),
                Fate::Refused(gates) => ("refused", 0, by_gates(gates)),
                Fate::Blocked(reasons) => ("blocked", 0, reasons.clone()),
                Fate::Gone => ("gone", 0, Vec::new()),
            };
            json!({ "stage": task.to_string(), "import": import, "from_cache": from_cache, "reasons": reasons })
        })
        .collect();
    json!({ "v": 1, "dry": dry, "stages": stages })
}

fn footer(imported: &[Imported], dry: bool) -> String {
    let count = |is: fn(&Fate) -> bool| imported.iter().filter(|imported| is(&imported.fate)).count();
    let (known, left) = (count(|fate| *fate == Fate::Known), count(|fate| matches!(fate, Fate::Left(_))));
    let taken = count(|fate| matches!(fate, Fate::Taken | Fate::TakenFromCache(_)));
    let absent = count(|fate| matches!(fate, Fate::TakenFromCache(_)));
    let would = if dry { "would take" } else { "took" };
    let mut text = format!("{would} {}", plural(taken, "stage"));
    if known > 0 {
        write!(text, ", {known} known before").unwrap_or_default();
    }
    if left > 0 {
        write!(text, ", {left} left for `lockgate repro` to make").unwrap_or_default();
    }
    let refused = count(|fate| matches!(fate, Fate::Refused(_) | Fate::Blocked(_)));
    if refused > 0 {
        write!(text, ", {refused} held up by gates (`lockgate repro` says why)").unwrap_or_default();
    }
    if absent > 0 && !dry {
        text += "; `lockgate checkout` places what is not in the workspace";
    }
    text + "\n"
}
