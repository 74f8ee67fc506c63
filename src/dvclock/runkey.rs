//! The name under which DVC's run cache keeps what a stage has made before.
//!
//! DVC hashes the entry that dvc.lock would have, with the outs known by their paths alone, as JSON with sorted keys, but for
//! everything that is called `size` or `nfiles`: also parameters of that name. So what is found under a name must still be
//! held against the stage.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::edit::plain;
use super::entry::{Entry, Plain};
use super::manifest::put_quoted;

/// What is left out wherever it stands.
const UNNAMED: [&str; 2] = ["size", "nfiles"];

/// Returns the name: 64 hexadecimal digits.
pub fn run_key(entry: &Entry) -> String {
    let mut value = plain(entry);
    if let Plain::Map(keys) = &mut value {
        let outs = entry.outs.iter().map(|out| Plain::Str(out.path.clone())).collect();
        keys.retain(|(key, _)| key != "outs");
        keys.push(("outs".to_owned(), Plain::List(outs)));
    }
    let mut text = String::new();
    put(&mut text, &value);
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("writing into a string cannot fail");
        hex
    })
}

/// Writes a value as Python's `json.dumps` does.
fn put(out: &mut String, value: &Plain) {
    match value {
        Plain::Null => out.push_str("null"),
        Plain::Bool(value) => write!(out, "{value}").expect("writing into a string cannot fail"),
        Plain::Int(value) => write!(out, "{value}").expect("writing into a string cannot fail"),
        Plain::Float(value) => out.push_str(&super::scalar::float(*value)),
        Plain::Str(text) => put_quoted(out, text),
        Plain::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                put(out, item);
            }
            out.push(']');
        }
        Plain::Map(entries) => {
            let mut named: Vec<_> = entries.iter().filter(|(key, _)| !UNNAMED.contains(&key.as_str())).collect();
            named.sort_by_key(|(key, _)| key);
            out.push('{');
            for (at, (key, value)) in named.into_iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                put_quoted(out, key);
                out.push_str(": ");
                put(out, value);
            }
            out.push('}');
        }
    }
}
