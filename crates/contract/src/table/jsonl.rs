//! JSON lines: one object a line, blank lines left out.
//!
//! A key that a line does not have is null there. A JSON string is not a number and a number is not a string: such a cell is
//! not a value of its declared type.

use std::fmt;
use std::fs::File;
use std::ops::ControlFlow;

use lockgate_forms::TextForm;
use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::cells::Cells;
use super::lines::Lines;
use super::{CheckError, OnBatch, Part};
use crate::value::Type;

/// Reads the whole file once for the keys its lines have, in the order in which they are first met, and the number of rows.
pub(super) fn keys(path: &str, file: File) -> Result<(Vec<String>, u64), CheckError> {
    let (mut names, mut rows) = (Vec::new(), 0);
    each_line(path, file, |line, number| {
        let mut deserializer = serde_json::Deserializer::from_slice(line);
        let read = deserializer.deserialize_map(Keys(&mut names)).and_then(|()| deserializer.end());
        read.map_err(|error| damaged(path, number, &error))?;
        rows += 1;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok((names, rows))
}

/// Gives the wanted columns in batches.
pub(super) fn scan(
    part: &Part,
    mut cells: Cells<'_>,
    form: &TextForm,
    on_batch: &mut OnBatch<'_>,
) -> Result<(), CheckError> {
    each_line(&part.name, part.file()?, |line, number| {
        let object: Map<String, Value> =
            serde_json::from_slice(line).map_err(|error| damaged(&part.name, number, &error))?;
        for index in 0..cells.len() {
            let value = object.get(cells.name(index)).unwrap_or(&Value::Null);
            let missing = form.missing_in(cells.name(index));
            push(&mut cells, index, value, missing);
        }
        if cells.end_row(number) { on_batch(cells.take()?) } else { Ok(ControlFlow::Continue(())) }
    })?;
    if !cells.is_drained() {
        let _: ControlFlow<()> = on_batch(cells.take()?)?;
    }
    Ok(())
}

fn push(cells: &mut Cells<'_>, index: usize, value: &Value, missing: &[String]) {
    match (value, cells.ty(index)) {
        (Value::String(text), _) if missing.contains(text) => cells.push_null(index),
        (Value::Null, _) => cells.push_null(index),
        (Value::Bool(value), Type::Bool) => cells.push_text(index, if *value { "true" } else { "false" }),
        (Value::Number(number), ty) if ty.is_float() || ty.int_domain().is_some() => {
            cells.push_text(index, &number.to_string());
        }
        (Value::String(text), Type::Str | Type::Date | Type::Time | Type::Datetime { .. }) => {
            cells.push_text(index, text);
        }
        (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_), _) => {
            cells.push_misfit(index, &value.to_string());
        }
    }
}

fn each_line(
    path: &str,
    file: File,
    mut on_line: impl FnMut(&[u8], u64) -> Result<ControlFlow<()>, CheckError>,
) -> Result<(), CheckError> {
    let mut lines = Lines::new(file);
    let mut line = Vec::new();
    while lines.read(&mut line).map_err(|error| error.of(path))? {
        let text = line.trim_ascii();
        if !text.is_empty() && on_line(text, lines.number())? == ControlFlow::Break(()) {
            break;
        }
    }
    Ok(())
}

fn damaged(path: &str, number: u64, error: &serde_json::Error) -> CheckError {
    let text = error.to_string();
    // The library counts lines within the one line it was given.
    let what = text.split(" at line ").next().unwrap_or(&text);
    // What is wrong with the whole line has no column.
    let column = if error.column() > 0 { format!(", column {}", error.column()) } else { String::new() };
    CheckError::damaged(path, format!("line {number}{column}: {what}"))
}

/// Notes the keys of one object, each of which may stand there once.
struct Keys<'a>(&'a mut Vec<String>);

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut here = vec![false; self.0.len()];
        while let Some(key) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            match self.0.iter().position(|name| *name == key) {
                // Of two values a reader takes the one or the other: no verdict on either would hold for both.
                Some(at) if here[at] => return Err(A::Error::custom(format!("the key `{key}` stands there twice"))),
                Some(at) => here[at] = true,
                None => {
                    self.0.push(key.into_owned());
                    here.push(true);
                }
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}
