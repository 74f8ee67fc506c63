//! Names of stages and gates.

use lockgate_spanned::{Key, Problem, acts_on_a_terminal};

use super::report::Report;

impl Report {
    /// Reports a name that the command line or the lock could not say; the node is read all the same.
    pub(super) fn check_name(&mut self, key: &Key) {
        if let Some(problem) = self.bad_name(key) {
            self.push(problem);
        }
    }

    fn bad_name(&self, key: &Key) -> Option<Problem> {
        let (name, at) = (&key.text, |message: String| self.at("stage::name", key.span, message));
        if key.kind != "a string" {
            let message = format!("the name `{name}` is {} in YAML, not a string", key.kind);
            return Some(at(message).help(format!("quote it: `\"{name}\":`")));
        }
        if name.trim().is_empty() {
            return Some(at("a stage has an empty name".to_owned()).help("give it a name"));
        }
        if name.contains("${") {
            let message = format!("the name `{name}` has a template, and names are not templates");
            return Some(at(message).help("write the name out"));
        }
        let cause = if name.trim() != name {
            "begins or ends with a space".to_owned()
        } else if matches!(name.as_str(), "." | "..") {
            "means a folder".to_owned()
        } else if name.starts_with('-') {
            "begins with `-`, as options do".to_owned()
        } else if let Some(c) = name.chars().find(|c| "@[]:".contains(*c)) {
            format!("has a `{c}`, which marks {}", what_it_marks(c))
        } else if name.chars().any(acts_on_a_terminal) {
            "has a control character".to_owned()
        } else {
            return None;
        };
        Some(at(format!("the name `{}` {cause}", name.escape_debug())).help("rename it: letters, digits, `-` and `_`"))
    }
}

fn what_it_marks(c: char) -> &'static str {
    match c {
        '@' => "a member of a group",
        ':' => "the folder of another pipeline file",
        _ => "a partition",
    }
}
