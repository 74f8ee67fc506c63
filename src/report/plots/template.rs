//! Templates: vega-lite with anchors in the places of what a plot fills in.
//!
//! The names of the templates, and the anchors `<DVC_METRIC_…>`, are DVC's, so that templates made for it work.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::Chart;
use super::points::{Points, Source};

/// A template as its text says it.
#[derive(Clone, Debug)]
pub struct Template {
    /// What it draws, as far as characters can draw it too.
    pub kind: Kind,
    spec: Json,
}

/// What a template draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Lines,
    Dots,
    /// How often each pair of values is there.
    Counts,
    Bars,
    /// A template of the user's own.
    Other,
}

const BUILT_IN: [(&str, Kind, &str); 9] = [
    ("simple", Kind::Lines, include_str!("templates/simple.json")),
    ("linear", Kind::Lines, include_str!("templates/linear.json")),
    ("confusion", Kind::Counts, include_str!("templates/confusion.json")),
    ("confusion_normalized", Kind::Counts, include_str!("templates/confusion_normalized.json")),
    ("scatter", Kind::Dots, include_str!("templates/scatter.json")),
    ("scatter_jitter", Kind::Dots, include_str!("templates/scatter_jitter.json")),
    ("smooth", Kind::Lines, include_str!("templates/smooth.json")),
    ("bar_horizontal_sorted", Kind::Bars, include_str!("templates/bar_horizontal_sorted.json")),
    ("bar_horizontal", Kind::Bars, include_str!("templates/bar_horizontal.json")),
];

/// The template of a plot that names none.
pub const DEFAULT: &str = "linear";

/// Returns the names of the built-in templates.
pub fn names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _, _)| *name)
}

/// Returns the text of a built-in template.
pub fn built_in_text(name: &str) -> Option<&'static str> {
    BUILT_IN.iter().find(|(known, _, _)| *known == name).map(|(_, _, text)| *text)
}

/// Why a text is not a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    #[error("it is not JSON: {0}")]
    NotJson(String),
    #[error("it has no place for the points, which is `\"<DVC_METRIC_DATA>\"`")]
    NoData,
}

impl Template {
    /// Returns the built-in template called `name`.
    pub fn built_in(name: &str) -> Option<Self> {
        let (_, kind, text) = BUILT_IN.iter().find(|(known, _, _)| *known == name)?;
        Some(Self { kind: *kind, spec: serde_json::from_str(text).expect("ours are JSON") })
    }

    /// Reads a template of the user's own.
    pub fn parse(text: &str) -> Result<Self, BadTemplate> {
        let spec: Json = serde_json::from_str(text).map_err(|error| BadTemplate::NotJson(error.to_string()))?;
        let template = Self { kind: Kind::Other, spec };
        if template.has(&anchor("data")) { Ok(template) } else { Err(BadTemplate::NoData) }
    }

    fn has(&self, anchor: &str) -> bool {
        has(&self.spec, anchor)
    }
}

