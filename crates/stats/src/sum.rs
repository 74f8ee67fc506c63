//! Sums whose error does not grow with the number of terms.

/// A compensated sum: Neumaier's variant of Kahan's, in the order in which the terms come.
///
/// The error is about two units in the last place, whatever the number of terms (A. Neumaier, ZAMM 54, 1974). An infinite
/// term makes an infinite sum.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    pub(crate) fn add(&mut self, term: f64) {
        let next = self.total + term;
        self.lost +=
            if self.total.abs() >= term.abs() { (self.total - next) + term } else { (term - next) + self.total };
        self.total = next;
    }

    pub(crate) fn total(self) -> f64 {
        if self.total.is_finite() { self.total + self.lost } else { self.total }
    }
}

/// Returns the compensated sum of `terms`.
pub(crate) fn sum(terms: impl IntoIterator<Item = f64>) -> f64 {
    let mut sum = Sum::default();
    terms.into_iter().for_each(|term| sum.add(term));
    sum.total()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_plain_sum_loses_is_kept() {
        let check = |terms: &[f64], expect: f64| assert_eq!(sum(terms.iter().copied()).to_bits(), expect.to_bits());
        check(&[1.0, 1e100, 1.0, -1e100], 2.0);
        check(&[0.1; 10], 1.0);
        check(&[], 0.0);
        check(&[1.0, f64::INFINITY, 1.0], f64::INFINITY);
    }
}
