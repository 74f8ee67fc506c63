//! Whether predicted probabilities come true as often as they say.

mod brier;
mod null;
mod predictions;
mod reliability;
mod spiegelhalter;
mod wilson;

pub use brier::{Brier, Murphy, brier, murphy};
pub use null::{NullDistribution, expected_calibration_error_null};
pub use predictions::Predictions;
pub use reliability::{Binning, Reliability, ReliabilityBin, reliability};
pub use spiegelhalter::{Spiegelhalter, spiegelhalter};
pub use wilson::wilson;
