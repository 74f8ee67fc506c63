//! The types a column can be declared with, and their values as text.
//!
//! One reading for bounds in a schema and for cells of a CSV or JSON lines file, so that `2024-01-01` means the same in both.
//! It knows nothing of tables.

use std::cmp::Ordering;
use std::fmt;

/// The declared type of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Whatever the table has; the type is no rule then.
    Any,
    Str,
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
    Date,
    Time,
    /// Without a unit any unit is accepted in a table; with a zone the values are instants.
    Datetime {
        unit: Option<TimeUnit>,
        zone: Option<String>,
    },
}

/// The resolution of a stored date and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    Ms,
    Us,
    Ns,
}

/// A value of a declared type.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    Bool(bool),
    Int(i128),
    Float(f64),
    Str(String),
    /// Days since 1970-01-01.
    Date(i32),
    /// Nanoseconds since midnight.
    Time(i64),
    /// Nanoseconds since 1970-01-01 00:00, in UTC when the type has a zone.
    Datetime(i128),
}

/// The simple names, in the order in which messages list them.
const NAMES: [(&str, Type); 15] = [
    ("str", Type::Str),
    ("bool", Type::Bool),
    ("i8", Type::I8),
    ("i16", Type::I16),
    ("i32", Type::I32),
    ("i64", Type::I64),
    ("u8", Type::U8),
    ("u16", Type::U16),
    ("u32", Type::U32),
    ("u64", Type::U64),
    ("f32", Type::F32),
    ("f64", Type::F64),
    ("date", Type::Date),
    ("time", Type::Time),
    ("any", Type::Any),
];

/// A date and time without a zone, and a point in time.
const LOCAL: Type = Type::Datetime { unit: Some(TimeUnit::Ns), zone: None };
const INSTANT: Type = Type::Datetime { unit: Some(TimeUnit::Ns), zone: Some(String::new()) };

impl Type {
    /// Returns all the names a type can start with.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, _)| *name).chain(["datetime"])
    }

    /// Reads `i8`, `str`, `datetime[us, UTC]`; `None` when the text is no type.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((_, found)) = NAMES.iter().find(|(name, _)| *name == text) {
            return Some(found.clone());
        }
        let rest = text.strip_prefix("datetime")?;
        if rest.is_empty() {
            return Some(Self::Datetime { unit: None, zone: None });
        }
        let inner = rest.strip_prefix('[')?.strip_suffix(']')?;
        let (unit, zone) = inner.split_once(',').map_or((inner, None), |(unit, zone)| (unit, Some(zone.trim())));
        let unit = TimeUnit::parse(unit.trim())?;
        if zone.is_some_and(|zone| zone.is_empty() || zone.contains(char::is_whitespace)) {
            return None;
        }
        Some(Self::Datetime { unit: Some(unit), zone: zone.map(str::to_owned) })
    }

    /// Returns the smallest and the largest value of an integer type.
    pub fn int_domain(&self) -> Option<(i128, i128)> {
        let (low, high) = match self {
            Self::I8 => (i128::from(i8::MIN), i128::from(i8::MAX)),
            Self::I16 => (i128::from(i16::MIN), i128::from(i16::MAX)),
            Self::I32 => (i128::from(i32::MIN), i128::from(i32::MAX)),
            Self::I64 => (i128::from(i64::MIN), i128::from(i64::MAX)),
            Self::U8 => (0, i128::from(u8::MAX)),
            Self::U16 => (0, i128::from(u16::MAX)),
            Self::U32 => (0, i128::from(u32::MAX)),
            Self::U64 => (0, i128::from(u64::MAX)),
            Self::Any
            | Self::Str
            | Self::Bool
            | Self::F32
            | Self::F64
            | Self::Date
            | Self::Time
            | Self::Datetime { .. } => {
                return None;
            }
        };
        Some((low, high))
    }

    pub fn is_float(&self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }

    /// Says whether values of the type have an order that a range can use.
    pub fn has_range(&self) -> bool {
        !matches!(self, Self::Str | Self::Bool)
    }

    /// Reads a value; `None` when the text is not one of this type, also when it has more digits than the type keeps.
    ///
    /// Of `any` it is the first type of which the text is a value, and no text: what is neither a number nor a time has no order.
    pub fn parse_value(&self, text: &str) -> Option<Literal> {
        match self {
            Self::Any => [Self::I64, Self::U64, Self::F64, Self::Date, LOCAL, INSTANT, Self::Time]
                .iter()
                .find_map(|ty| ty.parse_value(text)),
            Self::Str => Some(Literal::Str(text.to_owned())),
            Self::Bool => parse_bool(text).map(Literal::Bool),
            Self::F32 => parse_f32(text).map(|value| Literal::Float(f64::from(value))),
            Self::F64 => parse_f64(text).map(Literal::Float),
            Self::Date => parse_date(text).map(Literal::Date),
            Self::Time => parse_time(text).map(Literal::Time),
            Self::Datetime { unit, zone } => parse_datetime(text, unit.unwrap_or(TimeUnit::Us), zone.is_some()),
            Self::I8 | Self::I16 | Self::I32 | Self::I64 | Self::U8 | Self::U16 | Self::U32 | Self::U64 => {
                let value = text.parse::<i128>().ok()?;
                let (low, high) = self.int_domain()?;
                (low..=high).contains(&value).then_some(Literal::Int(value))
            }
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Datetime { unit, zone } = self {
            return match (unit, zone) {
                (None, _) => f.write_str("datetime"),
                (Some(unit), None) => write!(f, "datetime[{}]", unit.name()),
                (Some(unit), Some(zone)) => write!(f, "datetime[{}, {zone}]", unit.name()),
            };
        }
        f.write_str(NAMES.iter().find(|(_, ty)| ty == self).map_or("", |(name, _)| name))
    }
}

