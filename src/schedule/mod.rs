//! The order of a run, as a pure function of what has happened: facts in, actions out.
//!
//! # A task's way
//!
//! ```text
//! waiting ─▶ deciding ─▶ queued ─▶ running ─▶ candidate ─▶ publishing ─▶ settled
//!               │                                 ▲                         ▲
//!               └────────── fresh or recalled ────┘        failed, blocked, skipped
//! ```
//!
//! A stage becomes a *candidate* when its outputs are known. Its gates are decided only then, and it is published after
//! every one of them has passed; one that does not pass makes it refused. A consumer waits for publication, so no way leads
//! around a gate. A gate goes the same way up to *running* and is settled by its verdict.
//!
//! # When something goes wrong
//!
//! What cannot succeed any more is blocked. Without `keep_going` no further stage is started after the first failure, but
//! what runs goes on to its end, and every gate whose data is there is still judged: finished work is published, and all that
//! is wrong with the data is said at once. After a gate that halts, only gates on what was begun are judged; after an
//! interrupt nothing is started at all.
//!
//! Equal histories give equal actions: no clock, no hash map, no thread.

mod pools;
mod step;

pub use pools::{PoolError, Pools};
pub use step::{Action, Fact, Outcome, Schedule};
