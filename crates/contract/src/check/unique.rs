//! Uniqueness in little memory.
//!
//! A key that only rises is unique, and most keys of sorted files do: neighbours are compared and nothing is kept. Otherwise each
//! row becomes a record of 88 bits that stand for its values and 40 bits of its number; sorted, equal values are neighbours, and
//! so what is not unique is found with its rows in one reading of the table, on disk if need be. One column of whole numbers,
//! dates or times is its own 88 bits. Anything else is hashed: equal values always meet, so a key that passes is unique; two
//! different ones of a billion rows meet with odds below one in a hundred million, and that would be a failure, never a pass.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

use polars::prelude::{AnyValue, ChunkCompareIneq, DataFrame, Expr, IntoLazy, PolarsResult};

use super::identity::{IDENTITY_BITS, hashed, is_whole, scattered};
use super::masks::named;
use super::measure::{TakeError, bug};
use super::plan::Subject;
use super::row_set::RowSet;
use super::sample::{ROW, Shown};
use super::spill::Records;
use crate::report::Sample;
use crate::schema::Nulls;
use crate::table::{CheckError, Table, Wanted, raw_name};

/// Rows shown of a rule that is broken.
const SAMPLES: usize = 5;

/// The bits of a record that are the number of a row.
const ROW_BITS: u32 = u128::BITS - IDENTITY_BITS;

/// What is not unique.
#[derive(Clone, Debug, Default)]
pub(super) struct Duplicates {
    /// Rows that took part.
    pub examined: u64,
    /// Rows whose values are also those of another row.
    pub rows: u64,
    /// Different values that more than one row has.
    pub groups: u64,
    pub samples: Vec<Sample>,
    /// The rows counted in `rows`.
    pub marked: RowSet,
}

/// The uniqueness of one combination of columns, while it is being found out.
pub(super) struct Uniqueness {
    /// The columns that are unique together.
    wanted: Vec<Wanted>,
    /// All columns that are read, those of the condition on rows included.
    read: Vec<Wanted>,
    /// True for rows that take part, as far as that does not hang on nulls.
    takes_part: Option<Expr>,
    nulls: Nulls,
    /// Which of the columns have floats of which NaN counts as null.
    nans: Vec<bool>,
    is_text: bool,
    known_rows: Option<u64>,
    scratch: PathBuf,
    state: State,
    /// Rows of the table so far, and those of them that took part.
    seen: u64,
    examined: u64,
}

enum State {
    /// All rows so far were larger than the one before.
    Rising {
        last: Option<AnyValue<'static>>,
    },
    /// They were not; the rows up to there have to be read again.
    Fell,
    Recording(Records),
}

