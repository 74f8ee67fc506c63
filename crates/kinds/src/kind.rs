//! One value for the settings of any kind.

use std::sync::Arc;

use lockgate_forms::TextForms;
use lockgate_spanned::{Node, Problems, Source, Span};
use serde::{Deserialize, Serialize};

use crate::reader::Reader;
use crate::{Approval, Calibration, Drift, Freshness, Leakage, Now, Regression, Sql, Tolerance};

/// The settings of a gate, by its kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Freshness(Freshness),
    Drift(Drift),
    Calibration(Calibration),
    Regression(Regression),
    Tolerance(Tolerance),
    Sql(Sql),
    Leakage(Leakage),
    Approval(Approval),
}

impl Kind {
    /// The keys of a gate that name a kind, in the order in which messages list them.
    pub const NAMES: [&'static str; 8] =
        ["freshness", "drift", "calibration", "regression", "tolerance", "sql", "leakage", "approval"];

    /// Reads the settings that stand under the key `name` of a gate.
    ///
    /// `place` turns a path as it is written into the project's own form; when it returns `None`, it has noted what is
    /// wrong. Beside the settings stands how the files are written of which they say it. Returns `None` when anything is
    /// wrong, with all of it in `problems`, or when `name` is not in [`Kind::NAMES`].
    pub fn read(
        name: &str,
        node: &Node,
        source: &Arc<Source>,
        problems: &mut Problems,
        place: &mut dyn FnMut(&str, Span) -> Option<String>,
    ) -> Option<(Self, TextForms)> {
        let name = Self::NAMES.into_iter().find(|known| *known == name)?;
        let mut reader = Reader::new(name, source, problems, place);
        let kind = match name {
            "freshness" => Freshness::read(node, &mut reader).map(Self::Freshness),
            "drift" => Drift::read(node, &mut reader).map(Self::Drift),
            "calibration" => Calibration::read(node, &mut reader).map(Self::Calibration),
            "regression" => Regression::read(node, &mut reader).map(Self::Regression),
            "tolerance" => Tolerance::read(node, &mut reader).map(Self::Tolerance),
            "sql" => Sql::read(node, &mut reader).map(Self::Sql),
            "leakage" => Leakage::read(node, &mut reader).map(Self::Leakage),
            _ => Approval::read(node, &mut reader).map(Self::Approval),
        };
        let kind = kind.filter(|_| reader.is_clean())?;
        Some((kind, reader.into_forms()))
    }

    /// Returns the key under which the settings stand.
    pub fn name(&self) -> &'static str {
        let at = match self {
            Self::Freshness(_) => 0,
            Self::Drift(_) => 1,
            Self::Calibration(_) => 2,
            Self::Regression(_) => 3,
            Self::Tolerance(_) => 4,
            Self::Sql(_) => 5,
            Self::Leakage(_) => 6,
            Self::Approval(_) => 7,
        };
        Self::NAMES[at]
    }

    /// Returns the files that are read besides the data, in the order of the settings: ordinary deps of the gate.
    ///
    /// The baseline of a regression gate and the reference of a drift gate need not be there yet.
    pub fn files(&self) -> Vec<&str> {
        match self {
            Self::Freshness(_) | Self::Calibration(_) | Self::Approval(_) => Vec::new(),
            Self::Drift(drift) => vec![&drift.reference],
            Self::Regression(regression) => {
                let files = regression.evaluation.files.iter().map(String::as_str);
                std::iter::once(regression.baseline.as_str()).chain(files).collect()
            }
            Self::Tolerance(tolerance) => vec![&tolerance.against],
            Self::Sql(sql) => sql.tables.iter().map(|(_, file)| file.as_str()).collect(),
            Self::Leakage(leakage) => leakage.outcomes.iter().map(|outcomes| outcomes.file.as_str()).collect(),
        }
    }

    /// Returns the file that `lockgate gate reference` writes, of a kind that has one; it need not be there yet.
    pub fn reference(&self) -> Option<&str> {
        match self {
            Self::Drift(drift) => Some(&drift.reference),
            Self::Regression(regression) => Some(&regression.baseline),
            Self::Freshness(_)
            | Self::Calibration(_)
            | Self::Tolerance(_)
            | Self::Sql(_)
            | Self::Leakage(_)
            | Self::Approval(_) => None,
        }
    }

    /// Says whether the verdict depends on the moment at which it is made: such a verdict is never kept.
    pub fn reads_clock(&self) -> bool {
        matches!(self, Self::Freshness(Freshness { now: Now::Clock, .. }))
    }

    /// Returns the canonical bytes of the settings, and of how the files are written that they judge: equal ones have equal
    /// bytes.
    ///
    /// It is JSON with the keys in a fixed order and the defaults written out, so that a golden vector can be read; plain
    /// files are left out of it.
    pub fn normal_form(&self, forms: &TextForms) -> Vec<u8> {
        let csv = (!forms.is_plain()).then(|| forms.normal_form());
        let form = Form { format: "lockgate gate rules 1", kind: self, csv };
        serde_json::to_vec(&form).expect("settings are finite numbers and texts under keys that are texts")
    }
}

#[derive(Serialize)]
struct Form<'a> {
    format: &'static str,
    kind: &'a Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    csv: Option<serde_json::Value>,
}
