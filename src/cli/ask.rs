//! Questions to a person, answered with yes or no.

use super::trouble::Trouble;
use crate::engine::{Answer, Ask};
use crate::plan::Decision;
use crate::report::status::origin;
use crate::sys::term::{ask, can_ask};
use crate::words::TaskId;
use crate::words::text::inert;

/// Refuses to go on where nobody can be asked; `instead` says what to do there.
pub fn check_can_ask(what: &str, instead: &str) -> Result<(), Trouble> {
    if can_ask() {
        Ok(())
    } else {
        Err(Trouble::usage(format!("{what}, and nobody can be asked: this is no terminal")).help(instead))
    }
}

/// Asks until the answer is a yes or a no. Silence is a no.
pub fn confirm(question: &str) -> Answer {
    loop {
        let Some(line) = ask(&format!("{} [y/N] ", inert(question))) else { return Answer::No };
        match line.to_ascii_lowercase().as_str() {
            "y" | "yes" => return Answer::Yes,
            "" | "n" | "no" => return Answer::No,
            _ => {}
        }
    }
}

/// Asks before each stage is run or restored.
pub fn before_each_stage() -> Ask {
    Ask::new(|task: &TaskId, decision: &Decision| {
        let verb = match decision {
            Decision::Restore { from, .. } => format!("restore `{task}` {}", origin(*from)),
            Decision::Fresh
            | Decision::Held(_)
            | Decision::Run { .. }
            | Decision::Pending { .. }
            | Decision::Refused { .. }
            | Decision::Blocked { .. } => format!("run `{task}`"),
        };
        let because = decision.reasons().first().map(|reason| format!(" ({reason})")).unwrap_or_default();
        confirm(&format!("{verb}{because}?"))
    })
}
