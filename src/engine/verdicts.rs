//! What a run does with verdicts: it weighs them against what people have allowed, tells and keeps them.
//!
//! Knows nothing of how a gate judges, and publishes no data.

use std::collections::BTreeMap;

use super::court::{Court, Precedent};
use super::decider::Decided;
use super::judge::GateEnd;
use super::kept::Kept;
use super::run::Run;
use crate::event::{Event, GateReport, How};
use crate::fingerprint::Recipe;
use crate::graph::TaskIx;
use crate::lock::{Entry, Past, Verdict};
use crate::plan::{Effect, Standing};
use crate::schedule::{Fact, Outcome};
use crate::sys::disk::DiskError;
use crate::words::{GateState, TaskId};

impl Run<'_> {
    /// Tells a verdict that is known already.
    pub(super) fn repeat_verdict(&mut self, task: TaskIx, decided: &Decided) -> Fact {
        let recipe = decided.recipe.clone().expect("a gate is decided by its recipe");
        let node = self.known.node(task);
        let court = Court { lock: self.records.lock(), store: self.store, errors: self.errors, law: self.law };
        let precedent = court.precedent(node, node.gate().expect("only gates judge"), &recipe);
        let Precedent { verdict, report } = precedent.expect("the verdict was known when the gate was decided");
        // The report of a pass is only told, so it is read only here.
        let report = report.or_else(|| Kept::verdict(self.store, &recipe.key()).and_then(|(_, report)| report));
        self.judged(task, Entry { recipe, outs: BTreeMap::new(), verdict: Some(verdict) }, report, How::Fresh, 0)
    }

    fn judged(&mut self, task: TaskIx, entry: Entry, report: Option<GateReport>, how: How, elapsed_ms: u64) -> Fact {
        let verdict = entry.verdict.clone().expect("a gate's entry has a verdict");
        let node = self.known.node(task);
        let standing = self.law.standing(node, &entry.recipe, &verdict, report.as_ref());
        let (effect, allowed) = (standing.effect, self.law.told(node, &entry.recipe, &standing));
        self.tally.judged(standing.open, effect, how);
        self.known.degrade_by(task, Some(effect));
        self.remember(task, &entry.recipe, &verdict, report.as_ref());
        let outcome = match effect {
            Effect::Pass | Effect::Degrade => Outcome::Good,
            Effect::Block => Outcome::Refused,
            Effect::Halt => Outcome::Halted,
        };
        let verdict = as_told(verdict, &standing);
        let gate = node.gate().expect("only gates judge");
        let place = self.known.pipeline.files.cite(&node.id, gate.line);
        self.tell(&Event::Judged { task: node.id.clone(), verdict, how, elapsed_ms, report, place, allowed });
        if outcome == Outcome::Good {
            self.passed.insert(task, entry);
            let judges_candidates = self.known.graph.judged(task).any(|made| self.known.selection.contains(made));
            if !judges_candidates {
                self.record_verdict(task);
            }
        }
        Fact::Judged(task, outcome)
    }

    /// Adds a verdict to the history of its gate. One that reads the clock is about the moment, and an error about no data.
    fn remember(&mut self, gate: TaskIx, recipe: &Recipe, verdict: &Verdict, report: Option<&GateReport>) {
        let node = self.known.node(gate);
        if verdict.state == GateState::Error || node.gate().is_some_and(|gate| gate.kind.is_volatile()) {
            return;
        }
        // A verdict that is known from the lock alone is in its history, with what was measured then.
        let Some(report) = report else { return };
        if let Err(error) = self.records.judged(&node.id, &Past::of(recipe, verdict.state, report.metrics.clone())) {
            self.not_recorded(&node.id, &error);
        }
    }

    fn not_recorded(&mut self, gate: &TaskId, error: &DiskError) {
        self.machine_failed(error);
        self.warn(format!("the verdict of `{gate}` could not be recorded: {error}"), Some(error));
    }

    /// Writes a verdict into the lock, if it is not there.
    pub(super) fn record_verdict(&mut self, gate: TaskIx) {
        let Some(entry) = self.passed.get(&gate) else { return };
        // What was true for a moment is nothing to rely on later.
        if self.known.node(gate).gate().is_some_and(|gate| gate.kind.is_volatile()) {
            return;
        }
        let id = &self.known.node(gate).id;
        if self.records.lock().tasks.get(id) != Some(entry)
            && let Err(error) = self.records.published(id, entry.clone(), None)
        {
            self.not_recorded(id, &error);
        }
    }

    pub(super) fn gate_ended(&mut self, task: TaskIx, end: GateEnd) -> Fact {
        let GateEnd { recipe, judgement, is_full, elapsed_ms } = end;
        if is_full {
            self.disk_is_full();
        }
        let (verdict, report) = (judgement.verdict, judgement.report);
        self.note_error(task, &recipe, &verdict);
        if self.is_kept(task, &verdict)
            && let Err(error) = Kept::of_verdict(&verdict, Some(&report)).write(self.store, &recipe.key())
        {
            let message = format!("the verdict could not be kept for the next run: {error}");
            self.not_kept(message, error.disk());
        }
        let entry = Entry { recipe, outs: BTreeMap::new(), verdict: Some(verdict) };
        self.judged(task, entry, Some(report), How::Ran, elapsed_ms)
    }

    /// Keeps why a gate could not judge, for listings. What cannot be kept was told all the same.
    fn note_error(&mut self, task: TaskIx, recipe: &Recipe, verdict: &Verdict) {
        let (root, gate) = (&self.terms.root, &self.known.node(task).id);
        let noted = match verdict.state {
            GateState::Error => self.errors.note(root, gate, recipe, &verdict.summary),
            GateState::Pass | GateState::Warn | GateState::Fail | GateState::Review | GateState::Inconclusive => {
                self.errors.clear(root, gate)
            }
        };
        if let Err(error) = noted {
            let message = format!("the error of `{gate}` could not be kept for listings: {error}");
            self.not_kept(message, Some(&error));
        }
    }

    /// What only saves time or tells does not fail a run, unless there is no room for anything else either.
    fn not_kept(&mut self, message: String, error: Option<&DiskError>) {
        if let Some(error) = error.filter(|error| error.is_full()) {
            self.machine_failed(error);
        }
        self.warn(message, error);
    }

    /// An error may be gone next time, and a volatile verdict is about the moment.
    fn is_kept(&self, task: TaskIx, verdict: &Verdict) -> bool {
        let gate = self.known.node(task).gate().expect("only gates judge");
        verdict.state != GateState::Error && !gate.kind.is_volatile()
    }
}

/// Data that passes although it failed is told as a warning; what a person has looked at and approved simply passes.
fn as_told(verdict: Verdict, standing: &Standing<'_>) -> Verdict {
    if standing.open == GateState::Pass && standing.approval.is_some() {
        return Verdict { state: GateState::Pass, summary: standing.told().join("; ") };
    }
    let why = match standing.effect {
        Effect::Block | Effect::Halt => return verdict,
        Effect::Pass | Effect::Degrade if verdict.state.lets_pass() => return verdict,
        Effect::Degrade => "let through by `on_fail: degrade`",
        Effect::Pass if standing.open.lets_pass() => "allowed",
        Effect::Pass => "let through by `on_fail: warn`",
    };
    let summary = format!("{}, {why}: {}", verdict.state.word(), verdict.summary);
    Verdict { state: GateState::Warn, summary }
}
