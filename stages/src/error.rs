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
            Self::Row { .. } => "repair the match in the source, then run the pipeline again",
            Self::Setting { .. } => "change the value in `params.yaml`",
            Self::Unsettled { .. } => "raise `model.max_iterations` or `model.l2` in `params.yaml`",
            Self::Insane { .. } => {
                "look at `reports/calibration.csv` and at what changed in the features; the thresholds are `sanity` in `params.yaml`"
            }
        }
    }
}
