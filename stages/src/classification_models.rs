//! Stage `classification_models`: fits the probabilities of home win, draw and away win to the training seasons.

use std::path::PathBuf;

use crate::error::StageError;
use crate::logit::{self, Fit, FitRules, Unsettled};
use crate::matches::Probabilities;
use crate::model::{Input, Model, N_WEIGHTS, Odds, Scale, Scales};
use crate::samples::{self, INPUTS, Inputs, Sample};
use crate::table;

/// Fits the model on the training seasons.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Features table
    #[arg(long, value_name = "FILE")]
    features: PathBuf,
    /// First training season, by the year in which it starts
    #[arg(long, value_name = "YEAR")]
    train_from: i16,
    /// Last training season
    #[arg(long, value_name = "YEAR")]
    train_to: i16,
    /// Penalty on the weights
    #[arg(long)]
    l2: f64,
    /// Newton steps before the fit gives up
    #[arg(long, value_name = "STEPS")]
    max_iterations: usize,
    /// JSON file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub fn run(args: &Args) -> Result<String, StageError> {
    if !(args.l2 >= 0.0 && args.l2.is_finite()) {
        let must = "zero or more".to_owned();
        return Err(StageError::Setting { flag: "--l2", found: args.l2.to_string(), must });
    }
    let samples = samples::read(&args.features)?;
    let (inputs, classes) = training_set(&samples, args);
    let base_rates = shares(&classes);
    // Asked as what must hold: without any match the shares are no numbers.
    if !base_rates.iter().all(|share| *share > 0.0) {
        return Err(too_few(classes.len(), args));
    }
    let scales = Scales(std::array::from_fn(|idx| scale(&inputs, idx)));
    let rows: Vec<_> = inputs.iter().map(|inputs| scales.row(inputs)).collect();
    let rules = FitRules { l2: args.l2, max_iterations: args.max_iterations };
    let fit = logit::fit(&rows, &classes, rules)
        .map_err(|Unsettled(moved)| StageError::Unsettled { iterations: args.max_iterations, moved })?;
    let model = model(args, &fit, &scales, base_rates, rows.len());
    table::publish(&args.out, &table::json_bytes(&args.out, &model)?)?;
    Ok(format!("model in `{}`, fitted on {} matches in {} steps", args.out.display(), rows.len(), fit.iterations))
}

fn training_set(samples: &[Sample], args: &Args) -> (Vec<Inputs>, Vec<usize>) {
    let seasons = args.train_from..=args.train_to;
    let in_training = samples.iter().filter(|sample| seasons.contains(&sample.season));
    in_training.filter_map(|sample| Some((sample.inputs()?, sample.result.index()))).unzip()
}

#[expect(clippy::cast_precision_loss, reason = "counts of matches are far below 2^52")]
fn shares(classes: &[usize]) -> Probabilities {
    let share = |class| classes.iter().filter(|found| **found == class).count() as f64 / classes.len() as f64;
    [share(0), share(1), share(2)]
}

/// Returns mean and standard deviation of an input; a constant input keeps its size.
#[expect(clippy::cast_precision_loss, reason = "counts of matches are far below 2^52")]
fn scale(inputs: &[Inputs], idx: usize) -> Scale {
    let n = inputs.len() as f64;
    let mean = inputs.iter().map(|inputs| inputs[idx]).sum::<f64>() / n;
    let variance = inputs.iter().map(|inputs| (inputs[idx] - mean) * (inputs[idx] - mean)).sum::<f64>() / n;
    let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
    Scale { mean, deviation }
}

fn too_few(n_matches: usize, args: &Args) -> StageError {
    let seasons = format!("the seasons {} to {}", args.train_from, args.train_to);
    let needed = "which do not show all three results";
    StageError::TooFewMatches { path: args.features.clone(), n_matches, seasons, needed }
}

fn model(args: &Args, fit: &Fit<N_WEIGHTS>, scales: &Scales, base_rates: Probabilities, matches: usize) -> Model {
    let [home, away] = &fit.coefficients;
    let odds = |idx: usize| Odds { home: home[idx], away: away[idx] };
    let input = |(idx, name): (usize, &str)| {
        let Scale { mean, deviation } = scales.0[idx];
        Input { name: name.to_owned(), mean, deviation, weights: odds(idx + 1) }
    };
    Model {
        train_from: args.train_from,
        train_to: args.train_to,
        matches,
        iterations: fit.iterations,
        base_rates,
        intercepts: odds(0),
        inputs: INPUTS.into_iter().enumerate().map(input).collect(),
    }
}
