//! The binary as a user meets it: whole output and exit code of every command, in a folder of its own.

mod commands;
mod gates;
mod input;
mod run;
mod sandbox;
mod settings;
