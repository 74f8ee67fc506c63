//! `repro`: from an opened workspace to a finished run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lockgate_spanned::Problems;

use super::court::Law;
use super::decider::Asked;
use super::dvcwrite::DvcLockUse;
use super::evidence::Doubt;
use super::hire::Terms;
use super::knowledge::Knowledge;
use super::logs::Journal;
use super::project::is_inside;
use super::recovery::recover;
use super::run::{Parts, Played, Run};
use super::still::Still;
use super::tally::Tally;
use super::transaction::below;
use super::workspace::{Workspace, mistakes_on_disk};
use crate::event::{Event, How, Summary};
use crate::graph::Selection;
use crate::lock::NewerLock;
use crate::observe::Trust;
use crate::schedule::{PoolError, Pools, Schedule};
use crate::store::{Link, Protect};
use crate::sys::clock::{Stopwatch, today};
use crate::sys::disk::{DiskError, FileLock, Layout, prepare};
use crate::words::{Exit, RelPath, TaskId};

/// What a run is asked to do.
#[derive(Clone, Debug)]
pub struct RunRequest {
    pub selection: Selection,
    pub asked: Asked,
    pub jobs: usize,
    /// Capacities of named pools; `cpu` is `jobs`.
    pub pools: BTreeMap<String, u64>,
    pub after_failure: AfterFailure,
    pub when_busy: WhenBusy,
    pub grace: Duration,
    pub link: Link,
    pub protect: Protect,
    pub when_lost: WhenLost,
    pub dvc_lock: DvcLockUse,
}

/// Whether unaffected tasks go on after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFailure {
    Stop,
    KeepGoing,
}

/// What to do while another run holds the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenBusy {
    Wait,
    GiveUp,
}

/// What to do when outputs that were to be restored turn out to be damaged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenLost {
    Run,
    Fail,
}

