//! CSV after RFC 4180: a delimiter, double quotes, a header line, LF or CRLF; see [`TextForm`] for what may be declared otherwise.
//!
//! An empty unquoted field is null, an empty quoted one is an empty string unless it is declared missing. A row with another number of fields than the
//! header, text after a closing quote, a quote that is never closed and bytes that are not UTF-8 are damage, with their line.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;

use lockgate_forms::TextForm;

use super::cells::Cells;
use super::decode::as_utf8;
use super::lines::Lines;
use super::{CheckError, OnBatch, Part};

/// A record longer than this has lost a closing quote.
const LONGEST_RECORD: usize = 64 * 1024 * 1024;

/// What to do about a file that is not damaged at all.
const ENCODING_HELP: &str =
    " (of another encoding, say which with `csv: {encoding: latin1}` in its schema, or in the gate that reads it)";

/// Reads the names in the header.
pub(super) fn header(path: &str, file: File, form: &TextForm) -> Result<Vec<String>, CheckError> {
    let mut records = Records::new(path, file, form);
    if !records.next()? {
        return Err(CheckError::damaged(path, "the file is empty, without even a header line"));
    }
    let names: Vec<String> = records.fields().map(|field| field.text.to_owned()).collect();
    let mut seen = BTreeSet::new();
    for (index, name) in names.iter().enumerate() {
        if name.is_empty() {
            return Err(CheckError::damaged(path, format!("column {} has no name in the header", index + 1)));
        }
        if !seen.insert(name) {
            return Err(CheckError::damaged(path, format!("two columns are called `{name}` in the header")));
        }
    }
    Ok(names)
}

/// Gives the wanted columns in batches.
pub(super) fn scan(
    part: &Part,
    mut cells: Cells<'_>,
    form: &TextForm,
    on_batch: &mut OnBatch<'_>,
) -> Result<(), CheckError> {
    let mut records = Records::new(&part.name, part.file()?, form);
    records.next()?;
    let names: Vec<String> = records.fields().map(|field| field.text.to_owned()).collect();
    let target = |name: &String| Some(Target { index: cells.index(name)?, missing: form.missing_in(name) });
    let targets: Vec<Option<Target<'_>>> = names.iter().map(target).collect();
    while records.next()? {
        if records.is_blank() && names.len() > 1 {
            continue;
        }
        records.expect_fields(names.len())?;
        for (field, target) in records.fields().zip(&targets) {
            if let Some(target) = target {
                push(&mut cells, *target, field, form);
            }
        }
        if cells.end_row(records.first_line) && on_batch(cells.take()?)? == ControlFlow::Break(()) {
            return Ok(());
        }
    }
    if !cells.is_drained() {
        let _: ControlFlow<()> = on_batch(cells.take()?)?;
    }
    Ok(())
}

/// A wanted column: its place among the cells, and what stands for null in it.
#[derive(Clone, Copy)]
struct Target<'a> {
    index: usize,
    missing: &'a [String],
}

fn push(cells: &mut Cells<'_>, Target { index, missing }: Target<'_>, field: Field<'_>, form: &TextForm) {
    let is_null = (field.text.is_empty() && !field.quoted) || missing.iter().any(|missing| missing == field.text);
    if is_null {
        cells.push_null(index);
    } else if cells.ty(index).is_float() {
        cells.push_read(index, field.text, form.with_point(field.text).as_deref());
    } else {
        cells.push_text(index, field.text);
    }
}

#[derive(Clone, Copy)]
struct Field<'a> {
    text: &'a str,
    quoted: bool,
}

/// Reads record after record into one buffer.
struct Records<'a> {
    path: &'a str,
    delimiter: u8,
    lines: Lines<Box<dyn Read>>,
    line: Vec<u8>,
    /// The content of all the fields of the record, one after the other.
    text: String,
    /// Where each field ends in `text`, and whether it was quoted.
    ends: Vec<(usize, bool)>,
    /// The line on which the record starts.
    first_line: u64,
}

/// Where in a field the reader is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Plain,
    Quoted,
    /// After a quote within a quoted field: a second one is a quote, anything else ends the field.
    Closed,
}

impl<'a> Records<'a> {
    fn new(path: &'a str, file: File, form: &TextForm) -> Self {
        let lines = Lines::new(as_utf8(file, form.encoding));
        Self {
            path,
            delimiter: form.delimiter,
            lines,
            line: Vec::new(),
            text: String::new(),
            ends: Vec::new(),
            first_line: 0,
        }
    }

    /// Reads the next record; `false` at the end of the file.
    fn next(&mut self) -> Result<bool, CheckError> {
        self.ends.clear();
        let mut content = std::mem::take(&mut self.text).into_bytes();
        content.clear();
        let mut state = State::Start;
        if !self.read_line()? {
            return Ok(false);
        }
        self.first_line = self.lines.number();
        loop {
            state = self.split_line(state, &mut content)?;
            if state != State::Quoted {
                break;
            }
            if content.len() > LONGEST_RECORD || !self.read_line()? {
                let why = format!("the record on line {} opens a quote that is never closed", self.first_line);
                return Err(CheckError::damaged(self.path, why));
            }
        }
        self.ends.push((content.len(), state == State::Closed));
        self.text = String::from_utf8(content).map_err(|_| {
            let why = format!("the record on line {} is not UTF-8 text", self.first_line);
            CheckError::damaged(self.path, why + ENCODING_HELP)
        })?;
        Ok(true)
    }

    fn read_line(&mut self) -> Result<bool, CheckError> {
        self.lines.read(&mut self.line).map_err(|error| error.of(self.path))
    }

    /// Takes one line into the record; in state `Quoted` the record goes on in the next line.
    fn split_line(&mut self, mut state: State, content: &mut Vec<u8>) -> Result<State, CheckError> {
        let whole = self.line.as_slice();
        let bare = whole.strip_suffix(b"\n").unwrap_or(whole);
        let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
        for byte in bare {
            state = match (state, *byte) {
                (State::Start | State::Plain | State::Closed, byte) if byte == self.delimiter => {
                    self.ends.push((content.len(), state == State::Closed));
                    State::Start
                }
                (State::Start, b'"') => State::Quoted,
                (State::Quoted, b'"') => State::Closed,
                (State::Closed, b'"') => {
                    content.push(b'"');
                    State::Quoted
                }
                (State::Closed, _) => {
                    let why = format!("line {} has text after a closing quote", self.lines.number());
                    return Err(CheckError::damaged(self.path, why));
                }
                (State::Quoted, byte) => {
                    content.push(byte);
                    State::Quoted
                }
                (State::Start | State::Plain, byte) => {
                    content.push(byte);
                    State::Plain
                }
            };
        }
        if state == State::Quoted {
            // The line end belongs to the value, as it is written.
            content.extend_from_slice(&whole[bare.len()..]);
        }
        Ok(state)
    }

    /// A line with nothing on it: one empty field without quotes.
    fn is_blank(&self) -> bool {
        self.ends == [(0, false)]
    }

    fn expect_fields(&self, expected: usize) -> Result<(), CheckError> {
        let found = self.ends.len();
        if found == expected {
            return Ok(());
        }
        let noun = if found == 1 { "field" } else { "fields" };
        let why = format!("line {} has {found} {noun}, and the header has {expected}", self.first_line);
        Err(CheckError::damaged(self.path, why))
    }

    fn fields(&self) -> impl Iterator<Item = Field<'_>> {
        let mut start = 0;
        self.ends.iter().map(move |(end, quoted)| {
            let text = &self.text[start..*end];
            start = *end;
            Field { text, quoted: *quoted }
        })
    }
}
