//! One column against its reference: the distances, and what chance alone would do.

use lockgate_contract::State;
use lockgate_kinds::{Alarm, Bounds, Distances, Tested};
use lockgate_stats::{
    Contingency, Inconclusive, Level, Levels, LogBase, PER_BIN, Rare, Sample, Smoothing, StatError, Subject,
    ThinColumns, chi_square, jensen_shannon_distance, kolmogorov_smirnov, psi, wasserstein_normed,
};

use super::reference::KeptNumbers;
use crate::finding::Finding;
use crate::words::{BY_CHANCE, p_value, percent, three_digits};

/// Levels below this share on both sides are one.
const RARE: f64 = 0.01;

/// A PSI counts above what it stays under in so many cases while nothing drifts.
const CONFIDENCE: f64 = 0.99;

/// A column as it was and as it is.
pub enum Pair<'a> {
    Numbers { reference: &'a KeptNumbers, current: Sample },
    Levels { reference: &'a Levels, current: Levels },
}

/// What came of one distance.
struct Measured {
    value: f64,
    /// Whether chance alone would do this often enough.
    by_chance: bool,
    observed: String,
    /// What of the column has moved most; of interest when it drifted.
    cause: Option<String>,
    /// How well the reference is known.
    reservation: Option<String>,
}

/// A distance of a column: its name, the finding, and the value where there is one.
pub struct Judged {
    pub distance: &'static str,
    pub value: Option<f64>,
    pub finding: Finding,
}

impl Pair<'_> {
    /// Judges the column by all distances that are of its kind; `tests` is the number of columns tested together.
    pub fn judge(&self, column: &str, distances: &Distances, tests: usize) -> Result<Vec<Judged>, StatError> {
        let mut all = Vec::new();
        let mut add = |distance, bounds: Bounds, measured: Result<Measured, StatError>| {
            all.push(judged(distance, column, bounds, measured)?);
            Ok::<(), StatError>(())
        };
        if let Some(bounds) = distances.psi {
            add("psi", bounds, self.psi())?;
        }
        if let Some(bounds) = distances.jensen_shannon {
            add("jensen-shannon", bounds, self.jensen_shannon())?;
        }
        if let Some(Tested { bounds, alpha }) = distances.chi_square {
            add("chi-square", bounds, self.chi_square(alpha, tests))?;
        }
        if let Self::Numbers { reference, current } = self {
            if let Some(Tested { bounds, alpha }) = distances.ks {
                add("ks", bounds, ks(reference, current, alpha, tests))?;
            }
            if let Some(bounds) = distances.wasserstein {
                add("wasserstein", bounds, wasserstein(reference, current))?;
            }
        }
        Ok(all)
    }

    /// Puts both sides into one table; bins or levels have their names.
    fn table(&self) -> Result<(Vec<String>, Contingency), StatError> {
        match self {
            Self::Numbers { reference, current } => {
                Ok((bin_names(reference.histogram.cuts().at()), reference.histogram.against(current)?))
            }
            Self::Levels { reference, current } => {
                let (levels, table) = reference.against(current, Rare::Pool { below: RARE })?;
                Ok((levels.into_iter().map(level_name).collect(), table))
            }
        }
    }

    fn psi(&self) -> Result<Measured, StatError> {
        let (names, table) = self.table()?;
        let psi = psi(&table, Smoothing::HALF, PER_BIN)?;
        let bound = psi.bound(CONFIDENCE)?;
        let most = psi.contributions.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1));
        let (reference, current) = (psi.totals.reference as f64, psi.totals.current as f64);
        let cause = most.map(|(at, _)| {
            let (before, after) = (table.reference()[at] as f64 / reference, table.current()[at] as f64 / current);
            format!("most of it: {} was {} and is {}", names[at], percent(before), percent(after))
        });
        Ok(Measured {
            value: psi.value,
            by_chance: psi.value <= bound,
            observed: format!(
                "{}; chance alone stays under {} in 99 of 100 cases",
                three_digits(psi.value),
                three_digits(bound)
            ),
            cause,
            reservation: None,
        })
    }

    fn jensen_shannon(&self) -> Result<Measured, StatError> {
        let (_, table) = self.table()?;
        table.enough(PER_BIN)?;
        let [reference, current] = table.shares(Smoothing::None)?;
        let value = jensen_shannon_distance(&reference, &current, LogBase::Two)?;
        Ok(Measured { value, by_chance: false, observed: three_digits(value), cause: None, reservation: None })
    }

    fn chi_square(&self, alpha: f64, tests: usize) -> Result<Measured, StatError> {
        let (_, table) = self.table()?;
        let test = chi_square(&table, ThinColumns::Merge)?;
        let significance = Significance::of(test.p_value, alpha, tests);
        let value = test.cramers_v;
        let observed = format!("Cramér's V {}, {}", three_digits(value), significance.text());
        Ok(Measured { value, by_chance: !significance.rejects(), observed, cause: None, reservation: None })
    }
}

