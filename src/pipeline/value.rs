//! Values of parameters.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A parameter's value.
///
/// A mapping keeps its entries sorted by key: their order in the file has no meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Value {
    Null,
    Bool(bool),
    Int(#[serde(with = "wide")] i128),
    Float(f64),
    Str(String),
    List(Vec<Value>),
    Map(std::collections::BTreeMap<String, Value>),
}

impl Value {
    /// Returns the value as JSON. An integer that needs more than 64 bits is a text of its digits there, and a float that
    /// is none the text of its name: programs that read JSON have no such numbers.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Int(value) => wide_json(*value),
            Self::Float(value) => {
                serde_json::Number::from_f64(*value).map_or_else(|| value.to_string().into(), serde_json::Value::Number)
            }
            Self::Str(value) => value.clone().into(),
            Self::List(items) => items.iter().map(Self::to_json).collect(),
            Self::Map(entries) => entries.iter().map(|(key, value)| (key.clone(), value.to_json())).collect(),
        }
    }
}

/// Writes JSON on one line, for messages and evidence; integers of any length as their digits.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => write!(f, "{value}"),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::to_string).collect();
                write!(f, "[{}]", items.join(","))
            }
            Self::Map(entries) => {
                let entry =
                    |(key, value): (&String, &Self)| format!("{}:{value}", serde_json::Value::from(key.as_str()));
                let entries: Vec<String> = entries.iter().map(entry).collect();
                write!(f, "{{{}}}", entries.join(","))
            }
            Self::Null | Self::Bool(_) | Self::Float(_) | Self::Str(_) => write!(f, "{}", self.to_json()),
        }
    }
}

/// Returns an integer as a number of JSON, or as the text of its digits when it needs more than 64 bits.
pub fn wide_json(value: i128) -> serde_json::Value {
    serde_json::Number::from_i128(value).map_or_else(|| value.to_string().into(), serde_json::Value::Number)
}

/// An integer for programs and for our own files: what is read by people's programs is as [`wide_json`] makes it.
mod wide {
    use std::fmt;

    use serde::de::{Deserializer, Error, Visitor};
    use serde::{Deserialize, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &i128, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            super::wide_json(*value).serialize(serializer)
        } else {
            serializer.serialize_i128(*value)
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i128, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(Digits)
        } else {
            i128::deserialize(deserializer)
        }
    }

    struct Digits;

    impl Visitor<'_> for Digits {
        type Value = i128;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an integer, or a text of its digits")
        }

        fn visit_i64<E>(self, value: i64) -> Result<i128, E> {
            Ok(value.into())
        }

        fn visit_u64<E>(self, value: u64) -> Result<i128, E> {
            Ok(value.into())
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<i128, E> {
            text.parse().map_err(E::custom)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_keep_their_digits_in_every_form() {
        let check = |value: i128, json: &str| {
            let int = Value::Int(value);
            assert_eq!((int.to_string(), int.to_json().to_string()), (value.to_string(), json.to_owned()));
            let text = serde_json::to_string(&int).expect("it is JSON");
            assert_eq!(
                (text.as_str(), serde_json::from_str::<Value>(&text).ok()),
                (&*format!("{{\"Int\":{json}}}"), Some(int.clone()))
            );
            assert_eq!(serde_json::to_value(&int).map(|json| json["Int"].to_string()).ok(), Some(json.to_owned()));
            let bytes = postcard::to_allocvec(&int).expect("it has a form");
            assert_eq!(postcard::from_bytes::<Value>(&bytes), Ok(int));
        };
        check(-7, "-7");
        check(i64::MIN.into(), "-9223372036854775808");
        check(u64::MAX.into(), "18446744073709551615");
        check(1 << 64, "\"18446744073709551616\"");
        check(i128::MIN, "\"-170141183460469231731687303715884105728\"");
    }

    #[test]
    fn a_value_is_shown_as_json_on_one_line() {
        let map = Value::Map(
            [("a \"b".to_owned(), Value::List(vec![Value::Int(1 << 64), Value::Null, Value::Float(1.0)]))].into(),
        );
        assert_eq!(map.to_string(), r#"{"a \"b":[18446744073709551616,null,1.0]}"#);
    }
}
