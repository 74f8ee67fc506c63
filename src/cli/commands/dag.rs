//! `lockgate dag`.

use clap::{Args, ValueEnum};

use super::Ended;
use crate::cli::context::Context;
use crate::graph::Scope;
use crate::report::dag::{Picture, dot, mermaid, to_json, tree};
use crate::report::json::page;
use crate::words::Exit;

/// Draw the graph
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are independent of each other")]
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate dag                        a tree: what is indented waits for what is above
  lockgate dag train                  only what `train` needs
  lockgate dag --dot | dot -Tsvg      a picture, by Graphviz")]
pub struct Dag {
    /// Only this and all that it needs [default: everything]
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// The form [default: tree]
    #[arg(long, value_name = "FORM")]
    format: Option<Format>,
    /// The same as --format dot
    #[arg(long, conflicts_with_all = ["format", "mermaid"])]
    dot: bool,
    /// The same as --format mermaid
    #[arg(long, conflicts_with = "format")]
    mermaid: bool,
    /// The same as --format json
    #[arg(long, conflicts_with_all = ["format", "dot", "mermaid"])]
    json: bool,
    /// Draw outputs instead of stages
    #[arg(short, long)]
    outs: bool,
}

/// The values of `--format`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Tree,
    Dot,
    Mermaid,
    Json,
}

pub fn run(command: &Dag, context: &mut Context) -> Ended {
    let workspace = context.open()?;
    let selection = workspace.select(&command.targets, Scope::Upstream)?;
    let (pipeline, graph) = (workspace.pipeline(), workspace.graph());
    let picture = if command.outs {
        Picture::of_outs(pipeline, graph, &selection)
    } else {
        Picture::of_tasks(pipeline, graph, &selection)
    };
    let text = match command.format() {
        Format::Tree => tree(&picture, context.data_style()),
        Format::Dot => dot(&picture),
        Format::Mermaid => mermaid(&picture),
        Format::Json => page(&to_json(&picture)),
    };
    context.out.data(&text)?;
    Ok(Exit::Done)
}

impl Dag {
    fn format(&self) -> Format {
        let short = [(self.dot, Format::Dot), (self.mermaid, Format::Mermaid), (self.json, Format::Json)];
        let short = short.into_iter().find(|(given, _)| *given).map(|(_, format)| format);
        self.format.or(short).unwrap_or(Format::Tree)
    }
}
