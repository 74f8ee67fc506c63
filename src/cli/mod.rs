//! Floor 8: the command line. It reads the arguments, hands the world down, and turns what comes back into text and an
//! exit code. One module per command holds its arguments and what it does.

pub mod args;
pub mod ask;
pub mod commands;
pub mod context;
pub mod crash;
pub mod declared;
pub mod history;
pub mod locks;
pub mod project;
pub mod settings;
pub mod teller;
pub mod trouble;
pub mod values;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::FromArgMatches;
use clap::error::ErrorKind;

use self::args::{Cli, Command};
use self::context::Context;
use self::trouble::Trouble;
use crate::sys::term::{Colour, Env, Out, Terminal};
use crate::words::Exit;

/// What the process was started with.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The program's name, then the arguments.
    pub args: Vec<OsString>,
    pub env: Env,
    /// The current folder.
    pub folder: PathBuf,
}

/// Runs one command to its end.
pub fn main(invocation: Invocation, mut out: Out) -> Exit {
    let terminal = Terminal::look(&invocation.env, Colour::Auto);
    let matches = args::command(terminal.stdout.style.width).try_get_matches_from(&invocation.args);
    match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => {
            let (mut context, command) = Context::new(cli, invocation, out);
            if !matches!(command, Command::Help(_) | Command::Man(_) | Command::Completions(_)) {
                settings::warn_of_unread(&mut context);
            }
            let ended = context.check_folder().and_then(|()| commands::run(command, &mut context));
            ended.unwrap_or_else(|trouble| context.tell(&trouble))
        }
        Err(error) => answer(&error, terminal, &mut out),
    }
}

/// Help and version are answers, on standard output; the rest is a mistake in the arguments.
fn answer(error: &clap::Error, terminal: Terminal, out: &mut Out) -> Exit {
    let text = error.render();
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let stream = if asked { terminal.stdout } else { terminal.stderr };
    let text = if stream.style.colour { text.ansi().to_string() } else { text.to_string() };
    if !asked {
        out.say(&text);
        return Exit::Usage;
    }
    match out.data(&text) {
        Ok(()) => Exit::Done,
        Err(error) => {
            let trouble = Trouble::from(error);
            out.say(&trouble.render(terminal.stderr.style));
            trouble.exit
        }
    }
}
