//! How tasks hang together: dense ids, edges by path, cycles, selections.
//!
//! An edge comes from a path (one task's dep overlaps another's out), from a gate (data it judges) or from `needs`. It knows
//! nothing of what is fresh: that is decided later, on top of it. The graph library stays inside of this module.

mod adjacency;
mod build;
mod index;
mod naming;
mod select;
mod visit;

pub use build::{Cycle, Edge, EdgeKind, Graph, Maker, TaskIx, outs_of};
pub use index::PathIndex;
pub use naming::{Reading, Standpoint};
pub use select::{Scope, SelectError, Selection, Targets, gates_of_lineage, judges_of};
pub use visit::as_dvc_runs;
