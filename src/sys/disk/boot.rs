//! Which start of the machine this is: what was not yet on the disk when the power went is not to be believed after.

#![expect(clippy::disallowed_methods, reason = "this is the module that touches the disk")]

use std::sync::LazyLock;

use rustix::time::{ClockId, clock_gettime};

use super::stat::nanos;

/// The current boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boot {
    /// Differs between any two boots; 0 where the system does not say, which counts as one long boot.
    pub id: u64,
    /// When the machine started, in nanoseconds since 1970.
    pub since_ns: i64,
}

impl Boot {
    /// Returns the boot that this process runs in; the kernel is asked once.
    pub fn current() -> Self {
        static CURRENT: LazyLock<Boot> = LazyLock::new(Boot::ask);
        *CURRENT
    }

    fn ask() -> Self {
        let text = std::fs::read("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let mut id = [0; 8];
        if !text.is_empty() {
            id.copy_from_slice(&blake3::hash(&text).as_bytes()[..8]);
        }
        Self { id: u64::from_le_bytes(id), since_ns: since_ns() }
    }
}

#[cfg(target_os = "linux")]
fn since_ns() -> i64 {
    let now = clock_gettime(ClockId::Realtime);
    let up = clock_gettime(ClockId::Boottime);
    nanos(now.tv_sec, now.tv_nsec).saturating_sub(nanos(up.tv_sec, up.tv_nsec))
}

#[cfg(not(target_os = "linux"))]
fn since_ns() -> i64 {
    0
}
