//! The places of a problem in lines that are too long to be drawn whole, such as a file without line breaks.

use std::fmt::Write as _;

use crate::problem::{Label, Problem};
use crate::render::{Charset, Style, shown};
use crate::source::{Position, Source};

/// So many characters are shown before the place, and so many from it on.
const BEFORE: usize = 24;
const FROM: usize = 48;

/// The characters of a frame: corner, side, side of a mark, mark, end.
type Pen = [&'static str; 5];

const UNICODE: Pen = ["╭─", "│", "·", "─", "╰────"];
const ASCII: Pen = [",-", "|", ":", "^", "`----"];

/// Draws each place with what stands around it, then the help.
pub(crate) fn draw(problem: &Problem, style: Style) -> String {
    let pen = if style.charset == Charset::Unicode { UNICODE } else { ASCII };
    let mut out = String::new();
    for label in &problem.labels {
        draw_label(&mut out, label, &problem.source, pen);
    }
    if let Some(help) = problem.next_step() {
        writeln!(out, "  help: {}", shown(help)).expect("writing into a string cannot fail");
    }
    out
}

fn draw_label(out: &mut String, label: &Label, source: &Source, [corner, side, mark_side, mark, end]: Pen) {
    let Position { line, column } = source.position(label.span.start);
    let text = source.shown_text();
    let (before, from) = text.split_at(label.span.start.min(text.len()));
    let line_before: String = before.rsplit('\n').next().unwrap_or_default().chars().rev().take(BEFORE).collect();
    let lead: String = line_before.chars().rev().collect();
    let lead = if column > BEFORE + 1 { format!("…{lead}") } else { lead };
    let rest = from.lines().next().unwrap_or_default();
    let tail: String = rest.chars().take(FROM).collect();
    let more = if rest.chars().nth(FROM).is_some() { "…" } else { "" };
    let n_marked = source.slice(label.span).lines().next().unwrap_or_default().chars().count().clamp(1, FROM);
    let (name, gap, marks) = (shown(source.name()), " ".repeat(lead.chars().count()), mark.repeat(n_marked));
    writeln!(out, "   {corner}[{name}:{line}:{column}]").expect("writing into a string cannot fail");
    writeln!(out, "   {side} {lead}{tail}{more}").expect("writing into a string cannot fail");
    writeln!(out, "   {mark_side} {gap}{marks} {}", shown(&label.text)).expect("writing into a string cannot fail");
    writeln!(out, "   {end}").expect("writing into a string cannot fail");
}
