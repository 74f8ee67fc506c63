//! `calibration`: whether predicted probabilities come true as often as they say.
//!
//! Classes are judged one against the rest, and together by the class that is most probable: rows stay independent then, and
//! what chance would do can be drawn. A probability outside of [0, 1] is an error, also when it is of one row.

mod measure;
mod rows;

use lockgate_contract::Report;
use lockgate_kinds::{Bounds, Calibration, Forecast};
use lockgate_stats::Predictions;

use self::measure::{Measure, state_of};
use self::rows::{ClassRows, Reading, Rows};
use crate::error::evidence;
use crate::finding::{Draft, Finding};
use crate::words::{rows as rows_of, three_digits};
use crate::{Given, JudgeError};

const ALL_ALIKE: &str = "all outcomes are the same; needs two that differ, over a longer time";

/// Judges the predictions of each table.
pub fn judge(settings: &Calibration, given: &Given<'_>) -> Result<Report, JudgeError> {
    let mut draft = Draft::new(given);
    for input in given.data {
        let table = draft.open(input)?;
        let reading = Reading { table: &table, name: input.name, window: settings.window };
        let mut bench = Bench { name: input.name, settings, draft: &mut draft };
        match &settings.forecast {
            Forecast::Event { probability, outcome, event } => {
                let rows = reading.event(probability, outcome, event.as_deref())?;
                let brier = settings.brier.map(|bounds| Measure::Brier { bounds, bins: settings.bins });
                bench.judge(probability, &rows, brier)?;
            }
            Forecast::Classes { probabilities, outcome } => {
                let rows = reading.classes(probabilities, outcome)?;
                bench.judge_classes(probabilities, &rows)?;
            }
        }
    }
    Ok(draft.finish())
}

/// A table whose predictions are judged.
struct Bench<'b, 'a> {
    name: &'b str,
    settings: &'b Calibration,
    draft: &'b mut Draft<'a>,
}

impl Bench<'_, '_> {
    /// Judges each class, all of them together, and their common Brier score.
    fn judge_classes(&mut self, classes: &[(String, String)], rows: &ClassRows) -> Result<(), JudgeError> {
        for (class, (_, column)) in classes.iter().enumerate() {
            self.judge(column, &rows.of_class(class), None)?;
        }
        self.judge("most probable class", &rows.most_probable(), None)?;
        if let Some(bounds) = self.settings.brier {
            let finding = self.brier_of_classes(bounds, rows);
            self.draft.found(finding);
        }
        Ok(())
    }

    fn brier_of_classes(&mut self, bounds: Bounds, rows: &ClassRows) -> Finding {
        let finding = Finding::new("classes", format!("Brier score {bounds}")).expecting(bounds.to_string());
        if let Some(why) = self.lack(rows.len(), rows.are_alike()) {
            return finding.lacking(why);
        }
        let score = rows.brier();
        self.draft.metric("brier", score);
        let observed = format!("{} of {}, within 0 and 2", three_digits(score), rows_of(rows.len() as u64));
        finding.seen(state_of(bounds.exceeded(score)), observed).count(0, rows.len())
    }

    /// Judges the predictions of one event; `brier` is part of it where that is a score of one event.
    fn judge(&mut self, subject: &str, rows: &Rows, brier: Option<Measure>) -> Result<(), JudgeError> {
        let (probabilities, outcomes): (Vec<f64>, Vec<bool>) = rows.pairs.iter().copied().unzip();
        let mistake = |cause| JudgeError::Statistic { path: self.name.to_owned(), column: subject.to_owned(), cause };
        let alike = outcomes.windows(2).all(|pair| pair[0] == pair[1]);
        let predictions = match self.lack(outcomes.len(), alike) {
            Some(why) => Err(why),
            None => evidence(Predictions::new(&probabilities, &outcomes, rows.missing), mistake)?
                .map_err(|lack| lack.to_string()),
        };
        let Calibration { ece, spiegelhalter, bins, .. } = *self.settings;
        let ece = ece.map(|bounds| Measure::Ece { bounds, bins });
        let spiegelhalter = spiegelhalter.map(|alpha| Measure::Spiegelhalter { alpha });
        for measure in [ece, brier, spiegelhalter].into_iter().flatten() {
            let finding = Finding::new(subject, measure.rule());
            let (finding, value) = match &predictions {
                Err(why) => (finding.lacking(why), None),
                Ok(predictions) => evidence(measure.of(predictions, finding.clone()), mistake)?
                    .unwrap_or_else(|lack| (finding.lacking(lack.to_string()), None)),
            };
            if let Some(value) = value {
                self.draft.metric(&format!("{} {subject}", measure.metric()), value);
            }
            self.draft.found(with_coverage(finding, rows));
        }
        Ok(())
    }

    /// Says what is lacking of so many rows, if anything.
    fn lack(&self, n: usize, alike: bool) -> Option<String> {
        let needs = self.settings.min_rows.max(1);
        if (n as u64) < needs {
            let step =
                if self.settings.window.is_some() { "wait for more outcomes" } else { "predict over a longer time" };
            return Some(format!("needs n ≥ {needs} rows with a probability and an outcome, has {n}: {step}"));
        }
        alike.then(|| ALL_ALIKE.to_owned())
    }
}

fn with_coverage(finding: Finding, rows: &Rows) -> Finding {
    if rows.missing == 0 {
        return finding;
    }
    finding.note(format!("{} without a probability or an outcome not counted", rows_of(rows.missing)))
}
