//! Queries over tables, in the SQL of the data-frame library.
//!
//! A query reads the tables it is given, by their names, and nothing else: statements that change something and functions that
//! open files by their path are refused before the library sees them. Parquet and Arrow IPC are streamed; a table in a text
//! format is read into memory first, with the types that all its values have.

use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};

use polars::prelude::{
    Column, DataFrame, Engine, IntoLazy, LazyFrame, PlanCallback, PolarsResult, UnionArgs, concat, lit,
};
use polars::sql::SQLContext;

use super::folders::FolderKey;
use super::types::type_of_stored;
use super::{CheckError, Format, Part, Stored, Table, TableAt, Wanted, binary, cell_text, dtype, guess};
use crate::value::Type;
use crate::wall::{self, first_line};

/// The rows of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlResult {
    pub columns: Vec<String>,
    /// The first rows, as many as were asked for; null is `None`.
    pub rows: Vec<Vec<Option<String>>>,
    /// All rows of the answer.
    pub total: u64,
}

/// A query without an answer.
#[derive(Debug, thiserror::Error)]
pub enum SqlError {
    #[error(transparent)]
    Table(#[from] CheckError),

    #[error("the query starts with `{found}`, and a query may only ask; start it with SELECT or WITH")]
    NotAQuestion { found: String },

    #[error("the query reads files with `{function}`; name the tables under `tables` and ask for them by name")]
    ReadsFiles { function: String },

    #[error("the query cannot be answered: {why}; correct the query (its dialect is the SQL of polars)")]
    Refused { why: String },

    #[error(
        "the query `{query}` cannot be answered: the library stopped at \"{why}\"; ask for the same in another way"
    )]
    Stopped { query: String, why: String },
}

/// Answers `query` over tables, each by the name that the query has for it, and shows up to `limit` rows.
///
/// The order of the rows is that of `ORDER BY`, and otherwise may be any that the query allows.
pub fn sql(tables: &[(&str, TableAt<'_>)], query: &str, limit: usize) -> Result<SqlResult, SqlError> {
    expect_question(query)?;
    let mut frames = Vec::with_capacity(tables.len());
    for (called, TableAt { name, path, form }) in tables {
        frames.push(((*called).to_owned(), lazy(&Table::open(name, path, form)?)?));
    }
    // The library counts rows of tables that stand below each other by a shortcut, as a sum of 128-bit numbers, which it cannot
    // add up in this build. The shortcut is part of a step that only saves reading, and is asked for first all the same.
    let outcome = wall::caught(|| answer(&frames, query, limit, Columns::AsNeeded));
    match outcome.or_else(|_| wall::caught(|| answer(&frames, query, limit, Columns::All))) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(SqlError::Refused { why: first_line(&error.to_string()) }),
        Err(why) => Err(SqlError::Stopped { query: query.split_whitespace().collect::<Vec<_>>().join(" "), why }),
    }
}

/// Which columns of the tables are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Columns {
    AsNeeded,
    All,
}

