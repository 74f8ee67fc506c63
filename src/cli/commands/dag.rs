//! `lockgate dag`.

use clap::{Args, ValueEnum};

use super::Ended;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::graph::{Graph, Scope, Selection};
use crate::pipeline::Pipeline;
use crate::report::dag::{Picture, dot, markdown, mermaid, to_json, tree};
use crate::report::json::page;
use crate::words::{Exit, RelPath};

/// Draw the graph
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are independent of each other")]
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate dag                        a tree: what is indented waits for what is above
  lockgate dag train                  only what `train` needs; with --full also what needs it
  lockgate dag --dot | dot -Tsvg      a picture, by Graphviz
  lockgate dag --md >> README.md      a picture, by GitHub and GitLab
  lockgate dag --collapse-foreach-matrix    one box for all members of a group")]
pub struct Dag {
    /// Only this and all that it needs [default: everything]
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// The form [default: tree]
    #[arg(long, value_name = "FORM")]
    format: Option<Format>,
    /// The same as --format dot
    #[arg(long, conflicts_with_all = ["format", "mermaid", "md"])]
    dot: bool,
    /// The same as --format mermaid
    #[arg(long, conflicts_with_all = ["format", "md"])]
    mermaid: bool,
    /// The same as --format md: Mermaid as a block of Markdown
    #[arg(long, conflicts_with = "format")]
    md: bool,
    /// The same as --format json
    #[arg(long, conflicts_with_all = ["format", "dot", "mermaid", "md"])]
    json: bool,
    /// Draw outputs instead of stages
    #[arg(short, long)]
    outs: bool,
    /// Everything that is connected with the targets
    #[arg(long)]
    full: bool,
    /// Draw the members of a `foreach` or `matrix` as one
    #[arg(long, conflicts_with = "outs")]
    collapse_foreach_matrix: bool,
}

/// The values of `--format`.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Tree,
    Dot,
    Mermaid,
    Md,
    Json,
}

pub fn run(command: &Dag, context: &mut Context) -> Ended {
    let workspace = context.open()?;
    let scope = if command.full { Scope::Pipeline } else { Scope::Upstream };
    let selection = workspace.select(&command.targets, scope)?;
    if selection.is_empty() && !selection.data().is_empty() {
        let way =
            |file: &RelPath| format!("`lockgate dag --full {file}` draws what reads it and is connected with that");
        return Err(Trouble::no_task(selection.data(), way));
    }
    let picture = command.picture(workspace.pipeline(), workspace.graph(), &selection);
    let text = match command.format() {
        Format::Tree => tree(&picture, context.data_style()),
        Format::Dot => dot(&picture),
        Format::Mermaid => mermaid(&picture),
        Format::Md => markdown(&picture),
        Format::Json => page(&to_json(&picture)),
    };
    context.out.data(&text)?;
    Ok(Exit::Done)
}

impl Dag {
    fn picture(&self, pipeline: &Pipeline, graph: &Graph, selection: &Selection) -> Picture {
        if self.outs {
            return Picture::of_outs(pipeline, graph, selection);
        }
        let picture = Picture::of_tasks(pipeline, graph, selection);
        if self.collapse_foreach_matrix { picture.collapsed() } else { picture }
    }

    fn format(&self) -> Format {
        let short = [
            (self.dot, Format::Dot),
            (self.mermaid, Format::Mermaid),
            (self.md, Format::Md),
            (self.json, Format::Json),
        ];
        let short = short.into_iter().find(|(given, _)| *given).map(|(_, format)| format);
        self.format.or(short).unwrap_or(Format::Tree)
    }
}
