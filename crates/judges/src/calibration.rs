//! `calibration`: whether predicted probabilities come true as often as they say.
//!
//! Classes are judged one against the rest, and together by the class that is most probable: rows stay independent then, and
//! what chance would do can be drawn. A probability outside of [0, 1] is an error, also when it is of one row.

use lockgate_contract::{ColumnKind, Report, Sample, State, TableFile};
use lockgate_kinds::{Alarm, Bounds, Calibration, Forecast};
use lockgate_stats::{
    Binning, Draws, Inconclusive, Predictions, Reliability, StatError, brier, expected_calibration_error_null, murphy,
    reliability, spiegelhalter,
};

use crate::error::evidence;
use crate::finding::{Draft, Finding, sample};
use crate::words::{percent, three_digits};
use crate::{Given, JudgeError};

/// A bin with fewer rows is merged with its neighbour.
const LEAST_IN_BIN: u64 = 10;

/// What calibrated predictions would show is drawn so often; the seed is part of what a verdict means.
const DRAWS: Draws = Draws { count: 1000, seed: 1 };
const PERCENTILE: u8 = 95;

/// Probabilities may be written with few digits; what sums to less or more than this misses a class.
const SUM_TOLERANCE: f64 = 0.01;

const ALL_ALIKE: &str = "all outcomes are the same; needs two that differ, over a longer time";

/// Judges the predictions of each table.
pub fn judge(settings: &Calibration, given: &Given<'_>) -> Result<Report, JudgeError> {
    let mut draft = Draft::new(given);
    for input in given.data {
        let table = draft.open(input)?;
        let bench = Bench { table: &table, name: input.name, settings };
        match &settings.forecast {
            Forecast::Event { probability, outcome, event } => {
                let rows = bench.event(probability, outcome, event.as_deref())?;
                bench.judge_one(probability, &rows, Brier::Judged, &mut draft)?;
            }
            Forecast::Classes { probabilities, outcome } => {
                let rows = bench.classes(probabilities, outcome)?;
                bench.judge_classes(probabilities, &rows, &mut draft)?;
            }
        }
    }
    Ok(draft.finish())
}

/// A table and how its predictions are judged.
struct Bench<'a> {
    table: &'a TableFile,
    name: &'a str,
    settings: &'a Calibration,
}

/// Probabilities of one event and what came of them, in the order of the rows.
struct Rows {
    pairs: Vec<(f64, bool)>,
    /// Rows without a probability or an outcome.
    missing: u64,
}

/// Probabilities of all classes, and which class it was, in the order of the rows.
struct ClassRows {
    rows: Vec<(Vec<f64>, usize)>,
    missing: u64,
}

/// Whether the Brier score is judged here; that of classes is one number for all.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Brier {
    Judged,
    Elsewhere,
}

