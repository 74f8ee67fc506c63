//! One line per thing that happened, aligned: what is shown where no terminal can be redrawn, and above the progress.

use std::collections::BTreeSet;
use std::time::Duration;

use lockgate_spanned::Style;

use super::paint::{Ink, Mark, mark, paint};
use crate::event::{Event, GateReport, How, Urgency};
use crate::lock::Verdict;
use crate::plan::Decision;
use crate::words::text::{duration, inert, plural};
use crate::words::{GateState, TaskId};

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// What went wrong.
    Quiet,
    /// What went wrong, and in the end how much of all else.
    Sums,
    /// What happened; fresh tasks only as a count.
    Folded,
    /// What happened, with a line for each fresh task.
    Usual,
    /// Decisions with all their reasons, and starts too.
    Full,
}

/// How lines are drawn.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub style: Style,
    pub detail: Detail,
    /// Columns for the names of tasks.
    pub names: usize,
}

/// How many of the things that are in the way of a task its line names.
const SHOWN_BLOCKERS: usize = 2;

/// The widest column for names: a longer one only moves its own line.
const WIDEST: usize = 32;

impl Look {
    /// Chooses the column for `tasks`.
    pub fn for_tasks<'a>(style: Style, detail: Detail, tasks: impl IntoIterator<Item = &'a TaskId>) -> Self {
        let widest = tasks.into_iter().map(|task| task.to_string().chars().count()).max().unwrap_or(0);
        Self { style, detail, names: widest.clamp(8, WIDEST) }
    }
}

/// Returns the line of an event, without a newline, or `None` when it is not worth one at this detail.
pub fn line(event: &Event, look: Look) -> Option<String> {
    let (least, sign, what) = match event {
        Event::Hashing { .. } | Event::RunFinished { .. } => return None,
        Event::RunStarted { run, tasks, jobs } => {
            let counts = format!("{}, {}", plural(*tasks, "task"), plural(*jobs, "job"));
            (Detail::Full, Mark::Quiet, format!("run {run}: {counts}"))
        }
        Event::Waiting { holder } => {
            (Detail::Quiet, Mark::Caution, format!("waiting for {}, which holds the workspace", inert(holder)))
        }
        Event::Recovered { message } => (Detail::Folded, Mark::Caution, format!("recovered: {}", inert(message))),
        Event::Placed { path, tracked_by } => {
            (Detail::Folded, Mark::Good, format!("{path} placed, as `{tracked_by}` records it"))
        }
        Event::Warning { message, help } => return Some(warning(look, message, help.as_deref())),
        Event::Interrupted { signal, urgency } => {
            let what = match urgency {
                Urgency::Gently => "nothing more is started, running tasks are ended; once more kills them",
                Urgency::AtOnce => "running tasks are killed",
            };
            (Detail::Quiet, Mark::Caution, format!("signal {signal}: {what}"))
        }
        Event::Decided { task, .. }
        | Event::Started { task, .. }
        | Event::Retrying { task, .. }
        | Event::Done { task, .. }
        | Event::Judged { task, .. }
        | Event::Failed { task, .. }
        | Event::Refused { task, .. }
        | Event::Blocked { task, .. }
        | Event::Skipped { task } => {
            let row = row(event)?;
            return (look.detail >= row.least).then(|| row.draw(task, look));
        }
    };
    (look.detail >= least).then(|| note(look, sign, &what))
}

/// What is told of one task.
struct Row {
    least: Detail,
    sign: Mark,
    ink: Ink,
    word: &'static str,
    elapsed_ms: Option<u64>,
    what: String,
}

impl Row {
    fn quiet(least: Detail, word: &'static str, what: String) -> Self {
        Self { least, sign: Mark::Quiet, ink: Ink::Faint, word, elapsed_ms: None, what }
    }

    fn good(word: &'static str, elapsed_ms: u64, what: String) -> Self {
        let elapsed_ms = Some(elapsed_ms);
        Self { least: Detail::Folded, sign: Mark::Good, ink: Ink::Good, word, elapsed_ms, what }
    }

    fn caution(least: Detail, word: &'static str, what: String) -> Self {
        Self { least, sign: Mark::Caution, ink: Ink::Caution, word, elapsed_ms: None, what }
    }

    fn bad(word: &'static str, elapsed_ms: Option<u64>, what: String) -> Self {
        Self { least: Detail::Quiet, sign: Mark::Bad, ink: Ink::Bad, word, elapsed_ms, what }
    }

    fn draw(&self, task: &TaskId, look: Look) -> String {
        let name = format!("{:<width$}", inert(&task.to_string()), width = look.names);
        let word = paint(look.style, self.ink, &format!("{:<8}", self.word));
        let time = format!("{:>9}", self.elapsed_ms.map(millis).unwrap_or_default());
        let line = format!("{} {name}  {word} {time}  {}", mark(look.style, self.sign), inert(&self.what));
        line.trim_end().to_owned()
    }
}

