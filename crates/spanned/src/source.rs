//! A text with a name, and places in it.

use std::sync::Arc;

/// A range of bytes in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Length in bytes; 0 for a mapping or a sequence, of which only the start is known.
    pub len: usize,
}

/// A line and a column, both counted from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

/// The text of one file and the name it has in messages.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
    /// The text without characters that could act on a terminal, of the same length; `None` when it has none.
    inert: Option<String>,
    line_starts: Vec<usize>,
}

impl Source {
    /// Takes `text` as the content of the file that messages call `name`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        let text = text.into();
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let inert = text.contains(is_replaced).then(|| text.chars().map(inert).collect());
        Arc::new(Self { name: name.into(), text, inert, line_starts })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the text as it may be shown, with the same offsets.
    pub(crate) fn shown_text(&self) -> &str {
        self.inert.as_deref().unwrap_or(&self.text)
    }

    /// Returns the text of `span`, empty when the span lies outside of the source.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.start..span.start + span.len).unwrap_or_default()
    }

    /// Returns the place of a scalar's text, without its quotes; the whole place when it is not written as it reads (escapes,
    /// folded lines).
    pub fn span_of(&self, text: &str, span: Span) -> Span {
        let written = self.slice(span).trim_end();
        let quoted = ['"', '\''].into_iter().find_map(|quote| written.strip_prefix(quote)?.strip_suffix(quote));
        let start = if written == text {
            Some(span.start)
        } else {
            quoted.filter(|inside| *inside == text).map(|_| span.start + 1)
        };
        start.map_or(span, |start| Span { start, len: text.len() })
    }

    /// Returns line and column of the byte at `offset`; an offset past the end gives the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let line = self.line_starts.partition_point(|start| *start <= offset);
        let start = self.line_starts[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        Position { line, column: before.chars().count() + 1 }
    }

    /// Returns `name:line` of a span, the short form in which messages cite a rule.
    pub fn cite(&self, span: Span) -> String {
        format!("{}:{}", self.name, self.position(span.start).line)
    }

    /// Returns the offset of a line and column as readers count them, both from 1; past the end gives the end.
    pub fn offset(&self, line: usize, column: usize) -> usize {
        let start = self.line_starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        let rest = self.text.get(start..).unwrap_or_default();
        start + rest.char_indices().nth(column.saturating_sub(1)).map_or(rest.len(), |(at, _)| at)
    }
}

/// Whether a terminal obeys the character instead of showing it, or writes what follows in another direction.
pub fn acts_on_a_terminal(c: char) -> bool {
    let turns =
        '\u{61c}' == c || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns
}

fn is_replaced(c: char) -> bool {
    acts_on_a_terminal(c) && !matches!(c, '\n' | '\t' | '\r')
}

/// Replaces a control character by a harmless one of as many bytes.
fn inert(c: char) -> char {
    match (is_replaced(c), c.len_utf8()) {
        (false, _) => c,
        (true, 1) => '?',
        (true, 2) => '¿',
        (true, _) => '\u{fffd}',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_counts_characters_not_bytes() {
        let source = Source::new("a.yaml", "x: ü\nyö: 1\n");
        let at = source.text().find('1').expect("the text has a 1");
        assert_eq!(source.position(at), Position { line: 2, column: 5 });
        assert_eq!(source.offset(2, 5), at);
        assert_eq!(source.cite(Span { start: at, len: 1 }), "a.yaml:2");
    }
}
