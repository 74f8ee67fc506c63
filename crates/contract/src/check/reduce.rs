//! Rows reduced to one a group, batch by batch.
//!
//! Each batch is reduced by itself, and what comes of it is merged whenever it outnumbers what is merged already, so that
//! memory follows the number of groups and not that of rows. The groups keep the order in which they are first met.

use polars::prelude::{DataFrame, Expr, IntoLazy, PolarsResult};

use super::masks::named;

/// Reduced batches are merged when they have as many rows as this, or as the groups so far.
const PENDING_ROWS: usize = 1 << 16;

/// A reduction while it goes on.
pub(super) struct Reduction {
    /// The names of the columns that tell groups apart; without any, all rows are one group.
    keys: Vec<String>,
    /// What a batch gives for each group, and how two of these become one: under the same names.
    partial: Vec<Expr>,
    merged: Vec<Expr>,
    state: Option<DataFrame>,
    pending: Vec<DataFrame>,
    pending_rows: usize,
    /// More groups than this are too many to go on.
    limit: usize,
}

impl Reduction {
    pub fn new(keys: Vec<String>, partial: Vec<Expr>, merged: Vec<Expr>, limit: usize) -> Self {
        Self { keys, partial, merged, state: None, pending: Vec::new(), pending_rows: 0, limit }
    }

    /// Takes the next rows, which have the keys as columns.
    pub fn take(&mut self, rows: &DataFrame) -> PolarsResult<()> {
        if rows.height() == 0 || self.is_over() {
            return Ok(());
        }
        let groups = reduced(rows.clone(), &self.keys, &self.partial)?;
        self.pending_rows += groups.height();
        self.pending.push(groups);
        let merged = self.state.as_ref().map_or(0, DataFrame::height);
        if self.pending_rows > PENDING_ROWS.max(merged) { self.merge() } else { Ok(()) }
    }

    /// Says whether there are more groups than can be judged.
    pub fn is_over(&self) -> bool {
        self.state.as_ref().is_some_and(|groups| groups.height() > self.limit)
    }

    /// Returns one row for each group, with the keys; `None` when no row came.
    pub fn groups(&mut self) -> PolarsResult<Option<&DataFrame>> {
        self.merge()?;
        Ok(self.state.as_ref())
    }

    /// The same; `None` also when there are more groups than can be judged.
    pub fn within_limit(&mut self) -> PolarsResult<Option<&DataFrame>> {
        self.merge()?;
        Ok(self.state.as_ref().filter(|groups| groups.height() <= self.limit))
    }

    /// Takes all groups out, so that the reduction starts anew.
    pub fn drain(&mut self) -> PolarsResult<Option<DataFrame>> {
        self.merge()?;
        Ok(self.state.take())
    }

    fn merge(&mut self) -> PolarsResult<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let mut parts = self.state.take().into_iter().chain(self.pending.drain(..));
        self.pending_rows = 0;
        let Some(mut all) = parts.next() else { return Ok(()) };
        for part in parts {
            all.vstack_mut_owned(part)?;
        }
        self.state = Some(reduced(all, &self.keys, &self.merged)?);
        Ok(())
    }

    #[cfg(test)]
    pub fn kept(&self) -> usize {
        self.state.iter().chain(&self.pending).map(DataFrame::height).sum()
    }
}

/// Reduces rows to one for each group.
fn reduced(rows: DataFrame, keys: &[String], figures: &[Expr]) -> PolarsResult<DataFrame> {
    if keys.is_empty() {
        return rows.lazy().select(figures).collect();
    }
    let keys: Vec<Expr> = keys.iter().map(|name| named(name)).collect();
    rows.lazy().group_by_stable(keys).agg(figures).collect()
}
