//! `lockgate man`.

use clap::Args;

use super::Ended;
use crate::cli::args;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::words::Exit;

/// Print a manual page
#[derive(Clone, Debug, Args)]
#[command(
    after_help = "Examples:\n  lockgate man > lockgate.1\n  lockgate man repro | man -l -\n  lockgate man stage add | man -l -"
)]
pub struct Man {
    /// The command whose page is printed, with its part if it has some (`gate show`) [default: lockgate itself]
    command: Vec<String>,
}

pub fn run(command: &Man, context: &mut Context) -> Ended {
    let mut whole = args::command(100);
    whole.build();
    let mut page = &whole;
    for name in &command.command {
        page = page.find_subcommand(name).ok_or_else(|| {
            Trouble::usage(format!("there is no command `{name}`")).help("`lockgate help` lists all of them")
        })?;
    }
    let mut text = Vec::new();
    clap_mangen::Man::new(page.clone()).render(&mut text)?;
    context.out.data(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
