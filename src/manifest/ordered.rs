//! The content of a data file, such as metrics or the points of a plot, with its keys in the order of the text.

use lockgate_spanned::{Node, Problems, Source, Value as Yaml, read};
use serde_json::Value as Json;

use super::texts::{json_problem, read_values_in_order};
use crate::words::RelPath;

/// Reads JSON, TOML or YAML, as the suffix of `file` says; anything else is taken for YAML.
///
/// Unlike in a parameter file any value will do, and `NaN` and infinities in JSON are taken as Python writes them: as the
/// text of their names, since JSON has no such numbers.
pub fn read_ordered(file: &RelPath, text: &str) -> Result<Json, Problems> {
    let suffix = file.file_name().rsplit_once('.').map(|(_, suffix)| suffix);
    match suffix {
        Some("json") => json(file, text),
        Some("toml" | "py") => read_values_in_order(file, text),
        Some(_) | None => {
            let mut problems = Problems::default();
            let node = read(&Source::new(file.to_string(), text), &mut problems);
            node.map(|node| from_yaml(&node)).ok_or(problems)
        }
    }
}

fn json(file: &RelPath, text: &str) -> Result<Json, Problems> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).or_else(|error| {
        serde_json::from_str(&quote_names(text)).map_err(|_| {
            let source = Source::new(file.to_string(), text);
            let mut problems = Problems::default();
            problems.push(json_problem(&source, &error));
            problems
        })
    })
}

/// Puts `NaN`, `Infinity` and `-Infinity` in quotes where they stand outside of strings.
fn quote_names(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find(['"', 'N', 'I', '-']) {
        quoted.push_str(&rest[..at]);
        rest = &rest[at..];
        let name = ["NaN", "Infinity", "-Infinity"].into_iter().find(|name| rest.starts_with(name));
        let len = match name {
            Some(name) => name.len(),
            None if rest.starts_with('"') => string_len(rest),
            None => 1,
        };
        let quote = if name.is_some() { "\"" } else { "" };
        quoted.extend([quote, &rest[..len], quote]);
        rest = &rest[len..];
    }
    quoted + rest
}

/// Returns the length of the JSON string with which `text` starts, with both quotes.
fn string_len(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !escaped => return at + 1,
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

fn from_yaml(node: &Node) -> Json {
    match &node.value {
        Yaml::Null => Json::Null,
        Yaml::Bool(value) => (*value).into(),
        Yaml::Int(value) => (*value).into(),
        Yaml::Float(value) => (*value).into(),
        Yaml::Str(text) => text.clone().into(),
        Yaml::List(items) => items.iter().map(from_yaml).collect(),
        Yaml::Map(entries) => entries.iter().map(|(key, value)| (key.text.clone(), from_yaml(value))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use lockgate_spanned::Problem;

    use super::*;

    #[test]
    fn what_python_writes_is_read_and_keys_keep_their_order() {
        let read = |name: &str, text: &str| {
            read_ordered(&RelPath::parse(name).expect("a path"), text).expect("it is valid").to_string()
        };
        assert_eq!(
            read("a.json", r#"{"z": NaN, "a": [-Infinity, -1, "NaN \" Infinity"], "b": Infinity}"#),
            r#"{"z":"NaN","a":["-Infinity",-1,"NaN \" Infinity"],"b":"Infinity"}"#
        );
        assert_eq!(read("a.json", "0.5"), "0.5");
        assert_eq!(read("a.yaml", "z: 1\na: [{y: ~, x: 2}]\n"), r#"{"z":1,"a":[{"y":null,"x":2}]}"#);
        assert_eq!(read("a.toml", "x = 1.5\n"), r#"{"x":1.5}"#);
    }

    #[test]
    fn broken_json_is_shown_at_its_place() {
        let problems = read_ordered(&RelPath::parse("m.json").expect("a path"), "{\"a\": nan}").expect_err("not JSON");
        assert_eq!(problems.iter().map(Problem::cite).collect::<Vec<_>>(), ["m.json:1:8"]);
    }
}
