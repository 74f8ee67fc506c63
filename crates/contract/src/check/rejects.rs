//! All rows that break a rule, as a Parquet file beside the report.
//!
//! One more pass over the table, only when a rule on single rows is broken. The file has the place of each row, all columns of the
//! table (those of text formats as their text), and for each broken rule a column of its name that is true for the rows
//! which break it. Few rows are in memory at a time. Where the file lies, and how long it is kept, is for the caller.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use polars::io::parquet::write::BatchedWriter;
use polars::prelude::{
    AnyValue, BooleanChunked, Column, DataFrame, DataType, Expr, IntoColumn, IntoLazy, NewChunkedArray,
    ParquetCompression, ParquetWriter, PlSmallStr, PolarsError, PolarsResult, Scalar, lit,
};

use super::judge::Context;
use super::masks;
use super::measure::{Tally, bug};
use super::plan::Rule;
use super::row_set::RowSet;
use crate::report::{Rejected, RuleReport, State};
use crate::table::{CheckError, LINE, Part, Stored, Table, Texts, Wanted, text_name};
use crate::value::Type;

/// The file for the bad rows of a table.
#[derive(Clone, Copy, Debug)]
pub struct Rejects<'a> {
    /// Where it is written; nothing is, when no row breaks a rule.
    pub path: &'a Path,
    /// What the report calls it.
    pub name: &'a str,
}

/// A rule, what was counted for it, and what was said of it.
pub(super) type Judged<'a> = (&'a Rule<'a>, &'a Tally, &'a RuleReport);

/// Writes the rows that break any of the rules that do not hold; `None` when there is no such rule.
pub(super) fn write(
    judged: &[Judged<'_>],
    context: &Context<'_>,
    to: &Rejects<'_>,
) -> Result<Option<Rejected>, CheckError> {
    let table = context.table;
    let mut names = Names::new(table);
    let tests: Vec<Test> = judged.iter().filter_map(|judged| Test::of(judged, &mut names)).collect();
    if tests.is_empty() {
        return Ok(None);
    }
    let wanted = all_columns(judged, context);
    let mut file = BadRows::new(to);
    let mut in_table = 0;
    for part in &table.parts {
        let mut in_part = 0;
        table.scan_as(part, &wanted, Texts::All, &mut |frame| {
            let place = Place { part, in_part, in_table, names: &names };
            let rows = rejected(&frame, &tests, &place, table).map_err(|error| bug(&part.name, &error))?;
            file.add(rows)?;
            in_part += frame.height() as u64;
            in_table += frame.height() as u64;
            Ok(ControlFlow::Continue(()))
        })?;
    }
    file.finish().map(Some)
}

/// A broken rule as a column of truths.
struct Test<'a> {
    name: String,
    broken: Broken<'a>,
}

enum Broken<'a> {
    Mask(Expr),
    Rows(&'a RowSet),
}

impl<'a> Test<'a> {
    /// Makes a test of a rule that does not hold for some rows; `None` for any other.
    fn of((rule, tally, report): &Judged<'a>, names: &mut Names) -> Option<Self> {
        let is_broken = matches!(report.state, State::Fail | State::Warn) && rule.is_ready() && tally.bad > 0;
        let broken = match (&tally.duplicates, &tally.order) {
            _ if !is_broken => return None,
            (Some(duplicates), _) => Broken::Rows(&duplicates.marked),
            (None, Some(order)) => Broken::Rows(&order.marked),
            (None, None) => Broken::Mask(masks::broken(rule)?),
        };
        Some(Self { name: names.free(&report.name()), broken })
    }
}

/// The names of the columns of the file, all of them different.
struct Names {
    taken: Vec<String>,
    part: String,
    row: String,
    line: String,
}

impl Names {
    fn new(table: &Table) -> Self {
        let taken = table.columns.iter().map(|(name, _)| name.clone()).collect();
        let mut names = Self { taken, part: String::new(), row: String::new(), line: String::new() };
        names.part = names.free("part");
        names.row = names.free("row");
        names.line = names.free("line");
        names
    }

    /// Returns the name, with as many underscores as make it a new one.
    fn free(&mut self, name: &str) -> String {
        let mut name = name.to_owned();
        while self.taken.contains(&name) {
            name.push('_');
        }
        self.taken.push(name.clone());
        name
    }
}

/// Where the rows of a batch stand.
struct Place<'a> {
    part: &'a Part,
    /// The rows before them, in their part and in the table.
    in_part: u64,
    in_table: u64,
    names: &'a Names,
}

