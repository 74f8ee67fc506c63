//! Values in the order of the rows.
//!
//! The last value of each group is carried from batch to batch and from part to part. Nulls and text that is no value are
//! passed over, the first value of a group has nothing before it, and NaN is in no order: it breaks the rule where it stands.

use polars::prelude::{DataFrame, DataType, Expr, IntoLazy, NULL, PolarsResult, UnionArgs, concat, lit};

use super::masks::{self, named};
use super::plan::Subject;
use super::row_set::RowSet;
use super::sample::ROW;
use crate::report::{Cell, Sample};
use crate::schema::{Direction, Ties};
use crate::table::{LINE, Part, cell_text};

/// Groups in memory at one time.
const MOST_GROUPS: usize = 1 << 20;

/// Rows shown of a rule that is broken.
const SAMPLES: usize = 5;

/// The hidden columns of the rows that take part, besides the number of the row: the value, and the one before it.
const VALUE: &str = "\u{0}value";
const BEFORE: &str = "\u{0}before";

/// What became of the order.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    /// Rows that take part, the first of each group among them.
    pub examined: u64,
    pub bad: u64,
    /// Groups with a value: the first of each has nothing before it.
    groups: u64,
    pub samples: Vec<Sample>,
    /// The rows counted in `bad`, by their numbers in the table.
    pub marked: RowSet,
    /// Why there is no verdict.
    pub inconclusive: Option<String>,
}

impl Order {
    /// Says that no two values could be compared.
    pub fn has_no_pair(&self) -> bool {
        self.inconclusive.is_none() && self.examined <= self.groups
    }
}

/// The order of one column, while it is being found out.
pub(super) struct Sequence {
    by: Vec<String>,
    column: String,
    takes_part: Expr,
    broken: Expr,
    /// The last row of each group.
    carried: Option<DataFrame>,
    /// The part that is read, and the rows of it so far.
    part: Option<String>,
    rows: u64,
    /// The rows of the parts before.
    rows_before: u64,
    order: Order,
}

