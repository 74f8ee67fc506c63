//! What identifies a task's work, as an ordered list of labelled fields, and its digest.
//!
//! # What enters a fingerprint
//!
//! The kind of work; the commands after templating; the working folder; for each dep its path and content (with the
//! executable bit); for each named parameter its file, key and value; for each declared environment variable whether it is
//! set and the digest of its value; for each out its path and flags. For a gate, in place of outs: the path and content of
//! the data it judges, the digest of its normalised rules and the version of the checker.
//!
//! # What does not
//!
//! Timeout, retry, resources, secrets, `needs`, descriptions; no modification time, no absolute path, no name of a host or
//! user, no order of a hash map and no formatting of a float.
//!
//! # Encoding
//!
//! BLAKE3 over a domain tag and, per field, a tag byte, a kind byte, the length as 64-bit little-endian and the bytes. A
//! field that has parts writes each part in the same way, so no two recipes share an encoding. Changing anything here
//! means a new [`VERSION`], with which every locked task is decided anew.

mod encode;
mod recipe;

pub use encode::VERSION;
pub use recipe::{Change, Field, Label, OutFlags, Recipe, RecipeKind, Rules};
