//! Columns of text, aligned and cut to the width of the terminal.

use std::borrow::Cow;

use lockgate_spanned::Style;

use super::fold::fold_line;
use super::paint::{Ink, paint, pick};

/// Rows of cells under a header.
#[derive(Clone, Debug)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

/// A piece of text in one column.
#[derive(Clone, Debug)]
pub struct Cell {
    text: String,
    ink: Option<Ink>,
}

impl Cell {
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ink: None }
    }

    pub fn inked(ink: Ink, text: impl Into<String>) -> Self {
        Self { text: text.into(), ink: Some(ink) }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text)
    }
}

impl Table {
    pub fn new<T: ToString>(header: &[T]) -> Self {
        Self { header: header.iter().map(ToString::to_string).collect(), rows: Vec::new() }
    }

    /// Adds a row; it has as many cells as the header.
    pub fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        self.row_of(cells.into());
    }

    /// Adds a row to a table whose columns are known only when it is drawn.
    pub fn row_of(&mut self, cells: Vec<Cell>) {
        debug_assert_eq!(cells.len(), self.header.len());
        self.rows.push(cells);
    }

    /// Leaves a column out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        if let Some(column) = self.header.iter().position(|header| header == name) {
            self.header.remove(column);
            self.rows.iter_mut().for_each(|row| drop(row.remove(column)));
        }
        self
    }

    /// Returns how many columns of text the widest line needs.
    pub fn width(&self) -> usize {
        self.widths().iter().map(|width| width + 2).sum::<usize>().saturating_sub(2)
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Draws the table with two spaces between columns; only the last column is cut. Where too little of it would be left,
    /// the cells of a row flow over as many lines as they need.
    pub fn render(&self, style: Style) -> String {
        let header: Vec<Cell> = self.header.iter().map(|name| Cell::inked(Ink::Faint, name.as_str())).collect();
        let widths = self.widths();
        let lines = std::iter::once(&header).chain(&self.rows);
        if is_too_narrow(&widths, style.width) {
            lines.map(|row| flow(row, style)).collect()
        } else {
            lines.map(|row| line(row, &widths, style)).collect()
        }
    }

    /// Writes the table as Markdown, with the spaces and the empty line at its end that DVC writes.
    pub fn markdown(&self) -> String {
        let shown = |text: &str| text.replace('|', "\\|");
        let widest = |column: usize| self.rows.iter().map(|row| width(&shown(&row[column].text))).max().unwrap_or(0);
        let widths: Vec<usize> =
            self.header.iter().enumerate().map(|(column, name)| widest(column).max(width(&shown(name)) + 2)).collect();
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let cells = cells.zip(&widths).map(|(text, room)| {
                let text = shown(text);
                let pad = " ".repeat(room - width(&text));
                format!(" {text}{pad} |")
            });
            format!("|{}\n", cells.collect::<String>())
        };
        let rule: Vec<String> = widths.iter().map(|room| "-".repeat(room + 2)).collect();
        let rows: String = self.rows.iter().map(|row| line(&mut row.iter().map(|cell| cell.text.as_str()))).collect();
        format!("{}|{}|\n{rows}\n", line(&mut self.header.iter().map(String::as_str)), rule.join("|"))
    }

    fn widths(&self) -> Vec<usize> {
        let widest = |column: usize| self.rows.iter().map(|row| width(&row[column].text)).max().unwrap_or(0);
        self.header.iter().enumerate().map(|(column, name)| widest(column).max(width(name))).collect()
    }
}

/// So much of the last column says something.
const LEAST: usize = 20;

fn is_too_narrow(widths: &[usize], columns: usize) -> bool {
    let Some((last, before)) = widths.split_last() else { return false };
    let used: usize = before.iter().map(|width| width + 2).sum();
    used + (*last).min(LEAST) > columns
}

/// Puts the cells of a row one after the other, further lines four columns in.
fn flow(row: &[Cell], style: Style) -> String {
    const INDENT: usize = 4;
    let mut text = String::new();
    let mut used = 0;
    for cell in row.iter().filter(|cell| !cell.text.is_empty()) {
        if used > 0 && used + 2 + width(&cell.text) > style.width {
            text.push('\n');
            text.push_str(&" ".repeat(INDENT));
            used = INDENT;
        } else if used > 0 {
            text.push_str("  ");
            used += 2;
        }
        let room = style.width.saturating_sub(used);
        let folded = fold_line(&cell.text, 0, room).replace('\n', &format!("\n{}", " ".repeat(used)));
        text.push_str(&cell.ink.map_or_else(|| folded.clone(), |ink| paint(style, ink, &folded)));
        used += width(&cell.text);
    }
    text.push('\n');
    text
}

fn line(row: &[Cell], widths: &[usize], style: Style) -> String {
    let last = row.iter().rposition(|cell| !cell.text.is_empty()).unwrap_or(0);
    let mut line = String::new();
    let mut used = 0;
    for (column, cell) in row.iter().enumerate().take(last + 1) {
        let room = style.width.saturating_sub(used).max(10);
        let text = if column == row.len() - 1 { cut(&cell.text, room, style) } else { Cow::from(&cell.text) };
        line.push_str(&cell.ink.map_or_else(|| Cow::from(&*text), |ink| paint(style, ink, &text).into()));
        if column < last {
            line.extend(std::iter::repeat_n(' ', widths[column] - width(&text) + 2));
            used += widths[column] + 2;
        }
    }
    line.push('\n');
    line
}

/// Returns how many columns `text` takes, one per character: wide characters only loosen the alignment.
pub fn width(text: &str) -> usize {
    text.chars().count()
}

/// Returns `text` cut to `room` columns, with a sign that something is missing.
pub fn cut(text: &str, room: usize, style: Style) -> Cow<'_, str> {
    if text.len() <= room || width(text) <= room {
        return text.into();
    }
    let more = pick(style, "…", "...");
    let kept: String = text.chars().take(room.saturating_sub(width(more))).collect();
    format!("{kept}{more}").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::paint::tests::PLAIN;

    #[test]
    fn only_the_last_column_is_cut() {
        let mut table = Table::new(&["task", "do", "reason"]);
        table.row(["load_data".into(), Cell::inked(Ink::Good, "fresh"), "".into()]);
        table.row(["train".into(), "run".into(), "dep `data/a.parquet` changed".into()]);
        insta::assert_snapshot!(table.render(Style { width: 40, ..PLAIN }), @"
        task       do     reason
        load_data  fresh
        train      run    dep `data/a.parquet` …
        ");
        insta::assert_snapshot!(table.render(Style { width: 30, ..PLAIN }), @"
        task  do  reason
        load_data  fresh
        train  run
            dep `data/a.parquet`
            changed
        ");
    }
}
