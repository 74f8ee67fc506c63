//! Scores of probabilities against what happened, and the metrics file that holds them.
//!
//! The Brier score is the original one for several classes (G. Brier, "Verification of forecasts expressed in terms of
//! probability", 1950): the mean over matches of the sum over home win, draw and away win of (probability − happened)²,
//! with *happened* 1 for the class that came and 0 for the others. 0 is perfect, 2 the worst, and three equal
//! probabilities give 2/3. The base rates to beat are the shares of the three classes in the training seasons, given for
//! every match alike.

use serde::{Deserialize, Serialize};

use crate::matches::{Outcome, Probabilities};

/// What happened, beside what was expected of it.
pub type Judged = (Outcome, Probabilities);

/// The metrics of a model in a season, numbers rounded to six decimals.
#[derive(Debug, Serialize, Deserialize)]
pub struct Metrics {
    pub season: i16,
    pub matches: usize,
    /// Matches that the model had no opinion on.
    pub left_out: usize,
    pub brier: f64,
    pub brier_base_rate: f64,
    /// The share of the base rates' Brier score that the model saves.
    pub brier_skill: f64,
    /// The same for the one question of whether the home team wins: mean of (probability − happened)², 0 to 1.
    pub home_win_brier: f64,
    pub home_win_brier_base_rate: f64,
    pub log_loss: f64,
    pub log_loss_base_rate: f64,
    /// Share of matches whose likeliest result came.
    pub accuracy: f64,
    /// The accuracy of expecting the commonest result of the training seasons every time.
    pub accuracy_base_rate: f64,
    pub lowest_probability: f64,
    pub highest_probability: f64,
    /// Matches whose three probabilities are not all within 0 and 1 or do not sum to 1.
    pub improper: usize,
}

impl Metrics {
    pub fn new(season: i16, left_out: usize, judged: &[Judged], base_rates: Probabilities) -> Self {
        let base: Vec<Judged> = judged.iter().map(|(outcome, _)| (*outcome, base_rates)).collect();
        let (brier, brier_base_rate) = (mean(judged, brier), mean(&base, brier));
        let all = || judged.iter().flat_map(|(_, probabilities)| *probabilities);
        Self {
            season,
            matches: judged.len(),
            left_out,
            brier: rounded(brier),
            brier_base_rate: rounded(brier_base_rate),
            brier_skill: rounded(1.0 - brier / brier_base_rate),
            home_win_brier: rounded(mean(judged, home_win_brier)),
            home_win_brier_base_rate: rounded(mean(&base, home_win_brier)),
            log_loss: rounded(mean(judged, log_loss)),
            log_loss_base_rate: rounded(mean(&base, log_loss)),
            accuracy: rounded(mean(judged, hit)),
            accuracy_base_rate: rounded(mean(&base, hit)),
            lowest_probability: rounded(all().fold(f64::INFINITY, f64::min)),
            highest_probability: rounded(all().fold(f64::NEG_INFINITY, f64::max)),
            improper: judged.iter().filter(|(_, probabilities)| !is_proper(probabilities)).count(),
        }
    }
}

/// Returns the likeliest outcome; of equal ones the first.
pub fn pick(probabilities: &Probabilities) -> Outcome {
    let likelier = |best: Outcome, other: Outcome| {
        if probabilities[other.index()] > probabilities[best.index()] { other } else { best }
    };
    Outcome::ALL.into_iter().fold(Outcome::Home, likelier)
}

/// One class, one bin of its probabilities: how often it was expected and how often it came.
#[derive(Debug, PartialEq)]
pub struct Calibration {
    pub outcome: Outcome,
    /// Bounds of the bin; the upper one belongs to it only at 1.
    pub from: f64,
    pub to: f64,
    pub matches: usize,
    pub mean_predicted: f64,
    pub observed_share: f64,
}

/// Returns the bins of equal width that hold a match, by class and then upwards.
pub fn calibration(judged: &[Judged], n_bins: u16) -> Vec<Calibration> {
    let bins = Outcome::ALL.into_iter().flat_map(|outcome| (0..n_bins).map(move |bin| (outcome, bin)));
    bins.filter_map(|(outcome, bin)| calibration_bin(judged, outcome, bin, n_bins)).collect()
}

