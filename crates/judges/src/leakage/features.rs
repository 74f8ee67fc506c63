//! The table that a stage makes, row by row in time.

use std::collections::BTreeMap;
use std::fmt;

use lockgate_contract::{TableAt, TableFile, TimeKind};
use lockgate_kinds::{Leakage, Moment};

use crate::JudgeError;

/// A moment before which nothing may know what comes after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cutoff {
    /// Nanoseconds since 1970-01-01 00:00, as the times of the data have them.
    pub(super) time: i128,
    pub(super) kind: TimeKind,
}

impl Cutoff {
    /// A moment after all others: nothing is changed from there on.
    pub fn never(features: &Features) -> Self {
        Self { time: i128::MAX, kind: features.kind }
    }
}

impl fmt::Display for Cutoff {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TimeKind::Zoned => write!(out, "{}", Moment::Instant(self.time)),
            TimeKind::Local => write!(out, "{}", Moment::Wall(self.time)),
            TimeKind::Day => {
                let text = Moment::Wall(self.time).to_string();
                out.write_str(text.split('T').next().unwrap_or(&text))
            }
        }
    }
}

/// The features of one run, with the keys and times of their rows; other columns are read when they are asked for.
pub struct Features {
    table: TableFile,
    keys: Vec<Vec<Option<String>>>,
    times: Vec<Option<i128>>,
    kind: TimeKind,
    compared: Vec<String>,
}

impl Features {
    /// Opens the features that a run of the stage has made.
    pub fn open(settings: &Leakage, table: TableAt<'_>) -> Result<Self, JudgeError> {
        let table = TableFile::open(table)?;
        let columns = settings.key.iter().map(|column| table.texts(column)).collect::<Result<Vec<_>, _>>()?;
        let times = table.times(&settings.time)?;
        let rows = times.values.len();
        let keys = (0..rows).map(|row| columns.iter().map(|column| column[row].clone()).collect()).collect();
        let labels: Vec<&String> =
            settings.outcomes.iter().flat_map(|outcomes| &outcomes.columns).chain(&settings.labels).collect();
        let compared =
            table.columns()?.into_iter().map(|(name, _)| name).filter(|name| !labels.contains(&name)).collect();
        Ok(Self { table, keys, times: times.values, kind: times.kind, compared })
    }

    /// Returns `count` moments at which there are rows, spread evenly over them, and never the last.
    ///
    /// All rows of a moment are on one side: the games of a day know nothing of each other.
    pub fn cutoffs(&self, count: u64) -> Vec<Cutoff> {
        let mut moments: Vec<i128> = self.times.iter().flatten().copied().collect();
        moments.sort_unstable();
        moments.dedup();
        moments.pop();
        let steps = usize::try_from(count).unwrap_or(usize::MAX).min(moments.len());
        let at = |step: usize| moments[(step + 1) * moments.len() / (steps + 1)];
        (0..steps).map(|step| Cutoff { time: at(step), kind: self.kind }).collect()
    }

    pub(super) fn rows(&self) -> usize {
        self.times.len()
    }

    pub(super) fn key(&self, row: usize) -> Vec<Option<String>> {
        self.keys[row].clone()
    }

    /// The columns that may not move.
    pub(super) fn columns(&self) -> Vec<String> {
        self.compared.clone()
    }

    pub(super) fn texts(&self, column: &str) -> Result<Vec<Option<String>>, JudgeError> {
        Ok(self.table.texts(column)?)
    }

    /// Whether a row lies after the cutoff; one without a time may hold anything and must not move.
    pub(super) fn is_after(&self, row: usize, cutoff: Cutoff) -> bool {
        self.times[row].is_some_and(|time| time > cutoff.time)
    }

    /// Returns for each row the row of `other` with the same key; of equal keys the first with the first, and so on.
    pub(super) fn paired(&self, other: &Self) -> Vec<Option<usize>> {
        let mut there: BTreeMap<&[Option<String>], Vec<usize>> = BTreeMap::new();
        for (row, key) in other.keys.iter().enumerate().rev() {
            there.entry(key).or_default().push(row);
        }
        self.keys.iter().map(|key| there.get_mut(key.as_slice()).and_then(Vec::pop)).collect()
    }
}
