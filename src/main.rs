//! The binary: takes from the process what the library must not look at itself, and gives back an exit code.

use std::process::ExitCode;

use lockgate::cli::{self, Invocation};
use lockgate::sys::process;
use lockgate::sys::term::Out;

/// Plans are many small values, and an allocator that asks the system for large pages spares most of their page faults.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::crash::install();
    if process::guard_main() {
        return ExitCode::SUCCESS;
    }
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    let invocation = Invocation {
        args: std::env::args_os().collect(),
        env: std::env::vars_os().filter_map(text).collect(),
        folder: current_folder(),
    };
    cli::main(invocation, Out::standard()).into()
}

/// The folder may have been deleted under the process; what needs it says so by name.
#[expect(clippy::disallowed_methods, reason = "this is where the folder is handed down from")]
fn current_folder() -> std::path::PathBuf {
    std::env::current_dir().unwrap_or_else(|_| ".".into())
}
