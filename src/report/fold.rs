//! Long lines for a narrow terminal: broken between words, and going on below the text that they belong to.
//!
//! Only for terminals: what is piped keeps its lines, so that they can be searched.

use super::table::width;

/// Breaks each line that takes more than `columns`; the others stay as they are.
pub fn fold(text: &str, columns: usize) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        out.push_str(&fold_line(line, hang(line, columns), columns));
        out.push_str(end);
    }
    out
}

/// Breaks one line; what follows a break stands `hang` columns from the left.
pub fn fold_line(line: &str, hang: usize, columns: usize) -> String {
    if seen(line) <= columns {
        return line.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for piece in pieces(line, columns.saturating_sub(hang)) {
        let word = piece.trim_end_matches(' ');
        if used > hang && used + seen(word) > columns {
            out.truncate(out.trim_end_matches(' ').len());
            out.push('\n');
            out.push_str(&" ".repeat(hang));
            used = hang;
        }
        out.push_str(piece);
        used += seen(piece);
    }
    out.truncate(out.trim_end_matches(' ').len());
    out
}

/// Below the text that follows a name and two spaces, or four columns in when that is too far to the right.
fn hang(line: &str, columns: usize) -> usize {
    let line = plain(line);
    let indent = leading(&line);
    let named = line[indent..].find("  ").map(|end| {
        let (name, rest) = line.split_at(indent + end);
        width(name) + leading(rest)
    });
    named.filter(|start| *start <= columns / 2).unwrap_or(indent + 4).min(columns / 2)
}

fn leading(text: &str) -> usize {
    text.len() - text.trim_start_matches(' ').len()
}

/// Returns the words, each with the spaces after it. One that fits into no line is taken apart where a path is.
fn pieces(line: &str, room: usize) -> Vec<&str> {
    let start = leading(line);
    let mut pieces = Vec::new();
    let mut from = 0;
    let bytes = line.as_bytes();
    for at in start + 1..=line.len() {
        let is_end = at == line.len() || (bytes[at - 1] == b' ' && bytes[at] != b' ');
        if is_end {
            let word = &line[from..at];
            if seen(word.trim_end_matches(' ')) > room {
                pieces.extend(word.split_inclusive('/'));
            } else {
                pieces.push(word);
            }
            from = at;
        }
    }
    pieces
}

/// Returns how many columns `text` takes; colours take none.
fn seen(text: &str) -> usize {
    width(&plain(text))
}

/// Returns `text` without its colours.
fn plain(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| plain + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_goes_on_below_its_text() {
        let text = "✗ stage train_the_model  FAILED  failed with exit status 3  after 6 ms\n  \
                    log       .lockgate/runs/20261122T111738.229Z-ad38/train_the_model.log\n  \
                    outputs   untouched\n  \
                    next      `lockgate logs train_the_model` shows all of its output; then `lockgate repro`\n";
        insta::assert_snapshot!(fold(text, 40), @"
        ✗ stage train_the_model  FAILED  failed
            with exit status 3  after 6 ms
          log       .lockgate/runs/
                    20261122T111738.229Z-ad38/
                    train_the_model.log
          outputs   untouched
          next      `lockgate logs
                    train_the_model` shows all
                    of its output; then
                    `lockgate repro`
        ");
    }

    #[test]
    fn colours_take_no_room_and_short_lines_stay() {
        let painted = "\u{1b}[1mone two\u{1b}[0m";
        assert_eq!(fold(painted, 7), painted);
        let painted = "\u{1b}[2mlog   \u{1b}[0m  one two three";
        assert_eq!(fold(painted, 16), "\u{1b}[2mlog   \u{1b}[0m  one two\n        three");
        assert_eq!(fold("a  b\n\n   c\n", 7), "a  b\n\n   c\n");
        assert_eq!(fold("onewordthatislong", 7), "onewordthatislong", "a word is never broken");
    }
}
