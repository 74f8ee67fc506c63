//! The language as a JSON Schema (2020-12), for editors that complete and check while one types.
//!
//! It is made from the tables of keys that the reader itself uses, so a key that is read is in it and one that is not read is
//! not. It says which keys there are and what kind of value each takes; what the words within a text mean, and whether columns
//! exist, only the reader knows. A text it accepts may still have mistakes; one it refuses has.

use lockgate_forms::{Decimal, Encoding};
use serde_json::{Map, Value, json};

use super::ast::{ColumnOrder, ExtraColumns, Nan};
use super::evolution::{ENVIRONMENT_KEYS, OnChange};
use super::table_rule::Nulls;
use super::tolerance::{ALLOW_KEYS, Level};
use super::{column, complete, evolution, read, rows, rules};

/// Returns the JSON Schema as text.
pub fn json_schema() -> String {
    let mut root = object(Place::Top, &read::KEYS, &[]);
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("lockgate schema");
    let forms = rules::FORMS.iter().map(|(keys, _)| object(Place::Rule, keys, &keys[..1]));
    root["$defs"] = json!({
        "column": { "anyOf": [{ "type": "string" }, object(Place::Column, &column::KEYS, &["type"])] },
        "rule": { "anyOf": [{ "type": ["string", "boolean"] }, { "anyOf": forms.collect::<Vec<_>>() }] },
        "allow": { "anyOf": [share(), object(Place::Allow, &ALLOW_KEYS, &ALLOW_KEYS)] },
        "names": { "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" }, "minItems": 1 }] },
    });
    format!("{root:#}\n")
}

/// The mappings of the language.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Column,
    Rule,
    Rows,
    Allow,
    Csv,
    Complete,
    Environment,
    Evolution,
}

