//! What a gate of each kind can be told: its settings as typed values, and their reader from a spanned tree.
//!
//! A [`Kind`] is read from the mapping that stands under its name in a gate (`drift: {reference: …}`), with all mistakes at
//! once, each with its place and a next step. The crate judges nothing, opens no file and asks no clock: what a
//! setting means for a table is said where the kind is judged.

mod approval;
mod bounds;
mod calibration;
mod drift;
mod freshness;
mod kind;
mod leakage;
mod moment;
mod quantity;
mod reader;
mod regression;
mod sql;
#[cfg(test)]
mod tests;
mod tolerance;

pub use approval::Approval;
pub use bounds::{Alarm, Bounds, Tested};
pub use calibration::{Calibration, Forecast};
pub use drift::{Columns, Distances, Drift, Watched};
pub use freshness::{Freshness, Now};
pub use kind::Kind;
pub use leakage::{Leakage, Outcomes};
pub use moment::Moment;
pub use regression::{Better, Evaluation, LossRows, Metric, Regression};
pub use sql::Sql;
pub use tolerance::{Tolerance, Unpaired, Within};
