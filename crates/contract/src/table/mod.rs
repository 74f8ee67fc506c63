//! Tables as they lie on disk: opening them, what is known without reading them, and reading them in batches.
//!
//! Four formats, one shape: [`Table::open`] finds the parts and their columns, [`Table::scan`] gives the wanted columns of a
//! part in batches of rows, in order. The text formats are read here, cell by cell into the declared types, because a value that
//! does not parse is a finding with a row and a text, not an error; the binary ones are read by the data-frame library. It
//! knows nothing of rules.

mod binary;
mod cells;
mod csv;
mod decode;
mod error;
mod file;
mod folders;
mod footer;
mod guess;
mod jsonl;
mod lines;
mod open;
mod pages;
mod query;
mod rearrange;
mod types;
mod zone;

pub(crate) use binary::bug;
pub use error::CheckError;
pub use file::{ColumnKind, Numbers, TableFile, TimeKind, Times};
pub(crate) use footer::ColumnFacts;
pub(crate) use guess::{scalars, types as guessed};
pub(crate) use open::{Part, Table};
pub use query::{SqlError, SqlResult, sql};
pub use rearrange::rearrange;
pub(crate) use types::{Stored, any_value, cell_text, declarable, dtype, is_time_zone, type_of};
pub use zone::instant_in_zone;

use std::ops::ControlFlow;
use std::path::Path;

use lockgate_forms::TextForm;
use polars::prelude::DataFrame;

use self::cells::Cells;
use crate::value::Type;

/// A table to read: what messages call it, where it lies, and how it is written if it is text.
#[derive(Clone, Copy, Debug)]
pub struct TableAt<'a> {
    pub name: &'a str,
    pub path: &'a Path,
    pub form: &'a TextForm,
}

impl<'a> TableAt<'a> {
    /// A table that is written as by default.
    pub fn plain(name: &'a str, path: &'a Path) -> Self {
        Self { name, path, form: TextForm::plain() }
    }
}

/// The hidden column that holds the number of the line on which a row starts; text formats only.
pub(crate) const LINE: &str = "\u{0}line";

/// The hidden column that holds the text of the cells of `name` that are not values of its type; text formats only.
pub(crate) fn raw_name(name: &str) -> String {
    format!("\u{0}raw {name}")
}

/// The hidden column that holds the cells of `name` as they are written, where all of them are kept; text formats only.
pub(crate) fn text_name(name: &str) -> String {
    format!("\u{0}text {name}")
}

/// Which texts of a text format are given besides the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Texts {
    /// Those that are not values of their type, in a column [`raw_name`].
    Misfits,
    /// All of them besides, in a column [`text_name`].
    All,
}

/// A column to read, with the type it is declared to have.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub name: String,
    pub ty: Type,
}

/// What is done with one batch of rows.
pub(crate) type OnBatch<'a> = dyn FnMut(DataFrame) -> Result<ControlFlow<()>, CheckError> + 'a;

/// The file formats of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    JsonLines,
    Parquet,
    Ipc,
}

impl Format {
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::JsonLines => "JSON lines",
            Self::Parquet => "Parquet",
            Self::Ipc => "Arrow IPC",
        }
    }
}

impl Table {
    /// Gives the wanted columns of one part to `on_batch`, batch by batch, until it breaks.
    pub fn scan(&self, part: &Part, wanted: &[Wanted], on_batch: &mut OnBatch<'_>) -> Result<(), CheckError> {
        self.scan_as(part, wanted, Texts::Misfits, on_batch)
    }

    /// Does what [`Self::scan`] does, with as many texts as asked for.
    pub fn scan_as(
        &self,
        part: &Part,
        wanted: &[Wanted],
        texts: Texts,
        on_batch: &mut OnBatch<'_>,
    ) -> Result<(), CheckError> {
        let in_folders = |wanted: &&Wanted| part.keys.iter().any(|key| key.name == wanted.name);
        if !wanted.iter().any(|wanted| in_folders(&wanted)) {
            return self.scan_file(part, wanted, texts, on_batch);
        }
        let mut in_file: Vec<Wanted> = wanted.iter().filter(|wanted| !in_folders(wanted)).cloned().collect();
        if in_file.is_empty() {
            // The rows of the file are counted by some column of it.
            in_file.extend(self.first_wanted());
        }
        self.scan_file(part, &in_file, texts, &mut |mut frame| {
            folders::add(&mut frame, &part.keys, wanted, texts).map_err(|error| bug(&part.name, &error))?;
            on_batch(frame)
        })
    }

    fn scan_file(
        &self,
        part: &Part,
        wanted: &[Wanted],
        texts: Texts,
        on_batch: &mut OnBatch<'_>,
    ) -> Result<(), CheckError> {
        match self.format {
            Format::Csv => csv::scan(part, Cells::new(&part.name, wanted, texts), &self.form, on_batch),
            Format::JsonLines => jsonl::scan(part, Cells::new(&part.name, wanted, texts), &self.form, on_batch),
            Format::Parquet | Format::Ipc => binary::scan(self.format, part, wanted, on_batch),
        }
    }
}
