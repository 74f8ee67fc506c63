//! `lockgate repro`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use lockgate_spanned::nearest;

use super::Ended;
use crate::cli::ask::{before_each_stage, check_can_ask};
use crate::cli::context::Context;
use crate::cli::settings;
use crate::cli::teller::{self, Form, Teller};
use crate::cli::trouble::Trouble;
use crate::config::{Config, Flag, Key, NoRemote, Setting};
use crate::engine::{
    AfterFailure, Asked, Force, Glimpse, Keeping, Links, Missing, NoPull, Project, RunCache, RunRequest, WhenBusy,
    WhenLost, Workspace,
};
use crate::event::{Event, Summary};
use crate::graph::{Reading, Scope, SelectError, Selection};
use crate::pipeline::Node;
use crate::report::plain::Detail;
use crate::report::{json, status};
use crate::sys::disk::write_outside;
use crate::words::Exit;
use crate::words::TaskId;

/// Bring outputs up to date: run what has changed, restore what is known, stop where a gate does not pass
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line are independent of each other")]
#[derive(Clone, Debug, Default, Args)]
#[command(after_help = "\
Examples:
  lockgate repro                  everything
  lockgate repro train            one stage and all that it needs
  lockgate repro train@a out.csv  a member of a group; the stage that makes a file
  lockgate repro --dry            say what would run, and why; exit 7 if something would
  lockgate repro -k -j 8          go on where a failure does not matter, eight tasks at a time
  lockgate repro --allow-missing --dry    in CI, without the data: is everything up to date?
  lockgate repro --pull           take what is missing from DVC's remote folder

A target is a stage, a gate, a group, an output, or a `.dvc` file, which means its data. Gates on what is selected always count.")]
pub struct Repro {
    /// What to bring up to date [default: everything]
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Tasks at a time, and the size of the `cpu` pool [default: the number of processors]
    #[arg(short, long, value_name = "N", value_parser = jobs)]
    pub jobs: Option<std::num::NonZeroUsize>,
    /// Run the targets and all upstream, even if they are fresh; frozen stages stay as they are
    #[arg(short, long)]
    pub force: bool,
    /// Run what reads the outputs of a stage that ran, even if it made the same again
    #[arg(long, conflicts_with_all = ["force", "single_item"])]
    pub force_downstream: bool,
    /// Ask before each stage; what is declined is left, with all that needs it
    #[arg(short, long, conflicts_with_all = ["dry", "json"])]
    pub interactive: bool,
    /// Only the targets, without what they need
    #[arg(short, long, conflicts_with_all = ["pipeline", "downstream"])]
    pub single_item: bool,
    /// Everything that is connected with the targets
    #[arg(short, long, conflicts_with = "downstream")]
    pub pipeline: bool,
    /// Everything, also what the pipeline file at hand does not ask for
    #[arg(short = 'P', long, conflicts_with_all = ["targets", "single_item", "downstream"])]
    pub all_pipelines: bool,
    /// Targets are folders: all stages that are declared or run below them
    #[arg(short = 'R', long, requires = "targets")]
    pub recursive: bool,
    /// Targets are shell-style patterns on names: `train*`, `fit-[ab]`
    #[arg(long, requires = "targets")]
    pub glob: bool,
    /// Go on with all that is not below a failure
    #[arg(short, long)]
    pub keep_going: bool,
    /// Go on below a failed stage too, with the outputs of its last success; the exit code is 1 all the same
    #[arg(long, conflicts_with = "keep_going")]
    pub ignore_errors: bool,
    /// Leave missing data away where nothing else has changed: it counts as what the lock says it was
    #[arg(long)]
    pub allow_missing: bool,
    /// The targets and all that is made of them
    #[arg(long, requires = "targets")]
    pub downstream: bool,
    /// Only say what would be done, and why
    #[arg(long)]
    pub dry: bool,
    /// Take what is missing from the default remote of DVC too, where that is a folder
    #[arg(long)]
    pub pull: bool,
    /// Do not take outputs from earlier runs
    #[arg(long)]
    pub no_run_cache: bool,
    /// Do not keep outputs in the store; `lockgate commit` does that later
    #[arg(long)]
    pub no_commit: bool,
    /// Give up at once when another run holds the workspace
    #[arg(long)]
    pub no_wait: bool,
    /// Keep dvc.lock and DVC's cache in step, for those who use DVC too
    #[arg(long)]
    pub write_dvc_lock: bool,
    /// The size of a named pool
    #[arg(long = "pool", value_name = "NAME=N")]
    pub pools: Vec<String>,
    /// Write a report of the run: `junit=FILE`
    #[arg(long, value_name = "KIND=FILE", value_parser = report)]
    pub report: Option<PathBuf>,
    /// Print the events of the run, one JSON value a line; with --dry, the plan as one
    #[arg(long)]
    pub json: bool,
    /// Of `checkout`: what turns out to be lost is not made again.
    #[arg(skip)]
    pub restore_only: bool,
    /// Of `checkout`: what happens is only counted.
    #[arg(skip)]
    pub summary: bool,
    /// Of `checkout`: outputs are placed anew.
    #[arg(skip)]
    pub relink: bool,
}

