//! Durations as people write them, in pipelines, schemas and settings alike.

use std::time::Duration;

const UNITS: [(&str, f64); 5] = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86_400.0)];

/// Reads `250ms`, `1.5s`, `10m`, `1h30m` or `2d`; a number without a unit is none.
pub fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut total = (!rest.is_empty()).then_some(Duration::ZERO)?;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(digits);
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (_, seconds) = UNITS.into_iter().find(|(unit, _)| *unit == &after[..end])?;
        let part = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
        total = total.checked_add(part)?;
        rest = after[end..].trim_start();
    }
    Some(total)
}

/// Shows a duration in the units in which it is written: `1h30m`.
pub fn in_units(duration: Duration) -> String {
    let (seconds, millis) = (duration.as_secs(), duration.subsec_millis());
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let parts = [(days, "d"), (hours, "h"), (minutes, "m"), (seconds % 60, "s"), (u64::from(millis), "ms")];
    let text: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    let text = text.concat();
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_shown_in_their_units() {
        let check = |text: &str, expect: Option<(f64, &str)>| {
            let read = duration(text);
            assert_eq!(read.map(|d| d.as_secs_f64()), expect.map(|(seconds, _)| seconds), "{text}");
            assert_eq!(read.map(in_units), expect.map(|(_, shown)| shown.to_owned()), "{text}");
        };
        check("250ms", Some((0.25, "250ms")));
        check("1.5s", Some((1.5, "1s500ms")));
        check("1h30m", Some((5400.0, "1h30m")));
        check("1h 30m", Some((5400.0, "1h30m")));
        check("90m", Some((5400.0, "1h30m")));
        check("2d", Some((172_800.0, "2d")));
        check("0s", Some((0.0, "0s")));
        for wrong in ["", " ", "90", "1 hour", "10 minutes", "-5m", "5mm", "1..5s", "m", "999999999999999999999999d"] {
            check(wrong, None);
        }
    }
}
