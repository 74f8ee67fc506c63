//! Stage `predict`: the probabilities of every match of a season.

use std::path::PathBuf;

use polars::prelude::Column;

use crate::error::StageError;
use crate::model::{Model, Season};
use crate::samples::{self, Sample};
use crate::scores::pick;
use crate::table::{self, column, day_column};

/// Predicts the matches of one season.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Features table
    #[arg(long, value_name = "FILE")]
    features: PathBuf,
    /// Fitted model
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Season to predict, by the year in which it starts
    #[arg(long, value_name = "YEAR")]
    season: i16,
    /// CSV file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub fn run(args: &Args) -> Result<String, StageError> {
    let samples = samples::read(&args.features)?;
    let season = Model::read(&args.model)?.predictor().season(&samples, args.season);
    table::publish(&args.out, &table::csv_bytes(&args.out, columns(&season))?)?;
    let (n_predicted, left_out) = (season.predicted.len(), season.left_out);
    Ok(format!("{n_predicted} matches predicted in `{}`, {left_out} left out: a form is unknown", args.out.display()))
}

fn columns(season: &Season<'_>) -> Vec<Column> {
    let texts = |text: fn(&Sample) -> &str| season.predicted.iter().map(|(sample, _)| text(sample)).collect::<Vec<_>>();
    let probabilities = |idx: usize| season.predicted.iter().map(|(_, all)| all[idx]).collect::<Vec<_>>();
    vec![
        day_column("date", &season.predicted.iter().map(|(sample, _)| sample.day.0).collect::<Vec<_>>()),
        column("division", texts(|sample| &sample.division)),
        column("home_team", texts(|sample| &sample.home.team)),
        column("away_team", texts(|sample| &sample.away.team)),
        column("home_win", probabilities(0)),
        column("draw", probabilities(1)),
        column("away_win", probabilities(2)),
        column("result", texts(|sample| sample.result.letter())),
        column("pick", season.predicted.iter().map(|(_, all)| pick(all).letter()).collect::<Vec<_>>()),
    ]
}
