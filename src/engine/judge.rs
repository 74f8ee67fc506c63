//! What a worker does for a gate.

use std::path::PathBuf;

use crossbeam_channel::Sender;
use lockgate_kinds::{Kind, Leakage};

use super::crew::News;
use super::full::{blamed_on, cause_of, used_up};
use super::kept::Kept;
use super::knowledge::Outs;
use super::refused::quarantine;
use super::scratch::Scratch;
use super::site::{Site, describe};
use super::transaction::below;
use super::work::{Shop, failure, failure_of, run_commands, run_commands_in};
use crate::event::{Event, Failure, FailureCause};
use crate::fingerprint::Recipe;
use crate::gate::{Change, Judgement, OtherTable, Tables, User, judge_ended, judge_kind, judge_leakage, judge_tables};
use crate::pipeline::{Gate, GateKind, Measured, Node, Rerun};
use crate::sys::clock::Stopwatch;
use crate::sys::disk::{DiskError, Layout};
use crate::sys::process::{Ended, Waited};
use crate::words::{Digest, Place, RelPath};

/// A gate that must judge.
pub struct GateJob {
    pub node: Node,
    pub recipe: Recipe,
    /// The files that stages make and from which its parameters were read.
    pub made_files: Outs,
    /// The key of the data that passed last: under it, its report may be kept.
    pub last: Option<Digest>,
    /// Why its commands cannot be started, when that is known.
    pub no_secret: Option<Failure>,
}

/// What a gate said.
pub struct GateEnd {
    pub recipe: Recipe,
    pub judgement: Judgement,
    /// Whether lockgate found no room on a disk for what judging needs.
    pub is_full: bool,
    pub elapsed_ms: u64,
}

/// Judges the data.
///
/// What prevents the judging is a verdict too, *error*, which blocks. The data and all else the gate reads must be the same
/// before and after, or the verdict would be about something else.
pub fn judge(shop: &Shop, job: GateJob, news: &Sender<News>) -> GateEnd {
    let watch = Stopwatch::start();
    let gate = job.node.gate().expect("only gates judge");
    let judged = job.no_secret.clone().map_or_else(|| judge_by_kind(shop, &job, gate, news), Err);
    let is_full = judged.as_ref().is_err_and(|failure| matches!(failure.cause, FailureCause::DiskFull { .. }));
    let judgement = judged.unwrap_or_else(|failure| could_not(gate, &job.recipe, &failure));
    let judgement = match moved_meanwhile(shop, &job) {
        None => judgement,
        Some(path) => Judgement::error(
            describe(gate, &job.recipe),
            format!("`{path}` changed while it was judged; run again once nothing writes to it"),
        ),
    };
    GateEnd { recipe: job.recipe, judgement, is_full, elapsed_ms: watch.elapsed_ms() }
}

/// Fails when the machine, not the data, kept the gate from judging.
fn judge_by_kind(shop: &Shop, job: &GateJob, gate: &Gate, news: &Sender<News>) -> Result<Judgement, Failure> {
    match &gate.kind {
        GateKind::Schema { file, environment, tables } => {
            judge_schema(shop, job, gate, &Rules { file, environment: environment.as_deref(), tables })
        }
        GateKind::Measured(measured) => Ok(judge_measured(shop, job, gate, measured)),
        GateKind::Command { .. } => judge_command(shop, &job.node, gate, &job.recipe, news),
    }
}

/// The verdict of a gate that was kept from judging, with the next step.
fn could_not(gate: &Gate, recipe: &Recipe, failure: &Failure) -> Judgement {
    let help = failure.help.iter().map(|help| format!("; {help}"));
    Judgement::error(describe(gate, recipe), std::iter::once(failure.message.clone()).chain(help).collect())
}

fn judge_measured(shop: &Shop, job: &GateJob, gate: &Gate, measured: &Measured) -> Judgement {
    match (&measured.kind, &measured.rerun) {
        (Kind::Leakage(settings), Some(rerun)) => judge_rerun(shop, job, settings, rerun),
        (kind, _) => site(shop).with_case(&job.node, gate, &job.recipe, |case| judge_kind(kind, case)),
    }
}

/// Judges by running a stage again, in a copy of the project, on other inputs.
fn judge_rerun(shop: &Shop, job: &GateJob, settings: &Leakage, rerun: &Rerun) -> Judgement {
    let GateJob { node, recipe, .. } = job;
    let gate = node.gate().expect("only gates judge");
    let is_changed = |path: &RelPath| settings.outcomes.iter().any(|outcomes| outcomes.file == path.as_str());
    let (changed, deps): (Vec<RelPath>, Vec<RelPath>) =
        recipe.deps.keys().filter_map(Place::inside).cloned().partition(is_changed);
    let absent: Vec<RelPath> = rerun.outs.iter().chain(&changed).cloned().collect();
    let mut scratch: Option<Scratch> = None;
    let mut redo = |change: &mut Change<'_>| {
        scratch = None;
        let copy = Scratch::make(&shop.root, &node.id, &deps, &absent).map_err(|error| error.to_string())?;
        for dep in &changed {
            change(dep.as_str(), &site(shop).place_of(dep, recipe.deps.get(dep.as_str())), &copy.path(dep))?;
        }
        let waited =
            run_commands_in(shop, node, &copy.folder(), &recipe.degraded).map_err(|failure| failure.message)?;
        if waited != Waited::Ended(Ended::Exit(0)) {
            let log = shop.run.log_of(&node.id);
            let tail = shop.run.tail_of(&log).join("; ");
            let (stage, gate) = (&settings.stage, &node.id);
            let said = format!("stage `{stage}` failed when it was run again on other inputs: {tail}");
            return Err(format!("{said}; `lockgate logs {gate}` shows all of its output"));
        }
        let made = gate.data.first().map(|data| copy.path(data)).ok_or("there is no data to judge")?;
        scratch = Some(copy);
        Ok(made)
    };
    site(shop).with_case(node, gate, recipe, |case| judge_leakage(settings, case, &mut redo))
}

