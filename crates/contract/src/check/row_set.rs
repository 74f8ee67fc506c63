//! A set of row numbers, one bit each.

/// Rows of a table, numbered from 0 over all its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RowSet {
    words: Vec<u64>,
}

impl RowSet {
    pub fn insert(&mut self, row: u64) {
        let word = index(row);
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (row % 64);
    }

    pub fn contains(&self, row: u64) -> bool {
        self.words.get(index(row)).is_some_and(|word| word & (1 << (row % 64)) != 0)
    }
}

fn index(row: u64) -> usize {
    usize::try_from(row / 64).expect("a table that was read has fewer rows than there are addresses")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_in_and_nothing_else() {
        let mut set = RowSet::default();
        for row in [0, 63, 64, 1_000] {
            set.insert(row);
        }
        let found: Vec<u64> = (0..2_000).filter(|row| set.contains(*row)).collect();
        assert_eq!(found, [0, 63, 64, 1_000]);
    }
}
