//! What can go wrong in a stage, each with the next step. Knows nothing of any one stage.

use std::io;
use std::path::PathBuf;

use polars::error::PolarsError;

#[derive(Debug, thiserror::Error)]
pub enum StageError {
    #[error("cannot read `{}`: {cause}", path.display())]
    Read { path: PathBuf, cause: io::Error },
    #[error("cannot write `{}`: {cause}", path.display())]
    Write { path: PathBuf, cause: io::Error },
    #[error("cannot read `{}` as a table: {cause}", path.display())]
    Decode { path: PathBuf, cause: PolarsError },
    #[error("cannot write the table `{}`: {cause}", path.display())]
    Encode { path: PathBuf, cause: PolarsError },
    #[error("cannot read `{}` as JSON: {cause}", path.display())]
    Json { path: PathBuf, cause: serde_json::Error },
    #[error("`{}` does not have the layout `{layout}`{difference}", path.display())]
    Layout { path: PathBuf, layout: &'static str, difference: String },
    #[error("`{}`, line {line}: {problem}", path.display())]
    Line { path: PathBuf, line: usize, problem: String },
    #[error("`{}`, row {row}: {problem}", path.display())]
    Row { path: PathBuf, row: usize, problem: String },
    #[error("`{}`: {problem}", path.display())]
    Table { path: PathBuf, problem: String },
    #[error("`{}` is not UTF-8 text: {cause}", path.display())]
    Encoding { path: PathBuf, cause: std::str::Utf8Error },
    #[error(
        "`{}`: {n_unplayed} of {n_fixtures} fixtures have no score, and only a share of {allowed} may have none",
        path.display()
    )]
    Unplayed { path: PathBuf, n_unplayed: usize, n_fixtures: usize, allowed: f64 },
    #[error("`{}`: `{team}` ({division}) has two matches on one day", path.display())]
    TwiceADay { path: PathBuf, team: String, division: String },
    #[error("`{}`: {n_matches} matches with known form in {seasons}, {needed}", path.display())]
    TooFewMatches { path: PathBuf, n_matches: usize, seasons: String, needed: &'static str },
    #[error("`{flag}` is {found}, but must be {must}")]
    Setting { flag: &'static str, found: String, must: String },
    #[error("the fit did not settle within {iterations} steps: the last one still moved a weight by {moved:e}")]
    Unsettled { iterations: usize, moved: f64 },
    #[error("the model is not sane: {}", problems.join("; "))]
    Insane { problems: Vec<String> },
}

impl StageError {
    /// Returns the next step of whoever sees the error.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Read { .. } => "check the path, or run the stage that makes the file",
            Self::Write { .. } | Self::Encode { .. } => "check that the folder is writable and the disk has room",
            Self::Decode { .. } | Self::Json { .. } | Self::Table { .. } => {
                "run the stage that makes the file again, with the sources of this version"
            }
            Self::Layout { .. } => {
                "restore the file; if the source changed for good, teach `stages/src/layout.rs` its new columns"
            }
            Self::Line { .. } => "repair the line in the source, then run the stage again",
            Self::Encoding { .. } => "save the source as UTF-8",
            Self::Unplayed { .. } => {
                "ask the source for the missing scores; if they are right, raise `clean.max_unplayed_share` in `params.yaml`"
            }
            Self::TooFewMatches { .. } => "choose other `seasons` in `params.yaml`, or add matches to the source",
            Self::Row { .. } | Self::TwiceADay { .. } => "repair the match in the source, then run the pipeline again",
            Self::Setting { .. } => "change the value in `params.yaml`",
            Self::Unsettled { .. } => "raise `model.max_iterations` or `model.l2` in `params.yaml`",
            Self::Insane { .. } => {
                "look at `reports/calibration.csv` and at what changed in the features; the thresholds are `sanity` in `params.yaml`"
            }
        }
    }
}
