//! Tables in and out: Parquet and CSV files with pinned writer settings, and typed columns with errors that name them.
//!
//! Knows nothing of football. The bytes of a written table depend on its values alone: no parallel encoding, no compression
//! (whose output may change with the library or the processor), one row-group size, and files replaced by rename.

use std::fs;
use std::io::Cursor;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use polars::prelude::{
    Column, CsvParseOptions, CsvReadOptions, CsvWriter, DataFrame, IntoColumn, ParallelStrategy, ParquetCompression,
    ParquetReader, ParquetWriter, QuoteStyle, SerReader, SerWriter, StatisticsOptions,
};
use polars::prelude::{IntoSeries, NamedFrom, PlSmallStr, Series};

use crate::error::StageError;

const ROWS_PER_GROUP: usize = 65_536;
const BYTES_PER_PAGE: usize = 1 << 20;
const CSV_DECIMALS: usize = 6;

/// A table and the path it came from, for messages.
pub struct Table {
    path: PathBuf,
    frame: DataFrame,
}

impl Table {
    pub fn read_parquet(path: &Path) -> Result<Self, StageError> {
        let bytes = read(path)?;
        let frame = ParquetReader::new(Cursor::new(bytes))
            .read_parallel(ParallelStrategy::None)
            .finish()
            .map_err(|cause| StageError::Decode { path: path.to_owned(), cause })?;
        Ok(Self { path: path.to_owned(), frame })
    }

