//! The JSON Schema of the language, held against the reader and its page.

use lockgate_spanned::{Node, Problems, Source};
use serde_json::{Map, Value, json};

use crate::json_schema;

fn language() -> Value {
    serde_json::from_str(&json_schema()).expect("it is JSON")
}

fn value(node: &Node) -> Value {
    match &node.value {
        lockgate_spanned::Value::Null => Value::Null,
        lockgate_spanned::Value::Bool(value) => json!(value),
        lockgate_spanned::Value::Int(value) => json!(value),
        lockgate_spanned::Value::Float(value) => json!(value),
        lockgate_spanned::Value::Str(text) => json!(text),
        lockgate_spanned::Value::List(items) => items.iter().map(value).collect(),
        lockgate_spanned::Value::Map(entries) => {
            Value::Object(entries.iter().map(|(key, node)| (key.text.clone(), value(node))).collect::<Map<_, _>>())
        }
    }
}

fn read(text: &str) -> Value {
    value(&lockgate_spanned::read(&Source::new("s.yaml", text), &mut Problems::default()).expect("it is YAML"))
}

/// Says whether `value` keeps to `schema`: the part of JSON Schema that is used here.
fn is_valid(schema: &Value, value: &Value, root: &Value) -> bool {
    if let Some(name) = schema["$ref"].as_str() {
        let target = root.pointer(name.trim_start_matches('#')).expect("references lead somewhere");
        return is_valid(target, value, root);
    }
    let any = schema["anyOf"].as_array().is_none_or(|all| all.iter().any(|each| is_valid(each, value, root)));
    let listed = schema["enum"].as_array().is_none_or(|all| all.contains(value));
    let pattern = match (schema["pattern"].as_str(), value.as_str()) {
        (Some(pattern), Some(text)) => regex::Regex::new(pattern).expect("it is valid").is_match(text),
        _ => true,
    };
    any && listed && pattern && is_of_type(&schema["type"], value) && parts_are_valid(schema, value, root)
}

fn is_of_type(types: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        _ => value.is_number(),
    };
    match types {
        Value::String(name) => is(name),
        Value::Array(names) => names.iter().any(|name| is(name.as_str().expect("a name"))),
        _ => true,
    }
}

fn parts_are_valid(schema: &Value, value: &Value, root: &Value) -> bool {
    let items = value.as_array().into_iter().flatten().all(|item| is_valid(&schema["items"], item, root));
    let Some(entries) = value.as_object() else { return items };
    let required = schema["required"].as_array().into_iter().flatten();
    let most = schema["maxProperties"].as_u64().is_none_or(|most| entries.len() as u64 <= most);
    let known = |(key, value): (&String, &Value)| match (&schema["properties"][key], &schema["additionalProperties"]) {
        (Value::Null, Value::Bool(false)) => false,
        (Value::Null, other) => is_valid(other, value, root),
        (found, _) => is_valid(found, value, root),
    };
    most && required.into_iter().all(|key| entries.contains_key(key.as_str().expect("a key")))
        && entries.iter().all(known)
}

/// Calls `on_word` with every description of a key.
fn words(schema: &Value, on_word: &mut dyn FnMut(&str, &Value)) {
    for (key, word) in schema["properties"].as_object().into_iter().flatten() {
        on_word(key, word);
    }
    match schema {
        Value::Object(entries) => entries.values().for_each(|value| words(value, on_word)),
        Value::Array(items) => items.iter().for_each(|value| words(value, on_word)),
        _ => {}
    }
}

#[test]
fn every_key_that_the_reader_knows_is_described() {
    let mut found = 0;
    words(&language(), &mut |key, word| {
        found += 1;
        assert_ne!(word["description"], json!(""), "`{key}` is read, and not described");
    });
    assert!(found > 60, "only {found} keys");
}

#[test]
fn the_schema_of_the_reference_page_is_valid() {
    let page = include_str!("../../../../docs/SCHEMAS.md");
    let schema = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```\n").next()).expect("the page has one");
    let language = language();
    assert!(is_valid(&language, &read(schema), &language));
}

#[test]
fn what_the_reader_refuses_for_its_keys_is_not_valid() {
    let language = language();
    let check = |text: &str, expect: bool| assert_eq!(is_valid(&language, &read(text), &language), expect, "{text}");
    check("schema: games/1\ncolumns: {a: i64 1..2}", true);
    check("schema: games\ncolumns: {a: i64}", false);
    check("colums: {a: i64}", false);
    check("columns: {a: {type: i64, ragne: 1..2}}", false);
    check("columns: {a: {range: 1..2}}", false);
    check("columns: {a: {type: i64, level: warn, allow: 3}}", true);
    check("columns: {a: {type: i64, level: loud}}", false);
    check("columns: {a: {type: i64, allow: lots}}", false);
    check("rules: [{a: x > 1}]", true);
    check("rules: [{a: {check: x > 1, nulls: counted}}]", false);
    check("rules: [{a: {unique: [x], nulls: counted}}]", true);
    check("rules: [{a: x > 1, b: x > 2}]", false);
    check("extra_columns: drop", false);
}
