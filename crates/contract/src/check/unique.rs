//! Uniqueness in little memory.
//!
//! A key that only rises is unique, and most keys of sorted files do: neighbours are compared and nothing is kept. Otherwise each
//! row is reduced to a 64-bit hash. Different hashes are different rows, so a key without an equal pair of hashes is *proved* unique;
//! rows with equal hashes are looked at a second time and compared by value. Above a limit the hashes are taken
//! in several passes, a share of their range each, so that memory stays bounded whatever the number of rows.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use polars::prelude::{
    AnyValue, ChunkCompareIneq, DataFrame, Expr, IntoLazy, PlSeedableRandomStateQuality, PolarsResult, lit,
};

use super::masks::named;
use super::measure::bug;
use super::plan::Subject;
use crate::report::Sample;
use crate::schema::Nulls;
use crate::table::{CheckError, LINE, Part, Table, Wanted, cell_text, raw_name};

/// Hashes in memory at one time: 256 MB.
const MOST_HASHES: usize = 32 << 20;

/// Above this many repeated hashes chance cannot explain them, and the second look would cost more than it tells.
const MOST_CONFIRMED: usize = 100_000;

/// Rows shown of a rule that is broken.
const SAMPLES: usize = 5;

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
    state: State,
    examined: u64,
}

enum State {
    /// All rows so far were larger than the one before.
    Rising {
        last: Option<AnyValue<'static>>,
    },
    /// They were not; the rows up to there have to be read again.
    Fell,
    Hashing(Hashes),
}

