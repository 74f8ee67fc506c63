//! What the run cache keeps under a key: the outs of a stage, or the verdict of a gate with its report.

use serde::{Deserialize, Serialize};

use super::knowledge::Outs;
use crate::event::GateReport;
use crate::lock::Verdict;
use crate::store::{Store, StoreError};
use crate::words::Digest;

/// An entry of the run cache.
#[derive(Debug, Serialize, Deserialize)]
pub enum Kept {
    Outs {
        outs: Outs,
        elapsed_ms: u64,
    },
    /// The report as JSON: its details have no fixed shape.
    Verdict {
        verdict: Verdict,
        report: Option<String>,
    },
}

impl Kept {
    /// Returns the outs under `key` and how long it took to make them.
    pub fn outs(store: &Store, key: &Digest) -> Option<(Outs, u64)> {
        match Self::read(store, key)? {
            Self::Outs { outs, elapsed_ms } => Some((outs, elapsed_ms)),
            Self::Verdict { .. } => None,
        }
    }

    /// Returns the verdict under `key` and its report.
    pub fn verdict(store: &Store, key: &Digest) -> Option<(Verdict, Option<GateReport>)> {
        match Self::read(store, key)? {
            Self::Verdict { verdict, report } => {
                let report = report.and_then(|json| serde_json::from_str(&json).ok());
                Some((verdict, report))
            }
            Self::Outs { .. } => None,
        }
    }

    /// Keeps a verdict.
    pub fn of_verdict(verdict: &Verdict, report: Option<&GateReport>) -> Self {
        let report = report.map(|report| serde_json::to_string(report).expect("a report has only string keys"));
        Self::Verdict { verdict: verdict.clone(), report }
    }

    /// Writes the entry; a later one under the same key replaces it.
    pub fn write(&self, store: &Store, key: &Digest) -> Result<(), StoreError> {
        store.run_put(key, &postcard::to_stdvec(self).expect("the entry has a fixed shape"))
    }

    /// An entry that cannot be read is a miss.
    fn read(store: &Store, key: &Digest) -> Option<Self> {
        postcard::from_bytes(&store.run_get(key)?).ok()
    }
}
