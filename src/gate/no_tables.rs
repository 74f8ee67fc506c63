//! What stands for verdicts on tables in a build without the feature `tables`: an error, which blocks.

use std::path::Path;

use lockgate_forms::{TextForm, TextForms};
use lockgate_kinds::{Kind, Leakage};
use lockgate_spanned::Problems;

use super::difference::SchemaChanges;
use super::{Case, Judgement, NoRoom, Redo, Tables, Use};
use crate::fingerprint::Rules;
use crate::words::{Digest, RelPath};

/// No rule can be applied: the text stands for the rules.
pub fn read_rules(_file: &RelPath, text: &str, _asked: &Use<'_>) -> Result<Rules, Problems> {
    Ok(Rules { digest: Digest::of(text.as_bytes()), checker: 0 })
}

/// Returns the rules of a gate that measures; what applies them is not there.
pub fn rules_of_kind(kind: &Kind, forms: &TextForms) -> Rules {
    Rules { digest: Digest::of(&kind.normal_form(forms)), checker: 0 }
}

/// Says that this build cannot read tables.
pub fn rows_as_csv(_name: &str, _path: &Path) -> Result<String, String> {
    Err(WHY.to_owned())
}

/// Says that this build cannot judge tables.
pub fn judge_tables(
    _file: &RelPath,
    _text: &str,
    _tables: &Tables<'_>,
    data: Vec<String>,
) -> Result<Judgement, NoRoom> {
    Ok(Judgement::error(data, WHY.to_owned()))
}

/// Says that this build cannot judge tables.
pub fn judge_kind(_kind: &Kind, case: &Case<'_>) -> Judgement {
    Judgement::error(case.described.clone(), WHY.to_owned())
}

/// Says that this build cannot judge tables.
pub fn judge_leakage(_settings: &Leakage, case: &Case<'_>, _redo: &mut Redo<'_>) -> Judgement {
    Judgement::error(case.described.clone(), WHY.to_owned())
}

/// Says that this build cannot read tables.
pub fn reference_of(_kind: &Kind, _case: &Case<'_>) -> Result<String, String> {
    Err(WHY.to_owned())
}

const WHY: &str = "this lockgate was built without the feature `tables` and cannot judge tables";

/// Says that this build cannot read schemas.
pub fn compare_schemas(old: (&str, &str), _new: (&str, &str)) -> Result<SchemaChanges, Problems> {
    let mut problems = Problems::default();
    problems.push(lockgate_spanned::Problem::of_file("schema::no-tables", old.0, WHY));
    Err(problems)
}

/// Says that this build cannot read tables.
pub fn infer_schema(_name: &str, _path: &Path, _form: &TextForm, _schema: &str) -> Result<String, String> {
    Err(WHY.to_owned())
}

/// Says that this build does not know the schema language.
pub fn language() -> Result<String, String> {
    Err("this lockgate was built without the feature `tables` and does not know schemas".to_owned())
}
