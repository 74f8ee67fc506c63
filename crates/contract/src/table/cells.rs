//! From the cells of a text file to typed columns.

use polars::prelude::{AnyValue, Column, DataFrame, DataType, PlSmallStr, Series};

use super::binary::bug;
use super::{CheckError, LINE, Wanted, any_value, dtype, raw_name};
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
}

impl<'a> Cells<'a> {
    pub fn new(path: &'a str, wanted: &'a [Wanted]) -> Self {
        let column = |wanted: &'a Wanted| Cell {
            name: &wanted.name,
            ty: &wanted.ty,
            stored: dtype(&wanted.ty),
            values: Vec::new(),
            raw: Vec::new(),
        };
        Self { path, columns: wanted.iter().map(column).collect(), lines: Vec::new() }
    }

    /// Returns the declared type of the column at `index`.
    pub fn ty(&self, index: usize) -> &Type {
        self.columns[index].ty
    }

    /// Adds a cell that is null.
    pub fn push_null(&mut self, index: usize) {
        let column = &mut self.columns[index];
        column.values.push(AnyValue::Null);
        column.raw.push(None);
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
            Some(value) => {
                column.values.push(value);
                column.raw.push(None);
            }
            None => self.push_misfit(index, written),
        }
    }

    /// Adds a cell that is not a value of the type.
    pub fn push_misfit(&mut self, index: usize, text: &str) {
        let column = &mut self.columns[index];
        column.values.push(AnyValue::Null);
        column.raw.push(Some(text.to_owned()));
    }

    /// Ends a row that started on `line`; says whether the batch is full.
    pub fn end_row(&mut self, line: u64) -> bool {
        self.lines.push(line);
        self.lines.len() >= BATCH_ROWS
    }

    pub fn is_empty(&self) -> bool {
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
        }
        columns.push(Column::new(PlSmallStr::from(LINE), std::mem::take(&mut self.lines)));
        DataFrame::new(height, columns).map_err(|error| bug(self.path, &error))
    }
}
