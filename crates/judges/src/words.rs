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
    Timestamp::from_nanosecond(nanos).map_or_else(|_| far_instant(nanos), |instant| instant.to_string())
}

/// Shows an instant that is not within the years of the calendar library, to the second.
fn far_instant(nanos: i128) -> String {
    let seconds = nanos.div_euclid(1_000_000_000);
    let (year, month, day) = date(seconds.div_euclid(86_400));
    let (hour, minute) = (seconds.rem_euclid(86_400) / 3600, seconds.div_euclid(60));
    format!("{year}-{month:02}-{day:02}T{hour:02}:{:02}:{:02}Z", minute.rem_euclid(60), seconds.rem_euclid(60))
}

/// Returns year, month and day of a number of days since 1970-01-01, in the Gregorian calendar of all times.
///
/// H. Hinnant, *chrono-Compatible Low-Level Date Algorithms*, `civil_from_days`.
fn date(days: i128) -> (i128, i128, i128) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (year_of_era + era * 400 + i128::from(month <= 2), month, day)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_readable_in_every_year() {
        let check = |seconds: i128, expect: &str| assert_eq!(instant(seconds * 1_000_000_000), expect);
        check(0, "1970-01-01T00:00:00Z");
        check(253_402_214_400, "9999-12-31T00:00:00Z");
        check(253_402_300_799, "9999-12-31T23:59:59Z");
        check(253_402_300_800, "10000-01-01T00:00:00Z");
        check(-400_000_000_000, "-10706-07-03T08:53:20Z");
    }
}
