//! `complete:` — how much of a group of columns has to be there, and that it is more than filler.

use std::fmt;

use lockgate_spanned::{Fields, Key, Node, Value};

use super::column::scalar;
use super::lower::Reader;
use super::tolerance::{self, Level, Tolerance};

/// What a group of columns must have. A value that is null or NaN is missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Complete {
    pub name: String,
    /// Names of columns, in which `*` stands for any text and `?` for any character.
    pub columns: Vec<String>,
    pub asks: Vec<Asked>,
    pub at: String,
}

/// One demand on a group of columns, by itself a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub what: Fullness,
    pub tolerance: Tolerance,
    pub at: String,
}

/// Shares are percentages of values that are there, from 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fullness {
    /// Of the columns, in each row.
    PerRow(f64),
    /// Of the rows, in each column.
    PerColumn(f64),
    /// Of all cells together.
    Table(f64),
    /// At most this share of the values in each column is exactly zero.
    ZeroShareMax(f64),
    /// No column has the same value in all rows that have one.
    NotConstant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Constant {
    Allow,
    Forbid,
}

impl Constant {
    const ALL: [(&'static str, Self); 2] = [("allow", Self::Allow), ("forbid", Self::Forbid)];
}

pub(super) const KEYS: [&str; 9] =
    ["columns", "per_row", "per_column", "table", "zero_share_max", "constant", "allow", "otherwise", "doc"];

/// Makes a demand of a percentage.
type Share = fn(f64) -> Fullness;

const SHARES: [(&str, Share); 4] = [
    ("per_row", Fullness::PerRow),
    ("per_column", Fullness::PerColumn),
    ("table", Fullness::Table),
    ("zero_share_max", Fullness::ZeroShareMax),
];

impl Fullness {
    /// Returns the key under which it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::PerRow(_) => "per_row",
            Self::PerColumn(_) => "per_column",
            Self::Table(_) => "table",
            Self::ZeroShareMax(_) => "zero_share_max",
            Self::NotConstant => "constant",
        }
    }
}

impl fmt::Display for Fullness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PerRow(share) | Self::PerColumn(share) | Self::Table(share) | Self::ZeroShareMax(share) => {
                write!(f, "{} {share} %", self.name())
            }
            Self::NotConstant => f.write_str("constant forbid"),
        }
    }
}

impl Complete {
    /// Says whether a column belongs to the group.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|glob| Self::matches(glob, column))
    }

    /// Matches a name against a text in which `*` stands for any text and `?` for any character.
    pub(crate) fn matches(glob: &str, name: &str) -> bool {
        is_match(glob, name)
    }
}

fn is_match(glob: &str, name: &str) -> bool {
    let (mut glob_chars, mut name_chars) = (glob.chars(), name.chars());
    match glob_chars.next() {
        None => name.is_empty(),
        Some('*') => {
            let rest = glob_chars.as_str();
            name.char_indices().map(|(at, _)| at).chain([name.len()]).any(|at| is_match(rest, &name[at..]))
        }
        Some('?') => name_chars.next().is_some() && is_match(glob_chars.as_str(), name_chars.as_str()),
        Some(c) => name_chars.next() == Some(c) && is_match(glob_chars.as_str(), name_chars.as_str()),
    }
}

/// Reads all groups; those with a mistake are noted and left out.
pub(super) fn read(node: &Node, reader: &mut Reader<'_>) -> Vec<Complete> {
    let Value::Map(entries) = &node.value else {
        let message = format!("`complete` is {}, not a mapping", node.value.kind());
        let help = "name each group of columns: `complete: {features: {columns: \"f_*\", per_row: 80%}}`";
        return reader.refuse("schema::bad-complete", node.span, message, help).unwrap_or_default();
    };
    entries.iter().filter_map(|(key, node)| group(key, node, reader)).collect()
}

