//! What a run left to say at its end: the screens of failures and verdicts, each with what it blocked.

use std::collections::BTreeSet;

use lockgate_spanned::Style;

use super::paint::{arrow, pick};
use super::{failure, gate};
use crate::event::{Event, Failure, GateReport, How};
use crate::lock::Verdict;
use crate::plan::Blocker;
use crate::words::TaskId;
use crate::words::text::{inert, plural};

/// Everything of the stream that the end of a run tells again, collected as it comes.
#[derive(Clone, Debug, Default)]
pub struct Story {
    bad: Vec<Bad>,
    blocked: Vec<(TaskId, Vec<Blocker>)>,
}

#[derive(Clone, Debug)]
enum Bad {
    Failed { task: TaskId, failure: Failure, elapsed_ms: u64 },
    Judged { task: TaskId, verdict: Verdict, report: Option<GateReport>, allowed: Vec<String>, elapsed_ms: Option<u64> },
}

/// The tasks that wait in vain for one that failed or refused, directly or through others, in the order of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Downstream(pub Vec<TaskId>);

/// How many names of blocked tasks a line shows.
const SHOWN: usize = 6;

impl Story {
    /// Takes in one event.
    pub fn hear(&mut self, event: &Event) {
        match event {
            Event::Failed { task, failure, elapsed_ms } => {
                let (task, failure) = (task.clone(), failure.clone());
                self.bad.push(Bad::Failed { task, failure, elapsed_ms: *elapsed_ms });
            }
            Event::Judged { task, verdict, how, elapsed_ms, report, allowed, .. }
                if GateReport::is_worth_showing(verdict.state) =>
            {
                self.bad.push(Bad::Judged {
                    task: task.clone(),
                    verdict: verdict.clone(),
                    report: report.clone(),
                    allowed: allowed.clone(),
                    elapsed_ms: (*how != How::Fresh).then_some(*elapsed_ms),
                });
            }
            Event::Blocked { task, by } => self.blocked.push((task.clone(), by.clone())),
            Event::RunStarted { .. }
            | Event::Waiting { .. }
            | Event::Recovered { .. }
            | Event::Placed { .. }
            | Event::Warning { .. }
            | Event::Hashing { .. }
            | Event::Decided { .. }
            | Event::Started { .. }
            | Event::Retrying { .. }
            | Event::Done { .. }
            | Event::Judged { .. }
            | Event::Refused { .. }
            | Event::Skipped { .. }
            | Event::Interrupted { .. }
            | Event::RunFinished { .. } => {}
        }
    }

    /// Draws the screens, each after an empty line, in the order in which things went wrong.
    pub fn screens(&self, style: Style) -> String {
        self.bad.iter().map(|bad| format!("\n{}", self.screen(bad, style))).collect::<Vec<_>>().concat()
    }

    fn screen(&self, bad: &Bad, style: Style) -> String {
        match bad {
            Bad::Failed { task, failure, elapsed_ms } => {
                let downstream = &self.downstream(task);
                failure::render(&failure::Screen { task, failure, elapsed_ms: *elapsed_ms, downstream }, style)
            }
            Bad::Judged { task, verdict, report, allowed, elapsed_ms } => {
                let (report, downstream) = (report.as_ref(), &self.downstream(task));
                gate::render(
                    &gate::Screen {
                        judge: gate::Judge::Gate(task),
                        verdict,
                        report,
                        allowed,
                        elapsed_ms: *elapsed_ms,
                        downstream,
                    },
                    style,
                )
            }
        }
    }

    /// Returns what waits for `root`. Blocked tasks are told in the order of the run, so one pass finds them all.
    fn downstream(&self, root: &TaskId) -> Downstream {
        let mut found = BTreeSet::from([root]);
        let mut tasks = Vec::new();
        for (task, by) in &self.blocked {
            if by.iter().filter_map(waits_for).any(|task| found.contains(task)) && found.insert(task) {
                tasks.push(task.clone());
            }
        }
        Downstream(tasks)
    }
}

