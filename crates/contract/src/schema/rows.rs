//! `rows:` — how many there have to be: `250..300`, `250..300 per season`, or the mapping form.

use lockgate_spanned::{Fields, Node, Value};

use super::ast::{Cited, Rows};
use super::column::{scalar, word_of};
use super::declared::Declared;
use super::lower::{Reader, Word};
use super::names::column_names;
use super::tolerance::{self, Tolerance};

pub(super) const KEYS: [&str; 5] = ["range", "per", "allow", "level", "doc"];

/// Reads the rule; `None` when something in it is wrong.
pub(super) fn read(node: &Node, declared: &Declared, reader: &mut Reader<'_>) -> Option<Cited<Rows>> {
    let rows = match &node.value {
        Value::Map(_) => mapping(node, declared, reader),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::List(_) => {
            let source = reader.source;
            let word = word_of(node.scalar_text(source).unwrap_or_default(), node.span, reader);
            short(word, declared, reader)
        }
    };
    rows.map(|value| Cited { value, at: reader.source.cite(node.span) })
}

/// Reads `COUNTS [per COLUMN[, COLUMN]…]`.
fn short(whole: Word<'_>, declared: &Declared, reader: &mut Reader<'_>) -> Option<Rows> {
    let Some((counts, per)) = whole.text.split_once(" per ") else {
        let counts = reader.counts(whole)?;
        return Some(Rows { counts, per: Vec::new(), tolerance: Tolerance::NONE });
    };
    let counts = reader.counts(whole.piece(0, counts.len()));
    let mut at = whole.text.len() - per.len();
    let mut names = Vec::new();
    for piece in per.split(',') {
        let name = whole.piece(at + piece.len() - piece.trim_start().len(), piece.trim().len());
        at += piece.len() + 1;
        names.push(declared.expect("`rows`", name, reader).map(|()| name.text.to_owned()));
    }
    Some(Rows { counts: counts?, per: names.into_iter().collect::<Option<_>>()?, tolerance: Tolerance::NONE })
}

fn mapping(node: &Node, declared: &Declared, reader: &mut Reader<'_>) -> Option<Rows> {
    let fields = Fields::open(node, "`rows`", &KEYS, reader.source, reader.problems)?;
    let Some(range) = fields.get("range") else {
        return reader.refuse("schema::bad-count", node.span, "`rows` has no `range`", "add `range: 250..300`");
    };
    let counts = scalar("range", range, reader).and_then(|word| reader.counts(word));
    let per = fields.get("per").map_or(Some(Vec::new()), |node| column_names("per", node, declared, reader));
    let written = tolerance::read(&fields, reader);
    let (counts, per) = (counts?, per?);
    if let (Some((name, span)), true) = (written.share(), per.is_empty()) {
        let help = "it tolerates groups: add `per: [season]`, or widen the range";
        return reader.refuse("schema::bad-value", span, format!("`{name}` has no groups to apply to"), help);
    }
    Some(Rows { counts, per, tolerance: written.tolerance() })
}
