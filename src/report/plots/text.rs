//! Charts in characters: braille dots where the terminal can show and colour them, one sign for each series elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use lockgate_spanned::{Charset, Style};
use serde_json::Value as Json;

use super::points::{Points, Series};
use super::template::Kind;
use super::{Chart, Row, data};
use crate::report::paint::{Ink, paint, pick};
use crate::report::table::{Cell, Table, cut, width};
use crate::words::text::inert;

/// The widest chart: wider ones are no easier to read.
const WIDEST: usize = 100;
/// The narrowest area of points that is worth drawing.
const NARROWEST: usize = 10;
/// Lines of the area of points.
const HEIGHT: usize = 15;
/// So many values of a kind can be told apart in a table of counts or in bars.
const MOST_KINDS: usize = 40;
/// The signs of series where colours cannot tell them apart.
const SIGNS: [char; 8] = ['*', '+', 'o', 'x', '#', '@', '%', '&'];
/// Colours of series: cyan, yellow, magenta, green, blue, red.
const COLOURS: [&str; 6] = ["36", "33", "35", "32", "34", "31"];

/// Draws a chart, ended by a line break; `None` when its template is none that characters can stand for, or when it has
/// nothing but texts where numbers would be drawn.
pub fn chart(chart: &Chart, style: Style) -> Option<String> {
    let style = Style { width: style.width.min(WIDEST), ..style };
    let body = match chart.template.kind {
        Kind::Lines => plane(&chart.points, Joined::Yes, style),
        Kind::Dots => plane(&chart.points, Joined::No, style),
        Kind::Counts => counts(&chart.points, style),
        Kind::Bars => bars(&chart.points, style),
        Kind::Other => None,
    }?;
    Some(format!("{}\n{body}", paint(style, Ink::Strong, &inert(&chart.title))))
}

/// Whether points that follow one another are joined by a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Joined {
    Yes,
    No,
}

/// The smallest and the largest of some numbers; never the same.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    from: f64,
    to: f64,
}

impl Range {
    fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let range = values.fold(None, |range: Option<Self>, value| {
            let Self { from, to } = range.unwrap_or(Self { from: value, to: value });
            Some(Self { from: from.min(value), to: to.max(value) })
        })?;
        let Self { from, to } = range;
        let one = if from == 0.0 { 1.0 } else { from.abs() / 2.0 };
        Some(if from < to { range } else { Self { from: from - one, to: to + one } })
    }

    /// Returns where of `n` places a value stands.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and n")]
    #[expect(clippy::cast_precision_loss, reason = "n is a number of dots")]
    fn place(self, value: f64, n: usize) -> usize {
        let share = (value / 2.0 - self.from / 2.0) / (self.to / 2.0 - self.from / 2.0);
        (share * (n - 1) as f64).round().clamp(0.0, (n - 1) as f64) as usize
    }

    fn middle(self) -> f64 {
        self.from / 2.0 + self.to / 2.0
    }
}

/// The x axis: numbers, or texts one after the other.
struct Places {
    range: Range,
    /// The text at the start and at the end.
    ends: [String; 2],
    /// Where each text stands; empty when all are numbers.
    texts: BTreeMap<String, f64>,
}

impl Places {
    #[expect(clippy::cast_precision_loss, reason = "a number of texts")]
    fn of(points: &Points) -> Option<Self> {
        let values = || points.series.iter().flat_map(|series| &series.rows).filter_map(|row| row.get(&points.x));
        let mut texts = BTreeMap::new();
        let mut in_order: Vec<String> = Vec::new();
        if values().any(|value| number(value).is_none() && !value.is_null()) {
            for text in values().map(plain) {
                if !texts.contains_key(&text) {
                    texts.insert(text.clone(), in_order.len() as f64);
                    in_order.push(text);
                }
            }
        }
        let mut places = Self { range: Range { from: 0.0, to: 1.0 }, ends: Default::default(), texts };
        places.range = Range::of(values().filter_map(|value| places.at(value)))?;
        places.ends = match (in_order.first(), in_order.last()) {
            (Some(first), Some(last)) => [first.clone(), last.clone()],
            _ => [short(places.range.from), short(places.range.to)],
        };
        Some(places)
    }

