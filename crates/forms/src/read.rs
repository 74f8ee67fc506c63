//! `csv:`, from a spanned tree.

use std::sync::Arc;

use lockgate_spanned::{Fields, Node, Problem, Problems, Source, Span, Value, nearest};

use crate::{Decimal, Encoding, TextForm};

/// The keys of the mapping.
pub const KEYS: [&str; 4] = ["delimiter", "encoding", "missing", "decimal"];

/// The text that is read and the mistakes found so far.
pub struct Reading<'a> {
    pub source: &'a Arc<Source>,
    pub problems: &'a mut Problems,
    /// The code of a value that cannot be meant, as whoever asks calls it.
    pub code: &'static str,
}

/// A table as settings name it: `teams.parquet`, or `{path: teams.csv, csv: {…}}`.
pub struct Named<'n> {
    pub path: &'n Node,
    pub said: Option<Said>,
}

/// How a file is written, as it is said in some place.
pub struct Said {
    pub(crate) form: TextForm,
    pub(crate) span: Span,
}

impl TextForm {
    /// Reads the mapping; what has a mistake in it stays as it is by default, and the mistake is noted.
    pub fn read(node: &Node, reading: &mut Reading<'_>) -> Self {
        let Some(fields) = Fields::open(node, "`csv`", &KEYS, reading.source, reading.problems) else {
            return Self::PLAIN;
        };
        let plain = Self::PLAIN;
        let delimiter = fields.get("delimiter").and_then(|node| reading.delimiter(node));
        let decimal = fields.get("decimal").and_then(|node| reading.choice("decimal", node, &Decimal::ALL));
        let encoding = fields.get("encoding").and_then(|node| reading.choice("encoding", node, &Encoding::ALL));
        let form = Self {
            delimiter: delimiter.unwrap_or(plain.delimiter),
            encoding: encoding.unwrap_or(plain.encoding),
            missing: fields.get("missing").map_or(Vec::new(), |node| reading.missing(node)),
            missing_in: plain.missing_in,
            decimal: decimal.unwrap_or(plain.decimal),
        };
        if form.decimal == Decimal::Comma && form.delimiter == b',' {
            let at = fields.entry("decimal").map_or(fields.span(), |(key, _)| key.span);
            let help = "name the delimiter: `csv: {delimiter: \";\", decimal: \",\"}`";
            reading.refuse::<()>(at, "fields end at a comma, and so would a number with one", help);
        }
        form
    }
}

