//! A mistake in a text, as a value.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::source::{Position, Source, Span};

/// A place that explains a problem, and what is to be said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// A label in another file than that of its problem.
#[derive(Clone, Debug)]
pub(crate) struct Elsewhere {
    source: Arc<Source>,
    label: Label,
}

impl Elsewhere {
    /// Returns `file:line:column  text`.
    pub(crate) fn line(&self) -> String {
        let Position { line, column } = self.source.position(self.label.span.start);
        format!("{}:{line}:{column}  {}", self.source.name(), self.label.text)
    }

    fn to_json(&self) -> Json {
        let Position { line, column } = self.source.position(self.label.span.start);
        json!({
            "file": self.source.name(), "line": line, "column": column, "length": self.label.span.len,
            "text": self.label.text,
        })
    }
}

/// Whether a problem stops what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One mistake: a code, a message, a place and a next step.
#[derive(Clone, Debug)]
pub struct Problem {
    code: &'static str,
    severity: Severity,
    message: String,
    pub(crate) source: Arc<Source>,
    /// The place that the problem is about, and what explains it; none when the file as a whole is meant.
    pub(crate) labels: Vec<Label>,
    /// Places in other files that explain it.
    pub(crate) elsewhere: Vec<Elsewhere>,
    help: Option<String>,
}

impl Problem {
    /// Makes a problem at `span`; the message is a lowercase fragment that reads after "error:".
    pub fn new(code: &'static str, source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        let labels = vec![Label { span, text: "here".to_owned() }];
        let (severity, source) = (Severity::Error, Arc::clone(source));
        Self { code, severity, message: message.into(), source, labels, elsewhere: Vec::new(), help: None }
    }

    /// Makes a problem of the file `name` as a whole, whose text may not be known.
    pub fn of_file(code: &'static str, name: impl Into<String>, message: impl Into<String>) -> Self {
        let (severity, source) = (Severity::Error, Source::new(name, ""));
        Self { code, severity, message: message.into(), source, labels: Vec::new(), elsewhere: Vec::new(), help: None }
    }

    /// Makes the problem that a file is not UTF-8, at its first bad bytes, which are shown as `\xE9`.
    pub fn not_utf8(name: impl Into<String>, bytes: &[u8], message: impl Into<String>) -> Self {
        let (mut text, mut first) = (String::with_capacity(bytes.len()), None);
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            let start = text.len();
            for byte in chunk.invalid() {
                write!(text, "\\x{byte:02X}").expect("writing into a string cannot fail");
            }
            first = first.or((text.len() > start).then(|| Span { start, len: text.len() - start }));
        }
        let span = first.unwrap_or(Span { start: 0, len: 0 });
        Self::new("file::not-utf-8", &Source::new(name, text), span, message).help("save it as UTF-8")
    }

    /// Makes the problem that an integer is longer than any that is kept exactly.
    pub fn too_long(source: &Arc<Source>, span: Span) -> Self {
        let message = format!("`{}` needs more than 128 bits", source.slice(span).trim());
        Self::new("value::too-long", source, span, message).help("quote it, so that it is a text")
    }

    /// Makes it a warning: something to know, which stops nothing.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Sets the words under the marked text.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(main) = self.labels.first_mut() {
            main.text = text.into();
        }
        self
    }

    /// Marks another place of the same file.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds to the end of the message.
    #[must_use]
    pub fn and(mut self, more: &str) -> Self {
        self.message.push_str(more);
        self
    }

    /// Marks another place, which may be in another file: that one is cited below the excerpt.
    #[must_use]
    pub fn also_in(mut self, source: &Arc<Source>, span: Span, text: impl Into<String>) -> Self {
        if Arc::ptr_eq(source, &self.source) {
            return self.also(span, text);
        }
        self.elsewhere.push(Elsewhere { source: Arc::clone(source), label: Label { span, text: text.into() } });
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn help(self, text: impl Into<String>) -> Self {
        self.maybe_help(Some(text))
    }

    /// Says what to do next when that is known.
    #[must_use]
    pub fn maybe_help(mut self, text: Option<impl Into<String>>) -> Self {
        self.help = text.map(Into::into);
        self
    }

    pub fn code(&self) -> &'static str {
        self.code
    }

    pub fn severity(&self) -> Severity {
        self.severity
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    pub fn next_step(&self) -> Option<&str> {
        self.help.as_deref()
    }

    pub fn file(&self) -> &str {
        self.source.name()
    }

    /// The place of the problem; the start of the file when the whole file is meant.
    pub fn span(&self) -> Span {
        self.labels.first().map_or(Span::default(), |main| main.span)
    }

    pub fn position(&self) -> Position {
        self.source.position(self.span().start)
    }

    /// Returns `file:line:column`, or the file alone when the whole file is meant.
    pub fn cite(&self) -> String {
        if self.labels.is_empty() {
            return self.file().to_owned();
        }
        let Position { line, column } = self.position();
        format!("{}:{line}:{column}", self.file())
    }

    /// Returns the problem as one JSON object: what it is, where, and what to do next.
    pub fn to_json(&self) -> Json {
        let label = |label: &Label| {
            let Position { line, column } = self.source.position(label.span.start);
            json!({"line": line, "column": column, "length": label.span.len, "text": label.text})
        };
        let place = (!self.labels.is_empty()).then(|| self.position());
        let labels = self.labels.iter().map(label).chain(self.elsewhere.iter().map(Elsewhere::to_json));
        json!({
            "severity": self.severity.as_str(),
            "code": self.code,
            "message": self.message,
            "file": self.file(),
            "line": place.map(|place| place.line),
            "column": place.map(|place| place.column),
            "labels": labels.collect::<Vec<_>>(),
            "help": self.help,
        })
    }
}