impl Bench<'_> {
    fn event(&self, probability: &str, outcome: &str, event: Option<&str>) -> Result<Rows, JudgeError> {
        let happened = match event {
            Some(event) => {
                let is_event = |text: Option<String>| text.map(|text| text == event);
                self.table.texts(outcome)?.into_iter().map(is_event).collect()
            }
            None => self.flags(outcome)?,
        };
        let probabilities = self.probabilities(&[probability])?.remove(0);
        let mut rows = Rows { pairs: Vec::new(), missing: 0 };
        for (p, happened) in probabilities.into_iter().zip(happened) {
            match (p, happened) {
                (Some(p), Some(happened)) => rows.pairs.push((p, happened)),
                (None, _) | (_, None) => rows.missing += 1,
            }
        }
        rows.pairs.drain(..self.outside_window(rows.pairs.len()));
        Ok(rows)
    }

    /// Reads outcomes that are true or false, 1 or 0.
    fn flags(&self, outcome: &str) -> Result<Vec<Option<bool>>, JudgeError> {
        let kind = self.table.columns()?.into_iter().find(|(name, _)| name == outcome).map(|(_, kind)| kind);
        // A column without any value in a text format has no kind, and a text would not say which row is wrong.
        if kind == Some(ColumnKind::Text) {
            let texts = self.table.texts(outcome)?;
            return match texts.iter().position(Option::is_some) {
                None => Ok(vec![None; texts.len()]),
                Some(row) => Err(self.not_an_outcome(outcome, row, texts[row].as_deref().unwrap_or_default())),
            };
        }
        let flag = |(row, cell): (usize, Option<f64>)| match cell {
            None => Ok(None),
            Some(value) if value == 1.0 || value == 0.0 => Ok(Some(value == 1.0)),
            Some(value) => Err(self.not_an_outcome(outcome, row, &value.to_string())),
        };
        self.table.aligned(&[outcome])?.remove(0).into_iter().enumerate().map(flag).collect()
    }

    fn not_an_outcome(&self, column: &str, row: usize, text: &str) -> JudgeError {
        JudgeError::Value {
            path: self.name.to_owned(),
            row: row as u64 + 1,
            column: column.to_owned(),
            text: text.to_owned(),
            wanted: "an outcome: true, false, 1 or 0".to_owned(),
            step: "correct it, or say with `event` which text means that it happened".to_owned(),
        }
    }

    /// Reads columns of probabilities; one that is none is an error with its row.
    fn probabilities(&self, columns: &[&str]) -> Result<Vec<Vec<Option<f64>>>, JudgeError> {
        let read = self.table.aligned(columns)?;
        for (column, cells) in columns.iter().zip(&read) {
            let wrong = cells
                .iter()
                .enumerate()
                .find_map(|(row, cell)| cell.filter(|p| !(0.0..=1.0).contains(p)).map(|p| (row, p)));
            if let Some((row, p)) = wrong {
                return Err(JudgeError::Value {
                    path: self.name.to_owned(),
                    row: row as u64 + 1,
                    column: (*column).to_owned(),
                    text: p.to_string(),
                    wanted: "a probability within 0 and 1".to_owned(),
                    step: "correct what predicts it".to_owned(),
                });
            }
        }
        Ok(read)
    }

    fn classes(&self, classes: &[(String, String)], outcome: &str) -> Result<ClassRows, JudgeError> {
        let columns: Vec<&str> = classes.iter().map(|(_, column)| column.as_str()).collect();
        let probabilities = self.probabilities(&columns)?;
        let mut found = ClassRows { rows: Vec::new(), missing: 0 };
        for (row, text) in self.table.texts(outcome)?.into_iter().enumerate() {
            let all: Option<Vec<f64>> = probabilities.iter().map(|column| column[row]).collect();
            let (Some(all), Some(text)) = (all, text) else {
                found.missing += 1;
                continue;
            };
            let class = classes.iter().position(|(class, _)| *class == text);
            let class = class.ok_or_else(|| self.not_a_class(classes, outcome, row, &text))?;
            let sum: f64 = all.iter().sum();
            if (sum - 1.0).abs() > SUM_TOLERANCE {
                return Err(self.not_a_distribution(&columns, row, sum));
            }
            found.rows.push((all, class));
        }
        found.rows.drain(..self.outside_window(found.rows.len()));
        Ok(found)
    }

    fn not_a_class(&self, classes: &[(String, String)], outcome: &str, row: usize, text: &str) -> JudgeError {
        let names: Vec<&str> = classes.iter().map(|(class, _)| class.as_str()).collect();
        JudgeError::Value {
            path: self.name.to_owned(),
            row: row as u64 + 1,
            column: outcome.to_owned(),
            text: text.to_owned(),
            wanted: format!("one of {}", names.join(", ")),
            step: "correct it, or give it a column under `probabilities`".to_owned(),
        }
    }

    fn not_a_distribution(&self, columns: &[&str], row: usize, sum: f64) -> JudgeError {
        JudgeError::Value {
            path: self.name.to_owned(),
            row: row as u64 + 1,
            column: columns.join(" + "),
            text: three_digits(sum),
            wanted: "1, the sum of all probabilities".to_owned(),
            step: "name the columns of all classes under `probabilities`".to_owned(),
        }
    }

    /// Returns how many of `n` rows come before the window.
    fn outside_window(&self, n: usize) -> usize {
        let window = self.settings.window.map_or(n, |window| usize::try_from(window).unwrap_or(usize::MAX));
        n.saturating_sub(window)
    }

    fn judge_classes(
        &self,
        classes: &[(String, String)],
        rows: &ClassRows,
        draft: &mut Draft<'_>,
    ) -> Result<(), JudgeError> {
        for (at, (_, column)) in classes.iter().enumerate() {
            let pairs = rows.rows.iter().map(|(all, class)| (all[at], *class == at)).collect();
            self.judge_one(column, &Rows { pairs, missing: rows.missing }, Brier::Elsewhere, draft)?;
        }
        let top = |(all, class): &(Vec<f64>, usize)| {
            // Of equal probabilities the first: any rule would do, as long as it does not look at the outcome.
            let best = (0..all.len()).rev().max_by(|one, other| all[*one].total_cmp(&all[*other])).unwrap_or(0);
            (all[best], best == *class)
        };
        let pairs = rows.rows.iter().map(top).collect();
        self.judge_one("most probable class", &Rows { pairs, missing: rows.missing }, Brier::Elsewhere, draft)?;
        if let Some(bounds) = self.settings.brier {
            self.brier_of_classes(bounds, rows, draft);
        }
        Ok(())
    }

    /// The score as Brier has it: the squared errors of all classes, within [0, 2].
    fn brier_of_classes(&self, bounds: Bounds, rows: &ClassRows, draft: &mut Draft<'_>) {
        let finding = Finding::new("classes", format!("Brier score {bounds}")).expecting(bounds.to_string());
        let n = rows.rows.len();
        if (n as u64) < self.settings.min_rows || n == 0 {
            draft.found(finding.lacking(self.too_few(n)));
            return;
        }
        if rows.rows.iter().all(|(_, class)| *class == rows.rows[0].1) {
            draft.found(finding.lacking(ALL_ALIKE));
            return;
        }
        let error = |(at, p, class): (usize, f64, usize)| (p - f64::from(u8::from(at == class))).powi(2);
        let of_row = |(all, class): &(Vec<f64>, usize)| {
            all.iter().enumerate().map(|(at, p)| error((at, *p, *class))).sum::<f64>()
        };
        let score = rows.rows.iter().map(of_row).sum::<f64>() / n as f64;
        draft.metric("brier", score);
        let observed = format!("{} of {n} rows, within 0 and 2", three_digits(score));
        draft.found(finding.seen(state_of(bounds.exceeded(score)), observed).count(0, n));
    }

    fn judge_one(&self, subject: &str, rows: &Rows, with: Brier, draft: &mut Draft<'_>) -> Result<(), JudgeError> {
        let (probabilities, outcomes): (Vec<f64>, Vec<bool>) = rows.pairs.iter().copied().unzip();
        let mistake = |cause| JudgeError::Statistic { path: self.name.to_owned(), column: subject.to_owned(), cause };
        let predictions = evidence(Predictions::new(&probabilities, &outcomes, rows.missing), mistake)?;
        let n = rows.pairs.len();
        let alike = outcomes.iter().all(|happened| *happened) || outcomes.iter().all(|happened| !*happened);
        let lack = match &predictions {
            _ if (n as u64) < self.settings.min_rows => Some(self.too_few(n)),
            Err(lack) => Some(lack.to_string()),
            Ok(_) if alike => Some(ALL_ALIKE.to_owned()),
            Ok(_) => None,
        };
        let sure = predictions.ok().filter(|_| lack.is_none());
        let judged: [Option<Judgement>; 3] = [
            self.settings.ece.map(|bounds| Judgement::Ece { bounds, bins: self.settings.bins }),
            self.settings
                .brier
                .filter(|_| with == Brier::Judged)
                .map(|bounds| Judgement::Brier { bounds, bins: self.settings.bins }),
            self.settings.spiegelhalter.map(|alpha| Judgement::Spiegelhalter { alpha }),
        ];
        for judgement in judged.into_iter().flatten() {
            let finding = Finding::new(subject, judgement.rule());
            let found = match (&sure, &lack) {
                (Some(predictions), _) => {
                    let measured = evidence(judgement.measure(predictions, finding.clone()), mistake)?;
                    measured.unwrap_or_else(|lack| (finding.lacking(lack.to_string()), None))
                }
                (None, lack) => (finding.lacking(lack.clone().unwrap_or_default()), None),
            };
            if let Some(value) = found.1 {
                draft.metric(&format!("{} {subject}", judgement.metric()), value);
            }
            draft.found(with_coverage(found.0, rows));
        }
        Ok(())
    }

    fn too_few(&self, n: usize) -> String {
        let window =
            if self.settings.window.is_some() { "wait for more outcomes" } else { "predict over a longer time" };
        format!("needs n ≥ {} rows with a probability and an outcome, has {n}: {window}", self.settings.min_rows)
    }
}

