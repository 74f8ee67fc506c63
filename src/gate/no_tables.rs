//! What stands for verdicts on tables in a build without the feature `tables`: an error, which blocks.

use std::path::Path;

use lockgate_spanned::Problems;

use super::difference::SchemaChanges;
use super::{Judgement, Tables};
use crate::fingerprint::Rules;
use crate::words::{Digest, RelPath};

/// No rule can be applied: the text stands for the rules.
pub fn read_rules(_file: &RelPath, text: &str) -> Result<Rules, Problems> {
    Ok(Rules { digest: Digest::of(text.as_bytes()), checker: 0 })
}

/// Says that this build cannot judge tables.
pub fn judge_tables(_file: &RelPath, _text: &str, _tables: &Tables<'_>, data: Vec<String>) -> Judgement {
    Judgement::error(data, "this lockgate was built without the feature `tables` and cannot judge tables".to_owned())
}

/// Says that this build cannot read schemas.
pub fn compare_schemas(old: (&str, &str), _new: (&str, &str)) -> Result<SchemaChanges, Problems> {
    let mut problems = Problems::default();
    let message = "this lockgate was built without the feature `tables` and cannot read schemas";
    problems.push(lockgate_spanned::Problem::of_file("schema::no-tables", old.0, message));
    Err(problems)
}

/// Says that this build cannot read tables.
pub fn infer_schema(_name: &str, _path: &Path, _schema: &str) -> Result<String, String> {
    Err("this lockgate was built without the feature `tables` and cannot read tables".to_owned())
}

/// Says that this build does not know the schema language.
pub fn language() -> Result<String, String> {
    Err("this lockgate was built without the feature `tables` and does not know schemas".to_owned())
}
