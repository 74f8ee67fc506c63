//! `drift`: how far columns are from a stored reference.

use lockgate_spanned::{Fields, Node, Value};
use serde::{Deserialize, Serialize};

use crate::bounds::{Bounds, Tested};
use crate::reader::Reader;

const DISTANCES: [&str; 5] = ["psi", "ks", "wasserstein", "jensen_shannon", "chi_square"];
const KEYS: [&str; 11] = [
    "reference",
    "columns",
    "psi",
    "ks",
    "wasserstein",
    "jensen_shannon",
    "chi_square",
    "bins",
    "min_rows",
    "critical",
    "share_drifted",
];

/// Which columns are compared with the reference, and how far each may be from it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    /// The file that `lockgate gate reference` writes.
    pub reference: String,
    pub columns: Columns,
    /// The number of bins of a numeric column, as quantiles of the reference.
    pub bins: u64,
    /// With fewer rows the gate is inconclusive.
    pub min_rows: u64,
    /// Columns that fail alone though the others fail together; only where `share_drifted` is set.
    pub critical: Vec<String>,
    /// The share of the columns that are not critical above which they fail; unset, every column fails alone.
    pub share_drifted: Option<f64>,
}

/// The columns that are watched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Columns {
    /// All that the reference has: those of the data when it was made.
    All(Distances),
    These(Vec<Watched>),
}

/// A column and its distances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    pub name: String,
    pub distances: Distances,
}

/// The distances that are computed of a column; at least one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Distances {
    /// The population stability index, in nats.
    pub psi: Option<Bounds>,
    /// The statistic of Kolmogorov and Smirnov, within [0, 1]; numbers only.
    pub ks: Option<Tested>,
    /// The Wasserstein-1 distance in standard deviations of the reference; numbers only.
    pub wasserstein: Option<Bounds>,
    /// The Jensen-Shannon distance to base 2, within [0, 1].
    pub jensen_shannon: Option<Bounds>,
    /// Cramér's V of Pearson's test, within [0, 1].
    pub chi_square: Option<Tested>,
}

const BINS: u64 = 10;
const MIN_ROWS: u64 = 50;

impl Drift {
    pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let fields = reader.settings(node, &KEYS)?;
        let example = "references/features.json";
        let reference = reader.needed(&fields, "reference", example).and_then(|node| reader.path("reference", node));
        let columns = columns(&fields, reader);
        let bins = fields.get("bins").and_then(|node| reader.count("bins", node, 2)).unwrap_or(BINS);
        let min_rows = fields.get("min_rows").and_then(|node| reader.count("min_rows", node, 1)).unwrap_or(MIN_ROWS);
        let share_drifted = fields.get("share_drifted").and_then(|node| share_drifted(node, reader));
        let critical = critical(&fields, columns.as_ref(), reader);
        Some(Self { reference: reference?, columns: columns?, bins, min_rows, critical, share_drifted })
    }
}

fn share_drifted(node: &Node, reader: &mut Reader<'_>) -> Option<f64> {
    let share = reader.share("share_drifted", node)?;
    if share < 1.0 {
        return Some(share);
    }
    reader.refuse(node.span, "more than all columns cannot drift", "write a percentage below `100%`")
}

impl Distances {
    fn read(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Self {
        let mut bounds = |key: &str, most| fields.get(key).and_then(|node| Bounds::read(key, most, node, reader));
        let (psi, wasserstein) = (bounds("psi", f64::INFINITY), bounds("wasserstein", f64::INFINITY));
        let jensen_shannon = bounds("jensen_shannon", 1.0);
        let mut tested = |key: &str| fields.get(key).and_then(|node| Tested::read(key, 1.0, node, reader));
        Self { psi, ks: tested("ks"), wasserstein, jensen_shannon, chi_square: tested("chi_square") }
    }

    /// The distances of a column that has some of its own: those, and for the rest those of the gate.
    fn or(self, gate: Self) -> Self {
        Self {
            psi: self.psi.or(gate.psi),
            ks: self.ks.or(gate.ks),
            wasserstein: self.wasserstein.or(gate.wasserstein),
            jensen_shannon: self.jensen_shannon.or(gate.jensen_shannon),
            chi_square: self.chi_square.or(gate.chi_square),
        }
    }
}

fn columns(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Columns> {
    let gate = Distances::read(fields, reader);
    let node = reader.needed(fields, "columns", "[elo_diff, form_points]")?;
    let columns = match &node.value {
        Value::Str(text) if text == "*" => Columns::All(gate),
        Value::Map(_) => Columns::These(watched(node, gate, reader)),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::List(_) => {
            let names = reader.texts("columns", node)?;
            Columns::These(names.into_iter().map(|name| Watched { name, distances: gate }).collect())
        }
    };
    if is_given(fields) {
        return Some(columns);
    }
    let without = match &columns {
        Columns::All(_) => Some("a column"),
        Columns::These(watched) => {
            watched.iter().find(|one| !own_is_given(node, &one.name)).map(|one| one.name.as_str())
        }
    };
    let Some(name) = without else { return Some(columns) };
    let help = format!("add `psi: {{warn: 0.1, fail: 0.2}}`; distances: {}", DISTANCES.join(", "));
    reader.refuse(fields.span(), format!("`drift` has no distance by which to judge `{name}`"), help)
}

/// Whether a distance is written in a mapping, right or wrong.
fn is_given(fields: &Fields<'_>) -> bool {
    DISTANCES.iter().any(|distance| fields.get(distance).is_some())
}

fn own_is_given(columns: &Node, name: &str) -> bool {
    columns.get(name).is_some_and(|own| DISTANCES.iter().any(|distance| own.get(distance).is_some()))
}

/// Reads a mapping from column to its own distances; a column without any has those of the gate.
fn watched(node: &Node, gate: Distances, reader: &mut Reader<'_>) -> Vec<Watched> {
    let mut watched = Vec::new();
    for (name, own) in reader.entries("columns", node, "{elo_diff: {psi: 0.1}}") {
        let distances = match &own.value {
            Value::Null => gate,
            Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Str(_) | Value::List(_) | Value::Map(_) => {
                let Some(fields) = reader.open(&name.text, own, &DISTANCES) else { continue };
                Distances::read(&fields, reader).or(gate)
            }
        };
        watched.push(Watched { name: name.text.clone(), distances });
    }
    watched
}

fn critical(fields: &Fields<'_>, columns: Option<&Columns>, reader: &mut Reader<'_>) -> Vec<String> {
    let Some((key, node)) = fields.entry("critical") else { return Vec::new() };
    if fields.get("share_drifted").is_none() {
        let help = "remove it, or add `share_drifted: 50%`, above which the other columns fail together";
        reader.refuse::<()>(
            key.span,
            "without `share_drifted` every column fails alone, and `critical` says nothing",
            help,
        );
    }
    let names = reader.texts("critical", node).unwrap_or_default();
    if let Some(Columns::These(watched)) = columns {
        for name in names.iter().filter(|name| watched.iter().all(|one| one.name != **name)) {
            let message = format!("critical column `{name}` is not among `columns`");
            reader.refuse::<()>(node.span, message, format!("add `{name}` to `columns`, or remove it here"));
        }
    }
    names
}