    fn at(&self, value: &Json) -> Option<f64> {
        if self.texts.is_empty() { number(value) } else { self.texts.get(&plain(value)).copied() }
    }
}

/// How series are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pen {
    /// Eight dots in each character, in the colour of the series.
    Braille,
    /// The sign of the series.
    Signs,
}

impl Pen {
    fn of(style: Style, n_series: usize) -> Self {
        let can_tell = style.colour && n_series <= COLOURS.len() || n_series == 1;
        if style.charset == Charset::Unicode && can_tell { Self::Braille } else { Self::Signs }
    }

    /// Dots in a character, across and down.
    const fn dots(self) -> (usize, usize) {
        match self {
            Self::Braille => (2, 4),
            Self::Signs => (1, 1),
        }
    }

    /// Returns what stands for a series in the legend.
    fn sample(self, series: usize, style: Style) -> String {
        match self {
            Self::Braille => coloured(style, series, "⠤⠤"),
            Self::Signs => coloured(style, series, &SIGNS[series % SIGNS.len()].to_string()),
        }
    }
}

/// The area of points: for each character its dots, and the series that was drawn there last.
struct Canvas {
    pen: Pen,
    columns: usize,
    cells: Vec<Option<(u8, usize)>>,
}

impl Canvas {
    fn new(pen: Pen, columns: usize) -> Self {
        Self { pen, columns, cells: vec![None; columns * HEIGHT] }
    }

    /// Returns how many dots there are, across and down.
    fn size(&self) -> (usize, usize) {
        let (across, down) = self.pen.dots();
        (self.columns * across, HEIGHT * down)
    }

    fn dot(&mut self, (x, y): (usize, usize), series: usize) {
        // The bits of a braille character by column and row.
        const BITS: [[u8; 4]; 2] = [[0x01, 0x02, 0x04, 0x40], [0x08, 0x10, 0x20, 0x80]];
        let (across, down) = self.pen.dots();
        let cell = &mut self.cells[y / down * self.columns + x / across];
        let before = cell.map_or(0, |(dots, _)| dots);
        *cell = Some((before | BITS[x % across][y % down], series));
    }

    /// Joins two places by as many dots as the longer way has.
    fn line(&mut self, from: (usize, usize), to: (usize, usize), series: usize) {
        let n_steps = from.0.abs_diff(to.0).max(from.1.abs_diff(to.1)).max(1);
        let between = |from: usize, to: usize, step: usize| {
            let moved = (from.abs_diff(to) * step + n_steps / 2) / n_steps;
            if from <= to { from + moved } else { from - moved }
        };
        for step in 0..=n_steps {
            self.dot((between(from.0, to.0, step), between(from.1, to.1, step)), series);
        }
    }

    fn row(&self, row: usize, style: Style) -> String {
        let cells = &self.cells[row * self.columns..(row + 1) * self.columns];
        let last = cells.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        // One code for colours stands before all that have the same.
        let runs = cells[..last].chunk_by(|a, b| a.map(|(_, series)| series) == b.map(|(_, series)| series));
        let drawn = runs.map(|run| {
            let text: String = run.iter().map(|cell| cell.map_or(' ', |cell| self.sign(cell))).collect();
            run[0].map_or(text.clone(), |(_, series)| coloured(style, series, &text))
        });
        drawn.collect()
    }

    fn sign(&self, (dots, series): (u8, usize)) -> char {
        match self.pen {
            Pen::Braille => char::from_u32(0x2800 + u32::from(dots)).expect("braille has 256 characters"),
            Pen::Signs => SIGNS[series % SIGNS.len()],
        }
    }
}

