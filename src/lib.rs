//! lockgate: a declarative DAG workflow engine with stage-level caching and gates.
//!
//! The modules stand on floors; a module uses its own floor or a lower one (`tests/tidy.rs` checks it). See
//! `docs/ARCHITECTURE.md` for the map.

pub mod cli;
pub mod config;
pub mod consent;
pub mod dvclock;
pub mod engine;
pub mod event;
pub mod fingerprint;
pub mod gate;
pub mod graph;
pub mod lock;
pub mod manifest;
pub mod observe;
pub mod pipeline;
pub mod plan;
pub mod report;
pub mod schedule;
pub mod statelog;
pub mod store;
pub mod sys;
pub mod words;
