//! Gate `model_is_sane`: exits 1 when the metrics of a model are not those of a model one may use.

use std::path::PathBuf;

use crate::error::StageError;
use crate::scores::Metrics;
use crate::table;

/// Refuses a model that does not beat the base rates, or whose probabilities are none.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Metrics of the model
    #[arg(long, value_name = "FILE")]
    metrics: PathBuf,
    /// Matches that the scores must rest on
    #[arg(long, value_name = "MATCHES")]
    min_matches: usize,
    /// Share of the base rates' Brier score that the model must save
    #[arg(long, value_name = "SHARE")]
    min_brier_skill: f64,
}

pub fn run(args: &Args) -> Result<String, StageError> {
    let metrics: Metrics = table::read_json(&args.metrics)?;
    let problems = problems(&metrics, args.min_matches, args.min_brier_skill);
    if !problems.is_empty() {
        return Err(StageError::Insane { problems });
    }
    let Metrics { brier, brier_base_rate, brier_skill, .. } = metrics;
    Ok(format!("sane: Brier {brier:.4} against {brier_base_rate:.4} of the base rates, skill {brier_skill:.4}"))
}

fn problems(metrics: &Metrics, min_matches: usize, min_brier_skill: f64) -> Vec<String> {
    let Metrics { matches, brier, brier_base_rate, brier_skill, improper, .. } = *metrics;
    let Metrics { home_win_brier, home_win_brier_base_rate, lowest_probability, highest_probability, .. } = *metrics;
    // Each rule is asked for as what must hold, so that a number that is none breaks it.
    let rules = [
        (matches >= min_matches, format!("{matches} matches prove nothing, {min_matches} are needed")),
        (improper == 0, format!("the probabilities of {improper} matches are not within 0 and 1 or do not sum to 1")),
        (
            lowest_probability >= 0.0 && highest_probability <= 1.0,
            format!("probabilities run from {lowest_probability} to {highest_probability}, beyond 0 and 1"),
        ),
        (
            brier < brier_base_rate && brier_skill >= min_brier_skill,
            format!(
                "Brier score {brier:.4} against {brier_base_rate:.4} of the base rates is a skill of {brier_skill:.4}, \
                 {min_brier_skill} is needed"
            ),
        ),
        (
            home_win_brier < home_win_brier_base_rate,
            format!(
                "home-win Brier score {home_win_brier:.4} does not beat {home_win_brier_base_rate:.4} of the base rate"
            ),
        ),
    ];
    rules.into_iter().filter(|(holds, _)| !holds).map(|(_, problem)| problem).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matches::Outcome;

    fn check(probabilities: [f64; 3], n_matches: usize, expect: &[&str]) {
        let judged = vec![(Outcome::Home, probabilities); n_matches];
        assert_eq!(problems(&Metrics::new(2016, 0, &judged, [0.4, 0.3, 0.3]), 300, 0.02), expect);
    }

    #[test]
    fn a_model_that_beats_the_base_rates_passes() {
        check([0.5, 0.3, 0.2], 300, &[]);
    }

    #[test]
    fn a_model_no_better_than_the_base_rates_is_refused() {
        check(
            [0.4, 0.3, 0.3],
            300,
            &[
                "Brier score 0.5400 against 0.5400 of the base rates is a skill of 0.0000, 0.02 is needed",
                "home-win Brier score 0.3600 does not beat 0.3600 of the base rate",
            ],
        );
    }

    #[test]
    fn too_few_matches_and_improper_probabilities_are_refused() {
        check(
            [1.1, 0.0, 0.0],
            2,
            &[
                "2 matches prove nothing, 300 are needed",
                "the probabilities of 2 matches are not within 0 and 1 or do not sum to 1",
                "probabilities run from 0 to 1.1, beyond 0 and 1",
            ],
        );
    }
}
