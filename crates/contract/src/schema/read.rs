//! The text of a schema as a whole.

use std::sync::Arc;

use lockgate_forms::TextForm;
use lockgate_spanned::{Fields, Key, Node, Problems, Source, Value, read};

use super::ast::{Cited, ColumnOrder, ExtraColumns, Schema};
use super::column::{self, word_of};
use super::declared::Declared;
use super::evolution::{self, Evolution};
use super::lower::Reader;
use super::names::column_names;
use super::rules::flag;
use super::semantics::Semantics;
use super::{complete, rows, rules};

pub(super) const KEYS: [&str; 14] = [
    "schema",
    "doc",
    "gx_compat",
    "csv",
    "key",
    "also_unique",
    "extra_columns",
    "column_order",
    "rows",
    "columns",
    "rules",
    "complete",
    "environments",
    "evolution",
];

/// What looks like a rule of a table and is a gate of its own, for it reads the clock or another table.
const GATE_KINDS: [&str; 2] = ["fresh", "drift"];

impl Schema {
    /// Reads a schema; `None` when a problem was found, and then all of them are in `problems`, in the order of the text.
    pub fn read(source: &Arc<Source>, problems: &mut Problems) -> Option<Self> {
        let mut found = Problems::default();
        let schema = read(source, &mut found)
            .and_then(|root| {
                let mut reader = Reader { source, problems: &mut found, semantics: Semantics::Native };
                reader.semantics = semantics(&root, &mut reader);
                whole(&root, &mut reader)
            })
            .filter(|_| found.is_empty());
        found.sort();
        problems.extend(found);
        schema
    }
}

fn whole(root: &Node, reader: &mut Reader<'_>) -> Option<Schema> {
    let kinds = GATE_KINDS.into_iter().filter(|kind| root.get(kind).is_some());
    let known: Vec<&str> = KEYS.into_iter().chain(kinds).collect();
    let fields = Fields::open(root, "the schema", &known, reader.source, reader.problems)?;
    refuse_gate_kinds(&fields, reader);
    // Everything is read before the columns are asked for, so that a mistake in one hides none of the others.
    let declared = columns(&fields, reader).unwrap_or(Declared(Vec::new()));
    let name = name(&fields, reader);
    let doc = text("doc", &fields, reader);
    let csv = fields.get("csv").map_or(TextForm::PLAIN, |node| TextForm::read(node, &mut reader.forms()));
    let key = fields.get("key").and_then(|node| column_list("key", node, &declared, reader));
    let also_unique = also_unique(&fields, &declared, reader);
    let extra_columns = extra_columns(&fields, reader);
    let column_order = setting("column_order", &fields, &ColumnOrder::ALL, ColumnOrder::Any, reader);
    let rows = fields.get("rows").and_then(|node| rows::read(node, &declared, reader));
    let rules = fields.get("rules").map_or(Vec::new(), |node| rules::read(node, &declared, reader));
    let complete = fields.get("complete").map_or(Vec::new(), |node| complete::read(node, reader));
    let in_key = key.as_ref().map(|key: &Cited<Vec<String>>| key.value.as_slice());
    let environments =
        fields.get("environments").map_or(Vec::new(), |node| evolution::environments(node, in_key, &declared, reader));
    let evolution =
        fields.get("evolution").map_or(Evolution::default(), |node| evolution::evolution(node, &declared, reader));
    if let (true, Some(node)) = (declared.0.is_empty(), fields.get("columns").filter(|node| is_empty(node)))
        && rows.is_none()
        && rules.is_empty()
        && complete.is_empty()
    {
        return reader.refuse("schema::no-columns", node.span, "the schema has neither a column nor a rule", COLUMNS);
    }
    let columns = declared.all()?;
    Some(Schema {
        name,
        doc,
        csv,
        key,
        also_unique,
        extra_columns,
        column_order,
        rows,
        columns,
        rules,
        complete,
        semantics: reader.semantics,
        environments,
        evolution,
    })
}

/// Reads by whose tradition the rules count; it is needed before all else, for it changes what the rest means.
fn semantics(root: &Node, reader: &mut Reader<'_>) -> Semantics {
    match root.get("gx_compat").map(|node| flag("gx_compat", node, reader)) {
        Some(Some(true)) => Semantics::GreatExpectations,
        Some(Some(false) | None) | None => Semantics::Native,
    }
}

fn refuse_gate_kinds(fields: &Fields<'_>, reader: &mut Reader<'_>) {
    for (key, _) in GATE_KINDS.into_iter().filter_map(|kind| fields.entry(kind)) {
        let message = format!("`{}` is a kind of gate, not a key of a schema", key.text);
        let help = "a verdict of a schema is kept as long as the table is the same: make it a gate in the pipeline";
        reader.refuse::<()>("schema::gate-kind", key.span, message, help);
    }
}

