//! What a person has allowed: waivers of single rules and approvals of exact inputs, as records that are committed.
//!
//! A consent never changes a verdict; it changes what follows from one, as long as it is about the same data under the
//! same rules and has not expired. Knows the text of the records and nothing of the disk or of today's date.

mod read;
mod record;
mod write;

#[cfg(test)]
mod tests;

pub use read::{read_approvals, read_waivers};
pub use record::{Allowed, Approval, Consents, Grounds, Scope, Waiver};
pub use write::{with_approval, with_waiver};

/// The name of a rule that stands for the whole verdict of a gate whose rules cannot be told apart.
pub const WHOLE_VERDICT: &str = "verdict";
