//! The values that are not in another table's column: which ones, how often, and what may be meant.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use polars::prelude::{DataType, IntoLazy, len};

use super::finding::{Finding, plural};
use super::masks::{misfit, named};
use super::measure::bug;
use super::plan::Subject;
use super::reference::Known;
use crate::table::{CheckError, Table, cell_text};

/// Different strangers that are counted; those that are met later are left out.
const MOST_STRANGERS: usize = 1 << 16;

/// Strangers that are named.
const SHOWN: usize = 5;

const TIMES: &str = "\u{0}times";

/// Puts the most frequent strangers at the head of what was observed.
pub(super) fn tell(
    subject: &Subject<'_>,
    known: &Known,
    table: &Table,
    finding: &mut Finding,
) -> Result<(), CheckError> {
    let strangers = count(subject, known, table)?;
    let mut worst: Vec<(&String, &u64)> = strangers.iter().collect();
    worst.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    if worst.is_empty() {
        return Ok(());
    }
    let shown =
        worst.iter().take(SHOWN).map(|(text, times)| format!("{text:?} ×{times}")).collect::<Vec<_>>().join(", ");
    let more = worst.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} other values") } else { String::new() };
    let meant = |(text, _): &(&String, &u64)| Some(format!("{text:?}: did you mean {:?}?", known.nearest(text)?));
    finding.observed = format!("{shown}{more}, {}", finding.observed);
    finding.notes.push(format!("{} has {} there", known.path, plural(known.count(), "value")));
    finding.notes.extend(worst.iter().take(SHOWN).filter_map(meant));
    Ok(())
}

fn count(subject: &Subject<'_>, known: &Known, table: &Table) -> Result<BTreeMap<String, u64>, CheckError> {
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    let cell = named(&subject.column.name);
    let mut stranger = cell.clone().is_not_null().and(cell.clone().is_in(known.set(), false).not());
    if subject.is_text() {
        stranger = stranger.and(misfit(subject).not());
    }
    for part in &table.parts {
        let wrong = |error| bug(&part.name, &error);
        table.scan(part, &[subject.wanted()], &mut |frame| {
            let counts = frame.lazy().filter(stranger.clone()).group_by_stable([cell.clone()]);
            let counts = counts.agg([len().cast(DataType::UInt64).alias(TIMES)]).collect().map_err(wrong)?;
            let (values, times) = (counts.columns()[0].as_materialized_series(), counts.column(TIMES).map_err(wrong)?);
            for (value, times) in values.iter().zip(times.u64().map_err(wrong)?.iter()) {
                let text = cell_text(&value).unwrap_or_default();
                if found.contains_key(&text) || found.len() < MOST_STRANGERS {
                    *found.entry(text).or_insert(0) += times.unwrap_or(0);
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(found)
}
