//! The content of a data file, such as metrics or the points of a plot, with its keys in the order of the text.

use lockgate_spanned::{Node, Problems, Source, Span, Value as Yaml, read};
use serde_json::Value as Json;

use super::json::{self, Numbers, string_len};
use super::texts::read_values_in_order;
use crate::pipeline::wide_json;
use crate::words::RelPath;

/// Reads JSON, TOML or YAML, as the suffix of `file` says; anything else is taken for YAML.
///
/// Unlike in a parameter file any value will do. `NaN`, infinities and integers that need more than 64 bits are taken as
/// texts, of the names that Python writes and of the digits, since JSON as programs read it has no such numbers.
pub fn read_ordered(file: &RelPath, text: &str) -> Result<Json, Problems> {
    let suffix = file.file_name().rsplit_once('.').map(|(_, suffix)| suffix);
    match suffix {
        Some("json") => read_json(file, text),
        Some("toml" | "py") => read_values_in_order(file, text).map(|node| from_yaml(&node)),
        Some(_) | None => {
            let mut problems = Problems::default();
            let node = read(&Source::new(file.to_string(), text), &mut problems);
            node.map(|node| from_yaml(&node)).ok_or(problems)
        }
    }
}

fn read_json(file: &RelPath, text: &str) -> Result<Json, Problems> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let exact = if has_long_integer(text) { &quote_what_json_lacks(text) } else { text };
    serde_json::from_str(exact).or_else(|error| {
        serde_json::from_str(&quote_what_json_lacks(text)).map_err(|_| {
            let source = Source::new(file.to_string(), text);
            let mut problems = Problems::default();
            problems.push(json::problem(&source, &error));
            problems
        })
    })
}

/// Whether an integer of `text` needs more than 64 bits.
fn has_long_integer(text: &str) -> bool {
    Numbers::of(text).any(|span| is_long(&text[span.start..span.start + span.len]))
}

fn is_long(number: &str) -> bool {
    let digits = number.strip_prefix('-').unwrap_or(number);
    let is_integer = digits.len() >= 19 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_integer && number.parse::<i64>().is_err() && number.parse::<u64>().is_err()
}

/// Puts `NaN`, `Infinity`, `-Infinity` and the integers that need more than 64 bits in quotes where they stand outside of
/// strings.
fn quote_what_json_lacks(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| matches!(c, '"' | 'N' | 'I' | '-') || c.is_ascii_digit()) {
        quoted.push_str(&rest[..at]);
        rest = &rest[at..];
        let (len, is_quoted) = token(rest);
        let quote = if is_quoted { "\"" } else { "" };
        quoted.extend([quote, &rest[..len], quote]);
        rest = &rest[len..];
    }
    quoted + rest
}

/// Returns the length of the string, name or number with which `text` starts, and whether it has to be quoted.
fn token(text: &str) -> (usize, bool) {
    if let Some(name) = ["NaN", "Infinity", "-Infinity"].into_iter().find(|name| text.starts_with(name)) {
        return (name.len(), true);
    }
    if text.starts_with('"') {
        return (string_len(text), false);
    }
    match Numbers::of(text).next() {
        Some(Span { start: 0, len }) => (len, is_long(&text[..len])),
        Some(_) | None => (1, false),
    }
}

fn from_yaml(node: &Node) -> Json {
    match &node.value {
        Yaml::Null => Json::Null,
        Yaml::Bool(value) => (*value).into(),
        Yaml::Int(value) => wide_json(*value),
        Yaml::Float(value) => from_float(*value),
        Yaml::Str(text) => text.clone().into(),
        Yaml::List(items) => items.iter().map(from_yaml).collect(),
        Yaml::Map(entries) => entries.iter().map(|(key, value)| (key.text.clone(), from_yaml(value))).collect(),
    }
}

/// Names what JSON has no number for as in JSON that Python writes.
fn from_float(value: f64) -> Json {
    match serde_json::Number::from_f64(value) {
        Some(number) => Json::Number(number),
        None if value.is_nan() => "NaN".into(),
        None => if value > 0.0 { "Infinity" } else { "-Infinity" }.into(),
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
        assert_eq!(read("a.yaml", "z: .nan\na: [-.inf, .inf, 1]\n"), r#"{"z":"NaN","a":["-Infinity","Infinity",1]}"#);
        assert_eq!(read("a.toml", "x = 1.5\n"), r#"{"x":1.5}"#);
    }

    #[test]
    fn long_integers_keep_their_digits() {
        let read = |name: &str, text: &str| {
            read_ordered(&RelPath::parse(name).expect("a path"), text).expect("it is valid").to_string()
        };
        let expect =
            r#"{"a":"18446744073709551617","b":[18446744073709551615,"-9223372036854775809",-9223372036854775808]}"#;
        let json =
            r#"{"a": 18446744073709551617, "b": [18446744073709551615, -9223372036854775809, -9223372036854775808]}"#;
        assert_eq!(read("a.json", json), expect);
        assert_eq!(read("a.yaml", json), expect);
        assert_eq!(
            read("a.json", r#"{"a": NaN, "b": 18446744073709551617}"#),
            r#"{"a":"NaN","b":"18446744073709551617"}"#
        );
        assert_eq!(read("a.toml", "a = 18446744073709551617\n"), r#"{"a":"18446744073709551617"}"#);
    }

    #[test]
    fn broken_json_is_shown_at_its_place() {
        let problems = read_ordered(&RelPath::parse("m.json").expect("a path"), "{\"a\": nan}").expect_err("not JSON");
        assert_eq!(problems.iter().map(Problem::cite).collect::<Vec<_>>(), ["m.json:1:8"]);
    }
}
