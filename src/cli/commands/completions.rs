//! `lockgate completions SHELL`.

use clap::Args;
use clap_complete::Shell;

use super::Ended;
use crate::cli::args;
use crate::cli::context::Context;
use crate::words::Exit;

/// Print a completion script for a shell
#[derive(Clone, Debug, Args)]
#[command(after_help = "Example:\n  lockgate completions bash > ~/.local/share/bash-completion/completions/lockgate")]
pub struct Completions {
    /// The shell
    shell: Shell,
}

pub fn run(command: &Completions, context: &mut Context) -> Ended {
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut args::command(100), "lockgate", &mut script);
    context.out.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