pub fn run(command: &Repro, context: &mut Context) -> Ended {
    if command.interactive {
        check_can_ask("`--interactive` asks before each stage", "leave it out, or name the stages to run as targets")?;
    }
    if command.dry {
        let (project, _) = command.look(context)?;
        let workspace = context.open_project(project)?;
        warn_of_idle_pools(command, context, &workspace);
        return dry(command, context, &workspace, &command.select(&workspace)?);
    }
    exit_of(&carry_out(command, context)?)
}

/// Returns the exit code of a run.
pub fn exit_of(summary: &Summary) -> Ended {
    Exit::from_code(summary.exit).ok_or_else(|| unreachable!("the engine ends with a code of the table"))
}

/// Brings up to date what is asked for, and tells of it.
pub fn carry_out(command: &Repro, context: &mut Context) -> Result<Summary, Trouble> {
    let (project, config) = command.look(context)?;
    let glimpse = command.glimpse(&project, &config);
    if let Some(summary) = nothing_to_do(&glimpse, context) {
        return Ok(summary);
    }
    let mut workspace = context.open_project(project)?.after(glimpse);
    warn_of_idle_pools(command, context, &workspace);
    let selection = command.select(&workspace)?;
    let chosen = selection.tasks().filter(|task| !selection.is_bystander(*task));
    let tasks: Vec<TaskId> = chosen.map(|task| workspace.pipeline().nodes[task.at()].id.clone()).collect();
    let request = command.request(selection, &config);
    let form = command.form();
    let mut teller = Teller::new(context, form, &tasks);
    if command.report.is_some() {
        teller.keep_junit();
    }
    let summary = workspace.run(&request, &mut |event| teller.hear(event)).map_err(|error| {
        let trouble = Trouble::from(error);
        teller.end_of_refused(trouble.exit);
        trouble
    })?;
    let report = teller.junit();
    if summary.exit == 0 {
        teller.lost()?;
    }
    if let (Some(text), Some(file)) = (report, &command.report) {
        write_outside(&context.folder.join(file), &text)?;
    }
    Ok(summary)
}

/// Warns of a pool that was given a size and of which no stage takes anything: its name is probably misspelled.
fn warn_of_idle_pools(command: &Repro, context: &mut Context, workspace: &Workspace) {
    let stages = workspace.pipeline().nodes.iter().filter_map(Node::stage);
    let taken: BTreeSet<&str> = stages.flat_map(|stage| stage.resources.0.keys()).map(String::as_str).collect();
    let named = command.pools.iter().filter_map(|pool| Some(pool.split_once('=')?.0));
    for pool in named.filter(|pool| *pool != "cpu" && !taken.contains(pool)) {
        let help = match nearest(pool, taken.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("a stage takes of it by `resources: {{{pool}: 1}}`"),
        };
        context.warn(format!("no stage takes anything of the pool `{pool}`"), Some(help));
    }
}

/// Tells that every task is fresh, if that is so and no task is to be named.
fn nothing_to_do(glimpse: &Glimpse, context: &mut Context) -> Option<Summary> {
    let counts = |summary: &&Summary| teller::detail(context.verbosity, summary.fresh) < Detail::Usual;
    let summary = glimpse.nothing_to_do.as_ref().filter(counts)?;
    let told = Event::RunFinished { run: String::new(), summary: summary.clone() };
    Teller::new(context, Form::People, &[]).hear(&told);
    Some(summary.clone())
}

/// The only kind there is needs no name once it was read.
fn report(text: &str) -> Result<PathBuf, String> {
    let file = text.strip_prefix("junit=").filter(|file| !file.is_empty());
    file.map(PathBuf::from).ok_or_else(|| "write `junit=FILE`: JUnit XML is the only kind".to_owned())
}

fn no_pull(why: &NoPull) -> Trouble {
    let help = match why {
        NoPull::NoRemote(NoRemote::None | NoRemote::NoUrl(_)) => "`dvc remote add -d NAME FOLDER` sets it".to_owned(),
        NoPull::NoRemote(NoRemote::NoDefault(names)) => {
            format!("`dvc remote default {}` makes it the default", names[0])
        }
        NoPull::Address(_) => {
            "`dvc fetch` brings its data into DVC's cache, and `lockgate repro` takes it from there".to_owned()
        }
        NoPull::Unreachable { .. } => "mount it, or leave `--pull` out".to_owned(),
    };
    Trouble::new(Exit::Usage, format!("`--pull` has nothing to take from: {why}")).help(help)
}

