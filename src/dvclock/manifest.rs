//! The list of a folder's files by which DVC knows the folder: its MD5 is the folder's, with `.dir` behind it.

use std::fmt::Write as _;

use serde::Deserialize;

use crate::words::Md5;

/// Writes the list as DVC does: JSON as Python's `json.dumps` writes it. The files are sorted by their paths.
pub fn encode(files: &[(String, Md5)]) -> Vec<u8> {
    let mut text = String::from("[");
    for (at, (path, md5)) in files.iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        write!(text, "{comma}{{\"md5\": \"{md5}\", \"relpath\": ").expect("writing into a string cannot fail");
        put_quoted(&mut text, path);
        text.push('}');
    }
    text.push(']');
    text.into_bytes()
}

/// Writes a text as Python's `json.dumps` does: what is not ASCII is escaped, as pairs of surrogates where one is not enough.
pub(super) fn put_quoted(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                write!(out, "\\u{unit:04x}").expect("writing into a string cannot fail");
            }),
        }
    }
    out.push('"');
}

#[derive(Deserialize)]
struct Row {
    md5: String,
    relpath: String,
}

/// Reads a list; `None` when it is none.
pub fn decode(bytes: &[u8]) -> Option<Vec<(String, Md5)>> {
    let rows: Vec<Row> = serde_json::from_slice(bytes).ok()?;
    rows.into_iter().map(|row| Some((row.relpath, row.md5.parse().ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_written_as_python_writes_it() {
        let files = [("a".to_owned(), Md5([0; 16])), ("é\"😀\\ b".to_owned(), Md5([255; 16]))];
        let text = encode(&files);
        insta::assert_snapshot!(String::from_utf8_lossy(&text), @r#"[{"md5": "00000000000000000000000000000000", "relpath": "a"}, {"md5": "ffffffffffffffffffffffffffffffff", "relpath": "\u00e9\"\ud83d\ude00\\ b"}]"#);
        assert_eq!(decode(&text).as_deref(), Some(&files[..]));
        assert_eq!(decode(b"{}"), None);
        assert_eq!(encode(&[]), b"[]");
    }
}
