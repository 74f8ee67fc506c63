//! The stage programs of the example pipeline: one binary, one subcommand and one file per stage.
//!
//! Every setting comes in as a flag and every table as a path, so that `pipeline.yaml` shows all that a stage depends on.
//! A stage writes its outputs whole or not at all, says in one line what it made, and exits 1 with a next step when it
//! cannot. Outputs are the same bytes on every machine, with any number of threads, in any profile.

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::StageError;

mod check_model;
mod classification_models;
mod clean;
mod elo;
mod error;
mod evaluate;
mod features;
mod form;
mod layout;
mod load_data_from_sources;
mod logit;
mod matches;
mod model;
mod predict;
mod samples;
mod scores;
mod table;

/// Predicts football matches: the stage programs of the example pipeline.
#[derive(Debug, Parser)]
#[command(name = "football", version)]
struct Cli {
    #[command(subcommand)]
    stage: Stage,
}

#[derive(Debug, Subcommand)]
enum Stage {
    LoadDataFromSources(load_data_from_sources::Args),
    Clean(clean::Args),
    Features(features::Args),
    ClassificationModels(classification_models::Args),
    Evaluate(evaluate::Args),
    CheckModel(check_model::Args),
    Predict(predict::Args),
}

impl Stage {
    fn run(&self) -> Result<String, StageError> {
        match self {
            Self::LoadDataFromSources(args) => load_data_from_sources::run(args),
            Self::Clean(args) => clean::run(args),
            Self::Features(args) => features::run(args),
            Self::ClassificationModels(args) => classification_models::run(args),
            Self::Evaluate(args) => evaluate::run(args),
            Self::CheckModel(args) => check_model::run(args),
            Self::Predict(args) => predict::run(args),
        }
    }
}

fn main() -> ExitCode {
    // A reader that closed the pipe does not change what the stage made, so a failed write is no failure of the stage.
    match Cli::parse().stage.run() {
        Ok(made) => {
            let _ = writeln!(std::io::stdout(), "{made}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}\n  help: {}", error.help());
            ExitCode::FAILURE
        }
    }
}
