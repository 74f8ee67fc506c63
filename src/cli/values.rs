//! The values of parameter and metrics files, in the workspace and in revisions of git.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use lockgate_spanned::Problems;
use serde_json::{Value as Json, json};

use super::context::Context;
use super::trouble::Trouble;
use crate::engine::{Side, Unreadable, Workspace};
use crate::manifest::{read_ordered, read_values};
use crate::pipeline::{Node, OutKind, Pipeline};
use crate::report::paint::{Ink, paint};
use crate::report::values::{Files, metrics, under};
use crate::sys::git::{Commit, Git, GitError};
use crate::words::text::{inert, list};
use crate::words::{Exit, RelPath};

/// The name of the state that is no revision.
pub const WORKSPACE: &str = "workspace";

/// The states of a project that are compared.
pub struct Sides<'a> {
    workspace: &'a Workspace,
    git: OnceCell<Rc<Git>>,
}

impl<'a> Sides<'a> {
    pub fn new(workspace: &'a Workspace) -> Self {
        Self { workspace, git: OnceCell::new() }
    }

    /// Returns the state called `name`: `workspace`, or a revision.
    pub fn named(&self, name: &str) -> Result<Side<'a>, Trouble> {
        if name == WORKSPACE {
            return Ok(Side::workspace(self.workspace));
        }
        let commit = self.git()?.commit(name)?;
        self.commit(commit)
    }

    pub fn commit(&self, commit: Commit) -> Result<Side<'a>, Trouble> {
        Ok(Side::commit(self.workspace, self.git()?, commit)?)
    }

    /// Returns the repository; commands that look at the workspace only do without one.
    pub fn git(&self) -> Result<&Rc<Git>, Trouble> {
        if let Some(git) = self.git.get() {
            return Ok(git);
        }
        let git = Rc::new(Git::open(self.workspace.root().path())?);
        Ok(self.git.get_or_init(|| git))
    }
}

impl From<GitError> for Trouble {
    fn from(error: GitError) -> Self {
        Self::new(Exit::Usage, error.to_string()).help(error.help())
    }
}

/// What is wanted of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    Whole,
    Keys(BTreeSet<String>),
}

/// What is wanted, by file.
pub type Wants = BTreeMap<RelPath, Wanted>;

/// Which parameters are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamsOf {
    /// All that the files have which the pipeline names.
    Files,
    /// Those that stages depend on.
    Stages,
}

/// Returns the parameters that a pipeline has.
pub fn params_of(pipeline: &Pipeline, which: ParamsOf) -> Wants {
    let mut wants = Wants::new();
    for (file, key) in pipeline.nodes.iter().flat_map(Node::named_params) {
        let wanted = wants.entry(file.clone()).or_insert_with(|| Wanted::Keys(BTreeSet::new()));
        match wanted {
            _ if key.is_empty() => *wanted = Wanted::Whole,
            Wanted::Keys(keys) => drop(keys.insert(key.clone())),
            Wanted::Whole => {}
        }
    }
    if which == ParamsOf::Files {
        wants.extend(pipeline.params.iter().map(|file| (file.clone(), Wanted::Whole)));
    }
    wants
}

/// Returns the files or folders that a pipeline declares as metrics.
pub fn metrics_of(pipeline: &Pipeline) -> Wants {
    let outs = pipeline.nodes.iter().flat_map(Node::outs).filter(|out| out.kind == OutKind::Metric);
    whole(outs.filter_map(|out| out.path.inside()).chain(pipeline.metrics.iter().map(|named| &named.path)))
}

/// Says which of the outs of a kind are left out of what follows: those outside of the project are in no revision.
pub fn note_outside(workspace: &Workspace, kind: OutKind, context: &mut Context) {
    let outs = workspace.pipeline().nodes.iter().flat_map(Node::outs).filter(|out| out.kind == kind);
    let outside = outs.filter_map(|out| out.path.outside()).map(|path| format!("`{path}`"));
    let outside: Vec<String> = outside.collect();
    if !outside.is_empty() {
        context.note(&format!("not shown, since outside of the project: {}\n", list(&outside)));
    }
}

fn whole<'p>(files: impl Iterator<Item = &'p RelPath>) -> Wants {
    files.map(|file| (file.clone(), Wanted::Whole)).collect()
}

/// Returns the paths that a user names from the folder `cwd`.
pub fn targets(cwd: &RelPath, targets: &[String]) -> Result<Wants, Trouble> {
    let path = |target: &String| {
        cwd.join(target).map_err(|error| {
            Trouble::usage(format!("`{target}` is not a path of this project: {error}"))
                .help("name a file inside the project")
        })
    };
    Ok(whole(targets.iter().map(path).collect::<Result<Vec<_>, _>>()?.iter()))
}

/// How a file is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum As {
    Params,
    Metrics,
}

/// What one state has, and what of it cannot be shown.
#[derive(Debug, Default)]
pub struct Values {
    pub files: Files,
    pub failures: Vec<Failure>,
}

/// A file that cannot be shown.
#[derive(Debug)]
pub struct Failure {
    /// As it is seen from the user's folder.
    pub file: String,
    pub why: Why,
}

#[derive(Debug)]
pub enum Why {
    Unreadable(Unreadable),
    Invalid(Problems),
    NotText,
    /// Its suffix is none of a plot's.
    NotAPlot,
    /// It is what the pipeline files of a revision are called, and they have mistakes.
    Mistaken,
}