fn site(shop: &Shop) -> Site<'_> {
    // A candidate is judged where it was written.
    Site { root: &shop.root, store: &shop.store, files: &shop.compiled.pipeline.files, refused: &|_, _| None }
}

/// The settings of a schema gate.
struct Rules<'a> {
    file: &'a RelPath,
    environment: Option<&'a str>,
    /// Other tables, by the names under which the rules speak of them.
    tables: &'a [(String, RelPath)],
}

fn judge_schema(shop: &Shop, job: &GateJob, gate: &Gate, rules: &Rules<'_>) -> Result<Judgement, Failure> {
    let GateJob { node, recipe, last, .. } = job;
    let described = describe(gate, recipe);
    let text = shop.root.read_to_string(rules.file);
    let (text, rejects) = match text.and_then(|text| Ok((text, rejects(shop, node, gate)?))) {
        Ok(found) => found,
        Err(disk) => return Err(failure(cause_of(Some(&disk)), disk.to_string())),
    };
    let site = site(shop);
    let judged: Vec<_> =
        gate.data.iter().map(|path| (path.clone(), site.place_of(path, recipe.data.get(path)))).collect();
    let other = |(name, path): &(String, RelPath)| {
        let (place, form) = (site.place_of(path, recipe.deps.get(path.as_str())), gate.forms.of(path.as_str()).clone());
        (name.clone(), OtherTable { path: path.clone(), place, form })
    };
    let tables = Tables {
        by: User::Gate(&node.id),
        judged: &judged,
        others: &rules.tables.iter().map(other).collect(),
        environment: rules.environment,
        csv: &gate.forms.all,
        rejects: &rejects,
        scratch: Some(&Layout::tmp().under(shop.root.path())),
        last: &|| Some(Kept::verdict(&shop.store, &(*last)?)?.1?.details),
    };
    let full = || FailureCause::DiskFull { path: Layout::tmp().to_string() };
    judge_tables(rules.file, &text, &tables, described).map_err(|why| failure(full(), why.to_string()))
}

/// Makes room for the bad rows of each judged table, in the gate's quarantine; those of the last time go.
fn rejects(shop: &Shop, node: &Node, gate: &Gate) -> Result<Vec<(String, PathBuf)>, DiskError> {
    let folder = quarantine(&node.id);
    shop.root.remove(&folder)?;
    let name = |path: &RelPath| format!("{}.rows.parquet", path.as_str().replace('/', "-"));
    let place = |path: &RelPath| below(&folder, &name(path));
    let places: Vec<RelPath> = gate.data.iter().map(place).collect();
    places.iter().try_for_each(|place| shop.root.create_dir_all(&place.parent()))?;
    Ok(places.into_iter().map(|place| (place.to_string(), place.under(shop.root.path()))).collect())
}

fn judge_command(
    shop: &Shop,
    node: &Node,
    gate: &Gate,
    recipe: &Recipe,
    news: &Sender<News>,
) -> Result<Judgement, Failure> {
    let log = shop.run.log_of(&node.id);
    let _ = news.send(News::Event(Event::Started { task: node.id.clone(), attempt: 1, log: log.clone() }));
    let waited = run_commands(shop, node, &recipe.degraded)?;
    if waited != Waited::Ended(Ended::Exit(0))
        && let Some(space) = used_up(&shop.root)
    {
        // What a command says when it has no room to work is nothing about the data, so it must not be kept as a verdict.
        return Err(blamed_on(&space, failure_of(waited, node)));
    }
    Ok(judge_ended(waited, &recipe.cmd, describe(gate, recipe), log.clone(), &shop.run.tail_of(&log)))
}

/// Returns something that the gate reads and that is not what it was when the gate was decided.
fn moved_meanwhile(shop: &Shop, job: &GateJob) -> Option<Place> {
    let made_files = job.made_files.iter().map(|(file, content)| (file.spot(), *content));
    let mut read = job.recipe.inputs().chain(made_files);
    let moved = read.find(|(path, content)| shop.observer.observe(*path).ok().flatten() != Some(*content));
    let text = || shop.compiled.text_moved(&shop.root, &job.node).map(Place::Inside);
    moved.map(|(path, _)| path.to_place()).or_else(text)
}
