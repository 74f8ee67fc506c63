//! `repro`: from an opened workspace to a finished run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use lockgate_spanned::Problems;

use super::asker::Ask;
use super::court::Law;
use super::decider::{Asked, Missing};
use super::dvcwrite::DvcLockUse;
use super::evidence::Doubt;
use super::full::{exit_of, help_for, next_step};
use super::hire::Terms;
use super::knowledge::Knowledge;
use super::logs::Journal;
use super::project::is_inside;
use super::records::Unread;
use super::recovery::recover;
use super::run::{Parts, Played, Run};
use super::still::Still;
use super::tally::Tally;
use super::tracked::Manner;
use super::workspace::{Workspace, mistakes_on_disk};
use crate::event::{Event, How, Summary};
use crate::graph::{Selection, TaskIx};
use crate::lock::NewerLock;
use crate::observe::Trust;
use crate::plan::Decision;
use crate::schedule::{PoolError, Pools, Schedule};
use crate::sys::clock::{Stopwatch, today};
use crate::sys::disk::{DiskError, FileLock, Layout, prepare};
use crate::sys::process::command_of;
use crate::words::{Exit, RelPath, TaskId};

/// How the text of a held lock begins; the number of the process follows.
const PROCESS: &str = "process ";

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
    pub manner: Manner,
    pub when_lost: WhenLost,
    pub keeping: Keeping,
    pub ask: Option<Ask>,
    pub dvc_lock: DvcLockUse,
}

/// What goes on after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterFailure {
    Stop,
    /// What is not below it.
    KeepGoing,
    /// Also what is below it, with the outputs of the last success.
    Ignore,
}

/// Whether outputs that are made are kept in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    InStore,
    /// They stay in the workspace only, until `commit`.
    InPlace,
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
    #[error("`{path}`, which `{file}` tracks, does not exist")]
    NoData { path: RelPath, file: RelPath },
    #[error("another run holds the workspace: {holder}")]
    Busy { holder: String },
    #[error("{}", unset(.0))]
    NoSecrets(Vec<NoSecret>),
    #[error("a stage of this workspace cannot run lockgate in it: it would wait for itself")]
    Inside,
    #[error("the stages of the pipeline were changed while this command waited for another run")]
    Reshaped,
    #[error(transparent)]
    NewerLock(#[from] NewerLock),
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error("{error}; nothing was run")]
    DiskFull { error: DiskError, help: String },
}

impl From<Unread> for RunError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::NewerLock(newer) => newer.into(),
            Unread::Disk(error) => error.into(),
        }
    }
}

/// A secret without which a task cannot be begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSecret {
    pub task: TaskId,
    pub variable: String,
}

fn unset(secrets: &[NoSecret]) -> String {
    let one = |NoSecret { task, variable }: &NoSecret| format!("`{variable}`, a secret of `{task}`");
    if let [secret] = secrets {
        return format!("the environment variable {}, is not set", one(secret));
    }
    let all: Vec<String> = secrets.iter().map(one).collect();
    format!("environment variables are not set: {}", all.join("; "))
}

impl Workspace {
    /// Runs the selected tasks. Events go to `sink` in their order; the summary has the exit code.
    pub fn run(&mut self, request: &RunRequest, sink: &mut dyn FnMut(&Event)) -> Result<Summary, RunError> {
        let watch = Stopwatch::start();
        self.check(request)?;
        let _held = self.hold(request.when_busy, sink).map_err(|error| self.with_file_system(error))?;
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
            if tally.exit() == Exit::Done.code() {
                self.record_named(&request.selection).err().into_iter().for_each(|error| sink(&error.told()));
            }
        }
        let chosen = request.selection.tasks().filter(|task| !request.selection.is_bystander(*task));
        let is_all = chosen.count() == self.pipeline().nodes.len();
        if executed && is_all && tally.exit() == Exit::Done.code() {
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
        let _ = journal.as_mut().map(|journal| journal.write(&finished));
        Ok(tally.summary)
    }

