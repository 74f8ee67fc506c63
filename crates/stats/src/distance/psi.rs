//! The population stability index.

use crate::StatError;
use crate::contingency::{Contingency, RowTotals};
use crate::error::{Invalid, setting};
use crate::shares::{Shares, Smoothing};
use crate::special::{chi_square_quantile, chi_square_sf};
use crate::sum::sum;

/// How many values per bin make the chi-square bound hold.
pub const PER_BIN: u64 = 5;

/// A population stability index and what it has to be compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Psi {
    /// In nats, from 0 (equal shares) upwards; infinite only without smoothing.
    pub value: f64,
    /// What each column of the table adds to it; none is negative.
    pub contributions: Vec<f64>,
    /// The number of bins that either side uses.
    pub bins: usize,
    pub totals: RowTotals,
}

impl Psi {
    /// Returns what the index stays under with the given confidence while nothing has drifted.
    ///
    /// Without drift PSI / (1/N + 1/M) is about chi-square with B − 1 degrees of freedom (B. Yurdakul and J. Naranjo, J.
    /// Risk Model Validation 14, 2020). The customary 0.1 and 0.25 know no sample size: at N = 256, M = 16 pure chance
    /// exceeds 0.2 in 97 of 100 cases.
    pub fn bound(&self, confidence: f64) -> Result<f64, Invalid> {
        setting(confidence > 0.0 && confidence < 1.0, "confidence", confidence, "it is within (0, 1)")?;
        Ok(chi_square_quantile(confidence, self.dof()) * self.noise())
    }

    /// Returns the probability of at least this index while nothing has drifted, by the same approximation.
    pub fn p_value(&self) -> f64 {
        chi_square_sf(self.value / self.noise(), self.dof())
    }

    fn dof(&self) -> u64 {
        self.bins as u64 - 1
    }

    fn noise(&self) -> f64 {
        1.0 / self.totals.reference as f64 + 1.0 / self.totals.current as f64
    }
}

/// Computes the population stability index Σ (qᵢ − pᵢ) ln(qᵢ / pᵢ) of a table whose rows are p and q.
///
/// It is the Jeffreys divergence of the smoothed shares, in nats. With fewer than `per_bin` values per bin on a side it is
/// inconclusive: [`PER_BIN`] unless another tool is to be matched.
pub fn psi(table: &Contingency, smoothing: Smoothing, per_bin: u64) -> Result<Psi, StatError> {
    table.enough(per_bin)?;
    let [reference, current] = table.shares(smoothing)?;
    let contributions = contributions(&reference, &current)?;
    let value = sum(contributions.iter().copied());
    Ok(Psi { value, contributions, bins: table.occupied(), totals: table.totals() })
}

/// Computes Σ (qᵢ − pᵢ) ln(qᵢ / pᵢ) in nats of shares that come without counts, and so without a bound.
pub fn psi_of_shares(reference: &Shares, current: &Shares) -> Result<f64, Invalid> {
    Ok(sum(contributions(reference, current)?))
}

fn contributions(reference: &Shares, current: &Shares) -> Result<Vec<f64>, Invalid> {
    let term = |(p, q): (f64, f64)| if p == q { 0.0 } else { (q - p) * (libm::log(q) - libm::log(p)) };
    Ok(reference.paired(current)?.into_iter().map(term).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::near;

    #[test]
    fn the_bound_is_chi_square_over_the_sample_sizes() {
        // Rows of the table by simulation: N, M, the 95 % point with ten bins.
        let check = |n: u64, m: u64, expect: f64| {
            let spread = |total: u64| (0..10).map(|bin| total / 10 + u64::from(bin < total % 10)).collect();
            let psi = psi(&Contingency::new(spread(n), spread(m)).unwrap(), Smoothing::HALF, 1).unwrap();
            near(psi.bound(0.95).unwrap(), expect, 1e-3);
        };
        check(256, 16, 1.1236);
        check(256, 64, 0.3305);
        check(256, 256, 0.132_18);
        check(5000, 5000, 0.006_768);
    }

    #[test]
    fn too_few_values_say_how_many_would_do() {
        let table = Contingency::new(vec![100; 10], vec![2, 2, 2, 2, 2, 2, 1, 1, 1, 1]).unwrap();
        let error = psi(&table, Smoothing::HALF, PER_BIN).unwrap_err();
        assert_eq!(error.to_string(), "the current data: needs n ≥ 50, has 16");
    }

    #[test]
    fn a_bin_unseen_on_one_side_is_infinite_without_smoothing() {
        let table = Contingency::new(vec![30, 0], vec![10, 10]).unwrap();
        let psi = psi(&table, Smoothing::None, PER_BIN).unwrap();
        assert_eq!((psi.value, psi.p_value()), (f64::INFINITY, 0.0));
        assert!(psi.bound(1.0).is_err() && psi.bound(f64::NAN).is_err());
    }
}