fn ks(reference: &KeptNumbers, current: &Sample, alpha: f64, tests: usize) -> Result<Measured, StatError> {
    let test = kolmogorov_smirnov(&reference.values, current)?;
    test.enough(alpha / tests as f64)?;
    let significance = Significance::of(test.p_value(), alpha, tests);
    let place = three_digits(test.location);
    let observed = format!("{} at {place}, {}", three_digits(test.statistic), significance.text());
    let reservation = reference.thinning();
    Ok(Measured { value: test.statistic, by_chance: !significance.rejects(), observed, cause: None, reservation })
}

fn wasserstein(reference: &KeptNumbers, current: &Sample) -> Result<Measured, StatError> {
    let value = wasserstein_normed(&reference.values, current, 0.0)?;
    let observed = format!("{} standard deviations of the reference", three_digits(value));
    Ok(Measured { value, by_chance: false, observed, cause: None, reservation: reference.thinning() })
}

/// A p-value corrected for the number of columns that are tested at once, by Bonferroni.
///
/// It bounds the probability of any false alarm of the gate, and what would be enough can be told before looking.
struct Significance {
    p: f64,
    alpha: f64,
    tests: usize,
}

impl Significance {
    fn of(p: f64, alpha: f64, tests: usize) -> Self {
        Self { p: (p * tests as f64).min(1.0), alpha, tests }
    }

    fn rejects(&self) -> bool {
        self.p <= self.alpha
    }

    fn text(&self) -> String {
        let corrected = if self.tests > 1 { format!(" corrected for {} columns", self.tests) } else { String::new() };
        format!("p {}{corrected}, α = {}", p_value(self.p), self.alpha)
    }
}

fn judged(
    distance: &'static str,
    column: &str,
    bounds: Bounds,
    measured: Result<Measured, StatError>,
) -> Result<Judged, StatError> {
    let finding = Finding::new(column, format!("{distance} {bounds}")).expecting(bounds.to_string());
    let measured = match measured {
        Ok(measured) => measured,
        Err(StatError::Inconclusive(lack)) => {
            return Ok(Judged { distance, value: None, finding: finding.lacking(what_would_do(lack)) });
        }
        Err(invalid @ StatError::Invalid(_)) => return Err(invalid),
    };
    let (state, kept_by_chance) = match (bounds.exceeded(measured.value), measured.by_chance) {
        (None, _) => (State::Pass, None),
        (Some(_), true) => (State::Pass, Some(BY_CHANCE.to_owned())),
        (Some(Alarm::Warn), false) => (State::Warn, None),
        (Some(Alarm::Fail), false) => (State::Fail, None),
    };
    let bad = usize::from(state != State::Pass);
    let cause = measured.cause.filter(|_| bad > 0);
    let mut finding = finding.seen(state, measured.observed).count(bad, 1);
    finding.notes = [cause, kept_by_chance, measured.reservation].into_iter().flatten().collect();
    Ok(Judged { distance, value: Some(measured.value), finding })
}

/// Says what is lacking and how to come by it.
fn what_would_do(lack: Inconclusive) -> String {
    let step = match lack {
        Inconclusive::TooFew { of: Subject::Reference, .. } => "make the reference of more rows",
        Inconclusive::TooFew { .. } => "widen the window",
        Inconclusive::NoVariance { .. } | Inconclusive::OnlyCertain | Inconclusive::ZeroBaseline => {
            "remove the column, or make a new reference"
        }
    };
    format!("{lack}: {step}")
}

fn bin_names(cuts: &[f64]) -> Vec<String> {
    let first = cuts.first().map(|cut| format!("≤ {}", three_digits(*cut)));
    let between = cuts.windows(2).map(|pair| format!("{}..{}", three_digits(pair[0]), three_digits(pair[1])));
    let last = cuts.last().map(|cut| format!("> {}", three_digits(*cut)));
    first.into_iter().chain(between).chain(last).chain(["null".to_owned()]).collect()
}

fn level_name(level: Level<'_>) -> String {
    match level {
        Level::Named(name) => format!("`{name}`"),
        Level::Other => "the rare levels".to_owned(),
        Level::Null => "null".to_owned(),
    }
}
