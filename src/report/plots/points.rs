//! The points of one plot: of all revisions, from all files that its axes name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::data::Row;
use crate::pipeline::{Axis, Drawing};
use crate::words::RelPath;

/// The rows that one revision has, by file.
#[derive(Clone, Debug)]
pub struct Revision {
    pub name: String,
    pub files: BTreeMap<RelPath, Vec<Row>>,
}

/// What is drawn: rows in which every point has the fields `x` and `y`.
#[derive(Clone, Debug, PartialEq)]
pub struct Points {
    pub x: String,
    pub y: String,
    pub x_label: String,
    pub y_label: String,
    pub series: Vec<Series>,
}

/// The points of one field of one file in one revision.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    pub revision: String,
    pub source: Source,
    pub rows: Vec<Row>,
}

/// Where the values of the y axis come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// Without what the paths of all files of the plot have in common.
    pub file: String,
    pub field: String,
}

/// Why a revision has no points.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoPoints {
    #[error("`{file}` has no field `{field}`; it has {}", quoted(.has))]
    NoField { file: RelPath, field: String, has: Vec<String> },
    #[error("{n_x} fields of the x axis do not fit {n_y} of the y axis")]
    Uneven { n_x: usize, n_y: usize },
    #[error("`{x}` has {n_x} points and `{y}` {n_y}, so they cannot be drawn against each other")]
    Lengths { x: RelPath, n_x: usize, y: RelPath, n_y: usize },
    #[error("`{file}` has no points: it is to have rows, or a list of mappings with equal keys")]
    Empty { file: RelPath },
}

impl NoPoints {
    /// Returns the next step.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NoField { .. } => "name one of them with `-x` or `-y`, or in the pipeline file",
            Self::Uneven { .. } => "name one field for the x axis, or one for each of the y axis",
            Self::Lengths { .. } => "draw fields of files that have a point for each other's",
            Self::Empty { .. } => "write CSV, TSV, JSON or YAML with a value for each point",
        }
    }
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    crate::words::text::list(&quoted)
}

/// The field of values where the y axis shows several fields.
const VALUE: &str = "dvc_inferred_y_value";
/// The field of places where the x axis shows several fields.
const PLACE: &str = "dvc_inferred_x_value";
/// The field of the x axis when nothing is said: the file's own, or the number of the row.
const STEP: &str = "step";

/// A field of a file.
type Field = (RelPath, String);

impl Points {
    /// Takes the points of a plot out of each revision; the first error of a revision is told under its name.
    ///
    /// `own` is the file that the plot is called after. A revision without the files adds nothing.
    pub fn of(
        drawing: &Drawing,
        own: Option<&RelPath>,
        revisions: &[Revision],
    ) -> (Option<Self>, Vec<(String, NoPoints)>) {
        let mut errors = Vec::new();
        let ys = ys(drawing, own, revisions);
        if let (true, Some(file)) = (ys.is_empty(), own) {
            let has_file = revisions.iter().filter(|revision| revision.files.contains_key(file));
            let empty = |revision: &Revision| (revision.name.clone(), NoPoints::Empty { file: file.clone() });
            return (None, has_file.map(empty).collect());
        }
        let plan = match Plan::new(drawing, own, ys) {
            Ok(plan) => plan,
            Err(error) => return (None, vec![(String::new(), error)]),
        };
        let mut series = Vec::new();
        for revision in revisions {
            match plan.series(revision) {
                Ok(found) => series.extend(found),
                Err(error) => errors.push((revision.name.clone(), error)),
            }
        }
        if series.is_empty() {
            return (None, errors);
        }
        (Some(Self { series, ..plan.points }), errors)
    }

    /// Returns the names of the revisions that have points.
    pub fn revisions(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for series in &self.series {
            if !names.contains(&series.revision.as_str()) {
                names.push(&series.revision);
            }
        }
        names
    }

