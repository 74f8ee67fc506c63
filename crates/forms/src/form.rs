//! The writing of one table.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The writing of CSV; of JSON lines only `missing` counts, and only for strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextForm {
    /// One ASCII character between the fields.
    pub delimiter: u8,
    pub encoding: Encoding,
    /// Texts that stand for null; an empty field without quotes always does.
    pub missing: Vec<String>,
    /// What stands for null in single columns, instead of `missing`.
    pub missing_in: BTreeMap<String, Vec<String>>,
    pub decimal: Decimal,
}

/// How bytes become characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    Utf8,
    /// ISO 8859-1: each byte is the character of its number.
    Latin1,
    /// Latin 1 with letters and quotes where that has control characters.
    Windows1252,
    /// With a byte order mark, which says in which order the bytes are.
    Utf16,
}

/// What stands before the fraction of a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decimal {
    Point,
    Comma,
}

static PLAIN: TextForm = TextForm::PLAIN;

impl TextForm {
    /// RFC 4180 in UTF-8.
    pub const PLAIN: Self = Self {
        delimiter: b',',
        encoding: Encoding::Utf8,
        missing: Vec::new(),
        missing_in: BTreeMap::new(),
        decimal: Decimal::Point,
    };

    /// Returns [`Self::PLAIN`] for as long as anybody wants it.
    pub fn plain() -> &'static Self {
        &PLAIN
    }

    /// Returns the texts that stand for null in a column.
    pub fn missing_in(&self, column: &str) -> &[String] {
        self.missing_in.get(column).unwrap_or(&self.missing)
    }

    /// Returns a float as it is written with a point; `None` for what is none here.
    pub fn with_point<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        match self.decimal {
            Decimal::Point => Some(Cow::Borrowed(text)),
            // A point would be one between thousands, and a number with one must not turn into another number.
            Decimal::Comma if text.contains('.') => None,
            Decimal::Comma => Some(Cow::Owned(text.replace(',', "."))),
        }
    }

    /// Returns the canonical form: equal for two writings exactly when tables are read alike.
    pub fn normal_form(&self) -> Value {
        let mut form = json!({
            "delimiter": char::from(self.delimiter).to_string(),
            "encoding": name_in(&Encoding::ALL, self.encoding),
            "missing": sorted(&self.missing),
            "decimal": name_in(&Decimal::ALL, self.decimal),
        });
        if !self.missing_in.is_empty() {
            form["missing_in"] =
                self.missing_in.iter().map(|(column, texts)| (column.clone(), sorted(texts))).collect();
        }
        form
    }
}

impl Default for TextForm {
    fn default() -> Self {
        Self::PLAIN
    }
}

impl Encoding {
    pub const ALL: [(&'static str, Self); 4] =
        [("utf-8", Self::Utf8), ("latin1", Self::Latin1), ("windows-1252", Self::Windows1252), ("utf-16", Self::Utf16)];
}

impl Decimal {
    pub const ALL: [(&'static str, Self); 2] = [(".", Self::Point), (",", Self::Comma)];
}

/// Sorts texts that stand for null, each once: their order says nothing.
fn sorted(texts: &[String]) -> Value {
    texts.iter().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect()
}

fn name_in<T: PartialEq + Copy>(all: &[(&'static str, T)], value: T) -> &'static str {
    all.iter().find(|(_, each)| *each == value).map_or("", |(name, _)| name)
}

/// As it can be written in a schema or a gate; what is as by default is left out.
impl fmt::Display for TextForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = Vec::new();
        if self.delimiter != Self::PLAIN.delimiter {
            said.push(format!("delimiter: {:?}", char::from(self.delimiter).to_string()));
        }
        if self.encoding != Self::PLAIN.encoding {
            said.push(format!("encoding: {}", name_in(&Encoding::ALL, self.encoding)));
        }
        if !self.missing.is_empty() {
            let texts: Vec<String> = self.missing.iter().map(|text| format!("{text:?}")).collect();
            said.push(format!("missing: [{}]", texts.join(", ")));
        }
        if self.decimal != Self::PLAIN.decimal {
            said.push(format!("decimal: {:?}", name_in(&Decimal::ALL, self.decimal)));
        }
        write!(f, "{{{}}}", said.join(", "))
    }
}
