//! Processes: starting a command in a group of its own, waiting for it, and ending what is left of it.

mod child;
mod command;
mod guard;
mod masked;
mod orphans;
mod signals;
mod who;

pub use child::{Cancel, Cancelled, Canceller, Ended, Running, Waited, start};
pub use command::{Command, Shell};
pub use guard::{Guard, guard_main};
pub use masked::Masked;
pub use orphans::{end_orphans, task_token};
pub use signals::{Signals, adopt_orphans};
pub use who::command_of;
