//! What a rule tolerates, and what it does when that is exceeded.

use std::fmt;

use lockgate_spanned::{Fields, Key, Node, Span, Value};

use super::ast::name_in;
use super::lower::{Reader, Word};
use super::semantics::Shares;

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
    /// At least this share of what was examined is good, from 0 to 1: `mostly` of Great Expectations.
    Mostly(f64),
}

/// What a violated rule does to the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
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
        if !self.allow.tolerates(bad, examined) {
            return Some(self.level);
        }
        self.warn_above.filter(|warn| !warn.tolerates(bad, examined)).map(|_| Level::Warn)
    }
}

impl Allow {
    /// Says whether `bad` violations among `examined` are few enough.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a row count below 2^53, which is never negative; a part of a row is not tolerated"
    )]
    pub fn tolerates(self, bad: u64, examined: u64) -> bool {
        match self {
            Self::Rows(rows) => bad <= rows,
            Self::Percent(percent) => bad <= (examined as f64 * percent / 100.0).floor() as u64,
            // Not rearranged: the division is rounded here as it is there, so that the verdicts are the same.
            Self::Mostly(share) => examined == 0 || (examined - bad) as f64 / examined as f64 >= share,
        }
    }

    /// Says whether not a single violation is tolerated.
    pub(super) fn is_nothing(self) -> bool {
        match self {
            Self::Rows(rows) => rows == 0,
            Self::Percent(percent) => percent == 0.0,
            Self::Mostly(share) => share >= 1.0,
        }
    }

    /// Says whether `self` never tolerates more than `other`, whatever the number of rows; `None` when that depends on it.
    fn is_within(self, other: Self) -> Option<bool> {
        match (self, other) {
            (Self::Rows(one), Self::Rows(other)) => Some(one <= other),
            (Self::Percent(one), Self::Percent(other)) => Some(one <= other),
            (Self::Mostly(_), _)
            | (_, Self::Mostly(_))
            | (Self::Rows(_), Self::Percent(_))
            | (Self::Percent(_), Self::Rows(_)) => None,
        }
    }
}

impl Level {
    /// Returns how much a broken rule weighs, the least first.
    pub(super) fn rank(self) -> u8 {
        match self {
            Self::Info => 0,
            Self::Warn => 1,
            Self::Fail => 2,
        }
    }

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
            Self::Mostly(share) => write!(f, "mostly {share}"),
        }
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.allow)?;
        self.warn_above.map_or(Ok(()), |warn| write!(f, ", warned above {warn}"))
    }
}

pub(super) const ALLOW_KEYS: [&str; 2] = ["warn", "fail"];

/// What is allowed, above what it warns, and the key that says so with its place.
type Tolerated = (Allow, Option<Allow>, &'static str, Span);

/// What a rule says of its tolerance, with the places where it says it.
#[derive(Clone, Copy)]
pub(super) struct Written {
    allow: Option<Tolerated>,
    level: Option<(Level, Span)>,
}

impl Written {
    /// Nothing is said.
    pub const NOTHING: Self = Self { allow: None, level: None };

    /// Returns a key that is written, with its place.
    pub fn first_given(&self) -> Option<(&'static str, Span)> {
        self.share().or(self.level.map(|(_, span)| ("level", span)))
    }

    /// Returns the key that says how much is tolerated, with its place.
    pub fn share(&self) -> Option<(&'static str, Span)> {
        self.allow.map(|(_, _, key, span)| (key, span))
    }

    pub fn tolerance(&self) -> Tolerance {
        let (allow, warn_above) = self.allow.map_or((Allow::Rows(0), None), |(allow, warn, _, _)| (allow, warn));
        Tolerance { allow, warn_above, level: self.level.map_or(Level::Fail, |(level, _)| level) }
    }
}

/// Reads `allow` and `level` of a rule; a mistake in them is noted and the rest is read as if they were not there.
pub(super) fn read(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Written {
    let allow = fields.get("allow").and_then(|node| allow(node, reader));
    let mostly = fields.entry("mostly").and_then(|(key, node)| mostly(key, node, reader));
    if let (Some(_), Some((_, _, _, span))) = (allow, mostly) {
        let help = "they say the same in two ways: keep one";
        reader.refuse::<()>("schema::bad-value", span, "`mostly` stands beside `allow`", help);
    }
    let level = fields.entry("level").and_then(|(key, node)| {
        let text = node.scalar_text(reader.source).unwrap_or_default();
        reader.choice("level", Word { text, span: node.span }, &Level::ALL).map(|level| (level, key.span))
    });
    let (allow, level) = match (allow, level) {
        (Some((_, Some(_), _, _)), Some((_, span))) => {
            let help = "`allow: {warn: …, fail: …}` says both levels: remove `level`";
            reader.refuse::<()>("schema::bad-value", span, "`level` is said twice", help);
            (None, None)
        }
        other => other,
    };
    Written { allow: allow.or(mostly), level }
}

/// Reads the least good share, which only rules of another tool are written with.
fn mostly(key: &Key, node: &Node, reader: &mut Reader<'_>) -> Option<Tolerated> {
    if reader.semantics.shares() == Shares::Allow {
        let help = "write `allow: 5%` for `mostly: 0.95`, or `gx_compat: true` at the top of the schema";
        return reader.refuse("schema::bad-value", key.span, "`mostly` is a word of Great Expectations", help);
    }
    let share = match node.value {
        Value::Float(share) => Some(share),
        Value::Int(0) => Some(0.0),
        Value::Int(1) => Some(1.0),
        Value::Int(_) | Value::Null | Value::Bool(_) | Value::Str(_) | Value::List(_) | Value::Map(_) => None,
    };
    let Some(share) = share.filter(|share| (0.0..=1.0).contains(share)) else {
        let help = "write the least share that must be good, from 0 to 1: `mostly: 0.95`";
        return reader.refuse("schema::bad-value", node.span, "`mostly` is not a share", help);
    };
    Some((Allow::Mostly(share), None, "mostly", node.span))
}

fn allow(node: &Node, reader: &mut Reader<'_>) -> Option<Tolerated> {
    if !matches!(node.value, Value::Map(_)) {
        return one(node, reader).map(|allow| (allow, None, "allow", node.span));
    }
    let fields = Fields::open(node, "`allow`", &ALLOW_KEYS, reader.source, reader.problems)?;
    let (Some(warn), Some(fail)) = (fields.get("warn"), fields.get("fail")) else {
        let help = "write `allow: {warn: 0.5%, fail: 5%}`, or one share or number of rows";
        return reader.refuse("schema::bad-value", node.span, "`allow` needs both `warn` and `fail`", help);
    };
    let (warned, failed) = (one(warn, reader)?, one(fail, reader)?);
    if warned.is_within(failed) == Some(false) {
        let message = format!("it warns above {warned} and fails above {failed} already");
        return reader.refuse("schema::bad-value", warn.span, message, "let `warn` be the smaller of the two");
    }
    Some((failed, Some(warned), "allow", node.span))
}

fn one(node: &Node, reader: &mut Reader<'_>) -> Option<Allow> {
    let source = reader.source;
    reader.allow(Word { text: node.scalar_text(source).unwrap_or_default(), span: node.span })
}
