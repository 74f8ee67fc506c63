//! Screens of failures: what is *yours* (the stage: its exit, its last lines, its log) and what is *your machine's*.

use std::fmt::Write as _;

use lockgate_spanned::Style;

use super::paint::{Ink, Mark, mark, paint, pick};
use super::plain::millis;
use super::story::Downstream;
use crate::event::{Before, Failure, FailureCause};
use crate::words::TaskId;
use crate::words::text::inert;

/// What is told of one failed task.
#[derive(Clone, Copy, Debug)]
pub struct Screen<'a> {
    pub task: &'a TaskId,
    pub failure: &'a Failure,
    pub elapsed_ms: u64,
    pub downstream: &'a Downstream,
}

/// Draws the screen of a failed task.
pub fn render(screen: &Screen<'_>, style: Style) -> String {
    let Screen { task, failure, elapsed_ms, downstream } = screen;
    let title = paint(style, Ink::Strong, &format!("stage {}", inert(&task.to_string())));
    let word = paint(style, Ink::Bad, "FAILED");
    let (sign, message) = (mark(style, Mark::Bad), inert(&failure.message));
    let mut text = format!("{sign} {title}  {word}  {message}  after {}\n", millis(*elapsed_ms));
    text.push_str(&tail(&failure.tail, style));
    let mut facts = Vec::new();
    facts.extend(failure.log.as_ref().map(|log| ("log", log.to_string())));
    facts.push(("outputs", kept(failure.before).to_owned()));
    facts.extend(downstream.line(style).map(|line| ("blocked", line)));
    facts.push(("next", next(task, failure)));
    for (name, fact) in facts {
        let name = paint(style, Ink::Faint, &format!("{name:<8}"));
        writeln!(text, "  {name}  {fact}").unwrap_or_default();
    }
    text
}

fn tail(lines: &[String], style: Style) -> String {
    let bar = paint(style, Ink::Faint, pick(style, "│", "|"));
    lines.iter().map(|line| format!("  {bar} {}\n", inert(line))).collect::<Vec<_>>().concat()
}

const fn kept(before: Before) -> &'static str {
    match before {
        Before::None => "none: there were none before",
        Before::Untouched => "untouched",
        Before::Back => "the last good ones are back in place",
        Before::Aside => "the last good ones are set aside; the next run puts them back",
    }
}

fn next(task: &TaskId, failure: &Failure) -> String {
    if let Some(help) = &failure.help {
        return inert(help);
    }
    let task = inert(&task.to_string());
    match failure.cause {
        FailureCause::Exit { .. } | FailureCause::Signal { .. } => {
            format!("`lockgate logs {task}` shows all of its output; then `lockgate repro`")
        }
        FailureCause::Timeout => "raise its `timeout`, or look at its log; then `lockgate repro`".to_owned(),
        FailureCause::OutMissing => {
            "make the command write it, or take it out of `outs`; then `lockgate repro`".to_owned()
        }
        FailureCause::InputChanged => {
            "declare what writes the input as a stage, or stop writing it during a run; then `lockgate repro`"
                .to_owned()
        }
        FailureCause::NotStarted => {
            "this is about the machine, not the stage: put it right, then `lockgate repro`".to_owned()
        }
        FailureCause::DiskFull { .. } => "free space, then `lockgate repro`".to_owned(),
        FailureCause::Io => "`lockgate doctor` looks at the disk and the store; then `lockgate repro`".to_owned(),
        FailureCause::Interrupted => "`lockgate repro` goes on where it stopped".to_owned(),
    }
}
