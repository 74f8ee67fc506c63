//! `tolerance`: whether the data agrees with another table, row by row and within bounds.
//!
//! Rows are paired by their key as text. A value that is null on one side only breaks its bound; where both sides are
//! null there is nothing to compare.

use std::collections::BTreeMap;

use lockgate_contract::{Report, Sample, State, TableAt, TableFile};
use lockgate_kinds::{Tolerance, Unpaired, Within};

use crate::finding::{Draft, Finding, SHOWN, sample};
use crate::words::{rows, three_digits};
use crate::{Given, JudgeError};

/// Compares each table with the other one.
pub fn judge(settings: &Tolerance, given: &Given<'_>) -> Result<Report, JudgeError> {
    let path = (given.file)(&settings.against);
    let form = given.forms.of(&settings.against);
    let against = TableFile::open(TableAt { name: &settings.against, path: &path, form })?;
    let other = Keyed::read(&against, &settings.key)?;
    let mut draft = Draft::new(given);
    for input in given.data {
        let table = draft.open(input)?;
        let own = Keyed::read(&table, &settings.key)?;
        draft.found(own.unique("key", settings));
        draft.found(other.unique(&format!("key in {}", settings.against), settings));
        draft.found(unpaired(Side::Missing, &other.without(&own), other.rows, settings));
        draft.found(unpaired(Side::Extra, &own.without(&other), own.rows, settings));
        for (column, within) in &settings.columns {
            let compared = Compared { column, within: *within, pairs: own.paired(&other), settings };
            draft.found(compared.judge(&table, &against)?);
        }
    }
    Ok(draft.finish())
}

/// Rows by their key.
struct Keyed {
    rows: usize,
    by_key: BTreeMap<Vec<String>, usize>,
    /// Rows whose key is null or stands above already.
    unkeyed: Vec<(usize, Vec<Option<String>>)>,
}

impl Keyed {
    fn read(table: &TableFile, key: &[String]) -> Result<Self, JudgeError> {
        let columns = key.iter().map(|column| table.texts(column)).collect::<Result<Vec<_>, _>>()?;
        let n = columns.first().map_or(0, Vec::len);
        let mut keyed = Self { rows: n, by_key: BTreeMap::new(), unkeyed: Vec::new() };
        for row in 0..n {
            let cells: Vec<Option<String>> = columns.iter().map(|column| column[row].clone()).collect();
            match cells.iter().cloned().collect::<Option<Vec<String>>>() {
                Some(key) if !keyed.by_key.contains_key(&key) => drop(keyed.by_key.insert(key, row)),
                Some(_) | None => keyed.unkeyed.push((row, cells)),
            }
        }
        Ok(keyed)
    }

    /// Judges that every row has a key of its own: without that there are no pairs.
    fn unique(&self, subject: &str, settings: &Tolerance) -> Finding {
        let finding = Finding::new(subject, format!("[{}] unique", settings.key.join(", ")));
        let finding = finding.expecting("one row a key").count(self.unkeyed.len(), self.rows);
        if self.rows == 0 {
            return finding.lacking("no row; needs one");
        }
        if self.unkeyed.is_empty() {
            return finding.seen(State::Pass, rows(self.rows as u64));
        }
        let cells = |cells: &Vec<Option<String>>| {
            settings.key.iter().map(String::as_str).zip(cells.clone()).collect::<Vec<_>>()
        };
        let shown = self.unkeyed.iter().take(SHOWN).map(|(row, key)| sample(Some(*row), cells(key))).collect();
        let seen = format!("the key of {} of {} rows is null or stands above already", self.unkeyed.len(), self.rows);
        finding.seen(State::Fail, seen).samples(shown)
    }

    fn without<'k>(&'k self, other: &Self) -> Vec<(&'k Vec<String>, usize)> {
        self.by_key.iter().filter(|(key, _)| !other.by_key.contains_key(*key)).map(|(key, row)| (key, *row)).collect()
    }

    fn paired<'k>(&'k self, other: &Self) -> Vec<(&'k Vec<String>, usize, usize)> {
        let pair = |(key, row): (&'k Vec<String>, &usize)| other.by_key.get(key).map(|there| (key, *row, *there));
        self.by_key.iter().filter_map(pair).collect()
    }
}

/// A table that lacks rows of the other.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Missing,
    Extra,
}

fn unpaired(side: Side, lone: &[(&Vec<String>, usize)], examined: usize, settings: &Tolerance) -> Finding {
    let (subject, rule, policy) = match side {
        Side::Missing => ("missing rows", format!("of {}", settings.against), settings.missing),
        Side::Extra => ("extra rows", format!("not in {}", settings.against), settings.extra),
    };
    let finding = Finding::new(subject, rule).expecting("none").count(lone.len(), examined);
    let state = match policy {
        _ if lone.is_empty() => State::Pass,
        Unpaired::Fail => State::Fail,
        Unpaired::Warn => State::Warn,
        Unpaired::Allow => State::Pass,
    };
    if examined == 0 {
        return finding.lacking("no row; needs one");
    }
    let allowed = if policy == Unpaired::Allow && !lone.is_empty() { ", which is allowed" } else { "" };
    let seen = format!("{} of {examined} rows{allowed}", lone.len());
    let shown = lone.iter().take(SHOWN).map(|(key, row)| sample(Some(*row), key_cells(key, settings))).collect();
    finding.seen(state, seen).samples(shown)
}

