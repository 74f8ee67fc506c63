//! `lockgate params`.

use clap::{Args, Subcommand};

use super::Ended;
use super::compare::{Compare, Compared, Folders};
use crate::cli::context::Context;
use crate::cli::values::{As, ParamsOf, params_of};

/// Compare parameters
#[derive(Clone, Debug, Args)]
pub struct Params {
    #[command(subcommand)]
    part: Part,
}

#[derive(Clone, Debug, Subcommand)]
enum Part {
    Diff(Diff),
}

/// Show which parameters differ between two revisions of git, or one and the workspace
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate params diff                     HEAD and the workspace
  lockgate params diff main                main and the workspace
  lockgate params diff v1 v2 --deps        of two tags, only what stages depend on
  lockgate params diff --targets lr.toml   any file, whether the pipeline names it or not

Compared are `params.yaml`, the files of `vars` and of the top-level `params`, and what stages name under `params`.")]
pub struct Diff {
    #[command(flatten)]
    compare: Compare,
    /// Only parameters that stages depend on
    #[arg(long)]
    deps: bool,
    /// Round to N digits after the point [default: all there are]
    #[arg(long, value_name = "N")]
    precision: Option<usize>,
}

pub fn run(command: &Params, context: &mut Context) -> Ended {
    let Part::Diff(command) = &command.part;
    let workspace = context.open()?;
    let which = if command.deps { ParamsOf::Stages } else { ParamsOf::Files };
    let compared = Compared {
        form: As::Params,
        declared: &|pipeline| params_of(pipeline, which),
        folders: Folders::Refused,
        title: "Param",
        without: "Change",
        precision: command.precision,
    };
    command.compare.run(context, &workspace, &compared)
}
