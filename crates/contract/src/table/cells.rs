//! From the cells of a text file to typed columns.

use polars::prelude::{AnyValue, Column, DataFrame, DataType, PlSmallStr, Series};

use super::binary::bug;
use super::{CheckError, LINE, Texts, Wanted, any_value, dtype, raw_name, text_name};
use crate::value::Type;

/// Rows are given on in batches of this size: large enough to be fast, small enough to need little memory.
const BATCH_ROWS: usize = 16_384;

/// The cells of one batch while it is read.
pub(super) struct Cells<'a> {
    path: &'a str,
    columns: Vec<Cell<'a>>,
    lines: Vec<u64>,
}

/// One column of the batch.
struct Cell<'a> {
    name: &'a str,
    ty: &'a Type,
    stored: DataType,
    values: Vec<AnyValue<'static>>,
    /// The text of each cell that is not a value of the type.
    raw: Vec<Option<String>>,
    /// The text of each cell that is not null, when it is kept.
    texts: Option<Vec<Option<String>>>,
}

impl<'a> Cells<'a> {
    pub fn new(path: &'a str, wanted: &'a [Wanted], texts: Texts) -> Self {
        let column = |wanted: &'a Wanted| Cell {
            name: &wanted.name,
            ty: &wanted.ty,
            stored: dtype(&wanted.ty),
            values: Vec::new(),
            raw: Vec::new(),
            texts: (texts == Texts::All).then(Vec::new),
        };
        Self { path, columns: wanted.iter().map(column).collect(), lines: Vec::new() }
    }

    /// Returns the number of columns.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Returns the place of a column, if it is wanted.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// Returns the name of the column at `index`.
    pub fn name(&self, index: usize) -> &'a str {
        self.columns[index].name
    }

    /// Returns the declared type of the column at `index`.
    pub fn ty(&self, index: usize) -> &Type {
        self.columns[index].ty
    }

    /// Adds a cell that is null.
    pub fn push_null(&mut self, index: usize) {
        self.columns[index].push(AnyValue::Null, None);
        self.columns[index].keep(None);
    }

    /// Adds a cell with a text, which may or may not be a value of the type.
    pub fn push_text(&mut self, index: usize, text: &str) {
        self.push_read(index, text, Some(text));
    }

    /// Adds a cell that is written in one way and read in another; `None` when there is no way to read it.
    pub fn push_read(&mut self, index: usize, written: &str, read: Option<&str>) {
        let column = &mut self.columns[index];
        let value = read.and_then(|read| column.ty.parse_value(read));
        match value.and_then(|value| any_value(&value, &column.stored)) {
            Some(value) => column.push(value, None),
            None => column.push(AnyValue::Null, Some(written)),
        }
        column.keep(Some(written));
    }

    /// Adds a cell that is not a value of the type.
    pub fn push_misfit(&mut self, index: usize, text: &str) {
        self.columns[index].push(AnyValue::Null, Some(text));
        self.columns[index].keep(Some(text));
    }

    /// Ends a row that started on `line`; says whether the batch is full.
    pub fn end_row(&mut self, line: u64) -> bool {
        self.lines.push(line);
        self.lines.len() >= BATCH_ROWS
    }

    /// Says whether no row has been added since the last batch.
    pub fn is_drained(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns the batch and starts the next one.
    pub fn take(&mut self) -> Result<DataFrame, CheckError> {
        let height = self.lines.len();
        let mut columns: Vec<Column> = Vec::with_capacity(self.columns.len() * 2 + 1);
        for cell in &mut self.columns {
            let (values, raw) = (std::mem::take(&mut cell.values), std::mem::take(&mut cell.raw));
            let name = PlSmallStr::from(cell.name);
            let series = Series::from_any_values_and_dtype(name, &values, &cell.stored, true);
            columns.push(series.map_err(|error| bug(self.path, &error))?.into());
            columns.push(Column::new(PlSmallStr::from(raw_name(cell.name)), raw));
            if let Some(texts) = &mut cell.texts {
                columns.push(Column::new(PlSmallStr::from(text_name(cell.name)), std::mem::take(texts)));
            }
        }
        columns.push(Column::new(PlSmallStr::from(LINE), std::mem::take(&mut self.lines)));
        DataFrame::new(height, columns).map_err(|error| bug(self.path, &error))
    }
}

impl Cell<'_> {
    fn push(&mut self, value: AnyValue<'static>, misfit: Option<&str>) {
        self.values.push(value);
        self.raw.push(misfit.map(str::to_owned));
    }

    /// Keeps what is written, when that is wanted.
    fn keep(&mut self, written: Option<&str>) {
        if let Some(texts) = &mut self.texts {
            texts.push(written.map(str::to_owned));
        }
    }
}
