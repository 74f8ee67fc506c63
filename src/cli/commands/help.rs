//! `lockgate help [COMMAND…]`.

use clap::Args;
use lockgate_spanned::nearest;

use super::Ended;
use crate::cli::args;
use crate::cli::context::Context;
use crate::cli::trouble::Trouble;
use crate::words::Exit;

/// Tell more about a command, or about the exit codes
#[derive(Clone, Debug, Args)]
#[command(after_help = "Examples:\n  lockgate help repro\n  lockgate help exit-codes")]
pub struct Help {
    /// A command, a command and its part (`gate show`), or `exit-codes`
    topic: Vec<String>,
}

/// The topic that is no command.
const EXIT_CODES: &str = "exit-codes";

pub fn run(help: &Help, context: &mut Context) -> Ended {
    let style = context.data_style();
    let page = if help.topic == [EXIT_CODES] { Exit::page() } else { page(help, style.width, style.colour)? };
    context.out.data(&page)?;
    Ok(Exit::Done)
}

fn page(help: &Help, width: usize, colour: bool) -> Result<String, Trouble> {
    let mut whole = args::command(width);
    whole.build();
    let mut found = &mut whole;
    for name in &help.topic {
        if found.find_subcommand(name).is_none() {
            return Err(unknown(found, name));
        }
        found = found.find_subcommand_mut(name).expect("it was just found");
    }
    let text = if found.get_long_about().is_some() { found.render_long_help() } else { found.render_help() };
    Ok(if colour { text.ansi().to_string() } else { text.to_string() })
}

fn unknown(within: &clap::Command, name: &str) -> Trouble {
    let names = within.get_subcommands().map(clap::Command::get_name).chain([EXIT_CODES]);
    let help = nearest(name, names)
        .map_or_else(|| "`lockgate help` lists all commands".to_owned(), |near| format!("did you mean `{near}`?"));
    Trouble::usage(format!("there is no command `{name}`")).help(help)
}