    fn with_file_system(&self, error: RunError) -> RunError {
        if let RunError::Disk(error) = error {
            return if error.is_full() {
                RunError::DiskFull { help: next_step(&self.root, error.path()), error }
            } else {
                RunError::Disk(error)
            };
        }
        error
    }

    /// Finds what would fail later for certain, before anything is run.
    fn check(&self, request: &RunRequest) -> Result<(), RunError> {
        let pools = Pools::new(request.jobs as u64, &request.pools);
        for task in request.selection.tasks().filter(|task| !request.selection.is_bystander(*task)) {
            let node = &self.pipeline().nodes[task.at()];
            if let Some(stage) = node.stage() {
                pools
                    .check(&stage.resources)
                    .map_err(|PoolError { pool }| RunError::NoPool { task: node.id.clone(), pool })?;
            }
        }
        Ok(())
    }

    /// Finds the secrets that are missing for what runs for certain. What only may run is looked at when it is begun.
    fn check_secrets(&self, known: &Knowledge<'_>, asked: Asked) -> Result<(), RunError> {
        let tasks: Vec<TaskIx> =
            known.selection.tasks().filter(|task| known.unset_secrets(*task).next().is_some()).collect();
        if tasks.is_empty() {
            return Ok(());
        }
        let plan = self.plan(known.selection, asked);
        let runs = |task: &TaskIx| matches!(plan.get(&known.node(*task).id), Some(Decision::Run { .. }));
        let unset = |task: TaskIx| {
            let no_secret = move |name: &str| NoSecret { task: known.node(task).id.clone(), variable: name.to_owned() };
            known.unset_secrets(task).map(no_secret)
        };
        let missing: Vec<NoSecret> = tasks.into_iter().filter(runs).flat_map(unset).collect();
        if missing.is_empty() { Ok(()) } else { Err(RunError::NoSecrets(missing)) }
    }

