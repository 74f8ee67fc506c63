//! Rules with a verdict for each group of rows.
//!
//! Each batch is reduced to one row per group, and these rows are merged whenever they outnumber what is merged already, so that
//! memory follows the number of groups and not that of rows. Above a limit nothing is judged. Text that is no value of its
//! type belongs to no group; null is a group.

use polars::prelude::{AnyValue, DataFrame, DataType, Expr, IntoLazy, PolarsResult, SortMultipleOptions, col, lit};

use super::masks::{self, named};
use super::plan::{Grouped, Subject};
use crate::report::{Cell, Sample, six_digits};
use crate::schema::Counts;
use crate::table::cell_text;

/// Groups in memory at one time.
const MOST_GROUPS: usize = 1 << 20;

/// Reduced batches are merged when they have as many rows as this, or as the groups so far.
const PENDING_ROWS: usize = 1 << 16;

/// Groups shown of a rule that is broken.
const SAMPLES: u32 = 5;

/// The hidden columns of a table of groups, besides the keys: all of one group, whether the rule holds, and by how much not.
const ALL: &str = "\u{0}all";
const HOLDS: &str = "\u{0}holds";
const EXCESS: &str = "\u{0}excess";

/// What became of the groups.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdicts {
    /// Groups with a verdict, and those without a value that could have led to one.
    pub judged: u64,
    pub unknown: u64,
    pub broken: u64,
    /// Broken groups, the worst first.
    pub shown: Vec<Sample>,
    /// Why there is no verdict at all.
    pub inconclusive: Option<String>,
}

/// One figure of a group: how a batch gives it, how two of them become one, and what is read from it at the end.
pub(super) struct Figure {
    pub name: String,
    pub partial: Vec<Expr>,
    pub merged: Vec<Expr>,
    pub value: Expr,
}

/// The groups of one rule, while they are being found.
pub(super) struct Groups {
    by: Vec<String>,
    takes_part: Option<Expr>,
    figures: Vec<Figure>,
    /// True where the figures of a group keep the rule, null where there is nothing to judge.
    holds: Expr,
    /// How far a group is from keeping the rule.
    excess: Expr,
    state: Option<DataFrame>,
    pending: Vec<DataFrame>,
    pending_rows: usize,
    limit: usize,
}

impl Groups {
    pub fn new(rule: Grouped<'_>, by: &[Subject<'_>]) -> Self {
        let (figures, holds, excess) = match rule {
            Grouped::Rows(rows) => (vec![rows_figure()], within(rows.value.counts), beyond(rows.value.counts)),
        };
        let valued = by.iter().filter(|subject| subject.is_text()).map(|subject| masks::misfit(subject).not());
        Self {
            by: by.iter().map(|subject| subject.column.name.clone()).collect(),
            takes_part: valued.reduce(Expr::and),
            figures,
            holds,
            excess,
            state: None,
            pending: Vec::new(),
            pending_rows: 0,
            limit: MOST_GROUPS,
        }
    }

    /// Takes the next rows of the table.
    pub fn take(&mut self, frame: &DataFrame) -> PolarsResult<()> {
        if frame.height() == 0 || self.is_over() {
            return Ok(());
        }
        let rows = frame.clone().lazy();
        let rows = if let Some(takes_part) = &self.takes_part { rows.filter(takes_part.clone()) } else { rows };
        let partial = self.figures.iter().flat_map(|figure| figure.partial.clone()).collect::<Vec<_>>();
        let keys = self.by.iter().enumerate().map(|(at, name)| named(name).alias(key(at)));
        let keys = keys.chain([named(ALL)]).collect::<Vec<_>>();
        let groups = rows.with_column(lit(0u8).alias(ALL)).group_by_stable(keys).agg(partial).collect()?;
        self.pending_rows += groups.height();
        self.pending.push(groups);
        let merged = self.state.as_ref().map_or(0, DataFrame::height);
        if self.pending_rows > PENDING_ROWS.max(merged) { self.merge() } else { Ok(()) }
    }

    /// Judges the groups after the last row.
    pub fn settle(&mut self) -> PolarsResult<Verdicts> {
        self.merge()?;
        let Some(groups) = self.state.take().filter(|groups| groups.height() > 0) else {
            return Ok(Verdicts::none("no row that takes part"));
        };
        if groups.height() > self.limit {
            let why = format!("more than {} groups: group by columns with fewer values", self.limit);
            return Ok(Verdicts::none(why));
        }
        let groups = self.judged(groups)?;
        let holds = groups.column(HOLDS)?.bool()?;
        let (kept, unknown) = (u64::from(holds.sum().unwrap_or(0)), holds.null_count() as u64);
        let judged = groups.height() as u64 - unknown;
        let shown = self.worst(&groups)?;
        Ok(Verdicts { judged, unknown, broken: judged - kept, shown, inconclusive: None })
    }

    fn is_over(&self) -> bool {
        self.state.as_ref().is_some_and(|groups| groups.height() > self.limit)
    }

    fn merge(&mut self) -> PolarsResult<()> {
        let mut parts = self.state.take().into_iter().chain(self.pending.drain(..));
        self.pending_rows = 0;
        let Some(mut all) = parts.next() else { return Ok(()) };
        for part in parts {
            all.vstack_mut_owned(part)?;
        }
        let keys = (0..self.by.len()).map(|at| named(&key(at))).chain([named(ALL)]).collect::<Vec<_>>();
        let merged = self.figures.iter().flat_map(|figure| figure.merged.clone()).collect::<Vec<_>>();
        self.state = Some(all.lazy().group_by_stable(keys).agg(merged).collect()?);
        Ok(())
    }

    /// Returns the keys and figures under their own hidden names, with the verdict.
    fn judged(&self, groups: DataFrame) -> PolarsResult<DataFrame> {
        let keys = (0..self.by.len()).map(|at| named(&key(at)));
        let values = self.figures.iter().enumerate().map(|(at, figure)| figure.value.clone().alias(value(at)));
        let verdict = [self.holds.clone().alias(HOLDS), self.excess.clone().alias(EXCESS)];
        groups.lazy().select(keys.chain(values).collect::<Vec<_>>()).with_columns(verdict).collect()
    }

    /// Returns the broken groups, those first that are farthest from keeping the rule.
    fn worst(&self, groups: &DataFrame) -> PolarsResult<Vec<Sample>> {
        let order = SortMultipleOptions::default().with_order_descending(true).with_nulls_last(true);
        let broken = groups.clone().lazy().filter(named(HOLDS).not());
        let worst = broken.sort_by_exprs([col(EXCESS)], order.with_maintain_order(true)).limit(SAMPLES).collect()?;
        (0..worst.height()).map(|at| self.sample(&worst, at)).collect()
    }

    fn sample(&self, groups: &DataFrame, at: usize) -> PolarsResult<Sample> {
        let keys = self.by.iter().enumerate().map(|(index, name)| (name, key(index)));
        let values = self.figures.iter().enumerate().map(|(index, figure)| (&figure.name, value(index)));
        let mut cells = Vec::new();
        for (column, hidden) in keys.chain(values) {
            cells.push(Cell { column: column.clone(), value: figure_text(&groups.column(&hidden)?.get(at)?) });
        }
        Ok(Sample { part: None, row: None, line: None, cells })
    }
}

