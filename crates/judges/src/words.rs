//! Numbers, times and lists as reports say them.

use std::time::Duration;

use jiff::Timestamp;
use lockgate_contract::six_digits;

/// Said of what is above a bound and passes.
pub const BY_CHANCE: &str = "above the bound, and so it would be by chance alone";

/// Smaller numbers are what is left of zero by rounding.
const NOISE: f64 = 1e-12;

/// Shows a value with three significant digits, as a reader compares them.
pub fn three_digits(value: f64) -> String {
    match value.abs() {
        size if size < NOISE => return "0".to_owned(),
        size if size < 1e-4 => return format!("{value:.2e}"),
        _ => {}
    }
    let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(value);
    six_digits(rounded)
}

/// Shows a p-value, which is never zero: `= 0.0312`.
pub fn p_value(p: f64) -> String {
    if p < NOISE { format!("< {NOISE:e}") } else { format!("= {}", three_digits(p)) }
}

/// Shows a number of rows.
pub fn rows(n: u64) -> String {
    if n == 1 { "1 row".to_owned() } else { format!("{n} rows") }
}

/// Shows a share of one as a percentage with three significant digits.
pub fn percent(share: f64) -> String {
    format!("{} %", three_digits(share * 100.0))
}

/// Shows an instant, in nanoseconds since 1970-01-01 00:00 UTC.
pub fn instant(nanos: i128) -> String {
    Timestamp::from_nanosecond(nanos).map_or_else(|_| format!("{nanos} ns since 1970"), |instant| instant.to_string())
}

/// Shows nanoseconds as the largest two units that are not zero: `3d2h`, `90s` as `1m30s`.
pub fn age(nanos: i128) -> String {
    let seconds = nanos.max(0) / 1_000_000_000;
    if seconds == 0 {
        return "0s".to_owned();
    }
    let parts = [(seconds / 86_400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let parts = parts.iter().filter(|(n, _)| *n > 0).take(2).map(|(n, unit)| format!("{n}{unit}"));
    parts.collect::<Vec<_>>().concat()
}

/// Returns a duration in nanoseconds.
pub fn nanos(duration: Duration) -> i128 {
    i128::try_from(duration.as_nanos()).unwrap_or(i128::MAX)
}

/// Shows the first few of a list and how many there are more.
pub fn listed(names: &[String], shown: usize) -> String {
    let first = names.iter().take(shown).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(shown).filter(|more| *more > 0) {
        None => first,
        Some(more) => format!("{first} and {more} more"),
    }
}
