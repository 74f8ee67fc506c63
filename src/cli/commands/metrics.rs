//! `lockgate metrics`.

use clap::{Args, Subcommand};
use serde_json::{Map, Value as Json};

use super::Ended;
use super::compare::{Compare, Compared, Folders, no_such_file, refuse_folders, worse};
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::cli::values::{As, Sides, Values, WORKSPACE, Wants, metrics_of, note_outside, targets};
use crate::engine::{Side, Workspace};
use crate::pipeline::{Node, OutKind, Tracked};
use crate::report::json::page;
use crate::report::values::{Files, long_table, wide_table};
use crate::sys::git::Commit;
use crate::words::Exit;

/// Show and compare metrics
#[derive(Clone, Debug, Args)]
pub struct Metrics {
    #[command(subcommand)]
    part: Part,
}

#[derive(Clone, Debug, Subcommand)]
enum Part {
    Show(Show),
    Diff(Diff),
}

/// Show the metrics of the workspace, and of revisions of git
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate metrics show                    what the pipeline declares as metrics
  lockgate metrics show -a                 and the same of every branch
  lockgate metrics show --rev v1 --rev v2  and of two tags
  lockgate metrics show reports -R --md    every file of a folder, in Markdown

A metric that git does not have is taken from the store, if the store still has what that revision's lock names.")]
pub struct Show {
    /// Files to show, also when the pipeline does not name them [default: all metrics]
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// Show also every branch
    #[arg(short = 'a', long)]
    all_branches: bool,
    /// Show also every tag
    #[arg(short = 'T', long)]
    all_tags: bool,
    /// Show also every commit
    #[arg(short = 'A', long)]
    all_commits: bool,
    /// Show also this revision
    #[arg(long = "rev", value_name = "REV")]
    revisions: Vec<String>,
    /// Take the JSON, YAML and TOML files of a TARGET that is a folder
    #[arg(short = 'R', long)]
    recursive: bool,
    /// Round to N digits after the point
    #[arg(long, value_name = "N", default_value_t = PRECISION)]
    precision: usize,
    /// Print a table in Markdown
    #[arg(long, conflicts_with = "json")]
    md: bool,
    /// Print JSON: revision, `data`, file, `data`
    #[arg(long)]
    json: bool,
}

/// Show which metrics differ between two revisions of git, or one and the workspace
#[derive(Clone, Debug, Args)]
#[command(after_help = "\
Examples:
  lockgate metrics diff                    HEAD and the workspace
  lockgate metrics diff main --md          main and the workspace, in Markdown
  lockgate metrics diff v1 v2 --all        of two tags, also what is the same
  lockgate metrics diff --targets m.json   any file, whether the pipeline names it or not

A metric that git does not have is taken from the store, if the store still has what that revision's lock names.")]
pub struct Diff {
    #[command(flatten)]
    compare: Compare,
    /// Take the JSON, YAML and TOML files of a target that is a folder
    #[arg(short = 'R', long)]
    recursive: bool,
    /// Round to N digits after the point
    #[arg(long, value_name = "N", default_value_t = PRECISION)]
    precision: usize,
}

/// What DVC rounds to.
const PRECISION: usize = 5;

pub fn run(command: &Metrics, context: &mut Context) -> Ended {
    let workspace = context.open()?;
    note_outside(&workspace, OutKind::Metric, context);
    match &command.part {
        Part::Show(command) => command.run(context, &workspace),
        Part::Diff(command) => {
            let compared = Compared {
                form: As::Metrics,
                declared: &metrics_of,
                folders: folders(command.recursive),
                title: "Metric",
                without: "",
                precision: Some(command.precision),
            };
            command.compare.run(context, &workspace, &compared)
        }
    }
}

fn folders(recursive: bool) -> Folders {
    if recursive { Folders::Taken } else { Folders::Refused }
}

/// The metrics of one state, with all the names under which it was asked for.
struct Shown {
    names: Vec<String>,
    values: Values,
}

impl Show {
    fn run(&self, context: &mut Context, workspace: &Workspace) -> Ended {
        let named = targets(workspace.cwd(), &self.targets)?;
        if folders(self.recursive) == Folders::Refused {
            refuse_folders(workspace, &named)?;
        }
        let shown = self.read(workspace, &named)?;
        for target in named.keys().map(|path| path.seen_from(workspace.cwd())) {
            if shown.iter().all(|shown| shown.values.lacks(&target)) {
                return Err(no_such_file(&target));
            }
        }
        if self.json {
            context.out.data(&page(&self.to_json(&shown)))?;
        } else {
            self.draw(context, &shown)?;
        }
        if metrics_of(workspace.pipeline()).is_empty() && named.is_empty() {
            context.note("the pipeline declares no metrics\n");
        }
        Ok(tell(workspace, context, &shown))
    }

    /// Whether other states than the workspace were asked for.
    fn asks_git(&self) -> bool {
        self.all_branches || self.all_tags || self.all_commits || !self.revisions.is_empty()
    }

