//! What a worker does for a gate.

use std::path::PathBuf;

use crossbeam_channel::Sender;
use lockgate_kinds::{Kind, Leakage};

use super::crew::News;
use super::refused::quarantine;
use super::scratch::Scratch;
use super::site::{Site, describe};
use super::transaction::below;
use super::work::{Shop, run_commands, run_commands_in};
use crate::event::{Event, Failure, GateReport};
use crate::fingerprint::Recipe;
use crate::gate::{Change, Judgement, OtherTable, Tables, User, judge_ended, judge_kind, judge_leakage, judge_tables};
use crate::pipeline::{Gate, GateKind, Measured, Node, Rerun};
use crate::sys::clock::Stopwatch;
use crate::sys::disk::{DiskError, Layout};
use crate::sys::process::{Ended, Waited};
use crate::words::RelPath;

/// A gate that must judge.
pub struct GateJob {
    pub node: Node,
    pub recipe: Recipe,
    /// The report on the data that passed last, where it is kept.
    pub last: Option<GateReport>,
}

/// What a gate said.
pub struct GateEnd {
    pub recipe: Recipe,
    pub judgement: Judgement,
    pub elapsed_ms: u64,
}

/// Judges the data.
///
/// What prevents the judging is a verdict too, *error*, which blocks. The data and all else the gate reads must be the same
/// before and after, or the verdict would be about something else.
pub fn judge(shop: &Shop, job: GateJob, news: &Sender<News>) -> GateEnd {
    let watch = Stopwatch::start();
    let gate = job.node.gate().expect("only gates judge");
    let judgement = match &gate.kind {
        GateKind::Schema { file, .. } => judge_schema(shop, &job, gate, file),
        GateKind::Measured(measured) => judge_measured(shop, &job, gate, measured),
        GateKind::Command { .. } => judge_command(shop, &job.node, gate, &job.recipe, news),
    };
    let judgement = match moved_meanwhile(shop, &job) {
        None => judgement,
        Some(path) => Judgement::error(describe(gate, &job.recipe), format!("`{path}` changed while it was judged")),
    };
    GateEnd { recipe: job.recipe, judgement, elapsed_ms: watch.elapsed_ms() }
}

fn judge_measured(shop: &Shop, job: &GateJob, gate: &Gate, measured: &Measured) -> Judgement {
    match (&measured.kind, &measured.rerun) {
        (Kind::Leakage(settings), Some(rerun)) => judge_rerun(shop, job, settings, rerun),
        (kind, _) => site(shop).with_case(&job.node, gate, &job.recipe, measured.line, |case| judge_kind(kind, case)),
    }
}

/// Judges by running a stage again, in a copy of the project, on other inputs.
fn judge_rerun(shop: &Shop, job: &GateJob, settings: &Leakage, rerun: &Rerun) -> Judgement {
    let GateJob { node, recipe, .. } = job;
    let gate = node.gate().expect("only gates judge");
    let is_changed = |path: &RelPath| settings.outcomes.iter().any(|outcomes| outcomes.file == path.as_str());
    let (changed, deps): (Vec<RelPath>, Vec<RelPath>) = recipe.deps.keys().cloned().partition(is_changed);
    let absent: Vec<RelPath> = rerun.outs.iter().chain(&changed).cloned().collect();
    let mut scratch: Option<Scratch> = None;
    let mut redo = |change: &mut Change<'_>| {
        scratch = None;
        let copy = Scratch::make(&shop.root, &node.id, &deps, &absent).map_err(|error| error.to_string())?;
        for dep in &changed {
            change(dep.as_str(), &site(shop).place_of(dep, recipe.deps.get(dep)), &copy.path(dep))?;
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
    let line = gate.kind.line();
    site(shop).with_case(node, gate, recipe, line, |case| judge_leakage(settings, case, &mut redo))
}

fn site(shop: &Shop) -> Site<'_> {
    Site { root: &shop.root, store: &shop.store, file: &shop.compiled.pipeline.file }
}

fn judge_schema(shop: &Shop, job: &GateJob, gate: &Gate, file: &RelPath) -> Judgement {
    let GateJob { node, recipe, last } = job;
    let described = describe(gate, recipe);
    let GateKind::Schema { environment, tables, .. } = &gate.kind else {
        unreachable!("only schema gates have a schema")
    };
    let (text, rejects) = match shop.root.read_to_string(file).and_then(|text| Ok((text, rejects(shop, node, gate)?))) {
        Ok(found) => found,
        Err(disk) => return Judgement::error(described, disk.to_string()),
    };
    let site = site(shop);
    let judged: Vec<_> =
        gate.data.iter().map(|path| (path.clone(), site.place_of(path, recipe.data.get(path)))).collect();
    let other = |(name, path): &(String, RelPath)| {
        let (place, form) = (site.place_of(path, recipe.deps.get(path)), gate.forms.of(path.as_str()).clone());
        (name.clone(), OtherTable { path: path.clone(), place, form })
    };
    let tables = Tables {
        by: User::Gate(&node.id),
        judged: &judged,
        others: &tables.iter().map(other).collect(),
        environment: environment.as_deref(),
        rejects: &rejects,
        scratch: Some(&Layout::tmp().under(shop.root.path())),
        last: last.as_ref().map(|report| &report.details),
    };
    judge_tables(file, &text, &tables, described)
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

fn judge_command(shop: &Shop, node: &Node, gate: &Gate, recipe: &Recipe, news: &Sender<News>) -> Judgement {
    let log = shop.run.log_of(&node.id);
    let _ = news.send(News::Event(Event::Started { task: node.id.clone(), attempt: 1, log: log.clone() }));
    match run_commands(shop, node, &recipe.degraded) {
        Ok(waited) => judge_ended(waited, &recipe.cmd, describe(gate, recipe), log.clone(), &shop.run.tail_of(&log)),
        Err(Failure { message, .. }) => Judgement::error(describe(gate, recipe), message),
    }
}

/// Returns something that the gate reads and that is not what it was when the gate was decided.
fn moved_meanwhile(shop: &Shop, job: &GateJob) -> Option<RelPath> {
    let mut read = job.recipe.data.iter().chain(&job.recipe.deps);
    let moved = read.find(|(path, content)| shop.observer.observe(path).ok().flatten().as_ref() != Some(content));
    moved.map(|(path, _)| path.clone()).or_else(|| shop.compiled.text_moved(&shop.root, &job.node))
}
