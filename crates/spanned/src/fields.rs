//! The keys of one mapping, taken one by one.

use std::sync::Arc;

use crate::problem::{Problem, Problems};
use crate::source::{Source, Span};
use crate::suggest::nearest;
use crate::tree::{Key, Node, Value};

/// A mapping whose keys are all known.
///
/// Unknown keys are reported when the fields are opened, so that a reader only asks for what it knows.
pub struct Fields<'a> {
    entries: &'a [(Key, Node)],
    span: Span,
}

impl<'a> Fields<'a> {
    /// Opens `node` as a mapping that may have the keys of `known`; `what` names it in messages ("stage `clean`").
    ///
    /// Returns `None`, with a problem, when the node is not a mapping.
    pub fn open(
        node: &'a Node,
        what: &str,
        known: &[&str],
        source: &Arc<Source>,
        problems: &mut Problems,
    ) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            let message = format!("{what} is {}, not a mapping", node.value.kind());
            let help = format!("write it as keys and values; known keys: {}", known.join(", "));
            problems.push(Problem::new("yaml::not-a-mapping", source, node.span, message).help(help));
            return None;
        };
        for (key, _) in entries.iter().filter(|(key, _)| !known.contains(&key.text.as_str())) {
            problems.push(unknown_key(key, what, known, source));
        }
        Some(Self { entries, span: node.span })
    }

    /// Returns the value of `key`, if it is given.
    pub fn get(&self, key: &str) -> Option<&'a Node> {
        self.entry(key).map(|(_, value)| value)
    }

    /// Returns key and value of `key`, if it is given.
    pub fn entry(&self, key: &str) -> Option<(&'a Key, &'a Node)> {
        self.entries.iter().find(|(name, _)| name.text == key).map(|(name, value)| (name, value))
    }

    /// Returns all the entries in the order of the text, also those with unknown keys.
    pub fn entries(&self) -> impl Iterator<Item = (&'a Key, &'a Node)> + use<'a> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    /// The place of the mapping.
    pub fn span(&self) -> Span {
        self.span
    }
}

fn unknown_key(key: &Key, what: &str, known: &[&str], source: &Arc<Source>) -> Problem {
    let help = match nearest(&key.text, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known keys: {}", known.join(", ")),
    };
    let message = format!("{what} has no key `{}`", key.text);
    Problem::new("yaml::unknown-key", source, key.span, message).label("not a key").help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;
    use crate::render::{Charset, Style};

    #[test]
    fn an_unknown_key_is_shown_with_the_key_that_was_meant() {
        let source = Source::new("pipeline.yaml", "stages:\n  clean:\n    cmd: x\n    dep: [a.csv]\n");
        let mut problems = Problems::default();
        let root = read(&source, &mut problems).expect("the text is YAML");
        let stage = root.get("stages").and_then(|n| n.get("clean")).expect("the stage is there");
        Fields::open(stage, "stage `clean`", &["cmd", "deps"], &source, &mut problems);
        let style = Style { width: 80, colour: false, charset: Charset::Unicode };
        insta::assert_snapshot!(problems.render(style), @"
        error: stage `clean` has no key `dep`
           ╭─[pipeline.yaml:4:5]
         3 │     cmd: x
         4 │     dep: [a.csv]
           ·     ─┬─
           ·      ╰── not a key
           ╰────
          help: did you mean `deps`?
        ");
    }
}