    /// Returns the sources of the y axis, sorted.
    pub fn sources(&self) -> BTreeSet<&Source> {
        self.series.iter().map(|series| &series.source).collect()
    }
}

/// Returns the fields of the y axis; what is not said is the last field of the plot's own file.
fn ys(drawing: &Drawing, own: Option<&RelPath>, revisions: &[Revision]) -> Vec<Field> {
    let of = |file: &RelPath, fields: &[String]| fields.iter().map(|f| (file.clone(), f.clone())).collect::<Vec<_>>();
    match (&drawing.y, own) {
        (Axis::Files(files), _) => files.iter().flat_map(|(file, fields)| of(file, fields)).collect(),
        (Axis::Fields(fields), Some(own)) => of(own, fields),
        (Axis::Inferred, Some(own)) => {
            let mut first_rows = revisions.iter().filter_map(|revision| revision.files.get(own)?.first());
            first_rows
                .find_map(|row| row.keys().next_back())
                .map(|field| (own.clone(), field.clone()))
                .into_iter()
                .collect()
        }
        (Axis::Fields(_) | Axis::Inferred, None) => Vec::new(),
    }
}

/// What each revision is asked for.
struct Plan {
    /// Still without series.
    points: Points,
    /// Each field of the y axis with what it is drawn over; `None` is the number of the row.
    fields: Vec<(Field, Option<Field>)>,
    /// What the paths of the files have in common, and is not shown.
    common: RelPath,
}

impl Plan {
    fn new(drawing: &Drawing, own: Option<&RelPath>, ys: Vec<Field>) -> Result<Self, NoPoints> {
        let xs = xs(drawing, own, &ys)?;
        let single = |fields: &BTreeSet<&String>, several: &str| match fields.iter().next() {
            Some(field) if fields.len() == 1 => (*field).clone(),
            Some(_) | None => several.to_owned(),
        };
        let y_fields: BTreeSet<&String> = ys.iter().map(|(_, field)| field).collect();
        let x_fields: BTreeSet<&String> = xs.iter().flatten().map(|(_, field)| field).collect();
        let x = if x_fields.is_empty() { STEP.to_owned() } else { single(&x_fields, PLACE) };
        let x_label = if x_fields.is_empty() { STEP.to_owned() } else { single(&x_fields, "x") };
        let points = Points {
            y: single(&y_fields, VALUE),
            x,
            y_label: drawing.y_label.clone().unwrap_or_else(|| single(&y_fields, "y")),
            x_label: drawing.x_label.clone().unwrap_or(x_label),
            series: Vec::new(),
        };
        let files: BTreeSet<&RelPath> = ys.iter().map(|(file, _)| file).collect();
        let common = common_folder(&files);
        Ok(Self { points, fields: ys.into_iter().zip(xs).collect(), common })
    }

    fn series(&self, revision: &Revision) -> Result<Vec<Series>, NoPoints> {
        let mut found = Vec::new();
        for ((y_file, y_field), x) in &self.fields {
            let Some(rows) = revision.files.get(y_file) else { continue };
            let values = column(y_file, rows, y_field)?;
            let places = match x {
                Some((file, field)) => match revision.files.get(file) {
                    Some(rows) => Some((file, column(file, rows, field)?)),
                    None => continue,
                },
                None if rows[0].contains_key(STEP) && y_field != STEP => Some((y_file, column(y_file, rows, STEP)?)),
                None => None,
            };
            if let Some((x, places)) = places.as_ref().filter(|(_, places)| places.len() != values.len()) {
                let lengths = (places.len(), values.len());
                return Err(NoPoints::Lengths { x: (*x).clone(), n_x: lengths.0, y: y_file.clone(), n_y: lengths.1 });
            }
            let places = places.map(|(_, places)| places);
            let rows = rows.iter().enumerate().map(|(at, row)| {
                let mut row = row.clone();
                let place = places.as_ref().map_or_else(|| Json::from(at), |places| places[at].clone());
                row.insert(self.points.y.clone(), values[at].clone());
                row.insert(self.points.x.clone(), place);
                row
            });
            let source = Source { file: y_file.seen_from(&self.common), field: y_field.clone() };
            found.push(Series { revision: revision.name.clone(), source, rows: rows.collect() });
        }
        Ok(found)
    }
}