const COLUMNS: &str = "list the columns of the table: `columns: {week: i8 1..22}`";

fn is_empty(node: &Node) -> bool {
    matches!(&node.value, Value::Map(entries) if entries.is_empty())
}

fn columns(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Declared> {
    let Some(node) = fields.get("columns") else {
        return reader.refuse("schema::no-columns", fields.span(), "the schema has no `columns`", COLUMNS);
    };
    match &node.value {
        // A schema may have rules on the table as a whole alone, and says so.
        Value::Map(entries) => {
            let read = |(key, node): &(Key, Node)| (key.text.clone(), column::read(key, node, reader));
            Some(Declared(entries.iter().map(read).collect()))
        }
        Value::Null => reader.refuse("schema::no-columns", node.span, "the schema names no column", COLUMNS),
        other @ (Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::List(_)) => {
            let message = format!("`columns` is {}, not a mapping", other.kind());
            reader.refuse("schema::no-columns", node.span, message, COLUMNS)
        }
    }
}

fn text(key: &str, fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<String> {
    let node = fields.get(key)?;
    if let Some(text) = node.scalar_text(reader.source) {
        return Some(text.to_owned());
    }
    let message = format!("`{key}` is {}, not a text", node.value.kind());
    reader.refuse("schema::bad-value", node.span, message, format!("write `{key}: TEXT`"))
}

fn name(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<String> {
    let name = text("schema", fields, reader)?;
    let valid = name.split_once('/').is_some_and(|(name, major)| !name.is_empty() && major.parse::<u32>().is_ok());
    if valid {
        return Some(name);
    }
    let span = fields.get("schema").map(|node| node.span).unwrap_or_default();
    let message = format!("`schema` is `{name}`, not NAME/MAJOR");
    reader.refuse("schema::bad-value", span, message, "write for example `schema: games/1`")
}

fn setting<T: Copy>(
    key: &str,
    fields: &Fields<'_>,
    all: &[(&'static str, T)],
    default: T,
    reader: &mut Reader<'_>,
) -> Cited<T> {
    let Some(node) = fields.get(key) else {
        return Cited { value: default, at: reader.source.cite(fields.span()) };
    };
    let source = reader.source;
    let word = word_of(node.scalar_text(source).unwrap_or_default(), node.span, reader);
    Cited { value: reader.choice(key, word, all).unwrap_or(default), at: source.cite(node.span) }
}

fn extra_columns(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Cited<ExtraColumns> {
    let Some(node) = fields.get("extra_columns").filter(|node| node.as_str() == Some("drop")) else {
        return setting("extra_columns", fields, &ExtraColumns::ALL, ExtraColumns::Forbid, reader);
    };
    let help = "write `allow` here, and drop the columns in a stage that comes after the gate";
    reader.refuse::<()>("schema::bad-value", node.span, "a gate judges a table and drops nothing from it", help);
    Cited { value: ExtraColumns::Allow, at: reader.source.cite(node.span) }
}

/// The place of a list is where its first name stands: of a sequence only the start is known.
fn column_list(what: &str, node: &Node, declared: &Declared, reader: &mut Reader<'_>) -> Option<Cited<Vec<String>>> {
    let at = reader.source.cite(node.span);
    column_names(what, node, declared, reader).map(|value| Cited { value, at })
}

fn also_unique(fields: &Fields<'_>, declared: &Declared, reader: &mut Reader<'_>) -> Vec<Cited<Vec<String>>> {
    let Some(node) = fields.get("also_unique") else { return Vec::new() };
    let Value::List(items) = &node.value else {
        let message = format!("`also_unique` is {}, not a list", node.value.kind());
        let help = "write a list of lists: `also_unique: [[season, week, home]]`";
        return reader.refuse("schema::bad-key", node.span, message, help).unwrap_or_default();
    };
    items.iter().filter_map(|item| combination(item, declared, reader)).collect()
}

/// Each combination is a list: in `[a, b]` it could not be seen whether the two are unique together or each.
fn combination(item: &Node, declared: &Declared, reader: &mut Reader<'_>) -> Option<Cited<Vec<String>>> {
    if matches!(item.value, Value::List(_)) {
        return column_list("also_unique", item, declared, reader);
    }
    let message = format!("a combination in `also_unique` is {}, not a list", item.value.kind());
    let help = "write [[a, b]] when a and b are unique together, [[a], [b]] when each is";
    reader.refuse("schema::bad-key", item.span, message, help)
}