impl Sequence {
    /// The last of the columns is the one that is in order, the others make the groups.
    pub fn new(columns: &[Subject<'_>], direction: Direction, ties: Ties) -> Self {
        let (column, by) = columns.split_last().expect("a rule on order has a column");
        let valued = by.iter().filter(|subject| subject.is_text()).map(|subject| masks::misfit(subject).not());
        let present = named(&column.column.name).is_not_null();
        let present = if column.nan_is_null() { present.and(named(&column.column.name).is_not_nan()) } else { present };
        Self {
            by: by.iter().map(|subject| subject.column.name.clone()).collect(),
            column: column.column.name.clone(),
            takes_part: valued.fold(present, Expr::and),
            broken: broken(column.ty.is_float(), direction, ties),
            carried: None,
            part: None,
            rows: 0,
            rows_before: 0,
            order: Order::default(),
        }
    }

    /// Takes the next rows, which belong to `part`; `shown` says whether samples name it.
    pub fn take(&mut self, frame: &DataFrame, part: &Part, shown: bool) -> PolarsResult<()> {
        if self.part.as_ref() != Some(&part.name) {
            self.part = Some(part.name.clone());
            self.rows_before += self.rows;
            self.rows = 0;
        }
        let before = self.rows;
        self.rows += frame.height() as u64;
        if self.order.inconclusive.is_some() {
            return Ok(());
        }
        let rows = self.rows_of(frame)?;
        if rows.height() == 0 {
            return Ok(());
        }
        self.order.examined += rows.height() as u64;
        let judged = self.judged(rows)?;
        self.order.bad += judged.height() as u64;
        for row in judged.column(ROW)?.u64()?.iter().flatten() {
            self.order.marked.insert(self.rows_before + before + row);
        }
        for at in 0..judged.height().min(SAMPLES - self.order.samples.len()) {
            let sample = self.sample(&judged, at, before, shown.then(|| part.name.clone()))?;
            self.order.samples.push(sample);
        }
        Ok(())
    }

    pub fn settle(&mut self) -> Order {
        self.order.groups = self.carried.as_ref().map_or(0, |carried| carried.height() as u64);
        std::mem::take(&mut self.order)
    }

    fn keys(&self) -> Vec<Expr> {
        (0..self.by.len()).map(|at| named(&key(at))).collect()
    }

    fn rows_of(&self, frame: &DataFrame) -> PolarsResult<DataFrame> {
        let keys = self.by.iter().enumerate().map(|(at, name)| named(name).alias(key(at)));
        // Only text formats have lines.
        let has_lines = frame.column(LINE).is_ok();
        let line = if has_lines { named(LINE) } else { lit(NULL).cast(DataType::UInt64).alias(LINE) };
        let columns = keys.chain([named(&self.column).alias(VALUE), named(ROW).cast(DataType::UInt64), line]);
        let columns: Vec<Expr> = columns.collect();
        let rows = frame.with_row_index(ROW.into(), None)?.lazy();
        rows.filter(self.takes_part.clone()).select(columns).collect()
    }

    /// Returns the rows that break the rule, and carries the last of each group on.
    fn judged(&mut self, rows: DataFrame) -> PolarsResult<DataFrame> {
        let all = match self.carried.take() {
            None => rows,
            Some(carried) => concat([carried.lazy(), rows.lazy()], UnionArgs::default())?.collect()?,
        };
        let shifted = named(VALUE).shift(lit(1));
        let before = if self.by.is_empty() { shifted } else { shifted.over(self.keys())? };
        let judged = all.clone().lazy().with_columns([before.alias(BEFORE)]);
        // The rows that were carried were judged where they stood.
        let judged = judged.filter(named(ROW).is_not_null().and(self.broken.clone())).collect()?;
        self.carried = Some(self.last(all)?);
        Ok(judged)
    }

    fn last(&mut self, all: DataFrame) -> PolarsResult<DataFrame> {
        let gone = |name: &str| lit(NULL).cast(DataType::UInt64).alias(name);
        let columns = self.keys().into_iter().chain([named(VALUE), gone(ROW), gone(LINE)]).collect::<Vec<_>>();
        let last = if self.by.is_empty() {
            all.tail(Some(1)).lazy()
        } else {
            all.lazy().group_by_stable(self.keys()).agg([named(VALUE).last()])
        };
        let last = last.select(columns).collect()?;
        if last.height() > MOST_GROUPS {
            let why = format!("more than {MOST_GROUPS} groups: group by columns with fewer values");
            self.order.inconclusive = Some(why);
        }
        Ok(last)
    }

    fn sample(&self, rows: &DataFrame, at: usize, before: u64, part: Option<String>) -> PolarsResult<Sample> {
        let keys = self.by.iter().enumerate().map(|(index, name)| (name.clone(), key(index)));
        let values = [(format!("{} before", self.column), BEFORE.to_owned()), (self.column.clone(), VALUE.to_owned())];
        let mut cells = Vec::new();
        for (column, hidden) in keys.chain(values) {
            cells.push(Cell { column, value: cell_text(&rows.column(&hidden)?.get(at)?) });
        }
        let row = before + rows.column(ROW)?.get(at)?.extract::<u64>().unwrap_or(0) + 1;
        let line = rows.column(LINE)?.get(at)?.extract();
        Ok(Sample { part, row: Some(row), line, cells })
    }
}

fn key(at: usize) -> String {
    format!("\u{0}key {at}")
}

/// True where a value does not follow the one before it; never null.
fn broken(is_float: bool, direction: Direction, ties: Ties) -> Expr {
    let (value, before) = (named(VALUE), named(BEFORE));
    let follows = match (direction, ties) {
        (Direction::Increasing, Ties::Allowed) => value.clone().gt_eq(before.clone()),
        (Direction::Increasing, Ties::Forbidden) => value.clone().gt(before.clone()),
        (Direction::Decreasing, Ties::Allowed) => value.clone().lt_eq(before.clone()),
        (Direction::Decreasing, Ties::Forbidden) => value.clone().lt(before.clone()),
    };
    let apart = follows.not().fill_null(lit(false));
    if !is_float {
        return apart;
    }
    // The value after NaN has nothing to be compared with.
    value.is_nan().or(apart.and(before.is_not_nan().fill_null(lit(true))))
}
