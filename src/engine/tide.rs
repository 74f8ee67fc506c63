//! Sync points while a run goes on: a power cut in the tenth hour takes seconds of it, not hours.

use std::thread::JoinHandle;
use std::time::Duration;

use crate::sys::clock::Stopwatch;
use crate::sys::disk::Root;

/// How much of a run may be lost with the power, beside the time that the sync itself takes.
const EVERY: Duration = Duration::from_secs(5);

/// Syncs the file system from time to time, beside the run.
pub struct Tide {
    root: Root,
    last: Stopwatch,
    sync: Option<JoinHandle<()>>,
}

impl Tide {
    pub fn new(root: &Root) -> Self {
        Self { root: root.clone(), last: Stopwatch::start(), sync: None }
    }

    /// Hears that something was published, and begins a sync if the last one is some time ago and over.
    ///
    /// A sync that fails is not told: the one at the end of the run, of which the records depend, fails as well.
    pub fn published(&mut self) {
        let is_over = self.sync.as_ref().is_none_or(JoinHandle::is_finished);
        if is_over && self.last.elapsed() >= EVERY {
            let root = self.root.clone();
            self.last = Stopwatch::start();
            self.sync = Some(std::thread::spawn(move || drop(root.sync_point())));
        }
    }
}
