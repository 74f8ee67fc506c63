//! Parquet and Arrow IPC, read by the data-frame library.
//!
//! The library runs on its own threads and hands its batches over a short channel, so that only a few are in memory; of a
//! Parquet file it is given a few row groups at a time. It
//! promises errors for damaged files and mostly keeps the promise; a panic in it is taken as damage too, which needs a build
//! whose panics unwind.
//!
//! The library maps files into memory: one that is cut short while it is judged ends the process with a bus error, and that
//! cannot be caught. Renaming and deleting are harmless. Whoever calls must judge files that nobody writes to.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use polars::error::PolarsError;
use polars::prelude::{
    DataFrame, DataType, Engine, Expr, HiveOptions, IpcScanOptions, LazyFrame, PlRefPath, PlSmallStr, PlanCallback,
    PolarsResult, ScanArgsParquet, SchemaRef, UnifiedScanArgs,
};

use super::{CheckError, Format, OnBatch, Part, Wanted};
use crate::wall::{self, first_line};

/// The rows that are read at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    All,
    Rows { start: i64, len: u32 },
}

/// Row groups are read together up to this many rows.
const RUN_ROWS: usize = 1 << 19;

const BATCH_ROWS: NonZeroUsize = NonZeroUsize::new(1 << 17).expect("a power of two is not zero");

/// Reads names and types of the columns.
pub(super) fn columns(format: Format, part: &Part) -> Result<SchemaRef, CheckError> {
    let path = part.path.clone();
    guarded(&part.name, move || lazy(format, &path)?.collect_schema())
}

/// Gives the wanted columns in batches, in the order of the rows.
pub(super) fn scan(
    format: Format,
    part: &Part,
    wanted: &[Wanted],
    on_batch: &mut OnBatch<'_>,
) -> Result<(), CheckError> {
    let mut rows = 0;
    for run in part.runs() {
        match scan_run(format, part, run, wanted, on_batch)? {
            Taken::All { rows: more } => rows += more,
            Taken::Some => return Ok(()),
        }
    }
    complete(part, rows)
}

/// Reads one run of rows; the library is done with it, and has given its memory back, when this returns.
fn scan_run(
    format: Format,
    part: &Part,
    run: Run,
    wanted: &[Wanted],
    on_batch: &mut OnBatch<'_>,
) -> Result<Taken, CheckError> {
    let column = |wanted: &Wanted| {
        let cells = named(&wanted.name);
        if part.categories.contains(&wanted.name) { cells.cast(DataType::String) } else { cells }
    };
    let columns: Vec<Expr> = wanted.iter().map(column).collect();
    let path = part.path.clone();
    let (send, batches) = sync_channel(1);
    let read = move || {
        // The library stops when the callback says so, which it does when nobody takes batches any more.
        let on_frame = PlanCallback::new(move |frame: DataFrame| Ok(send.send(frame).is_err()));
        let rows = match run {
            Run::All => lazy(format, &path)?,
            Run::Rows { start, len } => lazy(format, &path)?.slice(start, len),
        };
        let query = rows.select(columns).sink_batches(on_frame, true, Some(BATCH_ROWS))?;
        query.collect_with_engine(Engine::Streaming).map(|_| ())
    };
    let name = part.name.clone();
    let reader = thread::Builder::new().name("table reader".to_owned()).spawn(move || guarded(&name, read));
    let reader = reader.map_err(|cause| CheckError::unreadable(&part.name, cause))?;
    let taken = take_all(batches, on_batch);
    let read = reader.join().expect("panics are caught within the thread");
    match taken? {
        Taken::All { rows } => read.map(|()| Taken::All { rows }),
        // What happens in the library after it was told to stop is of no interest.
        Taken::Some => Ok(Taken::Some),
    }
}

/// How far the batches were read.
enum Taken {
    All { rows: u64 },
    Some,
}

fn take_all(batches: Receiver<DataFrame>, on_batch: &mut OnBatch<'_>) -> Result<Taken, CheckError> {
    let mut rows = 0;
    for batch in batches {
        rows += batch.height() as u64;
        if on_batch(batch)? == ControlFlow::Break(()) {
            return Ok(Taken::Some);
        }
    }
    Ok(Taken::All { rows })
}

