//! What a worker does for a gate.

use std::collections::BTreeMap;

use crossbeam_channel::Sender;
use lockgate_kinds::{Kind, Leakage};

use super::crew::News;
use super::scratch::Scratch;
use super::site::{Site, describe};
use super::work::{Shop, run_commands, run_commands_in};
use crate::event::{Event, Failure};
use crate::fingerprint::Recipe;
use crate::gate::{Change, Judgement, Tables, judge_ended, judge_kind, judge_leakage, judge_tables};
use crate::pipeline::{Gate, GateKind, Node, Rerun};
use crate::sys::clock::Stopwatch;
use crate::sys::process::{Ended, Waited};
use crate::words::RelPath;

/// A gate that must judge.
pub struct GateJob {
    pub node: Node,
    pub recipe: Recipe,
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
        GateKind::Schema { file, .. } => judge_schema(shop, gate, file, &job.recipe),
        GateKind::Measured { kind: Kind::Leakage(settings), rerun: Some(rerun), .. } => {
            judge_rerun(shop, &job, settings, rerun)
        }
        GateKind::Measured { kind, line, .. } => {
            site(shop).with_case(&job.node, gate, &job.recipe, *line, |case| judge_kind(kind, case))
        }
        GateKind::Command { .. } => judge_command(shop, &job.node, gate, &job.recipe, news),
    };
    let judgement = match moved_meanwhile(shop, &job) {
        None => judgement,
        Some(path) => Judgement::error(describe(gate, &job.recipe), format!("`{path}` changed while it was judged")),
    };
    GateEnd { recipe: job.recipe, judgement, elapsed_ms: watch.elapsed_ms() }
}

/// Judges by running a stage again, in a copy of the project, on other inputs.
fn judge_rerun(shop: &Shop, job: &GateJob, settings: &Leakage, rerun: &Rerun) -> Judgement {
    let GateJob { node, recipe } = job;
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
            return Err(format!("stage `{}` failed when it was run again on other inputs: {tail}", settings.stage));
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

fn judge_schema(shop: &Shop, gate: &Gate, file: &RelPath, recipe: &Recipe) -> Judgement {
    match shop.root.read_to_string(file) {
        Ok(text) => {
            let place = |path: &RelPath| site(shop).place_of(path, recipe.data.get(path));
            let tables: Vec<_> = gate.data.iter().map(|path| (path.clone(), place(path))).collect();
            let tables = Tables { judged: &tables, others: &BTreeMap::new() };
            judge_tables(file, &text, &tables, describe(gate, recipe))
        }
        Err(disk) => Judgement::error(describe(gate, recipe), disk.to_string()),
    }
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