fn has(spec: &Json, anchor: &str) -> bool {
    match spec {
        Json::String(text) => text == anchor,
        Json::Array(items) => items.iter().any(|item| has(item, anchor)),
        Json::Object(entries) => entries.values().any(|value| has(value, anchor)),
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

fn anchor(name: &str) -> String {
    format!("<DVC_METRIC_{}>", name.to_uppercase())
}

const COLOURS: [&str; 7] = ["#945dd6", "#13adc7", "#f46837", "#48bb78", "#4299e1", "#ed8936", "#f56565"];
const SHAPES: [&str; 4] = ["circle", "square", "triangle", "diamond"];
const DASHES: [&[u8]; 7] = [&[1, 0], &[8, 8], &[8, 4], &[4, 4], &[4, 2], &[2, 1], &[1, 1]];

/// Where the source of a point stands, when a plot has several.
struct Told {
    /// The field of a point that tells its source; `None` when all points have the same.
    field: Option<&'static str>,
    /// All that the field can be.
    domain: Vec<String>,
}

const FILE: &str = "filename";
const FIELD: &str = "field";
const BOTH: &str = "filename::field";

impl Told {
    fn of(points: &Points) -> Self {
        let sources = points.sources();
        let n_files = sources.iter().map(|source| &source.file).collect::<BTreeSet<_>>().len();
        let n_fields = sources.iter().map(|source| &source.field).collect::<BTreeSet<_>>().len();
        let field = match (n_files > 1, n_fields > 1) {
            (true, true) => Some(BOTH),
            (true, false) => Some(FILE),
            (false, true) => Some(FIELD),
            (false, false) => None,
        };
        let mut told = Self { field, domain: Vec::new() };
        told.domain =
            sources.iter().filter_map(|source| told.value(source)).collect::<BTreeSet<_>>().into_iter().collect();
        told
    }

    fn value(&self, source: &Source) -> Option<String> {
        Some(match self.field? {
            FILE => source.file.clone(),
            FIELD => source.field.clone(),
            _ => format!("{}::{}", source.file, source.field),
        })
    }
}

/// Returns the vega-lite of a chart: its template with the points and all anchors filled in.
pub fn spec(chart: &Chart) -> Json {
    let filled = fill(&chart.template.spec, &anchors(chart));
    without_empty(filled)
}

fn anchors(chart: &Chart) -> Map<String, Json> {
    let points = &chart.points;
    let told = Told::of(points);
    let (x, y) = (plain_name(&points.x), plain_name(&points.y));
    let group: Vec<&str> = std::iter::once("rev").chain(told.field).collect();
    let grouped = |more: &[&str]| json!([&group[..], more].concat());
    let shown = |field: &str, name: &str| json!({ "field": field, "title": name });
    let tooltip: Vec<Json> = [shown("rev", "rev"), shown(&x, &points.x_label), shown(&y, &points.y_label)]
        .into_iter()
        .chain(told.field.map(|field| shown(field, field)))
        .collect();
    let facet = told.field.map_or(json!({}), |field| json!({ "field": field, "type": "nominal", "sort": [] }));
    let pivot: Vec<String> = group.iter().map(|field| format!("datum['{field}']")).collect();
    let values = [
        ("data", json!(rows(chart, &told))),
        ("title", json!(chart.title)),
        ("x", json!(x)),
        ("y", json!(y)),
        ("x_label", json!(points.x_label)),
        ("y_label", json!(points.y_label)),
        ("color", scale("rev", &points.revisions(), &COLOURS, json!({}))),
        ("shape", told.scale(&SHAPES)),
        ("stroke_dash", told.scale(&DASHES)),
        ("group_by", grouped(&[])),
        ("group_by_x", grouped(&[&x])),
        ("group_by_y", grouped(&[&y])),
        ("group_by_x_y", grouped(&[&x, &y])),
        ("pivot_field", json!(pivot.join(" + '::' + "))),
        ("tooltip", json!(tooltip)),
        ("row", facet.clone()),
        ("column", facet),
        ("plot_width", json!(300)),
        ("plot_height", json!(300)),
        ("zoom_and_pan", json!({ "name": "grid", "select": "interval", "bind": "scales" })),
    ];
    values.into_iter().map(|(name, value)| (anchor(name), value)).collect()
}

impl Told {
    /// Tells sources apart by the values of `range`.
    fn scale<T: serde::Serialize>(&self, range: &[T]) -> Json {
        let legend = json!({ "symbolFillColor": "transparent", "symbolStrokeColor": "grey" });
        self.field.map_or(json!({}), |field| scale(field, &self.domain, range, json!({ "legend": legend })))
    }
}

fn scale<T: serde::Serialize>(field: &str, domain: &[impl serde::Serialize], range: &[T], more: Json) -> Json {
    let range: Vec<&T> = range.iter().cycle().take(domain.len()).collect();
    let mut scale = json!({ "field": field, "type": "nominal", "scale": { "domain": domain, "range": range } });
    if let (Json::Object(scale), Json::Object(more)) = (&mut scale, more) {
        scale.extend(more);
    }
    scale
}

/// Returns every point with its revision, and with its source when there are several.
///
/// A template of the user's own that knows none of the optional anchors gets file and field, to do with what it wants.
fn rows(chart: &Chart, told: &Told) -> Vec<Json> {
    const OPTIONAL: [&str; 8] =
        ["color", "column", "group_by", "group_by_x", "group_by_y", "row", "shape", "stroke_dash"];
    let plain = !OPTIONAL.iter().any(|name| chart.template.has(&anchor(name)));
    let mut points = Vec::new();
    for series in &chart.points.series {
        for row in &series.rows {
            let mut point = row.clone();
            for field in [&chart.points.x, &chart.points.y].into_iter().filter(|field| plain_name(field) != **field) {
                point.insert(plain_name(field), row.get(field).cloned().unwrap_or_default());
            }
            point.insert("rev".to_owned(), json!(series.revision));
            if plain {
                point.insert(FILE.to_owned(), json!(series.source.file));
                point.insert(FIELD.to_owned(), json!(series.source.field));
            } else if let (Some(field), Some(value)) = (told.field, told.value(&series.source)) {
                point.insert(field.to_owned(), json!(value));
            }
            points.push(Json::Object(point));
        }
    }
    points
}

/// In vega-lite a dot or a bracket in the name of a field leads into an object, and not all of its transforms know how to
/// escape one: a point has the value under a plain name too.
fn plain_name(field: &str) -> String {
    field.replace(['.', '[', ']'], "_")
}

/// Replaces anchors: a text that is one by its value, and one inside of a text by the text of its value.
fn fill(spec: &Json, anchors: &Map<String, Json>) -> Json {
    match spec {
        Json::String(text) => match anchors.get(text) {
            Some(value) => value.clone(),
            None => Json::String(anchors.iter().fold(text.clone(), |text, (anchor, value)| match value {
                Json::String(value) => text.replace(anchor, value),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => text,
            })),
        },
        Json::Array(items) => items.iter().map(|item| fill(item, anchors)).collect(),
        Json::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), fill(value, anchors))).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) => spec.clone(),
    }
}

