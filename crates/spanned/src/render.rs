//! A problem as a person reads it: the message, the source lines with marks, and the next step.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use crate::excerpt;
use crate::problem::{Label, Problem, Problems, Severity};
use crate::source::{Position, Source, Span, acts_on_a_terminal};

/// More than these are counted, not drawn: nobody reads them, and the first ones are often the cause of the rest.
const DRAWN: usize = 50;

/// A line of more bytes is drawn in part.
const LONGEST_LINE: usize = 2_000;

/// A message of more characters is cut.
const LONGEST_TEXT: usize = 2_000;

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
    /// Draws the problems with their source lines, one after the other.
    pub fn render(&self, style: Style) -> String {
        let mut drawn: Vec<String> = self.0.iter().take(DRAWN).map(|problem| problem.render(style)).collect();
        if let Some(rest) = self.0.len().checked_sub(DRAWN).filter(|rest| *rest > 0) {
            drawn.push(format!("and {rest} more; correct these first\n"));
        }
        drawn.join("\n")
    }
}

impl Problem {
    /// Draws the problem with its source lines, the marks and the help.
    pub fn render(&self, style: Style) -> String {
        let drawn = if self.labels.iter().any(|label| is_long(label.span, &self.source)) {
            Ok(excerpt::draw(self, style))
        } else {
            self.frame(style)
        };
        let frame = drawn.unwrap_or_else(|fmt::Error| format!("  at {}\n", self.cite()));
        let text = self.headline(style) + "\n" + &self.with_elsewhere(frame);
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n"
    }

    /// Puts the places in other files above the help.
    fn with_elsewhere(&self, frame: String) -> String {
        if self.elsewhere.is_empty() {
            return frame;
        }
        let lines =
            self.elsewhere.iter().flat_map(|place| ["  and ".to_owned(), inert(&place.line()), "\n".to_owned()]);
        let lines: String = lines.collect();
        let is_help = |line: &&str| line.trim_start().starts_with("help:");
        let at = frame.split_inclusive('\n').take_while(|line| !is_help(line)).map(str::len).sum();
        let (excerpt, help) = frame.split_at(at);
        format!("{excerpt}{lines}{help}")
    }

    /// The first line is not wrapped, so that it can be searched for.
    fn headline(&self, style: Style) -> String {
        let (word, message) = (self.severity().as_str(), shown(self.message()));
        match (style.colour, self.severity()) {
            (false, _) => format!("{word}: {message}"),
            (true, Severity::Error) => format!("\u{1b}[1;31m{word}:\u{1b}[0m {message}"),
            (true, Severity::Warning) => format!("\u{1b}[1;33m{word}:\u{1b}[0m {message}"),
        }
    }

