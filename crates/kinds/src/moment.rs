//! A point in time as it is written.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A point in time, with or without the offset that makes it an instant; nanoseconds since 1970-01-01 00:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Moment {
    /// In UTC.
    Instant(i128),
    /// As the clock on a wall shows it: an instant only once a time zone is known.
    Wall(i128),
}

impl Moment {
    /// Reads `2017-05-21T15:00:00Z`, `2017-05-21T15:00:00`, or a date, which is its first moment.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Some(Self::Instant(instant.as_nanosecond()));
        }
        let date = || text.parse::<Date>().ok().map(|date| date.to_datetime(jiff::civil::Time::midnight()));
        // A zone in brackets or an offset that could not be read must not be dropped.
        let wall = || (!text.contains(['[', '+', 'Z', 'z'])).then(|| text.parse::<DateTime>().ok()).flatten();
        let instant = wall().or_else(date)?.to_zoned(TimeZone::UTC).ok()?;
        Some(Self::Wall(instant.timestamp().as_nanosecond()))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Instant(nanos) | Self::Wall(nanos)) = self;
        let Ok(instant) = Timestamp::from_nanosecond(*nanos) else { return write!(out, "{nanos} ns") };
        match self {
            Self::Instant(_) => write!(out, "{instant}"),
            Self::Wall(_) => write!(out, "{}", instant.to_zoned(TimeZone::UTC).datetime()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_with_and_without_an_offset() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(Moment::parse(text).map(|moment| moment.to_string()).as_deref(), expect, "{text}");
        };
        check("2017-05-21T15:00:00Z", Some("2017-05-21T15:00:00Z"));
        check("2017-05-21 16:00:00+01:00", Some("2017-05-21T15:00:00Z"));
        check("2017-05-21T15:00", Some("2017-05-21T15:00:00"));
        check("2017-05-21", Some("2017-05-21T00:00:00"));
        for wrong in ["", "yesterday", "2017-13-01", "2017-05-21T25:00:00", "15:00", "1495378800"] {
            check(wrong, None);
        }
    }
}