/// All the problems that were found, in the order of files as they were read and of places within a file.
#[derive(Clone, Debug, Default)]
pub struct Problems(pub(crate) Vec<Problem>);

impl Problems {
    pub fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    pub fn extend(&mut self, problems: Problems) {
        self.0.extend(problems.0);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// Sorts the problems of each file by place; files keep the order in which they were first met.
    pub fn sort(&mut self) {
        let mut files: BTreeMap<String, usize> = BTreeMap::new();
        for problem in &self.0 {
            let next = files.len();
            files.entry(problem.file().to_owned()).or_insert(next);
        }
        self.0.sort_by_key(|problem| (files[problem.file()], problem.span().start));
    }

    /// Returns the problems as a JSON list.
    pub fn to_json(&self) -> Json {
        self.0.iter().map(Problem::to_json).collect()
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_to_programs_with_code_and_place() {
        let source = Source::new("a.yaml", "x: 1\ny: 2\n");
        let mut problems = Problems::default();
        problems.push(Problem::new("t::y", &source, Span { start: 5, len: 1 }, "`y` is odd").help("remove it"));
        problems.push(Problem::of_file("t::file", "b.yaml", "there is no `b.yaml`").warning());
        assert_eq!(
            problems.to_json(),
            json!([
                {
                    "severity": "error", "code": "t::y", "message": "`y` is odd", "file": "a.yaml",
                    "line": 2, "column": 1, "labels": [{"line": 2, "column": 1, "length": 1, "text": "here"}],
                    "help": "remove it",
                },
                {
                    "severity": "warning", "code": "t::file", "message": "there is no `b.yaml`", "file": "b.yaml",
                    "line": null, "column": null, "labels": [], "help": null,
                },
            ])
        );
    }

    #[test]
    fn problems_are_sorted_by_place_within_their_files() {
        let (first, second) = (Source::new("z.yaml", "abcdef"), Source::new("a.yaml", "abcdef"));
        let mut problems = Problems::default();
        for (source, start) in [(&first, 3), (&second, 2), (&first, 1)] {
            problems.push(Problem::new("t", source, Span { start, len: 1 }, "m"));
        }
        problems.sort();
        assert_eq!(problems.iter().map(Problem::cite).collect::<Vec<_>>(), ["z.yaml:1:2", "z.yaml:1:4", "a.yaml:1:3"]);
    }
}
