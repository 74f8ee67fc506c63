//! What the footer of a Parquet file soundly proves about a column.
//!
//! Row counts, null counts, and the bounds of whole numbers and dates. Never floats: writers leave NaN out of minimum and
//! maximum. Never strings: their bounds may be cut. Bounds prove that a rule holds, never that it is broken: they may be wider than the data.

use polars::prelude::{DataType, FileMetadataRef};

use super::pages::Chunk;

/// What is known of one column of one or more parts without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ColumnFacts {
    pub nulls: u64,
    /// The number of cells that are not null.
    pub values: u64,
    /// Bounds of the values, which are whole numbers or days; `None` when unknown or when there is no value.
    pub bounds: Option<(i128, i128)>,
}

impl ColumnFacts {
    /// The facts of no rows at all.
    pub const NONE: Self = Self { nulls: 0, values: 0, bounds: None };

    /// Returns the facts of the column `name`; `None` when any row group leaves its null count out.
    pub(super) fn read(footer: &FileMetadataRef, name: &str, stored: &DataType) -> Option<Self> {
        footer.row_groups.iter().try_fold(Self::NONE, |all, group| {
            let mut leaves = group.columns_under_root_iter(name)?;
            let (leaf, None) = (leaves.next()?, leaves.next()) else { return None };
            let statistics = leaf.statistics(&footer.footer_buf)?.ok()?;
            let nulls = u64::try_from(statistics.null_count()?).ok()?;
            let values = (group.num_rows() as u64).checked_sub(nulls)?;
            let narrow =
                statistics.as_int32().map(|found| (found.min_value.map(i128::from), found.max_value.map(i128::from)));
            let wide =
                statistics.as_int64().map(|found| (found.min_value.map(i128::from), found.max_value.map(i128::from)));
            let bounds = narrow.or(wide).and_then(|(low, high)| bounds(low?, high?, stored));
            Some(all.and(Self { nulls, values, bounds }))
        })
    }

    /// Joins the facts of two pieces; a piece without values says nothing about the bounds.
    pub fn and(self, other: Self) -> Self {
        let bounds = match (self, other) {
            (_, Self { values: 0, .. }) => self.bounds,
            (Self { values: 0, .. }, _) => other.bounds,
            (Self { bounds: Some((low, high)), .. }, Self { bounds: Some((other_low, other_high)), .. }) => {
                Some((low.min(other_low), high.max(other_high)))
            }
            _ => None,
        };
        Self { nulls: self.nulls + other.nulls, values: self.values + other.values, bounds }
    }
}

/// Returns where the pages of all column chunks lie, or what is wrong with the footer that says so.
///
/// The library trusts the footer with where the data lies and how much of it there is.
pub(super) fn chunks(footer: &FileMetadataRef, len: u64) -> Result<Vec<Chunk>, String> {
    let rows = footer.row_groups.iter().fold(0, |rows: usize, group| rows.saturating_add(group.num_rows()));
    if rows != footer.num_rows {
        return Err(format!("its footer promises {} rows in all and {rows} in its row groups", footer.num_rows));
    }
    let mut chunks = Vec::new();
    for group in &footer.row_groups {
        for leaf in group.parquet_columns() {
            // Old writers give 0 for a dictionary that is not there.
            let dictionary = leaf.dictionary_page_offset().filter(|at| *at != 0);
            let start = dictionary.unwrap_or(leaf.data_page_offset());
            let sizes = [start, leaf.data_page_offset(), leaf.compressed_size(), leaf.uncompressed_size()];
            let end = start.checked_add(leaf.compressed_size()).and_then(|end| u64::try_from(end).ok());
            let (Some(end), true) = (end.filter(|end| *end <= len), sizes.iter().all(|size| *size >= 0)) else {
                return Err("its footer points outside of the file".to_owned());
            };
            let values = u64::try_from(leaf.num_values()).unwrap_or(u64::MAX);
            if leaf.descriptor().descriptor.max_rep_level == 0 && values != group.num_rows() as u64 {
                return Err("its footer gives a column another number of values than rows".to_owned());
            }
            chunks.push(Chunk { start: start.unsigned_abs(), end, values });
        }
    }
    Ok(chunks)
}

/// Returns the bounds that the physical values prove for the stored type.
fn bounds(low: i128, high: i128, stored: &DataType) -> Option<(i128, i128)> {
    // Old writers ordered unsigned numbers as signed ones; the two orders agree when no bound is negative as signed.
    let sound = stored.is_signed_integer()
        || *stored == DataType::Date
        || (stored.is_unsigned_integer() && low >= 0 && high >= 0);
    (sound && low <= high).then_some((low, high))
}
