//! The first rows that break a rule.

use std::ops::ControlFlow;

use polars::prelude::{DataFrame, Expr, IntoLazy, PolarsResult};

use super::judge::Context;
use super::masks;
use super::measure::bug;
use super::plan::Rule;
use crate::report::{Cell, Sample};
use crate::schema::Column;
use crate::table::{CheckError, LINE, Part, Table, Wanted, cell_text, raw_name};

/// Rows shown of a rule that is broken.
const SAMPLES: usize = 5;

/// The hidden column with the number of a row in its batch.
pub(super) const ROW: &str = "\u{0}row";

/// Returns the first rows that break the rule, reading no further than needed; none for a rule that is not about single rows.
pub(super) fn samples(rule: &Rule<'_>, context: &Context<'_>) -> Result<Vec<Sample>, CheckError> {
    let Some(broken) = masks::broken(rule) else { return Ok(Vec::new()) };
    let wanted = shown_columns(rule, context);
    let mut found = Vec::new();
    for part in &context.table.parts {
        let mut before = 0;
        context.table.scan(part, &wanted, &mut |frame| {
            let height = frame.height() as u64;
            let rows = rows(&frame, &broken, SAMPLES - found.len()).map_err(|error| bug(&part.name, &error))?;
            let shown = Shown { wanted: &wanted, part, table: context.table };
            for at in 0..rows.height() {
                let sample = row_in_batch(&rows, at).and_then(|row| shown.sample(&rows, at, before + row));
                found.push(sample.map_err(|error| bug(&part.name, &error))?);
            }
            before += height;
            Ok(if found.len() < SAMPLES { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        if found.len() >= SAMPLES {
            break;
        }
    }
    Ok(found)
}

/// The key, as far as the table has it, and the columns of the rule.
fn shown_columns(rule: &Rule<'_>, context: &Context<'_>) -> Vec<Wanted> {
    let key = context.schema.key.iter().flat_map(|key| &key.value);
    let key = key.filter_map(|name| context.schema.columns.iter().find(|column| column.name == *name));
    let ready = |column: &&Column| context.table.stored(&column.name).is_some_and(|stored| stored.is(&column.ty));
    let own: Vec<Wanted> = rule.subjects().iter().map(super::plan::Subject::wanted).collect();
    let key = key.filter(ready).map(|column| {
        // The rule knows the type of a column better when it is declared as `any`.
        let known = own.iter().find(|wanted| wanted.name == column.name).cloned();
        known.unwrap_or_else(|| Wanted { name: column.name.clone(), ty: column.ty.clone() })
    });
    let mut shown: Vec<Wanted> = Vec::new();
    for wanted in key.chain(own.iter().cloned()) {
        if shown.iter().all(|known| known.name != wanted.name) {
            shown.push(wanted);
        }
    }
    shown
}

fn rows(frame: &DataFrame, broken: &Expr, most: usize) -> PolarsResult<DataFrame> {
    let most = u32::try_from(most).unwrap_or(u32::MAX);
    frame.with_row_index(ROW.into(), None)?.lazy().filter(broken.clone()).limit(most).collect()
}

fn row_in_batch(rows: &DataFrame, at: usize) -> PolarsResult<u64> {
    Ok(rows.column(ROW)?.get(at)?.extract().unwrap_or(0))
}

/// Rows of a part and what is shown of them.
pub(super) struct Shown<'a> {
    pub wanted: &'a [Wanted],
    pub part: &'a Part,
    pub table: &'a Table,
}

impl Shown<'_> {
    /// Returns the row at an index of a frame, which has the given number in its part, from 0.
    pub fn sample(&self, rows: &DataFrame, at: usize, number: u64) -> PolarsResult<Sample> {
        let mut cells = Vec::with_capacity(self.wanted.len());
        for wanted in self.wanted {
            let raw = rows.column(&raw_name(&wanted.name)).ok().map(|raw| raw.get(at)).transpose()?;
            let value = match raw.as_ref().and_then(cell_text) {
                Some(raw) => Some(raw),
                None => cell_text(&rows.column(&wanted.name)?.get(at)?),
            };
            cells.push(Cell { column: wanted.name.clone(), value });
        }
        let line = rows.column(LINE).ok().and_then(|lines| lines.get(at).ok()).and_then(|line| line.extract());
        let part = (self.table.parts.len() > 1).then(|| self.part.name.clone());
        Ok(Sample { part, row: Some(number + 1), line, cells })
    }
}