/// Why nothing was run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("the pipeline is not valid")]
    Invalid(Problems),
    #[error("stage `{task}` wants of the pool `{pool}`, which has no capacity")]
    NoPool { task: TaskId, pool: String },
    #[error("another run holds the workspace: {holder}")]
    Busy { holder: String },
    #[error("the environment variable `{variable}`, a secret of stage `{task}`, is not set")]
    NoSecret { task: TaskId, variable: String },
    #[error("a stage of this workspace cannot run lockgate in it: it would wait for itself")]
    Inside,
    #[error("the stages of the pipeline were changed while this command waited for another run")]
    Reshaped,
    #[error(transparent)]
    NewerLock(#[from] NewerLock),
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl Workspace {
    /// Runs the selected tasks. Events go to `sink` in their order; the summary has the exit code.
    pub fn run(&mut self, request: &RunRequest, sink: &mut dyn FnMut(&Event)) -> Result<Summary, RunError> {
        let watch = Stopwatch::start();
        self.check(request)?;
        let _held = self.hold(request.when_busy, sink)?;
        let mut done = Vec::new();
        let (mut tally, executed, mut journal) = self.play(request, &mut |event| {
            if let Event::Done { task, how: How::Fresh | How::Ran | How::Restored | How::Adopted, .. } = event {
                done.push(task.clone());
            }
            sink(event);
        })?;
        self.finish(executed, &mut tally, sink);
        if request.dvc_lock == DvcLockUse::Keep {
            self.write_dvc_locks(&done, sink);
        }
        if executed && tally.exit() == Exit::Done.code() && request.selection.len() == self.pipeline().nodes.len() {
            // It only saves time: what is not noted is looked at again.
            let _ = self.evidence.note_seen();
        }
        for Doubt { message, help } in self.evidence.take_doubts() {
            sink(&Event::Warning { message, help: Some(help) });
        }
        let run = tally.run.clone().unwrap_or_default();
        tally.summary.elapsed_ms = watch.elapsed_ms();
        tally.summary.exit = tally.exit();
        if let Some(still) = Still::after(request, &tally.summary, &self.compiled, &self.records, &self.env) {
            still.keep(&self.root);
        }
        let finished = Event::RunFinished { run, summary: tally.summary.clone() };
        sink(&finished);
        // The last line only tells about the run: whether it could be written changes nothing any more.
        journal.as_mut().map(|journal| journal.write(&finished));
        Ok(tally.summary)
    }

    /// Finds what would fail later for certain, before anything is run.
    fn check(&self, request: &RunRequest) -> Result<(), RunError> {
        let pools = Pools::new(request.jobs as u64, &request.pools);
        for task in request.selection.tasks() {
            let node = &self.pipeline().nodes[task.at()];
            if let Some(variable) = node.secrets.iter().find(|name| !self.env.contains_key(*name)) {
                return Err(RunError::NoSecret { task: node.id.clone(), variable: variable.clone() });
            }
            if let Some(stage) = node.stage() {
                pools
                    .check(&stage.resources)
                    .map_err(|PoolError { pool }| RunError::NoPool { task: node.id.clone(), pool })?;
            }
        }
        Ok(())
    }

    /// Takes the workspace, and puts right what a dead run left in it.
    pub(super) fn hold(&mut self, when_busy: WhenBusy, sink: &mut dyn FnMut(&Event)) -> Result<FileLock, RunError> {
        if is_inside(&self.root, &self.env) {
            return Err(RunError::Inside);
        }
        prepare(&self.root)?;
        let path = below(&Layout::home(), "run.lock");
        let held = match self.root.try_lock(&path)? {
            Some(held) => held,
            None => self.wait_for(&path, when_busy, sink)?,
        };
        held.sign(&format!("process {}", std::process::id()))?;
        if let Some(message) = recover(&self.root, &mut self.records)? {
            sink(&Event::Recovered { message });
        }
        Ok(held)
    }

    /// Waits until another run lets go of the workspace, and reads everything again.
    fn wait_for(
        &mut self,
        path: &RelPath,
        when_busy: WhenBusy,
        sink: &mut dyn FnMut(&Event),
    ) -> Result<FileLock, RunError> {
        let holder = self.root.read_to_string(path).unwrap_or_default().trim().to_owned();
        if when_busy == WhenBusy::GiveUp {
            return Err(RunError::Busy { holder });
        }
        sink(&Event::Waiting { holder });
        let held = self.root.lock(path)?;
        self.reread()?;
        Ok(held)
    }

    /// Returns what the run came to, whether anything was executed, and the journal for what is told after the last task.
    fn play(
        &mut self,
        request: &RunRequest,
        sink: &mut dyn FnMut(&Event),
    ) -> Result<(Tally, bool, Option<Journal>), RunError> {
        let terms = self.terms(request);
        let pools = Pools::new(request.jobs as u64, &request.pools);
        let keep_going = request.after_failure == AfterFailure::KeepGoing;
        let super::compiled::Compiled { pipeline, graph, rules, .. } = &*self.compiled;
        let observer = Arc::clone(&self.observer);
        let evidence = Arc::clone(&self.evidence);
        let mut known = Knowledge::new(pipeline, graph, &request.selection, &observer, rules, &self.env, &evidence);
        known.look_around(self.records.lock());
        if let Some(problems) = mistakes_on_disk(&self.root, &known) {
            return Err(RunError::Invalid(problems));
        }
        let schedule = Schedule::new(pipeline, graph, &request.selection, pools, keep_going);
        let store = Arc::clone(&self.store);
        let parts = Parts {
            terms: &terms,
            store: &store,
            known,
            schedule,
            records: &mut self.records,
            asked: request.asked,
            law: Law { consents: &self.compiled.consents, today: today() },
            sink,
        };
        let Played { tally, executed, journal } = Run::new(parts).play();
        Ok((tally, executed, journal))
    }

    fn terms(&self, request: &RunRequest) -> Terms {
        Terms {
            root: self.root.clone(),
            compiled: Arc::clone(&self.compiled),
            store: Arc::clone(&self.store),
            observer: Arc::clone(&self.observer),
            evidence: Arc::clone(&self.evidence),
            flavour: self.pipeline().flavour,
            user_shell: self.env.get("SHELL").cloned(),
            secrets: self.secrets(),
            jobs: request.jobs,
            grace: request.grace,
            link: request.link,
            protect: request.protect,
            when_lost: request.when_lost,
        }
    }

    /// Returns the values of all secrets: each task inherits the whole environment, so none may appear in any log.
    fn secrets(&self) -> Vec<Vec<u8>> {
        let names = self.pipeline().nodes.iter().flat_map(|node| &node.secrets);
        let mut values: Vec<Vec<u8>> =
            names.filter_map(|name| Some(self.env.get(name)?.clone().into_bytes())).collect();
        values.retain(|value| !value.is_empty());
        values.sort_unstable();
        values.dedup();
        values
    }

    /// Writes the lock, reaches the sync point, and saves what is known of files. What fails here costs the next run time,
    /// but for the lock, whose failure is told and shows in the exit code.
    pub(super) fn finish(&mut self, executed: bool, tally: &mut Tally, sink: &mut dyn FnMut(&Event)) {
        let declared: std::collections::HashSet<&TaskId> =
            self.compiled.pipeline.nodes.iter().map(|node| &node.id).collect();
        if let Err(error) = self.records.finish(|task| declared.contains(task)) {
            tally.note(Exit::Damaged);
            let message =
                format!("the lock could not be written: {error}; what was published is kept in the state log");
            sink(&Event::Warning { message, help: error.help().map(ToOwned::to_owned) });
        }
        let synced = if executed { self.records.sync() } else { Ok(()) };
        let trust = if executed && synced.is_ok() { Trust::AnyBoot } else { Trust::ThisBoot };
        let saved = self.observer.save(trust).and_then(|()| self.store.save(trust));
        let saved = saved.and_then(|()| self.evidence.save(trust));
        if let Err(error) = synced.and(saved) {
            let message = format!("what is known of files could not be saved: {error}; the next run hashes them again");
            sink(&Event::Warning { message, help: error.help().map(ToOwned::to_owned) });
        }
    }
}
