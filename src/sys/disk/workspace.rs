//! The folder `.lockgate`: where things are in it, and how it comes to be.

use super::error::DiskError;
use super::root::Root;
use super::write::Durability;
use crate::words::RelPath;

/// The places inside `.lockgate`.
#[derive(Clone, Copy, Debug)]
pub struct Layout;

impl Layout {
    pub fn home() -> RelPath {
        fixed(".lockgate")
    }

    /// Blobs, trees and the run cache.
    pub fn store() -> RelPath {
        fixed(".lockgate/store")
    }

    /// Caches only: all of it can be deleted or torn.
    pub fn state() -> RelPath {
        fixed(".lockgate/state")
    }

    /// What makes a project of DVC of a folder.
    fn guest_home() -> RelPath {
        fixed(".dvc")
    }

    /// Caches of a project of DVC in which nothing was run yet: its own folder for them, which git ignores.
    pub(super) fn guest() -> RelPath {
        fixed(".dvc/tmp/lockgate")
    }

    /// Locked by whoever works on the project.
    pub fn run_lock() -> RelPath {
        fixed(".lockgate/run.lock")
    }

    /// What is in flight.
    pub fn tmp() -> RelPath {
        fixed(".lockgate/tmp")
    }

    /// Refused candidates and damaged objects.
    pub fn quarantine() -> RelPath {
        fixed(".lockgate/quarantine")
    }

    /// Journals and logs, a folder per run.
    pub fn runs() -> RelPath {
        fixed(".lockgate/runs")
    }

    /// Rules that may be broken for a while; committed.
    pub fn waivers() -> RelPath {
        fixed(".lockgate/waivers.yaml")
    }

    /// What people have looked at and approved; committed.
    pub fn approvals() -> RelPath {
        fixed(".lockgate/approvals.yaml")
    }

    /// Effects and halt: what cannot be rebuilt.
    pub fn ledger() -> RelPath {
        fixed(".lockgate/ledger")
    }
}

fn fixed(path: &str) -> RelPath {
    RelPath::parse(path).expect("the layout's paths are in normal form")
}

const IGNORE: &str = "\
# Written by lockgate. Only these files belong into version control:
*
!.gitignore
!config.toml
!waivers.yaml
!approvals.yaml
";

impl Root {
    /// Returns the folder for what only saves time. Looking at a project makes no workspace of it, so that of a project of
    /// DVC in which nothing was run yet is DVC's.
    pub fn caches(&self) -> Result<RelPath, DiskError> {
        let is_guest = self.stat(&Layout::home())?.is_none() && self.stat(&Layout::guest_home())?.is_some();
        Ok(if is_guest { Layout::guest() } else { Layout::state() })
    }
}

/// Makes `.lockgate` with its folders and its `.gitignore`; what is there already stays.
///
/// Every command that writes calls it first. An existing `.gitignore` is left as it is, since it is the user's too.
pub fn prepare(root: &Root) -> Result<(), DiskError> {
    let ignore = Layout::home().join(".gitignore").expect("a plain name");
    let ready = root.stat(&Layout::tmp())?.is_some() && root.stat(&Layout::state())?.is_some();
    if ready && root.lstat(&ignore)?.is_some() {
        return Ok(());
    }
    for folder in [Layout::tmp(), Layout::state(), Layout::store()] {
        root.create_dir_all(&folder)?;
    }
    match root.lstat(&ignore)? {
        Some(_) => Ok(()),
        None => root.publish(&ignore, IGNORE.as_bytes(), Durability::Later),
    }
}
