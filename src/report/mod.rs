//! Floor 8: what people and programs read.
//!
//! Values go in, text comes out: nothing here writes, waits or looks at the world, but for the live progress, which draws
//! on the terminal. Everything that came from outside is made inert before it is shown.

pub mod crash;
pub mod dag;
pub mod explain;
pub mod failure;
pub mod fold;
pub mod gate;
pub mod github;
pub mod history;
pub mod json;
pub mod junit;
pub mod node;
pub mod paint;
pub mod plain;
pub mod plots;
pub mod progress;
pub mod stages;
pub mod status;
pub mod story;
pub mod summary;
pub mod table;
pub mod values;

pub use lockgate_spanned::{Charset, Style};
