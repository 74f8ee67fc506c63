//! A mistake in a text, and how it is shown.

use std::fmt;
use std::sync::Arc;

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceSpan};

use crate::source::{Position, Source, Span};

/// A second place that explains a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// One mistake: a code, a message, a place and a next step.
#[derive(Clone, Debug)]
pub struct Problem {
    code: &'static str,
    message: String,
    source: Arc<Source>,
    main: Label,
    others: Vec<Label>,
    help: Option<String>,
}

impl Problem {
    /// Makes a problem at `span`; the message is a lowercase fragment that reads after "error:".
    pub fn new(code: &'static str, source: &Arc<Source>, span: Span, message: impl Into<String>) -> Self {
        let main = Label { span, text: "here".to_owned() };
        Self { code, message: message.into(), source: Arc::clone(source), main, others: Vec::new(), help: None }
    }

    /// Sets the words under the marked text.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.main.text = text.into();
        self
    }

    /// Marks another place of the same file.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.others.push(Label { span, text: text.into() });
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

    pub fn message(&self) -> &str {
        &self.message
    }

    pub fn next_step(&self) -> Option<&str> {
        self.help.as_deref()
    }

    pub fn file(&self) -> &str {
        self.source.name()
    }

    pub fn position(&self) -> Position {
        self.source.position(self.main.span.start)
    }

    /// Returns `file:line:column`.
    pub fn cite(&self) -> String {
        let Position { line, column } = self.position();
        format!("{}:{line}:{column}", self.source.name())
    }
}

/// All the problems that were found, in the order of files as they were read and of places within a file.
#[derive(Clone, Debug, Default)]
pub struct Problems(Vec<Problem>);

/// Which characters and colours a rendering may use.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub width: usize,
    pub colour: bool,
    pub charset: Charset,
}

/// The characters of frames and underlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    Unicode,
    Ascii,
}

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
        let mut files: Vec<String> = Vec::new();
        for problem in &self.0 {
            if !files.iter().any(|name| name == problem.file()) {
                files.push(problem.file().to_owned());
            }
        }
        self.0.sort_by_key(|p| (files.iter().position(|name| name == p.file()), p.main.span.start));
    }

    /// Draws every problem with its source lines, one after the other.
    pub fn render(&self, style: Style) -> String {
        self.0.iter().map(|problem| problem.render(style)).collect::<Vec<_>>().join("\n")
    }
}

impl Problem {
    /// Draws the problem with its source lines, the marks and the help.
    pub fn render(&self, style: Style) -> String {
        let theme = match (style.charset, style.colour) {
            (Charset::Unicode, true) => GraphicalTheme::unicode(),
            (Charset::Unicode, false) => GraphicalTheme::unicode_nocolor(),
            (Charset::Ascii, _) => GraphicalTheme::none(),
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(style.width.max(40))
            .without_cause_chain()
            .with_links(false);
        let mut text = String::new();
        // Writing into a string cannot fail; if the renderer does, the plain line still says what is wrong.
        if handler.render_report(&mut text, &Shown::new(self)).is_err() {
            text = format!("error: {} at {}\n", self.message, self.cite());
        }
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n"
    }
}

/// A problem in the shape the renderer wants.
struct Shown<'a> {
    problem: &'a Problem,
    code: NamedSource<String>,
}

impl<'a> Shown<'a> {
    fn new(problem: &'a Problem) -> Self {
        Self { problem, code: NamedSource::new(problem.source.name(), problem.source.text().to_owned()) }
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.problem.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        Some(Box::new(self.problem.code))
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.problem.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display + 'b>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&self.code)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let main =
            LabeledSpan::new_primary_with_span(Some(self.problem.main.text.clone()), marked(self.problem.main.span));
        let others = self.problem.others.iter();
        let others = others.map(|label| LabeledSpan::new_with_span(Some(label.text.clone()), marked(label.span)));
        Some(Box::new(std::iter::once(main).chain(others)))
    }
}

fn marked(span: Span) -> SourceSpan {
    SourceSpan::from((span.start, span.len))
}
