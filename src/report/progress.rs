//! The live picture of a run on a terminal: a line per running task, a bar per long hashing, the count at the bottom.
//!
//! What has happened scrolls above it as the same lines that [`super::plain`] makes.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use lockgate_spanned::Style;

use super::fold::fold;
use super::paint::pick;
use super::plain::{Look, line};
use crate::event::Event;
use crate::words::text::{duration, inert};
use crate::words::{RelPath, TaskId};

/// How often the picture is drawn anew: often enough for a clock, too rarely to flicker.
const TICK: Duration = Duration::from_millis(100);

/// Draws on standard error, which must be a terminal.
pub struct Progress {
    multi: MultiProgress,
    count: ProgressBar,
    settled: u64,
    running: BTreeMap<TaskId, ProgressBar>,
    hashing: BTreeMap<RelPath, ProgressBar>,
    look: Look,
}

impl Progress {
    pub fn new(look: Look) -> Self {
        let multi = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        let count = multi.add(ProgressBar::new(0).with_style(count_style(look.style)));
        Self { multi, count, settled: 0, running: BTreeMap::new(), hashing: BTreeMap::new(), look }
    }

    /// Takes in one event: prints its line, then brings the picture up to date.
    pub fn hear(&mut self, event: &Event) {
        if let Some(line) = line(event, self.look) {
            self.above(&line);
        }
        match event {
            Event::RunStarted { tasks, .. } => self.begin(*tasks),
            Event::Started { task, .. } => self.start(task),
            Event::Hashing { path, done, total } => self.hash(path, *done, *total),
            Event::Done { task, .. } | Event::Judged { task, .. } | Event::Failed { task, .. } => self.settle(task),
            Event::Blocked { .. } | Event::Skipped { .. } => self.count_one(),
            Event::RunFinished { .. } => self.clear(),
            Event::Waiting { .. }
            | Event::Recovered { .. }
            | Event::Placed { .. }
            | Event::Warning { .. }
            | Event::Decided { .. }
            | Event::Retrying { .. }
            | Event::Refused { .. }
            | Event::Interrupted { .. } => {}
        }
    }

    /// Takes the picture off the screen; lines that were printed above it stay.
    pub fn clear(&mut self) {
        self.running.values().chain(self.hashing.values()).for_each(ProgressBar::finish_and_clear);
        self.running.clear();
        self.hashing.clear();
        if self.count.length() != Some(0) {
            self.count.finish_and_clear();
        }
    }

    fn above(&self, text: &str) {
        // A terminal that cannot be written to any more is not worth stopping a run for.
        self.multi.println(fold(text, self.look.style.width)).unwrap_or_default();
    }

    fn begin(&mut self, n_tasks: usize) {
        self.count.set_length(n_tasks as u64);
        self.count.set_position(self.settled);
        self.count.enable_steady_tick(TICK);
    }

    fn start(&mut self, task: &TaskId) {
        let line = ProgressBar::new_spinner().with_style(running_style(self.look.style));
        let line = self.multi.insert_before(&self.count, line);
        line.set_message(format!("{:<width$}", inert(&task.to_string()), width = self.look.names));
        line.enable_steady_tick(TICK);
        if let Some(before) = self.running.insert(task.clone(), line) {
            before.finish_and_clear();
        }
    }

    fn settle(&mut self, task: &TaskId) {
        if let Some(line) = self.running.remove(task) {
            line.finish_and_clear();
        }
        self.count_one();
    }

    /// Nothing is drawn before the first task needs work: most runs have nothing to do.
    fn count_one(&mut self) {
        self.settled += 1;
        if self.count.length() != Some(0) {
            self.count.set_position(self.settled);
        }
    }

    fn hash(&mut self, path: &RelPath, done: u64, total: u64) {
        if done >= total {
            if let Some(bar) = self.hashing.remove(path) {
                bar.finish_and_clear();
            }
            return;
        }
        let (multi, count, style) = (&self.multi, &self.count, self.look.style);
        let bar = self.hashing.entry(path.clone()).or_insert_with(|| {
            let bar = ProgressBar::new(total).with_style(hashing_style(style));
            let bar = multi.insert_before(count, bar);
            bar.set_message(inert(path.as_str()));
            bar
        });
        bar.set_position(done);
    }
}

fn running_style(style: Style) -> ProgressStyle {
    let spinner = if style.colour { "{spinner:.cyan}" } else { "{spinner}" };
    template(&format!("{spinner} {{msg}}  running  {{took:>9}}"))
        .tick_chars(pick(style, "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ", "-\\|/ "))
        .with_key("took", |state: &ProgressState, w: &mut dyn std::fmt::Write| {
            write!(w, "{}", duration(state.elapsed())).unwrap_or_default();
        })
}

fn hashing_style(style: Style) -> ProgressStyle {
    template("# hashing {wide_msg}  {bar:24} {percent:>3} %  {bytes_per_sec}").progress_chars(pick(style, "━╸─", "=>-"))
}

fn count_style(style: Style) -> ProgressStyle {
    let dot = pick(style, "·", ".");
    template(&format!("{dot} {{pos}} of {{len}} tasks settled  {{took}}")).with_key(
        "took",
        |state: &ProgressState, w: &mut dyn std::fmt::Write| {
            write!(w, "{}", duration(state.elapsed())).unwrap_or_default();
        },
    )
}

fn template(text: &str) -> ProgressStyle {
    ProgressStyle::with_template(text).expect("our templates are well formed: every run on a terminal draws them")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::paint::tests::PLAIN;

    #[test]
    fn every_template_is_well_formed() {
        for style in [PLAIN, Style { colour: true, ..PLAIN }] {
            running_style(style);
            hashing_style(style);
            count_style(style);
        }
    }
}