    /// Reads CSV text with a header row, every column as text; an empty unquoted field is null.
    pub fn parse_csv(path: &Path, text: &str) -> Result<Self, StageError> {
        let frame = CsvReadOptions::default()
            .with_has_header(true)
            .with_infer_schema_length(Some(0))
            .with_n_threads(Some(1))
            .with_rechunk(true)
            .with_parse_options(CsvParseOptions::default().with_missing_is_null(true))
            .into_reader_with_file_handle(Cursor::new(text.as_bytes().to_vec()))
            .finish()
            .map_err(|cause| StageError::Decode { path: path.to_owned(), cause })?;
        Ok(Self { path: path.to_owned(), frame })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn column_names(&self) -> Vec<&str> {
        self.frame.get_column_names().into_iter().map(PlSmallStr::as_str).collect()
    }

    pub fn texts(&self, name: &str) -> Result<Vec<Option<&str>>, StageError> {
        let column = self.column(name)?;
        let texts = column.str().map_err(|_| self.retyped(column, "text"))?;
        Ok(texts.iter().collect())
    }

    /// Returns a column of whole numbers, stored in 16 or 64 bits.
    pub fn wholes(&self, name: &str) -> Result<Vec<Option<i64>>, StageError> {
        let column = self.column(name)?;
        if let Ok(numbers) = column.i16() {
            return Ok(numbers.iter().map(|number| number.map(i64::from)).collect());
        }
        let numbers = column.i64().map_err(|_| self.retyped(column, "whole numbers"))?;
        Ok(numbers.iter().collect())
    }

    pub fn reals(&self, name: &str) -> Result<Vec<Option<f64>>, StageError> {
        let column = self.column(name)?;
        let numbers = column.f64().map_err(|_| self.retyped(column, "64-bit floating-point numbers"))?;
        Ok(numbers.iter().collect())
    }

    /// Returns a column of dates as days since 1970-01-01.
    pub fn days(&self, name: &str) -> Result<Vec<Option<i32>>, StageError> {
        let column = self.column(name)?;
        let dates = column.date().map_err(|_| self.retyped(column, "dates"))?;
        Ok(dates.physical().iter().collect())
    }

    /// Returns the values of a column that must not be null.
    pub fn all<T>(&self, name: &str, values: Vec<Option<T>>) -> Result<Vec<T>, StageError> {
        let filled = |(row_idx, value): (usize, Option<T>)| {
            value.ok_or_else(|| self.problem(format!("column `{name}` is null in row {}", row_idx + 1)))
        };
        values.into_iter().enumerate().map(filled).collect()
    }

    pub fn problem(&self, problem: String) -> StageError {
        StageError::Table { path: self.path.clone(), problem }
    }

    fn retyped(&self, column: &Column, expected: &str) -> StageError {
        self.problem(format!("column `{}` is {}, expected {expected}", column.name(), column.dtype()))
    }

    fn column(&self, name: &str) -> Result<&Column, StageError> {
        self.frame
            .column(name)
            .map_err(|_| self.problem(format!("there is no column `{name}`, only {}", quoted(&self.column_names()))))
    }
}

/// Returns names in backticks, separated by commas.
pub fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

pub fn column<T: AsRef<[V]>, V>(name: &str, values: T) -> Column
where
    Series: NamedFrom<T, [V]>,
{
    Series::new(name.into(), values).into_column()
}

/// Builds a date column from days since 1970-01-01.
pub fn day_column(name: &str, days: &[i32]) -> Column {
    let days = Series::new(name.into(), days);
    days.i32().expect("built from i32").clone().into_date().into_series().into_column()
}

pub fn write_parquet(path: &Path, columns: Vec<Column>) -> Result<(), StageError> {
    publish(path, &parquet_bytes(columns).map_err(|cause| StageError::Encode { path: path.to_owned(), cause })?)
}

fn parquet_bytes(columns: Vec<Column>) -> Result<Vec<u8>, polars::error::PolarsError> {
    let mut frame = DataFrame::new_infer_height(columns)?;
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .with_compression(ParquetCompression::Uncompressed)
        .with_statistics(StatisticsOptions {
            min_value: true,
            max_value: true,
            distinct_count: false,
            null_count: true,
            binary_statistics_truncate_length: Some(64),
        })
        .with_row_group_size(Some(ROWS_PER_GROUP))
        .with_data_page_size(Some(BYTES_PER_PAGE))
        .set_parallel(false)
        .finish(&mut frame)?;
    Ok(bytes)
}

/// Returns the bytes of a CSV file: numbers with six decimals, fields quoted only where they must be.
pub fn csv_bytes(path: &Path, columns: Vec<Column>) -> Result<Vec<u8>, StageError> {
    let encode = |columns| {
        let mut frame = DataFrame::new_infer_height(columns)?;
        let mut bytes = Vec::new();
        CsvWriter::new(&mut bytes)
            .include_header(true)
            .with_batch_size(NonZeroUsize::new(1024).expect("not zero"))
            .with_date_format(Some("%Y-%m-%d".into()))
            .with_float_precision(Some(CSV_DECIMALS))
            .with_line_terminator("\n".into())
            .with_quote_style(QuoteStyle::Necessary)
            .n_threads(1)
            .finish(&mut frame)?;
        Ok(bytes)
    };
    encode(columns).map_err(|cause| StageError::Encode { path: path.to_owned(), cause })
}

/// Returns the bytes of a JSON file, indented, fields in declared order.
pub fn json_bytes<T: serde::Serialize>(path: &Path, value: &T) -> Result<Vec<u8>, StageError> {
    let mut bytes =
        serde_json::to_vec_pretty(value).map_err(|cause| StageError::Json { path: path.to_owned(), cause })?;
    bytes.push(b'\n');
    Ok(bytes)
}

pub fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, StageError> {
    serde_json::from_slice(&read(path)?).map_err(|cause| StageError::Json { path: path.to_owned(), cause })
}

pub fn read(path: &Path) -> Result<Vec<u8>, StageError> {
    fs::read(path).map_err(|cause| StageError::Read { path: path.to_owned(), cause })
}

/// Puts `bytes` at `path` whole or not at all, making its folder when there is none.
pub fn publish(path: &Path, bytes: &[u8]) -> Result<(), StageError> {
    let failed = |cause| StageError::Write { path: path.to_owned(), cause };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    // Beside the target, since a rename does not cross file systems; the process id keeps two runs apart.
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let written = fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|cause| {
        let _ = fs::remove_file(&temporary);
        failed(cause)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<Column> {
        vec![
            column("team", vec![Some("Rayo"), None]),
            column("goals", vec![Some(2_i64), None]),
            column("share", vec![Some(0.1_f64), None]),
            day_column("date", &[15_906, 17_314]),
        ]
    }

    #[test]
    fn a_table_comes_back_from_parquet_as_it_was() {
        let bytes = parquet_bytes(sample()).unwrap();
        let frame = ParquetReader::new(Cursor::new(bytes)).finish().unwrap();
        let table = Table { path: "t.parquet".into(), frame };
        assert_eq!(table.texts("team").unwrap(), [Some("Rayo"), None]);
        assert_eq!(table.wholes("goals").unwrap(), [Some(2), None]);
        assert_eq!(table.reals("share").unwrap(), [Some(0.1), None]);
        assert_eq!(table.days("date").unwrap(), [Some(15_906), Some(17_314)]);
    }

    #[test]
    fn a_csv_file_has_pinned_formats() {
        let bytes = csv_bytes(Path::new("t.csv"), sample()).unwrap();
        let text = "team,goals,share,date\nRayo,2,0.100000,2013-07-20\n,,,2017-05-28\n";
        assert_eq!(String::from_utf8(bytes).unwrap(), text);
    }

    #[test]
    fn a_missing_or_retyped_column_is_named_with_what_is_there() {
        let frame = DataFrame::new_infer_height(sample()).unwrap();
        let table = Table { path: "t.parquet".into(), frame };
        let missing = table.reals("elo").unwrap_err().to_string();
        assert_eq!(missing, "`t.parquet`: there is no column `elo`, only `team`, `goals`, `share`, `date`");
        let retyped = table.reals("goals").unwrap_err().to_string();
        assert_eq!(retyped, "`t.parquet`: column `goals` is i64, expected 64-bit floating-point numbers");
    }
}
