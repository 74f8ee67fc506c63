//! What a Table Schema says of the table as a whole.

use lockgate_spanned::Node;

use super::field::Column;
use super::{Ledger, list};
use crate::words::quoted;

/// How the columns of a table are to match the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    Exact,
    Equal,
    /// The table may have more columns.
    Subset,
    /// The table may have fewer columns.
    Superset,
    /// The table may have more and fewer columns, but one at least.
    Partial,
}

const MATCHES: [(&str, Match); 5] = [
    ("exact", Match::Exact),
    ("equal", Match::Equal),
    ("subset", Match::Subset),
    ("superset", Match::Superset),
    ("partial", Match::Partial),
];

impl Match {
    pub fn lines(self) -> Vec<&'static str> {
        match self {
            Self::Exact => vec!["extra_columns: forbid", "column_order: exact"],
            Self::Equal | Self::Superset => vec!["extra_columns: forbid"],
            Self::Subset | Self::Partial => vec!["extra_columns: allow"],
        }
    }

    pub fn is_optional(self) -> bool {
        matches!(self, Self::Superset | Self::Partial)
    }
}

/// Reads `fieldsMatch`, which version 2 takes for a text and an early draft for a list of one.
pub(super) fn fields_match(root: &Node, ledger: &mut Ledger<'_>) -> Match {
    let Some(node) = root.get("fieldsMatch") else {
        ledger.say();
        return Match::Exact;
    };
    let first = node.as_list().map_or(Some(node), <[Node]>::first);
    let named = first.and_then(Node::as_str).and_then(|text| MATCHES.iter().find(|(name, _)| *name == text));
    match named.map(|(_, policy)| *policy) {
        Some(Match::Partial) => {
            ledger.refuse(node.span, "fieldsMatch", "that one of the columns at least is there has no rule");
            Match::Partial
        }
        Some(policy) => {
            ledger.say();
            policy
        }
        None => {
            ledger.refuse(node.span, "fieldsMatch", "it is none of exact, equal, subset, superset and partial");
            Match::Subset
        }
    }
}

/// Reads keys and missing values; returns lines for the head of the schema with their origins.
pub(super) fn read(root: &Node, columns: &mut [Column], ledger: &mut Ledger<'_>) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let at = ledger.source.cite(root.get("missingValues").unwrap_or(root).span);
    lines.extend(missing(root.get("missingValues"), ledger).map(|line| (line, at)));
    let key = root.get("primaryKey").and_then(|node| Some((node, known_names(node, columns, "primaryKey", ledger)?)));
    lines.extend(key.map(|(node, names)| (format!("key: {}", list(&names)), ledger.source.cite(node.span))));
    lines.extend(unique(root, columns, ledger));
    foreign(root, columns, ledger);
    lines
}

/// Without a word the empty text is missing. An empty field is null anyway; one between quotes is only when it is said.
fn missing(node: Option<&Node>, ledger: &mut Ledger<'_>) -> Option<String> {
    let Some(node) = node else { return Some("csv: {missing: [\"\"]}".to_owned()) };
    let texts = missing_texts(node, "missingValues", ledger)?;
    Some(format!("csv: {{missing: {texts}}}"))
}

/// Reads the missing values of a table or a field as the list that a schema has for them.
pub(super) fn missing_texts(node: &Node, what: &str, ledger: &mut Ledger<'_>) -> Option<String> {
    let mut refuse = |why| {
        ledger.refuse(node.span, what, why);
        None
    };
    let Some(items) = node.as_list() else { return refuse("it is not a list") };
    // Version 2 also has `{"value": "-99", "label": "refused"}`.
    let text = |item: &Node| item.get("value").unwrap_or(item).as_str().map(str::to_owned);
    let Some(texts) = items.iter().map(text).collect::<Option<Vec<_>>>() else {
        return refuse("one of them is not a text");
    };
    if !texts.iter().any(String::is_empty) {
        return refuse("without the empty text among them an empty field would be a value");
    }
    ledger.say();
    Some(format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")))
}

/// Returns one name or several as a list; version 1 allows a bare text.
fn names(node: &Node) -> Option<Vec<String>> {
    let names = node.as_list().unwrap_or(std::slice::from_ref(node)).iter();
    names.map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>().filter(|names| !names.is_empty())
}

fn known_names(node: &Node, columns: &[Column], what: &str, ledger: &mut Ledger<'_>) -> Option<Vec<String>> {
    let found = names(node).filter(|names| names.iter().all(|name| columns.iter().any(|column| column.name == *name)));
    if found.is_some() {
        ledger.say();
    } else {
        ledger.refuse(node.span, what, "it does not name fields of the schema");
    }
    found
}

/// Collects `uniqueKeys` and the fields that are unique by themselves into one line.
fn unique(root: &Node, columns: &[Column], ledger: &mut Ledger<'_>) -> Option<(String, String)> {
    let mut keys: Vec<String> = Vec::new();
    let mut at = None;
    for column in columns.iter().filter(|column| column.is_unique) {
        keys.push(list(std::slice::from_ref(&column.name)));
        at.get_or_insert_with(|| column.at.clone());
    }
    if let Some(node) = root.get("uniqueKeys") {
        for item in node.as_list().unwrap_or(std::slice::from_ref(node)) {
            keys.extend(known_names(item, columns, "uniqueKeys", ledger).map(|names| list(&names)));
        }
        at.get_or_insert_with(|| ledger.source.cite(node.span));
    }
    (!keys.is_empty()).then(|| (format!("also_unique: [{}]", keys.join(", ")), at.unwrap_or_default()))
}

/// A reference of one field to one of another table becomes a rule of the column.
fn foreign(root: &Node, columns: &mut [Column], ledger: &mut Ledger<'_>) {
    for item in root.get("foreignKeys").and_then(Node::as_list).unwrap_or_default() {
        let reference = item.get("reference");
        let resource = reference.and_then(|node| node.get("resource")).and_then(Node::as_str).unwrap_or_default();
        let ours = item.get("fields").and_then(names).unwrap_or_default();
        let theirs = reference.and_then(|node| node.get("fields")).and_then(names).unwrap_or_default();
        let column = columns.iter_mut().find(|column| ours == [column.name.clone()]);
        match (column, theirs.as_slice()) {
            (Some(column), [theirs]) if is_name(resource) && is_name(theirs) && column.reference.is_none() => {
                column.reference = Some(format!("{resource}.{theirs}"));
                ledger.say();
            }
            _ if resource.is_empty() => {
                ledger.refuse(item.span, "foreignKeys", "it points into the same table, which no rule does");
            }
            _ => ledger.refuse(
                item.span,
                "foreignKeys",
                "only a reference of one field to one field, by plain names, has a rule",
            ),
        }
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}
