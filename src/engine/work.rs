//! What a worker does for one task: it runs the commands of a stage, places what the store has, or judges.
//!
//! A worker knows one task. It returns what came of it and sends events on the way; it decides nothing and records nothing.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::compiled::Compiled;
use super::crew::News;
use super::evidence::Evidence;
use super::full::{blamed_on, cause_of, used_up};
use super::knowledge::{Outs, commands};
use super::logs::{Log, RunFiles};
use super::refused::quarantine;
use super::repro::Keeping;
use super::reread::{Settled, input_changed, nothing_edited, read_deps, text_edited};
use super::transaction::{Record, Transaction, below, put_back};
use crate::event::{Before, Event, Failure, FailureCause};
use crate::fingerprint::Recipe;
use crate::observe::{ObserveError, Observer};
use crate::pipeline::{Cause, Flavour, Node, Out, OutKind, Retry};
use crate::store::{Link, Protect, Store, StoreError};
use crate::sys::clock::Stopwatch;
use crate::sys::disk::{DiskError, Kind, Root};
use crate::sys::process::{Cancel, Command, Ended, Guard, Shell, Waited, start};
use crate::words::text::{beginning, list};
use crate::words::{Content, Digest, RelPath, Spot, TaskId};

/// What all workers share.
pub struct Shop {
    pub root: Root,
    pub compiled: Arc<Compiled>,
    pub store: Arc<Store>,
    pub observer: Arc<Observer>,
    pub evidence: Arc<Evidence>,
    pub run: RunFiles,
    pub shell: Shell,
    /// Added to the environment of every command.
    pub env: Vec<(String, OsString)>,
    /// The values that must not get into a log.
    pub secrets: Vec<Vec<u8>>,
    pub grace: Duration,
    pub link: Link,
    pub protect: Protect,
    pub keeping: Keeping,
    pub cancel: Cancel,
    pub guard: Guard,
}

/// A stage to run.
pub struct StageJob {
    pub node: Node,
    pub recipe: Recipe,
    /// The files that stages make and from which its parameters were read.
    pub made_files: Outs,
    pub record: Record,
    /// A change of these is an edit, and the stage must not take it for its input.
    pub settled: Vec<Settled>,
}

/// Outputs to be placed from the store: those of the record.
pub struct PlaceJob {
    pub recipe: Recipe,
    pub record: Record,
    pub outs: Outs,
}

/// A candidate, or why there is none. In the second case the old outputs are back in place.
pub enum StageEnd {
    Made(Box<Candidacy>),
    Failed { failure: Failure, elapsed_ms: u64 },
}

/// A candidate with its open transaction.
pub struct Candidacy {
    pub recipe: Recipe,
    pub outs: Outs,
    pub transaction: Transaction,
    pub elapsed_ms: u64,
}

/// Runs a stage in a transaction.
pub fn run_stage(shop: &Shop, job: &StageJob, news: &Sender<News>) -> StageEnd {
    let watch = Stopwatch::start();
    let transaction = match begin(shop, &job.record) {
        Ok(transaction) => transaction,
        Err(failure) => return failed(&watch, failure),
    };
    let log = shop.run.log_of(&job.node.id);
    match make(shop, job, &transaction, news) {
        Ok((recipe, outs)) => {
            StageEnd::Made(Box::new(Candidacy { recipe, outs, transaction, elapsed_ms: watch.elapsed_ms() }))
        }
        Err(mut failure) => {
            failure.tail = shop.run.tail_of(&log);
            failure.log = Some(log);
            tell_left(shop, &job.node, news);
            failed(&watch, take_back(shop, job, transaction, failure))
        }
    }
}

/// Says what a failed stage leaves outside of the project, where nothing is put back.
fn tell_left(shop: &Shop, node: &Node, news: &Sender<News>) {
    let outside = node.outs().iter().filter(|out| out.path.outside().is_some()).map(|out| &out.path);
    let there = outside.filter(|path| shop.root.lstat(*path).is_ok_and(|stat| stat.is_some()));
    let left: Vec<String> = there.map(|path| format!("`{path}`")).collect();
    if !left.is_empty() {
        let (left, id) = (list(&left), &node.id);
        let message = format!("`{id}` failed, and what it makes outside of the project stays as it is now: {left}");
        let _ = news.send(News::Event(Event::Warning { message, help: None }));
    }
}

