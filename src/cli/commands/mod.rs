//! The commands, one module each: its arguments, and a function that does it.

pub mod completions;
pub mod config;
pub mod dag;
pub mod explain;
pub mod gate;
pub mod help;
pub mod logs;
pub mod man;
pub mod repro;
pub mod runs;
pub mod show;
pub mod status;

use super::args::Command;
use super::context::Context;
use super::exit::Exit;
use super::trouble::Trouble;

/// How a command ends.
pub type Ended = Result<Exit, Trouble>;

/// Does what the command says.
pub fn run(command: Command, context: &mut Context) -> Ended {
    match command {
        Command::Repro(command) => repro::run(&command, context),
        Command::Status(command) => status::run(&command, context),
        Command::Explain(command) => explain::run(&command, context),
        Command::Dag(command) => dag::run(&command, context),
        Command::Logs(command) => logs::run(&command, context),
        Command::Runs(command) => runs::run(&command, context),
        Command::Show(command) => show::run(&command, context),
        Command::Gate(command) => gate::run(&command, context),
        Command::Config(command) => config::run(&command, context),
        Command::Completions(command) => completions::run(&command, context),
        Command::Man(command) => man::run(&command, context),
        Command::Help(command) => help::run(&command, context),
    }
}
