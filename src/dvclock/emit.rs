//! Values to YAML text, byte for byte as DVC writes it.
//!
//! This follows the emitter of ruamel.yaml in block style, as far as plain values need it. Its state is kept under the same
//! names, because where a line is folded depends on all of it: the column, whether the last thing written was white, and
//! whether the line holds only indentation.

use super::entry::Plain;
use super::scalar::{Role, Style, float, is_break, is_multiline, is_special, style_of};

/// The column after which ruamel folds a line.
const WIDTH: usize = 80;
/// From this length on, a key is announced by a question mark.
const LONG_KEY: usize = 128;

/// A text in the making.
pub struct Emitter {
    out: String,
    column: usize,
    /// Whether the last thing written was white.
    whitespace: bool,
    /// Whether the line has only indentation and dashes so far.
    indention: bool,
}

/// Writes one entry of a mapping whose keys stand at column `indent`, with the line break after it.
pub fn entry(key: &str, value: &Plain, indent: usize) -> String {
    let mut emitter = Emitter { out: String::new(), column: 0, whitespace: true, indention: true };
    emitter.pair(key, value, indent);
    emitter.out.push('\n');
    emitter.out
}

impl Emitter {
    fn push(&mut self, text: &str) {
        self.column += text.chars().count();
        self.out.push_str(text);
    }

    fn push_chars(&mut self, chars: &[char]) {
        self.column += chars.len();
        self.out.extend(chars);
    }

    fn line_break(&mut self, with: char) {
        self.whitespace = true;
        self.indention = true;
        self.column = 0;
        self.out.push(with);
    }