impl Values {
    /// Reads what is wanted of `side`; paths are shown as seen from `cwd`.
    pub fn read(side: &Side<'_>, wants: &Wants, form: As, cwd: &RelPath) -> Self {
        let mut values = Self { failures: Failure::of_pipeline(side).into_iter().collect(), ..Self::default() };
        for (path, wanted) in wants {
            match side.read(path) {
                Err(why) => values.fail(path.seen_from(cwd), Why::Unreadable(why)),
                Ok(files) => {
                    // Of a folder, only what has values counts; a file that is named is meant.
                    for (file, bytes) in files.into_iter().filter(|(file, _)| file == path || has_values(file)) {
                        values.take(&file, bytes, wanted, form, cwd);
                    }
                }
            }
        }
        values
    }

    fn take(&mut self, file: &RelPath, bytes: Vec<u8>, wanted: &Wanted, form: As, cwd: &RelPath) {
        let shown = file.seen_from(cwd);
        let Ok(text) = String::from_utf8(bytes) else { return self.fail(shown, Why::NotText) };
        let read = match form {
            As::Params => read_values(file, &text).map(|value| value.to_json()),
            As::Metrics => read_ordered(file, &text).map(|value| metrics(value).unwrap_or_else(|| json!({}))),
        };
        match (read, wanted) {
            (Ok(value), Wanted::Whole) => drop(self.files.insert(shown, value)),
            (Ok(value), Wanted::Keys(keys)) => drop(self.files.insert(shown, under(&value, keys))),
            (Err(problems), _) => self.fail(shown, Why::Invalid(problems)),
        }
    }

    fn fail(&mut self, file: String, why: Why) {
        self.failures.push(Failure { file, why });
    }

    /// Whether the state has nothing at a path, not even something that cannot be shown.
    pub fn lacks(&self, file: &str) -> bool {
        self.failures.iter().any(|failure| failure.file == file && failure.is_absence())
    }

    /// Leaves out what another state has and cannot show.
    pub fn drop_unshown(&mut self, failures: &[Failure]) {
        self.files.retain(|file, _| !failures.iter().any(|failure| failure.file == *file && !failure.is_absence()));
    }

    /// Returns the values and what cannot be shown as DVC does: by file, under `data` or `error`.
    pub fn to_json(&self) -> Json {
        let mut files: BTreeMap<&str, Json> =
            self.files.iter().map(|(file, value)| (file.as_str(), json!({ "data": value }))).collect();
        files
            .extend(self.failures.iter().map(|failure| (failure.file.as_str(), json!({ "error": failure.to_json() }))));
        json!({ "data": files })
    }
}

impl Failure {
    /// Returns what is to be told of a state whose own pipeline file does not say what it declares.
    pub fn of_pipeline(side: &Side<'_>) -> Option<Self> {
        side.mistaken().map(|files| Self { file: files.to_owned(), why: Why::Mistaken })
    }

    pub fn is_absence(&self) -> bool {
        matches!(self.why, Why::Unreadable(Unreadable::Absent))
    }

    /// Says on standard error why the file of the state `name` is not shown.
    pub fn tell(&self, name: &str, context: &mut Context) -> Exit {
        let reason = match &self.why {
            Why::Invalid(problems) => {
                let style = context.style();
                context.out.say(&problems.render(style));
                return Exit::Invalid;
            }
            Why::Unreadable(why) => why.to_string(),
            Why::NotText => "it is not UTF-8 text".to_owned(),
            Why::NotAPlot => "plots are CSV, TSV, JSON, YAML, TOML and pictures".to_owned(),
            Why::Mistaken => "it has mistakes".to_owned(),
        };
        let help = match &self.why {
            Why::Unreadable(Unreadable::NotKept(_) | Unreadable::NotLocked) => {
                "check that revision out and run `lockgate repro` there to have it again"
            }
            Why::Unreadable(Unreadable::Absent) => "`lockgate repro` makes what stages make; the others are shown",
            Why::Mistaken => "the files that the workspace declares are looked for in its place",
            Why::Unreadable(_) | Why::Invalid(_) | Why::NotText | Why::NotAPlot => "the others are shown",
        };
        let warning = paint(context.style(), Ink::Caution, "warning");
        let (file, name) = (inert(&self.file), inert(name));
        context.note(&format!("{warning}: `{file}` of {name} cannot be used: {}\n  help: {help}\n", inert(&reason)));
        Exit::Done
    }

    pub fn to_json(&self) -> Json {
        let (kind, message) = match &self.why {
            Why::Unreadable(Unreadable::Absent) => ("absent", "it is not there".to_owned()),
            Why::Unreadable(why) => ("unreadable", why.to_string()),
            Why::Invalid(problems) => {
                ("invalid", problems.iter().next().map_or_else(String::new, |problem| problem.message().to_owned()))
            }
            Why::NotText => ("not-text", "it is not UTF-8 text".to_owned()),
            Why::Mistaken => ("mistaken", "it has mistakes".to_owned()),
            Why::NotAPlot => ("not-a-plot", "plots are CSV, TSV, JSON, YAML, TOML and pictures".to_owned()),
        };
        json!({ "type": kind, "msg": message })
    }
}

fn has_values(file: &RelPath) -> bool {
    let suffix = file.file_name().rsplit_once('.').map(|(_, suffix)| suffix);
    matches!(suffix, Some("json" | "yaml" | "yml" | "toml"))
}
