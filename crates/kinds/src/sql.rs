//! `sql`: a query that must return no row.

use lockgate_spanned::{Fields, Node};
use serde::{Deserialize, Serialize};

use crate::reader::Reader;

/// A query for bad rows, and the tables it reads besides the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sql {
    pub query: String,
    /// Name in the query, then file.
    pub tables: Vec<(String, String)>,
}

impl Sql {
    pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let fields = reader.settings(node, &["query", "tables"])?;
        let example = "SELECT * FROM data WHERE home = away";
        let query = reader.needed(&fields, "query", example).and_then(|node| reader.text("query", node));
        let query = query.and_then(|query| answerable(query, &fields, reader));
        let tables = fields.get("tables").map(|node| reader.entries("tables", node, "{teams: data/teams.parquet}"));
        let tables = tables.unwrap_or_default();
        let tables = tables.into_iter().filter_map(|(name, node)| table(&name.text, node, reader)).collect();
        Some(Self { query: query?, tables })
    }
}

/// A query that is cut off before its first row has none, whatever the data.
fn answerable(query: String, fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<String> {
    let outside: Vec<&str> = query.split('\'').step_by(2).collect();
    let words = outside.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric() && c != '_'));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    if !words.windows(2).any(|pair| pair[0].eq_ignore_ascii_case("limit") && pair[1] == "0") {
        return Some(query);
    }
    let span = fields.get("query").map_or(fields.span(), |node| node.span);
    reader.refuse(span, "a query with `LIMIT 0` finds no row, whatever the data", "remove the limit")
}

fn table(name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<(String, String)> {
    let number = name.strip_prefix("data").unwrap_or("-");
    if number.chars().all(|c| c.is_ascii_digit()) {
        let message = format!("`{name}` is the name of what the gate judges");
        return reader.refuse(node.span, message, "give the table another name");
    }
    reader.table(name, node).map(|file| (name.to_owned(), file))
}
