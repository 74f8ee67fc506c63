//! The text of a schema as a whole.

use std::sync::Arc;

use lockgate_spanned::{Fields, Node, Problem, Problems, Source, Span, Value, nearest, read};

use super::ast::{Cited, Column, ColumnOrder, Counts, ExtraColumns, Schema};
use super::column::{self, word_of};
use super::lower::Reader;

const KEYS: [&str; 8] = ["schema", "doc", "key", "also_unique", "extra_columns", "column_order", "rows", "columns"];

impl Schema {
    /// Reads a schema; `None` when a problem was found, and then all of them are in `problems`, in the order of the text.
    pub fn read(source: &Arc<Source>, problems: &mut Problems) -> Option<Self> {
        let mut found = Problems::default();
        let schema = read(source, &mut found)
            .and_then(|root| whole(&root, &mut Reader { source, problems: &mut found }))
            .filter(|_| found.is_empty());
        found.sort();
        problems.extend(found);
        schema
    }
}

fn whole(root: &Node, reader: &mut Reader<'_>) -> Option<Schema> {
    let fields = Fields::open(root, "the schema", &KEYS, reader.source, reader.problems)?;
    // Everything is read before the columns are asked for, so that a mistake in one hides none of the others.
    let columns = columns(&fields, reader);
    let name = name(&fields, reader);
    let doc = text("doc", &fields, reader);
    let key = fields.entry("key").and_then(|(key, node)| column_list(&key.text, node, reader));
    let also_unique = also_unique(&fields, reader);
    let extra_columns = setting("extra_columns", &fields, &ExtraColumns::ALL, ExtraColumns::Forbid, reader);
    let column_order = setting("column_order", &fields, &ColumnOrder::ALL, ColumnOrder::Any, reader);
    let rows = rows(&fields, reader);
    check_columns_exist(&fields, reader);
    Some(Schema { name, doc, key, also_unique, extra_columns, column_order, rows, columns: columns? })
}

fn columns(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Vec<Column>> {
    let help = "list the columns of the table: `columns: {week: i8 1..22}`";
    let Some(node) = fields.get("columns") else {
        return reader.refuse("schema::no-columns", fields.span(), "the schema has no `columns`", help);
    };
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => {
            let read: Vec<Option<Column>> = entries.iter().map(|(key, node)| column::read(key, node, reader)).collect();
            read.into_iter().collect()
        }
        Value::Map(_) | Value::Null => {
            reader.refuse("schema::no-columns", node.span, "the schema names no column", help)
        }
        other @ (Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::List(_)) => {
            let message = format!("`columns` is {}, not a mapping", other.kind());
            reader.refuse("schema::no-columns", node.span, message, help)
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

fn rows(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Cited<Counts>> {
    let node = fields.get("rows")?;
    let source = reader.source;
    let word = word_of(node.scalar_text(source).unwrap_or_default(), node.span, reader);
    reader.counts(word).map(|value| Cited { value, at: source.cite(node.span) })
}

/// Reads one name or a list of names.
fn column_list(what: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Cited<Vec<String>>> {
    let source = reader.source;
    let names: Option<Vec<String>> = if let Value::List(items) = &node.value {
        items.iter().map(|item| item.scalar_text(source).map(str::to_owned)).collect()
    } else {
        node.scalar_text(source).map(|name| vec![name.to_owned()])
    };
    // The place of a list is where its first name stands: of a sequence only the start is known.
    let at = source.cite(node.span);
    let twice =
        names.iter().flatten().enumerate().find(|(at, name)| names.iter().flatten().take(*at).any(|n| n == *name));
    if let Some((_, name)) = twice {
        let message = format!("`{what}` names `{name}` twice");
        return reader.refuse("schema::bad-key", node.span, message, "keep one of the two");
    }
    match names {
        Some(names) if names.is_empty() => {
            let message = format!("`{what}` names no column");
            reader.refuse("schema::bad-key", node.span, message, "list the columns whose values are unique together")
        }
        Some(names) => Some(Cited { value: names, at }),
        None => {
            let message = format!("`{what}` is not a list of column names");
            reader.refuse("schema::bad-key", node.span, message, format!("write `{what}: [season, week]`"))
        }
    }
}

fn also_unique(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Vec<Cited<Vec<String>>> {
    let Some(node) = fields.get("also_unique") else { return Vec::new() };
    let Value::List(items) = &node.value else {
        let message = format!("`also_unique` is {}, not a list", node.value.kind());
        let help = "write a list of lists: `also_unique: [[season, week, home]]`";
        return reader.refuse("schema::bad-key", node.span, message, help).unwrap_or_default();
    };
    items.iter().filter_map(|item| combination(item, reader)).collect()
}

/// Each combination is a list: in `[a, b]` it could not be seen whether the two are unique together or each.
fn combination(item: &Node, reader: &mut Reader<'_>) -> Option<Cited<Vec<String>>> {
    if matches!(item.value, Value::List(_)) {
        return column_list("also_unique", item, reader);
    }
    let message = format!("a combination in `also_unique` is {}, not a list", item.value.kind());
    let help = "write [[a, b]] when a and b are unique together, [[a], [b]] when each is";
    reader.refuse("schema::bad-key", item.span, message, help)
}

/// A key of columns that the schema does not declare would be judged without a type.
fn check_columns_exist(fields: &Fields<'_>, reader: &mut Reader<'_>) {
    let Some(Value::Map(columns)) = fields.get("columns").map(|node| &node.value) else { return };
    let declared = || columns.iter().map(|(key, _)| key.text.as_str());
    for (key, node) in fields.entries().filter(|(key, _)| matches!(key.text.as_str(), "key" | "also_unique")) {
        for (name, span) in leaves(node, reader.source) {
            if !declared().any(|column| column == name) {
                let help = match nearest(&name, declared()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "declare it under `columns`".to_owned(),
                };
                let message = format!("`{}` names `{name}`, which is not a declared column", key.text);
                reader.problems.push(Problem::new("schema::unknown-column", reader.source, span, message).help(help));
            }
        }
    }
}

fn leaves(node: &Node, source: &Source) -> Vec<(String, Span)> {
    if let Value::List(items) = &node.value {
        return items.iter().flat_map(|item| leaves(item, source)).collect();
    }
    node.scalar_text(source).map(|text| (text.to_owned(), node.span)).into_iter().collect()
}