/// Returns what each field of the y axis is drawn over.
fn xs(drawing: &Drawing, own: Option<&RelPath>, ys: &[Field]) -> Result<Vec<Option<Field>>, NoPoints> {
    let xs: Vec<Field> = match &drawing.x {
        Axis::Inferred => return Ok(vec![None; ys.len()]),
        Axis::Fields(fields) => match (fields.as_slice(), own) {
            // One name is meant in each file of the y axis.
            ([field], _) => return Ok(ys.iter().map(|(file, _)| Some((file.clone(), field.clone()))).collect()),
            (fields, own) => own.iter().flat_map(|own| fields.iter().map(|f| ((*own).clone(), f.clone()))).collect(),
        },
        Axis::Files(files) => {
            files.iter().flat_map(|(file, fields)| fields.iter().map(|f| (file.clone(), f.clone()))).collect()
        }
    };
    match xs.len() {
        1 => Ok(vec![Some(xs[0].clone()); ys.len()]),
        n_x if n_x == ys.len() => Ok(xs.into_iter().map(Some).collect()),
        n_x => Err(NoPoints::Uneven { n_x, n_y: ys.len() }),
    }
}

fn column<'r>(file: &RelPath, rows: &'r [Row], field: &str) -> Result<Vec<&'r Json>, NoPoints> {
    let Some(first) = rows.first() else { return Err(NoPoints::Empty { file: file.clone() }) };
    if !first.contains_key(field) {
        let has = first.keys().cloned().collect();
        return Err(NoPoints::NoField { file: file.clone(), field: field.to_owned(), has });
    }
    Ok(rows.iter().map(|row| row.get(field).unwrap_or(&Json::Null)).collect())
}

