//! `regression`: whether metrics are worse, or suspiciously better, than a committed baseline.

use lockgate_spanned::{Fields, Node, Value};
use serde::{Deserialize, Serialize};

use crate::reader::Reader;

/// Which metrics are compared with which baseline, and what makes the two comparable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Regression {
    pub metrics: Vec<Metric>,
    /// The file that `lockgate gate reference` writes.
    pub baseline: String,
    pub evaluation: Evaluation,
    pub rows: Option<LossRows>,
}

/// A metric and how much it may change, as shares of the baseline; at least one limit is set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Its key in the metrics file, with dots between levels: `test.brier`.
    pub name: String,
    pub better: Better,
    /// Worse by more than this fails.
    pub max_drop: Option<f64>,
    /// Better by more than this asks for a review.
    pub max_gain: Option<f64>,
}

/// Which way a metric is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    Lower,
    Higher,
}

/// What says on which data the metrics were computed; not empty where there are no rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Keys of the metrics file whose values must be those of the baseline: `matches`, `season`.
    pub keys: Vec<String>,
    /// Files whose bytes must be those of the baseline.
    pub files: Vec<String>,
}

/// A table with the loss of every row that was evaluated, for the interval of the difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossRows {
    /// One of the gate's data.
    pub file: String,
    pub key: Vec<String>,
    pub loss: String,
}

const BETTER: [(&str, Better); 2] = [("lower", Better::Lower), ("higher", Better::Higher)];

impl Regression {
    pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let fields = reader.settings(node, &["metrics", "baseline", "evaluation", "rows"])?;
        let example = "{brier: {better: lower, max_drop: 2%, max_gain: 5%}}";
        let metrics = reader.needed(&fields, "metrics", example).map(|node| {
            let entries = reader.entries("metrics", node, example);
            entries.into_iter().filter_map(|(name, node)| metric(&name.text, node, reader)).collect()
        });
        let example = "baselines/model.json";
        let baseline = reader.needed(&fields, "baseline", example).and_then(|node| reader.path("baseline", node));
        let evaluation = fields.get("evaluation").and_then(|node| evaluation(node, reader)).unwrap_or_default();
        let rows = fields.get("rows").and_then(|node| rows(node, reader));
        if fields.get("evaluation").or(fields.get("rows")).is_none() {
            let help = "add `evaluation: [matches, season]`, the metrics that say on which data they were computed";
            reader.refuse::<()>(fields.span(), "`regression` has no `evaluation`", help);
        }
        Some(Self { metrics: metrics?, baseline: baseline?, evaluation, rows })
    }
}

fn metric(name: &str, node: &Node, reader: &mut Reader<'_>) -> Option<Metric> {
    let fields = reader.open(name, node, &["better", "max_drop", "max_gain"])?;
    let better = fields.get("better").or_else(|| {
        let message = format!("metric `{name}` does not say which way is better");
        reader.refuse(fields.span(), message, "add `better: lower` or `better: higher`")
    });
    let better = better.and_then(|node| reader.choice("better", node, &BETTER));
    let mut share = |key: &str| fields.get(key).and_then(|node| reader.share(key, node));
    let (max_drop, max_gain) = (share("max_drop"), share("max_gain"));
    if fields.get("max_drop").or(fields.get("max_gain")).is_none() {
        let message = format!("metric `{name}` has neither `max_drop` nor `max_gain`");
        let help = "add `max_drop: 2%`, above which a worse one fails, or `max_gain: 5%`, above which a better one is looked at";
        reader.refuse::<()>(fields.span(), message, help);
    }
    Some(Metric { name: name.to_owned(), better: better?, max_drop, max_gain })
}

/// Reads a list of keys, or the mapping form with keys and files.
fn evaluation(node: &Node, reader: &mut Reader<'_>) -> Option<Evaluation> {
    if !matches!(node.value, Value::Map(_)) {
        return reader.texts("evaluation", node).map(|keys| Evaluation { keys, files: Vec::new() });
    }
    let fields = reader.open("evaluation", node, &["keys", "files"])?;
    if fields.get("keys").or(fields.get("files")).is_none() {
        let help = "name `keys` of the metrics file, or `files` that were evaluated";
        return reader.refuse(fields.span(), "`evaluation` is empty", help);
    }
    let keys = fields.get("keys").and_then(|node| reader.texts("keys", node)).unwrap_or_default();
    let files = fields.get("files").map(|node| files(node, reader)).unwrap_or_default();
    Some(Evaluation { keys, files })
}

fn files(node: &Node, reader: &mut Reader<'_>) -> Vec<String> {
    let Value::List(items) = &node.value else { return reader.path("files", node).into_iter().collect() };
    items.iter().filter_map(|item| reader.path("files", item)).collect()
}

fn rows(node: &Node, reader: &mut Reader<'_>) -> Option<LossRows> {
    let fields: Fields<'_> = reader.open("rows", node, &["file", "key", "loss"])?;
    let mut part = |key: &str, example: &str| {
        let help = format!("add `{key}: {example}`");
        fields.get(key).or_else(|| reader.refuse(fields.span(), format!("`rows` has no `{key}`"), help))
    };
    let (file, key, loss) = (part("file", "reports/predictions.csv"), part("key", "[match_id]"), part("loss", "loss"));
    let file = file.and_then(|node| reader.path("file", node));
    let key = key.and_then(|node| reader.texts("key", node));
    let loss = loss.and_then(|node| reader.text("loss", node));
    Some(LossRows { file: file?, key: key?, loss: loss? })
}