/// Describes a mapping with these keys and no other.
fn object(place: Place, keys: &[&str], required: &[&str]) -> Value {
    let properties: Map<String, Value> = keys.iter().map(|&key| (key.to_owned(), word(place, key))).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// Describes what a key takes, with the words that an editor shows.
fn word(place: Place, key: &str) -> Value {
    let (value, what) = match place {
        Place::Top => top(key),
        Place::Column => of_column(key),
        Place::Rule => of_rule(key),
        Place::Rows => of_rows(key),
        Place::Allow => (share(), "above this it warns, or fails"),
        Place::Csv => of_csv(key),
        Place::Complete => of_complete(key),
        Place::Environment => of_environment(key),
        Place::Evolution => of_evolution(key),
    };
    let mut value = value;
    value["description"] = json!(what);
    value
}

fn top(key: &str) -> (Value, &'static str) {
    match key {
        "schema" => (json!({ "type": "string", "pattern": "^.+/[0-9]+$" }), "name and major: games/1"),
        "gx_compat" => (flag(), "null, NaN and shares as Great Expectations has them"),
        "key" => (names(), "columns that are never null and together unique"),
        "also_unique" => {
            (json!({ "type": "array", "items": names() }), "columns that are together unique where none is null")
        }
        "extra_columns" => (choice(&ExtraColumns::ALL), "columns that are not declared"),
        "column_order" => (choice(&ColumnOrder::ALL), "whether columns stand in the order of the schema"),
        "rows" => {
            let short = json!({ "type": ["string", "integer"] });
            (
                json!({ "anyOf": [short, object(Place::Rows, &rows::KEYS, &["range"])] }),
                "how many rows: 250..300 per season",
            )
        }
        "columns" => (each(&reference("column")), "name: TYPE[?] [LOW..HIGH] [in [A, B]] [/regex/] [len A..B]"),
        "rules" => {
            let named = json!({ "type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": reference("rule") });
            (json!({ "type": "array", "items": named }), "rules with a name: - teams-differ: home <> away")
        }
        "complete" => (each(&object(Place::Complete, &complete::KEYS, &["columns"])), "how full groups of columns are"),
        "csv" => (object(Place::Csv, &lockgate_forms::KEYS, &[]), "how text files are written"),
        "environments" => {
            (each(&object(Place::Environment, &ENVIRONMENT_KEYS, &["optional"])), "where columns may be absent")
        }
        "evolution" => (object(Place::Evolution, &evolution::KEYS, &[]), "which changes of the schema break"),
        _ => any(key),
    }
}

fn of_column(key: &str) -> (Value, &'static str) {
    match key {
        "type" => {
            (text(), "str, bool, i8 to u64, f32, f64, date, time, datetime[us, UTC] or any; with ? it may be null")
        }
        "range" => (scalar(), "LOW..HIGH, LOW.. or ..HIGH; ..< leaves the end out"),
        "in" => (json!({ "type": ["array", "string"] }), "the values, or a column of another table: teams.code"),
        "matches" => (text(), "a regular expression that matches the whole value"),
        "find" => (text(), "a regular expression that is found in the value"),
        "len" => (scalar(), "the length in characters: 2..3"),
        "nan" => (
            json!({ "enum": choice(&Nan::ALL)["enum"].as_array().map(|all| [all.as_slice(), &[Value::Null]].concat()) }),
            "what NaN is",
        ),
        "missing" => (json!({}), "texts that stand for null in this column, instead of those of csv"),
        "optional" => (flag(), "whether the column may be absent"),
        _ => any(key),
    }
}

fn of_rule(key: &str) -> (Value, &'static str) {
    match key {
        "check" => (scalar(), "a condition on each row, or on aggregates: avg(spread) < 3"),
        "when" => (scalar(), "which rows the rule is about"),
        "by" => (names(), "one verdict for each group of rows"),
        "increasing" | "decreasing" => (text(), "the column whose values are in order"),
        "strict" => (flag(), "whether no value may be followed by itself"),
        "unique" => (names(), "columns that are together unique"),
        "nulls" => (choice(&Nulls::ALL), "whether rows with a null take part"),
        "has_columns" => (names(), "columns that the table has"),
        "extra" => (choice(&ExtraColumns::ALL), "whether it has others"),
        "order" => (choice(&ColumnOrder::ALL), "whether they stand in this order"),
        "position" => (json!({ "type": "integer", "minimum": 1 }), "where the first of them stands, from 1"),
        "column_count" => (scalar(), "how many columns the table has: 3..5"),
        "column_type" => (text(), "the column whose type is asked for"),
        "in" => (names(), "the types it may have"),
        _ => any(key),
    }
}

fn of_rows(key: &str) -> (Value, &'static str) {
    match key {
        "range" => (scalar(), "250..300"),
        "per" => (names(), "the columns that make the groups"),
        _ => any(key),
    }
}

fn of_csv(key: &str) -> (Value, &'static str) {
    match key {
        "delimiter" => (text(), "one character between fields"),
        "encoding" => (choice(&Encoding::ALL), "how characters are written"),
        "missing" => (json!({}), "texts that stand for null"),
        "decimal" => (choice(&Decimal::ALL), "what stands before the fraction of a number"),
        _ => any(key),
    }
}

fn of_complete(key: &str) -> (Value, &'static str) {
    match key {
        "columns" => (names(), "names in which * stands for any text"),
        "per_row" | "per_column" | "table" | "zero_share_max" => (text(), "a percentage: 80%"),
        "constant" => (json!({ "enum": ["allow", "forbid"] }), "columns with one value only"),
        "otherwise" => (json!({ "enum": ["fail", "warn"] }), "what too little does"),
        _ => any(key),
    }
}

fn of_environment(key: &str) -> (Value, &'static str) {
    if key == "optional" { (names(), "columns that may be absent there") } else { any(key) }
}

fn of_evolution(key: &str) -> (Value, &'static str) {
    match key {
        "added" | "removed" | "narrowed" | "widened" => (choice(&OnChange::ALL), "what such a change does to readers"),
        "renamed" => (each(&text()), "old name: new name"),
        _ => any(key),
    }
}

/// The keys that mean the same in every mapping; a key that is described nowhere gets an empty description.
fn any(key: &str) -> (Value, &'static str) {
    match key {
        "doc" => (scalar(), "words for people"),
        "allow" => (reference("allow"), "how many may be bad: 0.5% or 3"),
        "mostly" => {
            (json!({ "type": "number", "minimum": 0, "maximum": 1 }), "the share that must be good, under gx_compat")
        }
        "level" => (choice(&Level::ALL), "what a broken rule does"),
        _ => (json!({}), ""),
    }
}

fn choice<T>(all: &[(&'static str, T)]) -> Value {
    json!({ "enum": all.iter().map(|(name, _)| *name).collect::<Vec<_>>() })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn names() -> Value {
    reference("names")
}

fn each(value: &Value) -> Value {
    json!({ "type": "object", "additionalProperties": value })
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn flag() -> Value {
    json!({ "type": "boolean" })
}

fn scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"] })
}

fn share() -> Value {
    json!({ "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "pattern": "^[0-9.]+ ?%$" }] })
}
