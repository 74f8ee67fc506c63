//! Where a numeric column is cut into bins.

use crate::StatError;
use crate::error::{Inconclusive, Invalid, setting};
use crate::sample::{Sample, central_moment, quantile};

/// Which end of a bin belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// `(low, high]`, the convention of R's `cut` and of quantile bins.
    Right,
    /// `[low, high)` and the last bin `[low, high]`, the convention of numpy's `histogram`.
    Left,
}

/// What becomes of values beyond the outermost cuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// The first and the last bin reach to infinity: k cuts make k + 1 bins.
    Open,
    /// The bins end at the outermost cuts, and all that lies outside is one bin more, the last: k cuts make k bins.
    Leftover,
}

/// Cuts in ascending order, and the convention by which a value has its bin.
#[derive(Clone, Debug, PartialEq)]
pub struct Cuts {
    at: Vec<f64>,
    closed: Closed,
    ends: Ends,
}

impl Cuts {
    /// Takes cuts as they were stored: finite, strictly ascending, at least one (two when the ends are not open).
    pub fn new(at: Vec<f64>, closed: Closed, ends: Ends) -> Result<Self, Invalid> {
        let needs = match ends {
            Ends::Open => 1,
            Ends::Leftover => 2,
        };
        let ascending = at.windows(2).all(|pair| pair[0] < pair[1]) && at.iter().all(|cut| cut.is_finite());
        if ascending && at.len() >= needs { Ok(Self { at, closed, ends }) } else { Err(Invalid::Cuts { needs }) }
    }

    /// Cuts at the interior quantiles (type 7) of the reference: right-closed bins whose ends are open.
    ///
    /// Equal quantiles are one cut, so a column with few values has fewer than `bins` bins; some of them can be empty in
    /// the reference, because a quantile between two values is interpolated: [`Cuts::without_empty`] merges those. The
    /// reference needs five values per bin. Infinite values lie in the end bins and are no cuts.
    pub fn quantiles(reference: &Sample, bins: usize) -> Result<Self, StatError> {
        setting(bins >= 2, "bins", bins as f64, "at least two are needed to see a difference")?;
        reference.at_least(2)?;
        let mut at: Vec<f64> = (1..bins)
            .filter_map(|rank| quantile(reference.values(), rank, bins))
            .filter(|cut| cut.is_finite())
            .collect();
        at.dedup();
        if at.is_empty() {
            return Err(Inconclusive::NoVariance { of: reference.subject() }.into());
        }
        Ok(Self::new(at, Closed::Right, Ends::Open)?)
    }

    /// Cuts the range of the reference into `bins` bins of one width, numpy's `histogram` with a leftover bin.
    pub fn equal_width(reference: &Sample, bins: usize) -> Result<Self, StatError> {
        setting(bins >= 1, "bins", bins as f64, "at least one is needed")?;
        reference.at_least(2)?;
        reference.finite()?;
        let values = reference.values();
        let (low, high) = (values[0], values[values.len() - 1]);
        let width = (high - low) / bins as f64;
        let mut at: Vec<f64> = (0..bins).map(|step| low + step as f64 * width).collect();
        at.push(high);
        // A range of a few units in the last place has no room for the bins.
        at.dedup();
        if low == high || !width.is_finite() || at.len() < bins + 1 {
            return Err(Inconclusive::NoVariance { of: reference.subject() }.into());
        }
        Ok(Self::new(at, Closed::Left, Ends::Leftover)?)
    }

    /// Cuts into as many bins of one width as Doane's rule gives for the reference, as NannyML does.
    ///
    /// The number is that of Sturges, and more for skewed data (D. Doane, Am. Stat. 30, 1976), as in numpy's
    /// `histogram_bin_edges(…, "doane")`. It needs three values.
    pub fn doane(reference: &Sample) -> Result<Self, StatError> {
        reference.at_least(3)?;
        reference.finite()?;
        let values = reference.values();
        let variance = central_moment(values, |distance| distance * distance);
        let cubes = central_moment(values, |distance| distance * distance * distance);
        if variance == 0.0 {
            return Err(Inconclusive::NoVariance { of: reference.subject() }.into());
        }
        let skewness = cubes / (variance * variance.sqrt());
        let n = values.len() as f64;
        let error = (6.0 * (n - 2.0) / ((n + 1.0) * (n + 3.0))).sqrt();
        let bins = 1.0 + libm::log2(n) + libm::log2(1.0 + skewness.abs() / error);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 200 for any n of 64 bits")]
        Self::equal_width(reference, bins.ceil() as usize)
    }

    /// Merges every bin that is empty in the reference with the next, and an empty last bin with the one before it.
    ///
    /// A bin that the reference never had says nothing but "unseen", and how loudly depends on the smoothing alone. When
    /// one bin is left, no drift could be seen: that is `NoVariance`.
    pub fn without_empty(&self, reference: &Sample) -> Result<Self, StatError> {
        let counts = self.count(reference.values());
        let mut at = Vec::new();
        let mut since_last_cut = 0;
        for (cut, count) in self.at.iter().zip(&counts) {
            since_last_cut += count;
            if since_last_cut > 0 {
                at.push(*cut);
                since_last_cut = 0;
            }
        }
        if since_last_cut + counts[self.at.len()..].iter().sum::<u64>() == 0 {
            at.pop();
        }
        if at.is_empty() {
            return Err(Inconclusive::NoVariance { of: reference.subject() }.into());
        }
        Ok(Self { at, ..self.clone() })
    }

