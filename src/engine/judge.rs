//! What a worker does for a gate.

use std::path::PathBuf;

use crossbeam_channel::Sender;

use super::crew::News;
use super::work::{Shop, run_commands};
use crate::event::{Event, Failure};
use crate::fingerprint::Recipe;
use crate::gate::{Judgement, judge_ended, judge_tables};
use crate::pipeline::{Gate, GateKind, Node};
use crate::sys::clock::Stopwatch;
use crate::words::{Content, RelPath};

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
        GateKind::Schema { file } => judge_schema(shop, gate, file, &job.recipe),
        GateKind::Command { .. } => judge_command(shop, &job.node, gate, &job.recipe, news),
    };
    let judgement = match moved_meanwhile(shop, &job) {
        None => judgement,
        Some(path) => Judgement::error(describe(gate, &job.recipe), format!("`{path}` changed while it was judged")),
    };
    GateEnd { recipe: job.recipe, judgement, elapsed_ms: watch.elapsed_ms() }
}

fn judge_schema(shop: &Shop, gate: &Gate, file: &RelPath, recipe: &Recipe) -> Judgement {
    match shop.root.read_to_string(file) {
        Ok(text) => {
            let place = |path: &RelPath| place_of(shop, path, recipe.data.get(path));
            let tables: Vec<_> = gate.data.iter().map(|path| (path.clone(), place(path))).collect();
            judge_tables(file, &text, &tables, describe(gate, recipe))
        }
        Err(disk) => Judgement::error(describe(gate, recipe), disk.to_string()),
    }
}

/// Returns where a table is read: in the store, where its bytes cannot change any more, or else in the workspace.
fn place_of(shop: &Shop, path: &RelPath, content: Option<&Content>) -> PathBuf {
    let kept = content.and_then(|content| shop.store.sound_file(content));
    kept.unwrap_or_else(|| path.under(shop.root.path()))
}

fn judge_command(shop: &Shop, node: &Node, gate: &Gate, recipe: &Recipe, news: &Sender<News>) -> Judgement {
    let log = shop.run.log_of(&node.id);
    let _ = news.send(News::Event(Event::Started { task: node.id.clone(), attempt: 1, log: log.clone() }));
    match run_commands(shop, node, &recipe.degraded) {
        Ok(waited) => judge_ended(waited, &recipe.cmd, describe(gate, recipe), log.clone(), &shop.run.tail_of(&log)),
        Err(Failure { message, .. }) => Judgement::error(describe(gate, recipe), message),
    }
}

/// Returns what was judged, a line each.
fn describe(gate: &Gate, recipe: &Recipe) -> Vec<String> {
    let content = |path: &RelPath| recipe.data.get(path).map(|content| format!("{path}  ({})", content.short()));
    gate.data.iter().filter_map(content).collect()
}

/// Returns something that the gate reads and that is not what it was when the gate was decided.
fn moved_meanwhile(shop: &Shop, job: &GateJob) -> Option<RelPath> {
    let mut read = job.recipe.data.iter().chain(&job.recipe.deps);
    let moved = read.find(|(path, content)| shop.observer.observe(path).ok().flatten().as_ref() != Some(content));
    moved.map(|(path, _)| path.clone()).or_else(|| shop.compiled.text_moved(&shop.root, &job.node))
}
