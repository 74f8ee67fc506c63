//! Durations and sizes as people write them in a pipeline and in settings.

use std::time::Duration;

const SIZES: [(&str, u64); 10] = [
    ("", 1),
    ("B", 1),
    ("kB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// Reads `90` (seconds), `250ms`, `1.5s`, `10m`, `1h30m` or `2d`.
pub fn duration(text: &str) -> Option<Duration> {
    let seconds = text.trim().parse().ok().map(Duration::from_secs);
    seconds.or_else(|| lockgate_spanned::duration(text))
}

/// Reads `2GiB`, `500 MB` or a number of bytes, rounded down.
pub fn size(text: &str) -> Option<u64> {
    let (number, unit) = split_number(text.trim())?;
    let (_, factor) = SIZES.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()))?;
    #[expect(clippy::cast_precision_loss, reason = "a factor is a power of ten or two and exact")]
    let bytes = number * *factor as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    (0.0..1.8e19).contains(&bytes).then_some(bytes as u64)
}

fn split_number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number = text[..end].parse().ok()?;
    Some((number, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_without_a_unit_is_in_seconds() {
        let check = |text: &str, millis: Option<u64>| {
            assert_eq!(duration(text), millis.map(Duration::from_millis), "{text}");
        };
        check("1h30m", Some(5_400_000));
        check("250ms", Some(250));
        check("90", Some(90_000));
        check("1.5", None);
        check("-5", None);
        check("", None);
    }

    #[test]
    fn sizes_are_read_in_their_units() {
        let check = |text: &str, bytes: Option<u64>| assert_eq!(size(text), bytes, "{text}");
        check("2GiB", Some(2 << 30));
        check("1.5 MiB", Some(1_572_864));
        check("500MB", Some(500_000_000));
        check("4096", Some(4096));
        check("2G", None);
        check("lots", None);
        check("99999999TiB", None);
    }
}
