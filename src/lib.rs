//! lockgate: a declarative DAG workflow engine with stage-level caching and gates.
//!
//! The modules stand on floors; a module uses its own floor or a lower one (`tests/tidy.rs` checks it). See
//! `docs/ARCHITECTURE.md` for the map.

pub mod fingerprint;
pub mod lock;
pub mod pipeline;
pub mod statelog;
pub mod words;
