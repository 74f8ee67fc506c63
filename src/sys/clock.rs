//! Time.
#![expect(clippy::disallowed_methods, reason = "this module is where the rest takes the time from")]

use std::time::{Duration, Instant, SystemTime};

/// A point in time to measure from.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    pub fn start() -> Self {
        Self(Instant::now())
    }

    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    pub fn elapsed_ms(self) -> u64 {
        u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Returns the day in UTC.
pub fn today() -> jiff::civil::Date {
    let seconds = i64::try_from(since_epoch().as_secs()).unwrap_or(i64::MAX);
    let now = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    now.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Returns the time since the Unix epoch; zero when the clock stands before it.
pub fn since_epoch() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}
