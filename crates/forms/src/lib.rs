//! How tables in text formats are written: the value that `csv:` stands for, wherever a user may write it, and its reader.
//!
//! A schema says it of the tables that it judges, a gate of those that it reads besides, and of its data when it measures. The
//! crate opens no file and knows neither schemas nor gates: what the words mean for bytes is said where tables are read.

mod files;
mod form;
mod read;

pub use files::TextForms;
pub use form::{Decimal, Encoding, TextForm};
pub use read::{KEYS, Named, Reading, Said};
