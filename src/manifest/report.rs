//! The problems of one load, and the readers of typed values that report what they cannot take.

use std::fmt;
use std::sync::Arc;

use lockgate_spanned::{Node, Problem, Problems, Source, Span, Value as Yaml};

use super::datum::rendered;
use crate::pipeline::Value;

/// What was found wrong so far in one pipeline file.
pub(super) struct Report {
    pub(super) source: Arc<Source>,
    pub(super) problems: Problems,
    pub(super) warnings: Problems,
    /// Whether a node or an out is missing from the pipeline because of a problem: then nothing can be called absent.
    pub(super) holes: bool,
}

impl Report {
    pub(super) fn new(source: Arc<Source>) -> Self {
        Self { source, problems: Problems::default(), warnings: Problems::default(), holes: false }
    }

    /// Makes a problem of this file; it counts once it is pushed.
    pub(super) fn at(&self, code: &'static str, span: Span, message: impl Into<String>) -> Problem {
        Problem::new(code, &self.source, span, message)
    }

    pub(super) fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Reads a string. A number or boolean that a template gave is taken as its text.
    pub(super) fn text(&mut self, node: &Node, what: fmt::Arguments<'_>) -> Option<String> {
        match &node.value {
            Yaml::Str(text) => Some(text.clone()),
            Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) if self.is_template(node) => rendered(&node.value),
            Yaml::Null | Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::List(_) | Yaml::Map(_) => {
                self.refuse_as_text(node, what, "a string");
                None
            }
        }
    }

    fn refuse_as_text(&mut self, node: &Node, what: fmt::Arguments<'_>, wanted: &str) {
        let problem = self.wrong_kind(node, what, wanted);
        self.push(problem.maybe_help(self.how_to_quote(node)));
    }

    /// Reads a string that says something.
    pub(super) fn words(&mut self, node: &Node, what: fmt::Arguments<'_>) -> Option<String> {
        let text = self.text(node, what)?;
        if text.trim().is_empty() {
            self.push(self.at("value::empty", node.span, format!("{what} is empty")).help("fill it in or remove it"));
            return None;
        }
        Some(text)
    }

    /// Reads a boolean.
    pub(super) fn flag(&mut self, node: &Node, what: fmt::Arguments<'_>) -> Option<bool> {
        if let Yaml::Bool(value) = node.value {
            return Some(value);
        }
        let help = match node.as_str().map(str::to_ascii_lowercase).as_deref() {
            Some("yes" | "on" | "y") => "write `true`: in YAML 1.2 this is a string",
            Some("no" | "off" | "n") => "write `false`: in YAML 1.2 this is a string",
            Some(_) | None => "write `true` or `false`",
        };
        let problem = self.wrong_kind(node, what, "a boolean");
        self.push(problem.help(help));
        None
    }

    /// Returns the items of a list; anything else is a problem that shows how to write it.
    pub(super) fn items<'n>(&mut self, node: &'n Node, what: fmt::Arguments<'_>) -> &'n [Node] {
        if let Yaml::List(items) = &node.value {
            return items;
        }
        let help = match node.scalar_text(&self.source) {
            Some(text) if text.contains('\n') => "write it as a list of strings".to_owned(),
            Some(text) if node.as_str().is_some() => format!("write it as a list: `[{text}]`"),
            Some(text) => format!("write it as a list of strings: `[\"{text}\"]`"),
            None => "write it as a list, each item on its own line after `- `".to_owned(),
        };
        let problem = self.wrong_kind(node, what, "a list");
        self.push(problem.help(help));
        &[]
    }

    /// Reads a list of strings, each with its place.
    pub(super) fn texts(&mut self, node: &Node, what: fmt::Arguments<'_>) -> Vec<(String, Span)> {
        let items = self.items(node, what);
        let item = |item: &Node| self.words(item, format_args!("an item of {what}")).map(|text| (text, item.span));
        items.iter().filter_map(item).collect()
    }

    /// Reads a string or a list of strings.
    pub(super) fn text_or_texts(&mut self, node: &Node, what: fmt::Arguments<'_>) -> Vec<(String, Span)> {
        match &node.value {
            Yaml::List(items) if items.is_empty() => {
                self.push(self.at("value::empty", node.span, format!("{what} is empty")).help("fill it in"));
                Vec::new()
            }
            Yaml::List(_) => self.texts(node, what),
            Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::Str(_)
                if node.as_str().is_some() || self.is_template(node) =>
            {
                self.words(node, what).map(|text| (text, node.span)).into_iter().collect()
            }
            Yaml::Null | Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) | Yaml::Str(_) | Yaml::Map(_) => {
                self.refuse_as_text(node, what, "a string or a list of strings");
                Vec::new()
            }
        }
    }

    /// Makes the problem that a value is of another kind than wanted.
    pub(super) fn wrong_kind(&self, node: &Node, what: fmt::Arguments<'_>, wanted: &str) -> Problem {
        self.at("value::kind", node.span, format!("{what} is {}, not {wanted}", node.value.kind()))
    }

    fn is_template(&self, node: &Node) -> bool {
        self.source.slice(node.span).contains("${")
    }

    fn how_to_quote(&self, node: &Node) -> Option<String> {
        match &node.value {
            Yaml::Null => Some("give a value, or remove the key".to_owned()),
            Yaml::Bool(_) | Yaml::Int(_) | Yaml::Float(_) => {
                node.scalar_text(&self.source).map(|text| format!("quote it: `\"{text}\"`"))
            }
            Yaml::List(_) => Some("write one string".to_owned()),
            // `- a: b` is how a forgotten quote around `a: b` looks.
            Yaml::Map(_) => Some("write one string; quote it when it contains `: `".to_owned()),
            Yaml::Str(_) => None,
        }
    }
}

/// Returns a tree's value without its places.
pub(super) fn plain(node: &Node) -> Value {
    match &node.value {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => Value::Bool(*value),
        Yaml::Int(value) => Value::Int(*value),
        Yaml::Float(value) => Value::Float(*value),
        Yaml::Str(text) => Value::Str(text.clone()),
        Yaml::List(items) => Value::List(items.iter().map(plain).collect()),
        Yaml::Map(entries) => Value::Map(entries.iter().map(|(key, value)| (key.text.clone(), plain(value))).collect()),
    }
}