fn group(key: &Key, node: &Node, reader: &mut Reader<'_>) -> Option<Complete> {
    let what = format!("group `{}`", key.text);
    let fields = Fields::open(node, &what, &KEYS, reader.source, reader.problems)?;
    let columns = globs(key, &fields, reader);
    let written = tolerance::read(&fields, reader);
    let level = otherwise(&fields, reader);
    let mut asks = Vec::new();
    for (key, node) in fields.entries() {
        let what = match SHARES.iter().find(|(name, _)| *name == key.text) {
            Some((name, share)) => percent(name, node, reader).map(share),
            None if key.text == "constant" => constant(node, reader),
            None => continue,
        };
        let tolerance = Tolerance { level: level?, ..Tolerance::NONE };
        let is_row = matches!(what, Some(Fullness::PerRow(_)));
        let tolerance = if is_row { Tolerance { level: level?, ..written.tolerance() } } else { tolerance };
        asks.extend(what.map(|what| Asked { what, tolerance, at: reader.source.cite(key.span) }));
    }
    if let (Some((name, span)), None) = (written.share(), fields.get("per_row")) {
        let help = "it is the share or number of rows that may be less full: add `per_row: 80%`";
        return reader.refuse("schema::bad-complete", span, format!("`{name}` has no rows to apply to"), help);
    }
    if asks.is_empty() && SHARES.iter().all(|(name, _)| fields.get(name).is_none()) {
        let help = "add `per_row: 80%`, `per_column: 90%`, `table: 95%`, `zero_share_max: 50%` or `constant: forbid`";
        return reader.refuse("schema::bad-complete", key.span, format!("{what} asks for nothing"), help);
    }
    Some(Complete { name: key.text.clone(), columns: columns?, asks, at: reader.source.cite(key.span) })
}

fn globs(key: &Key, fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Vec<String>> {
    let source = reader.source;
    let Some(node) = fields.get("columns") else {
        let message = format!("group `{}` has no `columns`", key.text);
        return reader.refuse("schema::bad-complete", key.span, message, "add `columns: \"f_*\"`");
    };
    let single = std::slice::from_ref(node);
    let items = if let Value::List(items) = &node.value { items.as_slice() } else { single };
    let texts: Option<Vec<String>> = items.iter().map(|item| item.scalar_text(source).map(str::to_owned)).collect();
    if let Some(texts) = texts.filter(|texts| !texts.is_empty()) {
        return Some(texts);
    }
    let help = "write `columns: \"f_*\"` or a list of names, in which `*` stands for any text";
    reader.refuse("schema::bad-complete", node.span, "`columns` names no column", help)
}

fn percent(key: &str, node: &Node, reader: &mut Reader<'_>) -> Option<f64> {
    let word = scalar(key, node, reader)?;
    let share = word.text.strip_suffix('%').and_then(|text| text.trim_end().parse::<f64>().ok());
    if let Some(share) = share.filter(|share| (0.0..=100.0).contains(share)) {
        return Some(share);
    }
    let message = format!("`{key}` cannot be `{}`", word.text);
    reader.refuse("schema::bad-value", word.span, message, format!("write a share: `{key}: 80%`"))
}

fn constant(node: &Node, reader: &mut Reader<'_>) -> Option<Fullness> {
    let word = scalar("constant", node, reader)?;
    let constant = reader.choice("constant", word, &Constant::ALL)?;
    (constant == Constant::Forbid).then_some(Fullness::NotConstant)
}

/// What becomes of the verdict; to halt is for the gate.
fn otherwise(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Level> {
    let Some(node) = fields.get("otherwise") else { return Some(Level::Fail) };
    let word = scalar("otherwise", node, reader)?;
    if word.text == "halt" {
        let help = "say `otherwise: fail` here and `on_fail: halt` at the gate, which decides what a failure does";
        return reader.refuse("schema::bad-value", word.span, "a schema cannot halt a run", help);
    }
    reader.choice("otherwise", word, &Level::ALL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_as_a_whole() {
        let check = |glob: &str, name: &str, expect: bool| assert_eq!(is_match(glob, name), expect, "{glob} {name}");
        check("f_*", "f_elo", true);
        check("f_*", "f_", true);
        check("f_*", "xf_elo", false);
        check("*_a*b", "x_aab", true);
        check("?", "é", true);
        check("?", "", false);
        check("a.c", "abc", false);
        check("*", "", true);
    }
}
