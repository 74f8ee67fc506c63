//! Rules that others wrote, as they are, to the text of a lockgate schema.
//!
//! [`translate`] takes a Great Expectations suite (the 0.x and the 1.x shape) or a Frictionless Table Schema (v1 and v2)
//! and gives a [`Translation`]: the text, how much of the original is in it, what is not and why, and which line of the
//! text comes from which place. A rule that the language cannot say exactly is never approximated: it is reported as
//! unmapped. The crate is pure; it knows nothing of files and of tables, and it does not know whether the text it writes
//! fits a table.

mod draft;
mod gx;
mod table_schema;
mod translation;
mod words;

#[cfg(test)]
mod tests;

pub use translation::{Dialect, Options, Translation, Unmapped};

use std::sync::Arc;

use lockgate_spanned::{Node, Problem, Problems, Source, Span, Value, read};

/// Says which of the foreign formats `text` is in; `None` when it is in none of them.
///
/// Only the keys at the top are looked at, so that a suite with mistakes in it is still one.
pub fn dialect(text: &str) -> Option<Dialect> {
    // A lockgate schema could be written as one flow mapping as well, but not with these keys.
    text.trim_start().starts_with('{').then_some(())?;
    read(&Source::new("", text), &mut Problems::default()).as_ref().and_then(dialect_of)
}

/// Says whether `text` is a suite or a Table Schema rather than a schema of lockgate's own.
pub fn is_suite(text: &str) -> bool {
    dialect(text).is_some()
}

/// Translates a suite or a Table Schema.
///
/// Returns `None`, with problems in their places, when the text is neither, or is not well formed. Rules that cannot be
/// translated are no problem here: they are in [`Translation::unmapped`], and the caller decides.
pub fn translate(source: &Arc<Source>, options: &Options, problems: &mut Problems) -> Option<Translation> {
    let root = read(source, problems)?;
    let before = problems.len();
    let translation = match dialect_of(&root) {
        Some(Dialect::GreatExpectations) => gx::translate(&root, source, options, problems),
        Some(Dialect::TableSchema) => table_schema::translate(&root, source, options, problems),
        None => {
            problems.push(foreign(source));
            None
        }
    };
    translation.filter(|_| problems.len() == before)
}

fn dialect_of(root: &Node) -> Option<Dialect> {
    let Value::Map(_) = &root.value else { return None };
    let named = ["expectation_suite_name", "name"].iter().any(|key| root.get(key).is_some());
    if root.get("expectations").is_some() || (named && root.get("data_asset_type").is_some()) {
        return Some(Dialect::GreatExpectations);
    }
    root.get("fields").map(|_| Dialect::TableSchema)
}

fn foreign(source: &Arc<Source>) -> Problem {
    let message = format!("`{}` is neither an expectation suite nor a Table Schema", source.name());
    Problem::new("suite::unknown-format", source, Span::default(), message)
        .help("a suite has a list `expectations`, a Table Schema a list `fields`")
}
