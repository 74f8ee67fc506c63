//! The stage programs, run one after the other as `pipeline.yaml` says, but without an engine: on the committed matches,
//! and on ten Premier League seasons where `LOCKGATE_REAL_DATA` names a folder that has them.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails, in its helpers too")]

mod bytes;
mod deps;
mod errors;
mod example;
mod scores;
