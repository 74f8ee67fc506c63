//! What went wrong as workflow commands of GitHub Actions, which shows each beside the line it names.

use crate::event::Event;

/// Returns the annotations of one event, a line each.
pub fn annotations(event: &Event) -> Vec<String> {
    match event {
        Event::Failed { task, failure, .. } => vec![command("error", &format!("stage {task}"), None, &failure.message)],
        Event::Judged { task, verdict, report, .. } if verdict.state != crate::words::GateState::Pass => {
            let title = format!("gate {task} {}", verdict.state.word());
            let level = if verdict.state.lets_pass() { "warning" } else { "error" };
            let rules = report.iter().flat_map(|report| &report.rules);
            let broken: Vec<String> = rules
                .filter(|rule| !rule.state.lets_pass())
                .map(|rule| command(level, &title, Some(&rule.citation), &format!("{}: {}", rule.name, rule.observed)))
                .collect();
            if broken.is_empty() { vec![command(level, &title, None, &verdict.summary)] } else { broken }
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
    use super::*;

    #[test]
    fn a_command_stays_on_its_line() {
        let told = command("error", "gate a:b", Some("s,1.yaml:6"), "min -3\n100 %");
        assert_eq!(told, "::error file=s%2C1.yaml,line=6,title=gate a%3Ab::min -3%0A100 %25");
    }
}
