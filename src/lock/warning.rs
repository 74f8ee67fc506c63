//! What could not be used of a lock's text.

use std::fmt;

use crate::words::RelPath;
use crate::words::text::{inert, list, plural};

/// The one warning about a lock's text; it ends with what becomes of the tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockWarning {
    pub file: RelPath,
    pub trouble: Trouble,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is nothing in the file, as after a crash of the machine.
    Empty,
    /// The file does not say `lockgate: 2`, so it is not known what its entries mean.
    NoVersion,
    /// Some entries are in doubt. Without any, it is the conflict markers alone that are told.
    Entries {
        /// The line of the first conflict marker.
        conflict: Option<usize>,
        dropped: Vec<Dropped>,
    },
}

/// An entry that was not used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Dropped {
    pub line: usize,
    /// The task as the text names it.
    pub task: String,
    pub fault: Fault,
}

/// Why an entry was not used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Fault {
    #[error("not valid YAML, or a key is given twice")]
    Syntax,
    #[error("not the name of a task")]
    Name,
    #[error("written twice")]
    Twice,
    #[error("the two sides of the merge differ")]
    Disputed,
    #[error("not a mapping")]
    Shape,
    #[error("unknown key `{}`", inert(.0))]
    UnknownKey(String),
    #[error("`{}` has a value that cannot be read", inert(.0))]
    Value(String),
    #[error("`{0}` is missing")]
    Missing(&'static str),
    #[error("not as it was written: edited or merged")]
    Seal,
}

impl LockWarning {
    /// Returns what puts the text right, if that is more than the next run.
    pub fn help(&self) -> Option<&'static str> {
        match self.trouble {
            Trouble::Entries { conflict: Some(_), .. } => Some("`lockgate lock merge` takes the markers out"),
            Trouble::Entries { conflict: None, .. } => None,
            Trouble::Empty | Trouble::NoVersion => Some("`git checkout` of the file brings back what was committed"),
        }
    }

    /// Returns the tasks, as the text names them, whose entries are in doubt.
    pub fn disputed(self) -> Vec<String> {
        match self.trouble {
            Trouble::Entries { dropped, .. } => dropped.into_iter().map(|dropped| dropped.task).collect(),
            Trouble::Empty | Trouble::NoVersion => Vec::new(),
        }
    }
}

/// More would hide what follows on a terminal.
const SHOWN: usize = 5;

impl fmt::Display for LockWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.trouble {
            Trouble::Empty => write!(f, "`{}` is empty: every task is decided anew", self.file),
            Trouble::NoVersion => {
                write!(f, "`{}` does not say `lockgate: {}`: every task is decided anew", self.file, super::VERSION)
            }
            Trouble::Entries { conflict, dropped } => {
                write!(f, "`{}` has ", self.file)?;
                if let Some(line) = conflict {
                    write!(f, "merge conflict markers (line {line}) and ")?;
                }
                f.write_str(&tell(dropped))
            }
        }
    }
}

fn tell(dropped: &[Dropped]) -> String {
    if dropped.is_empty() {
        return "no entry in doubt; the next run that writes the file takes the markers out".to_owned();
    }
    let mut told: Vec<String> = dropped.iter().take(SHOWN).map(Dropped::to_string).collect();
    if dropped.len() > SHOWN {
        told.push(format!("{} more", dropped.len() - SHOWN));
    }
    let [count, tasks, are] = match dropped.len() {
        1 => ["an entry".to_owned(), "this task".to_owned(), "is".to_owned()],
        many => [plural(many, "entry").replace("entrys", "entries"), "these tasks".to_owned(), "are".to_owned()],
    };
    format!("{count} in doubt, {}: {tasks} {are} decided anew, the other entries are kept", list(&told))
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (line {}: {})", inert(&self.task), self.line, self.fault)
    }
}
