//! The definitions of drift, calibration and metric comparison, as pure functions over slices and counts.
//!
//! Drift: values become a [`Sample`] (sorted once) or [`Levels`]; [`Cuts`] make bins, a [`Histogram`] is what a reference
//! keeps, and both kinds of column meet in a [`Contingency`] table, of which [`psi`], [`chi_square`] and the divergences of
//! its [`Shares`] are functions. [`kolmogorov_smirnov`] and [`wasserstein`] take the samples themselves. Calibration starts
//! with [`Predictions`], metric comparison with [`Limits`].
//!
//! Nothing here passes for want of evidence. Too few values, values that are all alike or a baseline of zero are
//! [`Inconclusive`] and say what would be enough; NaN, a probability of 1.2 or a setting without meaning is [`Invalid`].
//! Every result is a function of its arguments alone: logarithms come from `libm`, sums are compensated and in a fixed
//! order, chance comes from a seed.
//!
//! The crate knows no tables, files or gates; what a number leads to is decided by whoever asks for it.
#![expect(clippy::cast_precision_loss, reason = "counts are far below 2⁵³, where floats stop to hold whole numbers")]
#![expect(clippy::float_cmp, reason = "ties, ends and zeros are exact: rank statistics ask for equality, not nearness")]

mod bootstrap;
mod calibration;
mod comparison;
mod contingency;
mod cuts;
mod distance;
mod error;
mod histogram;
mod interval;
mod levels;
mod multiple;
mod random;
mod sample;
mod shares;
pub mod special;
mod sum;

pub use bootstrap::{Estimate, paired_bootstrap, paired_bootstrap_mean};
pub use calibration::{
    Binning, Brier, Murphy, NullDistribution, Predictions, Reliability, ReliabilityBin, Spiegelhalter, brier,
    expected_calibration_error_null, murphy, reliability, spiegelhalter, wilson,
};
pub use comparison::{Comparison, Direction, Limits, TOLERANCE, relative_improvement};
pub use contingency::{Contingency, RowTotals};
pub use cuts::{Closed, Cuts, Ends};
pub use distance::{
    ChiSquare, EXACT_UP_TO, KolmogorovSmirnov, LogBase, PER_BIN, Psi, ThinColumns, Weighted, chi_square, hellinger,
    jeffreys, jensen_shannon_distance, jensen_shannon_divergence, kolmogorov_smirnov, kullback_leibler, l_infinity,
    psi, psi_of_shares, total_variation, wasserstein, wasserstein_normed, wasserstein_weighted,
};
pub use error::{Inconclusive, Invalid, StatError, Subject};
pub use histogram::Histogram;
pub use interval::Interval;
pub use levels::{Level, Levels, Rare};
pub use multiple::{benjamini_hochberg, bonferroni};
pub use random::Draws;
pub use sample::{Divisor, NanPolicy, Sample, distribution_error, quantile, standard_deviation};
pub use shares::{Shares, Smoothing};

#[cfg(test)]
fn near(value: f64, expect: f64, tolerance: f64) {
    let distance = (value - expect).abs() / expect.abs().max(f64::MIN_POSITIVE);
    assert!(value == expect || distance <= tolerance, "{value:e} is not {expect:e}: off by {distance:e}");
}
