//! Stage `evaluate`: scores of the model in a season it has not seen, and the calibration of its probabilities.

use std::num::NonZeroU16;
use std::path::PathBuf;

use polars::prelude::Column;

use crate::error::StageError;
use crate::model::Model;
use crate::samples;
use crate::scores::{Calibration, Judged, Metrics, calibration};
use crate::table::{self, column};

/// Scores the model in one season.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Features table
    #[arg(long, value_name = "FILE")]
    features: PathBuf,
    /// Fitted model
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Season to score, by the year in which it starts
    #[arg(long, value_name = "YEAR")]
    season: i16,
    /// Bins of equal width between 0 and 1
    #[arg(long, value_name = "BINS")]
    calibration_bins: NonZeroU16,
    /// JSON file to write the scores to
    #[arg(long, value_name = "FILE")]
    metrics: PathBuf,
    /// CSV file to write the calibration table to
    #[arg(long, value_name = "FILE")]
    calibration: PathBuf,
}

pub fn run(args: &Args) -> Result<String, StageError> {
    let samples = samples::read(&args.features)?;
    let model = Model::read(&args.model)?;
    if (model.train_from..=model.train_to).contains(&args.season) {
        let must = format!("a season outside the training seasons {} to {}", model.train_from, model.train_to);
        return Err(StageError::Setting { flag: "--season", found: args.season.to_string(), must });
    }
    let season = model.predictor().season(&samples, args.season);
    let judged: Vec<Judged> = season.predicted.iter().map(|(sample, expected)| (sample.result, *expected)).collect();
    if judged.is_empty() {
        let (path, seasons) = (args.features.clone(), format!("season {}", args.season));
        return Err(StageError::TooFewMatches { path, n_matches: 0, seasons, needed: "which leaves nothing to score" });
    }
    let metrics = Metrics::new(args.season, season.left_out, &judged, model.base_rates);
    let calibration = columns(&calibration(&judged, args.calibration_bins.get()));
    let metrics_bytes = table::json_bytes(&args.metrics, &metrics)?;
    let calibration_bytes = table::csv_bytes(&args.calibration, calibration)?;
    table::publish(&args.metrics, &metrics_bytes)?;
    table::publish(&args.calibration, &calibration_bytes)?;
    Ok(summary(&metrics))
}

fn columns(bins: &[Calibration]) -> Vec<Column> {
    let reals = |real: fn(&Calibration) -> f64| bins.iter().map(real).collect::<Vec<_>>();
    vec![
        column("result", bins.iter().map(|bin| bin.outcome.letter()).collect::<Vec<_>>()),
        column("bin_from", reals(|bin| bin.from)),
        column("bin_to", reals(|bin| bin.to)),
        column("matches", bins.iter().map(|bin| i64::try_from(bin.matches).unwrap_or(i64::MAX)).collect::<Vec<_>>()),
        column("mean_predicted", reals(|bin| bin.mean_predicted)),
        column("observed_share", reals(|bin| bin.observed_share)),
    ]
}

fn summary(metrics: &Metrics) -> String {
    let Metrics { season, matches, left_out, brier, brier_base_rate, accuracy, .. } = metrics;
    format!(
        "season {season}: Brier {brier:.4} against {brier_base_rate:.4} of the base rates, accuracy {accuracy:.3}, \
         {matches} matches, {left_out} left out"
    )
}
