//! The text of a panic: our bug, and what to tell us.

/// What is known when lockgate itself fails.
#[derive(Clone, Debug)]
pub struct Crash<'a> {
    pub message: &'a str,
    /// `file:line:column` in our source.
    pub place: &'a str,
    pub command: &'a str,
}

/// Draws the crash, without colours: nothing can be asked of the terminal any more.
pub fn render(crash: &Crash<'_>) -> String {
    let Crash { message, place, command } = crash;
    format!(
        "error: this is a bug in lockgate: {message}\n  \
           at       {place}\n  \
           version  {version} ({system})\n  \
           command  {command}\n  \
           help: report these lines with what you were doing; what was published is kept, and the next run recovers\n",
        version = env!("CARGO_PKG_VERSION"),
        system = std::env::consts::OS,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_says_whose_fault_it_is_and_what_to_report() {
        let crash = Crash { message: "index out of range", place: "src/x.rs:1:2", command: "lockgate repro" };
        let text = render(&crash).replace(env!("CARGO_PKG_VERSION"), "VERSION").replace(std::env::consts::OS, "SYSTEM");
        insta::assert_snapshot!(text, @"
        error: this is a bug in lockgate: index out of range
          at       src/x.rs:1:2
          version  VERSION (SYSTEM)
          command  lockgate repro
          help: report these lines with what you were doing; what was published is kept, and the next run recovers
        ");
    }
}
