//! `csv:`, how a text format is written.

use lockgate_spanned::{Fields, Node, Value};

use super::column::{scalar, word_of};
use super::lower::{Reader, Word};
use crate::table::{Decimal, Encoding, TextForm};

pub(super) const KEYS: [&str; 4] = ["delimiter", "encoding", "missing", "decimal"];

/// Reads the mapping; what has a mistake in it stays as it is by default, and the mistake is noted.
pub(super) fn read(node: &Node, reader: &mut Reader<'_>) -> TextForm {
    let plain = TextForm::PLAIN;
    let Some(fields) = Fields::open(node, "`csv`", &KEYS, reader.source, reader.problems) else { return plain };
    let delimiter = fields.get("delimiter").and_then(|node| delimiter(node, reader));
    let decimal = choice("decimal", &fields, &Decimal::ALL, reader);
    let form = TextForm {
        delimiter: delimiter.unwrap_or(plain.delimiter),
        encoding: choice("encoding", &fields, &Encoding::ALL, reader).unwrap_or(plain.encoding),
        missing: fields.get("missing").map_or(Vec::new(), |node| missing(node, reader)),
        decimal: decimal.unwrap_or(plain.decimal),
    };
    if form.decimal == Decimal::Comma && form.delimiter == b',' {
        let at = fields.entry("decimal").map_or(fields.span(), |(key, _)| key.span);
        let message = "fields end at a comma, and so would a number with one";
        reader.refuse::<()>(
            "schema::bad-value",
            at,
            message,
            "name the delimiter: `csv: {delimiter: \";\", decimal: \",\"}`",
        );
    }
    form
}

fn choice<T: Copy>(key: &str, fields: &Fields<'_>, all: &[(&'static str, T)], reader: &mut Reader<'_>) -> Option<T> {
    let word = scalar(key, fields.get(key)?, reader)?;
    reader.choice(key, word, all)
}

fn delimiter(node: &Node, reader: &mut Reader<'_>) -> Option<u8> {
    let word = scalar("delimiter", node, reader)?;
    let usable = |byte: &u8| byte.is_ascii_punctuation() && *byte != b'"' || matches!(byte, b'\t' | b' ');
    match word.text.as_bytes() {
        [byte] if usable(byte) => Some(*byte),
        _ => {
            let help = "write one character such as \";\", \"|\" or \"\\t\"";
            reader.refuse("schema::bad-value", word.span, format!("`delimiter` cannot be {:?}", word.text), help)
        }
    }
}

/// One text or a list of them, as they stand in the file: `NA`, `-999` and `null` are all texts here.
fn missing(node: &Node, reader: &mut Reader<'_>) -> Vec<String> {
    let items = if let Value::List(items) = &node.value { items.as_slice() } else { std::slice::from_ref(node) };
    items.iter().filter_map(|item| text(item, reader)).map(|word| word.text.to_owned()).collect()
}

fn text<'t, 'a: 't>(node: &'t Node, reader: &mut Reader<'a>) -> Option<Word<'t>> {
    let source = reader.source;
    match (&node.value, node.scalar_text(source)) {
        (_, Some(text)) => Some(word_of(text, node.span, reader)),
        // To YAML `null`, `~` and nothing at all are the same.
        (Value::Null, None) => Some(Word { text: source.slice(node.span).trim(), span: node.span }),
        (other, None) => {
            let message = format!("a missing value is {}, not a text", other.kind());
            reader.refuse("schema::bad-value", node.span, message, "write `missing: [NA, \"\"]`")
        }
    }
}
