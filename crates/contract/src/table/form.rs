//! How a text format is written, where that is not the default.

/// The writing of CSV; of JSON lines only `missing` counts, and only for strings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextForm {
    /// One ASCII character between the fields.
    pub delimiter: u8,
    pub encoding: Encoding,
    /// Texts that stand for null; an empty field without quotes always does.
    pub missing: Vec<String>,
    pub decimal: Decimal,
}

/// How bytes become characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decimal {
    Point,
    Comma,
}

impl TextForm {
    /// RFC 4180 in UTF-8.
    pub const PLAIN: Self =
        Self { delimiter: b',', encoding: Encoding::Utf8, missing: Vec::new(), decimal: Decimal::Point };

    /// Says whether a text stands for null.
    pub(super) fn is_missing(&self, text: &str) -> bool {
        self.missing.iter().any(|missing| missing == text)
    }
}

impl Encoding {
    pub(crate) const ALL: [(&'static str, Self); 4] =
        [("utf-8", Self::Utf8), ("latin1", Self::Latin1), ("windows-1252", Self::Windows1252), ("utf-16", Self::Utf16)];
}

impl Decimal {
    pub(crate) const ALL: [(&'static str, Self); 2] = [(".", Self::Point), (",", Self::Comma)];
}
