//! The commands, one module each: its arguments, and a function that does it.

pub mod checkout;
pub mod commit;
pub mod compare;
pub mod completions;
pub mod config;
pub mod consent;
pub mod dag;
pub mod doctor;
pub mod explain;
pub mod freeze;
pub mod gate;
pub mod gc;
pub mod help;
pub mod import;
pub mod init;
pub mod lock;
pub mod logs;
pub mod man;
pub mod metrics;
pub mod params;
pub mod plots;
pub mod remove;
pub mod repro;
pub mod root;
pub mod runs;
pub mod schema;
pub mod show;
pub mod stage;
pub mod status;
pub mod validate;
pub mod verify;

use super::args::Command;
use super::context::Context;
use super::trouble::Trouble;
use crate::words::Exit;

/// How a command ends.
pub type Ended = Result<Exit, Trouble>;

/// Does what the command says.
pub fn run(command: Command, context: &mut Context) -> Ended {
    match command {
        Command::Init(command) => init::run(&command, context),
        Command::Repro(command) => repro::run(&command, context),
        Command::Status(command) => status::run(&command, context),
        Command::Explain(command) => explain::run(&command, context),
        Command::Dag(command) => dag::run(&command, context),
        Command::Stage(command) => stage::run(&command, context),
        Command::Remove(command) => remove::run(&command, context),
        Command::Lock(command) => lock::run(&command, context),
        Command::Logs(command) => logs::run(&command, context),
        Command::Runs(command) => runs::run(&command, context),
        Command::Show(command) => show::run(&command, context),
        Command::Gate(command) => gate::run(&command, context),
        Command::Approve(command) => consent::approve(&command, context),
        Command::Validate(command) => validate::run(&command, context),
        Command::Schema(command) => schema::run(&command, context),
        Command::Params(command) => params::run(&command, context),
        Command::Metrics(command) => metrics::run(&command, context),
        Command::Plots(command) => plots::run(&command, context),
        Command::Commit(command) => commit::run(&command, context),
        Command::Checkout(command) => checkout::run(&command, context),
        Command::Freeze(command) => freeze::run(&command, context),
        Command::Unfreeze(command) => freeze::run_unfreeze(&command, context),
        Command::Import(command) => import::run(&command, context),
        Command::Gc(command) => gc::run(&command, context),
        Command::Verify(command) => verify::run(&command, context),
        Command::Config(command) => config::run(&command, context),
        Command::Root(command) => root::run(&command, context),
        Command::Doctor(command) => doctor::run(&command, context),
        Command::Completions(command) => completions::run(&command, context),
        Command::Man(command) => man::run(&command, context),
        Command::Help(command) => help::run(&command, context),
    }
}
