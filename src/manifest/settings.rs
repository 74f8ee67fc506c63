//! How a stage is run: timeout, retry, resources, environment.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use lockgate_spanned::{Fields, Node, Value as Yaml, nearest};

use super::report::Report;
use crate::pipeline::{Cause, Resources, Retry};

const CAUSES: [(&str, Cause); 3] = [("exit", Cause::Exit), ("timeout", Cause::Timeout), ("signal", Cause::Signal)];
const RETRY_KEYS: [&str; 4] = ["attempts", "backoff", "cap", "on"];
const SIZES: [(&str, u64); 9] = [
    ("B", 1),
    ("kB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

impl Report {
    /// Reads `10m`, `1h30m`, `250ms`, or a number of seconds.
    pub(super) fn duration(&mut self, node: &Node, what: fmt::Arguments<'_>) -> Option<Duration> {
        let duration = match &node.value {
            Yaml::Int(seconds) => u64::try_from(*seconds).ok().map(Duration::from_secs),
            Yaml::Float(seconds) => Duration::try_from_secs_f64(*seconds).ok(),
            Yaml::Str(text) => parse_duration(text),
            Yaml::Null | Yaml::Bool(_) | Yaml::List(_) | Yaml::Map(_) => None,
        };
        let duration = duration.filter(|duration| !duration.is_zero());
        if duration.is_none() {
            let message = format!("{what} is not a duration above zero");
            let help = "write `90s`, `10m`, `1h30m` or a number of seconds";
            self.push(self.at("value::duration", node.span, message).help(help));
        }
        duration
    }

    /// Reads `retry`: a number of attempts, or a mapping.
    pub(super) fn retry(&mut self, node: &Node, subject: &str) -> Retry {
        let mut retry = Retry::default();
        if !matches!(node.value, Yaml::Map(_)) {
            retry.attempts = self.attempts(node, subject).unwrap_or(1);
            return retry;
        }
        let source = self.source.clone();
        let what = format!("`retry` of {subject}");
        let Some(fields) = Fields::open(node, &what, &RETRY_KEYS, &source, &mut self.problems) else { return retry };
        if let Some(attempts) = fields.get("attempts").and_then(|node| self.attempts(node, subject)) {
            retry.attempts = attempts;
        }
        if let Some(wait) = fields.get("backoff").and_then(|node| self.duration(node, format_args!("`backoff`"))) {
            retry.backoff = wait;
        }
        if let Some(wait) = fields.get("cap").and_then(|node| self.duration(node, format_args!("`cap`"))) {
            retry.cap = wait;
        }
        if let Some(node) = fields.get("on") {
            retry.on = self.causes(node, subject);
        }
        retry
    }

    fn attempts(&mut self, node: &Node, subject: &str) -> Option<u32> {
        let attempts = match &node.value {
            Yaml::Int(value) => u32::try_from(*value).ok().filter(|attempts| *attempts > 0),
            Yaml::Null | Yaml::Bool(_) | Yaml::Float(_) | Yaml::Str(_) | Yaml::List(_) | Yaml::Map(_) => None,
        };
        if attempts.is_none() {
            let message = format!("the attempts of {subject} are not a whole number above zero");
            let help = "count all attempts: `retry: 3` runs it at most three times";
            self.push(self.at("retry::attempts", node.span, message).help(help));
        }
        attempts
    }

    fn causes(&mut self, node: &Node, subject: &str) -> Vec<Cause> {
        let mut causes = Vec::new();
        for (text, span) in self.text_or_texts(node, format_args!("`on` of `retry` of {subject}")) {
            match CAUSES.iter().find(|(name, _)| *name == text) {
                Some((_, cause)) if causes.contains(cause) => {}
                Some((_, cause)) => causes.push(*cause),
                None => {
                    let help = match nearest(&text, CAUSES.map(|(name, _)| name)) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "causes are `exit`, `timeout` and `signal`".to_owned(),
                    };
                    self.push(self.at("retry::cause", span, format!("`{text}` is no cause of a retry")).help(help));
                }
            }
        }
        // The order in which causes are listed has no meaning, so it must not make two equal pipelines differ.
        CAUSES.iter().map(|(_, cause)| *cause).filter(|cause| causes.contains(cause)).collect()
    }

    /// Reads `resources`: amounts by pool, `mem` as a size.
    pub(super) fn resources(&mut self, node: &Node, subject: &str) -> Resources {
        let Yaml::Map(entries) = &node.value else {
            let problem = self.wrong_kind(node, format_args!("`resources` of {subject}"), "a mapping");
            self.push(problem.help("write it as `{cpu: 2, mem: 2GiB}`"));
            return Resources::default();
        };
        let mut amounts = BTreeMap::new();
        for (key, value) in entries {
            match amount(&key.text, value) {
                Some(amount) => drop(amounts.insert(key.text.clone(), amount)),
                None => self.bad_amount(&key.text, value, subject),
            }
        }
        Resources(amounts)
    }

    fn bad_amount(&mut self, pool: &str, node: &Node, subject: &str) {
        let (wanted, help) = match pool {
            "mem" => ("a size above zero", "write `512MiB`, `2GiB` or a number of bytes"),
            _ => ("a whole number above zero", "write how much of the pool it takes, such as `1`"),
        };
        let message = format!("`{pool}` of `resources` of {subject} is not {wanted}");
        self.push(self.at("resources::amount", node.span, message).help(help));
    }

    /// Reads names of environment variables.
    pub(super) fn variables(&mut self, node: &Node, what: fmt::Arguments<'_>) -> Vec<String> {
        let mut names = Vec::new();
        for (name, span) in self.texts(node, what) {
            if name.contains(['=', '$', '\0']) || name.contains(char::is_whitespace) {
                let message = format!("`{}` of {what} is not the name of an environment variable", name.escape_debug());
                let help = "write names only, such as `TZ`; values come from the environment";
                self.push(self.at("env::name", span, message).help(help));
            } else if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

fn amount(pool: &str, node: &Node) -> Option<u64> {
    let amount = match &node.value {
        Yaml::Int(value) => u64::try_from(*value).ok(),
        Yaml::Str(text) if pool == "mem" => parse_size(text),
        Yaml::Null | Yaml::Bool(_) | Yaml::Float(_) | Yaml::Str(_) | Yaml::List(_) | Yaml::Map(_) => None,
    };
    amount.filter(|amount| *amount > 0)
}

fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if let Ok(seconds) = rest.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let (number, after) = split_number(rest)?;
        let unit = after.split(|c: char| c.is_ascii_digit() || c == ' ').next().unwrap_or_default();
        let seconds = number * unit_seconds(unit)?;
        total = total.checked_add(Duration::try_from_secs_f64(seconds).ok()?)?;
        rest = after[unit.len()..].trim_start();
    }
    Some(total)
}

fn unit_seconds(unit: &str) -> Option<f64> {
    match unit {
        "ms" => Some(0.001),
        "s" => Some(1.0),
        "m" => Some(60.0),
        "h" => Some(3600.0),
        "d" => Some(86_400.0),
        _ => None,
    }
}

fn parse_size(text: &str) -> Option<u64> {
    let (number, unit) = split_number(text.trim())?;
    let (_, factor) = SIZES.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit.trim()))?;
    #[expect(clippy::cast_precision_loss, reason = "a factor is a power of ten or two and exact")]
    let bytes = number * *factor as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
    (0.0..1.8e19).contains(&bytes).then_some(bytes as u64)
}

fn split_number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number = text[..end].parse().ok()?;
    Some((number, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_in_their_units() {
        let check = |text: &str, millis: Option<u64>| {
            assert_eq!(parse_duration(text), millis.map(Duration::from_millis), "{text}");
        };
        check("10m", Some(600_000));
        check("1h30m", Some(5_400_000));
        check("1h 30m", Some(5_400_000));
        check("250ms", Some(250));
        check("1.5s", Some(1500));
        check("90", Some(90_000));
        check("10 minutes", None);
        check("m", None);
        check("-5s", None);
        check("999999999999999999999999d", None);
    }

    #[test]
    fn sizes_are_read_in_their_units() {
        let check = |text: &str, bytes: Option<u64>| assert_eq!(parse_size(text), bytes, "{text}");
        check("2GiB", Some(2 << 30));
        check("1.5 MiB", Some(1_572_864));
        check("500MB", Some(500_000_000));
        check("2G", None);
        check("lots", None);
        check("99999999TiB", None);
    }
}
