//! Schemas as texts that are made and compared, without a table that is judged.

use std::path::Path;

/// Returns a schema, as text, that the table at `path` passes; `name` is what messages call the table.
#[cfg(feature = "tables")]
pub fn infer_schema(name: &str, path: &Path, schema: &str) -> Result<String, String> {
    lockgate_contract::infer(&lockgate_contract::Input { name, path }, schema).map_err(|error| error.to_string())
}

/// Says that this build cannot read tables.
#[cfg(not(feature = "tables"))]
pub fn infer_schema(_name: &str, _path: &Path, _schema: &str) -> Result<String, String> {
    Err("this lockgate was built without the feature `tables` and cannot read tables".to_owned())
}
