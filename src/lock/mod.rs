//! What is true of the last success of every task: evidence, not truth.
//!
//! [`Lock`] is the meaning; its text (`pipeline.lock`) and its record form (the state log) are wire types of their own.

mod entry;

pub use entry::{Entry, GateState, Lock, Verdict};