/// A reader that ends early would pass for a shorter table; the footer knows better.
fn complete(part: &Part, rows: u64) -> Result<(), CheckError> {
    match part.rows {
        Some(expected) if expected != rows => {
            Err(CheckError::damaged(&part.name, format!("its footer promises {expected} rows, and {rows} can be read")))
        }
        _ => Ok(()),
    }
}

/// Cuts row groups of the given heights into runs.
///
/// Left to itself the library decodes several row groups at a time, and holds the file mapped to the end.
pub(super) fn runs(heights: impl Iterator<Item = usize>) -> Vec<Run> {
    let (mut runs, mut start, mut len): (Vec<Option<Run>>, _, _) = (Vec::new(), 0, 0);
    for height in heights.chain([usize::MAX]) {
        if len > 0 && height > RUN_ROWS.saturating_sub(len) {
            runs.push(run(start, len));
            (start, len) = (start + len, 0);
        }
        len = len.saturating_add(height);
    }
    // A row group with more rows than the library can number is left to it to refuse.
    runs.into_iter().collect::<Option<_>>().unwrap_or_else(|| vec![Run::All])
}

fn run(start: usize, len: usize) -> Option<Run> {
    Some(Run::Rows { start: i64::try_from(start).ok()?, len: u32::try_from(len).ok()? })
}

fn named(name: &str) -> Expr {
    Expr::Column(PlSmallStr::from(name))
}

pub(super) fn lazy(format: Format, path: &Path) -> PolarsResult<LazyFrame> {
    let path = PlRefPath::try_from_path(path)?;
    // Names are taken as they are: no patterns, and no columns made from the names of folders.
    if format == Format::Parquet {
        let hive_options = HiveOptions::new_disabled();
        let args = ScanArgsParquet { glob: false, hive_options, cache: false, ..ScanArgsParquet::default() };
        return LazyFrame::scan_parquet(path, args);
    }
    let hive_options = HiveOptions::new_disabled();
    let args = UnifiedScanArgs { glob: false, hive_options, cache: false, ..UnifiedScanArgs::default() };
    LazyFrame::scan_ipc(path, IpcScanOptions::default(), args)
}

/// Runs the library and turns its errors and panics into damage of the file.
pub(super) fn guarded<T>(name: &str, run: impl FnOnce() -> PolarsResult<T>) -> Result<T, CheckError> {
    caught(run).map_err(|why| CheckError::damaged(name, why))
}

/// Runs the library and turns its errors and panics into one line of text.
pub(super) fn caught<T>(run: impl FnOnce() -> PolarsResult<T>) -> Result<T, String> {
    // Damaged bytes can trip an assertion in the library; nothing that it left half done is used afterwards.
    match wall::caught(run) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(first_line(&error.to_string())),
        Err(said) => Err(format!("the reader stopped at \"{said}\"")),
    }
}

/// What the library refuses although it must not.
pub(crate) fn bug(path: &str, error: &PolarsError) -> CheckError {
    CheckError::Bug { path: path.to_owned(), why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_groups_are_joined_into_runs_that_cover_all_rows_once() {
        let check = |heights: &[usize], expect: &[(i64, u32)]| {
            let expect: Vec<Run> = expect.iter().map(|(start, len)| Run::Rows { start: *start, len: *len }).collect();
            assert_eq!(runs(heights.iter().copied()), expect, "{heights:?}");
        };
        check(&[], &[]);
        check(&[0, 0], &[]);
        check(&[5, 0, 7], &[(0, 12)]);
        check(&[RUN_ROWS, 1], &[(0, 524_288), (524_288, 1)]);
        check(&[1, RUN_ROWS, 2, 3], &[(0, 1), (1, 524_288), (524_289, 5)]);
        check(&[2_000_000, 2_000_000], &[(0, 2_000_000), (2_000_000, 2_000_000)]);
    }
}
