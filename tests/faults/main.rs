//! The engine as a hostile outsider sees it: the real binary in real projects, killed, lied to and fed with damage.
//!
//! Every test starts from files and ends at files and exit codes; nothing here knows how the engine is built.
#![expect(clippy::disallowed_methods, reason = "the tests play the user and the accident, who know no rules")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says what it skips"
)]

mod cache;
mod deaths;
mod full;
mod gates;
mod inputs;
mod lineage;
mod links;
mod lock;
mod mounts;
mod oracle;
mod outs;
mod outside;
#[path = "../cli/sandbox.rs"]
mod sandbox;
mod shapes;
mod signals;
mod state;
mod still;
mod store;
mod watch;
