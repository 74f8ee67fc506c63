//! What went wrong as workflow commands of GitHub Actions, which shows each beside the line it names.

use crate::event::{Event, RuleFound};
use crate::words::GateState;

/// Returns the annotations of one event, a line each.
pub fn annotations(event: &Event) -> Vec<String> {
    match event {
        Event::Failed { task, failure, .. } => vec![command("error", &format!("stage {task}"), None, &failure.message)],
        Event::Judged { task, verdict, report, place, .. } if verdict.state != GateState::Pass => {
            let title = format!("gate {task} {}", verdict.state.word());
            let level = |state: GateState| if state.lets_pass() { "warning" } else { "error" };
            let told = |rule: &RuleFound| {
                // What lets the data pass all the same is no error of the run.
                let level = level(if verdict.state.lets_pass() { verdict.state } else { rule.state });
                command(level, &title, Some(&rule.citation), &format!("{}: {}", rule.name, rule.observed))
            };
            let rules: Vec<&RuleFound> = report.iter().flat_map(|report| &report.rules).collect();
            let mut lines: Vec<String> =
                rules.iter().filter(|rule| rule.state != GateState::Pass).map(|rule| told(rule)).collect();
            let has_culprit = rules.iter().any(|rule| !rule.state.lets_pass());
            if lines.is_empty() || (!has_culprit && !verdict.state.lets_pass()) {
                lines.push(command(level(verdict.state), &title, Some(place), &verdict.summary));
            }
            lines
        }
        Event::Warning { message, .. } => vec![command("warning", "lockgate", None, message)],
        Event::RunStarted { .. }
        | Event::Waiting { .. }
        | Event::Recovered { .. }
        | Event::Placed { .. }
        | Event::Hashing { .. }
        | Event::Decided { .. }
        | Event::Started { .. }
        | Event::Retrying { .. }
        | Event::Done { .. }
        | Event::Judged { .. }
        | Event::Refused { .. }
        | Event::Blocked { .. }
        | Event::Skipped { .. }
        | Event::Interrupted { .. }
        | Event::RunFinished { .. } => Vec::new(),
    }
}

fn command(level: &str, title: &str, citation: Option<&str>, message: &str) -> String {
    let place = citation.and_then(|citation| citation.rsplit_once(':'));
    let place = place.map(|(file, line)| format!("file={},line={},", property(file), property(line)));
    format!("::{level} {}title={}::{}", place.unwrap_or_default(), property(title), data(message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::event::{GateReport, How};
    use crate::lock::Verdict;
    use crate::lock::sample::task;
    use crate::report::junit::Junit;

    #[test]
    fn a_command_stays_on_its_line() {
        let told = command("error", "gate a:b", Some("s,1.yaml:6"), "min -3\n100 %");
        assert_eq!(told, "::error file=s%2C1.yaml,line=6,title=gate a%3Ab::min -3%0A100 %25");
    }

    #[test]
    fn each_rule_that_does_not_pass_is_told_beside_its_line_and_a_verdict_beside_its_gate() {
        let rule = |name: &str, state| {
            let observed = "max 99".to_owned();
            RuleFound { name: name.to_owned(), citation: "s.yaml:6".to_owned(), observed, state }
        };
        let told = |state, rules: Vec<RuleFound>| {
            let report = GateReport { rules, ..GateReport::of_error(Vec::new(), "") };
            let (task, verdict) = (task("g"), Verdict { state, summary: "exit status 1".to_owned() });
            let (how, place) = (How::Ran, "pipeline.yaml:7".to_owned());
            let event =
                Event::Judged { task, verdict, how, elapsed_ms: 0, report: Some(report), place, allowed: Vec::new() };
            let mut junit = Junit::default();
            junit.hear(&event);
            let cases = junit.render();
            let cases = cases.lines().filter(|line| line.starts_with("<testcase")).map(str::to_owned);
            annotations(&event).into_iter().chain(cases).collect::<Vec<_>>().join("\n")
        };
        let mixed = vec![rule("a", GateState::Pass), rule("b", GateState::Warn), rule("c", GateState::Fail)];
        assert_snapshot!(told(GateState::Fail, mixed.clone()), @r#"
        ::warning file=s.yaml,line=6,title=gate g fail::b: max 99
        ::error file=s.yaml,line=6,title=gate g fail::c: max 99
        <testcase classname="gate g" name="a (s.yaml:6)" file="s.yaml" line="6" time="0.000"/>
        <testcase classname="gate g" name="b (s.yaml:6)" file="s.yaml" line="6" time="0.000"><system-out>warning: max 99</system-out></testcase>
        <testcase classname="gate g" name="c (s.yaml:6)" file="s.yaml" line="6" time="0.000"><failure message="max 99">s.yaml:6</failure></testcase>
        "#);
        assert_snapshot!(told(GateState::Warn, mixed), @r#"
        ::warning file=s.yaml,line=6,title=gate g warn::b: max 99
        ::warning file=s.yaml,line=6,title=gate g warn::c: max 99
        <testcase classname="gate g" name="a (s.yaml:6)" file="s.yaml" line="6" time="0.000"/>
        <testcase classname="gate g" name="b (s.yaml:6)" file="s.yaml" line="6" time="0.000"><system-out>warning: max 99</system-out></testcase>
        <testcase classname="gate g" name="c (s.yaml:6)" file="s.yaml" line="6" time="0.000"><system-out>warning: max 99</system-out></testcase>
        "#);
        assert_snapshot!(told(GateState::Warn, Vec::new()), @r#"
        ::warning file=pipeline.yaml,line=7,title=gate g warn::exit status 1
        <testcase classname="gate g" name="verdict" file="pipeline.yaml" line="7" time="0.000"><system-out>warning: exit status 1</system-out></testcase>
        "#);
        assert_snapshot!(told(GateState::Error, Vec::new()), @r#"
        ::error file=pipeline.yaml,line=7,title=gate g error::exit status 1
        <testcase classname="gate g" name="verdict" file="pipeline.yaml" line="7" time="0.000"><failure message="exit status 1">
        "#);
        assert_snapshot!(told(GateState::Pass, Vec::new()), @r#"<testcase classname="gate g" name="verdict" file="pipeline.yaml" line="7" time="0.000"/>"#);
    }
}
