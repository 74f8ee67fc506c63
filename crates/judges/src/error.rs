//! Why there is no report.

use std::io;

use lockgate_contract::{CheckError, SqlError};
use lockgate_stats::{Invalid, StatError};

/// What keeps a gate from judging; the verdict is *error*, which blocks.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    #[error(transparent)]
    Table(#[from] CheckError),

    #[error(transparent)]
    Query(#[from] SqlError),

    #[error(
        "`{kind}` at {citation} cannot be judged: the data-frame library stopped at \"{why}\"; this is a bug in lockgate"
    )]
    Stopped { kind: &'static str, citation: String, why: String },

    #[error("cannot read `{path}`: {cause}; check that it is there and readable")]
    Unreadable { path: String, cause: io::Error },

    #[error("`{path}` is not {what}: {why}; {step}")]
    NotA { path: String, what: &'static str, why: String, step: String },

    #[error(
        "`{path}` is in the format `{found}`, and this version reads `{known}`; update lockgate, or make the file again \
         with `lockgate gate reference {gate}`"
    )]
    Format { path: String, found: String, known: &'static str, gate: String },

    #[error(
        "the times in column `{column}` of `{path}` name no zone; add `timezone: UTC`, or that of the place, at {citation}"
    )]
    NoZone { path: String, column: String, citation: String },

    #[error("the time zone `{zone}` at {citation} is not known; write UTC or a name such as Europe/London")]
    UnknownZone { zone: String, citation: String },

    #[error(transparent)]
    Future(Box<Future>),

    #[error(transparent)]
    Value(Box<Misfit>),

    #[error("column `{column}` of `{path}`: {cause}")]
    Statistic { path: String, column: String, cause: Invalid },

    #[error("metric `{metric}` of `{path}`: {cause}")]
    Metric { path: String, metric: String, cause: Invalid },

    #[error("`{path}` has no `{key}`: {help}")]
    NoKey { path: String, key: String, help: String },

    #[error(
        "gates of kind `{kind}` compare with no file that could be made; those of kind `drift` and `regression` do"
    )]
    NoReference { kind: &'static str },

    #[error("no reference can be made: {why}; {step}")]
    CannotRefer { why: String, step: String },

    #[error("{problem} at {citation}; {step}")]
    Setting { problem: String, citation: String, step: String },
}

/// A time that has not come yet.
#[derive(Debug, thiserror::Error)]
#[error(
    "row {row} of `{path}` is in the future: `{column}` is {time}, {ahead} after {now}; correct the time or the clock that \
     wrote it, or allow more with `skew` at {citation}"
)]
pub struct Future {
    pub path: String,
    pub column: String,
    /// From 1.
    pub row: u64,
    pub time: String,
    pub ahead: String,
    pub now: String,
    pub citation: String,
}

/// A cell without a meaning.
#[derive(Debug, thiserror::Error)]
#[error("`{path}`, row {row}: `{text}` in column `{column}` is not {wanted}; {step}")]
pub struct Misfit {
    pub path: String,
    /// From 1.
    pub row: u64,
    pub column: String,
    pub text: String,
    pub wanted: String,
    pub step: String,
}

impl From<Future> for JudgeError {
    fn from(future: Future) -> Self {
        Self::Future(Box::new(future))
    }
}

impl From<Misfit> for JudgeError {
    fn from(misfit: Misfit) -> Self {
        Self::Value(Box::new(misfit))
    }
}

/// Splits what a statistic says into a lack of evidence, which is a finding, and a mistake, which is an error.
pub(crate) fn evidence<T>(
    result: Result<T, StatError>,
    mistake: impl FnOnce(Invalid) -> JudgeError,
) -> Result<Result<T, lockgate_stats::Inconclusive>, JudgeError> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(StatError::Inconclusive(lack)) => Ok(Err(lack)),
        Err(StatError::Invalid(cause)) => Err(mistake(cause)),
    }
}
