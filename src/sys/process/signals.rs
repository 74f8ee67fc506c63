//! Signals that ask the run to end.

use std::io;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals as Hook;

/// The signals SIGINT, SIGTERM and SIGHUP, one after the other.
#[derive(Debug)]
pub struct Signals(Hook);

impl Signals {
    /// From here on these signals do not end the process.
    pub fn catch() -> io::Result<Self> {
        Hook::new([SIGINT, SIGTERM, SIGHUP]).map(Self)
    }

    /// Returns what makes [`Self::wait`] end.
    pub fn closer(&self) -> impl Fn() + Send + 'static {
        let handle = self.0.handle();
        move || handle.close()
    }

    /// Waits for the next signal; `None` after closing.
    pub fn wait(&mut self) -> Option<i32> {
        self.0.forever().next()
    }
}

/// Makes this process the parent of what its children leave behind, so that it can wait for their end.
pub fn adopt_orphans() -> io::Result<()> {
    let this = rustix::process::getpid();
    rustix::process::set_child_subreaper(Some(this)).map_err(io::Error::from)
}
