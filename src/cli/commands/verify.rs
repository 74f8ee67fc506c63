//! `lockgate verify`.

use clap::Args;
use serde_json::json;

use super::Ended;
use crate::cli::context::Context;
use crate::report::json::page;
use crate::report::paint::{Mark, mark};
use crate::words::Exit;
use crate::words::text::{bytes, plural};

/// Read the whole store, and set aside what is damaged
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Exit code 8 tells that something was damaged. What is set aside counts as missing: it is restored from nothing and made
again by its stage.")]
pub struct Verify {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub fn run(command: &Verify, context: &mut Context) -> Ended {
    let workspace = context.open()?;
    let report = workspace.store().verify(|_, _| {})?;
    let style = context.data_style();
    if command.json {
        let damaged = report.damaged.iter().map(|damage| {
            json!({ "kind": damage.kind.name(), "digest": damage.digest.to_string(), "aside": damage.aside.to_string() })
        });
        let damaged: Vec<_> = damaged.collect();
        let value = json!({ "v": 1, "objects": report.n_objects, "bytes": report.bytes, "damaged": damaged });
        context.out.data(&page(&value))?;
    } else {
        for damage in &report.damaged {
            let (kind, digest) = (damage.kind.name(), damage.digest.short());
            let line = format!("{} {kind} {digest} is damaged; moved to {}", mark(style, Mark::Bad), damage.aside);
            context.out.data_line(&line)?;
        }
    }
    let read = format!("read {}, {}", plural(report.n_objects, "object"), bytes(report.bytes));
    if report.damaged.is_empty() {
        context.note(&format!("{read}: all sound\n"));
        return Ok(Exit::Done);
    }
    let counts = plural(report.damaged.len(), "damaged object");
    context.out.say(&format!("{read}: {counts} set aside; `lockgate repro` makes again what is needed\n"));
    Ok(Exit::Damaged)
}
