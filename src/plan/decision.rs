//! Decisions, their reasons, and the plan that holds them.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::due::Held;
use crate::fingerprint::{Change, Field, Label};
use crate::lock::Verdict;
use crate::words::text::list;
use crate::words::{Content, Place, RelPath, TaskId};

/// What is done with a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "do")]
pub enum Decision {
    /// Nothing: the recipe equals the locked one and the outputs are in place, or a gate's verdict is known and passes.
    Fresh,
    /// Nothing, whatever its inputs are: its condition does not hold.
    Held(Held),
    /// Nothing is run: another tool has recorded that this work was done, and all that it names stands here. It becomes ours.
    Adopt { reasons: Vec<Reason> },
    /// The outputs are known by digest and are placed from the store.
    Restore { from: Origin, reasons: Vec<Reason> },
    /// The commands are run, or the gate judges.
    Run { reasons: Vec<Reason> },
    /// An input is not known before the named tasks have run.
    Pending { on: Vec<TaskId> },
    /// A gate's verdict is known for this data and does not pass.
    Refused { verdict: Verdict },
    /// It cannot go on.
    Blocked { by: Vec<Blocker> },
}

/// Where restored outputs come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The lock names them.
    Lock,
    /// The same recipe was run before.
    RunCache,
    /// They were made and refused before; their gates judge them again.
    Refused,
    /// dvc.lock names them, and DVC's cache has them.
    DvcCache,
}

/// Why a task is run or restored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Reason {
    NeverRun,
    Changed(Change),
    OutMissing {
        path: Place,
    },
    OutEdited {
        path: Place,
        was: Content,
        now: Content,
    },
    NotInStore {
        path: Place,
    },
    Forced,
    AlwaysChanged,
    NothingToCompare,
    Volatile,
    /// It is placed anew although it is what it should be.
    Relinked {
        path: Place,
    },
    /// dvc.lock names the same command, inputs, parameters and outputs.
    DvcLock,
    /// It was never run, and what dvc.lock knows is of something else.
    NotAsDvcKnows {
        what: String,
    },
    /// The gate was asked before and could not judge.
    EndedInError {
        why: String,
    },
}

/// What a blocked task waits for in vain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Blocker {
    /// A gate refused the data.
    Gate { gate: TaskId },
    /// A task that makes an input failed.
    Failed { task: TaskId },
    /// A task that makes an input is blocked itself.
    Blocked { task: TaskId },
    /// A dep is not there and nothing makes it.
    MissingDep { path: Place },
    /// A dep is a folder, and something that belongs into it is not there.
    MissingPart { dep: Place, part: Place },
    /// A dep is not here, and the run was asked not to bring it back.
    NotHere { path: Place },
    /// The parameters that it names in a file which this task makes have no values.
    Params { file: RelPath, maker: TaskId, message: String },
    /// A dep lies in a folder that is not here and of which the store has no listing.
    Unlisted { path: Place },
    /// A person said no.
    Declined,
    /// A frozen stage's output is gone and is not in the store.
    FrozenOutMissing { path: Place },
    /// Its inputs are degraded by these gates, and it does not run on such.
    Degraded { gates: BTreeSet<String> },
    /// The workspace could not be read.
    Unreadable { message: String },
}

/// The decisions for all selected tasks, in an order in which each stands after what it waits for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub tasks: Vec<Planned>,
    /// Data that a file tracks: what is put in place before anything runs, and all that was named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<Datum>,
}

/// A file or folder that a `.dvc` file tracks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Datum {
    pub path: RelPath,
    pub tracked_by: RelPath,
    pub state: DatumState,
}

/// How data stands. What stands in the workspace is what counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatumState {
    AsRecorded,
    /// It is another version than the one that is recorded.
    Edited,
    /// It is missing, and comes back before anything runs.
    Returns,
    /// It is missing, and DVC's cache has nothing sound of it.
    Lost,
}

