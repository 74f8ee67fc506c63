//! The baseline file, version 1: the metrics of an approved model, and on which data they were computed.
//!
//! JSON, committed beside the pipeline. FORMATS.md has the fields.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::JudgeError;
use crate::json::{self, Unread};

const FORMAT: &str = "lockgate regression baseline 1";

/// What a model was when it was approved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with the metrics")]
pub struct Baseline {
    format: String,
    pub metrics: BTreeMap<String, f64>,
    /// The values, as text, of the metrics that say on which data the others were computed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub evaluation: BTreeMap<String, String>,
    /// BLAKE3 digests of the files that were evaluated, by path.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<BaselineRows>,
}

/// The losses of the rows that were evaluated, or of a part of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a mapping with the losses")]
pub struct BaselineRows {
    pub n: u64,
    /// Of the keys of all rows, in order: the same data has the same.
    pub digest: String,
    /// Key, then loss in the shortest form that reads back as the same float.
    pub losses: BTreeMap<String, String>,
}

impl Baseline {
    pub fn new(metrics: BTreeMap<String, f64>) -> Self {
        let (evaluation, files) = (BTreeMap::new(), BTreeMap::new());
        Self { format: FORMAT.to_owned(), metrics, evaluation, files, rows: None }
    }

    /// Writes the file.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("keys are texts, and metrics are finite: checked when they are read")
            + "\n"
    }

    /// Reads the file `path`.
    pub fn read(path: &str, text: &str, gate: &str) -> Result<Self, JudgeError> {
        json::versioned(text, FORMAT).map_err(|unread| match unread {
            Unread::Broken(why) => JudgeError::NotA {
                path: path.to_owned(),
                what: "a baseline",
                why,
                step: format!("make it again with `lockgate gate reference {gate}`"),
            },
            Unread::Format(found) => {
                JudgeError::Format { path: path.to_owned(), found, known: FORMAT, gate: gate.to_owned() }
            }
        })
    }
}
