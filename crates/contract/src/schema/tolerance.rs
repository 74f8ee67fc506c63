//! What a rule tolerates, and what it does when that is exceeded.

use std::fmt;

use lockgate_spanned::{Fields, Node, Span, Value};

use super::ast::name_in;
use super::lower::{Reader, Word};

/// How many violations there may be, and what more of them do to the verdict.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    pub allow: Allow,
    /// Above this, though it is allowed, the rule warns: `allow: {warn: 0.5%, fail: 5%}`.
    pub warn_above: Option<Allow>,
    pub level: Level,
}

/// How many violations a rule tolerates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Allow {
    Rows(u64),
    /// Percent of what was examined.
    Percent(f64),
}

/// What a violated rule does to the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Level {
    Fail,
    Warn,
    Info,
}

impl Tolerance {
    /// Nothing is tolerated.
    pub const NONE: Self = Self { allow: Allow::Rows(0), warn_above: None, level: Level::Fail };

    /// Returns what `bad` violations among `examined` do to the verdict; `None` when they are tolerated.
    pub fn exceeded(&self, bad: u64, examined: u64) -> Option<Level> {
        if bad > self.allow.rows(examined) {
            return Some(self.level);
        }
        self.warn_above.filter(|warn| bad > warn.rows(examined)).map(|_| Level::Warn)
    }
}

impl Allow {
    /// Returns how many of `examined` rows may violate the rule.
    pub fn rows(self, examined: u64) -> u64 {
        match self {
            Self::Rows(rows) => rows,
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a share of a row count below 2^53, which is never negative; a part of a row is not tolerated"
            )]
            Self::Percent(percent) => (examined as f64 * percent / 100.0).floor() as u64,
        }
    }

    /// Says whether `self` never tolerates more than `other`, whatever the number of rows; `None` when that depends on it.
    fn is_within(self, other: Self) -> Option<bool> {
        match (self, other) {
            (Self::Rows(one), Self::Rows(other)) => Some(one <= other),
            (Self::Percent(one), Self::Percent(other)) => Some(one <= other),
            (Self::Rows(_), Self::Percent(_)) | (Self::Percent(_), Self::Rows(_)) => None,
        }
    }
}

impl Level {
    pub(crate) const ALL: [(&'static str, Self); 3] =
        [("fail", Self::Fail), ("warn", Self::Warn), ("info", Self::Info)];

    pub fn name(self) -> &'static str {
        name_in(&Self::ALL, self)
    }
}

impl fmt::Display for Allow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(rows) => write!(f, "{rows}"),
            Self::Percent(percent) => write!(f, "{percent} %"),
        }
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.allow)?;
        self.warn_above.map_or(Ok(()), |warn| write!(f, ", warned above {warn}"))
    }
}

/// What a rule says of its tolerance, with the places where it says it.
#[derive(Clone, Copy)]
pub(super) struct Written {
    allow: Option<(Allow, Option<Allow>, Span)>,
    level: Option<(Level, Span)>,
}

impl Written {
    /// Nothing is said.
    pub const NOTHING: Self = Self { allow: None, level: None };

    /// Returns a key that is written, with its place.
    pub fn first_given(&self) -> Option<(&'static str, Span)> {
        let allow = self.allow.map(|(_, _, span)| ("allow", span));
        allow.or(self.level.map(|(_, span)| ("level", span)))
    }

    pub fn tolerance(&self) -> Tolerance {
        let (allow, warn_above) = self.allow.map_or((Allow::Rows(0), None), |(allow, warn, _)| (allow, warn));
        Tolerance { allow, warn_above, level: self.level.map_or(Level::Fail, |(level, _)| level) }
    }
}

/// Reads `allow` and `level` of a rule; a mistake in them is noted and the rest is read as if they were not there.
pub(super) fn read(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Written {
    let allow = fields.get("allow").and_then(|node| allow(node, reader));
    let level = fields.entry("level").and_then(|(key, node)| {
        let text = node.scalar_text(reader.source).unwrap_or_default();
        reader.choice("level", Word { text, span: node.span }, &Level::ALL).map(|level| (level, key.span))
    });
    let (allow, level) = match (allow, level) {
        (Some((_, Some(_), _)), Some((_, span))) => {
            let help = "`allow: {warn: …, fail: …}` says both levels: remove `level`";
            reader.refuse::<()>("schema::bad-value", span, "`level` is said twice", help);
            (None, None)
        }
        other => other,
    };
    Written { allow, level }
}

fn allow(node: &Node, reader: &mut Reader<'_>) -> Option<(Allow, Option<Allow>, Span)> {
    if !matches!(node.value, Value::Map(_)) {
        return one(node, reader).map(|allow| (allow, None, node.span));
    }
    let fields = Fields::open(node, "`allow`", &["warn", "fail"], reader.source, reader.problems)?;
    let (Some(warn), Some(fail)) = (fields.get("warn"), fields.get("fail")) else {
        let help = "write `allow: {warn: 0.5%, fail: 5%}`, or one share or number of rows";
        return reader.refuse("schema::bad-value", node.span, "`allow` needs both `warn` and `fail`", help);
    };
    let (warned, failed) = (one(warn, reader)?, one(fail, reader)?);
    if warned.is_within(failed) == Some(false) {
        let message = format!("it warns above {warned} and fails above {failed} already");
        return reader.refuse("schema::bad-value", warn.span, message, "let `warn` be the smaller of the two");
    }
    Some((failed, Some(warned), node.span))
}

fn one(node: &Node, reader: &mut Reader<'_>) -> Option<Allow> {
    let source = reader.source;
    reader.allow(Word { text: node.scalar_text(source).unwrap_or_default(), span: node.span })
}
