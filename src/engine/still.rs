//! The way out of a run that has nothing to do, without reading the pipeline.
//!
//! A task is fresh while the texts, the records, what stands at the paths that it reads and makes, and the variables that it
//! declares are what they were at its last success. A run of everything that ends well writes all of these down. While each
//! of them is what it was, every task is fresh, and nothing has to be read or decided to know that.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::compiled::{Compiled, digest_of};
use super::dvcwrite::DvcLockUse;
use super::evidence::lock_path;
use super::project::Project;
use super::records::Records;
use super::repro::RunRequest;
use super::snapshot::Snapshot;
use crate::event::Summary;
use crate::lock::Lock;
use crate::observe::{Observer, Trust};
use crate::pipeline::{Files, Node, Work};
use crate::sys::clock::Stopwatch;
use crate::sys::disk::{FileLock, Layout, Root};
use crate::words::GateState;
use crate::words::{Content, Digest, Place, RelPath, Spot};

/// All that must be as it was for every task to be fresh.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Still {
    files: Files,
    /// How many tasks there are at a time, and the capacities of the pools.
    capacities: (usize, BTreeMap<String, u64>),
    /// Whether dvc.lock was kept in step; its text is then among the texts.
    keeps_dvc_lock: bool,
    n_tasks: usize,
    texts: Vec<(RelPath, Option<Digest>)>,
    variables: BTreeMap<String, Option<Digest>>,
    seen: Vec<(Place, Option<Content>)>,
}

const SNAPSHOT: Snapshot =
    Snapshot { name: "still.bin", version: concat!("lockgate still 5 ", env!("CARGO_PKG_VERSION"), "\n") };

impl Project {
    /// Returns the summary of a run of everything if there is nothing to do, as far as that is known without reading the
    /// pipeline. The fresh tasks are counted, not named.
    pub fn nothing_to_do(&self, jobs: usize, pools: &BTreeMap<String, u64>, dvc_lock: DvcLockUse) -> Option<Summary> {
        let watch = Stopwatch::start();
        let _held = self.undisturbed()?;
        let still: Still = SNAPSHOT.read(&self.root)?;
        let same = still.files == self.files && still.capacities.0 == jobs && still.capacities.1 == *pools;
        let same = same && still.keeps_dvc_lock == (dvc_lock == DvcLockUse::Keep);
        let holds = same && still.holds(self);
        holds.then(|| Summary { fresh: still.n_tasks, elapsed_ms: watch.elapsed_ms(), ..Summary::default() })
    }

    /// Takes the workspace if no other run has it, and none has left something to be put right.
    fn undisturbed(&self) -> Option<FileLock> {
        if self.is_inside() || self.root.stat(&Layout::state()).ok()?.is_none() {
            return None;
        }
        let held = self.root.try_lock(&Layout::run_lock()).ok()??;
        self.root.list(&Layout::tmp()).is_ok_and(|left| left.is_empty()).then_some(held)
    }
}

impl Still {
    fn holds(&self, project: &Project) -> bool {
        self.variables.iter().all(|(name, was)| value_of(&project.env, name) == *was)
            && self.texts.iter().all(|(path, was)| digest_of(&project.root, path) == *was)
            && self.stands_in(&project.root)
    }

    /// Whether at every path stands what was seen. What had to be hashed to know that is remembered, whichever way it is.
    fn stands_in(&self, root: &Root) -> bool {
        let observer = Observer::of(root, self.files.flavour);
        let stands = observer.stand_still(&self.seen);
        // The memo only saves time.
        let _ = observer.save(Trust::ThisBoot);
        stands
    }
}

/// Whether a task is fresh next time, if nothing moves. A verdict that is no plain pass is told on every run.
fn rests(node: &Node, lock: &Lock) -> bool {
    let Some(entry) = lock.tasks.get(&node.id) else { return false };
    match &node.work {
        Work::Stage(stage) => {
            let names_params = !(node.params.is_empty() && node.made_params.is_empty());
            let compares = names_params || !(node.deps.is_empty() && stage.outs.is_empty());
            stage.frozen || (!stage.always_changed && compares)
        }
        Work::Gate(gate) => {
            !gate.kind.is_volatile() && entry.verdict.as_ref().is_some_and(|verdict| verdict.state == GateState::Pass)
        }
    }
}

impl Still {
    /// Puts together what a run of everything came to, once all that it writes is written; `None` when the next run would
    /// have to decide.
    pub fn after(
        request: &RunRequest,
        summary: &Summary,
        compiled: &Compiled,
        records: &Records,
        env: &BTreeMap<String, String>,
    ) -> Option<Self> {
        let (nodes, lock) = (&compiled.pipeline.nodes, records.lock());
        let came_to_its_end = summary.exit == 0 && request.selection.len() == nodes.len() && records.is_logged();
        if !came_to_its_end || !compiled.warnings.is_empty() || !nodes.iter().all(|node| rests(node, lock)) {
            return None;
        }
        let variables = nodes.iter().flat_map(|node| &node.env);
        let keeps_dvc_lock = request.dvc_lock == DvcLockUse::Keep;
        let folders: BTreeSet<&RelPath> = nodes.iter().filter(|_| keeps_dvc_lock).map(|node| &node.id.folder).collect();
        let dvc_lock = |folder: &RelPath| {
            let path = lock_path(folder);
            let digest = digest_of(records.root(), &path);
            (path, digest)
        };
        let seen = agreed(nodes.iter().flat_map(|node| contents(node, lock)))?;
        Some(Self {
            files: compiled.pipeline.files.clone(),
            capacities: (request.jobs, request.pools.clone()),
            n_tasks: nodes.len(),
            keeps_dvc_lock,
            texts: compiled
                .texts()
                .iter()
                .cloned()
                .chain(records.texts())
                .chain(folders.into_iter().map(dvc_lock))
                .collect(),
            variables: variables.map(|name| (name.clone(), value_of(env, name))).collect(),
            seen: seen.into_iter().map(|(path, content)| (path.to_place(), Some(content))).collect(),
        })
    }

    /// Writes it down, if that is not done already. It only saves time, so what fails here is not told.
    pub fn keep(&self, root: &Root) {
        if SNAPSHOT.read::<Self>(root).as_ref() != Some(self) {
            let _ = SNAPSHOT.write(root, self);
        }
    }
}

/// Returns what a task has read and made. What a frozen stage reads is nobody's business.
fn contents<'a>(node: &Node, lock: &'a Lock) -> impl Iterator<Item = (Spot<'a>, Content)> + use<'a> {
    let is_frozen = node.stage().is_some_and(|stage| stage.frozen);
    let entry = lock.tasks.get(&node.id);
    let read = entry.filter(|_| !is_frozen).into_iter().flat_map(|entry| entry.recipe.inputs());
    let made = entry.into_iter().flat_map(|entry| &entry.outs).map(|(path, content)| (path.spot(), *content));
    read.chain(made)
}

/// Returns the content of each path, or `None` when two tasks have met another one: a source that was edited between them is
/// stale for one of the two, whatever stands there now.
fn agreed<'a>(contents: impl Iterator<Item = (Spot<'a>, Content)>) -> Option<BTreeMap<Spot<'a>, Content>> {
    let mut agreed = BTreeMap::new();
    for (path, content) in contents {
        if agreed.insert(path, content).is_some_and(|other| other != content) {
            return None;
        }
    }
    Some(agreed)
}

fn value_of(env: &BTreeMap<String, String>, name: &str) -> Option<Digest> {
    env.get(name).map(|value| Digest::of(value.as_bytes()))
}
