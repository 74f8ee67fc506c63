//! Floor 1: the text of a pipeline file to its meaning, with every mistake reported at once and in its place.
//!
//! The way of a text: [`spanned`](lockgate_spanned) reads YAML into a tree in which everything knows its place; `vars` and
//! the parameter files make a context; templates are resolved in the tree; the tree is lowered to a
//! [`Pipeline`](crate::pipeline::Pipeline). [`check()`] then looks at the pipeline as a whole. Nothing in here touches
//! the disk: texts come through [`Texts`], and what exists is asked of a [`Look`].

mod absent;
mod bypath;
mod check;
mod context;
mod cycle;
mod datum;
mod drawing;
mod edit;
mod gate;
mod json;
mod later;
mod links;
mod load;
mod members;
mod name;
mod once;
mod options;
mod ordered;
mod outs;
mod params;
mod path;
mod places;
mod python;
mod report;
mod rerun;
mod resolve;
mod settings;
mod stage;
mod template;
#[cfg(test)]
mod tests;
mod texts;
mod toml;
mod top;
mod tracked;
mod waits;
mod when;

pub use check::{Look, check};
pub use edit::{
    Frozen, IfThere, NewOut, NewParams, NewStage, OutList, add_stage, refusal_of_name, remove_stage, set_frozen,
};
pub use links::{DeadLink, Link};
pub use load::{Loaded, load, load_checked};
pub use ordered::read_ordered;
pub use params::ParamFile;
pub use places::{NodePlaces, SourceMap};
pub use texts::{TextFound, Texts, read_values, read_values_in_order};
