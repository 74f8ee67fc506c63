//! Moves that the system does not do by renaming: to another file system, and of a folder that an overlay only shows.

use super::error::DiskError;
use super::root::Root;
use crate::sys::fault::fault;
use crate::words::RelPath;

impl Root {
    /// Copies a file, symlink or folder beside `to`, renames the copy, and removes what was copied.
    ///
    /// Someone who looks finds it at `from`, or at both, or at `to`, and always all of it; the copy is on the disk before the
    /// first is removed.
    pub(super) fn move_across(&self, from: &RelPath, to: &RelPath) -> Result<(), DiskError> {
        let copy = self.temp_beside(to)?;
        fault!("disk.across.copy");
        self.copy(from, copy.path())?;
        self.sync_file_system(&to.parent())?;
        fault!("disk.across.rename");
        copy.move_to(to)?;
        fault!("disk.across.remove");
        self.remove(from)
    }
}
