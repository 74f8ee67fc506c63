//! `lockgate init`.

use std::path::PathBuf;

use clap::Args;

use super::Ended;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::sys::disk::{Durability, Root, prepare};
use crate::sys::git::{Git, GitError};
use crate::words::Exit;
use crate::words::RelPath;
use crate::words::text::with_lines;
use crate::{dvclock, lock};

/// Start a project here: `.lockgate`, and a first pipeline file if there is none
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
`lockgate repro` needs no init. A `dvc.yaml` that is there, or in a folder below, is read as it is. A folder of a project
is no project of its own: its stages would be hidden from the others.

With --merge-driver, git merges locks by `lockgate lock merge`: a line in `.gitattributes` says so to everybody, and a
setting of this clone says how. Each clone needs that setting, so each runs `lockgate init --merge-driver` once, anywhere in
the project.")]
pub struct Init {
    /// Have git merge locks entry by entry, in this clone
    #[arg(long)]
    merge_driver: bool,
}

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

pub fn run(command: &Init, context: &mut Context) -> Ended {
    let here = Root::open(&context.folder)?;
    let root = context.enclosing()?.unwrap_or_else(|| here.clone());
    let is_part = root.path() != here.path();
    if is_part && !command.merge_driver {
        return Err(part_of(&root, &here));
    }
    prepare(&root)?;
    if command.merge_driver {
        install_merge_driver(&root, &here, context)?;
    }
    if is_part { Ok(Exit::Done) } else { start(&root, context) }
}

/// Writes the first pipeline file where nothing is declared yet.
fn start(root: &Root, context: &mut Context) -> Ended {
    for known in ["pipeline.yaml", "dvc.yaml"] {
        if root.stat(&file(known))?.is_some() {
            context.note(&format!(
                "`{known}` is here already and stays as it is; `lockgate status` says what would run\n"
            ));
            return Ok(Exit::Done);
        }
    }
    if root.stat(&file(".dvc"))?.is_some() || is_project(root, context) {
        context.note(
            "this is a project already; `lockgate stage list --all` shows its stages, `lockgate stage add` adds one\n",
        );
        return Ok(Exit::Done);
    }
    root.publish(&file("pipeline.yaml"), FIRST.as_bytes(), Durability::Later)?;
    context.note("wrote `pipeline.yaml`: look at it, then `lockgate repro`\n");
    Ok(Exit::Done)
}

/// Says that a folder belongs to a project: one of its own would hide from it what is declared outside.
fn part_of(root: &Root, here: &Root) -> Trouble {
    let message = format!("`{}` is part of the project in `{}`", here.path().display(), root.path().display());
    Trouble::usage(message).help(
        "nothing was written; `lockgate stage list --all` shows the stages of the project; `mkdir .lockgate` makes this folder \
         a project of its own",
    )
}

/// Whether a folder below this one has a pipeline, which a file here would hide.
fn is_project(root: &Root, context: &Context) -> bool {
    context.look().is_ok_and(|project| project.root().path() == root.path())
}

fn file(name: &str) -> RelPath {
    RelPath::parse(name).expect("the name is a plain one")
}

/// What git is told of the driver; it puts the three files and the path in.
const DRIVER: [(&str, &str); 2] = [
    ("merge.lockgate.name", "lockgate: locks, entry by entry"),
    ("merge.lockgate.driver", "lockgate lock merge %O %A %B --path %P"),
];

const ATTRIBUTES: &str = ".gitattributes";

fn install_merge_driver(root: &Root, here: &Root, context: &mut Context) -> Result<(), Trouble> {
    let git = Git::open(root.path()).map_err(|error| no_git(&error))?;
    DRIVER.iter().try_for_each(|(setting, value)| git.set(setting, value)).map_err(|error| no_git(&error))?;
    let path = file(ATTRIBUTES);
    let before = if root.stat(&path)?.is_some() { root.read_to_string(&path)? } else { String::new() };
    let is_of_dvc = root.stat(&file(".dvc"))?.is_some() || root.stat(&file("dvc.yaml"))?.is_some();
    let names = std::iter::once(lock::FILE_NAME).chain(is_of_dvc.then_some(dvclock::FILE_NAME));
    let after = with_lines(&before, names.map(|name| format!("{name} merge=lockgate")));
    if after != before {
        root.publish(&path, after.as_bytes(), Durability::Later)?;
    }
    let shown = if root.path() == here.path() { PathBuf::from(ATTRIBUTES) } else { path.under(root.path()) };
    context.note(&format!("git merges locks by `lockgate lock merge` in this clone; commit `{}`\n", shown.display()));
    Ok(())
}

fn no_git(error: &GitError) -> Trouble {
    let help = match error {
        GitError::NotStarted(_) => "install git; a merge driver is a setting of it",
        GitError::NoRepository => "`git init` makes it one; a merge driver is a setting of it",
        GitError::NoCommits | GitError::NoRevision(_) | GitError::Failed { .. } => error.help(),
    };
    Trouble::usage(error.to_string()).help(help)
}
