//! `lockgate schema import`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use lockgate_spanned::{Problems, Source};
use lockgate_suites::{Options, Translation, translate};
use serde_json::json;

use super::text_of;
use crate::cli::commands::Ended;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::report::json::page;
use crate::sys::disk::write_outside;
use crate::words::Exit;
use crate::words::text::{inert, plural};

/// Translate a Great Expectations suite or a Table Schema
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate schema import gx/expectations/games.json --out schemas/games.yaml
  lockgate schema import suite.json --param min_rows=100 > games.yaml

Every rule of the schema cites the place of its expectation. An expectation that cannot be said exactly is told with its \
reason, nothing is written and the exit code is 3; with `--allow-unmapped` the others are written. docs/IMPORT.md has the \
whole table.")]
pub struct Import {
    /// An expectation suite (0.x or 1.x) or a Table Schema, as JSON
    suite: PathBuf,
    /// Write the schema to FILE instead of standard output
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Leave out what has no exact translation
    #[arg(long)]
    allow_unmapped: bool,
    /// Give a value to a parameter of the suite (`{"$PARAMETER": "X"}`)
    #[arg(long = "param", value_name = "X=VALUE", value_parser = param)]
    params: Vec<(String, String)>,
    /// Print JSON: the schema, the coverage and what is unmapped
    #[arg(long)]
    json: bool,
}

fn param(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub fn run(command: &Import, context: &mut Context) -> Ended {
    let text = text_of(&command.suite, "suite", context)?;
    let source = Source::new(command.suite.display().to_string(), text);
    let params: BTreeMap<String, String> = command.params.iter().cloned().collect();
    let mut problems = Problems::default();
    let Some(translation) = translate(&source, &Options { params }, &mut problems) else {
        return Err(Trouble::invalid(problems));
    };
    let is_accepted = translation.unmapped.is_empty() || command.allow_unmapped;
    if command.json {
        context.out.data(&page(&as_json(&translation)))?;
    } else {
        context.note(&coverage(&translation, source.name()));
    }
    if is_accepted {
        deliver(command, &translation, context)?;
        return Ok(Exit::Done);
    }
    let rules = plural(translation.unmapped.len(), "rule");
    Err(Trouble::new(Exit::Invalid, format!("{rules} of `{}` cannot be said exactly", source.name()))
        .help("say them by hand, and leave them out here with `--allow-unmapped`; nothing was written"))
}

fn deliver(command: &Import, translation: &Translation, context: &mut Context) -> Result<(), Trouble> {
    match &command.out {
        Some(path) => Ok(write_outside(&context.folder.join(path), &translation.text)?),
        None if command.json => Ok(()),
        None => Ok(context.out.data(&translation.text)?),
    }
}

/// Tells how much was translated, and what was not.
fn coverage(translation: &Translation, name: &str) -> String {
    let unmapped = translation.unmapped.iter();
    let lines = unmapped.map(|each| format!("  {}  {}: {}\n", inert(&each.at), inert(&each.rule), inert(&each.why)));
    format!("{} of `{name}` translated\n{}", translation.coverage(), lines.collect::<String>())
}

fn as_json(translation: &Translation) -> serde_json::Value {
    let unmapped = translation.unmapped.iter();
    let unmapped: Vec<_> = unmapped.map(|each| json!({"at": each.at, "rule": each.rule, "why": each.why})).collect();
    json!({
        "v": 1, "mapped": translation.mapped, "total": translation.total, "unmapped": unmapped, "schema": translation.text,
    })
}