fn plane(points: &Points, joined: Joined, style: Style) -> Option<String> {
    let places = Places::of(points)?;
    let values = points.series.iter().flat_map(|series| &series.rows).filter_map(|row| number(row.get(&points.y)?));
    let heights = Range::of(values)?;
    let pen = Pen::of(style, points.series.len());
    let labels = [(0, heights.to), (HEIGHT / 2, heights.middle()), (HEIGHT - 1, heights.from)];
    let labels: BTreeMap<usize, String> = labels.into_iter().map(|(row, value)| (row, short(value))).collect();
    let margin = labels.values().map(|label| width(label)).max().unwrap_or(0);
    let columns = style.width.saturating_sub(margin + 2).max(NARROWEST);
    let mut canvas = Canvas::new(pen, columns);
    for (at, series) in points.series.iter().enumerate() {
        draw(&mut canvas, (at, series), points, (&places, heights), joined);
    }
    let bar = pick(style, "│", "|");
    let mut text = format!("{}\n", cut(&inert(&points.y_label), style.width, style));
    for row in 0..HEIGHT {
        let label = labels.get(&row).map_or("", String::as_str);
        let line = format!("{label:>margin$} {bar}{}", canvas.row(row, style));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text.push_str(&x_axis(&places, &points.x_label, (margin, columns), style));
    text.push_str(&legend(points, pen, style));
    Some(text)
}

fn draw(
    canvas: &mut Canvas,
    (at, series): (usize, &Series),
    points: &Points,
    (places, heights): (&Places, Range),
    joined: Joined,
) {
    let (across, down) = canvas.size();
    let dot = |row: &Row| {
        let x = places.range.place(places.at(row.get(&points.x)?)?, across);
        let y = heights.place(number(row.get(&points.y)?)?, down);
        Some((x, down - 1 - y))
    };
    let mut before = None;
    for row in &series.rows {
        let here = dot(row);
        match (before.filter(|_| joined == Joined::Yes), here) {
            (Some(before), Some(here)) => canvas.line(before, here, at),
            (None, Some(here)) => canvas.dot(here, at),
            // A value that is missing breaks the line.
            (_, None) => {}
        }
        before = here;
    }
}

/// The line below the points, and below it both ends of the axis with its name between them.
fn x_axis(places: &Places, label: &str, (margin, columns): (usize, usize), style: Style) -> String {
    let (corner, dash) = (pick(style, "└", "+"), pick(style, "─", "-"));
    let [from, to] = places.ends.clone().map(|end| cut(&inert(&end), columns / 3, style).into_owned());
    let room = columns.saturating_sub(width(&from) + width(&to));
    let label = cut(&inert(label), room.saturating_sub(2), style).into_owned();
    let before = (room - width(&label)) / 2;
    let after = room - width(&label) - before;
    let names = format!("{from}{}{label}{}{to}", " ".repeat(before), " ".repeat(after));
    format!("{:margin$} {corner}{}\n{:margin$}  {names}\n", "", dash.repeat(columns), "")
}

/// Names the series where there is more than one.
fn legend(points: &Points, pen: Pen, style: Style) -> String {
    let mut text = String::new();
    for (at, series) in points.series.iter().enumerate().filter(|_| points.series.len() > 1) {
        let name = cut(&inert(&name(points, series)), style.width.saturating_sub(5), style).into_owned();
        writeln!(text, "  {} {name}", pen.sample(at, style)).expect("a string takes everything");
    }
    text
}

/// Names a series by what tells it apart.
fn name(points: &Points, series: &Series) -> String {
    let sources = points.sources();
    let several = |of: &dyn Fn(&Series) -> String| points.series.iter().map(of).collect::<BTreeSet<_>>().len() > 1;
    let mut parts = Vec::new();
    if several(&|series| series.revision.clone()) {
        parts.push(series.revision.as_str());
    }
    if sources.len() > 1 {
        parts.extend(several(&|series| series.source.file.clone()).then_some(series.source.file.as_str()));
        parts.extend(several(&|series| series.source.field.clone()).then_some(series.source.field.as_str()));
    }
    parts.join(" ")
}

/// How often each pair of values is there, for each revision and source.
fn counts(points: &Points, style: Style) -> Option<String> {
    let mut text = String::new();
    for series in &points.series {
        let mut counted: BTreeMap<(String, String), usize> = BTreeMap::new();
        for row in &series.rows {
            let value = |field: &str| row.get(field).map(plain).unwrap_or_default();
            *counted.entry((value(&points.y), value(&points.x))).or_default() += 1;
        }
        let xs: BTreeSet<&String> = counted.keys().map(|(_, x)| x).collect();
        let ys: BTreeSet<&String> = counted.keys().map(|(y, _)| y).collect();
        if xs.len().max(ys.len()) > MOST_KINDS {
            return None;
        }
        let corner = format!("{} \\ {}", inert(&points.y_label), inert(&points.x_label));
        let header: Vec<String> = std::iter::once(corner).chain(xs.iter().map(|x| inert(x))).collect();
        let mut table = Table::new(&header);
        for y in ys {
            let count = |x: &&String| counted.get(&(y.clone(), (*x).clone())).copied().unwrap_or(0);
            table.row_of(
                std::iter::once(inert(y)).chain(xs.iter().map(|x| count(x).to_string())).map(Cell::new).collect(),
            );
        }
        if points.series.len() > 1 {
            writeln!(text, "{}", inert(&name(points, series))).expect("a string takes everything");
        }
        text.push_str(&table.render(style));
    }
    Some(text)
}

/// A bar for each row, as long as its number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of the room there is")]
#[expect(clippy::cast_precision_loss, reason = "the room there is")]
fn bars(points: &Points, style: Style) -> Option<String> {
    let bars: Vec<(usize, String, f64)> = points
        .series
        .iter()
        .enumerate()
        .flat_map(|(at, series)| series.rows.iter().map(move |row| (at, row)))
        .filter_map(|(at, row)| Some((at, inert(&plain(row.get(&points.y)?)), number(row.get(&points.x)?)?)))
        .collect();
    let most = bars.iter().map(|(_, _, value)| value.abs()).fold(0.0, f64::max);
    if bars.is_empty() || bars.len() > MOST_KINDS * points.series.len() {
        return None;
    }
    let widest = bars.iter().map(|(_, label, _)| width(label)).max()?.min(style.width / 3);
    let room = style.width.saturating_sub(widest + 14).max(NARROWEST);
    let pen = if points.series.len() > 1 { Pen::of(style, points.series.len()) } else { Pen::Braille };
    let mut text = String::new();
    for (at, label, value) in bars {
        let length = if most > 0.0 { (value.abs() / most * room as f64).round() as usize } else { 0 };
        let sign = match pen {
            Pen::Braille => pick(style, "█", "#").to_owned(),
            Pen::Signs => SIGNS[at % SIGNS.len()].to_string(),
        };
        let label = cut(&label, widest, style);
        let pad = " ".repeat(widest - width(&label));
        let bar = coloured(style, at, &sign.repeat(length));
        writeln!(text, "{label}{pad}  {bar} {}", short(value)).expect("a string takes everything");
    }
    Some(text + &legend(points, pen, style))
}

fn coloured(style: Style, series: usize, text: &str) -> String {
    if style.colour { format!("\u{1b}[{}m{text}\u{1b}[0m", COLOURS[series % COLOURS.len()]) } else { text.to_owned() }
}

/// Returns a finite number, also one that stands in a text: there by the rule for columns of tables.
fn number(value: &Json) -> Option<f64> {
    let number = match value {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => data::number(text).and_then(|number| number.as_f64()),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    };
    number.filter(|number: &f64| number.is_finite())
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// Returns a number with four digits that count.
fn short(value: f64) -> String {
    if value != 0.0 && !(1e-3..1e6).contains(&value.abs()) {
        let rounded: f64 = format!("{value:.2e}").parse().unwrap_or(value);
        return format!("{rounded:e}");
    }
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    if value.abs() >= 1e4 { format!("{value:.0}") } else { rounded.to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Template;
    use super::super::template::tests::chart as sample;
    use super::*;
    use crate::report::paint::tests::PLAIN;
    use crate::report::plots::points::Source;

    const SMALL: Style = Style { width: 44, ..PLAIN };

    fn of(template: &str, series: &[(&str, Json)]) -> Chart {
        let one = |(revision, rows): &(&str, Json)| Series {
            revision: (*revision).to_owned(),
            source: Source { file: "a.csv".to_owned(), field: "v".to_owned() },
            rows: super::super::rows_of(rows),
        };
        let [x, y, x_label, y_label] = ["t", "v", "step", "loss"].map(str::to_owned);
        let points = Points { x, y, x_label, y_label, series: series.iter().map(one).collect() };
        Chart { title: "a.csv".to_owned(), points, template: Template::built_in(template).expect("it is built in") }
    }

    #[test]
    fn one_line_is_drawn_in_braille() {
        let rows: Vec<Json> = (0..40).map(|t| json!({ "t": t, "v": f64::from(t * t) / 100.0 })).collect();
        insta::assert_snapshot!(chart(&of("linear", &[("workspace", json!(rows))]), SMALL).expect("it is drawn"), @"
        a.csv
        loss
        15.21 │                                   ⢀⠎
              │                                  ⡠⠃
              │                                 ⡰⠁
              │                               ⢀⠜
              │                              ⡠⠊
              │                            ⢀⠜
              │                          ⢀⠔⠁
        7.605 │                         ⢀⠎
              │                       ⢀⠔⠁
              │                     ⡠⠒⠁
              │                  ⢀⠤⠊
              │                ⢀⠔⠊
              │            ⢀⡠⠔⠊⠁
              │         ⣀⠤⠊⠁
            0 │⣀⣀⣀⡠⠤⠤⠒⠒⠉
              └─────────────────────────────────────
               0               step               39
        ");
    }

    #[test]
    fn several_lines_have_signs_or_colours_and_a_legend() {
        let chart_of_two = sample("linear");
        insta::assert_snapshot!(chart(&chart_of_two, Style { charset: Charset::Ascii, ..SMALL }).expect("it is drawn"), @"
        Loss
        y
         2 |                                   *****
           |                         **********
           |++++++++++++++++++++++++++++++++++++++++
           |          *******
           |    ******
           |ooo*
           |   ooooo
        -1 |        ooooo
           |             ooooo
           |xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
           |                      oooo
           |                          oooo
           |                              oooo
           |                                  oooo
        -4 |                                      oo
           +----------------------------------------
            0                  t                   2
          * workspace loss
          + workspace a.b
          o HEAD loss
          x HEAD a.b
        ");
        let coloured = chart(&chart_of_two, Style { colour: true, ..SMALL }).expect("it is drawn");
        assert!(coloured.contains("\u{1b}[36m⠤⠤\u{1b}[0m workspace loss\n"), "{coloured}");
    }

    #[test]
    fn texts_stand_one_after_the_other_and_a_missing_value_breaks_the_line() {
        let rows = json!([{ "t": "mon", "v": 1 }, { "t": "tue", "v": null }, { "t": "wed", "v": 3 }, { "t": "thu", "v": "2" }]);
        insta::assert_snapshot!(chart(&of("simple", &[("r", rows)]), SMALL).expect("it is drawn"), @"
        a.csv
        loss
        3 │                           ⠑⢄
          │                             ⠑⢄
          │                              ⠈⠢⡀
          │                                ⠈⠢⡀
          │                                  ⠈⠢⡀
          │                                    ⠈⢆
          │                                      ⠑⢄
        2 │                                        ⠑
          │
          │
          │
          │
          │
          │
        1 │⡀
          └─────────────────────────────────────────
           mon               step                thu
        ");
        let same = json!([{ "t": 1, "v": 5 }]);
        assert!(chart(&of("scatter", &[("r", same)]), SMALL).expect("it is drawn").contains("7.5 │"));
        assert_eq!(chart(&of("simple", &[("r", json!([{ "t": 1, "v": "x" }]))]), SMALL), None);
    }

    #[test]
    fn pairs_are_counted_and_bars_are_as_long_as_their_numbers() {
        let rows = json!([{ "t": "cat", "v": "cat" }, { "t": "cat", "v": "dog" }, { "t": "cat", "v": "cat" }]);
        insta::assert_snapshot!(chart(&of("confusion", &[("r", rows)]), SMALL).expect("it is drawn"), @r"
        a.csv
        loss \ step  cat
        cat          2
        dog          1
        ");
        let rows = json!([{ "t": 3, "v": "age" }, { "t": 1.5, "v": "a long name of a feature" }, { "t": 0, "v": "x" }]);
        insta::assert_snapshot!(chart(&of("bar_horizontal", &[("r", rows)]), SMALL).expect("it is drawn"), @"
        a.csv
        age             ████████████████ 3
        a long name o…  ████████ 1.5
        x                0
        ");
    }

    #[test]
    fn numbers_are_short() {
        let check = |value: f64, expect: &str| assert_eq!(short(value), expect);
        check(0.0, "0");
        check(0.123_456, "0.1235");
        check(123_456.7, "123457");
        check(1.0 / 3.0 * 1e-9, "3.33e-10");
        check(-2_500_000.0, "-2.5e6");
        check(42.0, "42");
    }
}
