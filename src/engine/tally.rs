//! What a run adds up to, and the exit code that follows.

use std::collections::BTreeSet;

use crate::event::{Failure, FailureCause, How, Summary};
use crate::lock::GateState;
use crate::plan::Blocker;

/// Counts, and what went wrong.
#[derive(Debug, Default)]
pub struct Tally {
    pub summary: Summary,
    /// The id of the run, once it has executed something.
    pub run: Option<String>,
    troubles: BTreeSet<Trouble>,
}

/// What decides the exit code; of several, the first in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    Interrupted,
    /// The store, the lock or an output could not be written.
    Unpublished,
    StageFailed,
    GateBlocked,
    NeedsPerson,
}

impl Trouble {
    const fn exit(self) -> u8 {
        match self {
            Self::Interrupted => 130,
            Self::Unpublished => 8,
            Self::StageFailed => 1,
            Self::GateBlocked => 4,
            Self::NeedsPerson => 5,
        }
    }
}

impl Tally {
    /// Notes a trouble.
    pub fn note(&mut self, trouble: Trouble) {
        self.troubles.insert(trouble);
    }

    pub fn has(&self, trouble: Trouble) -> bool {
        self.troubles.contains(&trouble)
    }

    /// Counts a verdict.
    pub fn judged(&mut self, state: GateState, how: How) {
        match state {
            GateState::Pass | GateState::Warn => {
                let count = if how == How::Fresh { &mut self.summary.fresh } else { &mut self.summary.ran };
                *count += 1;
                return;
            }
            GateState::Fail | GateState::Inconclusive | GateState::Error => self.note(Trouble::GateBlocked),
            GateState::Review => self.note(Trouble::NeedsPerson),
        }
        self.summary.refused += 1;
    }

    /// Counts a failure.
    pub fn failed(&mut self, failure: &Failure) {
        self.summary.failed += 1;
        match failure.cause {
            FailureCause::Io => self.note(Trouble::Unpublished),
            FailureCause::Interrupted => self.note(Trouble::Interrupted),
            FailureCause::Exit { .. }
            | FailureCause::Signal { .. }
            | FailureCause::Timeout
            | FailureCause::NotStarted
            | FailureCause::OutMissing
            | FailureCause::InputChanged => self.note(Trouble::StageFailed),
        }
    }

    /// Notes why a task is blocked: what is in the way by itself counts as a failure of the stage.
    pub fn blocked(&mut self, by: &[Blocker]) {
        let by_itself = by.iter().any(|blocker| match blocker {
            Blocker::MissingDep { .. } | Blocker::FrozenOutMissing { .. } | Blocker::Unreadable { .. } => true,
            Blocker::Gate { .. } | Blocker::Failed { .. } | Blocker::Blocked { .. } => false,
        });
        if by_itself {
            self.note(Trouble::StageFailed);
        }
    }

    /// Returns the exit code.
    pub fn exit(&self) -> u8 {
        self.troubles.first().map_or(0, |trouble| trouble.exit())
    }
}
