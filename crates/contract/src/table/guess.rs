//! What the columns of a text format hold, by looking at all their values.
//!
//! For readers that have no schema to say it. A guess is made from the whole table, never from its first rows: a type that
//! depends on which rows come first is none.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use lockgate_forms::TextForm;
use polars::prelude::{DataFrame, PolarsResult};

use super::{CheckError, Format, Stored, Table, Wanted, binary, dtype, raw_name};
use crate::value::{TimeUnit, Type};

/// Returns each column with the type its values have: the stored one, or for text the first one that all values have.
pub(crate) fn types(table: &Table) -> Result<Vec<(String, Stored)>, CheckError> {
    let is_read = |name: &str, stored: &Stored| *stored == Stored::Text && !table.is_folder_key(name);
    let read = table.columns.iter().filter(|(name, stored)| is_read(name, stored));
    let wanted: Vec<Wanted> = read.map(|(name, _)| Wanted { name: name.clone(), ty: Type::Str }).collect();
    let guesses = read_guesses(table, &wanted)?;
    let guess = |name: &str| {
        let found = wanted.iter().zip(&guesses).find(|(wanted, _)| wanted.name == name);
        found.map_or_else(|| folder_guess(table, name), |(_, guess)| *guess)
    };
    let stored = |(name, stored): &(String, Stored)| match stored {
        Stored::Text => (name.clone(), Stored::Typed(dtype(&guess(name).ty()))),
        Stored::Typed(_) => (name.clone(), stored.clone()),
    };
    Ok(table.columns.iter().map(stored).collect())
}

fn read_guesses(table: &Table, wanted: &[Wanted]) -> Result<Vec<Guess>, CheckError> {
    // What JSON does not write as a string is not a string to its reader, and its numbers have a point.
    let (strings, form) = match table.format {
        Format::JsonLines => (QUOTED, TextForm::plain()),
        Format::Csv | Format::Parquet | Format::Ipc => (QUOTED | BARE, &table.form),
    };
    let trial = Trial { types: tried(), form };
    let mut guesses = vec![Guess::ANY; wanted.len()];
    for part in table.parts.iter().filter(|_| !wanted.is_empty()) {
        table.scan(part, wanted, &mut |frame| {
            for (guess, wanted) in guesses.iter_mut().zip(wanted) {
                guess.take(&frame, &wanted.name, strings, &trial).map_err(|error| binary::bug(&part.name, &error))?;
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(guesses)
}

fn folder_guess(table: &Table, name: &str) -> Guess {
    let keys = table.parts.iter().flat_map(|part| &part.keys).filter(|key| key.name == name);
    let texts = keys.filter_map(|key| key.value.as_deref());
    let trial = Trial { types: tried(), form: TextForm::plain() };
    texts.fold(Guess::ANY, |guess, text| guess.and(text, QUOTED | BARE, &trial))
}

/// Returns what the text columns `names` hold: truth, whole numbers, numbers or text; a column without a value is left out.
///
/// Times are not told from text, for that is what a reader without a schema does: `2024-01-01` is text.
pub(crate) fn scalars(table: &Table, names: &[String]) -> Result<BTreeMap<String, Type>, CheckError> {
    let (folders, read): (Vec<&String>, Vec<&String>) = names.iter().partition(|name| table.is_folder_key(name));
    let wanted: Vec<Wanted> = read.iter().map(|name| Wanted { name: (*name).clone(), ty: Type::Str }).collect();
    let guesses = read.into_iter().zip(read_guesses(table, &wanted)?);
    let all = guesses.chain(folders.into_iter().map(|name| (name, folder_guess(table, name))));
    let seen = all.filter(|(_, guess)| guess.seen == Seen::Values);
    Ok(seen.map(|(name, guess)| (name.clone(), Guess { left: guess.left & BARE, ..guess }.ty())).collect())
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

/// The types to try on texts that are written in some way.
struct Trial<'a> {
    types: [Type; 6],
    form: &'a TextForm,
}

impl Trial<'_> {
    fn is_value(&self, ty: &Type, text: &str) -> bool {
        if !ty.is_float() {
            return ty.parse_value(text).is_some();
        }
        self.form.with_point(text).is_some_and(|text| ty.parse_value(&text).is_some())
    }
}

/// The types of [`tried`] that JSON writes as strings, and those it writes without quotes.
const QUOTED: u8 = 0b11_1000;
const BARE: u8 = 0b00_0111;

impl Guess {
    const ANY: Self = Self { left: QUOTED | BARE, seen: Seen::Nothing };

    /// Takes the next values; `strings` are the types that a string of the format may be of.
    fn take(&mut self, frame: &DataFrame, name: &str, strings: u8, trial: &Trial<'_>) -> PolarsResult<()> {
        for (cells, possible) in [(frame.column(name)?, strings), (frame.column(&raw_name(name))?, BARE)] {
            for text in cells.str()?.iter().flatten() {
                *self = self.and(text, possible, trial);
                if self.left == 0 {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Leaves the possible types of which `text` is a value too.
    fn and(self, text: &str, possible: u8, trial: &Trial<'_>) -> Self {
        let mut left = self.left & possible;
        for (at, ty) in trial.types.iter().enumerate() {
            if left & (1 << at) != 0 && !trial.is_value(ty, text) {
                left &= !(1 << at);
            }
        }
        Self { left, seen: Seen::Values }
    }

    fn ty(self) -> Type {
        let first = tried().into_iter().enumerate().find(|(at, _)| self.left & (1 << at) != 0);
        match self.seen {
            Seen::Nothing => Type::Str,
            Seen::Values => first.map_or(Type::Str, |(_, ty)| ty),
        }
    }
}