impl DatumState {
    /// Whether there is nothing to be done.
    pub const fn is_settled(self) -> bool {
        match self {
            Self::AsRecorded | Self::Edited => true,
            Self::Returns | Self::Lost => false,
        }
    }

    /// Returns the word of listings.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AsRecorded | Self::Edited => "fresh",
            Self::Returns => "restore",
            Self::Lost => "blocked",
        }
    }
}

/// One task's decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    pub task: TaskId,
    pub decision: Decision,
    /// The gates through which what it makes is degraded.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub degraded: BTreeSet<String>,
}

impl Plan {
    /// Whether nothing would be done.
    pub fn is_fresh(&self) -> bool {
        self.data.iter().all(|datum| datum.state.is_settled())
            && self.tasks.iter().all(|planned| planned.decision.is_settled())
    }

    pub fn get(&self, task: &TaskId) -> Option<&Decision> {
        self.tasks.iter().find(|planned| planned.task == *task).map(|planned| &planned.decision)
    }
}

impl Decision {
    /// Whether nothing is to be done, and what the task made is what it should be.
    pub const fn is_settled(&self) -> bool {
        match self {
            Self::Fresh | Self::Held(_) | Self::Adopt { .. } => true,
            Self::Restore { .. }
            | Self::Run { .. }
            | Self::Pending { .. }
            | Self::Refused { .. }
            | Self::Blocked { .. } => false,
        }
    }

    /// Whether commands may run or a gate may judge, once the data is here.
    pub fn works(&self) -> bool {
        match self {
            Self::Run { .. } | Self::Pending { .. } => true,
            Self::Blocked { by } => by.iter().any(|blocker| matches!(blocker, Blocker::NotHere { .. })),
            Self::Fresh | Self::Held(_) | Self::Adopt { .. } | Self::Restore { .. } | Self::Refused { .. } => false,
        }
    }

    /// Whether what the task makes is made anew, or taken from where it was made under another key than the lock's.
    pub const fn makes_anew(&self) -> bool {
        match self {
            Self::Run { .. } | Self::Restore { from: Origin::RunCache | Origin::Refused, .. } => true,
            Self::Restore { from: Origin::Lock | Origin::DvcCache, .. }
            | Self::Fresh
            | Self::Held(_)
            | Self::Adopt { .. }
            | Self::Pending { .. }
            | Self::Refused { .. }
            | Self::Blocked { .. } => false,
        }
    }

    /// Returns the reasons, if the decision has some.
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Adopt { reasons } | Self::Restore { reasons, .. } | Self::Run { reasons } => reasons,
            Self::Fresh | Self::Held(_) | Self::Pending { .. } | Self::Refused { .. } | Self::Blocked { .. } => &[],
        }
    }

    /// Returns the word of listings.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Held(_) => "held",
            Self::Adopt { .. } => "adopt",
            Self::Restore { .. } => "restore",
            Self::Run { .. } => "run",
            Self::Pending { .. } => "may run",
            Self::Refused { .. } => "refused",
            Self::Blocked { .. } => "blocked",
        }
    }
}

impl Reason {
    /// Returns the out that is missing, edited or to be placed anew, if the reason is that.
    pub fn differing_out(&self) -> Option<&Place> {
        match self {
            Self::OutMissing { path } | Self::OutEdited { path, .. } | Self::Relinked { path } => Some(path),
            Self::NeverRun
            | Self::Changed(_)
            | Self::NotInStore { .. }
            | Self::Forced
            | Self::AlwaysChanged
            | Self::NothingToCompare
            | Self::Volatile
            | Self::DvcLock
            | Self::NotAsDvcKnows { .. }
            | Self::EndedInError { .. } => None,
        }
    }