    /// Takes the workspace, and puts right what a dead run left in it.
    pub(super) fn hold(&mut self, when_busy: WhenBusy, sink: &mut dyn FnMut(&Event)) -> Result<FileLock, RunError> {
        if is_inside(&self.root, &self.env) {
            return Err(RunError::Inside);
        }
        prepare(&self.root)?;
        let path = Layout::run_lock();
        let held = match self.glimpse.held.take() {
            Some(held) => Some(held),
            None => self.root.try_lock(&path)?,
        };
        let held = held.map_or_else(|| self.wait_for(&path, when_busy, sink), Ok)?;
        sign(&held)?;
        if let Some(message) = recover(&self.root, &mut self.records)? {
            self.glimpse.seen.clear();
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
        let holder = holder(&self.root.read_to_string(path).unwrap_or_default());
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
        self.bring_back_for(request, sink);
        self.check_named_data(request)?;
        if request.dvc_lock == DvcLockUse::Keep && self.record_ahead(&request.selection, sink) {
            self.glimpse.seen.clear();
        }
        let seen = std::mem::take(&mut self.glimpse.seen);
        let terms = self.terms(request);
        let pools = Pools::new(request.jobs as u64, &request.pools);
        let keep_going = request.after_failure != AfterFailure::Stop;
        let allowed = request.asked.missing == Missing::Allowed;
        let wanted = allowed.then(|| self.wanted(&request.selection, request.asked));
        let lost = wanted.as_ref().map(|_| self.promises(&request.selection).only_lost()).unwrap_or_default();
        let (observer, store) = (Arc::clone(&self.observer), Arc::clone(&self.store));
        let evidence = Arc::clone(&self.evidence);
        let compiled = &*self.compiled;
        let mut known = Knowledge::new(compiled, &request.selection, &observer, &store, &self.env, &evidence);
        known.look_around(self.records.lock(), &seen);
        if let Some(wanted) = wanted {
            known.remember(self.records.lock(), wanted);
        }
        known.rely_on(lost);
        if let Some(problems) = mistakes_on_disk(&self.root, &known) {
            return Err(RunError::Invalid(problems));
        }
        self.check_secrets(&known, request.asked)?;
        let schedule = Schedule::new(&compiled.pipeline, &compiled.graph, &request.selection, pools, keep_going);
        let parts = Parts {
            terms: &terms,
            store: &store,
            known,
            schedule,
            records: &mut self.records,
            errors: &mut self.errors,
            asked: request.asked,
            after_failure: request.after_failure,
            ask: request.ask.clone(),
            law: Law { consents: &self.compiled.consents, today: today() },
            sink,
        };
        let Played { tally, executed, journal } = Run::new(parts).play();
        Ok((tally, executed, journal))
    }

    /// Puts data that `.dvc` files track in place where it is missing: all that is read, or what work needs when data may be
    /// missing.
    fn bring_back_for(&mut self, request: &RunRequest, sink: &mut dyn FnMut(&Event)) {
        let mut missing = self.missing_data(&request.selection);
        if !missing.is_empty() && request.asked.missing == Missing::Allowed {
            let wanted = self.plan(&request.selection, request.asked).data;
            missing.retain(|data| wanted.iter().any(|returning| returning.path == *data.path));
        }
        let changes = !missing.is_empty();
        self.bring_back(&missing, request.manner, sink);
        if changes {
            self.glimpse.seen.clear();
        }
    }

    /// Finds data that was named and is still missing.
    fn check_named_data(&self, request: &RunRequest) -> Result<(), RunError> {
        if request.asked.missing == Missing::Allowed {
            return Ok(());
        }
        let missing = self.named_and_missing(&request.selection);
        missing.map_or(Ok(()), |(file, path)| Err(RunError::NoData { path: path.clone(), file: file.clone() }))
    }

    fn terms(&self, request: &RunRequest) -> Terms {
        Terms {
            root: self.root.clone(),
            compiled: Arc::clone(&self.compiled),
            store: Arc::clone(&self.store),
            observer: Arc::clone(&self.observer),
            evidence: Arc::clone(&self.evidence),
            flavour: self.pipeline().files.flavour,
            user_shell: self.env.get("SHELL").cloned(),
            secrets: self.secrets(),
            jobs: request.jobs,
            grace: request.grace,
            link: request.manner.link,
            protect: request.manner.protect,
            when_lost: request.when_lost,
            keeping: request.keeping,
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
            tally.note(exit_of(&error));
            let message =
                format!("the lock could not be written: {error}; what was published is kept in the state log");
            sink(&Event::Warning { message, help: help_for(&self.root, &error) });
        }
        let synced = if executed { self.records.sync() } else { Ok(()) };
        let trust = if executed && synced.is_ok() { Trust::AnyBoot } else { Trust::ThisBoot };
        let saved = self.observer.save(trust).and_then(|()| self.store.save(trust));
        let saved = saved.and_then(|()| self.evidence.save(trust));
        // Some file systems only find room when they write out: then what was published may be lost with the power.
        if let Some(error) = synced.as_ref().err().filter(|error| error.is_full()) {
            tally.note(exit_of(error));
        }
        if let Err(error) = synced.and(saved) {
            let message = format!("what is known of files could not be saved: {error}; the next run hashes them again");
            sink(&Event::Warning { message, help: help_for(&self.root, &error) });
        }
    }
}

/// Writes into a held lock who holds it.
pub(super) fn sign(held: &FileLock) -> Result<(), DiskError> {
    held.sign(&format!("{PROCESS}{}", std::process::id()))
}

/// Says who holds the workspace, given the text of its lock: the process, and the command that it runs if that can be seen.
pub(super) fn holder(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "one that has just begun".to_owned();
    }
    let pid = text.strip_prefix(PROCESS).and_then(|pid| pid.parse().ok());
    pid.and_then(command_of).map_or_else(|| text.to_owned(), |command| format!("{text} (`{command}`)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_holds_the_workspace_has_a_name() {
        let this = holder(&format!("{PROCESS}{}\n", std::process::id()));
        assert!(this.contains(" (`") && this.ends_with("`)"), "{this}");
        assert_eq!(holder("process 4294967295\n"), "process 4294967295");
        assert_eq!(holder(""), "one that has just begun");
    }
}
