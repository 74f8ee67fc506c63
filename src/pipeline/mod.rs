//! The meaning of a pipeline's files: stages and gates with every template resolved and every path checked.
//!
//! No span, no YAML and no absolute path in here. The manifest makes these values, the graph connects them.

mod files;
mod node;
mod parsing;
mod plot;
pub mod scalar;
mod tracked;
mod value;

pub use files::{Files, Names};
pub use node::{
    Cause, Degraded, Dep, Flavour, Gate, GateKind, Input, MOST_VERDICTS, MadeParams, Measured, NamedFile, Need, Node,
    OnFail, Out, OutKind, OutNotes, Param, ParamValues, Pipeline, Rerun, Resources, Retry, Stage, When, Work,
};
pub use parsing::{FlagForm, ListForm, Parsing};
pub use plot::{Axis, Drawing, Plot};
pub use tracked::{Tracked, TrackedOut};
pub use value::{Value, wide_json};