/// Returns all columns of the table, with the types that the rules know, so that the rules can be told of them.
fn all_columns(judged: &[Judged<'_>], context: &Context<'_>) -> Vec<Wanted> {
    let known: BTreeMap<&str, &Type> = judged
        .iter()
        .flat_map(|(rule, _, _)| rule.subjects())
        .map(|subject| (subject.column.name.as_str(), &subject.ty))
        .collect();
    let ty = |name: &str| known.get(name).map_or(Type::Str, |ty| (*ty).clone());
    context.table.columns.iter().map(|(name, _)| Wanted { name: name.clone(), ty: ty(name) }).collect()
}

/// Returns the rows of a batch that break a rule, as the file has them.
fn rejected(frame: &DataFrame, tests: &[Test<'_>], place: &Place<'_>, table: &Table) -> PolarsResult<DataFrame> {
    let height = frame.height();
    let mut truths: Vec<Column> = Vec::with_capacity(tests.len());
    for test in tests {
        truths.push(truth(frame, test, place)?);
    }
    let mut any = truths[0].bool()?.clone();
    for truth in &truths[1..] {
        any = &any | truth.bool()?;
    }
    if !any.any() {
        return Ok(DataFrame::empty());
    }
    let number = (1..=height as u64).map(|at| place.in_part + at).collect::<Vec<_>>();
    let mut columns = vec![
        Column::new_scalar(place.names.part.as_str().into(), text(&place.part.name), height),
        Column::new(place.names.row.as_str().into(), number),
    ];
    if let Ok(lines) = frame.column(LINE) {
        columns.push(lines.clone().with_name(place.names.line.as_str().into()));
    }
    for (name, stored) in &table.columns {
        let column = if *stored == Stored::Text { frame.column(&text_name(name))? } else { frame.column(name)? };
        columns.push(column.clone().with_name(name.as_str().into()));
    }
    columns.extend(truths);
    DataFrame::new(height, columns)?.filter(&any)
}

fn text(text: &str) -> Scalar {
    Scalar::new(DataType::String, AnyValue::StringOwned(text.into()))
}

fn truth(frame: &DataFrame, test: &Test<'_>, place: &Place<'_>) -> PolarsResult<Column> {
    let name = PlSmallStr::from(test.name.as_str());
    match &test.broken {
        Broken::Mask(mask) => {
            let mask = mask.clone().fill_null(lit(false)).alias(name);
            let truth = frame.clone().lazy().select([mask]).collect()?;
            truth.columns()[0].cast(&DataType::Boolean)
        }
        Broken::Rows(rows) => {
            let numbers = place.in_table..place.in_table + frame.height() as u64;
            Ok(BooleanChunked::from_iter_values(name, numbers.map(|row| rows.contains(row))).into_column())
        }
    }
}

/// Rows are gathered up to this many before they are written, so that the file has few row groups.
const GROUP: usize = 1 << 16;

/// The file while it is written.
struct BadRows<'a> {
    to: &'a Rejects<'a>,
    /// What is finished takes the place by a rename.
    unfinished: PathBuf,
    gathered: Option<DataFrame>,
    writer: Option<BatchedWriter<Watched>>,
    /// The system's number of the first error.
    failed: Arc<OnceLock<i32>>,
    count: u64,
}

impl<'a> BadRows<'a> {
    fn new(to: &'a Rejects<'a>) -> Self {
        let mut unfinished = to.path.as_os_str().to_owned();
        unfinished.push(".unfinished");
        Self { to, unfinished: unfinished.into(), gathered: None, writer: None, failed: Arc::default(), count: 0 }
    }

    fn add(&mut self, rows: DataFrame) -> Result<(), CheckError> {
        self.count += rows.height() as u64;
        if rows.height() > 0 {
            let gathered = match self.gathered.take() {
                Some(before) => before.vstack(&rows).map_err(|error| bug(self.to.name, &error))?,
                None => rows,
            };
            let is_full = gathered.height() >= GROUP;
            self.gathered = Some(gathered);
            if is_full {
                self.write()?;
            }
        }
        Ok(())
    }

    fn write(&mut self) -> Result<(), CheckError> {
        let Some(mut rows) = self.gathered.take() else { return Ok(()) };
        rows.align_chunks_par();
        let mut writer = match self.writer.take() {
            Some(writer) => writer,
            None => self.open(&rows)?,
        };
        writer.write_batch(&rows).map_err(|error| self.refused(self.cause(&error)))?;
        self.writer = Some(writer);
        Ok(())
    }

    fn open(&self, rows: &DataFrame) -> Result<BatchedWriter<Watched>, CheckError> {
        let folder = self.unfinished.parent().map_or(Ok(()), fs::create_dir_all);
        let file = folder.and_then(|()| File::create(&self.unfinished)).map_err(|error| self.refused(error))?;
        let file = Watched { file, failed: Arc::clone(&self.failed) };
        let writer = ParquetWriter::new(file).with_compression(ParquetCompression::Zstd(None));
        writer.batched(rows.schema()).map_err(|error| self.refused(self.cause(&error)))
    }

    fn finish(mut self) -> Result<Rejected, CheckError> {
        self.write()?;
        if let Some(writer) = self.writer.take() {
            let finished = writer.finish().map(|_| ()).map_err(|error| self.cause(&error));
            let placed = finished.and_then(|()| fs::rename(&self.unfinished, self.to.path));
            placed.map_err(|error| self.refused(error))?;
        }
        Ok(Rejected { path: self.to.name.to_owned(), rows: self.count })
    }

    /// Returns why the library could not write.
    fn cause(&self, error: &PolarsError) -> io::Error {
        let known = self.failed.get().map(|code| io::Error::from_raw_os_error(*code));
        known.unwrap_or_else(|| io::Error::other(error.to_string()))
    }

    fn refused(&self, cause: io::Error) -> CheckError {
        CheckError::Rejects { path: self.to.name.to_owned(), cause }
    }
}

/// A file that remembers why it could not be written: of an error, the library keeps only the words.
struct Watched {
    file: File,
    failed: Arc<OnceLock<i32>>,
}

impl Watched {
    fn note<T>(&self, written: io::Result<T>) -> io::Result<T> {
        written.inspect_err(|error| {
            if let Some(code) = error.raw_os_error() {
                self.failed.get_or_init(|| code);
            }
        })
    }
}

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes);
        self.note(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.file.flush();
        self.note(flushed)
    }
}