/// Ends without a candidate.
pub fn failed(watch: &Stopwatch, failure: Failure) -> StageEnd {
    StageEnd::Failed { failure, elapsed_ms: watch.elapsed_ms() }
}

/// Sets the old outputs aside. Some of them may have been moved when that fails: they go back at once.
pub fn begin(shop: &Shop, record: &Record) -> Result<Transaction, Failure> {
    Transaction::begin(&shop.root, record.clone()).map_err(|error| {
        let back = put_back(&shop.root, &record.asides(), None);
        let before = if back.is_ok() { before(record) } else { Before::Aside };
        Failure { before, ..io_failure("its old outputs could not be set aside", &error) }
    })
}

fn before(record: &Record) -> Before {
    if record.replaces_some() { Before::Back } else { Before::None }
}

fn take_back(shop: &Shop, job: &StageJob, transaction: Transaction, failure: Failure) -> Failure {
    let folder = quarantine(&job.node.id);
    // What failed for want of room is no evidence, and would go on to take the room.
    let keep = if used_up(&shop.root).is_none() { Some(&folder) } else { None };
    match shop.root.remove(&folder).and_then(|()| transaction.roll_back(keep)) {
        Ok(()) => {
            // The copy is for whoever looks at the outputs; the run has the log, and the failure names that one.
            let _ = shop.run.copy_log(&job.node.id, &folder);
            Failure { before: before(&job.record), ..failure }
        }
        Err(error) => {
            let message = format!("{}; its old outputs could not be put back: {error}", failure.message);
            let help = failure.help.or_else(|| error.help().map(ToOwned::to_owned));
            Failure { before: Before::Aside, message, help, ..failure }
        }
    }
}

/// Runs the attempts and keeps the outputs. When a dep changed meanwhile, all of it once more; other parameters mean other
/// work, which only the next run can decide.
fn make(
    shop: &Shop,
    job: &StageJob,
    transaction: &Transaction,
    news: &Sender<News>,
) -> Result<(Recipe, Outs), Failure> {
    let mut recipe = job.recipe.clone();
    for round in 0..2 {
        if round > 0 {
            transaction.clear_for_retry().map_err(|error| io_failure("its outputs could not be removed", &error))?;
        }
        if let Some(text) = shop.compiled.text_moved(&shop.root, &job.node).filter(|_| round == 0) {
            return Err(text_edited(&text));
        }
        if round == 0 {
            nothing_edited(shop, job)?;
        }
        attempt_all(shop, job, transaction, news)?;
        if let Some(text) = shop.compiled.text_moved(&shop.root, &job.node) {
            return Err(input_changed(&text));
        }
        let files = read_deps(shop, &job.made_files)?;
        if let Some((file, _)) = files.iter().find(|(file, content)| job.made_files.get(*file) != Some(content)) {
            return Err(input_changed(file));
        }
        let outs = keep_outs(shop, &job.node)?;
        let now = read_deps(shop, &recipe.deps)?;
        let Some(changed) = now.iter().find(|(path, content)| recipe.deps.get(*path) != Some(content)) else {
            return Ok((recipe, outs));
        };
        let changed = changed.0.clone();
        recipe.deps = now;
        if job.settled.iter().any(|settled| settled.path.overlaps(&changed)) || round == 1 {
            return Err(input_changed(&changed));
        }
        let message = format!("`{changed}` changed while `{}` was reading it; the stage runs once more", job.node.id);
        let _ = news.send(News::Event(Event::Warning { message, help: None }));
    }
    unreachable!("the second round returns")
}