fn key_cells<'a>(key: &[String], settings: &'a Tolerance) -> Vec<(&'a str, Option<String>)> {
    settings.key.iter().map(String::as_str).zip(key.iter().cloned().map(Some)).collect()
}

/// A column of both tables, paired.
struct Compared<'a> {
    column: &'a str,
    within: Within,
    pairs: Vec<(&'a Vec<String>, usize, usize)>,
    settings: &'a Tolerance,
}

/// A pair whose values are too far apart: key, row, value, expected.
type Apart<'a> = (&'a Vec<String>, usize, Option<String>, Option<String>);

impl<'a> Compared<'a> {
    fn judge(&self, table: &TableFile, against: &TableFile) -> Result<Finding, JudgeError> {
        let finding = Finding::new(self.column, self.within.to_string());
        let finding = finding.expecting(format!("{} of {}", self.within, self.settings.against));
        let (examined, apart, largest) = match self.within {
            Within::Equal => {
                let (examined, apart) = self.differing(&table.texts(self.column)?, &against.texts(self.column)?);
                (examined, apart, None)
            }
            Within::Absolute(_) | Within::Relative(_) | Within::Either { .. } => {
                self.distant(&numbers(table, self.column)?, &numbers(against, self.column)?)
            }
        };
        let finding = finding.count(apart.len(), examined);
        if examined == 0 {
            return Ok(finding.lacking("no row of both tables has a value to compare; needs one"));
        }
        let largest = largest.map(|far: f64| format!(", the largest difference {}", three_digits(far)));
        let seen = format!("{} of {examined} pairs too far apart{}", apart.len(), largest.unwrap_or_default());
        let state = if apart.is_empty() { State::Pass } else { State::Fail };
        Ok(finding.seen(state, seen).samples(apart.iter().take(SHOWN).map(|one| self.sample(one)).collect()))
    }

    fn differing(&self, own: &[Option<String>], other: &[Option<String>]) -> (usize, Vec<Apart<'a>>) {
        let pairs = self.pairs.iter().map(|(key, row, there)| (*key, *row, own[*row].clone(), other[*there].clone()));
        let pairs = pairs.filter(|(_, _, value, expected)| value.is_some() || expected.is_some());
        let (apart, equal): (Vec<Apart<'a>>, Vec<_>) = pairs.partition(|(_, _, value, expected)| value != expected);
        (apart.len() + equal.len(), apart)
    }

    fn distant(&self, own: &[Option<Number>], other: &[Option<Number>]) -> (usize, Vec<Apart<'a>>, Option<f64>) {
        let (mut examined, mut apart, mut largest) = (0, Vec::new(), None::<f64>);
        for (key, row, there) in &self.pairs {
            let (value, expected) = (own[*row], other[*there]);
            if let (Some(value), Some(expected)) = (value, expected) {
                largest = Some(value.difference(expected).max(largest.unwrap_or(0.0)));
            }
            let holds = match (value, expected) {
                (None, None) => continue,
                (Some(value), Some(expected)) => self.within.holds(value.difference(expected), expected.near),
                (Some(_), None) | (None, Some(_)) => false,
            };
            examined += 1;
            if !holds {
                let text = |value: Option<Number>| value.map(Number::text);
                apart.push((*key, *row, text(value), text(expected)));
            }
        }
        (examined, apart, largest)
    }

    fn sample(&self, (key, row, value, expected): &Apart<'_>) -> Sample {
        let against = format!("{} in {}", self.column, self.settings.against);
        let values = [(self.column, value.clone()), (against.as_str(), expected.clone())];
        sample(Some(*row), key_cells(key, self.settings).into_iter().chain(values))
    }
}

/// A cell as a float, and exactly where it is a whole number that no float holds.
#[derive(Clone, Copy)]
struct Number {
    near: f64,
    whole: Option<i128>,
}

/// From here on floats do not hold every whole number: 2⁵³.
const INEXACT: f64 = 9_007_199_254_740_992.0;

/// Returns the cells of a column of numbers; a column with large ones is read a second time, as texts.
fn numbers(table: &TableFile, column: &str) -> Result<Vec<Option<Number>>, JudgeError> {
    let near = table.aligned(&[column])?.remove(0);
    let is_inexact = near.iter().flatten().any(|number| number.abs() >= INEXACT);
    let texts = if is_inexact { table.texts(column)? } else { Vec::new() };
    let whole = |row: usize| texts.get(row)?.as_ref()?.parse().ok();
    let number = |(row, near): (usize, Option<f64>)| near.map(|near| Number { near, whole: whole(row) });
    Ok(near.into_iter().enumerate().map(number).collect())
}

impl Number {
    /// Returns how far the two are apart; infinities are at no distance from themselves.
    fn difference(self, other: Self) -> f64 {
        if let (Some(own), Some(other)) = (self.whole, other.whole) {
            return own.abs_diff(other) as f64;
        }
        #[expect(clippy::float_cmp, reason = "equal values are not apart, and infinite ones have no difference")]
        let is_same = self.near == other.near;
        if is_same { 0.0 } else { (self.near - other.near).abs() }
    }

    fn text(self) -> String {
        self.whole.map_or_else(|| self.near.to_string(), |whole| whole.to_string())
    }
}
