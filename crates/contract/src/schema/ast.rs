//! The typed rules.

use std::fmt;

use lockgate_forms::TextForm;

use super::complete::Complete;
use super::evolution::{Environment, Evolution};
use super::semantics::Semantics;
use super::table_rule::TableRule;
use super::tolerance::Tolerance;
use crate::value::{Literal, Type};

/// The rules of one table.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// `name/major` as it is written, for people; no rule looks at it.
    pub name: Option<String>,
    pub doc: Option<String>,
    /// How a table in a text format is written; see [`Schema::text_form`].
    pub csv: TextForm,
    /// Columns that are never null and together unique.
    pub key: Option<Cited<Vec<String>>>,
    pub also_unique: Vec<Cited<Vec<String>>>,
    pub extra_columns: Cited<ExtraColumns>,
    pub column_order: Cited<ColumnOrder>,
    pub rows: Option<Cited<Rows>>,
    /// The columns in the order of the text.
    pub columns: Vec<Column>,
    pub rules: Vec<TableRule>,
    pub complete: Vec<Complete>,
    /// What null, NaN and the absence of evidence mean.
    pub semantics: Semantics,
    /// Which columns may be absent where: see [`Schema::in_environment`].
    pub environments: Vec<Environment>,
    /// Which changes of the schema break its readers; no rule of a table, but for the names that columns had.
    pub evolution: Evolution,
}

/// A value and the `file:line` where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cited<T> {
    pub value: T,
    pub at: String,
}

/// One declared column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub name: String,
    pub at: String,
    pub ty: Type,
    pub nullable: bool,
    /// Whether it may be absent; when it is, so are the rules that need it.
    pub optional: bool,
    pub nan: Nan,
    /// What stands for null in a text format, where that is not what `csv` says.
    pub missing: Option<Vec<String>>,
    pub rules: Vec<ValueRule>,
    pub doc: Option<String>,
}

/// A rule that each value that is not null must keep, up to a tolerated share.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueRule {
    pub kind: RuleKind,
    pub tolerance: Tolerance,
    pub at: String,
}

#[derive(Clone, Debug, PartialEq)]
pub enum RuleKind {
    Range(Range),
    In(Vec<Literal>),
    /// The value is one of those in a column of another table.
    Reference(Reference),
    /// A regular expression that matches the whole value.
    Matches(String),
    /// A regular expression that matches somewhere in the value.
    Find(String),
    /// The length in characters.
    Len(Counts),
    /// `nan: fail` on a column without a range.
    NotNan,
}

/// A column of another table: `teams.code`. Where that table lies is said by whoever asks for a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    pub table: String,
    pub column: String,
}

/// Bounds of values; a missing one is open.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    pub low: Option<Literal>,
    pub high: Option<Literal>,
    pub end: End,
}

/// Whether the upper bound itself belongs to a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Included,
    Excluded,
}

/// Bounds of a count, both included; a missing upper one is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    pub low: u64,
    pub high: Option<u64>,
}

/// What NaN is in a column of floats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nan {
    /// It violates the value rules.
    Fail,
    /// It is a value like any other and violates no range.
    Ok,
    /// It counts as null.
    Null,
}

/// How many rows there have to be, in the table or in each group of rows with the same values of some columns.
///
/// A group without any row is not seen: it does not exist.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    pub counts: Counts,
    pub per: Vec<String>,
    pub tolerance: Tolerance,
}

/// What becomes of columns that the schema does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExtraColumns {
    Forbid,
    Warn,
    Allow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnOrder {
    Any,
    Exact,
}

/// A table that a schema refers to, and where it first does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRef {
    pub name: String,
    /// `file:line`.
    pub at: String,
}

impl Schema {
    /// Returns how a table in a text format is written, with what columns say for themselves.
    pub fn text_form(&self) -> TextForm {
        let missing = |column: &Column| Some((column.name.clone(), column.missing.clone()?));
        TextForm { missing_in: self.columns.iter().filter_map(missing).collect(), ..self.csv.clone() }
    }

    /// Returns the tables that the schema refers to, each once, in the order of the text.
    pub fn tables(&self) -> Vec<TableRef> {
        let mut tables: Vec<TableRef> = Vec::new();
        for rule in self.columns.iter().flat_map(|column| &column.rules) {
            let RuleKind::Reference(reference) = &rule.kind else { continue };
            if tables.iter().all(|known| known.name != reference.table) {
                tables.push(TableRef { name: reference.table.clone(), at: rule.at.clone() });
            }
        }
        tables
    }
}

impl Counts {
    pub fn contains(self, count: u64) -> bool {
        count >= self.low && self.high.is_none_or(|high| count <= high)
    }
}

impl Nan {
    pub(crate) const ALL: [(&'static str, Self); 3] = [("fail", Self::Fail), ("ok", Self::Ok), ("null", Self::Null)];

    pub(crate) fn name(self) -> &'static str {
        name_in(&Self::ALL, self)
    }
}

impl ExtraColumns {
    pub(crate) const ALL: [(&'static str, Self); 3] =
        [("forbid", Self::Forbid), ("warn", Self::Warn), ("allow", Self::Allow)];

    pub(crate) fn name(self) -> &'static str {
        name_in(&Self::ALL, self)
    }
}

impl ColumnOrder {
    pub(crate) const ALL: [(&'static str, Self); 2] = [("any", Self::Any), ("exact", Self::Exact)];

    pub(crate) fn name(self) -> &'static str {
        name_in(&Self::ALL, self)
    }
}

/// Makes a regular expression match the whole value.
pub(crate) fn whole_match(regex: &str) -> String {
    format!(r"\A(?:{regex})\z")
}

pub(super) fn name_in<T: PartialEq + Copy>(all: &[(&'static str, T)], value: T) -> &'static str {
    all.iter().find(|(_, each)| *each == value).map_or("", |(name, _)| name)
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dots = if self.end == End::Excluded { "..<" } else { ".." };
        let text = |bound: &Option<Literal>| bound.as_ref().map(Literal::to_string).unwrap_or_default();
        write!(f, "{}{dots}{}", text(&self.low), text(&self.high))
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.low, self.high.map(|high| high.to_string()).unwrap_or_default())
    }
}

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.counts)?;
        if self.per.is_empty() { Ok(()) } else { write!(f, " per {}", self.per.join(", ")) }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.table, self.column)
    }
}

impl fmt::Display for RuleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Range(range) => write!(f, "range {range}"),
            Self::In(values) if values.len() > SHOWN_VALUES => {
                write!(f, "in [{}, … {} values]", list(&values[..SHOWN_VALUES]), values.len())
            }
            Self::In(values) => write!(f, "in [{}]", list(values)),
            Self::Reference(reference) => write!(f, "in {reference}"),
            Self::Matches(regex) => write!(f, "matches /{regex}/"),
            Self::Find(regex) => write!(f, "find /{regex}/"),
            Self::Len(counts) => write!(f, "len {counts}"),
            Self::NotNan => f.write_str("not NaN"),
        }
    }
}

/// A set longer than this is cut where a rule is named.
const SHOWN_VALUES: usize = 6;

fn list(values: &[Literal]) -> String {
    values.iter().map(bare).collect::<Vec<_>>().join(", ")
}

/// Writes a plain word as the schema does, without quotes.
fn bare(value: &Literal) -> String {
    let is_word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_');
    if let Literal::Str(text) = value
        && is_word(text)
    {
        return text.clone();
    }
    value.to_string()
}
