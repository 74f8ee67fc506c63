//! One line per thing that happened, aligned: what is shown where no terminal can be redrawn, and above the progress.

use std::time::Duration;

use lockgate_spanned::Style;

use super::paint::{Ink, Mark, mark, paint};
use crate::event::{Event, Failure, GateReport, How};
use crate::lock::{GateState, Verdict};
use crate::plan::{Blocker, Decision};
use crate::words::text::{duration, inert, plural};
use crate::words::{RelPath, TaskId};

/// How much is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// What went wrong.
    Quiet,
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
    let at_least = |detail| look.detail >= detail;
    match event {
        Event::RunStarted { run, tasks, jobs } => at_least(Detail::Full).then(|| {
            note(look, Mark::Quiet, &format!("run {run}: {}, {}", plural(*tasks, "task"), plural(*jobs, "job")))
        }),
        Event::Waiting { holder } => {
            Some(note(look, Mark::Caution, &format!("waiting for {}, which holds the workspace", inert(holder))))
        }
        Event::Recovered { message } => {
            at_least(Detail::Folded).then(|| note(look, Mark::Caution, &format!("recovered: {}", inert(message))))
        }
        Event::Warning { message, help } => Some(warning(look, message, help.as_deref())),
        Event::Hashing { .. } | Event::RunFinished { .. } => None,
        Event::Decided { task, decision } => at_least(Detail::Full).then(|| decided(look, task, decision)),
        Event::Started { task, attempt, log } => at_least(Detail::Full).then(|| started(look, task, *attempt, log)),
        Event::Retrying { task, attempt, attempts, delay_ms, cause } => {
            let delay = millis(*delay_ms);
            let what = format!("attempt {attempt} of {attempts} in {delay}, after {}", inert(cause));
            at_least(Detail::Folded).then(|| row(look, Mark::Caution, task, Word(Ink::Caution, "retry"), None, &what))
        }
        Event::Done { task, how, elapsed_ms, saved_ms } => done(look, task, *how, *elapsed_ms, *saved_ms),
        Event::Judged { task, verdict, how, elapsed_ms, report } => {
            judged(look, task, verdict, *how, *elapsed_ms, report.as_ref())
        }
        Event::Failed { task, failure, elapsed_ms } => Some(failed(look, task, failure, *elapsed_ms)),
        Event::Refused { task, by, quarantine } => Some(refused(look, task, by, quarantine.as_ref())),
        Event::Blocked { task, by } => Some(blocked(look, task, by)),
        Event::Skipped { task } => at_least(Detail::Folded).then(|| {
            row(look, Mark::Quiet, task, Word(Ink::Faint, "skipped"), None, "the run stopped before it started")
        }),
        Event::Interrupted { signal } => {
            let what =
                format!("signal {signal}: nothing more is started, running tasks are ended; once more kills them");
            Some(note(look, Mark::Caution, &what))
        }
    }
}

struct Word<'a>(Ink, &'a str);

fn row(look: Look, sign: Mark, task: &TaskId, word: Word<'_>, elapsed_ms: Option<u64>, what: &str) -> String {
    let Word(ink, word) = word;
    let name = format!("{:<width$}", inert(&task.to_string()), width = look.names);
    let word = paint(look.style, ink, &format!("{word:<8}"));
    let time = format!("{:>9}", elapsed_ms.map(millis).unwrap_or_default());
    format!("{} {name}  {word} {time}  {what}", mark(look.style, sign)).trim_end().to_owned()
}

fn note(look: Look, sign: Mark, what: &str) -> String {
    format!("{} {what}", mark(look.style, sign))
}

fn warning(look: Look, message: &str, help: Option<&str>) -> String {
    let help = help.map(|help| format!("\n    help: {}", inert(help))).unwrap_or_default();
    format!(
        "{} {}: {}{help}",
        mark(look.style, Mark::Caution),
        paint(look.style, Ink::Caution, "warning"),
        inert(message)
    )
}

