//! The arguments: what is global, and the list of commands. Each command's own are in its module.

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use super::commands::{
    checkout, commit, completions, config, consent, dag, doctor, explain, freeze, gate, gc, help, import, init, lock,
    logs, man, metrics, params, plots, remove, repro, root, runs, schema, show, stage, status, validate, verify,
};
use crate::sys::term::Colour;

/// Reruns a pipeline where something has changed, and stops it where data does not pass a gate.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "lockgate",
    version,
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = "\
Examples:
  lockgate repro               bring everything up to date
  lockgate repro train -j 4    one stage and what it needs, four tasks at a time
  lockgate status              what would run, and why
  lockgate explain train       every reason, with what was and what is

`lockgate help COMMAND` tells more, `lockgate help exit-codes` what the exit codes mean."
)]
pub struct Cli {
    #[command(flatten)]
    pub globals: Globals,
    #[command(subcommand)]
    pub command: Command,
}

/// Arguments that every command takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// The pipeline file [default: pipeline.yaml, else dvc.yaml, here or in a folder above]
    #[arg(long, global = true, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Work as if started in DIR
    #[arg(short = 'C', long, global = true, value_name = "DIR")]
    pub cd: Option<PathBuf>,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_possible_values = false)]
    pub color: ColourArg,
    /// Say only what went wrong
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say every decision with its reasons
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// The values of `--color`.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ColourArg {
    Auto,
    Always,
    Never,
}

impl From<ColourArg> for Colour {
    fn from(arg: ColourArg) -> Self {
        match arg {
            ColourArg::Auto => Self::Auto,
            ColourArg::Always => Self::Always,
            ColourArg::Never => Self::Never,
        }
    }
}

/// The commands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    Init(init::Init),
    Repro(repro::Repro),
    Status(status::Status),
    Explain(explain::Explain),
    Dag(dag::Dag),
    Stage(stage::Stage),
    Remove(remove::Remove),
    Logs(logs::Logs),
    Runs(runs::Runs),
    Show(show::Show),
    Gate(gate::Gate),
    Approve(consent::Approve),
    Validate(validate::Validate),
    Schema(schema::Schema),
    Params(params::Params),
    Metrics(metrics::Metrics),
    Plots(plots::Plots),
    Commit(commit::Commit),
    Checkout(checkout::Checkout),
    Freeze(freeze::Freeze),
    Unfreeze(freeze::Unfreeze),
    Import(import::Import),
    Gc(gc::Gc),
    Verify(verify::Verify),
    Lock(lock::Lock),
    Config(config::Config),
    Root(root::Root),
    Doctor(doctor::Doctor),
    Completions(completions::Completions),
    Man(man::Man),
    Help(help::Help),
}

/// The widest help: longer lines are hard to read.
const WIDEST: usize = 100;

/// Returns the whole command line, with help as wide as the terminal but not wider than is good to read.
pub fn command(width: usize) -> clap::Command {
    Cli::command().term_width(width.min(WIDEST))
}
