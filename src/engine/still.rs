//! The way out of a run that has nothing to do, without reading the pipeline.
//!
//! What is decided of a task follows from the texts, the records, what stands at the paths that it reads and makes, and the
//! variables that it declares. A run that finds every task fresh writes all of these down. While each of them is what it
//! was, the same decisions follow, and they need not be made again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::compiled::Compiled;
use super::decider::Asked;
use super::knowledge::Knowledge;
use super::project::Project;
use super::records::Records;
use super::repro::RunRequest;
use super::snapshot::Snapshot;
use super::transaction::below;
use crate::event::Summary;
use crate::lock::GateState;
use crate::observe::Observer;
use crate::pipeline::Node;
use crate::sys::clock::Stopwatch;
use crate::sys::disk::{FileLock, Layout, Root};
use crate::words::{Content, Digest, RelPath};

/// All that the decisions of a run followed from.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Still {
    file: RelPath,
    /// How many tasks there are at a time, and the capacities of the pools.
    capacities: (usize, BTreeMap<String, u64>),
    n_tasks: usize,
    texts: Vec<(RelPath, Option<Digest>)>,
    variables: BTreeMap<String, Option<Digest>>,
    /// The variables that must be set, whatever they are.
    secrets: Vec<String>,
    seen: Vec<(RelPath, Option<Content>)>,
}

const SNAPSHOT: Snapshot =
    Snapshot { name: "still.bin", version: concat!("lockgate still 1 ", env!("CARGO_PKG_VERSION"), "\n") };

impl Project {
    /// Returns the summary of a run of everything if there is nothing to do, as far as that is known without reading the
    /// pipeline. The fresh tasks are counted, not named.
    pub fn nothing_to_do(&self, jobs: usize, pools: &BTreeMap<String, u64>) -> Option<Summary> {
        let watch = Stopwatch::start();
        let _held = self.undisturbed()?;
        let still: Still = SNAPSHOT.read(&self.root)?;
        let same = still.file == self.file && still.capacities.0 == jobs && still.capacities.1 == *pools;
        let holds = same && still.holds(self);
        holds.then(|| Summary { fresh: still.n_tasks, elapsed_ms: watch.elapsed_ms(), ..Summary::default() })
    }

    /// Takes the workspace if no other run has it, and none has left something to be put right.
    fn undisturbed(&self) -> Option<FileLock> {
        if self.is_inside() || self.root.stat(&Layout::state()).ok()?.is_none() {
            return None;
        }
        let held = self.root.try_lock(&below(&Layout::home(), "run.lock")).ok()??;
        self.root.list(&Layout::tmp()).is_ok_and(|left| left.is_empty()).then_some(held)
    }
}

impl Still {
    fn holds(&self, project: &Project) -> bool {
        let digest = |name: &String| project.env.get(name).map(|value| Digest::of(value.as_bytes()));
        self.secrets.iter().all(|name| project.env.contains_key(name))
            && self.variables.iter().all(|(name, was)| digest(name) == *was)
            && self.texts.iter().all(|(path, was)| text(&project.root, path) == *was)
            && Observer::open(&project.root).stand_still(&self.seen)
    }
}

/// Whether a run of everything that came to `summary` was one that the next may repeat without deciding.
pub fn is_worth_keeping(
    request: &RunRequest,
    summary: &Summary,
    compiled: &Compiled,
    known: &Knowledge<'_>,
    records: &Records,
) -> bool {
    let n_tasks = known.pipeline.nodes.len();
    let warns = |node: &Node| {
        let verdict = records.lock().tasks.get(&node.id).and_then(|entry| entry.verdict.as_ref());
        verdict.is_some_and(|verdict| verdict.state != GateState::Pass)
    };
    request.asked == Asked::default()
        && compiled.warnings.is_empty()
        && summary.fresh == n_tasks
        && records.is_untouched()
        && !known.pipeline.nodes.iter().any(warns)
}

impl Still {
    /// Puts together what a run knew.
    pub fn of(request: &RunRequest, compiled: &Compiled, known: &Knowledge<'_>, records: &Records) -> Self {
        let nodes = &known.pipeline.nodes;
        let variables = nodes.iter().flat_map(|node| &node.env);
        let mut secrets: Vec<String> = nodes.iter().flat_map(|node| node.secrets.iter().cloned()).collect();
        secrets.sort_unstable();
        secrets.dedup();
        Self {
            file: known.pipeline.file.clone(),
            capacities: (request.jobs, request.pools.clone()),
            n_tasks: nodes.len(),
            texts: compiled.texts().iter().cloned().chain(records.texts()).collect(),
            variables: variables.map(|name| (name.clone(), known.variable(name))).collect(),
            secrets,
            seen: known.seen(),
        }
    }

    /// Writes it down, if that is not done already. It only saves time, so what fails here is not told.
    pub fn keep(&self, root: &Root) {
        if SNAPSHOT.read::<Self>(root).as_ref() != Some(self) {
            let _ = SNAPSHOT.write(root, self);
        }
    }
}

fn text(root: &Root, path: &RelPath) -> Option<Digest> {
    root.read(path).ok().map(|bytes| Digest::of(&bytes))
}
