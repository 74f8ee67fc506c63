//! A table written anew with some of its cells in other rows, for probes that change what a program reads.
//!
//! Cells are moved and never made up, so that types, bounds and what belongs together stay as they are. The whole table is in
//! memory meanwhile.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use lockgate_forms::TextForm;
use polars::prelude::{CsvWriter, DataFrame, IdxCa, IdxSize, ParquetWriter, PolarsResult, SerWriter};

use super::decode::encoded;
use super::{CheckError, Format, Table, TableAt, Wanted, binary};
use crate::value::Type;

/// Writes a table to `out`, in its own format, with the cells of `columns` in each row taken from the row that `source` gives
/// for it, counted from 0.
///
/// `source` has an entry for each row. A table of one Parquet or CSV file only; the texts of a CSV file stay as they are, save
/// for quotes that are not needed.
pub fn rearrange(table: TableAt<'_>, out: &Path, columns: &[&str], source: &[usize]) -> Result<(), CheckError> {
    let TableAt { name, path, form } = table;
    // What stands for null stays what it is: the program that reads the file may know it by that.
    let as_written = TextForm { missing: Vec::new(), missing_in: BTreeMap::new(), ..form.clone() };
    let table = Table::open(name, path, &as_written)?;
    let refused = |why| CheckError::NotRewritable { path: name.to_owned(), why };
    if table.parts.len() != 1 {
        return Err(refused("it is a folder"));
    }
    let mut frame = match table.format {
        Format::Parquet => binary::guarded(name, || binary::lazy(table.format, &table.parts[0].path)?.collect())?,
        Format::Csv => as_texts(&table)?,
        Format::JsonLines | Format::Ipc => return Err(refused("it is neither Parquet nor CSV")),
    };
    let rows: IdxCa = source.iter().map(|row| IdxSize::try_from(*row).ok()).collect();
    let written = binary::caught(|| {
        take(&mut frame, columns, &rows)?;
        written(&mut frame, table.format, form)
    });
    let mut bytes = written.map_err(|why| CheckError::Bug { path: name.to_owned(), why })?;
    if table.format == Format::Csv {
        let text = String::from_utf8(bytes).expect("the library writes CSV in UTF-8");
        bytes = encoded(&text, form.encoding).expect("its characters were read from the encoding");
    }
    fs::write(out, bytes).map_err(|cause| CheckError::unreadable(&out.display().to_string(), cause))
}

/// Returns the bytes of the table; of CSV in UTF-8.
fn written(frame: &mut DataFrame, format: Format, form: &TextForm) -> PolarsResult<Vec<u8>> {
    let mut bytes = Vec::new();
    match format {
        Format::Parquet => ParquetWriter::new(&mut bytes).finish(frame).map(|_| ())?,
        Format::Csv | Format::JsonLines | Format::Ipc => {
            CsvWriter::new(&mut bytes).with_separator(form.delimiter).finish(frame)?;
        }
    }
    Ok(bytes)
}

fn take(frame: &mut DataFrame, columns: &[&str], rows: &IdxCa) -> PolarsResult<()> {
    for column in columns {
        let moved = frame.column(column)?.take(rows)?;
        frame.with_column(moved)?;
    }
    Ok(())
}

fn as_texts(table: &Table) -> Result<DataFrame, CheckError> {
    let wanted: Vec<Wanted> =
        table.columns.iter().map(|(name, _)| Wanted { name: name.clone(), ty: Type::Str }).collect();
    let names: Vec<&str> = wanted.iter().map(|wanted| wanted.name.as_str()).collect();
    let part = &table.parts[0];
    let mut all: Option<DataFrame> = None;
    table.scan(part, &wanted, &mut |batch| {
        let added = batch.select(names.iter().copied()).and_then(|batch| match &mut all {
            None => {
                all = Some(batch);
                Ok(())
            }
            Some(all) => all.vstack_mut_owned(batch).map(|_| ()),
        });
        added.map_err(|error| binary::bug(&part.name, &error))?;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(all.unwrap_or_default())
}