/// Returns the innermost folder that all files are in; of one file nothing is left out.
fn common_folder(files: &BTreeSet<&RelPath>) -> RelPath {
    if files.len() < 2 {
        return RelPath::root();
    }
    let mut common = files.first().map_or_else(RelPath::root, |file| file.parent());
    while !files.iter().all(|file| common.contains(file)) {
        common = common.parent();
    }
    common
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use serde_json::json;

    use super::*;
    use crate::report::plots::data::rows_of;

    fn path(text: &str) -> RelPath {
        RelPath::parse(text).expect("a path")
    }

    fn revision(name: &str, files: &[(&str, Json)]) -> Revision {
        let files = files.iter().map(|(file, tree)| (path(file), rows_of(tree))).collect();
        Revision { name: name.to_owned(), files }
    }

    fn fields(names: &[&str]) -> Axis {
        Axis::Fields(names.iter().map(ToString::to_string).collect())
    }

    fn files(named: &[(&str, &[&str])]) -> Axis {
        let one = |(file, names): &(&str, &[&str])| (path(file), names.iter().map(ToString::to_string).collect());
        Axis::Files(named.iter().map(one).collect())
    }

    /// One line for each series: where it is from, and its points.
    fn drawn(drawing: &Drawing, own: Option<&str>, revisions: &[Revision]) -> String {
        let own = own.map(path);
        let (points, errors) = Points::of(drawing, own.as_ref(), revisions);
        let mut text = String::new();
        if let Some(points) = &points {
            writeln!(text, "{} ({}) over {} ({})", points.y, points.y_label, points.x, points.x_label).unwrap();
            for Series { revision, source, rows } in &points.series {
                let point = |row: &Row| format!(" {},{}", row[&points.x], row[&points.y]);
                let all: String = rows.iter().map(point).collect();
                writeln!(text, "{revision} {}::{}{all}", source.file, source.field).unwrap();
            }
        }
        for (revision, error) in &errors {
            writeln!(text, "{revision}: {error}").unwrap();
        }
        text
    }

    fn two() -> Vec<Revision> {
        let a = json!([{ "t": 5, "v": 1 }, { "t": 6, "v": 2 }]);
        let b = json!([{ "t": 7, "v": 3, "w": 4 }, { "t": 8, "v": 5, "w": 6 }]);
        vec![revision("workspace", &[("d/a.json", a.clone()), ("d/b.json", b)]), revision("HEAD", &[("d/a.json", a)])]
    }

    #[test]
    fn what_is_not_said_is_inferred() {
        insta::assert_snapshot!(drawn(&Drawing::default(), Some("d/a.json"), &two()), @"
        v (v) over step (step)
        workspace d/a.json::v 0,1 1,2
        HEAD d/a.json::v 0,1 1,2
        ");
        let x = Drawing { x: fields(&["t"]), y: fields(&["v", "w"]), ..Drawing::default() };
        insta::assert_snapshot!(drawn(&x, Some("d/b.json"), &two()), @"
        dvc_inferred_y_value (y) over t (t)
        workspace d/b.json::v 7,3 8,5
        workspace d/b.json::w 7,4 8,6
        ");
        let own_step = [revision("r", &[("s.json", json!([{ "step": 100, "v": 1 }]))])];
        insta::assert_snapshot!(drawn(&Drawing::default(), Some("s.json"), &own_step), @"
        v (v) over step (step)
        r s.json::v 100,1
        ");
    }

    #[test]
    fn fields_of_several_files_are_drawn_together() {
        let y = files(&[("d/a.json", &["v"]), ("d/b.json", &["v", "w"])]);
        let plain = Drawing { x: fields(&["t"]), y: y.clone(), ..Drawing::default() };
        insta::assert_snapshot!(drawn(&plain, None, &two()), @"
        dvc_inferred_y_value (y) over t (t)
        workspace a.json::v 5,1 6,2
        workspace b.json::v 7,3 8,5
        workspace b.json::w 7,4 8,6
        HEAD a.json::v 5,1 6,2
        ");
        let x = files(&[("d/b.json", &["t"])]);
        let crossed = Drawing { x, y: files(&[("d/a.json", &["v"])]), ..Drawing::default() };
        insta::assert_snapshot!(drawn(&crossed, None, &two()), @"
        v (v) over t (t)
        workspace d/a.json::v 7,1 8,2
        ");
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let missing = Drawing { y: fields(&["w"]), ..Drawing::default() };
        insta::assert_snapshot!(drawn(&missing, Some("d/a.json"), &two()), @"
        workspace: `d/a.json` has no field `w`; it has `t` and `v`
        HEAD: `d/a.json` has no field `w`; it has `t` and `v`
        ");
        let x = files(&[("d/a.json", &["t"]), ("d/b.json", &["t"])]);
        let uneven = Drawing { x, y: fields(&["v"]), ..Drawing::default() };
        insta::assert_snapshot!(drawn(&uneven, Some("d/a.json"), &two()), @": 2 fields of the x axis do not fit 1 of the y axis");
        let empty = [revision("r", &[("a", json!({ "auc": 0.5 }))])];
        insta::assert_snapshot!(drawn(&Drawing::default(), Some("a"), &empty), @"r: `a` has no points: it is to have rows, or a list of mappings with equal keys");
        let short = [revision("r", &[("a", json!([{ "v": 1 }])), ("b", json!([{ "t": 1 }, { "t": 2 }]))])];
        let lengths = Drawing { x: files(&[("b", &["t"])]), y: files(&[("a", &["v"])]), ..Drawing::default() };
        insta::assert_snapshot!(drawn(&lengths, None, &short), @"r: `b` has 2 points and `a` 1, so they cannot be drawn against each other");
    }
}