    fn frame(&self, style: Style) -> Result<String, fmt::Error> {
        let theme = match (style.charset, style.colour) {
            (Charset::Unicode, true) => GraphicalTheme::unicode(),
            (Charset::Unicode, false) => GraphicalTheme::unicode_nocolor(),
            (Charset::Ascii, true) => GraphicalTheme::ascii(),
            (Charset::Ascii, false) => GraphicalTheme::none(),
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(style.width.max(40))
            .with_break_words(false)
            .without_cause_chain()
            .with_links(false);
        let mut text = String::new();
        handler.render_report(&mut text, &Shown(self))?;
        // The renderer's own first line is replaced by the headline.
        Ok(text.split_once('\n').map(|(_, frame)| frame.to_owned()).unwrap_or_default())
    }
}

/// Whether one of the lines that would be drawn around `span` is too long to be drawn whole.
fn is_long(span: Span, source: &Source) -> bool {
    let line = source.position(span.start).line;
    let lines = line.saturating_sub(1).max(1)..=line + 1;
    lines.into_iter().any(|line| source.offset(line + 1, 1) - source.offset(line, 1) > LONGEST_LINE)
}

/// Returns the text as it is shown: without control characters, and cut when nobody would read it to its end.
pub(crate) fn shown(text: &str) -> String {
    match text.char_indices().nth(LONGEST_TEXT) {
        None => inert(text),
        Some((end, _)) => inert(&text[..end]) + "…",
    }
}

/// What acts on a terminal is shown as escapes.
fn inert(text: &str) -> String {
    text.chars().map(|c| if acts_on_a_terminal(c) { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// A problem in the shape the renderer wants.
struct Shown<'a>(&'a Problem);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        self.0.next_step().map(|help| Box::new(shown(help)) as Box<dyn fmt::Display + 'b>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&*self.0.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (main, others) = self.0.labels.split_first()?;
        let source = &self.0.source;
        let text = |label: &Label| Some(shown(&label.text));
        let main = LabeledSpan::new_primary_with_span(text(main), marked(main.span, source));
        let others =
            others.iter().map(move |label| LabeledSpan::new_with_span(text(label), marked(label.span, source)));
        Some(Box::new(std::iter::once(main).chain(others)))
    }
}

/// Returns what to underline: the span within its first line, so that a long block does not fill the screen.
///
/// What is empty or past the end is marked at the character before it, because nothing cannot be underlined.
fn marked(span: Span, source: &Source) -> SourceSpan {
    let text = source.text();
    let line = source.slice(span).lines().next().unwrap_or_default().trim_end();
    if !line.is_empty() {
        return SourceSpan::from((span.start, line.len()));
    }
    let rest = text.get(span.start..).unwrap_or_default();
    let here = rest.chars().next().filter(|c| *c != '\n').map(|c| (span.start, c.len_utf8()));
    let before = text.get(..span.start).unwrap_or(text).trim_end();
    let last = before.char_indices().next_back().map(|(at, c)| (at, c.len_utf8()));
    SourceSpan::from(here.or(last).unwrap_or_default())
}

impl SourceCode for Source {
    /// Finds the lines by their index; the renderer's own way reads the text from its start for each problem.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let Position { line, column } = self.position(span.offset());
        let last = self.position(span.offset() + span.len()).line;
        let first = line.saturating_sub(before).max(1);
        // Without lines before it, the renderer wants the text from the span on, to learn its column.
        let (start, column) = if before == 0 { (span.offset(), column - 1) } else { (self.offset(first, 1), 0) };
        let end = self.offset(last + after + 1, 1).max(start);
        let data = self.shown_text().as_bytes().get(start..end).ok_or(MietteError::OutOfBounds)?;
        let place = SourceSpan::from((start, end - start));
        let contents = MietteSpanContents::new_named(inert(self.name()), data, place, first - 1, column, last - first);
        Ok(Box::new(contents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style { width: 80, colour: false, charset: Charset::Unicode };

    fn problem(text: &str, word: &str) -> Problem {
        let source = Source::new("pipeline.yaml", text);
        let start = text.find(word).expect("the word is in the text");
        Problem::new("t::t", &source, Span { start, len: word.len() }, format!("`{word}` is wrong"))
    }

    #[test]
    fn two_places_are_drawn_in_one_frame_and_far_ones_in_two() {
        let text = "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\n";
        let at = |word: &str| Span { start: text.find(word).expect("the word is there"), len: 1 };
        let near = problem(text, "c").also(at("b"), "and here").help("change one");
        insta::assert_snapshot!(near.render(PLAIN), @"
        error: `c` is wrong
           ╭─[pipeline.yaml:3:1]
         1 │ a: 1
         2 │ b: 2
           · ┬
           · ╰── and here
         3 │ c: 3
           · ┬
           · ╰── here
         4 │ d: 4
           ╰────
          help: change one
        ");
        let far = problem(text, "a").also(at("g"), "and here").warning();
        insta::assert_snapshot!(far.render(PLAIN), @"
        warning: `a` is wrong
           ╭─[pipeline.yaml:1:1]
         1 │ a: 1
           · ┬
           · ╰── here
         2 │ b: 2
           ╰────
           ╭─[pipeline.yaml:7:1]
         6 │ f: 6
         7 │ g: 7
           · ┬
           · ╰── and here
           ╰────
        ");
    }

    #[test]
    fn control_characters_reach_no_terminal() {
        let odd = problem("a: \"\u{1b}[31m\u{9b}x\"\n", "a").help("not \u{1b}[2J this");
        let drawn = odd.render(PLAIN) + &problem("\u{1b}a", "\u{1b}").render(PLAIN);
        assert!(!drawn.chars().any(|c| c.is_control() && c != '\n'), "{drawn:?}");
    }

    #[test]
    fn only_the_first_line_of_a_long_value_is_marked() {
        let text = "cmd: |\n  one\n  two\n";
        insta::assert_snapshot!(problem(text, "|\n  one\n  two\n").render(PLAIN), @r"
        error: `|\n  one\n  two\n` is wrong
           ╭─[pipeline.yaml:1:6]
         1 │ cmd: |
           ·      ┬
           ·      ╰── here
         2 │   one
           ╰────
        ");
    }

    #[test]
    fn a_problem_of_a_whole_file_has_no_frame() {
        let problem = Problem::of_file("t::t", "b.yaml", "there is no `b.yaml`").help("create it");
        insta::assert_snapshot!(problem.render(PLAIN), @"
        error: there is no `b.yaml`
          help: create it
        ");
    }

    #[test]
    fn what_stands_at_the_end_of_a_text_is_drawn() {
        let source = Source::new("a.yaml", "a: 1");
        let problem = Problem::new("t::t", &source, Span { start: 99, len: 4 }, "something is missing");
        insta::assert_snapshot!(problem.render(Style { charset: Charset::Ascii, ..PLAIN }), @"
        error: something is missing
           ,-[a.yaml:1:4]
         1 | a: 1
           :    |
           :    `-- here
           `----
        ");
    }

    #[test]
    fn a_place_in_a_very_long_line_is_drawn_in_part() {
        let text = format!("{{\"a\": [{}], \"wrogn\": 1, \"b\": [{}]}}", "1, ".repeat(40_000), "2, ".repeat(40_000));
        let far = problem(&text, "wrogn").help("did you mean `wrong`?");
        insta::assert_snapshot!(far.render(PLAIN), @r#"
        error: `wrogn` is wrong
           ╭─[pipeline.yaml:1:120012]
           │ …, 1, 1, 1, 1, 1, 1, ], "wrogn": 1, "b": [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2…
           ·                          ───── here
           ╰────
          help: did you mean `wrong`?
        "#);
        let start = problem(&text, "a").render(Style { charset: Charset::Ascii, ..PLAIN });
        insta::assert_snapshot!(start, @r#"
        error: `a` is wrong
           ,-[pipeline.yaml:1:3]
           | {"a": [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1…
           :   ^ here
           `----
        "#);
        let long = Problem::of_file("t::t", "b.yaml", "x".repeat(1 << 20));
        assert!(long.render(PLAIN).len() < 3_000);
    }

    #[test]
    fn a_flood_of_problems_is_cut_short() {
        let mut problems = Problems::default();
        (0..60).for_each(|_| problems.push(Problem::of_file("t::t", "b.yaml", "wrong")));
        assert!(problems.render(PLAIN).ends_with("and 10 more; correct these first\n"));
    }

    #[test]
    fn what_is_not_there_is_marked_where_it_is_missed() {
        let source = Source::new("a.yaml", "outs:\n-\nx: 1\n");
        let problem = Problem::new("t", &source, Span { start: 7, len: 0 }, "an out is nothing");
        insta::assert_snapshot!(problem.render(PLAIN), @"
        error: an out is nothing
           ╭─[a.yaml:2:1]
         1 │ outs:
         2 │ -
           · ┬
           · ╰── here
         3 │ x: 1
           ╰────
        ");
    }
}