fn decided(look: Look, task: &TaskId, decision: &Decision) -> String {
    let reasons: Vec<String> = decision.reasons().iter().map(|reason| inert(&reason.to_string())).collect();
    row(look, Mark::Quiet, task, Word(Ink::Faint, decision.word()), None, &reasons.join("; "))
}

fn started(look: Look, task: &TaskId, attempt: u32, log: &RelPath) -> String {
    let attempt = if attempt > 1 { format!("attempt {attempt}, ") } else { String::new() };
    row(look, Mark::Quiet, task, Word(Ink::Faint, "started"), None, &format!("{attempt}log {log}"))
}

fn done(look: Look, task: &TaskId, how: How, elapsed_ms: u64, saved_ms: u64) -> Option<String> {
    let saved = if saved_ms > elapsed_ms { format!("saved {}", millis(saved_ms - elapsed_ms)) } else { String::new() };
    match how {
        How::Fresh => fresh(look, task, ""),
        How::Ran => (look.detail >= Detail::Folded)
            .then(|| row(look, Mark::Good, task, Word(Ink::Good, "ran"), Some(elapsed_ms), "")),
        How::Restored => (look.detail >= Detail::Folded)
            .then(|| row(look, Mark::Good, task, Word(Ink::Good, "restored"), Some(elapsed_ms), &saved)),
    }
}

fn fresh(look: Look, task: &TaskId, what: &str) -> Option<String> {
    (look.detail >= Detail::Usual).then(|| row(look, Mark::Quiet, task, Word(Ink::Faint, "fresh"), None, what))
}

fn judged(
    look: Look,
    task: &TaskId,
    verdict: &Verdict,
    how: How,
    elapsed_ms: u64,
    report: Option<&GateReport>,
) -> Option<String> {
    let word = verdict.state.word();
    let what = match report {
        Some(report) if report.rules > 0 => {
            format!("{} of {} failed", report.failed_rules, plural(report.rules, "rule"))
        }
        Some(_) | None => inert(&verdict.summary),
    };
    let (sign, ink) = match verdict.state {
        GateState::Pass if how == How::Fresh => return fresh(look, task, "pass"),
        GateState::Pass if look.detail < Detail::Folded => return None,
        GateState::Pass => (Mark::Good, Ink::Good),
        GateState::Warn => (Mark::Caution, Ink::Caution),
        GateState::Fail | GateState::Review | GateState::Inconclusive | GateState::Error => (Mark::Bad, Ink::Bad),
    };
    let passed = format!("{}", report.map_or_else(|| what.clone(), |report| plural(report.rules, "rule")));
    let what = if verdict.state == GateState::Pass { passed } else { what };
    Some(row(look, sign, task, Word(ink, word), (how != How::Fresh).then_some(elapsed_ms), &what))
}

fn failed(look: Look, task: &TaskId, failure: &Failure, elapsed_ms: u64) -> String {
    row(look, Mark::Bad, task, Word(Ink::Bad, "failed"), Some(elapsed_ms), &inert(&failure.message))
}

fn refused(look: Look, task: &TaskId, by: &[TaskId], quarantine: Option<&RelPath>) -> String {
    let kept = quarantine.map(|path| format!("; kept in {path}")).unwrap_or_default();
    row(look, Mark::Bad, task, Word(Ink::Bad, "refused"), None, &format!("by {}{kept}", names(by)))
}

fn blocked(look: Look, task: &TaskId, by: &[Blocker]) -> String {
    let by: Vec<String> = by.iter().map(|blocker| inert(&blocker.to_string())).collect();
    row(look, Mark::Caution, task, Word(Ink::Caution, "blocked"), None, &by.join("; "))
}

fn names(tasks: &[TaskId]) -> String {
    let names: Vec<String> = tasks.iter().map(|task| format!("`{}`", inert(&task.to_string()))).collect();
    crate::words::text::list(&names)
}

/// Returns a duration that is given in milliseconds as words.
pub fn millis(ms: u64) -> String {
    duration(Duration::from_millis(ms))
}
