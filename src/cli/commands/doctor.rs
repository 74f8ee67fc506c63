//! `lockgate doctor`.

use clap::Args;
use serde_json::{Value, json};

use super::Ended;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::cli::{project, settings};
use crate::report::json::page;
use crate::report::paint::{Mark, mark};
use crate::sys::disk::{Cloned, Durability, Layout, Root, prepare};
use crate::sys::git::{Git, GitError};
use crate::words::Exit;
use crate::words::RelPath;
use crate::words::text::{bytes, plural};

/// Look at the machine and the project, and say what is wrong with them
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Nothing is repaired; each finding says what to do. A file in `.lockgate/tmp` is written and removed.")]
pub struct Doctor {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What a look at one thing came to.
enum Finding {
    Good(String),
    /// Worth knowing, and no reason to fail.
    Caution(String),
    Bad(Trouble),
}

/// Below this much free space a run may well fail.
const LITTLE: u64 = 1 << 30;

pub fn run(command: &Doctor, context: &mut Context) -> Ended {
    let version = format!("{} on {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS);
    let mut findings = vec![("lockgate", Finding::Good(version))];
    match project::root(context) {
        Err(trouble) => findings.push(("project", Finding::Bad(trouble))),
        Ok(root) => findings.extend([
            ("project", Finding::Good(root.path().display().to_string())),
            ("disk", space(&root)),
            ("placing", placing(&root)),
            ("settings", valid(settings::read(context, &root, &[]).map(|_| "valid".to_owned()))),
            ("pipeline", valid(pipeline(context))),
            ("git", git(&root)),
        ]),
    }
    if command.json {
        context.out.data(&page(&to_json(&findings)))?;
    } else {
        show(&findings, context)?;
    }
    let bad =
        findings.iter().filter_map(|(_, finding)| if let Finding::Bad(why) = finding { Some(why.exit) } else { None });
    Ok(Exit::heaviest(&std::iter::once(Exit::Done).chain(bad).collect::<Vec<_>>()))
}

fn show(findings: &[(&str, Finding)], context: &mut Context) -> std::io::Result<()> {
    let style = context.data_style();
    for (what, finding) in findings {
        let (sign, text) = match finding {
            Finding::Good(text) => (Mark::Good, text.clone()),
            Finding::Caution(text) => (Mark::Caution, text.clone()),
            Finding::Bad(trouble) => (Mark::Bad, trouble.render(style)),
        };
        let line = format!("{} {what:<9} {text}", mark(style, sign));
        context.show(&format!("{}\n", line.trim_end()))?;
    }
    Ok(())
}

fn to_json(findings: &[(&str, Finding)]) -> Value {
    let told = |(what, finding): &(&str, Finding)| {
        let (is, text) = match finding {
            Finding::Good(text) => ("good", text.clone()),
            Finding::Caution(text) => ("caution", text.clone()),
            Finding::Bad(trouble) => ("bad", trouble.message()),
        };
        json!({ "what": what, "is": is, "text": text })
    };
    json!({ "v": 1, "findings": findings.iter().map(told).collect::<Vec<_>>() })
}

fn valid(looked: Result<String, Trouble>) -> Finding {
    looked.map_or_else(Finding::Bad, Finding::Good)
}

fn pipeline(context: &mut Context) -> Result<String, Trouble> {
    let workspace = context.open()?;
    let n_tasks = plural(workspace.pipeline().nodes.len(), "task");
    Ok(format!("{}, {n_tasks}, {} in the lock", workspace.pipeline().files.title(), workspace.lock().tasks.len()))
}

fn space(root: &Root) -> Finding {
    match root.space(&RelPath::root()) {
        Err(error) => Finding::Bad(error.into()),
        Ok(space) => {
            let free = format!("{} of {} free", bytes(space.free_bytes), bytes(space.total_bytes));
            if space.free_bytes < LITTLE {
                Finding::Caution(format!("{free}, which is little: `lockgate gc -w --dry` says what could go"))
            } else {
                Finding::Good(free)
            }
        }
    }
}

fn placing(root: &Root) -> Finding {
    match probe(root) {
        Err(trouble) => Finding::Bad(trouble),
        Ok(Cloned::Shared) => Finding::Good("by reflink: copies share their blocks".to_owned()),
        Ok(Cloned::NotThese | Cloned::Never) => Finding::Good(
            "no reflinks on this file system: by copy, or as `lockgate config cache.link` says".to_owned(),
        ),
    }
}

/// Writes a file into the folder of temporaries and asks for a reflink of it.
fn probe(root: &Root) -> Result<Cloned, Trouble> {
    prepare(root)?;
    let path = Layout::tmp().join("doctor").expect("the name is a plain one");
    root.publish(&path, b"probe", Durability::Later)?;
    let (_temp, to) = root.temp_file(&path, 0o600)?;
    let cloned = to.clone_from_source(&root.open_source(&path)?);
    root.remove(&path)?;
    Ok(cloned)
}

fn git(root: &Root) -> Finding {
    match Git::open(root.path()) {
        Ok(_) => Finding::Good("the project is in a repository: commit `pipeline.lock` with it".to_owned()),
        Err(GitError::NoRepository) => {
            Finding::Caution("in no repository: nothing can be compared with earlier states".to_owned())
        }
        Err(error) => Finding::Caution(format!("{error}; {}", error.help())),
    }
}
