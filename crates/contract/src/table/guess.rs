//! What the columns of a text format hold, by looking at all their values.
//!
//! For readers that have no schema to say it. A guess is made from the whole table, never from its first rows: a type that
//! depends on which rows come first is none.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use polars::prelude::{DataFrame, DataType, PolarsResult};

use super::{CheckError, Format, Stored, Table, Wanted, binary, dtype, raw_name};
use crate::value::{TimeUnit, Type};

/// Returns each column with the type its values have: the stored one, or for text the first one that all values have.
pub(super) fn types(table: &Table) -> Result<Vec<(String, Stored)>, CheckError> {
    let text = table.columns.iter().filter(|(_, stored)| *stored == Stored::Text);
    let wanted: Vec<Wanted> = text.map(|(name, _)| Wanted { name: name.clone(), ty: Type::Str }).collect();
    let mut guesses = vec![Guess::ANY; wanted.len()];
    for part in table.parts.iter().filter(|_| !wanted.is_empty()) {
        table.scan(part, &wanted, &mut |frame| {
            for (guess, wanted) in guesses.iter_mut().zip(&wanted) {
                guess.take(&frame, &wanted.name, table.format).map_err(|error| binary::bug(&part.name, &error))?;
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    let guessed = |name: &String| {
        let found = wanted.iter().zip(&guesses).find(|(wanted, _)| wanted.name == *name);
        found.map_or(DataType::String, |(_, guess)| dtype(&guess.ty()))
    };
    let stored = |(name, stored): &(String, Stored)| match stored {
        Stored::Text => (name.clone(), Stored::Typed(guessed(name))),
        Stored::Typed(_) => (name.clone(), stored.clone()),
    };
    Ok(table.columns.iter().map(stored).collect())
}

/// Returns what the text columns `names` hold: truth, whole numbers, numbers or text; a column without a value is left out.
///
/// Times are not told from text, for that is what a reader without a schema does: `2024-01-01` is text.
pub(crate) fn scalars(table: &Table, names: &[String]) -> Result<BTreeMap<String, Type>, CheckError> {
    let wanted: Vec<Wanted> = names.iter().map(|name| Wanted { name: name.clone(), ty: Type::Str }).collect();
    let mut guesses = vec![Guess { left: BARE, ..Guess::ANY }; wanted.len()];
    for part in table.parts.iter().filter(|_| !wanted.is_empty()) {
        table.scan(part, &wanted, &mut |frame| {
            for (guess, wanted) in guesses.iter_mut().zip(&wanted) {
                guess.take(&frame, &wanted.name, table.format).map_err(|error| binary::bug(&part.name, &error))?;
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    let seen = names.iter().zip(guesses).filter(|(_, guess)| guess.seen == Seen::Values);
    Ok(seen.map(|(name, guess)| (name.clone(), guess.ty())).collect())
}

/// The types that all values so far have, one bit each.
#[derive(Clone, Copy)]
struct Guess {
    left: u8,
    seen: Seen,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Nothing,
    Values,
}

/// The types to try, the first that fits wins: a date is a point in time too, a whole number a number.
fn tried() -> [Type; 6] {
    let datetime = |zone: Option<&str>| Type::Datetime { unit: Some(TimeUnit::Us), zone: zone.map(str::to_owned) };
    [Type::Bool, Type::I64, Type::F64, Type::Date, datetime(None), datetime(Some("UTC"))]
}

/// The types of [`tried`] that JSON writes as strings, and those it writes without quotes.
const QUOTED: u8 = 0b11_1000;
const BARE: u8 = 0b00_0111;

impl Guess {
    const ANY: Self = Self { left: QUOTED | BARE, seen: Seen::Nothing };

    fn take(&mut self, frame: &DataFrame, name: &str, format: Format) -> PolarsResult<()> {
        let tried = tried();
        let quoted = if format == Format::JsonLines { QUOTED } else { QUOTED | BARE };
        // What JSON does not write as a string is not a string to its reader.
        let sides = [(frame.column(name)?, quoted), (frame.column(&raw_name(name))?, BARE)];
        for (cells, possible) in sides {
            for text in cells.str()?.iter().flatten() {
                self.seen = Seen::Values;
                self.left &= possible;
                for (at, ty) in tried.iter().enumerate() {
                    if self.left & (1 << at) != 0 && ty.parse_value(text).is_none() {
                        self.left &= !(1 << at);
                    }
                }
                if self.left == 0 {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn ty(self) -> Type {
        let first = tried().into_iter().enumerate().find(|(at, _)| self.left & (1 << at) != 0);
        match self.seen {
            Seen::Nothing => Type::Str,
            Seen::Values => first.map_or(Type::Str, |(_, ty)| ty),
        }
    }
}
