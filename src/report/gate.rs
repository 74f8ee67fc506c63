//! The screen of a gate that did not simply pass: what was judged, what is wrong, what waits, and every way out.

use std::fmt::Write as _;

use lockgate_spanned::Style;

use super::paint::{Ink, Mark, mark, paint};
use super::plain::millis;
use super::story::Downstream;
use super::table::width;
use crate::consent::WHOLE_VERDICT;
use crate::event::GateReport;
use crate::lock::Verdict;
use crate::words::text::{inert, plural};
use crate::words::{GateState, TaskId};

/// Who judged.
#[derive(Clone, Copy, Debug)]
pub enum Judge<'a> {
    /// A gate of the pipeline.
    Gate(&'a TaskId),
    /// The rules of a schema, asked for by hand.
    Schema(&'a str),
}

/// What is told of one verdict.
#[derive(Clone, Copy, Debug)]
pub struct Screen<'a> {
    pub judge: Judge<'a>,
    pub verdict: &'a Verdict,
    pub report: Option<&'a GateReport>,
    /// What people have allowed of it, a line each.
    pub allowed: &'a [String],
    /// `None` for a verdict that was known before.
    pub elapsed_ms: Option<u64>,
    pub downstream: &'a Downstream,
}

/// Draws the screen of a verdict.
pub fn render(screen: &Screen<'_>, style: Style) -> String {
    let mut text = header(screen, style);
    match screen.report {
        Some(report) => text.push_str(&body(report)),
        None => writeln!(text, "  {}", inert(&screen.verdict.summary)).unwrap_or_default(),
    }
    for line in screen.allowed {
        writeln!(text, "  {}   {}", paint(style, Ink::Faint, "note   "), inert(line)).unwrap_or_default();
    }
    if let Some(line) = screen.downstream.line(style) {
        writeln!(text, "  {}   {line}", paint(style, Ink::Faint, "blocked")).unwrap_or_default();
    }
    if let Judge::Gate(task) = screen.judge
        && !screen.verdict.state.lets_pass()
    {
        text.push_str(&ways_out(task, screen, style));
    }
    text
}

fn header(screen: &Screen<'_>, style: Style) -> String {
    let Screen { judge, verdict, report, elapsed_ms, .. } = screen;
    let (sign, ink) = match verdict.state {
        GateState::Pass => (Mark::Good, Ink::Good),
        GateState::Warn => (Mark::Caution, Ink::Caution),
        GateState::Fail | GateState::Review | GateState::Inconclusive | GateState::Error => (Mark::Bad, Ink::Bad),
    };
    let mut parts = vec![
        format!("{} {}", mark(style, sign), paint(style, Ink::Strong, &judge.title())),
        paint(style, ink, &verdict.state.word().to_uppercase()),
    ];
    let data: Vec<String> = report.iter().flat_map(|report| &report.data).map(|line| inert(line)).collect();
    if let [one] = data.as_slice() {
        parts.push(one.clone());
    }
    parts.extend(report.filter(|report| !report.rules.is_empty()).map(|report| rules(verdict.state, report)));
    parts.push(elapsed_ms.map_or_else(|| "judged before, unchanged".to_owned(), millis));
    let more = if data.len() > 1 {
        data.iter().map(|line| format!("  {line}\n")).collect::<Vec<_>>().concat()
    } else {
        String::new()
    };
    format!("{}\n{more}", parts.join("  "))
}

impl Judge<'_> {
    fn title(&self) -> String {
        match self {
            Self::Gate(task) => format!("gate {}", inert(&task.to_string())),
            Self::Schema(file) => format!("schema {}", inert(file)),
        }
    }
}

/// Returns how many rules there are, and how many of them did not pass.
pub fn rules(state: GateState, report: &GateReport) -> String {
    let rules = plural(report.rules.len(), "rule");
    let failed = report.failed().count();
    match state {
        _ if failed == 0 => rules,
        GateState::Fail => format!("{failed} of {rules} failed"),
        GateState::Pass | GateState::Warn | GateState::Review | GateState::Inconclusive | GateState::Error => {
            format!("{failed} of {rules} did not pass")
        }
    }
}

/// The report's own lines. They quote the data, so each is made inert; a blank line sets them off.
fn body(report: &GateReport) -> String {
    if report.screen.trim().is_empty() {
        return String::new();
    }
    let lines: Vec<String> = report.screen.trim_end().lines().map(|line| inert(line).trim_end().to_owned()).collect();
    format!("\n{}\n\n", lines.join("\n"))
}

fn ways_out(task: &TaskId, screen: &Screen<'_>, style: Style) -> String {
    let (task, report) = (inert(&task.to_string()), screen.report);
    let first = match screen.verdict.state {
        GateState::Error => "mend what kept it from judging, and run again:",
        GateState::Pass | GateState::Warn | GateState::Fail | GateState::Review | GateState::Inconclusive => {
            "fix the data and run again:"
        }
    };
    let asks_a_person = screen.verdict.state == GateState::Review;
    let mut ways: Vec<(&str, String)> = consent(&task, screen).filter(|_| asks_a_person).into_iter().collect();
    ways.push((first, "lockgate repro".to_owned()));
    if screen.elapsed_ms.is_none() {
        ways.push(("have the data made anew:", format!("lockgate repro --force {task}")));
    }
    let log = report.is_some_and(|report| report.log.is_some());
    ways.push(if log {
        ("see all of its output:", format!("lockgate logs {task}"))
    } else {
        ("see this again, with its evidence:", format!("lockgate gate show {task}"))
    });
    ways.extend(consent(&task, screen).filter(|_| !asks_a_person));
    if report.is_some_and(|report| report.screen.contains(".rows.parquet")) {
        ways.push(("see all bad rows:", format!("lockgate gate show --rows {task}")));
    }
    if let Some(rule) = report.and_then(|report| cited(&report.screen)) {
        ways.push(("the rule is wrong:", format!("edit {rule}, then lockgate repro")));
    }
    let widest = ways.iter().map(|(when, _)| width(when)).max().unwrap_or(0);
    let mut text = String::new();
    for (at, (when, command)) in ways.iter().enumerate() {
        let head = if at == 0 { "next" } else { "" };
        let head = paint(style, Ink::Faint, &format!("{head:<7}"));
        writeln!(text, "  {head}   {when:<widest$}  {}", paint(style, Ink::Strong, command)).unwrap_or_default();
    }
    text
}

/// Returns how a person can let the data pass on purpose; what kept a gate from judging cannot be allowed.
fn consent(task: &str, screen: &Screen<'_>) -> Option<(&'static str, String)> {
    match screen.verdict.state {
        GateState::Review => Some(("look at it, and approve it:", format!("lockgate approve {task} --reason \"…\""))),
        GateState::Fail | GateState::Inconclusive => {
            let rule = screen.report.and_then(|report| report.failed().next()).map_or(WHOLE_VERDICT, |rule| &rule.name);
            let command = format!("lockgate gate accept {task} --rule \"{}\" --reason \"…\" --until DAY", inert(rule));
            Some(("accept it on purpose:", command))
        }
        GateState::Pass | GateState::Warn | GateState::Error => None,
    }
}

/// Returns the first `file.yaml:12` that the report cites.
fn cited(screen: &str) -> Option<&str> {
    let is_cite = |word: &&str| {
        let Some((file, line)) = word.rsplit_once(':') else { return false };
        let is_yaml = file.rsplit_once('.').is_some_and(|(_, suffix)| suffix == "yaml" || suffix == "yml");
        is_yaml && line.parse::<u32>().is_ok()
    };
    screen.split_whitespace().find(is_cite)
}