fn waits_for(blocker: &Blocker) -> Option<&TaskId> {
    match blocker {
        Blocker::Gate { gate: task } | Blocker::Failed { task } | Blocker::Blocked { task } => Some(task),
        Blocker::MissingDep { .. }
        | Blocker::NotHere { .. }
        | Blocker::Params { .. }
        | Blocker::Unlisted { .. }
        | Blocker::Declined
        | Blocker::FrozenOutMissing { .. }
        | Blocker::Degraded { .. }
        | Blocker::Unreadable { .. } => None,
    }
}

impl Downstream {
    /// Returns `features → train → … (4 tasks not run)`, or `None` when nothing waits.
    pub fn line(&self, style: Style) -> Option<String> {
        if self.0.is_empty() {
            return None;
        }
        let arrow = format!(" {} ", arrow(style));
        let names: Vec<String> = self.0.iter().take(SHOWN).map(|task| inert(&task.to_string())).collect();
        let more = if self.0.len() > SHOWN { format!("{arrow}{}", pick(style, "…", "...")) } else { String::new() };
        Some(format!("{}{more}  ({} not run)", names.join(&arrow), plural(self.0.len(), "task")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{FailureCause, RuleFound};
    use crate::report::paint::tests::PLAIN;
    use crate::report::plain::{self, Detail, Look};
    use crate::words::GateState;
    use crate::words::{NodeName, RelPath};

    fn task(name: &str) -> TaskId {
        TaskId::whole(RelPath::root(), NodeName::new(name))
    }

    fn path(text: &str) -> RelPath {
        RelPath::parse(text).expect("a path")
    }

    fn rule(at: u8) -> RuleFound {
        let state = if at == 0 { GateState::Fail } else { GateState::Pass };
        let citation = format!("schemas/games.yaml:{}", at + 12);
        RuleFound { name: format!("c{at} range 1..22"), citation, observed: "max 99".into(), state }
    }

    fn gate_report() -> GateReport {
        let screen = "  ✗ week  range 1..22                          schemas/games.yaml:12
      observed  max 99, 5 of 272 rows outside (1.84 %, allowed 0)
      row  game_id          week
      118  2024_99_KC_BUF\u{1b}[31m     99
";
        GateReport {
            data: vec!["data/raw/games.csv  (4f1c9a2b3d, 272 rows, 14 columns)".into()],
            details: serde_json::Value::Null,
            screen: screen.into(),
            rules: (0..21).map(rule).collect(),
            metrics: std::collections::BTreeMap::new(),
            log: None,
        }
    }

    fn failure() -> Failure {
        Failure {
            cause: FailureCause::Exit { status: 3 },
            message: "ended with exit status 3".into(),
            help: None,
            log: Some(path(".lockgate/runs/7/predict.log")),
            tail: vec!["reading model".into(), "\u{7}no model".into()],
            before: crate::event::Before::Back,
        }
    }

    fn events() -> Vec<Event> {
        let verdict = Verdict { state: GateState::Fail, summary: "1 of 21 rules failed".into() };
        let blocked = |name: &str, by: Blocker| Event::Blocked { task: task(name), by: vec![by] };
        let done = |name: &str, how, saved_ms| Event::Done {
            task: task(name),
            how,
            elapsed_ms: 41,
            saved_ms,
            degraded: BTreeSet::new(),
        };
        vec![
            Event::RunStarted { run: "7".into(), tasks: 7, jobs: 2 },
            Event::Warning {
                message: "`pipeline.lock` was in conflict".into(),
                help: Some("2 entries are decided anew".into()),
            },
            done("load", How::Fresh, 1000),
            done("teams", How::Restored, 1000),
            done("clean", How::Ran, 0),
            Event::Retrying {
                task: task("odds"),
                attempt: 2,
                attempts: 4,
                delay_ms: 300,
                cause: "exit status 1".into(),
            },
            Event::Judged {
                task: task("validate_raw"),
                verdict,
                how: How::Ran,
                elapsed_ms: 12,
                report: Some(gate_report()),
                place: "pipeline.yaml:7".into(),
                allowed: Vec::new(),
            },
            Event::Refused {
                task: task("ingest"),
                by: vec![task("validate_raw")],
                quarantine: Some(path(".lockgate/quarantine/ingest")),
            },
            blocked("features", Blocker::Gate { gate: task("validate_raw") }),
            Event::Failed { task: task("predict"), failure: failure(), elapsed_ms: 1234 },
            blocked("train", Blocker::Blocked { task: task("features") }),
            blocked("publish", Blocker::Failed { task: task("predict") }),
            Event::Skipped { task: task("odds") },
        ]
    }

    #[test]
    fn each_thing_that_happened_is_one_line() {
        let text = |detail| {
            let look = Look::for_tasks(PLAIN, detail, [&task("validate_raw")]);
            events().iter().filter_map(|event| plain::line(event, look)).collect::<Vec<_>>().join("\n")
        };
        insta::assert_snapshot!(text(Detail::Usual), @"
        ! warning: `pipeline.lock` was in conflict
            help: 2 entries are decided anew
        · load          fresh
        ✓ teams         restored     41 ms  saved 959 ms
        ✓ clean         ran          41 ms
        ! odds          retry               attempt 2 of 4 in 300 ms, after exit status 1
        ✗ validate_raw  fail         12 ms  1 of 21 rules failed
        ✗ ingest        refused             by `validate_raw`; kept in .lockgate/quarantine/ingest
        ! features      blocked             gate `validate_raw` does not pass
        ✗ predict       failed       1.2 s  ended with exit status 3
        ! train         blocked             `features` is blocked
        ! publish       blocked             `predict` failed
        · odds          skipped             the run stopped before it started
        ");
        insta::assert_snapshot!(text(Detail::Quiet), @"
        ! warning: `pipeline.lock` was in conflict
            help: 2 entries are decided anew
        ✗ validate_raw  fail         12 ms  1 of 21 rules failed
        ✗ ingest        refused             by `validate_raw`; kept in .lockgate/quarantine/ingest
        ! features      blocked             gate `validate_raw` does not pass
        ✗ predict       failed       1.2 s  ended with exit status 3
        ! train         blocked             `features` is blocked
        ! publish       blocked             `predict` failed
        ");
    }

    #[test]
    fn the_end_shows_each_failure_with_what_it_blocked_and_every_way_out() {
        let mut story = Story::default();
        for event in events() {
            story.hear(&event);
        }
        insta::assert_snapshot!(story.screens(PLAIN), @r#"

        ✗ gate validate_raw  FAIL  data/raw/games.csv  (4f1c9a2b3d, 272 rows, 14 columns)  1 of 21 rules failed  12 ms

          ✗ week  range 1..22                          schemas/games.yaml:12
              observed  max 99, 5 of 272 rows outside (1.84 %, allowed 0)
              row  game_id          week
              118  2024_99_KC_BUF\u{1b}[31m     99

          blocked   features → train  (2 tasks not run)
          next      fix the data and run again:         lockgate repro
                    see this again, with its evidence:  lockgate gate show validate_raw
                    accept it on purpose:               lockgate gate accept validate_raw --rule "c0 range 1..22" --reason "…" --until DAY
                    the rule is wrong:                  edit schemas/games.yaml:12, then lockgate repro

        ✗ stage predict  FAILED  ended with exit status 3  after 1.2 s
          │ reading model
          │ \u{7}no model
          log       .lockgate/runs/7/predict.log
          outputs   the last good ones are back in place
          blocked   publish  (1 task not run)
          next      `lockgate logs predict` shows all of its output; then `lockgate repro`
        "#);
    }
}