/// Returns what an event tells of its task; `None` for one that is about none.
fn row(event: &Event) -> Option<Row> {
    Some(match event {
        Event::Decided { decision: Decision::Held(held), .. } => Row::quiet(Detail::Usual, "held", held.to_string()),
        Event::Decided { decision, .. } => {
            let reasons: Vec<String> = decision.reasons().iter().map(ToString::to_string).collect();
            Row::quiet(Detail::Full, decision.word(), reasons.join("; "))
        }
        Event::Started { attempt: 1, log, .. } => Row::quiet(Detail::Full, "started", format!("log {log}")),
        Event::Started { attempt, log, .. } => {
            Row::quiet(Detail::Full, "started", format!("attempt {attempt}, log {log}"))
        }
        Event::Retrying { attempt, attempts, delay_ms, cause, .. } => {
            let what = format!("attempt {attempt} of {attempts} in {}, after {cause}", millis(*delay_ms));
            Row::caution(Detail::Folded, "retry", what)
        }
        Event::Done {
            how: how @ (How::Fresh | How::Ran | How::Restored | How::Adopted),
            elapsed_ms,
            saved_ms,
            degraded,
            ..
        } => done(*how, *elapsed_ms, *saved_ms, degraded),
        Event::Judged { verdict, how, elapsed_ms, report, allowed, .. } => {
            let elapsed_ms = (*how != How::Fresh).then_some(*elapsed_ms);
            let row = judged(verdict, elapsed_ms, report.as_ref());
            // What people have allowed is told on every run.
            if allowed.is_empty() || !verdict.state.lets_pass() {
                row
            } else {
                Row { least: row.least.min(Detail::Folded), what: allowed.join("; "), ..row }
            }
        }
        Event::Failed { failure, elapsed_ms, .. } => Row::bad("failed", Some(*elapsed_ms), failure.message.clone()),
        Event::Refused { by, quarantine, .. } => {
            let kept = quarantine.as_ref().map(|path| format!("; kept in {path}")).unwrap_or_default();
            Row::bad("refused", None, format!("by {}{kept}", names(by)))
        }
        Event::Blocked { by, .. } => {
            let first: Vec<String> = by.iter().take(SHOWN_BLOCKERS).map(ToString::to_string).collect();
            let more = by.len().saturating_sub(SHOWN_BLOCKERS);
            let more = if more > 0 { format!("  +{more} more") } else { String::new() };
            Row::caution(Detail::Quiet, "blocked", first.join("; ") + &more)
        }
        Event::Skipped { .. } => Row::quiet(Detail::Folded, "skipped", "the run stopped before it started".to_owned()),
        // Why it is held was told when that was decided.
        Event::Done { how: How::Held, .. }
        | Event::RunStarted { .. }
        | Event::Waiting { .. }
        | Event::Recovered { .. }
        | Event::Placed { .. }
        | Event::Warning { .. }
        | Event::Hashing { .. }
        | Event::Interrupted { .. }
        | Event::RunFinished { .. } => return None,
    })
}

fn done(how: How, elapsed_ms: u64, saved_ms: u64, degraded: &BTreeSet<String>) -> Row {
    let mut notes = Vec::new();
    if how == How::Restored && saved_ms > elapsed_ms {
        notes.push(format!("saved {}", millis(saved_ms - elapsed_ms)));
    }
    if how == How::Adopted {
        notes.push("from dvc.lock".to_owned());
    }
    if !degraded.is_empty() {
        let gates: Vec<String> = degraded.iter().map(|gate| format!("`{gate}`")).collect();
        notes.push(format!("degraded by {}", crate::words::text::list(&gates)));
    }
    let what = notes.join(", ");
    let row = match how {
        How::Fresh | How::Held => Row::quiet(Detail::Usual, "fresh", what),
        How::Ran => Row::good("ran", elapsed_ms, what),
        How::Restored => Row::good("restored", elapsed_ms, what),
        How::Adopted => Row::good("adopted", elapsed_ms, what),
    };
    if degraded.is_empty() { row } else { Row { sign: Mark::Caution, ink: Ink::Caution, least: Detail::Quiet, ..row } }
}

/// A verdict without a time was known before.
fn judged(verdict: &Verdict, elapsed_ms: Option<u64>, report: Option<&GateReport>) -> Row {
    let report = report.filter(|report| !report.rules.is_empty());
    let failed = |report: &GateReport| super::gate::rules(verdict.state, report);
    let found = report.map_or_else(|| verdict.summary.clone(), failed);
    let word = verdict.state.word();
    match (verdict.state, elapsed_ms) {
        (GateState::Pass, None) => Row::quiet(Detail::Usual, "fresh", word.to_owned()),
        (GateState::Pass, Some(elapsed_ms)) => {
            Row::good(word, elapsed_ms, report.map_or(found, |report| plural(report.rules.len(), "rule")))
        }
        (GateState::Warn, elapsed_ms) => Row { elapsed_ms, ..Row::caution(Detail::Quiet, word, found) },
        (GateState::Fail | GateState::Review | GateState::Inconclusive | GateState::Error, elapsed_ms) => {
            Row::bad(word, elapsed_ms, found)
        }
    }
}

fn note(look: Look, sign: Mark, what: &str) -> String {
    format!("{} {what}", mark(look.style, sign))
}

fn warning(look: Look, message: &str, help: Option<&str>) -> String {
    let help = help.map(|help| format!("\n    help: {}", inert(help))).unwrap_or_default();
    let word = paint(look.style, Ink::Caution, "warning");
    format!("{} {word}: {}{help}", mark(look.style, Mark::Caution), inert(message))
}

fn names(tasks: &[TaskId]) -> String {
    let names: Vec<String> = tasks.iter().map(|task| format!("`{task}`")).collect();
    crate::words::text::list(&names)
}

/// Returns a duration that is given in milliseconds as words.
pub fn millis(ms: u64) -> String {
    duration(Duration::from_millis(ms))
}
