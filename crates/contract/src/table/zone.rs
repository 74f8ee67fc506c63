//! Local times as instants, by the time zones that the data-frame library brings: a machine may have none.

use polars::prelude::{Column, DataFrame, DataType, IntoLazy, NonExistent, TimeUnit, TimeZone, col, lit};

use super::{binary, is_time_zone};

/// Returns the instant at which the clocks of `zone` show `wall`, both in nanoseconds since 1970-01-01 00:00; `None` when no
/// such zone is known.
///
/// Of an hour that is shown twice it is the first. A time that is skipped is taken by the offset before the jump.
pub fn instant_in_zone(zone: &str, wall: i128) -> Option<i128> {
    const HOUR: i128 = 3_600_000_000_000;
    if !is_time_zone(zone) {
        return None;
    }
    let micros = i64::try_from(wall.div_euclid(1000)).ok()?;
    let found = match shown_at(zone, micros) {
        Some(instant) => i128::from(instant) * 1000,
        // Jumps are of an hour at most, but for a few that are of a day.
        None => {
            i128::from((1..=24).find_map(|hours| {
                let before = i64::try_from((wall - hours * HOUR).div_euclid(1000)).ok()?;
                shown_at(zone, before).map(|instant| instant + i64::try_from(hours * HOUR / 1000).unwrap_or(0))
            })?) * 1000
        }
    };
    Some(found + wall.rem_euclid(1000))
}

/// Returns the instant in microseconds; `None` for a time that the clocks skip.
fn shown_at(zone: &str, micros: i64) -> Option<i64> {
    let zone = TimeZone::opt_try_new(Some(zone)).ok()?;
    let shown = Column::new("t".into(), [micros]).cast(&DataType::Datetime(TimeUnit::Microseconds, None)).ok()?;
    let instant = col("t").dt().replace_time_zone(zone, lit("earliest"), NonExistent::Null).cast(DataType::Int64);
    let frame = DataFrame::new(1, vec![shown]).ok()?.lazy().select([instant]);
    let frame = binary::caught(|| frame.collect()).ok()?;
    frame.column("t").ok()?.i64().ok()?.get(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_show_an_hour_twice_or_never() {
        const HOUR: i128 = 3_600_000_000_000;
        // 2017-10-29 01:30 is shown twice in London, 2017-03-26 01:30 never.
        let check = |zone: &str, wall_hours: f64, expect: Option<f64>| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "half hours are exact")]
            let found =
                instant_in_zone(zone, (wall_hours * HOUR as f64) as i128).map(|nanos| nanos as f64 / HOUR as f64);
            assert_eq!(found, expect, "{zone} {wall_hours}");
        };
        let (october, march) = (24.0 * 17_468.0, 24.0 * 17_251.0);
        check("Europe/London", october + 1.5, Some(october + 0.5));
        check("Europe/London", october + 2.5, Some(october + 2.5));
        check("Europe/London", march + 1.5, Some(march + 1.5));
        check("Europe/London", march + 2.5, Some(march + 1.5));
        check("UTC", 1.5, Some(1.5));
        check("Europe/Londn", 1.5, None);
    }
}