impl TimeUnit {
    fn parse(text: &str) -> Option<Self> {
        [Self::Ms, Self::Us, Self::Ns].into_iter().find(|unit| unit.name() == text)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Ms => "ms",
            Self::Us => "us",
            Self::Ns => "ns",
        }
    }

    /// Returns the nanoseconds of one unit.
    pub fn nanos(self) -> i128 {
        match self {
            Self::Ms => 1_000_000,
            Self::Us => 1_000,
            Self::Ns => 1,
        }
    }
}

impl Literal {
    /// Makes two bounds of the same kind: with a float on one side, the other is one too.
    pub(crate) fn alike(low: Option<Self>, high: Option<Self>) -> (Option<Self>, Option<Self>) {
        #[expect(clippy::cast_precision_loss, reason = "a bound beside a float is compared as one")]
        let float = |literal| if let Self::Int(value) = literal { Self::Float(value as f64) } else { literal };
        match (&low, &high) {
            (Some(Self::Float(_)), Some(Self::Int(_))) | (Some(Self::Int(_)), Some(Self::Float(_))) => {
                (low.map(float), high.map(float))
            }
            _ => (low, high),
        }
    }

    /// Compares two values of one type that has an order; `None` when they have none, as of texts or with NaN.
    pub(crate) fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Float(one), Self::Float(other)) => one.partial_cmp(other),
            (Self::Int(one), Self::Int(other)) | (Self::Datetime(one), Self::Datetime(other)) => Some(one.cmp(other)),
            (Self::Date(one), Self::Date(other)) => Some(one.cmp(other)),
            (Self::Time(one), Self::Time(other)) => Some(one.cmp(other)),
            _ => None,
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Str(value) => write!(f, "{value:?}"),
            Self::Date(days) => f.write_str(&date_text(i64::from(*days))),
            Self::Time(nanos) => f.write_str(&time_text(*nanos)),
            Self::Datetime(nanos) => f.write_str(&datetime_text(*nanos)),
        }
    }
}

const NANOS_PER_SECOND: i64 = 1_000_000_000;
const NANOS_PER_DAY: i64 = 86_400 * NANOS_PER_SECOND;

fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// A number too large for the type is not a value of it: only a written `inf` is infinite.
fn parse_f64(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|value| value.is_finite() || !text.contains(|c: char| c.is_ascii_digit()))
}

fn parse_f32(text: &str) -> Option<f32> {
    text.parse::<f32>().ok().filter(|value| value.is_finite() || !text.contains(|c: char| c.is_ascii_digit()))
}

/// Writes a float as Python does: the shortest text that reads back as the same number, `1.0` and `1e+16`.
pub(crate) fn float_text(value: f64) -> String {
    python_float(&format!("{value:e}"), value)
}

