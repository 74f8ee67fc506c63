//! Stages, gates and the pipeline that holds them.

use std::collections::BTreeMap;
use std::time::Duration;

use lockgate_forms::TextForms;
use lockgate_kinds::Kind;
use serde::{Deserialize, Serialize};

use super::files::Files;
use super::plot::{Drawing, Plot};
use super::tracked::Tracked;
use super::value::Value;
use crate::words::{GateState, NodeName, Place, RelPath, Spot, TaskId};

/// Everything that the files of a pipeline declare, file by file in the order of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pipeline {
    pub files: Files,
    /// One node per task: a stage or gate at one partition key.
    pub nodes: Vec<Node>,
    /// Files whose parameters count as a whole, whether a stage names them or not: `params.yaml` beside the pipeline file,
    /// those of `vars`, and those of the top-level `params`.
    pub params: Vec<RelPath>,
    /// Files named by the top-level `metrics`, beside those that stages declare.
    pub metrics: Vec<NamedFile>,
    /// What the top-level `plots` declares, beside the plots of stages.
    pub plots: Vec<Plot>,
    /// Data that `.dvc` files track.
    pub tracked: Vec<Tracked>,
}

/// A file with the place that names it, which is told and is no part of what is declared.
#[derive(Clone, Debug, Eq, Serialize, Deserialize)]
pub struct NamedFile {
    pub path: RelPath,
    /// The pipeline file and the line in it: `dvc.yaml:3`.
    pub place: String,
}

impl PartialEq for NamedFile {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path
    }
}

impl Pipeline {
    /// Returns the file that declares `task`.
    pub fn file_of(&self, task: &TaskId) -> &RelPath {
        self.files.in_folder(&task.folder).expect("a task is made of the file in its folder")
    }
}

/// Whose rules the file follows where the two differ, such as the shell that runs commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flavour {
    /// `pipeline.yaml`: `/bin/sh`.
    Native,
    /// `dvc.yaml`: the user's `$SHELL`, as DVC does.
    Dvc,
}

/// A stage or a gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    pub id: TaskId,
    pub desc: Option<String>,
    /// Nodes that must have passed or been published before this one starts; never part of its key.
    pub needs: Vec<NodeName>,
    /// What the node reads besides a gate's data: files or folders, in declared order, without duplicates.
    pub deps: Vec<Dep>,
    /// The parameters it names, with their values, sorted by file and key.
    pub params: Vec<Param>,
    /// The parameters it names of files that stages make, in declared order: they have values once the files are made.
    pub made_params: Vec<MadeParams>,
    /// The folder its commands run in.
    pub wdir: RelPath,
    /// Names of environment variables whose values enter the key.
    pub env: Vec<String>,
    /// Names of environment variables that are passed, and never hashed or printed.
    pub secrets: Vec<String>,
    pub timeout: Option<Duration>,
    pub work: Work,
}

impl Node {
    pub fn name(&self) -> &NodeName {
        &self.id.name
    }

    /// Returns the stage, or `None` for a gate.
    pub fn stage(&self) -> Option<&Stage> {
        match &self.work {
            Work::Stage(stage) => Some(stage),
            Work::Gate(_) => None,
        }
    }

    /// Returns the gate, or `None` for a stage.
    pub fn gate(&self) -> Option<&Gate> {
        match &self.work {
            Work::Gate(gate) => Some(gate),
            Work::Stage(_) => None,
        }
    }

    /// Returns the outs of a stage; a gate has none.
    pub fn outs(&self) -> &[Out] {
        self.stage().map_or(&[], |stage| &stage.outs)
    }

