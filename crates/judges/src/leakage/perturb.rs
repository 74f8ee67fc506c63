//! Other outcomes for the rows from a cutoff on.
//!
//! A row is given all the outcomes of some other row together, so that what belongs together stays so (three goals to
//! one, and a home win) and no value is one that the stage has never seen. The outcomes are ranked, and each moves up by half of
//! the ranks, the upper half to the highest: sums and means move as well, which a mere exchange of rows would leave.

use std::path::Path;

use lockgate_contract::{TableAt, TableFile, TimeKind, rearrange};
use lockgate_forms::TextForm;
use lockgate_kinds::Outcomes;

use super::Cutoff;
use crate::JudgeError;

/// Writes an input of the stage anew to `out`, with other outcomes in all rows from the cutoff on.
///
/// Returns how many rows were changed. A row without a time, and one in which an outcome is null, stay as they are. One file in
/// Parquet or CSV; the whole of it is in memory meanwhile.
pub fn perturb(outcomes: &Outcomes, input: TableAt<'_>, out: &Path, cutoff: Cutoff) -> Result<u64, JudgeError> {
    let table = TableFile::open(input)?;
    let times = table.times(&outcomes.time)?;
    if (times.kind == TimeKind::Zoned) != (cutoff.kind == TimeKind::Zoned) && times.values.iter().any(Option::is_some) {
        return Err(JudgeError::NotA {
            path: input.name.to_owned(),
            what: "comparable with the data",
            why: format!("of `{}` and the time of the data only one has a zone", outcomes.time),
            step: "write both with an offset, or both without".to_owned(),
        });
    }
    let cells = outcomes.columns.iter().map(|column| table.texts(column)).collect::<Result<Vec<_>, _>>()?;
    let source = sources(&cells, input.form, &|row| times.values[row].is_some_and(|time| time >= cutoff.time));
    let columns: Vec<&str> = outcomes.columns.iter().map(String::as_str).collect();
    rearrange(input, out, &columns, &source)?;
    Ok(source.iter().enumerate().filter(|(row, from)| row != *from).count() as u64)
}

/// Returns for each row the one whose outcomes it is given: itself where nothing is changed.
fn sources(cells: &[Vec<Option<String>>], form: &TextForm, is_changed: &dyn Fn(usize) -> bool) -> Vec<usize> {
    let rows = cells.first().map_or(0, Vec::len);
    let tuple = |row: usize| -> Option<Vec<Rank<'_>>> {
        cells.iter().map(|column| column[row].as_deref().map(|text| Rank::of(text, form))).collect()
    };
    let mut ranked: Vec<(Vec<Rank<'_>>, usize)> = (0..rows).filter_map(|row| Some((tuple(row)?, row))).collect();
    ranked.sort_by(|one, other| one.partial_cmp(other).expect("no rank is NaN"));
    ranked.dedup_by(|one, other| one.0 == other.0);
    let moved = |row: usize| {
        let outcome = tuple(row)?;
        let rank = ranked.partition_point(|(known, _)| *known < outcome);
        Some(ranked[moved_rank(rank, ranked.len())?].1)
    };
    (0..rows).map(|row| if is_changed(row) { moved(row).unwrap_or(row) } else { row }).collect()
}

/// Returns the rank that takes the place of another; none when there is but one.
fn moved_rank(rank: usize, ranks: usize) -> Option<usize> {
    let last = ranks.checked_sub(1)?;
    let up = (rank + ranks.div_ceil(2)).min(last);
    if up == rank { last.checked_sub(1) } else { Some(up) }
}

/// The value of a cell as it is ordered: numbers by size, before all texts.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Rank<'a> {
    Number(f64),
    Text(&'a str),
}

impl<'a> Rank<'a> {
    fn of(text: &'a str, form: &TextForm) -> Self {
        let number = form.with_point(text).and_then(|text| text.parse::<f64>().ok());
        number.filter(|number| !number.is_nan()).map_or(Self::Text(text), Self::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_move_together_and_up() {
        let column = |texts: &[&str]| texts.iter().map(|text| (*text != "-").then(|| (*text).to_owned())).collect();
        let check = |cells: &[Vec<Option<String>>], expect: &[usize]| {
            assert_eq!(sources(cells, TextForm::plain(), &|row| row > 0), expect, "{cells:?}");
        };
        // Ranks: 0-2, 1-1, 3-1, 10-0, of rows 0, 1, 2, 4.
        check(&[column(&["0", "1", "3", "1", "10"]), column(&["2", "1", "1", "1", "0"])], &[0, 4, 4, 4, 2]);
        check(&[column(&["H", "A", "D", "-"])], &[0, 0, 0, 3]);
        check(&[column(&["1", "1", "1"])], &[0, 1, 2]);
        check(&[column(&["1", "0"])], &[0, 0]);
        check(&[column(&[])], &[]);
    }
}
