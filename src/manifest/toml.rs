//! Parameters of a TOML file.

use std::rc::Rc;
use std::sync::Arc;

use lockgate_spanned::{Problem, Problems, Source, Span};
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use super::datum::{Datum, Entries, Shape};

/// Reads the table that `source` is; what is no TOML becomes a problem.
pub(super) fn read(source: &Arc<Source>, problems: &mut Problems) -> Option<Datum> {
    match DeTable::parse(source.text()) {
        Ok(table) => {
            let shape = Shape::Map(Reader { source, problems }.entries(table.get_ref()));
            Some(Datum::new(source, Span::default(), shape))
        }
        Err(error) => {
            let range = error.span().unwrap_or_default();
            let span = Span { start: range.start, len: range.len() };
            let message = format!("`{}` is not valid TOML: {}", source.name(), error.message());
            problems.push(Problem::new("toml::syntax", source, span, message).help("correct it at the mark"));
            None
        }
    }
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    /// Sorted by place: without an option that others may or may not ask for, a table forgets the order of its text.
    fn entries(&mut self, table: &DeTable<'_>) -> Entries {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        let entry = |(name, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
            let text: &std::borrow::Cow<'_, str> = name.get_ref();
            (text.to_string(), Rc::new(self.value(value)))
        };
        entries.into_iter().map(entry).collect()
    }

    /// Takes a date as its text: a parameter is compared, not computed with.
    fn value(&mut self, value: &Spanned<DeValue<'_>>) -> Datum {
        let range = value.span();
        let span = Span { start: range.start, len: range.len() };
        let shape = match value.get_ref() {
            DeValue::Boolean(value) => Shape::Bool(*value),
            DeValue::Integer(value) => self.integer(value, span),
            DeValue::Float(value) => Shape::Float(value.as_str().replace('_', "").parse().unwrap_or(f64::NAN)),
            DeValue::String(text) => Shape::Str(text.to_string()),
            DeValue::Datetime(value) => Shape::Str(value.to_string()),
            DeValue::Array(items) => Shape::List(items.iter().map(|item| Rc::new(self.value(item))).collect()),
            DeValue::Table(table) => Shape::Map(self.entries(table)),
        };
        Datum::new(self.source, span, shape)
    }

    fn integer(&mut self, value: &DeInteger<'_>, span: Span) -> Shape {
        let digits = value.as_str().replace('_', "");
        if let Ok(value) = i128::from_str_radix(&digits, value.radix()) {
            return Shape::Int(value);
        }
        self.problems.push(Problem::too_long(self.source, span));
        Shape::Str(digits)
    }
}
