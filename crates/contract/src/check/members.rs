//! Which rows of a table belong to which group.

use std::path::PathBuf;

use polars::prelude::{Column, DataFrame, Expr, IntoLazy, JoinType, PolarsResult};

use super::masks::named;
use super::plan::Subject;
use crate::table::Wanted;

/// The rows that take part in groups, and the columns by which these are told apart.
pub(super) struct Members {
    pub by: Vec<String>,
    /// True for rows that take part; `None` when all of them do.
    pub takes_part: Option<Expr>,
    /// All columns that are read.
    pub read: Vec<Wanted>,
    /// The folder for what does not fit into memory.
    pub scratch: PathBuf,
}

/// The hidden column with the number of a group.
pub(super) const GROUP: &str = "\u{0}group";

impl Members {
    /// Returns the rows that take part, with the keys of their groups under names of their own.
    pub fn of(&self, frame: &DataFrame) -> PolarsResult<DataFrame> {
        let keys: Vec<Expr> = self.by.iter().enumerate().map(|(at, name)| named(name).alias(key(at))).collect();
        let rows = frame.clone().lazy();
        let rows = if let Some(takes_part) = &self.takes_part { rows.filter(takes_part.clone()) } else { rows };
        rows.with_columns(keys).collect()
    }

    /// Has these columns read, besides those that are read already.
    pub fn read(&mut self, columns: &[Subject<'_>]) {
        for subject in columns {
            if self.read.iter().all(|wanted| wanted.name != subject.column.name) {
                self.read.push(subject.wanted());
            }
        }
    }

    /// Returns the names of the keys.
    pub fn keys(&self) -> Vec<String> {
        (0..self.by.len()).map(key).collect()
    }

    /// Gives rows with keys the number of their group, which is its place in the table `groups`; their order may change.
    pub fn number(&self, mut rows: DataFrame, groups: &DataFrame) -> PolarsResult<DataFrame> {
        if self.by.is_empty() {
            // Written out: as a literal the library would take it for a number of another type when it groups by it.
            rows.with_column(Column::new(GROUP.into(), vec![0_u32; rows.height()]))?;
            return Ok(rows);
        }
        let keys: Vec<Expr> = self.keys().iter().map(|name| named(name)).collect();
        let numbers = groups.clone().lazy().select(keys.clone()).with_row_index(GROUP, None);
        let joined = rows.lazy().join_builder().with(numbers).left_on(keys.clone()).right_on(keys);
        joined.how(JoinType::Inner).join_nulls(true).finish().collect()
    }
}

/// The hidden name of a key in a table of groups.
pub(super) fn key(at: usize) -> String {
    format!("\u{0}key {at}")
}
