//! Whether a file is old enough that a later write must show in its times.
//!
//! The kernel stamps files with a coarse clock: two writes in one tick leave equal times. A digest is therefore to be
//! remembered only for a file whose last change is older than the moment its hashing began, by the same clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use super::error::DiskError;
use super::root::Root;
use super::stat::Stat;

/// Reads the clock of the project's file system, and remembers the last reading.
#[derive(Debug)]
pub struct FileClock {
    root: Root,
    last_ns: AtomicI64,
    #[cfg(test)]
    stopped_ns: Option<i64>,
}

/// How old a file is against the file system's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// A write from here on changes its times.
    Settled,
    /// A write in this instant might leave its times as they are.
    Young,
}

/// A tick of the kernel's clock is at most 10 ms.
const TICK_NS: i64 = 10_000_000;
/// Another file system may be a server's, whose clock is not ours, or keep times in steps of two seconds.
const FOREIGN_NS: i64 = 2_500_000_000;

impl FileClock {
    pub fn new(root: &Root) -> Self {
        Self {
            root: root.clone(),
            last_ns: AtomicI64::new(i64::MIN),
            #[cfg(test)]
            stopped_ns: None,
        }
    }

    /// Makes a clock that always shows `now_ns`.
    #[cfg(test)]
    pub(crate) fn stopped(root: &Root, now_ns: i64) -> Self {
        Self { stopped_ns: Some(now_ns), ..Self::new(root) }
    }

    /// Reads the clock.
    pub fn now(&self) -> Result<i64, DiskError> {
        #[cfg(test)]
        if let Some(now_ns) = self.stopped_ns {
            self.last_ns.store(now_ns, Ordering::Relaxed);
            return Ok(now_ns);
        }
        let now_ns = self.root.clock()?;
        self.last_ns.fetch_max(now_ns, Ordering::Relaxed);
        Ok(now_ns)
    }

    /// Returns a time in the past, old enough that a file that bears it counts as settled.
    pub fn settled_time(&self) -> Result<i64, DiskError> {
        Ok(self.now()?.saturating_sub(2 * TICK_NS))
    }

    /// Tells whether files looked at just now are all settled; where the clock cannot be read they count as young.
    pub fn age<'a>(&self, stats: impl Iterator<Item = &'a Stat> + Clone) -> Age {
        // An old reading errs on the safe side, so the clock is read only when that does not suffice.
        let last_ns = self.last();
        if stats.clone().all(|stat| self.age_at(stat, last_ns) == Age::Settled) {
            return Age::Settled;
        }
        match self.now() {
            Ok(now_ns) if stats.into_iter().all(|stat| self.age_at(stat, now_ns) == Age::Settled) => Age::Settled,
            _ => Age::Young,
        }
    }

    /// Waits the few milliseconds until files that were written just now are settled.
    ///
    /// Worth it before reading something large, which would otherwise be read a second time to be remembered.
    pub fn settle<'a>(&self, stats: impl Iterator<Item = &'a Stat> + Clone) -> Age {
        if self.age(stats.clone()) == Age::Settled {
            return Age::Settled;
        }
        std::thread::sleep(Duration::from_nanos(2 * TICK_NS.unsigned_abs()));
        self.age(stats)
    }

    /// Returns the last reading of the clock.
    pub fn last(&self) -> i64 {
        self.last_ns.load(Ordering::Relaxed)
    }

    /// Tells the age that a file had when the clock showed `now_ns`.
    pub fn age_at(&self, stat: &Stat, now_ns: i64) -> Age {
        if now_ns == i64::MIN {
            return Age::Young;
        }
        let margin = if stat.dev == self.root.dev() { TICK_NS } else { FOREIGN_NS };
        let newest = now_ns.saturating_sub(margin);
        // A time far in the future, which a program may set, is left by any write as surely as one in the past.
        let oldest_future = now_ns.saturating_add(FOREIGN_NS);
        let is_clear_mtime = stat.mtime_ns < newest || stat.mtime_ns > oldest_future;
        if stat.ctime_ns < newest && is_clear_mtime { Age::Settled } else { Age::Young }
    }
}
