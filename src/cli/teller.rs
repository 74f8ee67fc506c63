//! Tells a run while it happens: live on a terminal, line by line elsewhere, as JSON for programs.

use super::context::{Context, Verbosity, fitted};
use crate::event::{Event, Summary};
use crate::report::github::annotations;
use crate::report::junit::Junit;
use crate::report::plain::{Detail, Look, line};
use crate::report::progress::Progress;
use crate::report::story::Story;
use crate::report::{json, summary};
use crate::sys::term::{Out, Stream};
use crate::words::{Exit, TaskId};

/// Above so many tasks, fresh ones are only counted.
const LISTED: usize = 50;

/// In which form a run is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    People,
    /// The same without anything that is redrawn: questions stand between the lines.
    Lines,
    /// Only what went wrong and the end.
    Summary,
    Json,
}

/// The one consumer of a run's events.
pub struct Teller<'a> {
    out: &'a mut Out,
    stream: Stream,
    show: Show,
    story: Story,
    /// Also kept for a report file.
    junit: Option<Junit>,
    /// Whether GitHub Actions reads along.
    annotates: bool,
    /// Why the stream of events is not complete.
    lost: Option<std::io::Error>,
}

enum Show {
    Lines(Look),
    Live(Box<Progress>),
    Json,
}

impl<'a> Teller<'a> {
    /// Prepares to tell a run of `tasks`.
    pub fn new(context: &'a mut Context, form: Form, tasks: &[TaskId]) -> Self {
        let stream = context.terminal.stderr;
        let style = stream.style;
        let annotates = form != Form::Json && context.env.get("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        let look = Look::for_tasks(style, detail(context.verbosity, tasks.len()), tasks);
        let show = match form {
            Form::Json => Show::Json,
            Form::Summary => Show::Lines(Look { detail: Detail::Sums, ..look }),
            Form::People if context.terminal.stderr.is_terminal && context.verbosity != Verbosity::Quiet => {
                Show::Live(Box::new(Progress::new(look)))
            }
            Form::People | Form::Lines => Show::Lines(look),
        };
        Self { out: &mut context.out, stream, show, story: Story::default(), junit: None, annotates, lost: None }
    }

    /// Keeps what is heard from here on for a report file.
    pub fn keep_junit(&mut self) {
        self.junit = Some(Junit::default());
    }

    /// Returns the text of the report file, if one is kept.
    pub fn junit(&self) -> Option<String> {
        self.junit.as_ref().map(Junit::render)
    }

    /// Takes in one event.
    pub fn hear(&mut self, event: &Event) {
        self.story.hear(event);
        if let Some(junit) = &mut self.junit {
            junit.hear(event);
        }
        if self.annotates {
            for line in annotations(event) {
                self.out.say(&format!("{line}\n"));
            }
        }
        match &mut self.show {
            Show::Live(progress) => progress.hear(event),
            Show::Lines(look) => {
                if let Some(line) = line(event, *look) {
                    self.out.say(&fitted(&format!("{line}\n"), self.stream));
                }
            }
            // A stream that nobody can read any more is no reason to stop the run.
            Show::Json => {
                let written = self.out.data_line(&json::line(event));
                self.lost = self.lost.take().or(written.err());
            }
        }
        if let Event::RunFinished { summary, .. } = event {
            self.end(summary);
        }
    }

    /// Ends the stream of a run that did not begin; people are told why.
    pub fn end_of_refused(&mut self, exit: Exit) {
        if matches!(self.show, Show::Json) {
            let summary = Summary { exit: exit.code(), ..Summary::default() };
            self.hear(&Event::RunFinished { run: String::new(), summary });
        }
    }

    /// Returns why the stream of events is not complete, if it is not.
    pub fn lost(self) -> Result<(), std::io::Error> {
        self.lost.map_or(Ok(()), Err)
    }

    fn end(&mut self, summary: &Summary) {
        match &mut self.show {
            Show::Json => return,
            Show::Live(progress) => progress.clear(),
            Show::Lines(look) if look.detail == Detail::Quiet && summary.exit == 0 => return,
            Show::Lines(_) => {}
        }
        let screens = self.story.screens(self.stream.style);
        let gap = if screens.is_empty() { "" } else { "\n" };
        let text = format!("{screens}{gap}{}", summary::render(summary, self.stream.style));
        self.out.say(&fitted(&text, self.stream));
    }
}

/// Returns how much is told of a run of so many tasks.
pub fn detail(verbosity: Verbosity, n_tasks: usize) -> Detail {
    match verbosity {
        Verbosity::Quiet => Detail::Quiet,
        Verbosity::Usual if n_tasks > LISTED => Detail::Folded,
        Verbosity::Usual => Detail::Usual,
        Verbosity::Verbose => Detail::Full,
    }
}
