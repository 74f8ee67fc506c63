//! The small files that gates read whole: references, baselines and metrics.

use std::io::{self, Read};
use std::path::Path;

use lockgate_spanned::{Node, Problems, Source, Value as Yaml, read};
use serde_json::Value;

use crate::{JudgeError, json};

/// Reads a text; `None` when there is no such file.
pub fn text(name: &str, path: &Path) -> Result<Option<String>, JudgeError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(JudgeError::Unreadable { path: name.to_owned(), cause }),
    }
}

/// Returns the number of bytes of a file.
pub fn size(name: &str, path: &Path) -> Result<u64, JudgeError> {
    let unreadable = |cause| JudgeError::Unreadable { path: name.to_owned(), cause };
    std::fs::metadata(path).map(|metadata| metadata.len()).map_err(unreadable)
}

/// Returns the BLAKE3 digest of a file's bytes, in hexadecimal digits.
pub fn digest(name: &str, path: &Path) -> Result<String, JudgeError> {
    let unreadable = |cause| JudgeError::Unreadable { path: name.to_owned(), cause };
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let mut hasher = blake3::Hasher::new();
    let mut block = vec![0; 1 << 16];
    loop {
        match file.read(&mut block).map_err(unreadable)? {
            0 => return Ok(hasher.finalize().to_hex().to_string()),
            read => hasher.update(&block[..read]),
        };
    }
}

/// Reads a JSON or YAML file as plain values.
pub fn values(name: &str, path: &Path) -> Result<Value, JudgeError> {
    let missing = || JudgeError::Unreadable { path: name.to_owned(), cause: io::ErrorKind::NotFound.into() };
    let text = text(name, path)?.ok_or_else(missing)?;
    let not_a = |what, why: String| JudgeError::NotA {
        path: name.to_owned(),
        what,
        why,
        step: "correct what writes it".to_owned(),
    };
    let is_yaml = [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending));
    if !is_yaml {
        return json::read(&text).map_err(|error| not_a("a JSON file", error.to_string()));
    }
    let mut problems = Problems::default();
    let root = read(&Source::new(name, text), &mut problems);
    match (root, problems.iter().next()) {
        (Some(root), None) => Ok(plain(&root)),
        (_, first) => Err(not_a("a YAML file", first.map_or_else(String::new, |problem| problem.message().to_owned()))),
    }
}

fn plain(node: &Node) -> Value {
    match &node.value {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => (*flag).into(),
        Yaml::Int(number) => {
            serde_json::Number::from_i128(*number).map_or_else(|| number.to_string().into(), Value::Number)
        }
        Yaml::Float(number) => (*number).into(),
        Yaml::Str(text) => text.as_str().into(),
        Yaml::List(items) => items.iter().map(plain).collect(),
        Yaml::Map(entries) => {
            Value::Object(entries.iter().map(|(key, value)| (key.text.clone(), plain(value))).collect())
        }
    }
}
