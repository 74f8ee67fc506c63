//! lockgate: a declarative DAG workflow engine with stage-level caching and gates.
//!
//! The modules stand on floors; a module uses its own floor or a lower one (`tests/tidy.rs` checks it). See
//! `docs/ARCHITECTURE.md` for the map.

pub mod observe;
pub mod pipeline;
pub mod store;
pub mod sys;
pub mod words;