    /// Returns why a gate could not judge when it was last asked, if the reason is that.
    pub fn error(&self) -> Option<&str> {
        match self {
            Self::EndedInError { why } => Some(why),
            Self::NeverRun
            | Self::Changed(_)
            | Self::OutMissing { .. }
            | Self::OutEdited { .. }
            | Self::NotInStore { .. }
            | Self::Forced
            | Self::AlwaysChanged
            | Self::NothingToCompare
            | Self::Volatile
            | Self::Relinked { .. }
            | Self::DvcLock
            | Self::NotAsDvcKnows { .. } => None,
        }
    }

    /// Returns the out that was edited, what it was, and what it is now, if the reason is that.
    pub fn edit(&self) -> Option<(&Place, &Content, &Content)> {
        if let Self::OutEdited { path, was, now } = self { Some((path, was, now)) } else { None }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverRun => f.write_str("it has no entry in the lock"),
            Self::Changed(change) => write_change(f, change),
            Self::OutMissing { path } => write!(f, "out `{path}` is missing"),
            Self::OutEdited { path, was, now } => {
                write!(f, "out `{path}` was changed after it was published: {} -> {}", was.short(), now.short())
            }
            Self::NotInStore { path } => write!(f, "out `{path}` is not in the store"),
            Self::Forced => f.write_str("it was forced"),
            Self::AlwaysChanged => f.write_str("it is declared `always_changed`"),
            Self::NothingToCompare => f.write_str("it has neither deps nor outs, so it always runs"),
            Self::Relinked { path } => write!(f, "out `{path}` is placed anew"),
            Self::Volatile => f.write_str("its verdict depends on the moment, so it is never kept"),
            Self::DvcLock => f.write_str("dvc.lock knows it: this command, these inputs, parameters and outputs"),
            Self::NotAsDvcKnows { what } => {
                write!(f, "not as in dvc.lock: {what}")
            }
            Self::EndedInError { why } => write!(f, "it ended in error when it was last asked: {why}"),
        }
    }
}

fn write_change(f: &mut fmt::Formatter<'_>, change: &Change) -> fmt::Result {
    let Change { label, was, now } = change;
    match (was, now) {
        (Some(Field::Lines(was)), Some(Field::Lines(now))) if *label == Label::Command => {
            write!(f, "command changed: `{}` -> `{}`", was.join("` then `"), now.join("` then `"))
        }
        (Some(was), Some(now)) => write!(f, "{label} changed: {was} -> {now}"),
        (None, Some(now)) => write!(f, "{label} is new: {now}"),
        (Some(was), None) => write!(f, "{label} is gone (was {was})"),
        (None, None) => write!(f, "{label}"),
    }
}

impl fmt::Display for Blocker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gate { gate } => write!(f, "gate `{gate}` does not pass"),
            Self::Failed { task } => write!(f, "`{task}` failed"),
            Self::Blocked { task } => write!(f, "`{task}` is blocked"),
            Self::MissingDep { path } => write!(f, "dep `{path}` does not exist"),
            Self::MissingPart { dep, part } => write!(f, "`{part}`, which belongs into dep `{dep}`, is missing"),
            Self::NotHere { path } => {
                write!(f, "dep `{path}` is missing; without `--allow-missing` it is restored or made first")
            }
            Self::Params { file, maker, message } => {
                write!(f, "it reads parameters of `{file}`, which `{maker}` makes: {message}")
            }
            Self::Unlisted { path } => {
                write!(f, "dep `{path}` lies in a folder that is missing, and the store has no listing of that folder")
            }
            Self::Declined => f.write_str("it was declined"),
            Self::FrozenOutMissing { path } => {
                write!(f, "out `{path}` of a frozen stage is missing and is not in the store")
            }
            Self::Degraded { gates } => {
                let gates: Vec<String> = gates.iter().map(|gate| format!("`{gate}`")).collect();
                write!(f, "its inputs are degraded by {}, and it says `degraded: skip`", list(&gates))
            }
            Self::Unreadable { message } => f.write_str(message),
        }
    }
}