/// As [`float_text`], with the digits that a float of 32 bits keeps.
pub(crate) fn float32_text(value: f32) -> String {
    python_float(&format!("{value:e}"), f64::from(value))
}

fn python_float(shortest: &str, value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "nan"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        }
        .to_owned();
    }
    let (mantissa, exponent) = shortest.split_once('e').expect("a finite float has an exponent in this form");
    let exponent: i32 = exponent.parse().expect("the exponent of a float is a small number");
    if !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let (sign, digits) = mantissa.strip_prefix('-').map_or(("", mantissa), |digits| ("-", digits));
    let digits = digits.replace('.', "");
    let point = usize::try_from(exponent + 1).unwrap_or(0);
    if exponent < 0 {
        let zeros = "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0));
        return format!("{sign}0.{zeros}{digits}");
    }
    if digits.len() <= point {
        return format!("{sign}{digits}{}.0", "0".repeat(point - digits.len()));
    }
    format!("{sign}{}.{}", &digits[..point], &digits[point..])
}

/// Reads exactly `len` digits at the start of `text`.
fn digits(text: &str, len: usize) -> Option<(i64, &str)> {
    let (head, rest) = text.split_at_checked(len)?;
    head.bytes().all(|b| b.is_ascii_digit()).then_some(())?;
    Some((head.parse().ok()?, rest))
}