impl Uniqueness {
    pub fn new(
        columns: &[Subject<'_>],
        nulls: Nulls,
        takes_part: Option<Expr>,
        read: &[Subject<'_>],
        known_rows: Option<u64>,
    ) -> Self {
        let wanted: Vec<Wanted> = columns.iter().map(Subject::wanted).collect();
        let is_text = columns.iter().any(Subject::is_text);
        // Floats are left out: NaN and the two zeros have an order of their own.
        let may_rise = wanted.len() == 1 && !wanted[0].ty.is_float();
        let state = if may_rise { State::Rising { last: None } } else { State::Hashing(Hashes::new(known_rows)) };
        let read = read.iter().map(Subject::wanted).collect();
        let nans = columns.iter().map(Subject::nan_is_null).collect();
        Self { wanted, read, takes_part, nulls, nans, is_text, known_rows, state, examined: 0 }
    }

    /// Takes the next rows of the table.
    pub fn take(&mut self, frame: &DataFrame) -> PolarsResult<()> {
        let rows = self.rows(frame, Vec::new())?;
        if rows.height() == 0 {
            return Ok(());
        }
        self.examined += rows.height() as u64;
        if let State::Rising { last } = &mut self.state {
            if rises(&rows, last)? {
                return Ok(());
            }
            let nothing_passed = self.examined == rows.height() as u64;
            self.state = if nothing_passed { State::Hashing(Hashes::new(self.known_rows)) } else { State::Fell };
        }
        match &mut self.state {
            State::Hashing(hashes) => hashes.take(rows),
            State::Rising { .. } | State::Fell => Ok(()),
        }
    }

    /// Finishes after the last row, reading the columns again as often as that needs.
    pub fn settle(&mut self, table: &Table) -> Result<Duplicates, CheckError> {
        let mut hashes = match std::mem::replace(&mut self.state, State::Fell) {
            State::Rising { .. } => return Ok(Duplicates { examined: self.examined, ..Duplicates::default() }),
            State::Hashing(hashes) => hashes,
            State::Fell => {
                let mut hashes = Hashes::new(self.known_rows);
                self.rehash(table, &mut hashes)?;
                hashes
            }
        };
        hashes.compact();
        while hashes.next_pass() {
            self.rehash(table, &mut hashes)?;
            hashes.compact();
        }
        self.duplicates(table, &hashes)
    }

    fn rehash(&self, table: &Table, hashes: &mut Hashes) -> Result<(), CheckError> {
        for part in &table.parts {
            table.scan(part, &self.read, &mut |frame| {
                let rows = self.rows(&frame, Vec::new());
                rows.and_then(|rows| hashes.take(rows)).map_err(|error| bug(&part.name, &error))?;
                Ok(ControlFlow::Continue(()))
            })?;
        }
        Ok(())
    }

    fn duplicates(&self, table: &Table, hashes: &Hashes) -> Result<Duplicates, CheckError> {
        let mut found = Duplicates { examined: self.examined, ..Duplicates::default() };
        if hashes.repeated.is_empty() {
            return Ok(found);
        }
        let mut groups = Groups::default();
        let counted = if hashes.repeated.len() <= MOST_CONFIRMED { Counted::ByValue } else { Counted::ByHash };
        self.look_again(table, hashes, &mut groups, counted)?;
        match counted {
            Counted::ByValue => {
                let repeated = || groups.0.values().filter(|group| group.rows > 1);
                found.groups = repeated().count() as u64;
                found.rows = repeated().map(|group| group.rows).sum();
            }
            Counted::ByHash => {
                found.groups = hashes.repeated.len() as u64;
                found.rows = hashes.repeated.values().map(|extra| extra + 1).sum();
            }
        }
        found.samples = groups.samples();
        Ok(found)
    }

    /// Compares the rows with repeated hashes by value; for samples only, the first of them are enough.
    fn look_again(
        &self,
        table: &Table,
        hashes: &Hashes,
        groups: &mut Groups,
        counted: Counted,
    ) -> Result<(), CheckError> {
        for (index, part) in table.parts.iter().enumerate() {
            let place = Place { part, index, shown: table.parts.len() > 1 };
            let mut before = 0;
            table.scan(part, &self.read, &mut |frame| {
                let height = frame.height() as u64;
                self.compare(&frame, before, hashes, groups, &place).map_err(|error| bug(&part.name, &error))?;
                before += height;
                let enough = counted == Counted::ByHash && groups.repeated_rows() >= SAMPLES as u64;
                Ok(if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            })?;
        }
        Ok(())
    }

    fn compare(
        &self,
        frame: &DataFrame,
        before: u64,
        hashes: &Hashes,
        groups: &mut Groups,
        place: &Place<'_>,
    ) -> PolarsResult<()> {
        let frame = frame.with_row_index(ROW.into(), None)?;
        let mut extra = vec![named(ROW)];
        if self.is_text {
            extra.push(named(LINE));
        }
        let rows = self.rows(&frame, extra)?;
        let values = rows.select(self.wanted.iter().map(|wanted| wanted.name.as_str()))?;
        for (at, hash) in hashes.of(values)?.into_iter().enumerate() {
            if hashes.repeated.contains_key(&hash) {
                groups.add(&rows, at, before, place, &self.wanted)?;
            }
        }
        Ok(())
    }

    /// Returns the columns of the rows that take part.
    fn rows(&self, frame: &DataFrame, extra: Vec<Expr>) -> PolarsResult<DataFrame> {
        let keep = self.keep(frame)?;
        if keep.is_none() && extra.is_empty() {
            return frame.select(self.wanted.iter().map(|wanted| wanted.name.as_str()));
        }
        let columns: Vec<Expr> = self.wanted.iter().map(|wanted| named(&wanted.name)).chain(extra).collect();
        frame.clone().lazy().filter(keep.unwrap_or(lit(true))).select(columns).collect()
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
            if self.is_text && has_nulls {
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
}

/// The hidden column with the number of a row in its batch.
const ROW: &str = "\u{0}row";

/// How duplicates are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counted {
    ByValue,
    ByHash,
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

/// The hashes of rows, those of one share of their range at a time.
struct Hashes {
    hasher: PlSeedableRandomStateQuality,
    kept: Vec<u64>,
    /// For each hash that more than one row has, how many more.
    repeated: BTreeMap<u64, u64>,
    /// The range is cut into 2^`bits` shares, and `pass` is the one that is kept.
    bits: u32,
    pass: u64,
}

impl Hashes {
    fn new(known_rows: Option<u64>) -> Self {
        let expected = usize::try_from(known_rows.unwrap_or(0)).unwrap_or(MOST_HASHES).min(MOST_HASHES);
        let kept = Vec::with_capacity(expected);
        Self { hasher: PlSeedableRandomStateQuality::default(), kept, repeated: BTreeMap::new(), bits: 0, pass: 0 }
    }

    fn of(&self, mut rows: DataFrame) -> PolarsResult<Vec<u64>> {
        if rows.height() == 0 {
            return Ok(Vec::new());
        }
        let hashes = rows.hash_rows(Some(self.hasher.clone()))?;
        Ok(hashes.into_no_null_iter().collect())
    }

    fn take(&mut self, rows: DataFrame) -> PolarsResult<()> {
        for hash in self.of(rows)? {
            if self.is_kept(hash) {
                self.kept.push(hash);
            }
        }
        if self.kept.len() > MOST_HASHES {
            self.shrink();
        }
        Ok(())
    }

    fn is_kept(&self, hash: u64) -> bool {
        self.bits == 0 || hash >> (64 - self.bits) == self.pass
    }

    /// Makes room: first by counting what is repeated, then by leaving half of the range to a later pass.
    fn shrink(&mut self) {
        self.compact();
        while self.kept.len() > MOST_HASHES / 2 {
            self.bits += 1;
            self.pass <<= 1;
            let (bits, pass) = (self.bits, self.pass);
            self.kept.retain(|hash| hash >> (64 - bits) == pass);
            self.repeated.retain(|hash, _| hash >> (64 - bits) <= pass);
        }
    }

    /// Sorts and leaves one of each hash, counting the others.
    fn compact(&mut self) {
        self.kept.sort_unstable();
        for pair in self.kept.windows(2) {
            if pair[0] == pair[1] {
                *self.repeated.entry(pair[0]).or_insert(0) += 1;
            }
        }
        self.kept.dedup();
    }

    /// Turns to the next share of the range, if there is one.
    fn next_pass(&mut self) -> bool {
        self.kept.clear();
        self.pass += 1;
        self.pass < 1 << self.bits
    }
}

/// A part and how samples name it.
struct Place<'a> {
    part: &'a Part,
    index: usize,
    shown: bool,
}

/// Rows by their values.
#[derive(Default)]
struct Groups(BTreeMap<Vec<Option<String>>, Group>);

struct Group {
    rows: u64,
    /// The place of the first row, by which groups are ordered.
    first: (usize, u64),
    samples: Vec<Sample>,
}

impl Groups {
    fn add(
        &mut self,
        rows: &DataFrame,
        at: usize,
        before: u64,
        place: &Place<'_>,
        wanted: &[Wanted],
    ) -> PolarsResult<()> {
        let mut values = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            values.push(cell_text(&rows.column(&wanted.name)?.get(at)?));
        }
        let row = before + rows.column(ROW)?.get(at)?.extract::<u64>().unwrap_or(0) + 1;
        let group = self.0.entry(values.clone()).or_insert_with(|| Group {
            rows: 0,
            first: (place.index, row),
            samples: Vec::new(),
        });
        group.rows += 1;
        if group.samples.len() < SAMPLES {
            let line = rows.column(LINE).ok().and_then(|lines| lines.get(at).ok()).and_then(|line| line.extract());
            let named = wanted.iter().zip(values);
            let cells =
                named.map(|(wanted, value)| crate::report::Cell { column: wanted.name.clone(), value }).collect();
            let part = place.shown.then(|| place.part.name.clone());
            group.samples.push(Sample { part, row: Some(row), line, cells });
        }
        Ok(())
    }

    fn repeated_rows(&self) -> u64 {
        self.0.values().map(|group| group.rows).filter(|rows| *rows > 1).sum()
    }

    /// Returns the first rows of the first groups.
    fn samples(self) -> Vec<Sample> {
        let mut repeated: Vec<Group> = self.0.into_values().filter(|group| group.rows > 1).collect();
        repeated.sort_by_key(|group| group.first);
        repeated.into_iter().flat_map(|group| group.samples).take(SAMPLES).collect()
    }
}