impl Uniqueness {
    pub fn new(
        columns: &[Subject<'_>],
        nulls: Nulls,
        takes_part: Option<Expr>,
        read: &[Subject<'_>],
        table: &Table,
    ) -> Self {
        let wanted: Vec<Wanted> = columns.iter().map(Subject::wanted).collect();
        // Floats are left out: NaN and the two zeros have an order of their own.
        let may_rise = wanted.len() == 1 && !wanted[0].ty.is_float();
        let mut all = Self {
            wanted,
            read: read.iter().map(Subject::wanted).collect(),
            takes_part,
            nulls,
            nans: columns.iter().map(Subject::nan_is_null).collect(),
            is_text: columns.iter().any(Subject::is_text),
            known_rows: table.known_rows(),
            scratch: table.scratch.clone(),
            state: State::Rising { last: None },
            seen: 0,
            examined: 0,
        };
        if !may_rise {
            all.state = State::Recording(all.records());
        }
        all
    }

    fn records(&self) -> Records {
        Records::new(&self.scratch, self.known_rows)
    }

    /// Takes the next rows of the table.
    pub fn take(&mut self, frame: &DataFrame) -> Result<(), TakeError> {
        let before = self.seen;
        self.seen += frame.height() as u64;
        let rows = self.taking_part(frame)?;
        if rows.height() == 0 {
            return Ok(());
        }
        self.examined += rows.height() as u64;
        if let State::Rising { last } = &mut self.state {
            if rises(&rows, last)? {
                return Ok(());
            }
            let nothing_passed = self.examined == rows.height() as u64;
            self.state = if nothing_passed { State::Recording(self.records()) } else { State::Fell };
        }
        match &mut self.state {
            State::Recording(records) => Ok(records.extend(numbered(&rows, before, &self.wanted)?)?),
            State::Rising { .. } | State::Fell => Ok(()),
        }
    }

    /// Finishes after the last row.
    pub fn settle(&mut self, table: &Table) -> Result<Duplicates, CheckError> {
        let records = match std::mem::replace(&mut self.state, State::Fell) {
            State::Rising { .. } => return Ok(Duplicates { examined: self.examined, ..Duplicates::default() }),
            State::Recording(records) => records,
            State::Fell => self.record_again(table)?,
        };
        let mut groups = Groups::default();
        let mut take = |piece: &[u128]| piece.iter().for_each(|record| groups.take(*record));
        let read = records.sorted().and_then(|sorted| sorted.each(&mut take));
        read.map_err(|error| TakeError::Scratch(error).of(table))?;
        groups.end();
        let shown: Vec<u64> = groups.first.into_values().flatten().take(SAMPLES).collect();
        let samples = self.samples(&shown, table)?;
        let Groups { rows, repeated, marked, .. } = groups;
        Ok(Duplicates { examined: self.examined, rows, groups: repeated, samples, marked })
    }

    /// Reads the columns from the start, for the rows that rose have left nothing behind.
    fn record_again(&self, table: &Table) -> Result<Records, CheckError> {
        let mut records = self.records();
        let mut before = 0;
        for part in &table.parts {
            table.scan(part, &self.read, &mut |frame| {
                let rows = self.taking_part(&frame).and_then(|rows| numbered(&rows, before, &self.wanted));
                let rows = rows.map_err(|error| bug(&part.name, &error))?;
                records.extend(rows).map_err(|error| TakeError::Scratch(error).of(table))?;
                before += frame.height() as u64;
                Ok(ControlFlow::Continue(()))
            })?;
        }
        Ok(records)
    }

    /// Returns the columns of the rows that take part, with their number in the batch.
    fn taking_part(&self, frame: &DataFrame) -> PolarsResult<DataFrame> {
        let Some(keep) = self.keep(frame)? else {
            return frame.select(self.wanted.iter().map(|wanted| wanted.name.as_str()));
        };
        let columns: Vec<Expr> = self.wanted.iter().map(|wanted| named(&wanted.name)).chain([named(ROW)]).collect();
        frame.with_row_index(ROW.into(), None)?.lazy().filter(keep).select(columns).collect()
    }

    /// True for the rows that take part; `None` when all of them do.
    fn keep(&self, frame: &DataFrame) -> PolarsResult<Option<Expr>> {
        let mut values = Vec::new();
        let mut text = Vec::new();
        for (wanted, nan_is_null) in self.wanted.iter().zip(&self.nans) {
            let cell = named(&wanted.name);
            let has_nulls = frame.column(&wanted.name)?.null_count() > 0;
            if *nan_is_null {
                values.push(cell.clone().is_not_null().and(cell.is_not_nan()));
            } else if has_nulls {
                values.push(cell.is_not_null());
            }
            // Text that is no value of the type is told by the type rule; two of them are not one value.
            if self.is_text && has_nulls && frame.column(&raw_name(&wanted.name)).is_ok() {
                text.push(named(&raw_name(&wanted.name)).is_null());
            }
        }
        let valued = match self.nulls {
            Nulls::Ignored => values.into_iter().reduce(Expr::and),
            // With a column that always has a value there is no row without one.
            Nulls::IgnoredTogether if values.len() < self.wanted.len() => None,
            Nulls::IgnoredTogether => values.into_iter().reduce(Expr::or),
            Nulls::Counted => None,
        };
        Ok(self.takes_part.iter().cloned().chain(valued).chain(text).reduce(Expr::and))
    }

    /// Returns the rows with the given numbers, in that order.
    fn samples(&self, shown: &[u64], table: &Table) -> Result<Vec<Sample>, CheckError> {
        let mut found: BTreeMap<u64, Sample> = BTreeMap::new();
        let mut before = 0;
        for part in &table.parts {
            let (first, shown_rows) = (before, Shown { wanted: &self.wanted, part, table });
            let is_over = |row: u64| shown.iter().all(|shown| *shown < row);
            if let Some(rows) = part.rows
                && shown.iter().all(|row| *row < before || *row >= before + rows)
            {
                before += rows;
                continue;
            }
            table.scan(part, &self.wanted, &mut |frame| {
                let rows = before..before + frame.height() as u64;
                for row in shown.iter().filter(|row| rows.contains(row)) {
                    let at = usize::try_from(row - before).expect("a batch fits into memory");
                    let sample = shown_rows.sample(&frame, at, row - first);
                    found.insert(*row, sample.map_err(|error| bug(&part.name, &error))?);
                }
                before = rows.end;
                Ok(if is_over(before) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })?;
            if is_over(before) {
                break;
            }
        }
        Ok(shown.iter().filter_map(|row| found.remove(row)).collect())
    }
}

/// Says whether the values rise from the last one on, and remembers the new last one. A null rises nowhere.
fn rises(rows: &DataFrame, last: &mut Option<AnyValue<'static>>) -> PolarsResult<bool> {
    let column = rows.columns()[0].as_materialized_series();
    let len = column.len();
    if column.null_count() > 0 || last.as_ref().is_some_and(|last| column.get(0).is_ok_and(|first| first <= *last)) {
        return Ok(false);
    }
    let rising = column.slice(0, len - 1).lt(&column.slice(1, len - 1))?;
    *last = Some(column.get(len - 1)?.into_static());
    Ok(len == 1 || rising.all())
}

/// Returns a record for each row: what stands for its values, then its number in the table.
fn numbered(rows: &DataFrame, before: u64, wanted: &[Wanted]) -> PolarsResult<impl Iterator<Item = u128> + use<>> {
    let numbers: Option<Vec<u32>> = match rows.column(ROW) {
        Ok(numbers) => Some(numbers.u32()?.into_no_null_iter().collect()),
        Err(_) => None,
    };
    let values = rows.select(wanted.iter().map(|wanted| wanted.name.as_str()))?;
    let identities = match values.columns() {
        [one] if is_whole(one.dtype()) => scattered(one)?,
        _ => hashed(values)?,
    };
    Ok(identities.into_iter().enumerate().map(move |(at, identity)| {
        let row = before + numbers.as_ref().map_or(at as u64, |numbers| u64::from(numbers[at]));
        (identity << ROW_BITS) | u128::from(row)
    }))
}

/// The rows that are not alone, found in sorted records.
#[derive(Default)]
struct Groups {
    /// What stands for the values of the group that is being read, its first rows and their number.
    identity: u128,
    head: Vec<u64>,
    len: u64,
    rows: u64,
    repeated: u64,
    marked: RowSet,
    /// The first rows of the groups that start first, by their first row.
    first: BTreeMap<u64, Vec<u64>>,
}

impl Groups {
    #[expect(clippy::cast_possible_truncation, reason = "the lowest bits are the number of the row")]
    fn take(&mut self, record: u128) {
        let (identity, row) = (record >> ROW_BITS, record as u64 & ((1 << ROW_BITS) - 1));
        if identity != self.identity {
            self.end();
            self.identity = identity;
        }
        self.len += 1;
        if self.len == 2 {
            self.marked.insert(self.head[0]);
        }
        if self.len > 1 {
            self.marked.insert(row);
        }
        if self.head.len() < SAMPLES {
            self.head.push(row);
        }
    }

    /// Counts the group that was being read.
    fn end(&mut self) {
        if self.len > 1 {
            self.repeated += 1;
            self.rows += self.len;
            self.first.insert(self.head[0], self.head.clone());
            if self.first.len() > SAMPLES {
                self.first.pop_last();
            }
        }
        self.len = 0;
        self.head.clear();
    }
}