/// Repeats the commands as the stage's `retry` says.
fn attempt_all(shop: &Shop, job: &StageJob, transaction: &Transaction, news: &Sender<News>) -> Result<(), Failure> {
    let retry = &job.node.stage().expect("only stages are run").retry;
    let mut attempt = 1;
    loop {
        let error = match attempt_once(shop, job, attempt, news) {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if attempt >= retry.attempts || !is_retried(retry, &error.cause) {
            return Err(error);
        }
        let delay = delay(retry, attempt, &seed(shop, &job.node));
        attempt += 1;
        let delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        let (task, attempts, cause) = (job.node.id.clone(), retry.attempts, error.message.clone());
        let _ = news.send(News::Event(Event::Retrying { task, attempt, attempts, delay_ms, cause }));
        if shop.cancel.sleep(delay) {
            return Err(failure(
                FailureCause::Interrupted,
                "was interrupted while it waited for its next attempt".into(),
            ));
        }
        transaction.clear_for_retry().map_err(|error| io_failure("its outputs could not be removed", &error))?;
    }
}

fn is_retried(retry: &Retry, cause: &FailureCause) -> bool {
    let cause = match cause {
        FailureCause::Exit { .. } => Cause::Exit,
        FailureCause::Signal { .. } => Cause::Signal,
        FailureCause::Timeout => Cause::Timeout,
        FailureCause::NotStarted
        | FailureCause::OutMissing
        | FailureCause::InputChanged
        | FailureCause::Io
        | FailureCause::DiskFull { .. }
        | FailureCause::Interrupted => return false,
    };
    retry.on.contains(&cause)
}

fn seed(shop: &Shop, node: &Node) -> String {
    format!("{} {}", shop.run.id(), node.id)
}

/// Draws the wait before the next attempt evenly from 0 to `min(cap, backoff × 2ⁿ⁻¹)`: full jitter.
///
/// The draw is a digest of the run, the task and the attempt, so a run's waits can be told again.
pub fn delay(retry: &Retry, attempt: u32, seed: &str) -> Duration {
    let longest = retry.backoff.saturating_mul(2u32.saturating_pow(attempt - 1)).min(retry.cap);
    let digest = Digest::of(format!("{seed} {attempt}").as_bytes());
    let draw = u32::from_le_bytes(digest.as_bytes()[..4].try_into().expect("four bytes"));
    longest.mul_f64(f64::from(draw) / f64::from(u32::MAX))
}

fn attempt_once(shop: &Shop, job: &StageJob, attempt: u32, news: &Sender<News>) -> Result<(), Failure> {
    let node = &job.node;
    make_folders(shop, node).map_err(|error| io_failure("the folders of its outputs could not be made", &error))?;
    let log = shop.run.log_of(&node.id);
    let _ = news.send(News::Event(Event::Started { task: node.id.clone(), attempt, log }));
    match run_commands(shop, node, &job.recipe.degraded) {
        Ok(Waited::Ended(Ended::Exit(0))) => Ok(()),
        Ok(waited) => Err(why_failed(shop, waited, node)),
        Err(error) => Err(error),
    }
}

fn make_folders(shop: &Shop, node: &Node) -> Result<(), DiskError> {
    let mut inside = node.outs().iter().filter_map(|out| out.path.inside());
    inside.try_for_each(|path| shop.root.create_dir_all(&path.parent()))
}

/// Runs the commands of a stage or gate one after the other until one does not exit with 0.
pub fn run_commands(shop: &Shop, node: &Node, degraded: &BTreeSet<String>) -> Result<Waited, Failure> {
    run_commands_in(shop, node, shop.root.path(), degraded)
}

/// Runs the commands as if `project` were the project.
pub fn run_commands_in(
    shop: &Shop,
    node: &Node,
    project: &Path,
    degraded: &BTreeSet<String>,
) -> Result<Waited, Failure> {
    let watch = Stopwatch::start();
    let file = shop.run.open_log(&node.id).map_err(|error| io_failure("its log could not be written", &error))?;
    let no_pipe =
        |error| failure(FailureCause::Io, format!("could not go on: no pipe to its log can be made: {error}"));
    let log = Log::begin(file, &shop.secrets).map_err(no_pipe)?;
    let folder = node.wdir.under(project);
    let mut env = shop.env.clone();
    env.push(("LOCKGATE_ROOT".to_owned(), project.into()));
    env.push(("LOCKGATE_STAGE".to_owned(), node.id.to_string().into()));
    if shop.compiled.pipeline.files.flavour == Flavour::Dvc {
        env.push(("DVC_STAGE".to_owned(), dvc_address(&node.id).into()));
    }
    let gates: Vec<&str> = degraded.iter().map(String::as_str).collect();
    env.push(("LOCKGATE_DEGRADED".to_owned(), gates.join(" ").into()));
    let mut waited = Waited::Ended(Ended::Exit(0));
    for line in commands(node).iter().flat_map(|line| shop.shell.scripts(line)) {
        let command = Command { line, shell: &shop.shell, folder: &folder, env: &env };
        let running = start(&command, log.writer()).map_err(|error| not_started(shop, line, &node.wdir, &error))?;
        let group = running.group();
        shop.guard.watch(group);
        let left = node.timeout.map(|timeout| timeout.saturating_sub(watch.elapsed()));
        let end = running.wait(left, shop.grace, &shop.cancel);
        shop.guard.release(group);
        waited = end.map_err(|error| not_started(shop, line, &node.wdir, &error))?;
        if waited != Waited::Ended(Ended::Exit(0)) {
            break;
        }
    }
    Ok(waited)
}

/// Returns what DVC calls a stage, as seen from the folder of the project.
fn dvc_address(task: &TaskId) -> String {
    if task.folder.is_root() { task.name.to_string() } else { format!("{}/dvc.yaml:{}", task.folder, task.name) }
}

fn not_started(shop: &Shop, line: &str, wdir: &RelPath, error: &io::Error) -> Failure {
    if shop.root.stat(wdir).is_ok_and(|stat| stat.is_none()) {
        return Failure {
            help: Some(format!("make the folder `{wdir}`, or name another as `wdir`")),
            ..failure(FailureCause::NotStarted, format!("could not be started: its folder `{wdir}` does not exist"))
        };
    }
    // What could not be started as it is was given to the shell.
    let shell = shop.shell.program.display();
    let help = if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::PermissionDenied) {
        format!("check that the shell `{shell}` is there and may be run, or set `SHELL` to another")
    } else if error.kind() == ErrorKind::ArgumentListTooLong {
        "put the command into a script, or what it lists into a file: the system takes no line of that length, nor more \
         of the environment"
            .to_owned()
    } else {
        "check the command and its environment".to_owned()
    };
    let message = format!("its command {} could not be started by the shell `{shell}`: {error}", beginning(line));
    Failure { help: Some(help), ..failure(FailureCause::NotStarted, message) }
}