    /// Returns the cuts, ascending.
    pub fn at(&self) -> &[f64] {
        &self.at
    }

    pub fn closed(&self) -> Closed {
        self.closed
    }

    pub fn ends(&self) -> Ends {
        self.ends
    }

    /// Returns the number of bins.
    pub fn bins(&self) -> usize {
        match self.ends {
            Ends::Open => self.at.len() + 1,
            Ends::Leftover => self.at.len(),
        }
    }

    /// Counts ascending values by bin, in k log n for k cuts.
    pub(crate) fn count(&self, sorted: &[f64]) -> Vec<u64> {
        let last = self.at.len() - 1;
        let before = |index: usize| {
            let cut = self.at[index];
            // The first bin of those that end at the outermost cuts has its low end, the last its high end.
            let inside = match (self.ends, self.closed) {
                (Ends::Leftover, Closed::Right) => index > 0,
                (Ends::Leftover, Closed::Left) => index == last,
                (Ends::Open, Closed::Right) => true,
                (Ends::Open, Closed::Left) => false,
            };
            sorted.partition_point(|value| *value < cut || inside && *value == cut) as u64
        };
        let positions: Vec<u64> = (0..self.at.len()).map(before).collect();
        let between = positions.windows(2).map(|pair| pair[1] - pair[0]);
        let (low, high) = (positions[0], sorted.len() as u64 - positions[last]);
        match self.ends {
            Ends::Open => std::iter::once(low).chain(between).chain([high]).collect(),
            Ends::Leftover => between.chain([low + high]).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{NanPolicy, Subject};

    fn sample(values: &[f64]) -> Sample {
        Sample::new(Subject::Reference, values.to_vec(), 0, NanPolicy::IsError).unwrap()
    }

    #[test]
    fn each_convention_puts_values_on_a_cut_where_it_says() {
        let values = [0.0, 1.0, 1.0, 1.5, 2.0, 3.0, 3.0, 3.0, 9.0];
        let check = |closed, ends, expect: &[u64]| {
            assert_eq!(
                Cuts::new(vec![1.0, 2.0, 3.0], closed, ends).unwrap().count(&values),
                expect,
                "{closed:?} {ends:?}"
            );
        };
        check(Closed::Right, Ends::Open, &[3, 2, 3, 1]);
        check(Closed::Left, Ends::Open, &[1, 3, 1, 4]);
        check(Closed::Right, Ends::Leftover, &[4, 3, 2]);
        check(Closed::Left, Ends::Leftover, &[3, 4, 2]);
    }

    #[test]
    fn infinite_values_fall_into_the_end_bins_and_cut_nothing() {
        let mut values = vec![f64::NEG_INFINITY; 30];
        values.extend((0..20).map(f64::from));
        values.extend([f64::INFINITY; 50]);
        let reference = sample(&values);
        let cuts = Cuts::quantiles(&reference, 10).unwrap();
        assert!(cuts.at().iter().all(|cut| cut.is_finite()));
        let counts = cuts.count(reference.values());
        assert_eq!(counts.iter().sum::<u64>(), 100);
        assert!(counts[0] >= 30 && counts[counts.len() - 1] >= 50, "{counts:?}");
    }

    #[test]
    fn bins_that_are_empty_in_the_reference_are_merged() {
        let reference = sample(&[0.0, 0.0, 5.0, 6.0, 9.0]);
        let check = |at: &[f64], expect: &[f64]| {
            let cuts = Cuts::new(at.to_vec(), Closed::Right, Ends::Open).unwrap();
            assert_eq!(cuts.without_empty(&reference).unwrap().at(), expect);
        };
        check(&[0.0, 1.0, 2.0, 5.5], &[0.0, 5.5]);
        check(&[-2.0, -1.0, 0.0, 9.0, 10.0], &[0.0]);
        check(&[5.0], &[5.0]);
        let constant = Cuts::quantiles(&sample(&[1.0; 30]), 10).unwrap();
        let error = constant.without_empty(&sample(&[1.0; 30])).unwrap_err();
        assert_eq!(error, Inconclusive::NoVariance { of: Subject::Reference }.into());
    }

    #[test]
    fn cuts_that_are_none_are_refused() {
        let check = |at: &[f64], ends| assert!(Cuts::new(at.to_vec(), Closed::Left, ends).is_err(), "{at:?}");
        check(&[], Ends::Open);
        check(&[1.0], Ends::Leftover);
        check(&[1.0, 1.0], Ends::Open);
        check(&[2.0, 1.0], Ends::Open);
        check(&[1.0, f64::NAN], Ends::Open);
        check(&[1.0, f64::INFINITY], Ends::Open);
        assert!(Cuts::quantiles(&sample(&[1.0, 2.0]), 1).is_err());
        assert!(Cuts::equal_width(&sample(&[2.0, 2.0]), 3).is_err());
        assert!(Cuts::equal_width(&sample(&[1.0, 1.0 + f64::EPSILON]), 10).is_err());
    }
}
