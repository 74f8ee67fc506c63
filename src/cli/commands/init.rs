//! `lockgate init`.

use clap::Args;

use super::Ended;
use crate::cli::context::Context;
use crate::sys::disk::{Durability, Root, prepare};
use crate::words::Exit;
use crate::words::RelPath;

/// Start a project here: `.lockgate`, and a first pipeline file if there is none
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
`lockgate repro` needs no init. A `dvc.yaml` that is there is read as it is.")]
pub struct Init {}

/// The first pipeline: it runs as it stands.
const FIRST: &str = "\
# Each stage says what it reads (`deps`, `params`) and what it makes (`outs`). `lockgate repro` runs what has changed.
stages:
  hello:
    cmd: echo hello > hello.txt
    outs: [hello.txt]

  # A gate judges data; whatever reads that data waits for it.
  not_empty:
    gate:
      data: hello.txt
      command: test -s hello.txt
";

pub fn run(_: &Init, context: &mut Context) -> Ended {
    let root = Root::open(&context.folder)?;
    prepare(&root)?;
    let file = |name| RelPath::parse(name).expect("the name is a plain one");
    for known in ["pipeline.yaml", "dvc.yaml"] {
        if root.stat(&file(known))?.is_some() {
            context.note(&format!(
                "`{known}` is here already and stays as it is; `lockgate status` says what would run\n"
            ));
            return Ok(Exit::Done);
        }
    }
    root.publish(&file("pipeline.yaml"), FIRST.as_bytes(), Durability::Later)?;
    context.note("wrote `pipeline.yaml`: look at it, then `lockgate repro`\n");
    Ok(Exit::Done)
}
