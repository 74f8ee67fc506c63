//! `lockgate man`.

use clap::Args;

use super::Ended;
use crate::cli::args;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::words::Exit;

/// Print a manual page
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  lockgate man > lockgate.1\n  lockgate man repro | man -l -")]
pub struct Man {
    /// The command whose page is printed [default: that of lockgate itself]
    command: Option<String>,
}

pub fn run(command: &Man, context: &mut Context) -> Ended {
    let mut whole = args::command(100);
    whole.build();
    let page = match &command.command {
        None => whole,
        Some(name) => {
            let found = whole.find_subcommand(name).cloned();
            found.ok_or_else(|| {
                Trouble::usage(format!("there is no command `{name}`")).help("`lockgate help` lists all of them")
            })?
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    context.out.data(&String::from_utf8_lossy(&text))?;
    Ok(Exit::Done)
}
