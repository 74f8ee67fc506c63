//! `lockgate gc`.

use std::num::NonZeroUsize;

use clap::{ArgGroup, Args};
use serde_json::{Value, json};

use super::Ended;
use crate::cli::ask::{check_can_ask, confirm};
use crate::cli::context::Context;
use crate::cli::locks::{self, Revisions};
use crate::cli::trouble::Trouble;
use crate::engine::{Answer, GcError, WhenBusy, Workspace};
use crate::lock::Lock;
use crate::report::json::page;
use crate::report::plain::{Detail, Look, line};
use crate::store::{GcMode, GcReport, ObjectKind, StoreError};
use crate::words::text::{bytes, plural};
use crate::words::{Digest, Exit};

/// Remove from the store what the lock does not need
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are independent of each other")]
#[derive(Clone, Debug, Args)]
#[command(group = ArgGroup::new("scope").multiple(true).required(true), after_help = "\
Examples:
  lockgate gc -w --dry               say what would go if only the workspace counted
  lockgate gc -a -T                  keep also what the tips of branches and the tags need
  lockgate gc --rev main -n 10       and what the last ten commits of `main` need
  lockgate gc -A -f                  keep what any commit needs; do not ask

What stays: outputs and verdicts that the lock of the workspace names, those that the locks of the chosen revisions name,
and refused candidates. What goes is made again by its stage when it is needed. Locks are read from git: what was never
committed counts only in the workspace.")]
pub struct Gc {
    /// Keep what the workspace needs; it always counts
    #[arg(short, long, group = "scope")]
    workspace: bool,
    /// Keep what the tips of all branches need, also of those that were fetched
    #[arg(short = 'a', long, group = "scope")]
    all_branches: bool,
    /// Keep what all tags need
    #[arg(short = 'T', long, group = "scope")]
    all_tags: bool,
    /// Keep what any commit needs that a branch or a tag leads to
    #[arg(short = 'A', long, group = "scope")]
    all_commits: bool,
    /// Keep what this revision of git needs
    #[arg(long = "rev", value_name = "REV", group = "scope")]
    revisions: Vec<String>,
    /// Count so many commits of each --rev, and of each branch with -a
    #[arg(short, long, value_name = "N", default_value = "1")]
    num: NonZeroUsize,
    /// Keep what commits of this day or a later one need
    #[arg(long, value_name = "YYYY-MM-DD", group = "scope", value_parser = day)]
    date: Option<String>,
    /// Only say what would be removed
    #[arg(long)]
    dry: bool,
    /// Do not ask
    #[arg(short, long)]
    force: bool,
    /// Give up at once when another run holds the workspace
    #[arg(long)]
    no_wait: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn day(text: &str) -> Result<String, String> {
    let day = text.parse::<jiff::civil::Date>().ok().filter(|day| day.to_string() == text);
    // Git takes a day that it does not know for the present one.
    let is_known = day.is_some_and(|day| (1970..2100).contains(&day.year()));
    if is_known { Ok(text.to_owned()) } else { Err("write a day from 1970-01-01 on, as YYYY-MM-DD".to_owned()) }
}

pub fn run(command: &Gc, context: &mut Context) -> Ended {
    let asks = !command.dry && !command.force;
    if asks {
        check_can_ask(
            "`gc` asks before it removes",
            "add `--force` to go on without, or `--dry` to see what would go",
        )?;
    }
    let mut workspace = context.open()?;
    let others = locks::read(workspace.root(), &command.revisions())?;
    if asks {
        let report = command.collect(&mut workspace, &others, GcMode::Dry, context)?;
        if !report.objects.is_empty() && confirm(&format!("remove {}?", counts(&report))) == Answer::No {
            context.note("nothing was removed\n");
            return Ok(Exit::Done);
        }
    }
    let mode = if command.dry { GcMode::Dry } else { GcMode::Delete };
    let report = command.collect(&mut workspace, &others, mode, context)?;
    if command.json {
        context.out.data(&page(&to_json(&report, mode)))?;
    }
    let would = if command.dry { "would remove" } else { "removed" };
    context.note(&format!("{would} {}\n", counts(&report)));
    Ok(Exit::Done)
}

impl Gc {
    fn revisions(&self) -> Revisions<'_> {
        Revisions {
            branches: self.all_branches,
            tags: self.all_tags,
            commits: self.all_commits,
            named: &self.revisions,
            last: self.num.get(),
            since: self.date.as_deref(),
        }
    }

    fn collect(
        &self,
        workspace: &mut Workspace,
        others: &[Lock],
        mode: GcMode,
        context: &mut Context,
    ) -> Result<GcReport, Trouble> {
        let busy = if self.no_wait { WhenBusy::GiveUp } else { WhenBusy::Wait };
        let look = Look { style: context.style(), detail: Detail::Usual, names: 0 };
        let out = &mut context.out;
        Ok(workspace.gc(others, mode, busy, &mut |event| {
            out.say(&line(event, look).map(|line| format!("{line}\n")).unwrap_or_default());
        })?)
    }
}

fn counts(report: &GcReport) -> String {
    format!("{}, {}", plural(report.objects.len(), "object"), bytes(report.bytes()))
}

fn to_json(report: &GcReport, mode: GcMode) -> Value {
    let object = |(kind, digest, size): &(ObjectKind, Digest, u64)| json!({ "kind": kind.name(), "digest": digest.to_string(), "bytes": size });
    let objects: Vec<Value> = report.objects.iter().map(object).collect();
    json!({ "v": 1, "dry": mode == GcMode::Dry, "bytes": report.bytes(), "objects": objects })
}

impl From<GcError> for Trouble {
    fn from(error: GcError) -> Self {
        match error {
            GcError::Run(error) => error.into(),
            GcError::Store(error) => error.into(),
            GcError::Unknown(why) => locks::unknown(why),
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
