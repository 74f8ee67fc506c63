//! The report as text for a terminal: the rules that did not hold, each with what was seen of it.
//!
//! Pure, and never wider than asked: a sentence is wrapped, a cell is cut, and what could move the cursor or hide in a name
//! is escaped, for data is not to be trusted with a terminal. Colour and the lines around it are for the caller.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::report::{Rejected, Report, RuleReport, Sample, State};

/// Below this width a screen is of no use; it is laid out for this one then.
const NARROWEST: usize = 40;

/// Columns of a sample table are not made narrower than this, nor wider than `WIDEST`.
const NARROWEST_CELL: usize = 4;
const WIDEST_CELL: usize = 40;

const INDENT: &str = "      ";

impl Report {
    /// Draws every rule that did not hold; empty when all of them did.
    ///
    /// No line is wider than `width` columns, or 40 if that is more. Each line ends with a line feed.
    pub fn screen(&self, width: usize) -> String {
        let width = width.max(NARROWEST);
        let shown = self.rules.iter().filter(|rule| rule.state != State::Pass);
        let blocks: Vec<String> = shown.map(|rule| self.block(rule, width)).collect();
        blocks.join("\n")
    }

    /// Draws what has changed since `last`, under a heading; empty when nothing has.
    ///
    /// The width is that of [`Self::screen`], below which this is to stand.
    pub fn screen_since(&self, last: &Self, width: usize) -> String {
        let width = width.max(NARROWEST);
        let facts: String = self.since(last).iter().map(|fact| sentence("", fact, width)).collect();
        if facts.is_empty() { facts } else { format!("  since the last pass\n{facts}") }
    }

    fn block(&self, rule: &RuleReport, width: usize) -> String {
        let mut text = self.heading(rule, width);
        text += &sentence("observed  ", &rule.observed, width);
        for note in &rule.notes {
            text += &sentence("", note, width);
        }
        let rejects = self.tables.get(rule.table).and_then(|table| table.rejects.as_ref());
        text + &table(rule, rejects, width)
    }

    fn heading(&self, rule: &RuleReport, width: usize) -> String {
        let mark = match rule.state {
            State::Fail => "✗",
            State::Inconclusive | State::Review => "?",
            State::Warn => "!",
            State::Pass => "✓",
        };
        let state = match rule.state {
            State::Warn | State::Inconclusive | State::Review => format!("  ({})", rule.state.name()),
            State::Pass | State::Fail => String::new(),
        };
        // Only one table is the rule, and then its path stands above already.
        let table =
            if self.tables.len() > 1 { format!("  in {}", self.tables[rule.table].path) } else { String::new() };
        let left = escape(&format!("  {mark} {}{state}{table}", rule.name()));
        let right = escape(&rule.citation);
        if left.width() + right.width() + 2 <= width {
            let gap = width - left.width() - right.width();
            return format!("{left}{}{right}\n", " ".repeat(gap));
        }
        format!("{}\n{INDENT}{}\n", cut(&left, width), cut(&right, width - INDENT.len()))
    }
}

/// Lays out a sentence after its label, with the lines below one another.
fn sentence(label: &str, text: &str, width: usize) -> String {
    let indent = INDENT.len() + label.len();
    let mut lines = vec![String::new()];
    for word in escape(text).split(' ') {
        let word = cut(word, width - indent);
        let line = lines.last_mut().expect("there is always a last line");
        if line.is_empty() {
            *line = word;
        } else if indent + line.width() + 1 + word.width() <= width {
            line.push(' ');
            line.push_str(&word);
        } else {
            lines.push(word);
        }
    }
    let start = |at: usize| if at == 0 { format!("{INDENT}{label}") } else { " ".repeat(indent) };
    let lines: Vec<String> = lines.iter().enumerate().map(|(at, line)| start(at) + line + "\n").collect();
    lines.concat()
}

