//! The state log, `.lockgate/state/tasks.log`: what has happened to the tasks since the lock's text was written.
//!
//! Bytes in, values out: [`start`] gives a whole new log, [`append`] one more record, [`decode`] what a log says. A record
//! is whole or it does not count; everything after the first one that is not is dropped and told. Knows nothing of the
//! disk: what is written when, and when it is made durable, is the caller's.
//!
//! Without the log the lock's text is read, and its entries are as good. Only the open transactions are in no text: whoever
//! loses the log finds the outs that were set aside, but not where they belong.

mod frame;
mod record;
mod state;
#[cfg(test)]
mod tests;

pub use frame::{Loss, Replay, append, decode, start};
pub use record::{Aside, Record, Txn};
pub use state::{Open, State};

/// The version of the log's format: raised with any change of a record or of a type within one.
pub const VERSION: u32 = 3;
