//! What a run adds up to, and the exit code that follows.

use crate::event::{Failure, FailureCause, How, Summary};
use crate::plan::{Blocker, Effect};
use crate::words::Exit;
use crate::words::GateState;

/// Counts, and what went wrong.
#[derive(Debug, Default)]
pub struct Tally {
    pub summary: Summary,
    /// The id of the run, once it has executed something.
    pub run: Option<String>,
    /// The exit codes that apply.
    troubles: Vec<Exit>,
}

impl Tally {
    /// Notes a trouble.
    pub fn note(&mut self, trouble: Exit) {
        self.troubles.push(trouble);
    }

    pub fn has(&self, trouble: Exit) -> bool {
        self.troubles.contains(&trouble)
    }

    /// Counts a stage whose outs were published.
    pub fn published(&mut self, how: How) {
        let count = match how {
            How::Ran => &mut self.summary.ran,
            How::Restored => &mut self.summary.restored,
            How::Adopted => &mut self.summary.adopted,
            How::Fresh | How::Held => &mut self.summary.fresh,
        };
        *count += 1;
    }

    /// Counts a verdict.
    pub fn judged(&mut self, state: GateState, effect: Effect, how: How) {
        let code = match effect {
            Effect::Pass | Effect::Degrade => {
                let count = if how == How::Fresh { &mut self.summary.fresh } else { &mut self.summary.ran };
                *count += 1;
                return;
            }
            Effect::Halt => Exit::Halted,
            Effect::Block if state == GateState::Review => Exit::PersonNeeded,
            Effect::Block => Exit::GateBlocked,
        };
        self.note(code);
        self.summary.refused += 1;
    }

    /// Counts a failure.
    pub fn failed(&mut self, failure: &Failure) {
        self.summary.failed += 1;
        match failure.cause {
            FailureCause::Io => self.note(Exit::Damaged),
            // The run notes it, with what follows for the other tasks.
            FailureCause::DiskFull { .. } => {}
            FailureCause::Interrupted => self.note(Exit::Interrupted),
            FailureCause::Exit { .. }
            | FailureCause::Signal { .. }
            | FailureCause::Timeout
            | FailureCause::NotStarted
            | FailureCause::OutMissing
            | FailureCause::InputChanged => self.note(Exit::StageFailed),
        }
    }

    /// Notes why a task is blocked: what is in the way by itself counts as `failure`, that of a stage or of a gate.
    pub fn blocked(&mut self, by: &[Blocker], failure: Exit) {
        let by_itself = by.iter().any(|blocker| match blocker {
            Blocker::MissingDep { .. }
            | Blocker::NotHere { .. }
            | Blocker::Unlisted { .. }
            | Blocker::Params { .. }
            | Blocker::FrozenOutMissing { .. }
            | Blocker::Unreadable { .. } => true,
            Blocker::Declined
            | Blocker::Gate { .. }
            | Blocker::Failed { .. }
            | Blocker::Blocked { .. }
            | Blocker::Degraded { .. } => false,
        });
        if by_itself {
            self.note(failure);
        }
        if by.contains(&Blocker::Declined) {
            self.note(Exit::NotUpToDate);
        }
    }

    /// Returns the exit code.
    pub fn exit(&self) -> u8 {
        Exit::heaviest(&self.troubles).code()
    }
}
