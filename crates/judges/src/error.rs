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

    #[error("the time zone `{zone}` at {citation} is not known here: {why}; write UTC or a name such as Europe/London")]
    UnknownZone { zone: String, citation: String, why: String },

    #[error(
        "row {row} of `{path}` is in the future: `{column}` is {time}, {ahead} after {now}; correct the time or the clock that \
         wrote it, or allow more with `skew` at {citation}"
    )]
    Future { path: String, column: String, row: u64, time: String, ahead: String, now: String, citation: String },

    #[error("`{path}`, row {row}: `{text}` in column `{column}` is not {wanted}; {step}")]
    Value { path: String, row: u64, column: String, text: String, wanted: String, step: String },

    #[error("column `{column}` of `{path}`: {cause}")]
    Statistic { path: String, column: String, cause: Invalid },

    #[error("metric `{metric}` of `{path}`: {cause}")]
    Metric { path: String, metric: String, cause: Invalid },

    #[error("`{path}` has no `{key}`: {help}")]
    NoKey { path: String, key: String, help: String },

    #[error("a `{kind}` gate compares with no file that could be made; only `drift` and `regression` gates have one")]
    NoReference { kind: &'static str },

    #[error("no reference can be made: {why}; {step}")]
    CannotRefer { why: String, step: String },

    #[error("{problem} at {citation}; {step}")]
    Setting { problem: String, citation: String, step: String },
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