    /// Returns what the node reads: its deps, then the data that it judges, then the files of parameters that stages make.
    pub fn inputs(&self) -> impl Iterator<Item = Input<'_>> {
        let deps =
            self.deps.iter().map(|dep| Input { path: dep.path.spot(), need: Need::Dep { optional: dep.optional } });
        let data = self.gate().into_iter().flat_map(|gate| &gate.data);
        let data = data.map(|path| Input { path: path.into(), need: Need::Data });
        let params = self.made_params.iter().map(|made| Input { path: (&made.file).into(), need: Need::Params });
        deps.chain(data).chain(params)
    }

    /// Returns the parameters that it names by file and key, those whose values are known first.
    pub fn named_params(&self) -> impl Iterator<Item = (&RelPath, &String)> {
        let known = self.params.iter().map(|param| (&param.file, &param.key));
        known.chain(self.made_params.iter().flat_map(|made| made.keys.iter().map(move |key| (&made.file, key))))
    }

    /// Returns the parameters whose values are known before anything is made.
    pub fn known_params(&self) -> ParamValues {
        let mut params = ParamValues::new();
        for Param { file, key, value } in &self.params {
            params.entry(file.clone()).or_default().insert(key.clone(), value.clone());
        }
        params
    }
}

/// A file or folder that a node reads, whatever for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input<'n> {
    pub path: Spot<'n>,
    pub need: Need,
}

/// What a node reads something for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Dep {
        optional: bool,
    },
    /// A gate judges it.
    Data,
    /// It has values of parameters, and a stage makes it.
    Params,
}

impl Need {
    /// Whether the node goes on when it is missing.
    pub const fn is_optional(self) -> bool {
        matches!(self, Self::Dep { optional: true })
    }
}

/// What a node does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Work {
    Stage(Stage),
    Gate(Gate),
}

/// A step that runs commands and makes outputs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// The commands, run one after the other until one fails.
    pub cmd: Vec<String>,
    pub outs: Vec<Out>,
    pub frozen: bool,
    pub always_changed: bool,
    pub degraded: Degraded,
    pub when: Option<When>,
    pub retry: Retry,
    pub resources: Resources,
}

/// What a stage does with inputs that came through a gate which failed and let them pass as degraded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Degraded {
    /// It runs, and what it makes is marked as they are.
    #[default]
    Run,
    /// It stands aside until they are good again.
    Skip,
}

/// How many verdicts of a gate are remembered.
pub const MOST_VERDICTS: u32 = 10;

/// What the verdicts of a gate must have been for a stage to be done anew; until then it stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct When {
    pub gate: NodeName,
    /// Any of these.
    pub states: Vec<GateState>,
    /// So many of the last verdicts, at least 1.
    pub consecutive: u32,
}

/// A file or folder that a node reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dep {
    pub path: Place,
    /// Whether it may be missing: a gate that finds no reference says so in its verdict.
    pub optional: bool,
}

/// A file or folder that a stage makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Out {
    /// Outside of the project only what is not cached.
    pub path: Place,
    pub kind: OutKind,
    /// Whether its content is kept in the store.
    pub cache: bool,
    /// Whether it stays in place while its stage runs, so that the stage can add to it.
    pub persist: bool,
    /// Whether a remote receives it.
    pub push: bool,
    pub notes: OutNotes,
}

/// What an out is declared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum OutKind {
    Data,
    Metric,
    Plot,
}

/// What people and other tools read of an out; nothing of it enters a key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OutNotes {
    pub desc: Option<String>,
    pub kind: Option<String>,
    pub labels: Vec<String>,
    pub meta: Option<Value>,
    /// The ways in which a plot is drawn; none says nothing of it.
    pub drawings: Vec<Drawing>,
}

/// One named parameter of a file, with its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Param {
    pub file: RelPath,
    /// The dotted key, or empty for the whole file.
    pub key: String,
    pub value: Value,
}

/// Values of parameters by file and dotted key; that of the empty key is the whole file.
pub type ParamValues = BTreeMap<RelPath, BTreeMap<String, Value>>;

/// What a node names of one file of parameters that a stage makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeParams {
    pub file: RelPath,
    /// Dotted keys, sorted; the empty one alone is the whole file.
    pub keys: Vec<String>,
}

