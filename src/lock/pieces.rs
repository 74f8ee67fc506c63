//! A YAML text cut into the pieces that stand at one indentation, so that a broken piece does not take the others along.

/// Some whole lines of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The number of its first line, counted from 1.
    pub line: usize,
    pub text: &'a str,
}

impl<'a> Piece<'a> {
    /// Returns the first line and the rest.
    pub fn split_first_line(self) -> (&'a str, Piece<'a>) {
        let (first, rest) = self.text.split_once('\n').unwrap_or((self.text, ""));
        (first.trim_end(), Piece { line: self.line + 1, text: rest })
    }

    /// Cuts the piece before every line that is indented as little as the first one that says something.
    pub fn cut(self) -> Vec<Piece<'a>> {
        let Some(indent) = self.text.lines().find_map(indent_of) else { return Vec::new() };
        let mut pieces: Vec<Piece<'a>> = Vec::new();
        let mut offset = 0;
        for (idx, line) in self.text.split_inclusive('\n').enumerate() {
            if indent_of(line).is_some_and(|of_line| of_line <= indent) && !goes_on(line) {
                close(&mut pieces, self.text, offset);
                pieces.push(Piece { line: self.line + idx, text: &self.text[offset..] });
            }
            offset += line.len();
        }
        pieces
    }
}

fn close<'a>(pieces: &mut [Piece<'a>], text: &'a str, end: usize) {
    if let Some(last) = pieces.last_mut() {
        let start = text.len() - last.text.len();
        last.text = &text[start..end];
    }
}

/// Returns the indentation of a line that says something; blank lines, comments and document marks do not.
fn indent_of(line: &str) -> Option<usize> {
    let said = line.trim_start_matches(' ');
    let silent = said.trim().is_empty() || said.starts_with('#') || said.trim_end() == "---";
    (!silent).then_some(line.len() - said.len())
}

/// Whether the line belongs to the one before it although it is not indented more: the value of a key with a question
/// mark, an item of a list, the end of a bracket.
fn goes_on(line: &str) -> bool {
    line.trim_start().starts_with([':', '-', '}', ']', ','])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<(usize, &str)> {
        Piece { line: 1, text }.cut().into_iter().map(|piece| (piece.line, piece.text)).collect()
    }

    #[test]
    fn a_text_is_cut_at_its_own_indentation() {
        assert_eq!(cut("# c\na: 1\n\nb:\n  c: 2\n"), [(2, "a: 1\n\n"), (4, "b:\n  c: 2\n")]);
        assert_eq!(cut("  a:\n    b: 1\n  ? c\n  : 1"), [(1, "  a:\n    b: 1\n"), (3, "  ? c\n  : 1")]);
        assert_eq!(cut("{\n  a: 1\n}\n"), [(1, "{\n  a: 1\n}\n")]);
        assert_eq!(cut("\n# nothing\n"), []);
    }
}