/// Says how a command failed, and whether that was on a full disk: it has to be asked before anything is tidied up.
fn why_failed(shop: &Shop, waited: Waited, node: &Node) -> Failure {
    let own = failure_of(waited, node);
    match used_up(&shop.root) {
        Some(space) => blamed_on(&space, own),
        None => own,
    }
}

/// Says how a command failed.
pub fn failure_of(waited: Waited, node: &Node) -> Failure {
    match waited {
        Waited::Ended(Ended::Exit(status)) => {
            failure(FailureCause::Exit { status }, format!("failed with exit status {status}"))
        }
        Waited::Ended(Ended::Signal(signal)) => {
            failure(FailureCause::Signal { signal }, format!("was ended by {}", signal_name(signal)))
        }
        Waited::TimedOut => {
            let timeout = crate::words::text::duration(node.timeout.expect("only what has a timeout times out"));
            failure(FailureCause::Timeout, format!("ran longer than its timeout of {timeout} and was ended"))
        }
        Waited::Cancelled => failure(FailureCause::Interrupted, "was interrupted".to_owned()),
    }
}

fn signal_name(signal: i32) -> String {
    match signal {
        2 => "SIGINT".to_owned(),
        6 => "SIGABRT".to_owned(),
        9 => "SIGKILL (the kernel does that when memory runs out)".to_owned(),
        11 => "SIGSEGV".to_owned(),
        15 => "SIGTERM".to_owned(),
        other => format!("signal {other}"),
    }
}

/// Hashes the outputs, as a rule into the store. One that is not there is a failure that names it.
fn keep_outs(shop: &Shop, node: &Node) -> Result<Outs, Failure> {
    let mut outs = Outs::new();
    for out in node.outs() {
        let content = if let Some(path) = kept(out).filter(|_| shop.keeping == Keeping::InStore) {
            keep_out(shop, path)?
        } else {
            let path = out.path.spot();
            let observed = shop.observer.observe(path).map_err(|error| not_kept(path, error.into()))?;
            observed.ok_or_else(|| out_missing(shop, path))?
        };
        outs.insert(out.path.clone(), content);
    }
    Ok(outs)
}

fn keep_out(shop: &Shop, path: &RelPath) -> Result<Content, Failure> {
    let there = shop.root.stat(path).map_err(|error| io_failure("its output could not be read", &error))?;
    there.ok_or_else(|| out_missing(shop, path.into()))?;
    let content = shop.store.keep(path).map_err(|error| not_kept(path.into(), error))?;
    if is_symlink(shop, path) {
        // Where it leads the bytes may change, whatever a gate has said of them.
        let placed = shop.store.place(&content, path, shop.link, shop.protect);
        placed.map_err(|error| not_kept(path.into(), error))?;
    }
    Ok(content)
}

