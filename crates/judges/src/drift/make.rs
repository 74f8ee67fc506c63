//! Making a reference of a table.

use std::collections::BTreeMap;

use lockgate_contract::{ColumnKind, TableFile};
use lockgate_kinds::{Columns, Drift};
use lockgate_stats::Levels;

use super::AT_ONCE;
use super::reference::{Kept, KeptNumbers, MOST_LEVELS, Reference};
use crate::{Given, JudgeError};

/// Makes a reference of the gate's data.
///
/// Of the columns that are named, each must be one of which a reference can be made; of `*`, the others are left out, and the
/// file says why.
pub fn reference(settings: &Drift, given: &Given<'_>) -> Result<String, JudgeError> {
    let [input] = given.data else {
        let why = format!("gate `{}` has {} tables", given.gate, given.data.len());
        return Err(JudgeError::CannotRefer {
            why,
            step: "let the gate judge one, and the others by gates of their own".to_owned(),
        });
    };
    let table = TableFile::open(given.table(input))?;
    let (kinds, rows) = (table.columns()?, table.rows()?);
    let mut reference = Reference { rows, bins: settings.bins, columns: BTreeMap::new(), left_out: BTreeMap::new() };
    let (names, must_all): (Vec<String>, bool) = match &settings.columns {
        Columns::All(_) => (kinds.iter().map(|(name, _)| name.clone()).collect(), false),
        Columns::These(watched) => (watched.iter().map(|one| one.name.clone()).collect(), true),
    };
    for some in names.chunks(AT_ONCE) {
        for (name, kept) in keep(&table, some, &kinds, settings.bins)? {
            match kept {
                Ok(kept) => drop(reference.columns.insert(name, kept)),
                Err(why) if must_all => return Err(no_reference_of(&name, input.name, &why)),
                Err(why) => drop(reference.left_out.insert(name, why)),
            }
        }
    }
    Ok(reference.text())
}

fn no_reference_of(column: &str, table: &str, why: &str) -> JudgeError {
    let why = format!("column `{column}` of `{table}`: {why}");
    let step = "leave it out of `columns`, or take data in which it varies".to_owned();
    JudgeError::CannotRefer { why, step }
}

/// What is kept of a column, or why nothing can be.
type KeptOrWhyNot = Result<Kept, String>;

fn keep(
    table: &TableFile,
    names: &[String],
    kinds: &[(String, ColumnKind)],
    bins: u64,
) -> Result<Vec<(String, KeptOrWhyNot)>, JudgeError> {
    let kind_of = |name: &str| kinds.iter().find(|(known, _)| known == name).map(|(_, kind)| *kind);
    let numbers: Vec<&str> =
        names.iter().map(String::as_str).filter(|name| kind_of(name) == Some(ColumnKind::Number)).collect();
    let mut columns = numbers.iter().zip(table.numbers(&numbers)?).collect::<Vec<_>>().into_iter();
    let mut kept = Vec::new();
    for name in names {
        let one = match kind_of(name) {
            Some(ColumnKind::Number) => {
                let (_, column) = columns.next().expect("each column of numbers was read, in this order");
                KeptNumbers::of(column.values, column.nulls, bins).map(Kept::Numbers).map_err(|error| error.to_string())
            }
            Some(ColumnKind::Time(_)) => Err("it has points in time, which always move on".to_owned()),
            Some(ColumnKind::Other) => Err("its values are neither numbers nor categories".to_owned()),
            Some(ColumnKind::Text | ColumnKind::Bool) | None => keep_levels(levels(table, name)?),
        };
        kept.push((name.clone(), one));
    }
    Ok(kept)
}

fn keep_levels(levels: Levels) -> KeptOrWhyNot {
    match levels.counts.len() {
        0 => Err("it has no value".to_owned()),
        n if n > MOST_LEVELS => Err(format!("it has {n} different texts, more than {MOST_LEVELS}, and is no category")),
        _ => Ok(Kept::Levels(levels)),
    }
}

/// Counts the levels of a column of any kind.
pub fn levels(table: &TableFile, column: &str) -> Result<Levels, JudgeError> {
    let mut levels = Levels::default();
    for text in table.texts(column)? {
        match text {
            None => levels.nulls += 1,
            Some(text) => match levels.counts.get_mut(&text) {
                Some(count) => *count += 1,
                None => {
                    levels.counts.insert(text, 1);
                }
            },
        }
    }
    Ok(levels)
}
