//! What would be done with each task, and why, as values.
//!
//! One function decides for the run, for `--dry`, for `status` and for `explain`. It is pure: whoever calls it has looked
//! at the workspace, the store and the lock before.

mod decide;
mod decision;
mod due;
mod standing;

pub use decide::{Effect, Insight, OutFound, Situation, Verdicts, decide_gate, decide_stage};
pub use decision::{Blocker, Datum, DatumState, Decision, Origin, Plan, Planned, Reason};
pub use due::{Held, held};
pub use standing::Standing;
