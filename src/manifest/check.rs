//! What can only be seen in the pipeline as a whole.

use lockgate_spanned::Problems;

use super::load::Loaded;
use crate::words::RelPath;

/// What stands in the workspace, as far as a check asks.
pub trait Look {
    fn exists(&self, path: &RelPath) -> bool;

    /// Returns the names in a folder, for a suggestion; none when it cannot be read.
    fn names_in(&self, folder: &RelPath) -> Vec<String>;
}

/// Returns what is wrong with a pipeline whose text is in order.
pub fn check(_loaded: &Loaded, _look: &dyn Look) -> Problems {
    Problems::default()
}