/// Leaves out what has nothing to say, such as the dash of lines that all come from one source.
fn without_empty(spec: Json) -> Json {
    match spec {
        Json::Array(items) => items.into_iter().map(without_empty).collect(),
        Json::Object(entries) => {
            let says = |value: &Json| value.as_object().is_none_or(|entries| !entries.is_empty());
            // The points are the user's, whatever they hold.
            let kept = |(key, value): (String, Json)| {
                let value = if key == "values" { value } else { without_empty(value) };
                (key, value)
            };
            entries.into_iter().filter(|(_, value)| says(value)).map(kept).collect()
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => spec,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::pipeline::{Axis, Drawing};
    use crate::report::plots::points::Revision;
    use crate::words::RelPath;

    /// A chart of two revisions and two fields, one of which has a dot in its name.
    pub fn chart(template: &str) -> Chart {
        let file = RelPath::parse("d.json").expect("a path");
        let rows = |scale: i64| {
            let row = |t: i64| json!({ "t": t, "loss": scale * t, "a.b": scale });
            (0..3).filter_map(|t| row(t).as_object().cloned()).collect()
        };
        let revision =
            |name: &str, scale| Revision { name: name.to_owned(), files: [(file.clone(), rows(scale))].into() };
        let fields = |names: &[&str]| Axis::Fields(names.iter().map(ToString::to_string).collect());
        let drawing = Drawing { x: fields(&["t"]), y: fields(&["loss", "a.b"]), ..Drawing::default() };
        let (points, _) = Points::of(&drawing, Some(&file), &[revision("workspace", 1), revision("HEAD", -2)]);
        let template = Template::built_in(template).expect("it is built in");
        Chart { title: "Loss".to_owned(), points: points.expect("it has points"), template }
    }

    #[test]
    fn anchors_are_filled_and_what_is_empty_is_left_out() {
        let mut spec = spec(&chart("simple"));
        let points = spec["data"].take();
        insta::assert_snapshot!(points["values"][11], @r#"{"t":2,"loss":-4,"a.b":-2,"dvc_inferred_y_value":-2,"rev":"HEAD","field":"a.b"}"#);
        insta::assert_snapshot!(spec, @r##"{"$schema":"https://vega.github.io/schema/vega-lite/v5.json","data":null,"title":{"text":"Loss","anchor":"middle"},"width":300,"height":300,"params":[{"name":"grid","select":"interval","bind":"scales"}],"mark":{"type":"line","tooltip":{"content":"data"}},"encoding":{"x":{"field":"t","type":"quantitative","title":"t"},"y":{"field":"dvc_inferred_y_value","type":"quantitative","title":"y","scale":{"zero":false}},"color":{"field":"rev","type":"nominal","scale":{"domain":["workspace","HEAD"],"range":["#945dd6","#13adc7"]}},"strokeDash":{"field":"field","type":"nominal","scale":{"domain":["a.b","loss"],"range":[[1,0],[8,8]]},"legend":{"symbolFillColor":"transparent","symbolStrokeColor":"grey"}},"tooltip":[{"field":"rev","title":"rev"},{"field":"t","title":"t"},{"field":"dvc_inferred_y_value","title":"y"},{"field":"field","title":"field"}]}}"##);
    }

    #[test]
    fn a_field_with_a_dot_is_drawn_by_a_plain_name() {
        let mut chart = chart("simple");
        chart.points.y = "a.b".to_owned();
        let spec = spec(&chart);
        assert_eq!(spec["encoding"]["y"]["field"], "a_b");
        assert_eq!(spec["data"]["values"][0]["a_b"], 1);
    }

    #[test]
    fn no_template_keeps_an_anchor() {
        for name in names() {
            let filled = spec(&chart(name)).to_string();
            assert!(!filled.contains("DVC_METRIC"), "{name}: {filled}");
        }
    }

    #[test]
    fn a_template_of_ones_own_needs_a_place_for_the_points() {
        assert_eq!(Template::parse("{\"mark\": \"line\"}").map(|_| ()), Err(BadTemplate::NoData));
        assert!(matches!(Template::parse("{"), Err(BadTemplate::NotJson(_))));
        let own = "{\"data\": {\"values\": \"<DVC_METRIC_DATA>\"}, \"about\": \"<DVC_METRIC_Y> of <DVC_METRIC_X>\"}";
        let chart = Chart { template: Template::parse(own).expect("it is a template"), ..chart("simple") };
        let spec = spec(&chart);
        assert_eq!(spec["about"], "dvc_inferred_y_value of t");
        assert_eq!(
            spec["data"]["values"][3],
            json!({
                "t": 0, "loss": 0, "a.b": 1, "dvc_inferred_y_value": 1, "rev": "workspace", "filename": "d.json", "field": "a.b",
            })
        );
    }
}
