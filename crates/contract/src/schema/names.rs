//! Lists of column names.

use lockgate_spanned::{Node, Span, Value};

use super::column::word_of;
use super::declared::Declared;
use super::lower::{Reader, Word};

/// Reads one name or a list of names, all of them declared columns and none twice.
pub(super) fn column_names(
    what: &str,
    node: &Node,
    declared: &Declared,
    reader: &mut Reader<'_>,
) -> Option<Vec<String>> {
    let names = distinct(what, node, reader)?;
    let known: Vec<Option<String>> = names
        .iter()
        .map(|(name, span)| {
            let word = Word { text: name, span: *span };
            declared.expect(&format!("`{what}`"), word, reader).map(|()| name.clone())
        })
        .collect();
    known.into_iter().collect()
}

/// Reads one name or a list of names, none twice.
pub(super) fn distinct(what: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Vec<(String, Span)>> {
    let source = reader.source;
    let single = std::slice::from_ref(node);
    let items = if let Value::List(items) = &node.value { items.as_slice() } else { single };
    let place = |item: &Node| {
        let text = item.scalar_text(source)?;
        Some((text.to_owned(), word_of(text, item.span, reader).span))
    };
    let Some(names) = items.iter().map(place).collect::<Option<Vec<_>>>() else {
        let message = format!("`{what}` is not a list of column names");
        return reader.refuse("schema::bad-key", node.span, message, format!("write `{what}: [season, week]`"));
    };
    if names.is_empty() {
        let message = format!("`{what}` names no column");
        return reader.refuse("schema::bad-key", node.span, message, format!("write `{what}: [season, week]`"));
    }
    let twice = names.iter().enumerate().find(|(at, (name, _))| names[..*at].iter().any(|(other, _)| other == name));
    if let Some((_, (name, _))) = twice {
        let message = format!("`{what}` names `{name}` twice");
        return reader.refuse("schema::bad-key", node.span, message, "keep one of the two");
    }
    Some(names)
}
