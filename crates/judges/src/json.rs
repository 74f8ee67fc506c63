//! JSON in which every key stands once, and files of lockgate's own formats.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads one value; a key that stands twice in a mapping is a mistake, for nobody can say which of the two counts.
pub fn read(text: &str) -> Result<Value, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Once.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// Why a file of lockgate's own is not read.
pub enum Unread {
    /// It is not what it has to be.
    Broken(String),
    /// It is in this other format.
    Format(String),
}

/// Reads a file that says under `format` that it is a `known`.
pub fn versioned<T: DeserializeOwned>(text: &str, known: &str) -> Result<T, Unread> {
    let broken = |error: serde_json::Error| Unread::Broken(error.to_string());
    let value = read(text).map_err(broken)?;
    match value.get("format").and_then(Value::as_str) {
        None => Err(Unread::Broken("it does not say its `format`".to_owned())),
        Some(format) if format != known => Err(Unread::Format(format.to_owned())),
        Some(_) => serde_json::from_str(text).map_err(broken),
    }
}

/// Takes any value, and each key once.
struct Once;

impl<'de> DeserializeSeed<'de> for Once {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(Self)? {
            all.push(item);
        }
        Ok(all.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if all.contains_key(&key) {
                return Err(A::Error::custom(format!("the key `{key}` stands twice")));
            }
            let value = entries.next_value_seed(Self)?;
            all.insert(key, value);
        }
        Ok(Value::Object(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_read_and_no_key_twice() {
        let text = r#"{"a": [1, -2, 0.5, 1e400, true, null, "x\n"], "b": {"a": 1}}"#;
        assert!(read(text).is_err(), "no float is so large");
        let text = text.replace("1e400", "1e300");
        assert_eq!(read(&text).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
        let said = read(r#"{"a": {"b": 1, "b": 2}}"#).unwrap_err().to_string();
        assert_eq!(said, "the key `b` stands twice at line 1 column 18");
        assert!(read("1 2").is_err());
    }
}
