//! The stage programs, run one after the other as `pipeline.yaml` says, but without an engine: on the committed matches,
//! and on ten Premier League seasons where `LOCKGATE_REAL_DATA` names a folder that has them.

mod bytes;
mod deps;
mod errors;
mod example;
mod scores;
