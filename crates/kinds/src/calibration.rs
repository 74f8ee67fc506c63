//! `calibration`: whether predicted probabilities come true as often as they say.

use lockgate_spanned::{Fields, Node};
use serde::{Deserialize, Serialize};

use crate::bounds::Bounds;
use crate::reader::Reader;

const KEYS: [&str; 10] =
    ["probability", "probabilities", "outcome", "event", "ece", "brier", "spiegelhalter", "bins", "min_rows", "window"];

/// Which predictions are judged, and by what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    pub forecast: Forecast,
    /// Bounds of the expected calibration error, within [0, 1].
    pub ece: Option<Bounds>,
    /// Bounds of the Brier score: within [0, 1], or [0, 2] for classes. At least one of the three is set.
    pub brier: Option<Bounds>,
    /// The probability of a false alarm of Spiegelhalter's test.
    pub spiegelhalter: Option<f64>,
    /// The number of bins of equal width.
    pub bins: u64,
    /// With fewer rows the gate is inconclusive.
    pub min_rows: u64,
    /// Judge the last rows only, so many.
    pub window: Option<u64>,
}

/// The columns of the predictions and of what happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Forecast {
    /// One event, which happened where `outcome` is true, 1, or the text of `event`.
    Event { probability: String, outcome: String, event: Option<String> },
    /// A probability for each value that `outcome` can have: the value, then the column of its probability.
    Classes { probabilities: Vec<(String, String)>, outcome: String },
}

const BINS: u64 = 10;
const MIN_ROWS: u64 = 100;

impl Calibration {
    pub(crate) fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        let fields = reader.settings(node, &KEYS)?;
        let forecast = forecast(&fields, reader);
        let mut bounds = |key: &str, most| fields.get(key).and_then(|node| Bounds::read(key, most, node, reader));
        let worst_brier = if fields.get("probabilities").is_some() { 2.0 } else { 1.0 };
        let (ece, brier) = (bounds("ece", 1.0), bounds("brier", worst_brier));
        let spiegelhalter = fields.get("spiegelhalter").and_then(|node| spiegelhalter(node, reader));
        if ["ece", "brier", "spiegelhalter"].iter().all(|key| fields.get(key).is_none()) {
            let help = "add `ece: {fail: 0.05}`, `brier: {fail: 0.25}` or `spiegelhalter: {alpha: 0.01}`";
            reader.refuse::<()>(fields.span(), "`calibration` has nothing to judge by", help);
        }
        let count =
            |key: &str, least, reader: &mut Reader<'_>| fields.get(key).and_then(|node| reader.count(key, node, least));
        let bins = count("bins", 2, reader).unwrap_or(BINS);
        let min_rows = count("min_rows", 1, reader).unwrap_or(MIN_ROWS);
        let window = count("window", 1, reader);
        check_window(&fields, window, min_rows, reader);
        Some(Self { forecast: forecast?, ece, brier, spiegelhalter, bins, min_rows, window })
    }
}

fn forecast(fields: &Fields<'_>, reader: &mut Reader<'_>) -> Option<Forecast> {
    let outcome = reader.needed(fields, "outcome", "home_won").and_then(|node| reader.text("outcome", node));
    match (fields.get("probability"), fields.entry("probabilities")) {
        (Some(_), Some((key, _))) => {
            let help = "keep `probability` for one event, or `probabilities` for the values of the outcome";
            reader.refuse(key.span, "`calibration` has `probability` and `probabilities`", help)
        }
        (Some(node), None) => {
            let probability = reader.text("probability", node);
            let event = fields.get("event").map(|node| reader.text("event", node));
            let event = event.map_or(Some(None), |event| event.map(Some));
            Some(Forecast::Event { probability: probability?, outcome: outcome?, event: event? })
        }
        (None, Some((_, node))) => {
            if let Some((key, _)) = fields.entry("event") {
                reader.refuse::<()>(key.span, "`event` is said of one `probability`, not of several", "remove it");
            }
            classes(node, reader).and_then(|probabilities| Some(Forecast::Classes { probabilities, outcome: outcome? }))
        }
        (None, None) => {
            let help = "add `probability: p_home`, or `probabilities: {H: p_home, D: p_draw, A: p_away}`";
            reader.refuse(fields.span(), "`calibration` has no column of probabilities", help)
        }
    }
}

fn classes(node: &Node, reader: &mut Reader<'_>) -> Option<Vec<(String, String)>> {
    let example = "{H: p_home, D: p_draw, A: p_away}";
    let classes: Option<Vec<_>> = reader
        .entries("probabilities", node, example)
        .into_iter()
        .map(|(class, column)| reader.text(&class.text, column).map(|column| (class.text.clone(), column)))
        .collect();
    match classes {
        Some(classes) if classes.len() == 1 => {
            let help = "for one event, write `probability: p_home` and `event: H`";
            reader.refuse(node.span, "`probabilities` has one class only", help)
        }
        Some(classes) if classes.is_empty() => None,
        other => other,
    }
}

fn spiegelhalter(node: &Node, reader: &mut Reader<'_>) -> Option<f64> {
    let fields = reader.open("spiegelhalter", node, &["alpha"])?;
    let Some(alpha) = fields.get("alpha") else {
        return reader.refuse(fields.span(), "`spiegelhalter` has no `alpha`", "add `alpha: 0.01`");
    };
    reader.alpha(alpha)
}

/// A window that never has enough rows would be inconclusive for ever.
fn check_window(fields: &Fields<'_>, window: Option<u64>, min_rows: u64, reader: &mut Reader<'_>) {
    if let (Some(window), Some(node)) = (window, fields.get("window"))
        && window < min_rows
    {
        let message = format!("`window` has {window} rows and `min_rows` needs {min_rows}");
        reader.refuse::<()>(node.span, message, "widen the window, or set a smaller `min_rows`");
    }
}
