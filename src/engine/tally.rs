//! What a run adds up to, and the exit code that follows.

use crate::event::{Failure, FailureCause, How, Summary};
use crate::lock::GateState;
use crate::plan::Blocker;

/// Counts, and the facts that decide the exit code.
#[derive(Debug, Default)]
pub struct Tally {
    pub summary: Summary,
    /// The id of the run, once it has executed something.
    pub run: Option<String>,
    pub interrupted: bool,
    /// The store, the lock or an output could not be written.
    pub unpublished: bool,
    gate_blocked: bool,
    needs_person: bool,
    stage_failed: bool,
}

impl Tally {
    /// Counts a verdict.
    pub fn judged(&mut self, state: GateState, how: How) {
        match state {
            GateState::Pass | GateState::Warn => {
                let count = if how == How::Fresh { &mut self.summary.fresh } else { &mut self.summary.ran };
                *count += 1;
                return;
            }
            GateState::Fail | GateState::Inconclusive | GateState::Error => self.gate_blocked = true,
            GateState::Review => self.needs_person = true,
        }
        self.summary.refused += 1;
    }

    /// Counts a failure.
    pub fn failed(&mut self, failure: &Failure) {
        self.summary.failed += 1;
        match failure.cause {
            FailureCause::Io => self.unpublished = true,
            FailureCause::Interrupted => self.interrupted = true,
            FailureCause::Exit { .. }
            | FailureCause::Signal { .. }
            | FailureCause::Timeout
            | FailureCause::NotStarted
            | FailureCause::OutMissing
            | FailureCause::InputChanged => self.stage_failed = true,
        }
    }

    /// Notes why a task is blocked: what is in the way by itself counts as a failure of the stage.
    pub fn blocked(&mut self, by: &[Blocker]) {
        self.stage_failed |= by.iter().any(|blocker| match blocker {
            Blocker::MissingDep { .. } | Blocker::FrozenOutMissing { .. } | Blocker::Unreadable { .. } => true,
            Blocker::Gate { .. } | Blocker::Failed { .. } | Blocker::Blocked { .. } => false,
        });
    }

    /// Returns the exit code: of several that apply, the one that comes first in 130, 8, 1, 4, 5.
    pub fn exit(&self) -> u8 {
        let codes = [
            (self.interrupted, 130),
            (self.unpublished, 8),
            (self.stage_failed, 1),
            (self.gate_blocked, 4),
            (self.needs_person, 5),
        ];
        codes.into_iter().find(|(applies, _)| *applies).map_or(0, |(_, code)| code)
    }
}
