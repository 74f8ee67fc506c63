//! From the text of a suite to its expectations.

use std::collections::BTreeMap;
use std::sync::Arc;

use lockgate_spanned::{Key, Node, Problem, Problems, Source, Span, Value};

/// A suite as it is written.
pub(super) struct Suite<'a> {
    pub name: Option<&'a str>,
    /// Values that the suite itself gives for its parameters (0.x).
    pub params: BTreeMap<&'a str, &'a Node>,
    pub expectations: Vec<Expectation<'a>>,
}

/// One expectation as it is written.
pub(super) struct Expectation<'a> {
    /// The type as it is written, `expect_column_to_exist` or `ExpectColumnToExist`.
    pub ty: &'a str,
    pub span: Span,
    pub kwargs: &'a [(Key, Node)],
    pub level: Level,
    pub doc: Option<String>,
}

/// What an expectation that is not met does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Fail,
    Warn,
    Info,
}

const LEVELS: [(&str, Level); 3] = [("critical", Level::Fail), ("warning", Level::Warn), ("info", Level::Info)];

/// Reads a suite; all that is wrong with its form is noted.
pub(super) fn read<'a>(root: &'a Node, source: &Arc<Source>, problems: &mut Problems) -> Option<Suite<'a>> {
    let name = root.get("name").or(root.get("expectation_suite_name")).and_then(Node::as_str);
    let given = root.get("evaluation_parameters").or(root.get("suite_parameters"));
    let params =
        given.and_then(Node::as_map).unwrap_or_default().iter().map(|(key, node)| (key.text.as_str(), node)).collect();
    let mut reader = Reader { source, problems };
    let Some(list) = root.get("expectations") else {
        return reader.refuse(root.span, "the suite has no `expectations`", "add `\"expectations\": []`");
    };
    let Some(list) = list.as_list() else {
        let message = format!("`expectations` is {}, not a list", list.value.kind());
        return reader.refuse(list.span, message, "write one mapping for each expectation in a list");
    };
    if list.is_empty() {
        // The list has nothing to point at.
        return reader.refuse(
            root.span,
            "the suite has no expectation, and would judge nothing",
            "add one to `expectations`",
        );
    }
    let expectations = list.iter().filter_map(|node| reader.expectation(node)).collect();
    Some(Suite { name, params, expectations })
}

struct Reader<'r> {
    source: &'r Arc<Source>,
    problems: &'r mut Problems,
}

impl Reader<'_> {
    fn refuse<T>(&mut self, span: Span, message: impl Into<String>, help: &str) -> Option<T> {
        self.problems.push(Problem::new("suite::malformed", self.source, span, message).help(help));
        None
    }

    fn expectation<'a>(&mut self, node: &'a Node) -> Option<Expectation<'a>> {
        if !matches!(node.value, Value::Map(_)) {
            let message = format!("an expectation is {}, not a mapping", node.value.kind());
            return self.refuse(node.span, message, "write `{\"type\": …, \"kwargs\": {…}}`");
        }
        let ty = node.get("type").or(node.get("expectation_type"));
        let Some((ty, span)) = ty.and_then(|node| Some((node.as_str()?, node.span))) else {
            return self.refuse(node.span, "the expectation has no type", "add `\"type\": \"expect_…\"`");
        };
        let kwargs = match node.get("kwargs").map(|node| (node.span, &node.value)) {
            None | Some((_, Value::Null)) => &[][..],
            Some((_, Value::Map(entries))) => entries,
            Some((span, other)) => {
                let message = format!("the kwargs of `{ty}` are {}, not a mapping", other.kind());
                return self.refuse(span, message, "write `\"kwargs\": {\"column\": …}`");
            }
        };
        let level = self.level(node)?;
        Some(Expectation { ty, span, kwargs, level, doc: doc(node) })
    }

    fn level(&mut self, node: &Node) -> Option<Level> {
        let Some(severity) = node.get("severity").filter(|node| node.value != Value::Null) else {
            return Some(Level::Fail);
        };
        let found = LEVELS.iter().find(|(name, _)| severity.as_str() == Some(name));
        if let Some((_, level)) = found {
            return Some(*level);
        }
        self.refuse(severity.span, "the severity is not known", "use `critical`, `warning` or `info`")
    }
}

/// Returns the words that go with an expectation: its description, else its notes, which 0.x kept in `meta`.
fn doc(node: &Node) -> Option<String> {
    let meta = node.get("meta").and_then(|meta| meta.get("notes"));
    [node.get("description"), node.get("notes"), meta].into_iter().flatten().find_map(words)
}

fn words(node: &Node) -> Option<String> {
    let text = match &node.value {
        Value::Str(text) => text.clone(),
        Value::List(items) => items.iter().filter_map(Node::as_str).collect::<Vec<_>>().join(" "),
        // `{"format": "markdown", "content": ["…"]}`.
        Value::Map(_) => words(node.get("content")?)?,
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => return None,
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

impl Level {
    /// Returns the level as a schema names it; `None` when it is what a rule has anyway.
    pub fn written(self) -> Option<&'static str> {
        match self {
            Self::Fail => None,
            Self::Warn => Some("warn"),
            Self::Info => Some("info"),
        }
    }
}
