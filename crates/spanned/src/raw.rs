//! The values as the YAML reader gives them: with their tags, and before what they mean is known.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::source::Span;

/// A value, its place and its tag (`tag:yaml.org,2002:str`, `!local`), resolved.
pub(crate) struct Raw {
    pub(crate) span: Span,
    pub(crate) tag: Option<String>,
    pub(crate) value: Bare,
}

/// A value without a place. Integers beyond 64 bits come as floats: the reader knows no others.
#[derive(PartialEq)]
pub(crate) enum Bare {
    Null,
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(String),
    List(Vec<Raw>),
    Map(Vec<(Raw, Raw)>),
}

impl PartialEq for Raw {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = serde_saphyr::Spanned::<serde_saphyr::Tagged<Bare>>::deserialize(deserializer)?;
        let serde_saphyr::Tagged(value, tag) = spanned.value;
        Ok(Self { span: span_of(spanned.defined), tag, value })
    }
}

fn span_of(location: serde_saphyr::Location) -> Span {
    let span = location.span();
    let bytes = |value: Option<u64>| value.and_then(|value| usize::try_from(value).ok()).unwrap_or(0);
    Span { start: bytes(span.byte_offset()), len: bytes(span.byte_len()) }
}

impl<'de> Deserialize<'de> for Bare {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BareVisitor)
    }
}

struct BareVisitor;

impl<'de> Visitor<'de> for BareVisitor {
    type Value = Bare;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Bare, E> {
        Ok(Bare::Null)
    }

    fn visit_none<E>(self) -> Result<Bare, E> {
        Ok(Bare::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Bare, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Bare, E> {
        Ok(Bare::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Bare, E> {
        Ok(Bare::Int(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Bare, E> {
        Ok(Bare::Int(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Bare, E> {
        Ok(Bare::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Bare, E> {
        Ok(Bare::Str(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Bare, E> {
        Ok(Bare::Str(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Bare, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Bare::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Bare, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key()? {
            entries.push((key, map.next_value()?));
        }
        Ok(Bare::Map(entries))
    }
}
