//! What stands for verdicts on tables in a build without the feature `tables`: an error, which blocks.

use std::path::PathBuf;

use lockgate_spanned::Problems;

use super::Judgement;
use crate::fingerprint::Rules;
use crate::words::{Digest, RelPath};

/// No rule can be applied: the text stands for the rules.
pub fn read_rules(_file: &RelPath, text: &str) -> Result<Rules, Problems> {
    Ok(Rules { digest: Digest::of(text.as_bytes()), checker: 0 })
}

/// Says that this build cannot judge tables.
pub fn judge_tables(_file: &RelPath, _text: &str, _tables: &[(RelPath, PathBuf)], data: Vec<String>) -> Judgement {
    Judgement::error(data, "this lockgate was built without the feature `tables` and cannot judge tables".to_owned())
}
