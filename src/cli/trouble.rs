//! Why a command could not do what was asked: a message, the next step, and the exit code.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;

use lockgate_spanned::{Problems, Style};

use crate::engine::{OpenError, RunError};
use crate::graph::SelectError;
use crate::report::paint::{Ink, paint};
use crate::sys::disk::DiskError;
use crate::words::text::inert;
use crate::words::{Exit, RelPath};

/// An end that is told on standard error.
#[derive(Debug)]
pub struct Trouble {
    pub exit: Exit,
    what: What,
}

#[derive(Debug)]
enum What {
    Line { message: String, help: Option<String> },
    Problems(Problems),
}

impl Trouble {
    /// Makes one of a lowercase fragment that reads after "error:".
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, what: What::Line { message: message.into(), help: None } }
    }

    /// A mistake in the arguments.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    /// Mistakes in texts, shown in their places.
    pub fn invalid(problems: Problems) -> Self {
        Self { exit: Exit::Invalid, what: What::Problems(problems) }
    }

    /// Says what to do next.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        if let What::Line { help, .. } = &mut self.what {
            *help = Some(text.into());
        }
        self
    }

    /// Returns what is said, without its next step.
    pub fn message(&self) -> String {
        match &self.what {
            What::Line { message, .. } => message.clone(),
            What::Problems(problems) => {
                let messages: Vec<&str> = problems.iter().map(lockgate_spanned::Problem::message).collect();
                messages.join("; ")
            }
        }
    }

    /// Whether it is drawn with its source lines, at the right width.
    pub fn is_drawn(&self) -> bool {
        matches!(self.what, What::Problems(_))
    }

    pub fn render(&self, style: Style) -> String {
        match &self.what {
            What::Problems(problems) => problems.render(style),
            What::Line { message, help } => {
                let mut text = format!("{}: {}\n", paint(style, Ink::Bad, "error"), inert(message));
                if let Some(help) = help {
                    writeln!(text, "  help: {}", inert(help)).unwrap_or_default();
                }
                text
            }
        }
    }
}

impl From<io::Error> for Trouble {
    /// Of writing to standard output: everything else has an error of its own.
    fn from(error: io::Error) -> Self {
        Self::new(Exit::Damaged, format!("cannot write to standard output: {error}"))
            .help("what was written so far is not complete; nothing else is affected")
    }
}

impl From<SelectError> for Trouble {
    fn from(error: SelectError) -> Self {
        let help = error
            .did_you_mean
            .as_ref()
            .map_or_else(|| "`lockgate status` lists all of them".to_owned(), |near| format!("did you mean `{near}`?"));
        Self::usage(error.to_string()).help(help)
    }
}

impl Trouble {
    /// Of a command about tasks that was given data; `way` is what the command has for it.
    pub fn no_task(data: &BTreeSet<RelPath>, way: impl Fn(&RelPath) -> String) -> Self {
        let file = data.first().expect("a target that names no task names data");
        Self::usage(format!("`{file}` tracks data, which no task makes")).help(way(file))
    }
}

impl From<DiskError> for Trouble {
    fn from(error: DiskError) -> Self {
        let help = error.help().unwrap_or("nothing was changed; put it right and run the command again");
        let exit = if error.is_full() { Exit::Halted } else { Exit::Damaged };
        Self::new(exit, error.to_string()).help(help)
    }
}

impl From<OpenError> for Trouble {
    fn from(error: OpenError) -> Self {
        let message = error.to_string();
        match error {
            OpenError::Invalid(problems) => Self::invalid(problems),
            OpenError::NoPipeline(_) => Self::new(Exit::Invalid, message)
                .help("`lockgate init` writes a first `pipeline.yaml`; `--file FILE` names another file"),
            OpenError::NoSuchFile(_) | OpenError::BadPath { .. } => {
                Self::usage(message).help("name a pipeline file inside the project with `--file FILE`")
            }
            OpenError::NewerLock(_) => Self::new(Exit::Invalid, message),
            OpenError::Disk(error) => error.into(),
        }
    }
}

impl From<RunError> for Trouble {
    fn from(error: RunError) -> Self {
        let message = error.to_string();
        match error {
            RunError::Invalid(problems) => Self::invalid(problems),
            RunError::NoPool { pool, .. } => Self::new(Exit::Invalid, message)
                .help(format!("give it a size: `lockgate config pools.{pool} N`, or `--pool {pool}=N` for one run")),
            RunError::NoData { file, .. } => Self::new(Exit::Invalid, message)
                .help(format!("DVC's cache does not have it: `dvc pull {file}` brings it")),
            RunError::Busy { .. } => {
                Self::new(Exit::Halted, message).help("without `--no-wait` lockgate waits for it, then decides anew")
            }
            RunError::NoSecrets(_) => Self::new(Exit::Invalid, message).help(
                "set what is missing and run again; nothing was run, and what is fresh or restored needs no secret",
            ),
            RunError::Reshaped => Self::new(Exit::Halted, message).help("run it again; nothing was run"),
            RunError::Inside => Self::usage(message).help("take it out of the stage's commands"),
            RunError::NewerLock(_) => Self::new(Exit::Invalid, message),
            RunError::DiskFull { help, .. } => Self::new(Exit::Halted, message).help(help),
            RunError::Disk(error) => error.into(),
        }
    }
}
