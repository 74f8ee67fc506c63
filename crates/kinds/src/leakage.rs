//! `leakage`: whether a stage lets the past see the future.

use lockgate_spanned::{Key, Node, Value};
use serde::{Deserialize, Serialize};

use crate::reader::Reader;

/// Which stage is run again on changed outcomes, and what may not move then.
///
/// The gate's data are the features that the stage makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leakage {
    /// The stage that makes the data.
    pub stage: String,
    /// The columns that name a row of the data.
    pub key: Vec<String>,
    /// The column of the data with the time of a row.
    pub time: String,
    pub outcomes: Vec<Outcomes>,
    /// Columns of the data that are outcomes themselves, besides those with the name of one: they may move.
    pub labels: Vec<String>,
    /// How many moments are tried.
    pub cutoffs: u64,
}

/// The columns of an input of the stage that are known only after the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcomes {
    pub file: String,
    pub columns: Vec<String>,
    /// The column of the file with the time of a row.
    pub time: String,
}

const CUTOFFS: u64 = 3;

impl Leakage {
    pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let fields = reader.settings(node, &["stage", "key", "time", "outcomes", "labels", "cutoffs"])?;
        let stage = reader.needed(&fields, "stage", "features").and_then(|node| reader.text("stage", node));
        let key = reader.needed(&fields, "key", "[match_id]").and_then(|node| reader.texts("key", node));
        let time = reader.needed(&fields, "time", "date").and_then(|node| reader.text("time", node));
        let example = "{data/matches.parquet: [home_goals, away_goals]}";
        let outcomes = reader.needed(&fields, "outcomes", example).map(|node| {
            let entries = reader.entries("outcomes", node, example);
            entries.into_iter().filter_map(|(key, node)| outcomes(key, node, time.as_deref(), reader)).collect()
        });
        let labels = fields.get("labels").and_then(|node| reader.texts("labels", node)).unwrap_or_default();
        let cutoffs = fields.get("cutoffs").and_then(|node| reader.count("cutoffs", node, 1)).unwrap_or(CUTOFFS);
        Some(Self { stage: stage?, key: key?, time: time?, outcomes: outcomes?, labels, cutoffs })
    }
}

/// Reads `FILE: [columns]`, or `FILE: {columns: [..], time: kickoff, csv: {..}}` where its time has another name or its text another form.
fn outcomes(key: &Key, node: &Node, time: Option<&str>, reader: &mut Reader<'_>) -> Option<Outcomes> {
    let file = reader.placed(&key.text, key.span);
    if !matches!(node.value, Value::Map(_)) {
        let columns = reader.texts("outcomes", node);
        return Some(Outcomes { file: file?, columns: columns?, time: time?.to_owned() });
    }
    let fields = reader.open("outcomes", node, &["columns", "time", "csv"])?;
    reader.written(file.as_deref(), &fields);
    let columns = match fields.get("columns") {
        Some(node) => reader.texts("columns", node),
        None => reader.refuse(fields.span(), "`outcomes` has no `columns`", "add `columns: [home_goals, away_goals]`"),
    };
    let own = fields.get("time").map(|node| reader.text("time", node));
    let time = own.unwrap_or_else(|| time.map(str::to_owned));
    Some(Outcomes { file: file?, columns: columns?, time: time? })
}
