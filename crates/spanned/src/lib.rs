//! YAML text to a tree in which every key and value knows its place, and the problems that are found in it.
//!
//! Both texts a user writes, the pipeline and the schemas of its gates, are read through this crate, so that every mistake
//! is reported in the same way: all of them at once, in file order, each with its place, a label and a next step. It knows
//! the shape of YAML, how a duration is written, and nothing of what the keys mean. It is the only place that names the YAML reader.

mod duration;
mod excerpt;
mod fields;
mod meaning;
mod problem;
mod raw;
mod read;
mod render;
mod source;
mod suggest;
mod tree;

pub use duration::{duration, in_units};
pub use fields::Fields;
pub use problem::{Label, Problem, Problems, Severity};
pub use read::read;
pub use render::{Charset, Style};
pub use source::{Position, Source, Span, acts_on_a_terminal};
pub use suggest::nearest;
pub use tree::{Key, Node, Value};
