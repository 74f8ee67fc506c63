//! The way out of a run that has nothing to do, without reading the pipeline; what was seen on it serves the run that has.
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
use crate::observe::{ObserveError, Observer, Trust};
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
    seen: Seen,
}

const SNAPSHOT: Snapshot =
    Snapshot { name: "still.bin", version: concat!("lockgate still 5 ", env!("CARGO_PKG_VERSION"), "\n") };

/// What a first look at a project came to. A run that follows starts from it.
#[derive(Debug, Default)]
pub struct Glimpse {
    /// The summary of a run of everything, if there is nothing to do. The fresh tasks are counted, not named.
    pub nothing_to_do: Option<Summary>,
    /// By path that was looked at, what stands there.
    pub(super) seen: Seen,
    /// Held on to, so that no other run changes the workspace between the look and the run.
    pub(super) held: Option<FileLock>,
}

/// Paths with what stands there.
pub type Seen = Vec<(Place, Option<Content>)>;

impl Project {
    /// Looks whether there is anything to do for a run of everything, as far as that is known without reading the pipeline.
    pub fn glimpse(&self, jobs: usize, pools: &BTreeMap<String, u64>, dvc_lock: DvcLockUse) -> Glimpse {
        let watch = Stopwatch::start();
        let held = self.undisturbed();
        let still = held.as_ref().and_then(|_| SNAPSHOT.read::<Still>(&self.root)).filter(|still| {
            let same = still.files == self.files && still.capacities.0 == jobs && still.capacities.1 == *pools;
            same && still.keeps_dvc_lock == (dvc_lock == DvcLockUse::Keep) && still.has_texts_of(self)
        });
        let Some(still) = still else { return Glimpse { held, ..Glimpse::default() } };
        let found = still.look(&self.root);
        let stands = still.seen.iter().zip(&found).all(|((_, was), now)| now.as_ref().is_ok_and(|now| now == was));
        let (fresh, elapsed_ms) = (still.n_tasks, watch.elapsed_ms());
        let nothing_to_do = stands.then(|| Summary { fresh, elapsed_ms, ..Summary::default() });
        let paths = still.seen.into_iter().map(|(path, _)| path);
        let seen = paths.zip(found).filter_map(|(path, found)| Some((path, found.ok()?))).collect();
        Glimpse { nothing_to_do, seen, held }
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
    fn has_texts_of(&self, project: &Project) -> bool {
        self.variables.iter().all(|(name, was)| value_of(&project.env, name) == *was)
            && self.texts.iter().all(|(path, was)| digest_of(&project.root, path) == *was)
    }

    /// Looks at each path. What had to be hashed is remembered; what cannot be read is told by a run that wants it.
    fn look(&self, root: &Root) -> Vec<Result<Option<Content>, ObserveError>> {
        let observer = Observer::of(root, self.files.flavour);
        let paths: Vec<Spot<'_>> = self.seen.iter().map(|(path, _)| path.spot()).collect();
        let found = observer.observe_all(&paths);
        // The memo only saves time.
        let _ = observer.save(Trust::ThisBoot);
        found
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
