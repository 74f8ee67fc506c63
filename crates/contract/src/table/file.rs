//! A table as plain columns, for judges that count for themselves: numbers, texts and times, without the data-frame library.
//!
//! Cells of text formats are parsed here as the columns of a schema are, and one that does not parse is an error with its row
//! and its text: there is no rule that could be broken by it. It knows nothing of rules.

use std::ops::ControlFlow;

use lockgate_spanned::nearest;
use polars::prelude::{Column, DataFrame, DataType, PolarsResult};

use super::types::tick_nanos;
use super::{CheckError, Part, Stored, Table, TableAt, Wanted, binary, cell_text, guess, raw_name};
use crate::report::TableReport;
use crate::value::{Literal, TimeUnit, Type};

/// A table that was found and looks whole, to be read column by column.
pub struct TableFile {
    name: String,
    table: Table,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    Number,
    Bool,
    Text,
    Time(TimeKind),
    /// Lists, times of day, durations and whatever else has no plain values here.
    Other,
}

/// What a point in time is relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeKind {
    /// Instants: with an offset in text, with a time zone where it is stored.
    Zoned,
    /// Dates and times of a place that is not named.
    Local,
    /// Dates, which stand for their midnight.
    Day,
}

/// The values of one column of numbers, in the order of the rows, without the nulls. NaN is a value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers {
    pub values: Vec<f64>,
    pub nulls: u64,
}

/// A column of points in time, one entry a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Times {
    /// Of a column without any value: `Zoned`, for no value lacks its zone.
    pub kind: TimeKind,
    /// Nanoseconds since 1970-01-01 00:00, in UTC for `Zoned` and by the clock of the place otherwise.
    pub values: Vec<Option<i128>>,
}

impl TableFile {
    /// Opens a file or a folder of files.
    pub fn open(TableAt { name, path, form }: TableAt<'_>) -> Result<Self, CheckError> {
        Ok(Self { name: name.to_owned(), table: Table::open(name, path, form)? })
    }

    /// Returns the columns in the order of the file, with their kinds.
    ///
    /// Text formats say nothing of kinds: their file is read once, and a column is of the first kind that all its values have.
    pub fn columns(&self) -> Result<Vec<(String, ColumnKind)>, CheckError> {
        let types = guess::types(&self.table)?;
        Ok(types.iter().map(|(name, stored)| (name.clone(), kind_of(stored))).collect())
    }

    /// Returns what a report says of the table as a whole.
    pub fn report(&self) -> Result<TableReport, CheckError> {
        Ok(self.table.report(&self.name, self.rows()?))
    }

    /// Returns the number of rows; of text formats by reading them.
    pub fn rows(&self) -> Result<u64, CheckError> {
        if let Some(rows) = self.table.known_rows() {
            return Ok(rows);
        }
        let mut rows = 0;
        let first: Vec<Wanted> = self.table.first_wanted().into_iter().collect();
        self.scan(&first, &mut |batch| {
            rows += batch.frame.height() as u64;
            Ok(())
        })?;
        Ok(rows)
    }

    /// Returns the columns of numbers in one pass over the table; booleans are 0 and 1.
    pub fn numbers(&self, columns: &[&str]) -> Result<Vec<Numbers>, CheckError> {
        let mut found = vec![Numbers::default(); columns.len()];
        self.each_number(columns, &mut |at, value| match value {
            Some(value) => found[at].values.push(value),
            None => found[at].nulls += 1,
        })?;
        Ok(found)
    }

    /// Returns the columns of numbers with an entry for each row, null as `None`.
    pub fn aligned(&self, columns: &[&str]) -> Result<Vec<Vec<Option<f64>>>, CheckError> {
        let mut found = vec![Vec::new(); columns.len()];
        self.each_number(columns, &mut |at, value| found[at].push(value))?;
        Ok(found)
    }

    /// Returns the cells of a column of any kind as a file of text would have them, one entry a row, null as `None`.
    pub fn texts(&self, column: &str) -> Result<Vec<Option<String>>, CheckError> {
        self.stored(column)?;
        let wanted = [Wanted { name: column.to_owned(), ty: Type::Str }];
        let mut found = Vec::new();
        self.scan(&wanted, &mut |batch| {
            let column = &wanted[0].name;
            let cells = batch.texts(column).map_err(|error| batch.bug(&error))?;
            found.extend(cells);
            Ok(())
        })?;
        Ok(found)
    }

    /// Returns a column of dates or of dates and times.
    ///
    /// In text formats these are as in RFC 3339, `T` or a space between; either all values have an offset or none has.
    pub fn times(&self, column: &str) -> Result<Times, CheckError> {
        match self.stored(column)? {
            Stored::Text => self.parsed_times(column),
            Stored::Typed(stored) => self.stored_times(column, stored),
        }
    }

