//! Whose tasks one lock holds.

use crate::pipeline::{Files, Flavour};
use crate::words::{RelPath, TaskId};

/// The tasks of one lock: those of the one file beside it, or of all files of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Realm {
    /// The folder in which the lock stands.
    pub home: RelPath,
    reach: Reach,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Folder,
    Below,
}

impl Realm {
    /// The tasks of the files in `home` alone.
    pub const fn folder(home: RelPath) -> Self {
        Self { home, reach: Reach::Folder }
    }

    /// The tasks of all files in `home` and below.
    pub const fn below(home: RelPath) -> Self {
        Self { home, reach: Reach::Below }
    }

    pub fn of(files: &Files) -> Self {
        let reach = match files.flavour {
            Flavour::Native => Reach::Folder,
            Flavour::Dvc => Reach::Below,
        };
        Self { home: files.home.clone(), reach }
    }

    /// Whether the lock holds what is known of `task`.
    pub fn holds(&self, task: &TaskId) -> bool {
        self.takes(&task.folder)
    }

    /// Whether the lock holds the tasks of the file in `folder`.
    pub fn takes(&self, folder: &RelPath) -> bool {
        match self.reach {
            Reach::Folder => *folder == self.home,
            Reach::Below => self.home.contains(folder),
        }
    }
}