impl Verdicts {
    fn none(why: impl Into<String>) -> Self {
        Self { inconclusive: Some(why.into()), ..Self::default() }
    }
}

fn key(at: usize) -> String {
    format!("\u{0}key {at}")
}

/// The hidden name of the figure at `at` in the table of groups.
pub(super) fn value(at: usize) -> String {
    format!("\u{0}value {at}")
}

fn figure_text(value: &AnyValue<'_>) -> Option<String> {
    if let AnyValue::Float64(number) = value { Some(six_digits(*number)) } else { cell_text(value) }
}

/// The number of rows of a group.
fn rows_figure() -> Figure {
    let name = "\u{0}rows";
    Figure {
        name: "rows".to_owned(),
        partial: vec![named(ALL).len().cast(DataType::UInt64).alias(name)],
        merged: vec![named(name).sum()],
        value: named(name),
    }
}

fn within(counts: Counts) -> Expr {
    let rows = named(&value(0));
    let enough = rows.clone().gt_eq(lit(counts.low));
    counts.high.map_or(enough.clone(), |high| enough.and(rows.lt_eq(lit(high))))
}

/// The rows that are missing, or those above the upper bound.
fn beyond(counts: Counts) -> Expr {
    let rows = named(&value(0)).cast(DataType::Float64);
    let missing = lit(counts.low).cast(DataType::Float64) - rows.clone();
    match counts.high {
        None => missing,
        Some(high) => {
            let above = rows - lit(high).cast(DataType::Float64);
            polars::prelude::when(missing.clone().gt(above.clone())).then(missing).otherwise(above)
        }
    }
}

#[cfg(test)]
mod tests {
    use lockgate_spanned::{Problems, Source};
    use polars::prelude::df;

    use super::*;
    use crate::check::plan::Presence;
    use crate::schema::Schema;
    use crate::table::Stored;

    #[test]
    fn above_the_limit_nothing_is_judged_and_nothing_more_is_kept() {
        let source = Source::new("s.yaml", "rows: 1 per k\ncolumns: {k: i64}\n");
        let schema = Schema::read(&source, &mut Problems::default()).expect("the schema is valid");
        let rows = schema.rows.as_ref().expect("it has rows");
        let by = Subject { column: &schema.columns[0], presence: Presence::Ready(Stored::Typed(DataType::Int64)) };
        let check = |keys: i64, expect: Option<&str>| {
            let mut groups = Groups { limit: 100_000, ..Groups::new(Grouped::Rows(rows), std::slice::from_ref(&by)) };
            for start in (0..keys).step_by(50_000) {
                let batch = df!("k" => (start..keys.min(start + 50_000)).collect::<Vec<_>>());
                groups.take(&batch.expect("one column is even")).expect("a batch can be grouped");
            }
            let kept: usize = groups.state.iter().chain(&groups.pending).map(DataFrame::height).sum();
            assert!(kept <= 250_000, "{kept}");
            let verdicts = groups.settle().expect("groups can be judged");
            assert_eq!(verdicts.inconclusive.as_deref(), expect, "{keys}");
        };
        check(100_000, None);
        check(1_000_000, Some("more than 100000 groups: group by columns with fewer values"));
    }
}
