//! Colours and marks. Every mark can be told from the others without colour, and without UTF-8.

use lockgate_spanned::{Charset, Style};

/// What a piece of text means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    Good,
    Bad,
    Caution,
    Faint,
    Strong,
}

/// The sign at the start of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Something was done.
    Good,
    /// Something went wrong.
    Bad,
    /// Something to look at.
    Caution,
    /// Nothing happened.
    Quiet,
}

/// Returns `text` in the colour of its meaning, or as it is where colours are off.
pub fn paint(style: Style, ink: Ink, text: &str) -> String {
    if !style.colour || text.is_empty() {
        return text.to_owned();
    }
    let code = match ink {
        Ink::Good => "32",
        Ink::Bad => "31;1",
        Ink::Caution => "33",
        Ink::Faint => "2",
        Ink::Strong => "1",
    };
    format!("\u{1b}[{code}m{text}\u{1b}[0m")
}

/// Returns the sign in its colour, one column wide.
pub fn mark(style: Style, mark: Mark) -> String {
    let (ink, unicode, ascii) = match mark {
        Mark::Good => (Ink::Good, "✓", "+"),
        Mark::Bad => (Ink::Bad, "✗", "x"),
        Mark::Caution => (Ink::Caution, "!", "!"),
        Mark::Quiet => (Ink::Faint, "·", "."),
    };
    paint(style, ink, pick(style, unicode, ascii))
}

/// Returns the arrow between things that follow one another.
pub fn arrow(style: Style) -> &'static str {
    pick(style, "→", "->")
}

/// Returns the form that the terminal can show.
pub fn pick<'a>(style: Style, unicode: &'a str, ascii: &'a str) -> &'a str {
    match style.charset {
        Charset::Unicode => unicode,
        Charset::Ascii => ascii,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The style of snapshots: no colours, a hundred columns.
    pub const PLAIN: Style = Style { width: 100, colour: false, charset: Charset::Unicode };

    #[test]
    fn colours_and_characters_can_be_turned_off() {
        let colour = Style { colour: true, ..PLAIN };
        let ascii = Style { charset: Charset::Ascii, ..PLAIN };
        assert_eq!(paint(colour, Ink::Strong, "x"), "\u{1b}[1mx\u{1b}[0m");
        assert_eq!(paint(PLAIN, Ink::Strong, "x"), "x");
        assert_eq!([mark(PLAIN, Mark::Good), mark(ascii, Mark::Good)], ["✓", "+"]);
    }
}