fn with_coverage(finding: Finding, rows: &Rows) -> Finding {
    if rows.missing == 0 {
        return finding;
    }
    finding.note(format!("{} rows without a probability or an outcome are not part of it", rows.missing))
}

/// One way of judging predictions.
enum Judgement {
    Ece { bounds: Bounds, bins: u64 },
    Brier { bounds: Bounds, bins: u64 },
    Spiegelhalter { alpha: f64 },
}

impl Judgement {
    fn rule(&self) -> String {
        match self {
            Self::Ece { bounds, .. } => format!("expected calibration error {bounds}"),
            Self::Brier { bounds, .. } => format!("Brier score {bounds}"),
            Self::Spiegelhalter { alpha } => format!("Spiegelhalter's test, α = {alpha}"),
        }
    }

    fn metric(&self) -> &'static str {
        match self {
            Self::Ece { .. } => "ece",
            Self::Brier { .. } => "brier",
            Self::Spiegelhalter { .. } => "spiegelhalter_z",
        }
    }

    fn measure(&self, predictions: &Predictions, finding: Finding) -> Result<(Finding, Option<f64>), StatError> {
        let binning = |bins: u64| Binning::EqualWidth(usize::try_from(bins).unwrap_or(usize::MAX));
        let n = usize::try_from(predictions.n()).unwrap_or(usize::MAX);
        match self {
            Self::Ece { bounds, bins } => {
                let (finding, ece) = expected_error(predictions, *bounds, binning(*bins), finding)?;
                Ok((finding, Some(ece)))
            }
            Self::Brier { bounds, bins } => {
                let score = brier(predictions);
                let parts = murphy(predictions, binning(*bins), LEAST_IN_BIN)?;
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
                let state = if test.p_value < *alpha { State::Fail } else { State::Pass };
                let reading = if test.z > 0.0 { "too sure" } else { "not sure enough" };
                let reading =
                    if state == State::Fail { format!(": the predictions are {reading}") } else { String::new() };
                let seen = format!("z = {}, p = {}{reading}", three_digits(test.z), three_digits(test.p_value));
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
    Ok((if by_chance { finding.note("above the bound, and so it would be by chance alone") } else { finding }, ece))
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

fn state_of(alarm: Option<Alarm>) -> State {
    match alarm {
        None => State::Pass,
        Some(Alarm::Warn) => State::Warn,
        Some(Alarm::Fail) => State::Fail,
    }
}
