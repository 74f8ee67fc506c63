//! Why an expectation has no exact translation.

use thiserror::Error;

/// A reason, as a fragment that reads after the expectation's name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum Why {
    #[error("there is no such expectation in Great Expectations; did you mean `{0}`?")]
    Misspelt(&'static str),
    #[error("it is an expectation of your own: say what it means as a rule, or as a `command` gate")]
    Custom,
    #[error("{0}")]
    Inexpressible(&'static str),
    #[error("it needs `{0}`")]
    Missing(&'static str),
    #[error("`{kwarg}` {problem}")]
    Kwarg { kwarg: String, problem: String },
    #[error("its row condition has {0}")]
    Condition(String),
    #[error("it needs the parameter `{0}`: give `--param {0}=VALUE`")]
    Parameter(String),
}

impl Why {
    pub fn kwarg(kwarg: &str, problem: impl Into<String>) -> Self {
        Self::Kwarg { kwarg: kwarg.to_owned(), problem: problem.into() }
    }
}
