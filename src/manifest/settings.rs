//! How a stage is run: timeout, retry, resources, environment.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use lockgate_spanned::{Fields, Node, Value as Yaml, nearest};

use super::report::Report;
use crate::pipeline::{Cause, Resources, Retry};
use crate::words::quantity;

const CAUSES: [(&str, Cause); 3] = [("exit", Cause::Exit), ("timeout", Cause::Timeout), ("signal", Cause::Signal)];
const RETRY_KEYS: [&str; 4] = ["attempts", "backoff", "cap", "on"];

impl Report {
    /// Reads `10m`, `1h30m`, `250ms`, or a number of seconds.
    pub(super) fn duration(&mut self, node: &Node, what: fmt::Arguments<'_>) -> Option<Duration> {
        let duration = match &node.value {
            Yaml::Int(seconds) => u64::try_from(*seconds).ok().map(Duration::from_secs),
            Yaml::Float(seconds) => Duration::try_from_secs_f64(*seconds).ok(),
            Yaml::Str(text) => quantity::duration(text),
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
        Yaml::Str(text) if pool == "mem" => quantity::size(text),
        Yaml::Null | Yaml::Bool(_) | Yaml::Float(_) | Yaml::Str(_) | Yaml::List(_) | Yaml::Map(_) => None,
    };
    amount.filter(|amount| *amount > 0)
}
