//! A first schema for a table that has none.
//!
//! Two steps: [`seen`] looks at every value once and keeps what a rule could be made of, [`write`] makes a commented schema
//! of that. Every rule is one that the table keeps, with room around it: a bound is what was seen, rounded outward. What may
//! be chance, such as a key, is written as a comment with its evidence.

mod nice;
mod seen;
mod write;

use crate::table::{CheckError, Table, TableAt};

/// Returns a schema, as YAML with comments, that the table passes.
///
/// `name` is what the schema calls itself; how a text file is written, it says as `table` has it. A table without rows gives a schema of its columns only; as for every rule on
/// nothing, its verdict is inconclusive then. Types of the text formats are those that all their values have.
pub fn infer(from: TableAt<'_>, name: &str) -> Result<String, CheckError> {
    let table = Table::open(from.name, from.path, from.form)?;
    let seen = seen::look(&table)?;
    let keys = seen::keys(&seen, from)?;
    Ok(write::schema(name, from, &seen, &keys))
}
