//! The repository's own pipeline, run by lockgate in a clone: as the README tells it, on broken data, and on other data.
#![cfg(feature = "tables")]
#![expect(clippy::disallowed_methods, reason = "the tests play the user, who knows no rules")]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod clone;
mod faults;
mod money;
mod other_data;
mod readme;
mod transcript;