fn calibration_bin(judged: &[Judged], outcome: Outcome, bin: u16, n_bins: u16) -> Option<Calibration> {
    let edge = |bin: u16| f64::from(bin) / f64::from(n_bins);
    let (from, to) = (edge(bin), edge(bin + 1));
    let expected = |(_, probabilities): &Judged| probabilities[outcome.index()];
    let is_last = bin + 1 == n_bins;
    let holds = |judged: &&Judged| {
        let probability = expected(judged);
        probability >= from && (probability < to || is_last)
    };
    let members: Vec<Judged> = judged.iter().filter(holds).copied().collect();
    (!members.is_empty()).then(|| Calibration {
        outcome,
        from,
        to,
        matches: members.len(),
        mean_predicted: mean(&members, expected),
        observed_share: mean(&members, |(came, _)| if *came == outcome { 1.0 } else { 0.0 }),
    })
}

fn brier((outcome, probabilities): &Judged) -> f64 {
    let squared = |class: Outcome| {
        let happened = if class == *outcome { 1.0 } else { 0.0 };
        let off = probabilities[class.index()] - happened;
        off * off
    };
    Outcome::ALL.into_iter().map(squared).sum()
}

fn home_win_brier((outcome, probabilities): &Judged) -> f64 {
    let happened = if *outcome == Outcome::Home { 1.0 } else { 0.0 };
    let off = probabilities[Outcome::Home.index()] - happened;
    off * off
}

fn log_loss((outcome, probabilities): &Judged) -> f64 {
    -libm::log(probabilities[outcome.index()])
}

fn hit((outcome, probabilities): &Judged) -> f64 {
    if pick(probabilities) == *outcome { 1.0 } else { 0.0 }
}

fn is_proper(probabilities: &Probabilities) -> bool {
    let total: f64 = probabilities.iter().sum();
    probabilities.iter().all(|probability| (0.0..=1.0).contains(probability)) && (total - 1.0).abs() <= 1e-9
}

#[expect(clippy::cast_precision_loss, reason = "counts of matches are far below 2^52")]
fn mean(judged: &[Judged], score: impl Fn(&Judged) -> f64) -> f64 {
    judged.iter().map(score).sum::<f64>() / judged.len() as f64
}

/// Rounds to six decimals: what is beyond them says nothing about a season of matches.
fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    const THIRD: f64 = 1.0 / 3.0;
    const JUDGED: [Judged; 4] = [
        (Outcome::Home, [0.7, 0.2, 0.1]),
        (Outcome::Away, [0.7, 0.2, 0.1]),
        (Outcome::Draw, [0.25, 0.5, 0.25]),
        (Outcome::Home, [1.0, 0.0, 0.0]),
    ];

    #[test]
    fn scores_are_those_worked_out_by_hand() {
        let metrics = Metrics::new(2016, 3, &JUDGED, [THIRD; 3]);
        // Brier: 0.09+0.04+0.01, 0.49+0.04+0.81, 0.0625+0.25+0.0625, 0; over four matches.
        assert_eq!((metrics.brier, metrics.brier_base_rate), (0.46375, 0.666_667));
        // Home win alone: 0.09, 0.49, 0.0625, 0.
        assert_eq!((metrics.brier_skill, metrics.home_win_brier), (0.304_375, 0.160_625));
        // Log loss: -(ln 0.7 + ln 0.1 + ln 0.5 + ln 1) / 4.
        assert_eq!((metrics.log_loss, metrics.log_loss_base_rate), (0.838_102, 1.098_612));
        assert_eq!((metrics.accuracy, metrics.accuracy_base_rate), (0.75, 0.5));
        assert_eq!((metrics.lowest_probability, metrics.highest_probability, metrics.improper), (0.0, 1.0, 0));
    }

    #[test]
    fn probabilities_that_are_none_are_counted() {
        let judged =
            [(Outcome::Home, [0.7, 0.2, 0.2]), (Outcome::Home, [1.2, -0.1, -0.1]), (Outcome::Home, [f64::NAN; 3])];
        assert_eq!(Metrics::new(2016, 0, &judged, [THIRD; 3]).improper, 3);
    }

    #[test]
    fn a_bin_holds_its_lower_bound_and_the_last_one_also_1() {
        let bins = calibration(&JUDGED, 2);
        let home: Vec<_> = bins.iter().filter(|bin| bin.outcome == Outcome::Home).collect();
        assert_eq!(home.iter().map(|bin| (bin.from, bin.matches)).collect::<Vec<_>>(), [(0.0, 1), (0.5, 3)]);
        assert_eq!((home[1].mean_predicted, home[1].observed_share), (0.799_999_999_999_999_9, 2.0 / 3.0));
    }
}
