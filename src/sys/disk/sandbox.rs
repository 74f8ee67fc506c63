//! A project in a folder of its own, for the tests of the floors above.

#![expect(clippy::disallowed_methods, reason = "tests prepare and look at the disk by themselves")]

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;

use super::Root;
use crate::words::RelPath;

pub(crate) struct Sandbox {
    pub(crate) root: Root,
    _dir: tempfile::TempDir,
}

pub(crate) fn path(text: &str) -> RelPath {
    RelPath::parse(text).unwrap()
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("project")).unwrap();
        let root = Root::open(&dir.path().join("project")).unwrap();
        super::prepare(&root).unwrap();
        Self { root, _dir: dir }
    }

    pub(crate) fn at(&self, inner: &str) -> std::path::PathBuf {
        self.root.path().join(inner)
    }

    /// Writes in place, so that an existing file keeps its inode.
    pub(crate) fn write(&self, inner: &str, text: impl AsRef<[u8]>) -> RelPath {
        std::fs::create_dir_all(self.at(inner).parent().unwrap()).unwrap();
        std::fs::write(self.at(inner), text).unwrap();
        path(inner)
    }

    pub(crate) fn read(&self, inner: &str) -> String {
        std::fs::read_to_string(self.at(inner)).unwrap()
    }

    pub(crate) fn symlink(&self, target: &str, inner: &str) -> RelPath {
        std::os::unix::fs::symlink(target, self.at(inner)).unwrap();
        path(inner)
    }

    pub(crate) fn chmod(&self, inner: &str, mode: u32) {
        std::fs::set_permissions(self.at(inner), std::fs::Permissions::from_mode(mode)).unwrap();
    }

    pub(crate) fn rename_to_bytes(&self, inner: &str, to: &[u8]) {
        let to = self.root.path().join(std::ffi::OsStr::from_bytes(to));
        std::fs::rename(self.at(inner), to).unwrap();
    }

    pub(crate) fn exists(&self, inner: &str) -> bool {
        std::fs::symlink_metadata(self.at(inner)).is_ok()
    }

    /// Returns the names in a folder, sorted; nothing for a folder that is not there.
    pub(crate) fn names(&self, inner: &str) -> Vec<String> {
        self.root.list(&path(inner)).unwrap().into_iter().map(|entry| entry.name.into_string().unwrap()).collect()
    }
}
