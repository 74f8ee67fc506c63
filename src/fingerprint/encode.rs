//! The canonical encoding of fields.

use super::recipe::{Field, Label, OutFlags};
use crate::pipeline::{OutKind, Value};
use crate::words::{Content, Digest, FileMode};

/// The version of the encoding.
pub const VERSION: u8 = 1;

const DOMAIN: &[u8] = b"lockgate recipe\0";

/// Digests the fields in the order they are given.
pub fn digest(fields: &[(Label, Field)]) -> Digest {
    let mut out = Vec::with_capacity(64 * fields.len() + DOMAIN.len() + 1);
    out.extend_from_slice(DOMAIN);
    out.push(VERSION);
    for (label, field) in fields {
        put_label(&mut out, label);
        put_field(&mut out, field);
    }
    Digest::of(&out)
}

fn put(out: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    out.push(kind);
    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// Writes a list: its count, then each part with its own length, so that moving a border between parts shows.
fn put_parts<'a>(out: &mut Vec<u8>, kind: u8, parts: impl ExactSizeIterator<Item = &'a [u8]>) {
    put(out, kind, &(parts.len() as u64).to_le_bytes());
    parts.for_each(|part| put(out, b'p', part));
}

fn put_label(out: &mut Vec<u8>, label: &Label) {
    match label {
        Label::Kind => put(out, 1, b""),
        Label::Command => put(out, 2, b""),
        Label::Wdir => put(out, 3, b""),
        Label::Dep(path) => put(out, 4, path.as_str().as_bytes()),
        Label::Param { file, key } => put_parts(out, 5, [file.as_str().as_bytes(), key.as_bytes()].into_iter()),
        Label::Env(name) => put(out, 6, name.as_bytes()),
        Label::Out(path) => put(out, 7, path.as_str().as_bytes()),
        Label::Data(path) => put(out, 8, path.as_str().as_bytes()),
        Label::Rules => put(out, 9, b""),
        Label::Checker => put(out, 10, b""),
        Label::Degraded => put(out, 11, b""),
    }
}

fn put_field(out: &mut Vec<u8>, field: &Field) {
    match field {
        Field::Kind(kind) => put(out, b'k', kind.word().as_bytes()),
        Field::Lines(lines) => put_parts(out, b'l', lines.iter().map(String::as_bytes)),
        Field::Path(path) => put(out, b'/', path.as_str().as_bytes()),
        Field::Content(content) => put_content(out, content),
        Field::Value(value) => put_value(out, value),
        Field::Env(None) => put(out, b'u', b""),
        Field::Env(Some(digest)) => put(out, b'e', digest.as_bytes()),
        Field::Flags(flags) => put(out, b'o', &flag_bytes(*flags)),
        Field::Digest(digest) => put(out, b'd', digest.as_bytes()),
        Field::Number(number) => put(out, b'n', &number.to_le_bytes()),
    }
}

fn put_content(out: &mut Vec<u8>, content: &Content) {
    let kind = match content {
        Content::File { mode: FileMode::Plain, .. } => b'f',
        Content::File { mode: FileMode::Executable, .. } => b'x',
        Content::Tree { .. } => b't',
    };
    put(out, kind, content.digest().as_bytes());
}

/// Floats are written by their bits: formatting one would tie the key to a formatter.
fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => put(out, b'0', b""),
        Value::Bool(value) => put(out, b'b', &[u8::from(*value)]),
        // What fits into 64 bits takes 64; the length before the bytes tells the two apart.
        Value::Int(value) => match i64::try_from(*value) {
            Ok(short) => put(out, b'i', &short.to_le_bytes()),
            Err(_) => put(out, b'i', &value.to_le_bytes()),
        },
        Value::Float(value) => put(out, b'g', &value.to_bits().to_le_bytes()),
        Value::Str(value) => put(out, b's', value.as_bytes()),
        Value::List(items) => {
            put(out, b'[', &(items.len() as u64).to_le_bytes());
            for item in items {
                put_value(out, item);
            }
        }
        Value::Map(entries) => {
            put(out, b'{', &(entries.len() as u64).to_le_bytes());
            for (key, value) in entries {
                put(out, b's', key.as_bytes());
                put_value(out, value);
            }
        }
    }
}

fn flag_bytes(flags: OutFlags) -> [u8; 3] {
    let kind = match flags.kind {
        OutKind::Data => 0,
        OutKind::Metric => 1,
        OutKind::Plot => 2,
    };
    [kind, u8::from(flags.cache), u8::from(flags.persist)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::words::{Place, RelPath};

    fn field() -> impl Strategy<Value = (Label, Field)> {
        let label = prop_oneof![
            Just(Label::Command),
            "[ab]{1,2}".prop_map(|text| Label::Dep(Place::parse(&text).expect("a path"))),
            ("[ab]{1,2}", "[ab]{0,2}")
                .prop_map(|(file, key)| Label::Param { file: RelPath::parse(&file).expect("a path"), key }),
            "[ab]{1,2}".prop_map(Label::Env),
        ];
        let value = prop_oneof![
            prop::collection::vec("[ab]{0,2}", 0..3).prop_map(Field::Lines),
            any::<i64>().prop_map(|value| Field::Value(Value::Int(value.into()))),
            any::<i128>().prop_map(|value| Field::Value(Value::Int(value))),
            "[ab]{0,3}".prop_map(|value| Field::Value(Value::Str(value))),
            prop::option::of(any::<[u8; 32]>()).prop_map(|bytes| Field::Env(bytes.map(Digest::from_bytes))),
        ];
        (label, value)
    }

    proptest! {
        #[test]
        fn the_encoding_is_injective(a in prop::collection::vec(field(), 0..4), b in prop::collection::vec(field(), 0..4)) {
            prop_assert_eq!(a == b, digest(&a) == digest(&b));
        }
    }
}