fn is_symlink(shop: &Shop, path: &RelPath) -> bool {
    shop.root.lstat(path).is_ok_and(|stat| stat.is_some_and(|stat| stat.kind == Kind::Symlink))
}

/// Returns where an out stands whose content is kept in the store. Metrics and plots are small, and kept even with
/// `cache: false`, so that their stage can be restored; what is outside of the project is not ours to restore.
pub fn kept(out: &Out) -> Option<&RelPath> {
    out.path.inside().filter(|_| out.cache || out.kind != OutKind::Data)
}

fn out_missing(shop: &Shop, path: Spot<'_>) -> Failure {
    let is_link = shop.root.lstat(path).is_ok_and(|stat| stat.is_some());
    let what = if is_link { "made a symlink that leads nowhere as" } else { "did not make" };
    Failure {
        help: Some(format!("let its command write `{path}`, or remove it from `outs`")),
        ..failure(FailureCause::OutMissing, format!("exited with 0 but {what} its output `{path}`"))
    }
}

/// What can be no output is the stage's mistake; all else is the machine's.
fn not_kept(path: Spot<'_>, error: StoreError) -> Failure {
    let bad = |what: String| Failure {
        help: Some(format!("let its command make `{path}` of files, folders and symlinks with plain names")),
        ..failure(FailureCause::OutMissing, format!("exited with 0 but made {what}"))
    };
    match error {
        StoreError::Observe(ObserveError::Special { path, what }) => bad(format!("`{path}` as {}", what.name())),
        StoreError::Observe(ObserveError::Name { folder, name }) => {
            bad(format!("in `{folder}` the name `{name}`, which is not UTF-8 or has a control character"))
        }
        StoreError::Observe(ObserveError::Target { path, target }) => {
            bad(format!("`{path}` a symlink to `{target}`, which is not UTF-8 or has a control character"))
        }
        StoreError::Observe(ObserveError::Disk(_) | ObserveError::Changed { .. })
        | StoreError::Disk(_)
        | StoreError::Nothing { .. }
        | StoreError::Missing { .. }
        | StoreError::Damaged { .. } => {
            failure(cause_of(error.disk()), format!("`{path}` could not be stored: {error}"))
        }
    }
}

/// Places outputs from the store in a transaction. What cannot be placed is a failure, after which the stage can be run.
pub fn place(shop: &Shop, job: PlaceJob) -> StageEnd {
    let watch = Stopwatch::start();
    let id = job.record.task.clone();
    let transaction = match begin(shop, &job.record) {
        Ok(transaction) => transaction,
        Err(failure) => return failed(&watch, failure),
    };
    for (path, _) in &job.record.outs {
        let content = job.outs.get(path.as_str()).expect("the record lists outs of this job");
        if let Err(error) = shop.store.place(content, path, shop.link, shop.protect) {
            let rolled_back = transaction.roll_back(Some(&below(&quarantine(&id), "placed")));
            let message = format!("`{path}` could not be restored: {error}");
            let (message, before) = match rolled_back {
                Ok(()) => (message, Before::Back),
                Err(disk) => (format!("{message}; {disk}"), Before::Aside),
            };
            return failed(&watch, Failure { before, ..failure(cause_of(error.disk()), message) });
        }
    }
    let PlaceJob { recipe, outs, .. } = job;
    StageEnd::Made(Box::new(Candidacy { recipe, outs, transaction, elapsed_ms: watch.elapsed_ms() }))
}

/// Makes a failure without help, log or tail.
pub fn failure(cause: FailureCause, message: String) -> Failure {
    Failure { cause, message, help: None, log: None, tail: Vec::new(), before: Before::Untouched }
}

/// Makes a failure of the machine.
pub fn io_failure(what: &str, error: &DiskError) -> Failure {
    Failure {
        help: error.help().map(ToOwned::to_owned),
        ..failure(cause_of(Some(error)), format!("could not go on: {what}: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_and_never_passes_the_cap() {
        let retry =
            Retry { attempts: 9, backoff: Duration::from_secs(2), cap: Duration::from_secs(5), on: vec![Cause::Exit] };
        for attempt in 1..9 {
            let longest = Duration::from_secs(2 << (attempt - 1)).min(Duration::from_secs(5));
            assert!(delay(&retry, attempt, "run task") <= longest);
        }
        assert_ne!(delay(&retry, 1, "run a"), delay(&retry, 1, "run b"));
    }
}
