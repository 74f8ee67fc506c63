//! The binary as a user meets it: whole output and exit code of every command, in a folder of its own.
#![expect(clippy::disallowed_methods, reason = "a test is the user: it makes files and starts programs")]
#![expect(clippy::too_many_lines, reason = "a test is as long as what it shows")]

mod commands;
mod consents;
mod degraded;
mod dvcdata;
mod dvclock;
mod dvcparts;
mod dvctext;
mod dvcturns;
mod flags;
mod gates;
mod gc;
mod ignores;
mod imports;
mod input;
mod json;
mod madeparams;
mod members;
mod merges;
mod outside;
mod plots;
mod projects;
mod run;
mod sandbox;
mod schemas;
mod settings;
mod stages;
#[cfg(feature = "tables")]
mod tables;
mod texts;
mod values;
