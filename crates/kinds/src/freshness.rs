//! `freshness`: how old the newest row is, by its own time.

use std::time::Duration;

use chrono_tz::{TZ_VARIANTS, Tz};
use lockgate_spanned::{Fields, Node, Value, in_units, nearest};
use serde::{Deserialize, Serialize};

use crate::moment::Moment;
use crate::reader::Reader;

const KEYS: [&str; 8] = ["column", "warn_after", "fail_after", "now", "timezone", "per", "expected", "skew"];

/// How old the newest row may be, in the whole table or in each group of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freshness {
    /// The time at which a row was true, not that at which it was received.
    pub column: String,
    pub warn_after: Option<Duration>,
    /// At least one of the two is set, and the first is the shorter.
    pub fail_after: Option<Duration>,
    pub now: Now,
    /// The zone of times that are written without one, such as `Europe/London`.
    pub timezone: Option<String>,
    /// The columns that make a group, each judged by itself; none for the whole table.
    pub per: Vec<String>,
    /// The groups that must be there, a value for each column of `per`.
    pub expected: Vec<Vec<String>>,
    /// How far in the future a time may lie before it is an error: clocks differ a little.
    pub skew: Duration,
}

/// The moment by which an age is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Now {
    /// That of the run: the verdict is good for no other.
    Clock,
    /// A declared one: the verdict is a function of the data.
    At(Moment),
}

const SKEW: Duration = Duration::from_secs(60);

impl Freshness {
    pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let fields = reader.settings(node, &KEYS)?;
        let column = reader.needed(&fields, "column", "updated_at").and_then(|node| reader.text("column", node));
        let duration = |key: &str, reader: &mut Reader<'_>| fields.get(key).and_then(|node| reader.duration(key, node));
        let (warn_after, fail_after) = (duration("warn_after", reader), duration("fail_after", reader));
        check_ages(&fields, warn_after, fail_after, reader);
        let now = fields.get("now").map_or(Some(Now::Clock), |node| now(node, reader));
        let timezone = fields.get("timezone").and_then(|node| zone(node, reader));
        let per = fields.get("per").and_then(|node| reader.texts("per", node)).unwrap_or_default();
        let expected = expected(&fields, per.len(), reader);
        let skew = duration("skew", reader).unwrap_or(SKEW);
        Some(Self { column: column?, warn_after, fail_after, now: now?, timezone, per, expected, skew })
    }
}

fn check_ages(fields: &Fields<'_>, warn: Option<Duration>, fail: Option<Duration>, reader: &mut Reader<'_>) {
    if fields.get("warn_after").or(fields.get("fail_after")).is_none() {
        let message = "`freshness` has neither `warn_after` nor `fail_after`";
        reader.refuse::<()>(fields.span(), message, "add `fail_after: 60m`, the age above which the gate fails");
    }
    if let (Some(warn), Some(fail), Some(node)) = (warn, fail, fields.get("warn_after"))
        && warn >= fail
    {
        let message = format!("it fails after {} and warns only after {}", in_units(fail), in_units(warn));
        reader.refuse::<()>(node.span, message, "let `warn_after` be the shorter of the two");
    }
}

fn now(node: &Node, reader: &mut Reader<'_>) -> Option<Now> {
    let text = reader.text("now", node)?;
    let moment = Moment::parse(&text).map(Now::At);
    let help = "write a date or a date and time: `2017-05-21T15:00:00Z`; without `now` it is the moment of the run";
    moment.or_else(|| reader.refuse(node.span, format!("`now` is `{text}`, not a moment"), help))
}

/// Reads the name of a time zone; the names are those by which tables are read.
fn zone(node: &Node, reader: &mut Reader<'_>) -> Option<String> {
    let name = reader.text("timezone", node)?;
    if name.parse::<Tz>().is_ok() {
        return Some(name);
    }
    let help = match nearest(&name, TZ_VARIANTS.iter().map(|zone| zone.name())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write UTC or a name such as Europe/London".to_owned(),
    };
    reader.refuse(node.span, format!("the time zone `{name}` is not known"), help)
}

/// Reads the groups: a list of values for one column, of lists of values for several.
fn expected(fields: &Fields<'_>, columns: usize, reader: &mut Reader<'_>) -> Vec<Vec<String>> {
    let Some((key, node)) = fields.entry("expected") else { return Vec::new() };
    if columns == 0 {
        let help = "name the columns that make a group: `per: [division]`";
        return reader.refuse(key.span, "`expected` lists groups, but there is no `per`", help).unwrap_or_default();
    }
    let Value::List(items) = &node.value else {
        let help = "write the groups as a list: `[E0, E1]`";
        return reader.wrong_kind("expected", node, "a list", help).unwrap_or_default();
    };
    if items.is_empty() {
        let help = "name at least one group, or remove the key";
        return reader.refuse(node.span, "`expected` is empty", help).unwrap_or_default();
    }
    items.iter().filter_map(|item| group(item, columns, reader)).collect()
}

fn group(item: &Node, columns: usize, reader: &mut Reader<'_>) -> Option<Vec<String>> {
    let values = match &item.value {
        Value::List(values) => values.iter().map(|value| reader.text("expected", value)).collect::<Option<Vec<_>>>()?,
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::Map(_) => {
            vec![reader.text("expected", item)?]
        }
    };
    if values.len() == columns {
        return Some(values);
    }
    let message = format!("a group of `expected` has {} values, and `per` {columns} columns", values.len());
    reader.refuse(item.span, message, "give one value for each column of `per`, in their order")
}
