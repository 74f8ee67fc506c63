//! The measures of calibration, each against its bound and, where that is known, against chance.

use lockgate_contract::{Sample, State};
use lockgate_kinds::{Alarm, Bounds};
use lockgate_stats::{
    Binning, Draws, Inconclusive, Predictions, Reliability, StatError, brier, expected_calibration_error_null, murphy,
    reliability, spiegelhalter,
};

use crate::finding::{Finding, sample};
use crate::words::{BY_CHANCE, p_value, percent, three_digits};

/// A bin with fewer rows is merged with its neighbour.
const LEAST_IN_BIN: u64 = 10;

/// What calibrated predictions would show is drawn so often; the seed is part of what a verdict means.
const DRAWS: Draws = Draws { count: 1000, seed: 1 };
const PERCENTILE: u8 = 95;

/// One way of judging predictions.
#[derive(Clone, Copy)]
pub enum Measure {
    Ece { bounds: Bounds, bins: u64 },
    Brier { bounds: Bounds, bins: u64 },
    Spiegelhalter { alpha: f64 },
}

impl Measure {
    /// Names the rule.
    pub fn rule(self) -> String {
        match self {
            Self::Ece { bounds, .. } => format!("expected calibration error {bounds}"),
            Self::Brier { bounds, .. } => format!("Brier score {bounds}"),
            Self::Spiegelhalter { alpha } => format!("Spiegelhalter's test, α = {alpha}"),
        }
    }

    /// Names the number.
    pub fn metric(self) -> &'static str {
        match self {
            Self::Ece { .. } => "ece",
            Self::Brier { .. } => "brier",
            Self::Spiegelhalter { .. } => "spiegelhalter_z",
        }
    }

    /// Measures, and ends the finding; the number is for the history.
    pub fn of(self, predictions: &Predictions, finding: Finding) -> Result<(Finding, Option<f64>), StatError> {
        let binning = |bins: u64| Binning::EqualWidth(usize::try_from(bins).unwrap_or(usize::MAX));
        let n = usize::try_from(predictions.n()).unwrap_or(usize::MAX);
        match self {
            Self::Ece { bounds, bins } => {
                let (finding, ece) = expected_error(predictions, bounds, binning(bins), finding)?;
                Ok((finding, Some(ece)))
            }
            Self::Brier { bounds, bins } => {
                let score = brier(predictions);
                let parts = murphy(predictions, binning(bins), LEAST_IN_BIN)?;
                let skill = score.skill().map_or_else(|lack: Inconclusive| lack.to_string(), three_digits);
                let note = format!(
                    "skill against the base rate {skill}; reliability {}, resolution {}, uncertainty {}, within bins {}",
                    three_digits(parts.reliability),
                    three_digits(parts.resolution),
                    three_digits(parts.uncertainty),
                    three_digits(parts.within_bins)
                );
                let finding = finding.expecting(bounds.to_string()).note(note).count(0, n);
                let seen = format!("{} of {n} rows", three_digits(score.score));
                Ok((finding.seen(state_of(bounds.exceeded(score.score)), seen), Some(score.score)))
            }
            Self::Spiegelhalter { alpha } => {
                let test = spiegelhalter(predictions)?;
                let state = if test.p_value < alpha { State::Fail } else { State::Pass };
                let reading = if test.z > 0.0 { "too sure" } else { "not sure enough" };
                let reading =
                    if state == State::Fail { format!(": the predictions are {reading}") } else { String::new() };
                let seen = format!("z = {}, p {}{reading}", three_digits(test.z), p_value(test.p_value));
                Ok((finding.expecting(format!("p ≥ {alpha}")).count(0, n).seen(state, seen), Some(test.z)))
            }
        }
    }
}

/// Compares the calibration error with its bound and with what calibrated predictions would show.
fn expected_error(
    predictions: &Predictions,
    bounds: Bounds,
    binning: Binning,
    finding: Finding,
) -> Result<(Finding, f64), StatError> {
    let bins = reliability(predictions, binning, LEAST_IN_BIN)?;
    let ece = bins.expected_calibration_error();
    let null = expected_calibration_error_null(predictions, binning, LEAST_IN_BIN, DRAWS)?;
    let chance = null.percentile(PERCENTILE);
    let alarm = bounds.exceeded(ece);
    let state = state_of(alarm.filter(|_| ece > chance));
    let n = predictions.n();
    let seen = format!(
        "{} of {n} rows; calibrated predictions stay under {} in 95 of 100 draws",
        three_digits(ece),
        three_digits(chance)
    );
    let (samples, broken) = bin_samples(&bins)?;
    let finding = finding.expecting(bounds.to_string()).seen(state, seen).samples(samples);
    let finding = finding.count(broken, bins.bins.len());
    let by_chance = alarm.is_some() && state == State::Pass;
    Ok((if by_chance { finding.note(BY_CHANCE) } else { finding }, ece))
}

/// Makes a line of each bin, and counts those whose mean probability is outside of Wilson's interval of the rate.
fn bin_samples(bins: &Reliability) -> Result<(Vec<Sample>, usize), StatError> {
    let mut samples = Vec::new();
    let mut broken = 0;
    for bin in &bins.bins {
        let interval = bin.interval(0.95)?;
        let holds = interval.contains(bin.mean_probability);
        broken += usize::from(!holds);
        let range = |low: f64, high: f64| Some(format!("{}..{}", three_digits(low), three_digits(high)));
        let cells = [
            ("predicted", range(bin.predicted.low, bin.predicted.high)),
            ("rows", Some(bin.n.to_string())),
            ("mean", Some(percent(bin.mean_probability))),
            ("happened", Some(percent(bin.rate()))),
            ("95 % interval", range(interval.low, interval.high)),
            ("holds", Some(if holds { "yes" } else { "no" }.to_owned())),
        ];
        samples.push(sample(None, cells));
    }
    Ok((samples, broken))
}

/// Returns the state that an alarm is.
pub fn state_of(alarm: Option<Alarm>) -> State {
    match alarm {
        None => State::Pass,
        Some(Alarm::Warn) => State::Warn,
        Some(Alarm::Fail) => State::Fail,
    }
}