    fn stored(&self, column: &str) -> Result<&Stored, CheckError> {
        let names = || self.table.columns.iter().map(|(name, _)| name.as_str());
        self.table.stored(column).ok_or_else(|| CheckError::NoColumn {
            path: self.name.clone(),
            column: column.to_owned(),
            help: match nearest(column, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", names().take(SHOWN_COLUMNS).collect::<Vec<_>>().join(", ")),
            },
        })
    }

    fn each_number(&self, columns: &[&str], on_value: &mut dyn FnMut(usize, Option<f64>)) -> Result<(), CheckError> {
        for column in columns {
            self.expect(column, "numbers", |stored| matches!(stored, ColumnKind::Number | ColumnKind::Bool))?;
        }
        // A column may be asked for twice, and is read once.
        let mut wanted: Vec<Wanted> = Vec::new();
        for column in columns {
            if wanted.iter().all(|known| known.name != *column) {
                wanted.push(Wanted { name: (*column).to_owned(), ty: Type::F64 });
            }
        }
        self.scan(&wanted, &mut |batch| {
            for (at, column) in columns.iter().enumerate() {
                batch.numbers(column, &mut |value| on_value(at, value))?;
            }
            Ok(())
        })
    }

    /// A text may hold anything until it is read.
    fn expect(&self, column: &str, what: &str, is_one: impl Fn(ColumnKind) -> bool) -> Result<(), CheckError> {
        let stored = self.stored(column)?;
        if *stored == Stored::Text || is_one(kind_of(stored)) {
            return Ok(());
        }
        Err(CheckError::WrongKind {
            path: self.name.clone(),
            column: column.to_owned(),
            stored: stored.name(),
            wanted: what.to_owned(),
        })
    }

    fn stored_times(&self, column: &str, stored: &DataType) -> Result<Times, CheckError> {
        self.expect(column, "points in time", |kind| matches!(kind, ColumnKind::Time(_)))?;
        let ColumnKind::Time(kind) = kind_of(&Stored::Typed(stored.clone())) else {
            unreachable!("the kind was just looked at")
        };
        let wanted = [Wanted { name: column.to_owned(), ty: Type::Str }];
        let mut values = Vec::new();
        self.scan(&wanted, &mut |batch| {
            let cells = batch.frame.column(column).and_then(instants).map_err(|error| batch.bug(&error))?;
            values.extend(cells);
            Ok(())
        })?;
        Ok(Times { kind, values })
    }

    fn parsed_times(&self, column: &str) -> Result<Times, CheckError> {
        let wanted = [Wanted { name: column.to_owned(), ty: Type::Str }];
        let (mut kind, mut values) = (None, Vec::new());
        self.scan(&wanted, &mut |batch| {
            for (at, text) in batch.texts(column).map_err(|error| batch.bug(&error))?.into_iter().enumerate() {
                let Some(text) = text else {
                    values.push(None);
                    continue;
                };
                let (found, nanos) =
                    parse_time(&text).ok_or_else(|| batch.misfit(column, at, &text, "a date or a date and time"))?;
                if *kind.get_or_insert(found) != found {
                    let wanted = format!("{} as the values above it are", kind.unwrap_or(found).phrase());
                    return Err(batch.misfit(column, at, &text, &wanted));
                }
                values.push(Some(nanos));
            }
            Ok(())
        })?;
        Ok(Times { kind: kind.unwrap_or(TimeKind::Zoned), values })
    }

    fn scan(
        &self,
        wanted: &[Wanted],
        on_batch: &mut dyn FnMut(&Batch<'_>) -> Result<(), CheckError>,
    ) -> Result<(), CheckError> {
        for part in &self.table.parts {
            let mut before = 0;
            self.table.scan(part, wanted, &mut |frame| {
                let batch = Batch { frame, part, before };
                on_batch(&batch)?;
                before += batch.frame.height() as u64;
                Ok(ControlFlow::Continue(()))
            })?;
        }
        Ok(())
    }
}

const SHOWN_COLUMNS: usize = 12;

impl TimeKind {
    fn phrase(self) -> &'static str {
        match self {
            Self::Zoned => "a time with an offset",
            Self::Local => "a time without an offset",
            Self::Day => "a date without a time",
        }
    }
}

/// Some rows of a part.
struct Batch<'a> {
    frame: DataFrame,
    part: &'a Part,
    /// The rows of the part that were given before.
    before: u64,
}

