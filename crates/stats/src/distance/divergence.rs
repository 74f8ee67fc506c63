//! Distances of two discrete distributions over the same bins.
//!
//! All of them are zero for equal shares. Shares that a floor has raised sum to a little more than one, and are taken as
//! they are.

use std::f64::consts::{LN_2, SQRT_2};

use crate::error::Invalid;
use crate::shares::Shares;
use crate::sum::sum;

/// The unit of an entropy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogBase {
    /// Nats: the natural logarithm, as scipy and Evidently.
    E,
    /// Bits: the logarithm to base 2, as NannyML and TFDV.
    Two,
}

/// Returns the Kullback-Leibler divergence KL(p‖q) = Σ pᵢ ln(pᵢ / qᵢ), in nats.
///
/// Not symmetric; infinite where q has nothing and p something.
pub fn kullback_leibler(p: &Shares, q: &Shares) -> Result<f64, Invalid> {
    Ok(sum(p.paired(q)?.into_iter().map(|(p, q)| relative_entropy(p, q))))
}

/// Returns the Jeffreys divergence KL(p‖q) + KL(q‖p), in nats: the population stability index by another way.
pub fn jeffreys(p: &Shares, q: &Shares) -> Result<f64, Invalid> {
    Ok(kullback_leibler(p, q)? + kullback_leibler(q, p)?)
}

/// Returns the Jensen-Shannon divergence ½ KL(p‖m) + ½ KL(q‖m) with m = ½ (p + q).
///
/// Within [0, 1] in bits, [0, ln 2] in nats; needs no smoothing. J. Lin, IEEE Trans. Inf. Theory 37, 1991.
pub fn jensen_shannon_divergence(p: &Shares, q: &Shares, base: LogBase) -> Result<f64, Invalid> {
    let both = |(p, q): (f64, f64)| {
        let middle = f64::midpoint(p, q);
        relative_entropy(p, middle) + relative_entropy(q, middle)
    };
    let nats = (sum(p.paired(q)?.into_iter().map(both)) / 2.0).max(0.0);
    Ok(match base {
        LogBase::E => nats,
        LogBase::Two => nats / LN_2,
    })
}

/// Returns the Jensen-Shannon distance, the square root of the divergence, which is a metric.
///
/// This is what scipy, Evidently and NannyML call Jensen-Shannon. Within [0, 1] to base 2, [0, 0.8326] to base e.
pub fn jensen_shannon_distance(p: &Shares, q: &Shares, base: LogBase) -> Result<f64, Invalid> {
    Ok(jensen_shannon_divergence(p, q, base)?.sqrt())
}

/// Returns the total variation distance ½ Σ |pᵢ − qᵢ|, within [0, 1]: the share of rows that would have to change.
pub fn total_variation(p: &Shares, q: &Shares) -> Result<f64, Invalid> {
    Ok(sum(p.paired(q)?.into_iter().map(|(p, q)| (p - q).abs())) / 2.0)
}

/// Returns the Hellinger distance √(½ Σ (√pᵢ − √qᵢ)²), within [0, 1].
pub fn hellinger(p: &Shares, q: &Shares) -> Result<f64, Invalid> {
    let square = |(p, q): (f64, f64)| {
        let difference = p.sqrt() - q.sqrt();
        difference * difference
    };
    Ok(sum(p.paired(q)?.into_iter().map(square)).sqrt() / SQRT_2)
}

/// Returns the L-infinity (Chebyshev) distance max |pᵢ − qᵢ|, within [0, 1].
pub fn l_infinity(p: &Shares, q: &Shares) -> Result<f64, Invalid> {
    Ok(p.paired(q)?.into_iter().fold(0.0, |most, (p, q)| most.max((p - q).abs())))
}

/// p ln(p / q), which is zero in the limit of p = 0.
fn relative_entropy(p: f64, q: f64) -> f64 {
    if p == 0.0 { 0.0 } else { p * libm::log(p / q) }
}
