//! `lockgate doctor`.

use clap::Args;

use super::Ended;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::trouble::Trouble;
use crate::cli::{project, settings};
use crate::report::paint::{Mark, mark};
use crate::sys::disk::{Cloned, Durability, Layout, Root};
use crate::sys::process::output_of;
use crate::words::RelPath;
use crate::words::text::bytes;

/// Look at the machine and the project, and say what is wrong with them
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Nothing is repaired; each finding says what to do. A file in `.lockgate/tmp` is written and removed."
)]
pub struct Doctor {}

/// One thing that was looked at.
struct Finding {
    mark: Mark,
    what: &'static str,
    found: String,
}

/// Below this much free space a run may well fail.
const LITTLE: u64 = 1 << 30;

pub fn run(_: &Doctor, context: &mut Context) -> Ended {
    let mut findings =
        vec![finding(Mark::Good, "lockgate", format!("{} on {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS))];
    let mut worst = vec![Exit::Done];
    match project::root(context) {
        Ok(root) => {
            findings.push(finding(Mark::Good, "project", root.path().display().to_string()));
            findings.extend(disk(&root, &mut worst));
            check(context, &mut findings, &mut worst, "settings", |context| {
                settings::read(context, &root, &[]).map(|_| "valid".to_owned())
            });
            check(context, &mut findings, &mut worst, "pipeline", pipeline);
            findings.push(git(&root));
        }
        Err(trouble) => note_trouble(&mut findings, &mut worst, "project", &trouble, context),
    }
    let style = context.data_style();
    for Finding { mark: sign, what, found } in &findings {
        context.out.data_line(&format!("{} {what:<9} {found}", mark(style, *sign)))?;
    }
    Ok(Exit::heaviest(&worst))
}

fn finding(mark: Mark, what: &'static str, found: String) -> Finding {
    Finding { mark, what, found }
}

fn check(
    context: &mut Context,
    findings: &mut Vec<Finding>,
    worst: &mut Vec<Exit>,
    what: &'static str,
    look: impl FnOnce(&mut Context) -> Result<String, Trouble>,
) {
    match look(context) {
        Ok(found) => findings.push(finding(Mark::Good, what, found)),
        Err(trouble) => note_trouble(findings, worst, what, &trouble, context),
    }
}

fn note_trouble(
    findings: &mut Vec<Finding>,
    worst: &mut Vec<Exit>,
    what: &'static str,
    trouble: &Trouble,
    context: &Context,
) {
    worst.push(trouble.exit);
    findings.push(finding(Mark::Bad, what, trouble.render(context.data_style()).trim_end().to_owned()));
}

fn pipeline(context: &mut Context) -> Result<String, Trouble> {
    let workspace = context.open()?;
    let n_tasks = crate::words::text::plural(workspace.pipeline().nodes.len(), "task");
    Ok(format!("{}, {n_tasks}, {} in the lock", workspace.pipeline().file, workspace.lock().tasks.len()))
}

fn disk(root: &Root, worst: &mut Vec<Exit>) -> Vec<Finding> {
    let mut findings = Vec::new();
    match root.space(&RelPath::root()) {
        Ok(space) => {
            let (sign, help) = if space.free_bytes < LITTLE {
                (Mark::Caution, ": little; `lockgate gc --dry` says what could go")
            } else {
                (Mark::Good, "")
            };
            let (free, total) = (bytes(space.free_bytes), bytes(space.total_bytes));
            findings.push(finding(sign, "disk", format!("{free} of {total} free{help}")));
        }
        Err(error) => findings.push(finding(Mark::Caution, "disk", error.to_string())),
    }
    match probe(root) {
        Ok(Cloned::Shared) => {
            findings.push(finding(Mark::Good, "placing", "by reflink: copies share their blocks".to_owned()))
        }
        Ok(Cloned::NotThese | Cloned::Never) => {
            let found = "by copy: the file system has no reflinks; `lockgate config cache.link hardlink` saves space";
            findings.push(finding(Mark::Good, "placing", found.to_owned()));
        }
        Err(trouble) => {
            worst.push(trouble.exit);
            findings.push(finding(
                Mark::Bad,
                "placing",
                trouble
                    .render(crate::report::Style {
                        width: 100,
                        colour: false,
                        charset: crate::report::Charset::Unicode,
                    })
                    .trim_end()
                    .to_owned(),
            ));
        }
    }
    findings
}

/// Writes a file into the folder of temporaries and asks for a reflink of it.
fn probe(root: &Root) -> Result<Cloned, Trouble> {
    crate::sys::disk::prepare(root)?;
    let path = Layout::tmp().join("doctor").expect("the name is a plain one");
    root.publish(&path, b"probe", Durability::Later)?;
    let cloned = root.open_source(&path).and_then(|from| {
        let (temp, to) = root.temp_file(&path, 0o600)?;
        let cloned = to.clone_from_source(&from);
        drop(temp);
        Ok(cloned)
    });
    root.remove(&path)?;
    Ok(cloned?)
}

fn git(root: &Root) -> Finding {
    let inside = output_of("git", &["rev-parse", "--is-inside-work-tree"], root.path());
    match inside {
        Ok(Some(_)) => {
            finding(Mark::Good, "git", "the project is in a repository: commit `pipeline.lock` with it".to_owned())
        }
        Ok(None) => finding(
            Mark::Caution,
            "git",
            "the project is in no repository: nothing can be compared with earlier states".to_owned(),
        ),
        Err(error) => finding(Mark::Caution, "git", format!("cannot be started: {error}")),
    }
}