fn answer(tables: &[(String, LazyFrame)], query: &str, limit: usize, read: Columns) -> PolarsResult<SqlResult> {
    let mut context = SQLContext::new();
    for (name, frame) in tables {
        context.register(name, frame.clone());
    }
    let mut rows = context.execute(query)?.with_projection_pushdown(read == Columns::AsNeeded);
    let columns: Vec<String> = rows.collect_schema()?.iter_names().map(ToString::to_string).collect();
    let seen = Arc::new(Mutex::new(Seen::default()));
    let sink = Arc::clone(&seen);
    let on_batch = PlanCallback::new(move |batch: DataFrame| {
        let mut seen = sink.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        seen.take(&batch, limit)?;
        Ok(false)
    });
    rows.sink_batches(on_batch, true, None)?.collect_with_engine(Engine::Streaming)?;
    let seen = std::mem::take(&mut *seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    Ok(SqlResult { columns, rows: seen.rows, total: seen.total })
}

/// What has been seen of an answer.
#[derive(Default)]
struct Seen {
    rows: Vec<Vec<Option<String>>>,
    total: u64,
}

impl Seen {
    fn take(&mut self, batch: &DataFrame, limit: usize) -> PolarsResult<()> {
        self.total += batch.height() as u64;
        for at in 0..batch.height().min(limit.saturating_sub(self.rows.len())) {
            let cells = batch.columns().iter().map(|column| Ok(cell_text(&column.get(at)?)));
            self.rows.push(cells.collect::<PolarsResult<_>>()?);
        }
        Ok(())
    }
}

/// Makes a frame of a table whose parts are one below the other.
fn lazy(table: &Table) -> Result<LazyFrame, CheckError> {
    match table.format {
        Format::Parquet | Format::Ipc => {
            let types = guess::types(table)?;
            let parts = || table.parts.iter().map(|part| with_keys(table.format, part, &types));
            let below = UnionArgs { maintain_order: true, ..UnionArgs::default() };
            binary::guarded(&table.parts[0].name, || concat(parts().collect::<PolarsResult<Vec<_>>>()?, below))
        }
        Format::Csv | Format::JsonLines => in_memory(table).map(IntoLazy::lazy),
    }
}

/// Adds what the folders above a file say to its rows.
fn with_keys(format: Format, part: &Part, types: &[(String, Stored)]) -> PolarsResult<LazyFrame> {
    let ty = |key: &FolderKey| {
        types.iter().find(|(name, _)| *name == key.name).map_or(Type::Str, |(_, stored)| type_of_stored(stored))
    };
    let keys = part.keys.iter().map(|key| lit(key.value(&ty(key))).alias(key.name.as_str()));
    Ok(binary::lazy(format, &part.path)?.with_columns(keys.collect::<Vec<_>>()))
}

fn in_memory(table: &Table) -> Result<DataFrame, CheckError> {
    let types = guess::types(table)?;
    let wanted: Vec<Wanted> =
        types.iter().map(|(name, stored)| Wanted { name: name.clone(), ty: type_of_stored(stored) }).collect();
    let names: Vec<&str> = wanted.iter().map(|wanted| wanted.name.as_str()).collect();
    let mut all = empty(&wanted);
    for part in &table.parts {
        table.scan(part, &wanted, &mut |batch| {
            let batch = batch.select(names.iter().copied());
            let added = batch.and_then(|batch| all.vstack_mut_owned(batch).map(|_| ()));
            added.map_err(|error| binary::bug(&part.name, &error))?;
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(all)
}

fn empty(wanted: &[Wanted]) -> DataFrame {
    let columns = wanted.iter().map(|wanted| Column::new_empty(wanted.name.as_str().into(), &dtype(&wanted.ty)));
    DataFrame::new(0, columns.collect()).expect("the names of a table's columns are different")
}

/// The functions of the dialect that open a file.
const READERS: [&str; 4] = ["read_csv", "read_parquet", "read_ipc", "read_json"];

/// Makes sure that the query only asks, and only for tables that it was given.
fn expect_question(query: &str) -> Result<(), SqlError> {
    let words = |text: &str| {
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        words.map(str::to_ascii_lowercase).collect::<Vec<_>>()
    };
    let first = words(after_comments(query)).into_iter().next().unwrap_or_default();
    if first != "select" && first != "with" {
        return Err(SqlError::NotAQuestion { found: first });
    }
    // Also between quotes: what a quote ends where is for the library's parser to say, and one that differs would be a way out.
    match words(query).into_iter().find(|word| READERS.contains(&word.as_str())) {
        Some(function) => Err(SqlError::ReadsFiles { function }),
        None => Ok(()),
    }
}

/// Leaves out the comments before the first word.
fn after_comments(query: &str) -> &str {
    let query = query.trim_start();
    let end = if query.starts_with("--") {
        "\n"
    } else if query.starts_with("/*") {
        "*/"
    } else {
        return query;
    };
    query.find(end).map_or("", |at| after_comments(&query[at + end.len()..]))
}
