//! What DVC's run cache may answer for, and what then becomes of a stage that would run.
//!
//! Its entries name paths as the stage writes them, and say nothing of the folder in which its commands ran: a stage with
//! another `wdir` has the same one. So an answer counts only for a stage of which nothing speaks of two folders.

use super::decider::Decided;
use super::knowledge::Knowledge;
use crate::lock::Entry;
use crate::pipeline::Node;
use crate::plan::{Decision, Origin, Situation};
use crate::words::{Place, RelPath};

/// Whether DVC's run cache may be asked for a stage: it knows nothing of variables, of degraded inputs, of outs that are
/// continued and of working folders.
pub(super) fn may_recall(now: &Situation<'_>, node: &Node) -> bool {
    let is_kept = !now.recipe.deps.is_empty() && !now.stage.outs.is_empty();
    let is_own = now.recipe.env.is_empty() && now.recipe.degraded.is_empty() && now.held.is_none() && !now.stage.frozen;
    let is_made_anew = now.forced || now.stage.always_changed || now.stage.outs.iter().any(|out| out.persist);
    is_kept && is_own && !is_made_anew && is_at_home(node, now.locked)
}

/// Restores from DVC's run cache what would run.
pub(super) fn with_recalled(node: &Node, decided: Decided, known: &Knowledge<'_>) -> Decided {
    let (Decision::Run { reasons }, Some(recipe)) = (&decided.decision, &decided.recipe) else { return decided };
    let file = known.pipeline.files.in_folder(&node.id.folder);
    let Some(vouched) = known.evidence.recall(node, recipe, file) else { return decided };
    if known.pipeline.nodes.iter().any(|other| is_twin(node, other)) {
        return decided;
    }
    let decision = Decision::Restore { from: Origin::DvcCache, reasons: reasons.clone() };
    Decided { decision, outs: Some(vouched.outs.clone()), vouched, ..decided }
}

/// Whether a stage runs in the folder of its pipeline file, and did so when it was last recorded.
///
/// That our lock has the same `wdir` would not be enough for another folder: entries may be older than it.
fn is_at_home(node: &Node, locked: Option<&Entry>) -> bool {
    node.wdir == node.id.folder && locked.is_none_or(|entry| entry.recipe.wdir == node.wdir)
}

/// Whether two stages are one and the same to DVC's run cache, and run in two folders.
fn is_twin(node: &Node, other: &Node) -> bool {
    let command = |node: &Node| node.stage().map(|stage| stage.cmd.clone());
    node.wdir != other.wdir
        && command(node) == command(other)
        && deps_of(node) == deps_of(other)
        && outs_of(node) == outs_of(other)
}

fn deps_of(node: &Node) -> Vec<String> {
    seen_from(&node.wdir, node.deps.iter().map(|dep| &dep.path))
}

fn outs_of(node: &Node) -> Vec<String> {
    seen_from(&node.wdir, node.outs().iter().map(|out| &out.path))
}

fn seen_from<'p>(wdir: &RelPath, paths: impl Iterator<Item = &'p Place>) -> Vec<String> {
    let mut paths: Vec<String> = paths.map(|path| path.seen_from(wdir)).collect();
    paths.sort_unstable();
    paths
}
