//! What is kept of a table so that a later one can be compared with it: the reference file, version 1.
//!
//! JSON; one entry a column. Numbers that make a list stand in one text, separated by spaces and in the shortest form that
//! reads back as the same float: a file of 10,000 values a column stays one that people can open and version control can show,
//! and infinite values can be written. FORMATS.md has the fields.

use std::collections::BTreeMap;

use lockgate_stats::{
    Closed, Cuts, Ends, Histogram, Levels, NanPolicy, Sample, StatError, Subject, distribution_error,
};
use serde::{Deserialize, Serialize};

use crate::JudgeError;
use crate::json::{self, Unread};

const FORMAT: &str = "lockgate drift reference 1";

/// Of a longer column so many values are kept, drawn at random.
const KEPT_VALUES: usize = 10_000;
const SEED: u64 = 1;

/// A column with more levels is an identifier and not a category.
pub const MOST_LEVELS: usize = 1_000;

/// A table as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    pub rows: u64,
    /// The number of bins that was asked for.
    pub bins: u64,
    pub columns: BTreeMap<String, Kept>,
    /// Columns of which no reference could be made, and why.
    pub left_out: BTreeMap<String, String>,
}

/// What is kept of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    Numbers(KeptNumbers),
    Levels(Levels),
}

/// A column of numbers: its bins, and its values or some of them.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptNumbers {
    pub histogram: Histogram,
    pub values: Sample,
}

impl KeptNumbers {
    /// Cuts and thins out a column.
    pub fn of(values: Vec<f64>, nulls: u64, bins: u64) -> Result<Self, StatError> {
        let sample = Sample::new(Subject::Reference, values, nulls, NanPolicy::IsNull)?;
        let histogram = Histogram::of_reference(&sample, usize::try_from(bins).unwrap_or(usize::MAX))?;
        Ok(Self { histogram, values: sample.thinned(KEPT_VALUES, SEED) })
    }

    /// Returns the number of values that were there, without nulls.
    pub fn n(&self) -> u64 {
        self.histogram.counts().iter().sum()
    }

    /// Returns what the kept values are, when they are not all.
    pub fn thinning(&self) -> Option<String> {
        let (kept, all) = (self.values.values().len() as u64, self.n());
        let error = crate::words::three_digits(distribution_error(kept, 0.95));
        (kept < all).then(|| {
            format!("the reference keeps {kept} of {all} values: its distribution is known within {error} (95 %)")
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with the columns")]
struct Wire {
    format: String,
    rows: u64,
    bins: u64,
    columns: BTreeMap<String, WireColumn>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    left_out: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "lowercase",
    deny_unknown_fields,
    expecting = "a mapping with the `kind` of a column"
)]
enum WireColumn {
    Numbers {
        n: u64,
        nulls: u64,
        /// Between the bins, each of which has its upper cut.
        cuts: String,
        counts: String,
        values: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        drawn: Option<Drawn>,
    },
    Levels {
        nulls: u64,
        levels: BTreeMap<String, u64>,
    },
}

/// How the values were drawn, where they are not all.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with `seed` and `error`")]
struct Drawn {
    seed: u64,
    /// How far their distribution is from that of all at most, in 95 of 100 cases.
    error: f64,
}

impl Reference {
    /// Writes the file.
    pub fn text(&self) -> String {
        let columns = self.columns.iter().map(|(name, kept)| (name.clone(), kept.wire())).collect();
        let wire = Wire {
            format: FORMAT.to_owned(),
            rows: self.rows,
            bins: self.bins,
            columns,
            left_out: self.left_out.clone(),
        };
        serde_json::to_string_pretty(&wire).expect("keys are texts and numbers are finite") + "\n"
    }

    /// Reads the file `path`; a file of another version, and one that does not agree with itself, are errors.
    pub fn read(path: &str, text: &str, gate: &str) -> Result<Self, JudgeError> {
        let broken = |why: String| JudgeError::NotA {
            path: path.to_owned(),
            what: "a reference",
            why,
            step: format!("make it again with `lockgate gate reference {gate}`"),
        };
        let wire: Wire = json::versioned(text, FORMAT).map_err(|unread| match unread {
            Unread::Broken(why) => broken(why),
            Unread::Format(found) => {
                JudgeError::Format { path: path.to_owned(), found, known: FORMAT, gate: gate.to_owned() }
            }
        })?;
        let kept = |(name, column): (String, WireColumn)| {
            let kept = Kept::read(column).and_then(|kept| kept.of_rows(wire.rows));
            let kept = kept.map_err(|why| broken(format!("column `{name}`: {why}")))?;
            Ok((name, kept))
        };
        let columns = wire.columns.into_iter().map(kept).collect::<Result<_, JudgeError>>()?;
        Ok(Self { rows: wire.rows, bins: wire.bins, columns, left_out: wire.left_out })
    }
}

impl Kept {
    fn wire(&self) -> WireColumn {
        match self {
            Self::Levels(levels) => WireColumn::Levels { nulls: levels.nulls, levels: levels.counts.clone() },
            Self::Numbers(kept) => {
                let values = kept.values.values();
                let drawn = (values.len() as u64) < kept.n();
                let error = distribution_error(values.len() as u64, 0.95);
                WireColumn::Numbers {
                    n: kept.n(),
                    nulls: kept.histogram.nulls(),
                    cuts: list(kept.histogram.cuts().at()),
                    counts: list(kept.histogram.counts()),
                    values: list(values),
                    drawn: drawn.then_some(Drawn { seed: SEED, error }),
                }
            }
        }
    }

    /// Makes sure that a column has a value or a null for each row.
    fn of_rows(self, rows: u64) -> Result<Self, String> {
        let (values, nulls) = match &self {
            Self::Numbers(kept) => (kept.n(), kept.histogram.nulls()),
            Self::Levels(levels) => (levels.counts.values().sum(), levels.nulls),
        };
        if values + nulls == rows {
            return Ok(self);
        }
        Err(format!("it has {values} values and {nulls} nulls, and the reference {rows} rows"))
    }

    fn read(column: WireColumn) -> Result<Self, String> {
        let (n, nulls, cuts, counts, values) = match column {
            WireColumn::Levels { nulls, levels } => return Ok(Self::Levels(Levels { counts: levels, nulls })),
            WireColumn::Numbers { n, nulls, cuts, counts, values, drawn: _ } => (n, nulls, cuts, counts, values),
        };
        let cuts = Cuts::new(numbers(&cuts)?, Closed::Right, Ends::Open).map_err(|error| error.to_string())?;
        let histogram = Histogram::from_counts(cuts, numbers(&counts)?, nulls).map_err(|error| error.to_string())?;
        let values = Sample::new(Subject::Reference, numbers(&values)?, nulls, NanPolicy::IsError);
        let values = values.map_err(|error| error.to_string())?;
        let kept = KeptNumbers { histogram, values };
        let (counted, listed) = (kept.n(), kept.values.values().len());
        if counted != n || listed as u64 != n.min(KEPT_VALUES as u64) {
            return Err(format!("it has {n} values by `n`, {counted} by `counts` and {listed} in `values`"));
        }
        Ok(Self::Numbers(kept))
    }
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(" ")
}

fn numbers<T: std::str::FromStr>(text: &str) -> Result<Vec<T>, String> {
    let number = |word: &str| word.parse().map_err(|_| format!("`{word}` is not a number"));
    text.split_ascii_whitespace().map(number).collect()
}
