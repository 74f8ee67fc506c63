//! The fitted model: what `classification_models` writes and `evaluate` and `predict` ask.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::StageError;
use crate::logit::{self, Coefficients};
use crate::matches::Probabilities;
use crate::samples::{INPUTS, Inputs, N_INPUTS, Sample};
use crate::table;

/// The intercept and one weight per input.
pub const N_WEIGHTS: usize = N_INPUTS + 1;

#[derive(Debug, Serialize, Deserialize)]
pub struct Model {
    pub train_from: i16,
    pub train_to: i16,
    pub matches: usize,
    pub iterations: usize,
    /// Shares of home wins, draws and away wins among the matches it was fitted on.
    pub base_rates: Probabilities,
    pub intercepts: Odds,
    pub inputs: Vec<Input>,
}

/// Log-odds of a home win and of an away win against a draw.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Odds {
    pub home: f64,
    pub away: f64,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Input {
    pub name: String,
    /// Mean and standard deviation in training; the weights belong to the standardised value.
    pub mean: f64,
    pub deviation: f64,
    pub weights: Odds,
}

/// How each input is standardised.
pub struct Scales(pub [Scale; N_INPUTS]);

#[derive(Debug, Clone, Copy)]
pub struct Scale {
    pub mean: f64,
    pub deviation: f64,
}

impl Scales {
    /// Returns a row for the regression: 1 for the intercept, then the standardised inputs.
    pub fn row(&self, inputs: &Inputs) -> [f64; N_WEIGHTS] {
        let mut row = [1.0; N_WEIGHTS];
        for ((slot, scale), input) in row[1..].iter_mut().zip(self.0).zip(inputs) {
            *slot = (input - scale.mean) / scale.deviation;
        }
        row
    }
}

impl Model {
    pub fn read(path: &Path) -> Result<Self, StageError> {
        let model: Self = table::read_json(path)?;
        let names: Vec<&str> = model.inputs.iter().map(|input| input.name.as_str()).collect();
        if names == INPUTS {
            return Ok(model);
        }
        let (found, expected) = (table::quoted(&names), table::quoted(&INPUTS));
        let problem = format!("the model was fitted on {found}, but the features are {expected}");
        Err(StageError::Table { path: path.to_owned(), problem })
    }

    /// Returns the model in the shape that predicts.
    pub fn predictor(&self) -> Predictor {
        let scale = |idx: usize| Scale { mean: self.inputs[idx].mean, deviation: self.inputs[idx].deviation };
        let weights = |intercept: f64, weight: fn(&Odds) -> f64| {
            std::array::from_fn(|idx| if idx == 0 { intercept } else { weight(&self.inputs[idx - 1].weights) })
        };
        Predictor {
            scales: Scales(std::array::from_fn(scale)),
            coefficients: [
                weights(self.intercepts.home, |odds| odds.home),
                weights(self.intercepts.away, |odds| odds.away),
            ],
        }
    }
}

pub struct Predictor {
    scales: Scales,
    coefficients: Coefficients<N_WEIGHTS>,
}

/// The matches of a season that the model has an opinion on, and how many it has none on.
pub struct Season<'s> {
    pub predicted: Vec<(&'s Sample, Probabilities)>,
    pub left_out: usize,
}

impl Predictor {
    /// Predicts a season; leaves out a match in which the form of a team is unknown, rather than guess it.
    pub fn season<'s>(&self, samples: &'s [Sample], season: i16) -> Season<'s> {
        let of_season = || samples.iter().filter(|sample| sample.season == season);
        let predict = |sample: &'s Sample| {
            let row = self.scales.row(&sample.inputs()?);
            Some((sample, logit::probabilities(&self.coefficients, &row)))
        };
        let predicted: Vec<_> = of_season().filter_map(predict).collect();
        let left_out = of_season().count() - predicted.len();
        Season { predicted, left_out }
    }
}
