//! What happens when lockgate itself fails: a text that says so, and exit code 70.

use std::panic::PanicHookInfo;

use crate::report::crash::{Crash, render};
use crate::sys::term::Out;
use crate::words::Exit;

/// Makes every panic, on any thread, end the process with the code of a bug.
pub fn install() {
    std::panic::set_hook(Box::new(end));
}

#[expect(clippy::disallowed_methods, reason = "a panic may be on any thread, and nothing can be returned to `main`")]
fn end(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let command: Vec<String> = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
    let message = message(panic);
    Out::standard().say(&render(&Crash { message, place: &place, command: &command.join(" ") }));
    std::process::exit(Exit::Bug.code().into());
}

fn message<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    let payload = panic.payload();
    let owned = || payload.downcast_ref::<String>().map(String::as_str);
    payload.downcast_ref::<&str>().copied().or_else(owned).unwrap_or("it panicked")
}