/// How often and after which causes a failed attempt is repeated.
///
/// The wait before attempt `n` is drawn evenly from 0 to `min(cap, backoff × 2ⁿ⁻¹)` (full jitter).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retry {
    /// Attempts in all, at least 1.
    pub attempts: u32,
    pub backoff: Duration,
    pub cap: Duration,
    pub on: Vec<Cause>,
}

impl Default for Retry {
    fn default() -> Self {
        let on = vec![Cause::Exit, Cause::Timeout, Cause::Signal];
        Self { attempts: 1, backoff: Duration::from_secs(1), cap: Duration::from_secs(60), on }
    }
}

/// Why an attempt failed, as far as a retry cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// A non-zero exit status.
    Exit,
    Timeout,
    /// The command was ended by a signal.
    Signal,
}

/// What a task takes of the pools while it runs: `cpu` in slots, `mem` in bytes, any other pool in its own unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resources(pub BTreeMap<String, u64>);

/// A node that judges data and blocks its consumers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// Outs, paths inside outs, or source files; several are judged together.
    pub data: Vec<RelPath>,
    pub kind: GateKind,
    /// How the tables are written that it reads: the data of a gate that measures, and what its rules or settings name.
    pub forms: TextForms,
    pub on_fail: OnFail,
    /// The line of the pipeline file that says how it judges, for messages.
    pub line: usize,
}

/// What follows when the data fails, or is too little to judge by. An error always blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnFail {
    /// What waits for the verdict does not run.
    #[default]
    Block,
    /// And nothing else of the run is started.
    Halt,
    /// What reads the data goes on, and is marked as degraded, as is all that is made of it.
    Degrade,
    /// It is told, and the data passes.
    Warn,
}

impl GateKind {
    /// Whether the verdict depends on more than what the gate reads, so that it is never kept.
    pub fn is_volatile(&self) -> bool {
        match self {
            Self::Schema { .. } => false,
            Self::Command { volatile, .. } => *volatile,
            Self::Measured(measured) => measured.kind.reads_clock(),
        }
    }

    /// Returns the key under which the kind stands in the pipeline file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Schema { .. } => "schema",
            Self::Command { .. } => "command",
            Self::Measured(measured) => measured.kind.name(),
        }
    }

    /// Returns the file of a schema gate's rules.
    pub fn schema(&self) -> Option<&RelPath> {
        match self {
            Self::Schema { file, .. } => Some(file),
            Self::Command { .. } | Self::Measured(_) => None,
        }
    }

    /// Returns the file with which the gate compares and which a command writes, for kinds that have one.
    pub fn reference(&self) -> Option<&str> {
        match self {
            Self::Schema { .. } | Self::Command { .. } => None,
            Self::Measured(measured) => measured.kind.reference(),
        }
    }

    /// Returns the commands that the gate runs: its own, or those of the stage that it runs again.
    pub fn commands(&self) -> &[String] {
        match self {
            Self::Schema { .. } => &[],
            Self::Command { cmd, .. } => cmd,
            Self::Measured(measured) => measured.rerun.as_ref().map_or(&[], |rerun| &rerun.cmd),
        }
    }
}

/// How a gate judges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum GateKind {
    /// The rules of a schema file, in one of its environments if it is named; `tables` are those that rules refer to.
    Schema { file: RelPath, environment: Option<String>, tables: Vec<(String, RelPath)> },
    /// Exit status 0 passes; `volatile` verdicts are never cached.
    Command { cmd: Vec<String>, volatile: bool },
    /// Measured and held against limits; a leakage gate runs a stage again for that.
    Measured(Box<Measured>),
}

/// How a gate measures, and what it runs for that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    pub kind: Kind,
    /// The stage that a leakage gate runs again.
    pub rerun: Option<Rerun>,
}

/// A stage as a leakage gate runs it again, in a copy: what it runs, and all that it makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rerun {
    pub cmd: Vec<String>,
    pub outs: Vec<RelPath>,
}
