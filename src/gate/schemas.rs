//! Schemas themselves: what differs between two of them, and one made of a table.

use std::path::Path;

use lockgate_contract::{Major, OnChange, TableAt};
use lockgate_forms::TextForm;
use lockgate_spanned::Problems;

use super::difference::{SchemaChange, SchemaChanges, Weight};

/// Compares two schemas, each by its name in messages and its text; mistakes in either are problems.
pub fn compare_schemas(old: (&str, &str), new: (&str, &str)) -> Result<SchemaChanges, Problems> {
    let mut problems = Problems::default();
    let mut read = |(name, text): (&str, &str)| {
        lockgate_contract::Schema::read(&lockgate_spanned::Source::new(name, text), &mut problems)
    };
    let (old, new) = (read(old), read(new));
    let (Some(old), Some(new), true) = (old, new, problems.is_empty()) else { return Err(problems) };
    let diff = old.diff(&new);
    let kept_major = if let Major::Kept(major) = diff.major { Some(major) } else { None };
    Ok(SchemaChanges { changes: diff.changes.into_iter().map(change).collect(), kept_major })
}

fn change(change: lockgate_contract::Change) -> SchemaChange {
    let weight = match change.weight {
        OnChange::Allow => Weight::Harmless,
        OnChange::Warn => Weight::Warns,
        OnChange::Fail => Weight::Breaks,
    };
    let lockgate_contract::Change { effect, subject, kind, was, now, at, .. } = change;
    SchemaChange { effect: effect.name(), subject, kind, was, now, at, weight }
}

/// Returns a schema, as text, that the table at `path` passes; `name` is what messages call the table
/// and `form` how it is written if it is text.
pub fn infer_schema(name: &str, path: &Path, form: &TextForm, schema: &str) -> Result<String, String> {
    lockgate_contract::infer(TableAt { name, path, form }, schema).map_err(|error| error.to_string())
}

/// Returns the JSON Schema of the schema language.
pub fn language() -> Result<String, String> {
    Ok(lockgate_contract::json_schema())
}