fn parse_date(text: &str) -> Option<i32> {
    let (year, rest) = digits(text, 4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let valid = rest.is_empty() && (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    valid.then(|| i32::try_from(days_of(year, month, day)).ok()).flatten()
}

fn parse_time(text: &str) -> Option<i64> {
    let (nanos, rest) = time_prefix(text)?;
    rest.is_empty().then_some(nanos)
}

/// Reads `HH:MM[:SS[.fraction]]` and returns the nanoseconds since midnight with what follows.
fn time_prefix(text: &str) -> Option<(i64, &str)> {
    let (hour, rest) = digits(text, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let (second, rest) = rest.strip_prefix(':').map_or(Some((0, rest)), |rest| digits(rest, 2))?;
    (hour < 24 && minute < 60 && second < 60).then_some(())?;
    let (fraction, rest) = rest.strip_prefix('.').map_or(Some((0, rest)), fraction)?;
    Some(((hour * 3600 + minute * 60 + second) * NANOS_PER_SECOND + fraction, rest))
}

fn fraction(text: &str) -> Option<(i64, &str)> {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=9).contains(&len).then_some(())?;
    let (value, rest) = digits(text, len)?;
    let scale = (len..9).fold(1, |scale, _| scale * 10);
    Some((value * scale, rest))
}

/// A type with a zone needs an offset, for without one the instant is a guess; a type without a zone allows none.
fn parse_datetime(text: &str, unit: TimeUnit, zoned: bool) -> Option<Literal> {
    let (date, rest) = text.split_at_checked(10)?;
    let days = i128::from(parse_date(date)?);
    let (time, rest) = match rest.strip_prefix(['T', ' ']) {
        Some(rest) => time_prefix(rest)?,
        None => (0, rest),
    };
    let offset = if zoned { offset_nanos(rest)? } else { rest.is_empty().then_some(0)? };
    let nanos = days * i128::from(NANOS_PER_DAY) + i128::from(time) - i128::from(offset);
    let fits = nanos % unit.nanos() == 0 && i64::try_from(nanos / unit.nanos()).is_ok();
    fits.then_some(Literal::Datetime(nanos))
}

/// Reads `Z`, `+HH`, `+HHMM` or `+HH:MM`.
fn offset_nanos(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, rest) =
        text.strip_prefix('+').map(|rest| (1, rest)).or(text.strip_prefix('-').map(|rest| (-1, rest)))?;
    let (hours, rest) = digits(rest, 2)?;
    let rest = rest.strip_prefix(':').unwrap_or(rest);
    let (minutes, rest) = if rest.is_empty() { (0, rest) } else { digits(rest, 2)? };
    (rest.is_empty() && hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60 * NANOS_PER_SECOND)
}

pub(crate) fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Returns the days since 1970-01-01 of a date of the proleptic Gregorian calendar (Howard Hinnant, `days_from_civil`).
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Returns a date as `YYYY-MM-DD`, the inverse of [`days_of`] (Howard Hinnant, `civil_from_days`).
pub(crate) fn date_text(days: i64) -> String {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

pub(crate) fn time_text(nanos: i64) -> String {
    let seconds = nanos.div_euclid(NANOS_PER_SECOND);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = format!("{:09}", nanos.rem_euclid(NANOS_PER_SECOND));
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{hour:02}:{minute:02}:{second:02}{point}{fraction}")
}

pub(crate) fn datetime_text(nanos: i128) -> String {
    let day = i128::from(NANOS_PER_DAY);
    let days = i64::try_from(nanos.div_euclid(day)).unwrap_or(i64::MAX / 2);
    let rest = i64::try_from(nanos.rem_euclid(day)).expect("a remainder is smaller than a day");
    format!("{}T{}", date_text(days), time_text(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ty: &str, text: &str, expect: Option<&str>) {
        let ty = Type::parse(ty).expect("the type is valid");
        assert_eq!(ty.parse_value(text).map(|value| value.to_string()).as_deref(), expect, "{ty} {text}");
    }

    #[test]
    fn types_are_read_and_written_the_same() {
        for text in Type::names().chain(["datetime[ms]", "datetime[us, UTC]", "datetime[ns, Europe/Paris]"]) {
            assert_eq!(Type::parse(text).map(|ty| ty.to_string()).as_deref(), Some(text));
        }
        for text in ["int", "datetime[]", "datetime[s]", "datetime[us,]", "datetime[us, a b]", "Str"] {
            assert_eq!(Type::parse(text), None, "{text}");
        }
    }

    #[test]
    fn integers_keep_to_their_type() {
        check("i8", "127", Some("127"));
        check("i8", "128", None);
        check("u8", "-1", None);
        check("u64", "18446744073709551615", Some("18446744073709551615"));
        check("i64", "1.0", None);
        check("i64", " 1", None);
    }

    #[test]
    fn a_number_too_large_for_a_float_is_not_a_float() {
        check("f64", "1e400", None);
        check("f32", "1e39", None);
        check("f64", "inf", Some("inf"));
        check("f64", "NaN", Some("NaN"));
        check("f64", "-2.50", Some("-2.5"));
    }

    #[test]
    fn floats_are_written_as_python_writes_them() {
        let check = |value: f64, expect: &str| assert_eq!(float_text(value), expect);
        check(1.0, "1.0");
        check(-0.0, "-0.0");
        check(0.1, "0.1");
        check(12345.678, "12345.678");
        check(1e15, "1000000000000000.0");
        check(1e16, "1e+16");
        check(-1.5e-5, "-1.5e-05");
        check(0.0001, "0.0001");
        check(1.0 / 3.0, "0.3333333333333333");
        check(f64::NAN, "nan");
        check(f64::NEG_INFINITY, "-inf");
        assert_eq!(float32_text(0.1), "0.1");
    }

    #[test]
    fn dates_follow_the_calendar() {
        check("date", "2024-02-29", Some("2024-02-29"));
        check("date", "2023-02-29", None);
        check("date", "1900-02-29", None);
        check("date", "1969-12-31", Some("1969-12-31"));
        check("date", "0001-01-01", Some("0001-01-01"));
        check("date", "2024-2-9", None);
        check("time", "23:59:59.5", Some("23:59:59.5"));
        check("time", "24:00", None);
    }

    #[test]
    fn an_instant_needs_an_offset_and_a_local_time_has_none() {
        check("datetime[us, UTC]", "2024-09-05T20:20:00+02:00", Some("2024-09-05T18:20:00"));
        check("datetime[us, UTC]", "2024-09-05 20:20Z", Some("2024-09-05T20:20:00"));
        check("datetime[us, UTC]", "2024-09-05T20:20:00", None);
        check("datetime[us]", "2024-09-05T20:20:00Z", None);
        check("datetime[ms]", "2024-09-05T20:20:00.123", Some("2024-09-05T20:20:00.123"));
        check("datetime[ms]", "2024-09-05T20:20:00.1234", None);
    }

    #[test]
    fn every_day_of_four_centuries_comes_back() {
        for days in -150_000..150_000 {
            assert_eq!(parse_date(&date_text(days)).map(i64::from), Some(days));
        }
    }
}
