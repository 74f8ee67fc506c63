//! Parameters of a JSON file.
//!
//! The reader of JSON knows integers of 64 bits and tells no places. It visits the numbers in the order of their text,
//! so that each is taken from there, with all its digits.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use lockgate_spanned::{Problem, Problems, Source, Span};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::datum::{Datum, Entries, Shape};

/// Reads the value that `source` is; what is no JSON becomes a problem.
pub(super) fn read(source: &Arc<Source>, problems: &mut Problems) -> Option<Datum> {
    let reading =
        Reading { source, numbers: RefCell::new(Numbers::of(source.text())), problems: RefCell::new(problems) };
    let mut deserializer = serde_json::Deserializer::from_str(source.text());
    match reading.deserialize(&mut deserializer).and_then(|datum| deserializer.end().map(|()| datum)) {
        Ok(datum) => Some(datum),
        Err(error) => {
            problems.push(problem(source, &error));
            None
        }
    }
}

/// Makes the problem that a text is not JSON, at its place.
pub(super) fn problem(source: &Arc<Source>, error: &serde_json::Error) -> Problem {
    let span = Span { start: source.offset(error.line(), error.column()), len: 1 };
    let cause = error.to_string();
    let cause = cause.split(" at line ").next().unwrap_or_default();
    let message = format!("`{}` is not valid JSON: {cause}", source.name());
    Problem::new("json::syntax", source, span, message).help("correct it at the mark")
}

/// The numbers of a text, one after the other.
pub(super) struct Numbers<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Numbers<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }
}

impl Iterator for Numbers<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        loop {
            let rest = &self.text[self.at..];
            let skip = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit())?;
            let rest = &rest[skip..];
            let start = self.at + skip;
            if rest.starts_with('"') {
                self.at = start + string_len(rest);
                continue;
            }
            let ends = |c: char| !(c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'));
            let len = rest.find(ends).unwrap_or(rest.len());
            self.at = start + len;
            return Some(Span { start, len });
        }
    }
}

/// Returns the length of the JSON string with which `text` starts, with both quotes.
pub(super) fn string_len(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !escaped => return at + 1,
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// A text while it is read.
struct Reading<'a> {
    source: &'a Arc<Source>,
    numbers: RefCell<Numbers<'a>>,
    problems: RefCell<&'a mut Problems>,
}

impl Reading<'_> {
    fn datum(&self, shape: Shape) -> Datum {
        Datum::new(self.source, Span::default(), shape)
    }

    /// Takes the next number of the text, which was read as `float` where it is no integer.
    fn number(&self, float: f64) -> Datum {
        let span = self.numbers.borrow_mut().next().unwrap_or_default();
        let text = self.source.slice(span);
        if text.contains(['.', 'e', 'E']) {
            return Datum::new(self.source, span, Shape::Float(float));
        }
        let shape = text.parse().map_or_else(
            |_| {
                self.problems.borrow_mut().push(Problem::too_long(self.source, span));
                Shape::Str(text.to_owned())
            },
            Shape::Int,
        );
        Datum::new(self.source, span, shape)
    }
}

impl<'de> DeserializeSeed<'de> for &Reading<'_> {
    type Value = Datum;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Datum, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &Reading<'_> {
    type Value = Datum;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E>(self) -> Result<Datum, E> {
        Ok(self.datum(Shape::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Datum, E> {
        Ok(self.datum(Shape::Bool(value)))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Datum, E> {
        Ok(self.number(0.0))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Datum, E> {
        Ok(self.number(0.0))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Datum, E> {
        Ok(self.number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Datum, E> {
        Ok(self.datum(Shape::Str(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Datum, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(Rc::new(item));
        }
        Ok(self.datum(Shape::List(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Datum, A::Error> {
        let mut entries = Entries::new();
        while let Some(key) = map.next_key()? {
            entries.insert(key, Rc::new(map.next_value_seed(self)?));
        }
        Ok(self.datum(Shape::Map(entries)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let source = Source::new("p.json", text);
        let mut problems = Problems::default();
        let datum = read(&source, &mut problems);
        let problems: Vec<String> = problems.iter().map(|p| format!("{} {}", p.cite(), p.message())).collect();
        if problems.is_empty() {
            datum.map(|datum| datum.to_value().to_string()).unwrap_or_default()
        } else {
            problems.join("\n")
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        let text = r#"{"z-1": [1, -0, 18446744073709551617, "-2 \" 3", 1e3, -0.5], "a": {"-5": -9223372036854775809}, "a": 7, "t": true}"#;
        assert_eq!(told(text), r#"{"a":7,"t":true,"z-1":[1,0,18446744073709551617,"-2 \" 3",1000.0,-0.5]}"#);
        assert_eq!(told(r#"{"a": -9223372036854775809}"#), r#"{"a":-9223372036854775809}"#);
    }

    #[test]
    fn an_integer_beyond_128_bits_is_told_at_its_place() {
        assert_eq!(
            told("{\n  \"a\": 170141183460469231731687303715884105728}"),
            "p.json:2:8 `170141183460469231731687303715884105728` needs more than 128 bits"
        );
        assert_eq!(told("{\"a\": 01}"), "p.json:1:8 `p.json` is not valid JSON: invalid number");
    }
}