impl Batch<'_> {
    fn numbers(&self, column: &str, on_value: &mut dyn FnMut(Option<f64>)) -> Result<(), CheckError> {
        let raw = self.frame.column(&raw_name(column)).ok();
        let cells = self.frame.column(column).and_then(|cells| cells.cast(&DataType::Float64));
        let cells = cells.map_err(|error| self.bug(&error))?;
        let cells = cells.f64().map_err(|error| self.bug(&error))?;
        match raw.filter(|raw| raw.null_count() < raw.len()) {
            None => cells.iter().for_each(on_value),
            Some(raw) => {
                let raw = raw.str().map_err(|error| self.bug(&error))?;
                for (at, (cell, text)) in cells.iter().zip(raw.iter()).enumerate() {
                    on_value(match text {
                        None => cell,
                        Some("true") => Some(1.0),
                        Some("false") => Some(0.0),
                        Some(text) => return Err(self.misfit(column, at, text, "a number")),
                    });
                }
            }
        }
        Ok(())
    }

    /// Returns the cells of a column; of text formats as they stand in the file.
    fn texts(&self, column: &str) -> PolarsResult<Vec<Option<String>>> {
        let cells = self.frame.column(column)?;
        let texts = match cells.str() {
            Ok(texts) => texts.iter().map(|text| text.map(str::to_owned)).collect(),
            Err(_) => {
                (0..cells.len()).map(|at| cells.get(at).map(|cell| cell_text(&cell))).collect::<Result<_, _>>()?
            }
        };
        match self.frame.column(&raw_name(column)) {
            Err(_) => Ok(texts),
            Ok(raw) => Ok(raw.str()?.iter().zip(texts).map(|(raw, text)| raw.map(str::to_owned).or(text)).collect()),
        }
    }

    fn misfit(&self, column: &str, at: usize, text: &str, wanted: &str) -> CheckError {
        CheckError::Misfit {
            path: self.part.name.clone(),
            row: self.before + at as u64 + 1,
            column: column.to_owned(),
            text: text.chars().take(SHOWN_CHARACTERS).collect(),
            wanted: wanted.to_owned(),
        }
    }

    fn bug(&self, error: &polars::error::PolarsError) -> CheckError {
        binary::bug(&self.part.name, error)
    }
}

const SHOWN_CHARACTERS: usize = 80;

/// Returns the kind of a stored type; of text it is not known.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the numeric types are asked for at once; the others have no plain values"
)]
fn kind_of(stored: &Stored) -> ColumnKind {
    let Stored::Typed(stored) = stored else { return ColumnKind::Text };
    match stored {
        DataType::Boolean => ColumnKind::Bool,
        DataType::String => ColumnKind::Text,
        DataType::Date => ColumnKind::Time(TimeKind::Day),
        DataType::Datetime(_, None) => ColumnKind::Time(TimeKind::Local),
        DataType::Datetime(_, Some(_)) => ColumnKind::Time(TimeKind::Zoned),
        numeric if numeric.is_numeric() => ColumnKind::Number,
        _ => ColumnKind::Other,
    }
}

fn instants(cells: &Column) -> PolarsResult<Vec<Option<i128>>> {
    let scale = tick_nanos(cells.dtype());
    let ticks = cells.to_physical_repr().cast(&DataType::Int64)?;
    Ok(ticks.i64()?.iter().map(|tick| tick.map(|tick| i128::from(tick) * scale)).collect())
}

/// Reads a date, a date and time, or one with an offset.
fn parse_time(text: &str) -> Option<(TimeKind, i128)> {
    const NANOS_PER_DAY: i128 = 86_400_000_000_000;
    let datetime = |zone: Option<&str>| {
        let ty = Type::Datetime { unit: Some(TimeUnit::Ns), zone: zone.map(str::to_owned) };
        let micros = Type::Datetime { unit: Some(TimeUnit::Us), zone: zone.map(str::to_owned) };
        // Nanoseconds in 64 bits end in the year 2262.
        match ty.parse_value(text).or_else(|| micros.parse_value(text))? {
            Literal::Datetime(nanos) => Some(nanos),
            Literal::Bool(_)
            | Literal::Int(_)
            | Literal::Float(_)
            | Literal::Str(_)
            | Literal::Date(_)
            | Literal::Time(_) => None,
        }
    };
    if let Some(Literal::Date(days)) = Type::Date.parse_value(text) {
        return Some((TimeKind::Day, i128::from(days) * NANOS_PER_DAY));
    }
    let zoned = datetime(Some("UTC")).map(|nanos| (TimeKind::Zoned, nanos));
    zoned.or_else(|| datetime(None).map(|nanos| (TimeKind::Local, nanos)))
}
