//! Texts that are handed around a lot: a copy of one is no new allocation.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

thread_local! {
    /// What was written or read so far, while texts are pooled.
    static POOL: RefCell<Option<Pool>> = const { RefCell::new(None) };
}

/// Texts by the order in which they first came.
#[derive(Default)]
struct Pool {
    texts: Vec<Arc<str>>,
    /// Needed for writing only.
    places: HashMap<Arc<str>, u32>,
}

/// A text of a pool as it is written.
#[derive(Serialize, Deserialize)]
enum Pooled<'a> {
    Again(u32),
    #[serde(borrow)]
    First(&'a str),
}

/// Lets `act`, which writes or reads one value in a binary form, write each text once, and read what was written so.
///
/// Equal texts that are read are one in memory.
pub fn pooled<T>(act: impl FnOnce() -> T) -> T {
    POOL.set(Some(Pool::default()));
    let value = act();
    POOL.set(None);
    value
}

/// Writes the text as a text, or its place in the pool.
pub fn serialize<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    let again = POOL.with_borrow_mut(|pool| pool.as_mut().map(|pool| pool.place(text)));
    match again {
        None => serializer.serialize_str(text),
        Some(Some(place)) => Pooled::Again(place).serialize(serializer),
        Some(None) => Pooled::First(text).serialize(serializer),
    }
}

/// Reads a text with at most one allocation.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
    if !POOL.with_borrow(Option::is_some) {
        return deserializer.deserialize_str(Text);
    }
    let pooled = Pooled::deserialize(deserializer)?;
    let text = POOL.with_borrow_mut(|pool| pool.as_mut().and_then(|pool| pool.take_up(&pooled)));
    text.ok_or_else(|| D::Error::custom("a text that was not there before"))
}

impl Pool {
    /// Returns the place of a text that came before; else it has one from now on.
    fn place(&mut self, text: &Arc<str>) -> Option<u32> {
        let place = self.places.get(text).copied();
        if place.is_none() {
            let next = u32::try_from(self.places.len()).expect("a value has fewer than four billion texts");
            self.places.insert(Arc::clone(text), next);
        }
        place
    }

    fn take_up(&mut self, pooled: &Pooled<'_>) -> Option<Arc<str>> {
        match pooled {
            Pooled::Again(place) => self.texts.get(*place as usize).cloned(),
            Pooled::First(text) => {
                self.texts.push((*text).into());
                self.texts.last().cloned()
            }
        }
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Arc<str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Arc<str>, E> {
        Ok(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{NodeName, Place, RelPath};

    #[test]
    fn a_pool_writes_each_text_once_and_reads_it_as_one() {
        let name = |text: &str| NodeName::new(text);
        let place = |text: &str| Place::parse(text).expect("a path");
        let value = (vec![name("train"), name("eval"), name("train")], place("train"), place("../train"));
        let plain = postcard::to_stdvec(&value).expect("it can be written");
        let bytes = pooled(|| postcard::to_stdvec(&value)).expect("it can be written");
        assert!(bytes.len() < plain.len());
        let read = pooled(|| postcard::from_bytes::<(Vec<NodeName>, RelPath, Place)>(&bytes)).expect("it can be read");
        assert_eq!((read.0.as_slice(), read.1.as_str(), &read.2), (value.0.as_slice(), "train", &value.2));
        assert_eq!(read.0[0].as_str().as_ptr(), read.1.as_str().as_ptr());
        let read =
            postcard::from_bytes::<(Vec<NodeName>, Place, Place)>(&plain).expect("outside of a pool texts are plain");
        assert_eq!(read, value);
    }

    #[test]
    fn a_place_that_no_text_has_is_an_error() {
        let bytes = postcard::to_stdvec(&Pooled::Again(0)).expect("it can be written");
        pooled(|| postcard::from_bytes::<NodeName>(&bytes)).expect_err("nothing came before");
    }
}
