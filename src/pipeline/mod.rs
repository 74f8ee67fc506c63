//! The meaning of a pipeline file: stages and gates with every template resolved and every path checked.
//!
//! No span, no YAML and no absolute path in here. The manifest makes these values, the graph connects them.

mod node;
mod parsing;
mod value;

pub use node::{
    Cause, Degraded, Dep, Flavour, Gate, GateKind, MOST_VERDICTS, Measured, Node, OnFail, Out, OutKind, OutNotes,
    Param, Pipeline, Rerun, Resources, Retry, Stage, When, Work,
};
pub use parsing::{FlagForm, ListForm, Parsing};
pub use value::Value;