impl Reading<'_> {
    /// Reads a table that `what` names.
    pub fn named<'n>(&mut self, what: &str, node: &'n Node) -> Option<Named<'n>> {
        if !matches!(node.value, Value::Map(_)) {
            return Some(Named { path: node, said: None });
        }
        let fields = Fields::open(node, what, &["path", "csv"], self.source, self.problems)?;
        match fields.get("path") {
            Some(path) => Some(Named { path, said: self.said(&fields) }),
            None => self.refuse(fields.span(), format!("{what} has no `path`"), "add `path: data/teams.csv`"),
        }
    }

    /// Reads what is said under `csv`.
    pub fn said(&mut self, fields: &Fields<'_>) -> Option<Said> {
        let (key, node) = fields.entry("csv")?;
        Some(Said { form: TextForm::read(node, self), span: key.span })
    }

    /// Reads one missing value or a list of them, as they stand in the file: `NA`, `-999` and `null` are all texts here.
    pub fn missing(&mut self, node: &Node) -> Vec<String> {
        let items = if let Value::List(items) = &node.value { items.as_slice() } else { std::slice::from_ref(node) };
        items.iter().filter_map(|item| self.text(item)).collect()
    }

    fn text(&mut self, node: &Node) -> Option<String> {
        match (&node.value, node.scalar_text(self.source)) {
            (_, Some(text)) => Some(text.to_owned()),
            // To YAML `null`, `~` and nothing at all are the same.
            (Value::Null, None) => Some(self.source.slice(node.span).trim().to_owned()),
            (other, None) => {
                let message = format!("a missing value is {}, not a text", other.kind());
                self.refuse(node.span, message, "write `missing: [NA, \"\"]`")
            }
        }
    }

    fn delimiter(&mut self, node: &Node) -> Option<u8> {
        let (text, span) = self.scalar("delimiter", node)?;
        let usable = |byte: &u8| byte.is_ascii_punctuation() && *byte != b'"' || matches!(byte, b'\t' | b' ');
        match text.as_bytes() {
            [byte] if usable(byte) => Some(*byte),
            _ => {
                let help = "write one character such as \";\", \"|\" or \"\\t\"";
                self.refuse(span, format!("`delimiter` cannot be {text:?}"), help)
            }
        }
    }

    fn choice<T: Copy>(&mut self, what: &str, node: &Node, all: &[(&'static str, T)]) -> Option<T> {
        let (text, span) = self.scalar(what, node)?;
        if let Some((_, value)) = all.iter().find(|(name, _)| *name == text) {
            return Some(*value);
        }
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        let help = match nearest(&text, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {}", names.join(", ")),
        };
        self.refuse(span, format!("`{what}` cannot be `{text}`"), help)
    }

    fn scalar(&mut self, what: &str, node: &Node) -> Option<(String, Span)> {
        if let Some(text) = node.scalar_text(self.source) {
            return Some((text.to_owned(), self.source.span_of(text, node.span)));
        }
        let message = format!("`{what}` is {}, not one value", node.value.kind());
        self.refuse(node.span, message, format!("write `{what}: VALUE`"))
    }

    pub(crate) fn refuse<T>(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) -> Option<T> {
        self.problems.push(Problem::new(self.code, self.source, span, message).help(help));
        None
    }
}

#[cfg(test)]
mod tests {
    use lockgate_spanned::read;

    use super::*;
    use crate::TextForms;

    /// Reads a form and shows it as it would be written; a line for each mistake.
    fn said(text: &str) -> String {
        let source = Source::new("p", text);
        let mut problems = Problems::default();
        let node = read(&source, &mut problems).expect("the text is YAML");
        let mut reading = Reading { source: &source, problems: &mut problems, code: "x" };
        let form = TextForm::read(&node, &mut reading);
        problems.sort();
        let line = |p: &Problem| format!("\n{} {} -> {}", p.cite(), p.message(), p.next_step().unwrap_or("nothing"));
        problems.iter().fold(form.to_string(), |all, problem| all + &line(problem))
    }

    #[test]
    fn a_form_is_shown_as_it_can_be_written() {
        let text = "{delimiter: \"\\t\", encoding: utf-16, missing: [\"\", NA, -1], decimal: \",\"}";
        assert_eq!(
            said(text),
            "{delimiter: \"\\t\", encoding: utf-16, missing: [\"\", \"NA\", \"-1\"], decimal: \",\"}"
        );
        assert_eq!(said(&said(text)), said(text));
        assert_eq!(said("{delimiter: \",\", encoding: utf-8}"), "{}");
    }

    #[test]
    fn mistakes_are_told_together_with_what_was_meant() {
        insta::assert_snapshot!(said("{delimiter: \";;\", encodng: latin1, encoding: latin2, decimal: [1], missing: {a: 1}}"), @r#"
        {}
        p:1:14 `delimiter` cannot be ";;" -> write one character such as ";", "|" or "\t"
        p:1:19 `csv` has no key `encodng` -> did you mean `encoding`?
        p:1:46 `encoding` cannot be `latin2` -> did you mean `latin1`?
        p:1:63 `decimal` is a list, not one value -> write `decimal: VALUE`
        p:1:77 a missing value is a mapping, not a text -> write `missing: [NA, ""]`
        "#);
    }

    #[test]
    fn a_file_is_written_in_one_way() {
        let source = Source::new("p", "");
        let mut problems = Problems::default();
        let latin = TextForm { encoding: Encoding::Latin1, ..TextForm::PLAIN };
        let mut forms = TextForms::new(latin.clone());
        for form in [TextForm::PLAIN, TextForm::PLAIN, latin.clone()] {
            let mut reading = Reading { source: &source, problems: &mut problems, code: "x" };
            forms.learn("a.csv", Said { form, span: Span::default() }, &mut reading);
        }
        let said: Vec<&str> = problems.iter().map(Problem::message).collect();
        assert_eq!(said, ["`a.csv` cannot be written in two ways: above it is `csv: {}`"]);
        assert_eq!((forms.of("a.csv"), forms.of("b.csv")), (&TextForm::PLAIN, &latin));
        assert!(!forms.is_plain() && TextForms::default().is_plain());
    }
}
