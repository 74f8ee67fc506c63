//! Rows of values per task, in two flat vectors.

use serde::{Deserialize, Serialize};

use super::build::TaskIx;

/// For each task a row of values; reading one back from disk takes two allocations, however many tasks there are.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjacency<T> {
    /// Where the row of each task starts, and after the last one the end.
    starts: Vec<u32>,
    values: Vec<T>,
}

impl<T: Copy + Ord> Adjacency<T> {
    /// Sorts `values` into the rows of `n_tasks` tasks; within a row they keep their order.
    pub fn new(n_tasks: usize, values: &[T], row: impl Fn(&T) -> TaskIx) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by_key(&row);
        let mut rows = sorted.chunk_by(|a, b| row(a) == row(b)).peekable();
        Self::of_rows((0..n_tasks).map(|at| {
            let mine = rows.next_if(|values| values.first().is_some_and(|value| row(value).at() == at));
            mine.unwrap_or_default().to_vec()
        }))
    }
}

impl<T> Adjacency<T> {
    /// Puts the rows behind each other.
    pub fn of_rows(rows: impl Iterator<Item = Vec<T>>) -> Self {
        let (mut starts, mut values) = (vec![0], Vec::new());
        for row in rows {
            values.extend(row);
            starts.push(u32::try_from(values.len()).expect("a pipeline has fewer than four billion edges"));
        }
        Self { starts, values }
    }

    /// Returns the row of `task`.
    pub fn row(&self, task: TaskIx) -> &[T] {
        let bounds = self.starts.get(task.at()).zip(self.starts.get(task.at() + 1));
        bounds.and_then(|(start, end)| self.values.get(*start as usize..*end as usize)).unwrap_or_default()
    }
}
