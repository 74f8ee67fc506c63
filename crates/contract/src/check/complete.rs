//! How full a group of columns is, and whether it is more than filler.

use polars::prelude::{DataType, Expr, lit};

use super::finding::{Finding, counted, plural};
use super::masks::named;
use super::plan::Subject;
use crate::report::{Cell, Sample, percent};
use crate::schema::{Asked, Complete, Fullness, Level};

/// Columns shown of a rule that is broken.
const SAMPLES: usize = 5;

/// What was counted in one column.
#[derive(Clone, Debug)]
pub(super) struct Fill {
    pub column: String,
    /// Values that are there.
    pub present: u64,
    /// Of a column of numbers: the values that are exactly zero.
    pub zeros: Option<u64>,
    /// Whether all values are the same one, when that was asked.
    pub is_constant: bool,
}

/// True where there is no value that one could use: null, NaN, or text that is not of the type.
pub(super) fn missing(subject: &Subject<'_>) -> Expr {
    let cell = named(&subject.column.name);
    let null = cell.clone().is_null();
    if subject.ty.is_float() { null.or(cell.is_nan()) } else { null }
}

/// True for exact zeros; `None` for a column that has no numbers.
pub(super) fn zero(subject: &Subject<'_>) -> Option<Expr> {
    let is_number = subject.ty.is_float() || subject.ty.int_domain().is_some();
    let cell = named(&subject.column.name).cast(DataType::Float64);
    is_number.then(|| cell.eq(lit(0.0)).fill_null(lit(false)))
}

/// True for rows in which too few columns have a value; `None` for a demand that is not about rows.
pub(super) fn sparse_row(what: Fullness, columns: &[Subject<'_>]) -> Option<Expr> {
    let Fullness::PerRow(share) = what else { return None };
    let present = columns.iter().map(|subject| missing(subject).not().cast(DataType::Float64));
    let present = present.reduce(|all, next| all + next)?;
    #[expect(clippy::cast_precision_loss, reason = "the columns of a table are few")]
    let least = share * columns.len() as f64;
    Some((present * lit(100.0)).lt(lit(least)))
}

/// Judges one demand on what was counted; `bad_rows` are those with too few values.
pub(super) fn judge(
    group: &Complete,
    asked: &Asked,
    unmatched: &[&str],
    fills: &[Fill],
    rows: u64,
    bad_rows: u64,
) -> Finding {
    if let Some(glob) = unmatched.first() {
        let what = if glob.contains(['*', '?']) { "matches no column" } else { "is no column" };
        return Finding::unknown(format!("`{glob}` {what} of the table: correct `columns` of `{}`", group.name));
    }
    let level = asked.tolerance.level;
    match asked.what {
        Fullness::PerRow(_) => {
            let observed = counted(bad_rows, rows, "row", "less full", &asked.tolerance);
            Finding::within(&asked.tolerance, observed, bad_rows, rows)
        }
        Fullness::PerColumn(least) => {
            let bad = |fill: &&Fill| share(fill.present, rows) < least;
            columns(level, "less full", fills, &fills.iter().filter(bad).collect::<Vec<_>>(), |fill| {
                ("full", percent(fill.present, rows))
            })
        }
        Fullness::Table(least) => {
            let (present, cells) = (fills.iter().map(|fill| fill.present).sum::<u64>(), rows * fills.len() as u64);
            let observed = format!("{} of {} cells full", percent(present, cells), cells);
            if share(present, cells) < least {
                Finding::broken_at(level, observed, cells - present, cells)
            } else {
                Finding::holds(observed, cells)
            }
        }
        Fullness::ZeroShareMax(most) => zeros(level, most, fills),
        Fullness::NotConstant => constant(level, fills),
    }
}

fn zeros(level: Level, most: f64, fills: &[Fill]) -> Finding {
    let numbers: Vec<&Fill> = fills.iter().filter(|fill| fill.zeros.is_some()).collect();
    if let Some(fill) = fills.iter().find(|fill| fill.present == 0) {
        return Finding::unknown(format!("`{}` has no value: one would be enough", fill.column));
    }
    if numbers.is_empty() {
        return Finding::unknown("none of the columns holds numbers: name some, or remove `zero_share_max`");
    }
    let bad = |fill: &&&Fill| share(fill.zeros.unwrap_or(0), fill.present) > most;
    let bad: Vec<&Fill> = numbers.iter().filter(bad).copied().collect();
    let told: Vec<Fill> = numbers.into_iter().cloned().collect();
    columns(level, "filled with zeros", &told, &bad, |fill| ("zeros", percent(fill.zeros.unwrap_or(0), fill.present)))
}

fn constant(level: Level, fills: &[Fill]) -> Finding {
    if let Some(fill) = fills.iter().find(|fill| fill.present < 2) {
        let values = plural(fill.present, "value");
        return Finding::unknown(format!("`{}` has {values}: two rows with one would be enough", fill.column));
    }
    let bad: Vec<&Fill> = fills.iter().filter(|fill| fill.is_constant).collect();
    columns(level, "constant", fills, &bad, |fill| ("values", fill.present.to_string()))
}

/// Says which columns break a demand, each with its own figure.
fn columns(
    level: Level,
    how: &str,
    fills: &[Fill],
    bad: &[&Fill],
    figure: impl Fn(&Fill) -> (&'static str, String),
) -> Finding {
    let all = fills.len() as u64;
    let count = bad.len() as u64;
    let observed = format!("{count} of {} {how}", plural(all, "column"));
    if bad.is_empty() {
        return Finding::holds(observed, all);
    }
    let sample = |fill: &&Fill| {
        let (name, value) = figure(fill);
        let cell = |column: &str, value: &str| Cell { column: column.to_owned(), value: Some(value.to_owned()) };
        Sample { part: None, row: None, line: None, cells: vec![cell("column", &fill.column), cell(name, &value)] }
    };
    let worst = figure(bad[0]);
    let observed = format!("`{}` {} {}; {observed}", bad[0].column, worst.0, worst.1);
    Finding {
        samples: bad.iter().take(SAMPLES).map(sample).collect(),
        ..Finding::broken_at(level, observed, count, all)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of a number of cells below 2^53")]
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}
