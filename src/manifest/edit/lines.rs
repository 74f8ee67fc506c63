//! The lines of the stages in a text whose stages stand one below the other.

use std::ops::Range;

use lockgate_spanned::Key;

/// The lines on which an entry stands: that of its key, and those below it that are indented deeper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// Bytes, from the start of the key's line to the end of the last line that says something.
    pub(super) range: Range<usize>,
    pub(super) indent: String,
}

impl Block {
    /// Finds the lines of `key`; `None` when something else stands on its line before it.
    pub(super) fn of(text: &str, key: &Key) -> Option<Self> {
        let start = text.get(..key.span.start)?.rfind('\n').map_or(0, |end| end + 1);
        let indent = text.get(start..key.span.start)?;
        if !indent.chars().all(|c| c == ' ') {
            return None;
        }
        let mut end = line_end(text, start);
        let mut at = end;
        while at < text.len() {
            let next = line_end(text, at);
            let line = &text[at..next];
            let depth = line.len() - line.trim_start().len();
            match line.trim() {
                "" => {}
                _ if depth > indent.len() => end = next,
                _ => break,
            }
            at = next;
        }
        Some(Self { range: start..end, indent: indent.to_owned() })
    }
}

/// Returns the offset behind the line that begins at or holds `at`, behind its newline if it has one.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

/// Returns the newline that the text uses.
pub(super) fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}