/// One column of the sample table.
struct TableColumn {
    cells: Vec<String>,
    align: Align,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Align {
    Left,
    Right,
}

fn table(rule: &RuleReport, rejects: Option<&Rejected>, width: usize) -> String {
    if rule.samples.is_empty() {
        return String::new();
    }
    let columns = columns(&rule.samples);
    let widths = widths(&columns, width - INDENT.len());
    let mut text = String::new();
    for row in 0..=rule.samples.len() {
        text += &table_line(&columns, &widths, row);
    }
    let more = rule.bad.saturating_sub(rule.samples.len() as u64);
    // Groups of rows and columns are not in the file.
    let place = rejects.filter(|_| rule.samples[0].row.is_some()).map(|rejects| format!(" in {}", rejects.path));
    if more > 0 { text + &sentence("", &format!("… {more} more{}", place.unwrap_or_default()), width) } else { text }
}

/// Makes the columns: part, row and line as far as they are known, then the cells.
fn columns(samples: &[Sample]) -> Vec<TableColumn> {
    let mut columns = Vec::new();
    if samples.iter().any(|sample| sample.part.is_some()) {
        let parts = samples.iter().map(|sample| sample.part.clone().unwrap_or_default());
        columns.push(column("file", parts, Align::Left));
    }
    if samples.iter().any(|sample| sample.row.is_some()) {
        let rows = samples.iter().map(|sample| sample.row.map(|row| row.to_string()).unwrap_or_default());
        columns.push(column("row", rows, Align::Right));
    }
    if samples.iter().any(|sample| sample.line.is_some()) {
        let lines = samples.iter().map(|sample| sample.line.map(|line| line.to_string()).unwrap_or_default());
        columns.push(column("line", lines, Align::Right));
    }
    let names = samples
        .iter()
        .flat_map(|sample| sample.cells.iter().map(|cell| cell.column.as_str()))
        .take(samples[0].cells.len());
    for (at, name) in names.enumerate() {
        let values = || samples.iter().map(|sample| sample.cells.get(at).and_then(|cell| cell.value.clone()));
        let numeric = values().flatten().all(|value| value.parse::<f64>().is_ok());
        let texts = values().map(|value| value.map_or("null".to_owned(), |value| visible(&value)));
        columns.push(column(name, texts, if numeric { Align::Right } else { Align::Left }));
    }
    columns
}

fn column(name: &str, cells: impl Iterator<Item = String>, align: Align) -> TableColumn {
    let cells = std::iter::once(name.to_owned()).chain(cells).map(|cell| escape(&cell)).collect();
    TableColumn { cells, align }
}

/// Empty text, text with spaces at its ends and the text `null` are quoted, for they would not be seen for what they are.
fn visible(value: &str) -> String {
    if value.trim() != value || value.is_empty() || value == "null" { format!("\"{value}\"") } else { value.to_owned() }
}

/// Gives each column its width; the widest give way until all fit, and then the last ones are left out.
fn widths(columns: &[TableColumn], room: usize) -> Vec<usize> {
    let natural = |column: &TableColumn| column.cells.iter().map(|cell| cell.width()).max().unwrap_or(0);
    let mut widths: Vec<usize> = columns.iter().map(|column| natural(column).min(WIDEST_CELL)).collect();
    let total = |widths: &[usize]| widths.iter().sum::<usize>() + 2 * widths.len().saturating_sub(1);
    while total(&widths) > room {
        match widths.iter_mut().max().filter(|widest| **widest > NARROWEST_CELL) {
            Some(widest) => *widest -= 1,
            None => {
                widths.pop();
            }
        }
    }
    widths
}

fn table_line(columns: &[TableColumn], widths: &[usize], row: usize) -> String {
    let cells = columns.iter().zip(widths).map(|(column, width)| {
        let cell = cut(&column.cells[row], *width);
        let fill = " ".repeat(width - cell.width());
        if column.align == Align::Right { fill + &cell } else { cell + &fill }
    });
    let line = cells.collect::<Vec<_>>().join("  ");
    format!("{INDENT}{}\n", line.trim_end())
}

/// Cuts a text to `width` columns; the last of them is `…` when something is missing.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used + 1 > width {
            break;
        }
        kept.push(c);
    }
    kept + "…"
}

/// Replaces what a terminal would obey instead of showing: control characters, and marks that turn or hide text.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        let hidden =
            matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}');
        if c.is_control() || hidden {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    safe
}
