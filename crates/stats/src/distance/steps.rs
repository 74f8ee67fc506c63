//! Two ascending samples as one walk over their pooled values.

/// The pooled distinct values in ascending order, each with how many of either sample are at or below it.
pub(super) struct Steps<'a> {
    left: &'a [f64],
    right: &'a [f64],
    below: (usize, usize),
}

impl<'a> Steps<'a> {
    pub(super) fn new(left: &'a [f64], right: &'a [f64]) -> Self {
        Self { left, right, below: (0, 0) }
    }
}

impl Iterator for Steps<'_> {
    type Item = (f64, usize, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let (mut left, mut right) = self.below;
        let value = match (self.left.get(left), self.right.get(right)) {
            (Some(one), Some(other)) => one.min(*other),
            (Some(value), None) | (None, Some(value)) => *value,
            (None, None) => return None,
        };
        while self.left.get(left) == Some(&value) {
            left += 1;
        }
        while self.right.get(right) == Some(&value) {
            right += 1;
        }
        self.below = (left, right);
        Some((value, left, right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_are_one_step() {
        let steps: Vec<_> = Steps::new(&[1.0, 2.0, 2.0], &[2.0, 3.0]).collect();
        assert_eq!(steps, [(1.0, 1, 0), (2.0, 3, 1), (3.0, 3, 2)]);
        assert_eq!(Steps::new(&[], &[]).next(), None);
    }
}
