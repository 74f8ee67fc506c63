//! Runs that have ended, or did not: their rows, and one of them told again.

use lockgate_spanned::Style;
use serde_json::{Value, json};

use super::json::to_value;
use super::paint::Ink;
use super::plain::{Detail, Look, line, millis};
use super::story::Story;
use super::summary;
use super::table::{Cell, Table};
use crate::event::{Event, Summary};
use crate::words::Exit;
use crate::words::text::inert;

/// An event of a journal, with its time in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub at_ms: u64,
    pub event: Event,
}

/// What the journal of one run holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Journal {
    pub run: String,
    pub told: Vec<Told>,
}

impl Journal {
    /// Reads the lines of a journal. One that is torn or of another version is left out: the rest still tells.
    pub fn read(run: &str, text: &str) -> Self {
        Self { run: run.to_owned(), told: text.lines().filter_map(read_line).collect() }
    }

    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Event> {
        self.told.iter().map(|told| &told.event)
    }

    fn summary(&self) -> Option<&Summary> {
        self.events()
            .find_map(|event| if let Event::RunFinished { summary, .. } = event { Some(summary) } else { None })
    }
}

fn read_line(line: &str) -> Option<Told> {
    let value: Value = serde_json::from_str(line).ok()?;
    let at_ms = value.get("at")?.as_u64()?;
    Some(Told { at_ms, event: serde_json::from_value(value).ok()? })
}

/// Draws one row per run, in the order given.
pub fn render(journals: &[Journal], style: Style) -> String {
    let mut table = Table::new(&["run", "started", "exit", "came to", "took"]);
    for journal in journals {
        let started = journal.told.first().map(|told| time(told.at_ms)).unwrap_or_default();
        let [took, exit, words] = match journal.summary() {
            Some(summary) => [millis(summary.elapsed_ms), summary.exit.to_string(), came_to(summary)],
            None => [String::new(), String::new(), "did not come to its end".to_owned()],
        };
        let ink = journal.summary().map_or(Ink::Caution, |s| if s.exit == 0 { Ink::Good } else { Ink::Bad });
        table.row([inert(&journal.run).into(), started.into(), Cell::inked(ink, exit), words.into(), took.into()]);
    }
    table.render(style)
}

fn came_to(summary: &Summary) -> String {
    let counts = summary::counts(summary).join(", ");
    match Exit::from_code(summary.exit) {
        Some(Exit::Done) | None => counts,
        Some(exit) => format!("{}: {counts}", exit.meaning()),
    }
}

/// Returns the same as one JSON value.
pub fn to_json(journals: &[Journal]) -> Value {
    let run = |journal: &Journal| {
        json!({
            "run": journal.run,
            "started_ms": journal.told.first().map(|told| told.at_ms),
            "summary": journal.summary().map(to_value),
        })
    };
    json!({ "v": 1, "runs": journals.iter().map(run).collect::<Vec<_>>() })
}

/// Tells a run again as it was told when it happened.
pub fn retell(journal: &Journal, detail: Detail, style: Style) -> String {
    let tasks: Vec<_> = journal.events().filter_map(task_of).collect();
    let look = Look::for_tasks(style, detail, tasks);
    let mut story = Story::default();
    let mut text = format!("run {}", inert(&journal.run));
    if let Some(first) = journal.told.first() {
        text.extend([", started ", &time(first.at_ms)]);
    }
    text.push('\n');
    for event in journal.events() {
        story.hear(event);
        text.extend(line(event, look).map(|line| format!("{line}\n")));
    }
    text.push_str(&story.screens(style));
    text.push_str(
        &journal.summary().map_or_else(|| "it did not come to its end\n".to_owned(), |s| summary::render(s, style)),
    );
    text
}

fn task_of(event: &Event) -> Option<&crate::words::TaskId> {
    match event {
        Event::Decided { task, .. }
        | Event::Started { task, .. }
        | Event::Retrying { task, .. }
        | Event::Done { task, .. }
        | Event::Judged { task, .. }
        | Event::Failed { task, .. }
        | Event::Refused { task, .. }
        | Event::Blocked { task, .. }
        | Event::Skipped { task } => Some(task),
        Event::RunStarted { .. }
        | Event::Waiting { .. }
        | Event::Recovered { .. }
        | Event::Placed { .. }
        | Event::Warning { .. }
        | Event::Hashing { .. }
        | Event::Interrupted { .. }
        | Event::RunFinished { .. } => None,
    }
}

/// Returns a time as `2026-11-22 02:40:11Z`.
fn time(at_ms: u64) -> String {
    let at = i64::try_from(at_ms).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    at.map(|at| at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::paint::tests::PLAIN;

    const TEXT: &str = r#"{"v":1,"at":1790000000000,"event":"run_started","run":"7","tasks":1,"jobs":2}
{"v":1,"at":1790000000010,"event":"done","task":{"folder":"","name":"clean","partition":[]},"how":"ran","elapsed_ms":41,"saved_ms":0}
{"v":1,"at":1790000000020,"event":"a_later_version"}
{"v":1,"at":1790000000030,"event":"run_finished","run":"7","summary":{"ran":1,"restored":0,"fresh":0,"failed":0,"refused":0,"blocked":0,"skipped":0,"elapsed_ms":50,"saved_ms":0,"exit":0}}
{"v":1,"at":17900"#;

    #[test]
    fn a_run_is_told_again_from_its_journal() {
        let journal = Journal::read("7", TEXT);
        assert_eq!(journal.told.len(), 3);
        insta::assert_snapshot!(retell(&journal, Detail::Usual, PLAIN), @"
        run 7, started 2026-09-21 14:13:20Z
        ✓ clean     ran          41 ms
        ✓ done: 1 ran in 50 ms
        ");
    }

    #[test]
    fn a_run_that_did_not_end_is_a_row_too() {
        let cut = TEXT.lines().take(2).collect::<Vec<_>>().join("\n");
        let journals = [Journal::read("8", &cut), Journal::read("7", TEXT)];
        insta::assert_snapshot!(render(&journals, PLAIN), @"
        run  started               exit  came to                  took
        8    2026-09-21 14:13:20Z        did not come to its end
        7    2026-09-21 14:13:20Z  0     1 ran                    50 ms
        ");
    }
}