    fn read(&self, workspace: &Workspace, named: &Wants) -> Result<Vec<Shown>, Trouble> {
        let sides = Sides::new(workspace);
        let read = |side: &Side<'_>| {
            let wants = if named.is_empty() { &metrics_of(side.pipeline()) } else { named };
            Values::read(side, wants, As::Metrics, workspace.cwd())
        };
        let mut shown = vec![Shown { names: vec![WORKSPACE.to_owned()], values: read(&Side::workspace(workspace)) }];
        if !self.asks_git() {
            return Ok(shown);
        }
        for (commit, names) in self.commits(&sides)? {
            shown.push(Shown { names, values: read(&sides.commit(commit)?) });
        }
        // What the present branch shows need not be shown twice.
        let branch = sides.git()?.branch()?;
        let is_branch = |shown: &&Shown| branch.as_ref().is_some_and(|branch| shown.names.contains(branch));
        let same = shown[1..]
            .iter()
            .find(is_branch)
            .is_some_and(|branch| branch.values.files == shown[0].values.files && branch.values.failures.is_empty());
        if same && shown[0].values.failures.is_empty() {
            shown.remove(0);
        }
        Ok(shown)
    }

    /// Returns the commits that were asked for in the order of asking, each once with all its names.
    fn commits(&self, sides: &Sides<'_>) -> Result<Vec<(Commit, Vec<String>)>, Trouble> {
        let git = sides.git()?;
        let mut asked = Vec::new();
        for revision in &self.revisions {
            asked.push((revision.clone(), git.commit(revision)?));
        }
        if self.all_commits {
            asked.extend(git.commits()?.into_iter().map(|commit| (commit.to_string(), commit)));
        }
        if self.all_branches {
            asked.extend(git.branches()?);
        }
        if self.all_tags {
            asked.extend(git.tags()?);
        }
        let mut commits: Vec<(Commit, Vec<String>)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for (name, commit) in asked {
            let place = *places.entry(commit.clone()).or_insert_with(|| {
                commits.push((commit.clone(), Vec::new()));
                commits.len() - 1
            });
            // A commit that has a name is not called by its hash.
            let names = &mut commits[place].1;
            names.retain(|known| *known != commit.to_string());
            if !names.contains(&name) && (names.is_empty() || name != commit.to_string()) {
                names.push(name);
            }
        }
        Ok(commits)
    }

    fn draw(&self, context: &mut Context, shown: &[Shown]) -> Result<(), Trouble> {
        let revisions: Vec<(String, Files)> =
            shown.iter().map(|shown| (shown.names.join(","), shown.values.files.clone())).collect();
        if revisions.iter().all(|(_, files)| files.is_empty()) {
            return Ok(());
        }
        let hide = if self.asks_git() { "" } else { "Revision" };
        let wide = wide_table(&revisions, Some(self.precision)).without(hide);
        let text = if self.md {
            wide.markdown()
        } else if wide.width() <= context.data_style().width {
            wide.render(context.data_style())
        } else {
            long_table(&revisions, Some(self.precision)).without(hide).render(context.data_style())
        };
        Ok(context.out.data(&text)?)
    }

    /// As in DVC, the workspace alone has no name.
    fn to_json(&self, shown: &[Shown]) -> Json {
        let name = |shown: &Shown| if self.asks_git() { shown.names.join(",") } else { String::new() };
        Json::Object(shown.iter().map(|shown| (name(shown), shown.values.to_json())).collect::<Map<_, _>>())
    }
}

fn tell(workspace: &Workspace, context: &mut Context, shown: &[Shown]) -> Exit {
    let mut exit = Exit::Done;
    for Shown { names, values } in shown {
        let name = names.join(",");
        for failure in &values.failures {
            if !failure.is_absence() {
                exit = worse(exit, failure.tell(&name, context));
            } else if name == WORKSPACE {
                let next = way_to(workspace, &failure.file);
                context.note(&format!("`{}` is not there: {next}\n", failure.file));
            }
        }
    }
    exit
}

/// Returns how a file comes to be that is not there; `file` is as it is seen from the user's folder.
fn way_to(workspace: &Workspace, file: &str) -> String {
    let pipeline = workspace.pipeline();
    let Ok(path) = workspace.cwd().join(file) else { return "nothing makes it".to_owned() };
    let mut outs = pipeline.nodes.iter().flat_map(Node::outs);
    if outs.any(|out| out.path.overlaps(&path)) {
        return "`lockgate repro` makes it".to_owned();
    }
    let tracks = |tracked: &&Tracked| tracked.outs.iter().any(|out| out.path.overlaps(&path));
    if let Some(Tracked { file, .. }) = pipeline.tracked.iter().find(tracks) {
        return format!("`lockgate checkout {}` puts it in place", file.seen_from(workspace.cwd()));
    }
    let named = pipeline.metrics.iter().find(|named| named.path == path);
    let place = named.map(|named| format!(", and `{}` names it", named.place)).unwrap_or_default();
    format!("no stage makes it{place}")
}
