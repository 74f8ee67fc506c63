//! What a run does with candidates: it publishes them, with their record, or takes them back.
//!
//! Knows nothing of how they were made, and makes no verdict.

use super::full::cause_of;
use super::kept::Kept;
use super::refused::{Candidate, quarantine};
use super::repro::Keeping;
use super::run::Run;
use super::transaction::{Transaction, below};
use super::work::{Candidacy, failure, io_failure};
use crate::event::{Before, Event, Failure, FailureCause, How};
use crate::graph::TaskIx;
use crate::lock::Entry;
use crate::plan::{Decision, Origin, Reason};
use crate::schedule::Fact;
use crate::sys::disk::DiskError;
use crate::words::Content;

impl Run<'_> {
    /// Publishes the candidate of a task; one that has none is what it was.
    pub(super) fn publish(&mut self, task: TaskIx) -> Fact {
        let published = match self.open.remove(&task) {
            None if self.known.selection.is_bystander(task) => Ok(()),
            None => {
                self.tally.summary.fresh += 1;
                let how = if self.held.contains(&task) { How::Held } else { How::Fresh };
                self.done(task, how, 0, 0);
                Ok(())
            }
            Some(candidacy) => self.publish_candidate(task, candidacy),
        };
        match published {
            Ok(()) => {
                let guards: Vec<TaskIx> = self.known.graph.guards(task).collect();
                for gate in guards {
                    self.record_verdict(gate);
                }
                Fact::Published(task)
            }
            Err(failure) => self.failed(task, failure, 0),
        }
    }

    fn done(&mut self, task: TaskIx, how: How, elapsed_ms: u64, saved_ms: u64) {
        self.tally.summary.saved_ms += saved_ms;
        let degraded = self.known.degraded(task).clone();
        self.tally.summary.degraded += usize::from(!degraded.is_empty());
        self.tell(&Event::Done { task: self.known.node(task).id.clone(), how, elapsed_ms, saved_ms, degraded });
    }

    fn publish_candidate(&mut self, task: TaskIx, candidacy: Candidacy) -> Result<(), Failure> {
        let Candidacy { recipe, outs, transaction, elapsed_ms } = candidacy;
        let decided = self.decided.remove(&task).expect("only decided tasks are published");
        let how = match decided.decision {
            Decision::Adopt { .. } => How::Adopted,
            Decision::Restore { .. } => How::Restored,
            Decision::Fresh
            | Decision::Held(_)
            | Decision::Run { .. }
            | Decision::Pending { .. }
            | Decision::Refused { .. }
            | Decision::Blocked { .. } => How::Ran,
        };
        self.name_outs_of(task);
        let node = self.known.node(task);
        let io = |error| io_failure("its outputs could not be published", &error);
        let entry = Entry { recipe, outs, verdict: None };
        if let Err(failure) = self.record(task, entry, &decided.decision, (transaction.number(), elapsed_ms)) {
            let had_some = transaction.replaces_some();
            let folder = quarantine(&node.id);
            let is_full = matches!(failure.cause, FailureCause::DiskFull { .. });
            transaction.roll_back((!is_full).then_some(&folder)).map_err(io)?;
            self.end_transaction(task);
            let before = if had_some { Before::Back } else { Before::None };
            return Err(Failure { before, ..failure });
        }
        self.sweep(task, transaction, &decided.decision).map_err(io)?;
        self.tally.published(how);
        self.tide.published();
        self.done(task, how, elapsed_ms, decided.saved_ms);
        Ok(())
    }

    /// Keeps what was made in the run cache, and records it as the task's last success.
    fn record(&mut self, task: TaskIx, entry: Entry, decision: &Decision, made: (u64, u64)) -> Result<(), Failure> {
        let (txn, elapsed_ms) = made;
        if self.known.evidence.has_assumed(&entry.recipe) {
            // Some of what it was made of is not here, and dvc.lock alone knows it: it is in place, and no more.
            let ended = self.records.ended(&self.known.node(task).id);
            return ended.map_err(|error| io_failure("its outputs could not be published", &error));
        }
        let is_known = matches!(decision, Decision::Restore { from: Origin::Lock | Origin::RunCache, .. });
        if !is_known && !entry.outs.is_empty() && self.terms.keeping == Keeping::InStore {
            let kept = Kept::Outs { outs: entry.outs.clone(), elapsed_ms };
            kept.write(self.store, &entry.recipe.key()).map_err(|error| {
                failure(cause_of(error.disk()), format!("could not be kept in the run cache: {error}"))
            })?;
        }
        let published = self.records.published(&self.known.node(task).id, entry, Some(txn));
        published.map_err(|error| io_failure("its outputs could not be published", &error))
    }

    /// Removes what the publication replaced; what a person had edited is kept beside the other refused outputs. What the
    /// store has was made at another time, as before a switch of branches, and can be had again.
    fn sweep(&mut self, task: TaskIx, transaction: Transaction, decision: &Decision) -> Result<(), DiskError> {
        let id = self.known.node(task).id.clone();
        self.terms.root.remove(&quarantine(&id))?;
        // The store keeps no permissions of single files.
        let is_unsaved = |was: &Content, now: &Content| was.digest() == now.digest() || !self.store.has(now);
        let edits = decision.reasons().iter().filter_map(Reason::edit);
        let edited = edits.filter(|(_, was, now)| is_unsaved(was, now)).find_map(|(path, ..)| path.inside());
        let Some(path) = edited else { return transaction.publish() };
        let folder = below(&quarantine(&id), "edited");
        transaction.publish_keeping(&folder)?;
        let message = format!("`{path}` had been edited; it was replaced, and the edited file is kept in `{folder}`");
        let help = Some(format!("to publish an edited output as it is, use `lockgate commit -f {id}`"));
        self.tell(&Event::Warning { message, help });
        Ok(())
    }

    /// Takes a candidate back: it is remembered, its files are moved into quarantine, and the old outputs return.
    pub(super) fn refuse(&mut self, task: TaskIx, by: &[TaskIx]) {
        let node = self.known.node(task);
        let by: Vec<_> = by.iter().map(|gate| self.known.node(*gate).id.clone()).collect();
        self.known.forget(task);
        if self.known.selection.is_bystander(task) {
            return;
        }
        let Some(candidacy) = self.open.remove(&task) else {
            self.tell(&Event::Refused { task: node.id.clone(), by, quarantine: None });
            return;
        };
        let folder = quarantine(&node.id);
        let candidate = Candidate { key: candidacy.recipe.key(), outs: candidacy.outs };
        // What DVC has published stays where it is, and is only remembered; what reads it is blocked.
        let stays = candidacy.transaction.is_of_nothing();
        let root = &self.terms.root;
        let moved = root.remove(&folder).and_then(|()| candidacy.transaction.roll_back(Some(&folder)));
        // What could not be put back is still open, and the next run puts it back.
        let moved = moved.map(|()| self.end_transaction(task));
        if let Err(error) = moved.and_then(|()| candidate.write(&self.terms.root, &node.id)) {
            self.machine_failed(&error);
            let message = format!("the refused outputs of `{}` could not be moved into quarantine: {error}", node.id);
            self.warn(message, Some(&error));
        }
        let quarantine = (!stays).then_some(folder);
        self.tell(&Event::Refused { task: node.id.clone(), by, quarantine });
    }
}