    fn write_indent(&mut self, indent: usize) {
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.line_break('\n');
        }
        if self.column < indent {
            self.whitespace = true;
            let missing = indent - self.column;
            self.push(&" ".repeat(missing));
        }
    }

    fn indicator(&mut self, text: &str, needs_space: bool, indention: bool) {
        if needs_space && !self.whitespace {
            self.push(" ");
        }
        self.whitespace = false;
        self.indention = self.indention && indention;
        self.push(text);
    }

    fn pair(&mut self, key: &str, value: &Plain, indent: usize) {
        self.write_indent(indent);
        let is_simple = key.chars().count() < LONG_KEY && !is_multiline(key);
        if is_simple {
            self.text(key, indent + 2, Role::Key);
            self.indicator(":", false, false);
        } else {
            self.indicator("?", true, true);
            self.text(key, indent + 2, Role::Value);
            self.write_indent(indent);
            self.indicator(":", true, true);
        }
        self.value(value, indent, Holder::Map);
    }

    fn value(&mut self, value: &Plain, indent: usize, holder: Holder) {
        match value {
            Plain::Null if holder == Holder::Map => {}
            // An odd space, but so it is.
            Plain::Null => self.push(" "),
            Plain::Bool(value) => self.bare(if *value { "true" } else { "false" }),
            Plain::Int(value) => self.bare(&value.to_string()),
            Plain::Float(value) => self.bare(&float(*value)),
            Plain::Str(text) => self.text(text, indent + 2, Role::Value),
            Plain::List(items) if items.is_empty() => self.indicator("[]", true, false),
            Plain::Map(entries) if entries.is_empty() => self.indicator("{}", true, false),
            Plain::List(items) => {
                // In a mapping the dashes stand under the key, unless it was announced by a question mark.
                let is_flush = holder == Holder::Map && !self.indention;
                self.items(items, if is_flush { indent } else { indent + 2 });
            }
            Plain::Map(entries) => entries.iter().for_each(|(key, value)| self.pair(key, value, indent + 2)),
        }
    }

    fn items(&mut self, items: &[Plain], indent: usize) {
        for item in items {
            self.write_indent(indent);
            self.indicator("-", true, true);
            self.value(item, indent, Holder::List);
        }
    }

    fn bare(&mut self, word: &str) {
        self.indicator(word, true, false);
    }

    fn text(&mut self, text: &str, indent: usize, role: Role) {
        let chars: Vec<char> = text.chars().collect();
        match style_of(text, role) {
            Style::Plain => self.plain(text, indent, role),
            Style::Single => self.single(&chars, indent, role),
            Style::Double => self.double(&chars, indent, role),
        }
    }

    /// Writes words, folding before one that would end beyond the width, and at a space beyond it.
    fn plain(&mut self, text: &str, indent: usize, role: Role) {
        if !self.whitespace {
            self.push(" ");
        }
        self.whitespace = false;
        self.indention = false;
        let chars: Vec<char> = text.chars().collect();
        for run in chars.chunk_by(|a, b| (*a == ' ') == (*b == ' ')) {
            let is_space = run[0] == ' ';
            if is_space && run.len() == 1 && self.column >= WIDTH && role == Role::Value {
                self.write_indent(indent);
                self.whitespace = false;
                self.indention = false;
                continue;
            }
            if !is_space && run.len() + self.column > WIDTH && self.column > indent {
                self.write_indent(indent);
            }
            self.push_chars(run);
        }
    }

    fn single(&mut self, text: &[char], indent: usize, role: Role) {
        self.indicator("'", true, false);
        let class = |c: char| {
            if c == ' ' {
                0
            } else if is_break(c) {
                1
            } else {
                2
            }
        };
        let mut start = 0;
        for run in text.chunk_by(|a, b| class(*a) == class(*b)) {
            let is_inside = start != 0 && start + run.len() != text.len();
            match class(run[0]) {
                0 if run.len() == 1 && self.column > WIDTH && role == Role::Value && is_inside => {
                    self.write_indent(indent);
                }
                1 => self.breaks(run, indent),
                _ => run.split_inclusive(|c| *c == '\'').for_each(|part| {
                    self.push_chars(part);
                    if part.ends_with(&['\'']) {
                        self.push("'");
                    }
                }),
            }
            start += run.len();
        }
        self.indicator("'", false, false);
    }

    fn breaks(&mut self, run: &[char], indent: usize) {
        if run[0] == '\n' {
            self.line_break('\n');
        }
        for c in run {
            self.line_break(*c);
        }
        self.write_indent(indent);
    }

    fn double(&mut self, text: &[char], indent: usize, role: Role) {
        self.indicator("\"", true, false);
        let (mut start, mut end) = (0, 0);
        while end <= text.len() {
            let c = text.get(end).copied();
            if c.is_none_or(is_escaped) {
                if start < end {
                    self.push_chars(&text[start..end]);
                    start = end;
                }
                if let Some(c) = c {
                    self.push(&escape(c));
                    start = end + 1;
                }
            }
            let is_inside = 0 < end && end + 1 < text.len();
            let may_fold = is_inside && (c == Some(' ') || start >= end) && role == Role::Value;
            // An escape has moved the start beyond the end, so this is a signed difference in the original.
            if may_fold && self.column + end > WIDTH + start {
                start = self.fold(text, start, end, indent);
            }
            end += 1;
        }
        self.indicator("\"", false, false);
    }

    /// Folds a text in double quotes before `end`; returns from where it goes on.
    fn fold(&mut self, text: &[char], mut start: usize, end: usize, indent: usize) -> usize {
        let backslash = needs_backslash(text, start, end);
        if start < end {
            self.push_chars(&text[start..end]);
            start = end;
        }
        if backslash {
            self.push("\\");
        }
        self.write_indent(indent);
        self.whitespace = false;
        self.indention = false;
        if text[start] == ' ' {
            if backslash {
                self.push("\\");
            } else {
                // The line break is read as the space.
                start += 1;
            }
        }
        start
    }
}

/// What a value stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Holder {
    Map,
    List,
}

/// Whether a fold before `end` must be marked by a backslash, because a bare line break would not be read as the space.
fn needs_backslash(text: &[char], start: usize, end: usize) -> bool {
    let find =
        |c: char, from: usize, to: usize| text[from..to].iter().position(|other| *other == c).map(|at| at + from);
    let Some(space) = find(' ', end, text.len()) else { return true };
    let stop = find('\n', end, space).unwrap_or(space);
    let Some(next) = text.get(stop + 1) else { return true };
    if text[stop] == '\n' && *next != ' ' {
        return true;
    }
    let has_quote = text[end..stop].iter().any(|c| matches!(c, '"' | '\''));
    let is_gap = text[end - 1] == ' ' && text[end] == ' ';
    has_quote || matches!(next, ' ' | '\n') || is_gap || start == end
}

fn is_escaped(c: char) -> bool {
    matches!(c, '"' | '\\' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}') || c == '\n' || is_special(c)
}

fn escape(c: char) -> String {
    let letter = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{a0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        c => {
            let code = u32::from(c);
            return match code {
                0..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{letter}")
}
