//! What can go wrong with a table, apart from what its rules say.

use std::io;
use std::path::PathBuf;

/// A table that cannot be judged at all.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    #[error("cannot read `{path}`: {cause}; check that it is there and readable")]
    Unreadable { path: String, cause: io::Error },

    #[error(
        "`{path}` is not a table: {why}; tables are .csv, .parquet, .jsonl, .ndjson, .arrow, .ipc and .feather files, or \
         a folder of one kind of them"
    )]
    NotATable { path: String, why: String },

    #[error("`{path}` is damaged: {why}; write it again")]
    Damaged { path: String, why: String },

    #[error("`{path}` does not have the columns of `{first}`: {why}; the parts of one table have the same columns")]
    PartsDiffer { path: String, first: String, why: String },

    #[error("cannot keep what does not fit into memory in `{path}`: {cause}; make room there", path = .path.display())]
    Scratch { path: PathBuf, cause: io::Error },

    #[error("cannot write the bad rows to `{path}`: {cause}; make room there, or let them not be written")]
    Rejects { path: String, cause: io::Error },

    #[error("`{path}` has no column `{column}`: {help}")]
    NoColumn { path: String, column: String, help: String },

    #[error("column `{column}` of `{path}` is stored as {stored}, and {wanted} are wanted; name another column")]
    WrongKind { path: String, column: String, stored: String, wanted: String },

    #[error("`{path}`, row {row}: `{text}` in column `{column}` is not {wanted}; correct it, or leave the cell empty")]
    Misfit { path: String, row: u64, column: String, text: String, wanted: String },

    #[error(
        "{at}: the schema refers to a table `{name}`, which is not given; add `tables: {{{name}: PATH}}` to the gate, or \
         `--table {name}=PATH` to the command"
    )]
    NoTable { name: String, at: String },

    #[error("{at}: `{reference}` is no column of `{path}`: {why}")]
    NoReference { reference: String, path: String, at: String, why: String },

    #[error("`{path}` cannot be written anew with other cells: {why}; give it as one Parquet or CSV file")]
    NotRewritable { path: String, why: &'static str },

    #[error("{what} cannot be judged: the data-frame library stopped at \"{why}\"; this is a bug in lockgate")]
    Stopped { what: String, why: String },

    #[error("`{path}` cannot be judged: {why}; this is a bug in lockgate")]
    Bug { path: String, why: String },
}

impl CheckError {
    /// Whether there was no room on a disk, or in what a quota gives of it, for what judging writes.
    pub fn is_full(&self) -> bool {
        match self {
            Self::Scratch { cause, .. } | Self::Rejects { cause, .. } => {
                matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
            }
            Self::Unreadable { .. }
            | Self::NotATable { .. }
            | Self::Damaged { .. }
            | Self::PartsDiffer { .. }
            | Self::NoColumn { .. }
            | Self::WrongKind { .. }
            | Self::Misfit { .. }
            | Self::NoTable { .. }
            | Self::NoReference { .. }
            | Self::NotRewritable { .. }
            | Self::Stopped { .. }
            | Self::Bug { .. } => false,
        }
    }

    pub(crate) fn damaged(path: &str, why: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), why: why.into() }
    }

    pub(crate) fn unreadable(path: &str, cause: io::Error) -> Self {
        Self::Unreadable { path: path.to_owned(), cause }
    }
}
