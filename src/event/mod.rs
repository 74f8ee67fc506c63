//! The one ordered stream in which a run tells what happens. The journal, the progress display, the plain lines and
//! `--json` are consumers of it; nothing else leaves the engine.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::lock::Verdict;
use crate::plan::{Blocker, Decision};
use crate::words::GateState;
use crate::words::{RelPath, TaskId};

/// The version of the stream's format, the `v` of each line.
pub const VERSION: u32 = 1;

/// One thing that happened. Times and durations are in milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    RunStarted {
        run: String,
        tasks: usize,
        jobs: usize,
    },
    /// Another run holds the workspace.
    Waiting {
        holder: String,
    },
    /// What an earlier run left half done was put right.
    Recovered {
        message: String,
    },
    /// Data that was missing was put in place, as a file that tracks it records it.
    Placed {
        path: RelPath,
        tracked_by: RelPath,
    },
    /// Something that does not stop the run, and what to do about it.
    Warning {
        message: String,
        help: Option<String>,
    },
    /// Bytes hashed so far of what must be hashed; only sent for long work.
    Hashing {
        path: RelPath,
        done: u64,
        total: u64,
    },
    Decided {
        task: TaskId,
        decision: Decision,
    },
    Started {
        task: TaskId,
        attempt: u32,
        log: RelPath,
    },
    Retrying {
        task: TaskId,
        attempt: u32,
        attempts: u32,
        delay_ms: u64,
        cause: String,
    },
    /// A stage's outputs were published, or a stage or gate was found fresh.
    Done {
        task: TaskId,
        how: How,
        elapsed_ms: u64,
        saved_ms: u64,
        /// The gates through which what it made is degraded.
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        degraded: BTreeSet<String>,
    },
    Judged {
        task: TaskId,
        verdict: Verdict,
        how: How,
        elapsed_ms: u64,
        report: Option<GateReport>,
        /// Where the pipeline file says how the gate judges, `pipeline.yaml:12`.
        #[serde(default)]
        place: String,
        /// What people have allowed that counts for it, and what does not count any more, a line each.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        allowed: Vec<String>,
    },
    Failed {
        task: TaskId,
        failure: Failure,
        elapsed_ms: u64,
    },
    /// A candidate did not pass its gates; the last good outputs are back in place.
    Refused {
        task: TaskId,
        by: Vec<TaskId>,
        quarantine: Option<RelPath>,
    },
    Blocked {
        task: TaskId,
        by: Vec<Blocker>,
    },
    /// It was not started, because the run stopped before.
    Skipped {
        task: TaskId,
    },
    Interrupted {
        signal: i32,
        #[serde(default)]
        urgency: Urgency,
    },
    RunFinished {
        run: String,
        summary: Summary,
    },
}

/// How a task came to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    Fresh,
    /// As it was: its condition does not hold.
    Held,
    Ran,
    Restored,
    /// Done before by another tool, and ours from here on.
    Adopted,
}

/// What a gate found, for people: the lines of its screen and where the evidence is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GateReport {
    /// What was judged, in one line: path, digest, rows and columns.
    pub data: Vec<String>,
    /// The rules, in the form of the gate's kind, as JSON.
    pub details: serde_json::Value,
    /// The rules drawn for a terminal of the usual width.
    pub screen: String,
    /// The rules one by one; a command gate has none.
    pub rules: Vec<RuleFound>,
    /// What was measured, by name, with six significant digits.
    pub metrics: BTreeMap<String, String>,
    /// The log of a command gate.
    pub log: Option<RelPath>,
}

/// One rule and what was found of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleFound {
    /// What it is about and what it asks: `amount range 0..10`.
    pub name: String,
    /// `schemas/orders.yaml:6`
    pub citation: String,
    pub observed: String,
    /// What it means for the whole verdict: a rule that may only warn never fails.
    pub state: GateState,
}

/// Why a task failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    pub cause: FailureCause,
    /// One line that reads after "stage `x`".
    pub message: String,
    pub help: Option<String>,
    pub log: Option<RelPath>,
    /// The last lines of its output.
    pub tail: Vec<String>,
    pub before: Before,
}

/// What became of the outputs that a failed task had before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// There were none.
    None,
    /// They were not touched.
    Untouched,
    /// They are in their places again.
    Back,
    /// They are set aside, and the next run puts them back.
    Aside,
}

/// The kind of a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCause {
    Exit {
        status: i32,
    },
    Signal {
        signal: i32,
    },
    Timeout,
    NotStarted,
    OutMissing,
    InputChanged,
    /// Its outputs could not be stored or published, or the disk failed.
    Io,
    /// A disk, or what a quota gives of it, was full when lockgate wrote `path`.
    DiskFull {
        path: String,
    },
    Interrupted,
}

/// How an interruption ends running tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// They are asked to end, and killed after a while.
    #[default]
    Gently,
    /// They are killed.
    AtOnce,
}

/// The counts of a finished run, and its exit code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub ran: usize,
    pub restored: usize,
    /// Taken over from what another tool has recorded, without running anything.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub adopted: usize,
    pub fresh: usize,
    pub failed: usize,
    /// Gates that did not pass, and candidates they refused.
    pub refused: usize,
    pub blocked: usize,
    pub skipped: usize,
    /// Of those that ran, were restored or are fresh: how many of them on degraded inputs.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub degraded: usize,
    pub elapsed_ms: u64,
    /// What the restored and fresh tasks took when they last ran.
    pub saved_ms: u64,
    pub exit: u8,
}

impl GateReport {
    /// Returns the rules that do not let the data pass.
    pub fn failed(&self) -> impl Iterator<Item = &RuleFound> {
        self.rules.iter().filter(|rule| !rule.state.lets_pass())
    }

    /// Says what kept a gate from judging.
    pub fn of_error(data: Vec<String>, message: &str) -> Self {
        let details = serde_json::json!({ "error": message });
        let screen = format!("      {message}\n");
        Self { data, details, screen, rules: Vec::new(), metrics: BTreeMap::new(), log: None }
    }

    /// Whether there is something to show of a verdict in this state.
    pub fn is_worth_showing(state: GateState) -> bool {
        state != GateState::Pass
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}