fn jobs(text: &str) -> Result<std::num::NonZeroUsize, String> {
    text.parse().map_err(|_| "it is not a whole number from 1".to_owned())
}

/// Prints the plan. What the disk does not have would stop the run before it starts, so it stops this as well.
fn dry(command: &Repro, context: &mut Context, workspace: &Workspace, selection: &Selection) -> Ended {
    let plan = workspace.plan_of_run(selection, command.asked()).map_err(Trouble::invalid)?;
    context.warn_of_doubts(workspace);
    if command.json {
        context.out.data(&json::page(&status::to_json(&plan)))?;
    } else {
        context.out.data(&status::render(&plan, context.data_style()))?;
        context.note(&status::footer(&plan));
    }
    Ok(if plan.is_fresh() { Exit::Done } else { Exit::NotUpToDate })
}

impl Repro {
    fn look(&self, context: &Context) -> Result<(Project, Config), Trouble> {
        let project = context.look()?;
        let config = settings::read(context, project.root(), &self.flags()?)?;
        let project = if self.pull { project.with_remote().map_err(|why| no_pull(&why))? } else { project };
        Ok((project.with_parsing(config.parsing()), config))
    }

    /// Looks at once whether there is anything to do, where that can be known without reading the pipeline.
    fn glimpse(&self, project: &Project, config: &Config) -> Glimpse {
        if !self.is_plain() {
            return Glimpse::default();
        }
        project.glimpse(config.jobs(), &config.pools(), settings::dvc_lock(config))
    }

    fn select(&self, workspace: &Workspace) -> Result<Selection, SelectError> {
        if self.all_pipelines {
            return workspace.select(&[], Scope::Upstream);
        }
        workspace.select_to_run(self.reading(), &self.targets, self.scope())
    }

    const fn scope(&self) -> Scope {
        if self.single_item {
            Scope::Single
        } else if self.downstream {
            Scope::Downstream
        } else if self.pipeline {
            Scope::Pipeline
        } else {
            Scope::Upstream
        }
    }

    const fn reading(&self) -> Reading {
        match (self.recursive, self.glob) {
            (false, false) => Reading::Name,
            (false, true) => Reading::Pattern,
            (true, false) => Reading::Folder,
            (true, true) => Reading::FolderOrPattern,
        }
    }

    const fn form(&self) -> Form {
        if self.json {
            Form::Json
        } else if self.summary {
            Form::Summary
        } else if self.interactive {
            Form::Lines
        } else {
            Form::People
        }
    }

    /// Whether it is a run of everything, told as counts, that takes what it can from where it can.
    fn is_plain(&self) -> bool {
        self.targets.is_empty() && self.asked() == Asked::default() && !self.dry && !self.json && self.report.is_none()
    }

    fn asked(&self) -> Asked {
        Asked {
            force: match (self.force, self.force_downstream) {
                (true, _) => Force::Selected,
                (false, true) => Force::Downstream,
                (false, false) => Force::No,
            },
            run_cache: if self.no_run_cache { RunCache::Ignore } else { RunCache::Use },
            missing: if self.allow_missing { Missing::Allowed } else { Missing::Made },
            links: if self.relink { Links::Renewed } else { Links::Left },
        }
    }

    fn flags(&self) -> Result<Vec<Flag>, Trouble> {
        let jobs = self.jobs.map(|jobs| Flag { name: "--jobs", key: Key::Jobs, setting: Setting::Count(jobs.get()) });
        let dvc_lock = settings::write_dvc_lock(self.write_dvc_lock);
        jobs.into_iter().chain(dvc_lock).map(Ok).chain(self.pools.iter().map(|pool| settings::pool(pool))).collect()
    }

    fn request(&self, selection: Selection, config: &Config) -> RunRequest {
        RunRequest {
            selection,
            asked: self.asked(),
            jobs: config.jobs(),
            pools: config.pools(),
            after_failure: match (self.ignore_errors, self.keep_going) {
                (true, _) => AfterFailure::Ignore,
                (false, true) => AfterFailure::KeepGoing,
                (false, false) => AfterFailure::Stop,
            },
            when_lost: if self.restore_only { WhenLost::Fail } else { WhenLost::Run },
            when_busy: if self.no_wait { WhenBusy::GiveUp } else { WhenBusy::Wait },
            grace: config.grace(),
            manner: settings::manner(config),
            keeping: if self.no_commit { Keeping::InPlace } else { Keeping::InStore },
            ask: self.interactive.then(before_each_stage),
            dvc_lock: settings::dvc_lock(config),
        }
    }
}
