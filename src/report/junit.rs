//! A run as JUnit XML, which the test reports of CI systems read: a case for each stage and for each rule of a gate.

use std::fmt::Write as _;

use crate::event::{Event, GateReport};
use crate::lock::Verdict;
use crate::words::GateState;
use crate::words::text::list;

/// What is written at the end, collected as it comes.
#[derive(Clone, Debug, Default)]
pub struct Junit {
    cases: Vec<Case>,
}

#[derive(Clone, Debug)]
struct Case {
    class: String,
    name: String,
    /// The line that it is about, `schemas/games.yaml:6`.
    place: Option<String>,
    elapsed_ms: u64,
    end: End,
}

#[derive(Clone, Debug)]
enum End {
    Good,
    /// It is told, and the data passes.
    Warned {
        message: String,
    },
    Failed {
        message: String,
        text: String,
    },
    Skipped {
        message: String,
    },
}

impl Junit {
    /// Takes in one event.
    pub fn hear(&mut self, event: &Event) {
        match event {
            Event::Done { task, elapsed_ms, .. } => self.add("stages", &task.to_string(), *elapsed_ms, End::Good),
            Event::Failed { task, failure, elapsed_ms } => {
                let end = End::Failed { message: failure.message.clone(), text: failure.tail.join("\n") };
                self.add("stages", &task.to_string(), *elapsed_ms, end);
            }
            Event::Judged { task, verdict, elapsed_ms, report, place, .. } => {
                self.judged(&task.to_string(), verdict, *elapsed_ms, report.as_ref(), place);
            }
            Event::Blocked { task, by } => {
                let by: Vec<String> = by.iter().map(ToString::to_string).collect();
                self.add("stages", &task.to_string(), 0, End::Skipped { message: by.join("; ") });
            }
            // The gate's own case is the failure.
            Event::Refused { task, by, .. } => {
                let by: Vec<String> = by.iter().map(|gate| format!("`{gate}`")).collect();
                let message = format!("its outputs were refused by {}", list(&by));
                self.add("stages", &task.to_string(), 0, End::Skipped { message });
            }
            Event::Skipped { task } => {
                let message = "the run stopped before it started".to_owned();
                self.add("stages", &task.to_string(), 0, End::Skipped { message });
            }
            Event::RunStarted { .. }
            | Event::Waiting { .. }
            | Event::Recovered { .. }
            | Event::Placed { .. }
            | Event::Warning { .. }
            | Event::Hashing { .. }
            | Event::Decided { .. }
            | Event::Started { .. }
            | Event::Retrying { .. }
            | Event::Interrupted { .. }
            | Event::RunFinished { .. } => {}
        }
    }

    fn judged(&mut self, gate: &str, verdict: &Verdict, elapsed_ms: u64, report: Option<&GateReport>, place: &str) {
        let class = format!("gate {gate}");
        let mut add = |name: String, place: &str, elapsed_ms: u64, end: End| {
            self.cases.push(Case { class: class.clone(), name, place: Some(place.to_owned()), elapsed_ms, end });
        };
        let rules = report.map_or(&[][..], |report| &report.rules);
        let has_culprit = rules.iter().any(|rule| !rule.state.lets_pass());
        for rule in rules {
            let name = format!("{} ({})", rule.name, rule.citation);
            let message = rule.observed.clone();
            let end = match (rule.state, verdict.state) {
                (GateState::Pass, _) => End::Good,
                // What lets the data pass all the same is no failure of the run.
                (rule, whole) if rule.lets_pass() || whole.lets_pass() => End::Warned { message },
                _ => End::Failed { message, text: rule.citation.clone() },
            };
            add(name, &rule.citation, 0, end);
        }
        let text = || report.map(|report| report.screen.clone()).unwrap_or_default();
        if rules.is_empty() || (!has_culprit && !verdict.state.lets_pass()) {
            let message = verdict.summary.clone();
            let end = match verdict.state {
                GateState::Pass => End::Good,
                GateState::Warn => End::Warned { message },
                GateState::Fail | GateState::Review | GateState::Inconclusive | GateState::Error => {
                    End::Failed { message, text: text() }
                }
            };
            add("verdict".to_owned(), place, elapsed_ms, end);
        }
    }

    fn add(&mut self, class: &str, name: &str, elapsed_ms: u64, end: End) {
        self.cases.push(Case { class: class.to_owned(), name: name.to_owned(), place: None, elapsed_ms, end });
    }

    /// Returns the file.
    pub fn render(&self) -> String {
        let count = |is: fn(&End) -> bool| self.cases.iter().filter(|case| is(&case.end)).count();
        let failures = count(|end| matches!(end, End::Failed { .. }));
        let skipped = count(|end| matches!(end, End::Skipped { .. }));
        let counts = format!("tests=\"{}\" failures=\"{failures}\" skipped=\"{skipped}\"", self.cases.len());
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n<testsuite name=\"lockgate\" {counts}>\n"
        );
        self.cases.iter().for_each(|case| case.render(&mut xml));
        xml.push_str("</testsuite>\n</testsuites>\n");
        xml
    }
}

impl Case {
    fn render(&self, xml: &mut String) {
        let (class, name) = (escape(&self.class), escape(&self.name));
        let time = format!("{}.{:03}", self.elapsed_ms / 1000, self.elapsed_ms % 1000);
        let place = self.place.as_deref().and_then(|place| place.rsplit_once(':'));
        let place = place.map(|(file, line)| format!(" file=\"{}\" line=\"{}\"", escape(file), escape(line)));
        let place = place.unwrap_or_default();
        let head = format!("<testcase classname=\"{class}\" name=\"{name}\"{place} time=\"{time}\"");
        let written = match &self.end {
            End::Good => writeln!(xml, "{head}/>"),
            End::Warned { message } => {
                writeln!(xml, "{head}><system-out>warning: {}</system-out></testcase>", escape(message))
            }
            End::Failed { message, text } => {
                let (message, text) = (escape(message), escape(text));
                writeln!(xml, "{head}><failure message=\"{message}\">{text}</failure></testcase>")
            }
            End::Skipped { message } => writeln!(xml, "{head}><skipped message=\"{}\"/></testcase>", escape(message)),
        };
        written.unwrap_or_default();
    }
}

/// XML 1.0 has no way to write most control characters: they become U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_data_can_break_the_file() {
        assert_eq!(escape("a<b> & \"c\"\u{7}\n"), "a&lt;b&gt; &amp; &quot;c&quot;\u{fffd}\n");
    }
}
