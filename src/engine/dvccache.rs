//! DVC's cache: where it is, and what it holds under the names of dvc.lock. Nothing in it is believed before it was hashed.

use std::path::PathBuf;
use std::sync::OnceLock;

use super::transaction::below;
use crate::dvclock::{Claim, manifest};
use crate::observe::{Md5s, Meter, ObserveError, TreeEntry, TreeNode, hash_twice, listing_of};
use crate::store::{Store, StoreError};
use crate::sys::disk::{DiskError, Root, give_outside};
use crate::words::{Content, Digest, FileMode, Md5, Md5Form, Oid, RelPath};

/// The folder of DVC's settings.
const HOME: &str = ".dvc";

/// DVC's cache of one project.
#[derive(Debug)]
pub struct DvcCache {
    folder: PathBuf,
    /// `None` while there is no such folder.
    root: Option<Root>,
    /// Where it lies in the project, if it lies there: then what was hashed once is remembered.
    inside: Option<RelPath>,
    keeps_runs: OnceLock<bool>,
}

/// Why something could not be taken from the cache.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    #[error("DVC's cache does not have it ({oid})")]
    Absent { oid: Oid },
    #[error("what DVC's cache holds as {oid} is damaged: `{}`", .object.display())]
    Damaged { oid: Oid, object: PathBuf },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Disk(#[from] DiskError),
    #[error(transparent)]
    Observe(#[from] ObserveError),
}

impl DvcCache {
    /// Finds the cache of the project at `root`; `None` in a project that has no `.dvc`.
    pub fn find(root: &Root) -> Option<Self> {
        let home = RelPath::parse(HOME).expect("a plain name");
        root.stat(&home).ok()??;
        let base = root.path().join(HOME);
        let configs = ["config.local", "config"].map(|name| root.read_to_string(&home.join(name).ok()?).ok());
        let set = configs.iter().flatten().find_map(|text| cache_dir(text));
        let folder = base.join(set.as_deref().unwrap_or("cache"));
        let inside = set.is_none().then(|| home.join("cache").expect("a plain name"));
        let root = Root::open(&folder).ok();
        Some(Self { folder, root, inside, keeps_runs: OnceLock::new() })
    }

    /// Returns what a claim would be in our words, and the files that it is made of, having read all of them.
    pub fn look(&self, claim: &Claim, md5s: &Md5s) -> Result<(Content, Vec<TreeEntry>), NotTaken> {
        let entries = self.each(claim, |root, path, md5| {
            let (digest, found) = if let Some(home) = &self.inside {
                let seen = md5s.look_twice(&below(home, path.as_str()), claim.form)?;
                let (content, known) = seen.ok_or(NotTaken::Absent { oid: Oid::File(md5) })?;
                (content.digest(), known.oid.md5())
            } else {
                let source = root.open_source(path)?;
                hash_twice(&source, source.stat()?.size, claim.form, &Meter::default())?
            };
            Ok((found == md5).then_some(digest))
        })?;
        Ok((content(claim, &entries), entries))
    }

    /// Returns the bytes of a file as they lie there, sound or not.
    pub fn bytes(&self, oid: Oid, form: Md5Form) -> Option<Vec<u8>> {
        self.root.as_ref()?.read(&object(oid, form)).ok()
    }

    /// Takes all of a claim over into our store.
    pub fn take(&self, claim: &Claim, store: &Store) -> Result<Content, NotTaken> {
        let entries = self.each(claim, |root, path, md5| Ok(store.take(root, path, (md5, claim.form))?))?;
        match claim.oid {
            Oid::File(_) => Ok(content(claim, &entries)),
            Oid::Folder(_) => Ok(store.keep_listing(&entries)?),
        }
    }

    /// Goes through the files of a claim; `act` gives the digest of one, or `None` when it is not what its name says.
    fn each(
        &self,
        claim: &Claim,
        mut act: impl FnMut(&Root, &RelPath, Md5) -> Result<Option<Digest>, NotTaken>,
    ) -> Result<Vec<TreeEntry>, NotTaken> {
        let absent = |oid| NotTaken::Absent { oid };
        let root = self.root.as_ref().ok_or(absent(claim.oid))?;
        let mut file = |oid: Oid, path: RelPath| {
            let object = object(oid, claim.form);
            if root.stat(&object)?.is_none() {
                return Err(absent(oid));
            }
            let digest = act(root, &object, oid.md5())?;
            let digest = digest.ok_or_else(|| NotTaken::Damaged { oid, object: object.under(root.path()) })?;
            let mode = if claim.is_executable { FileMode::Executable } else { FileMode::Plain };
            Ok(TreeEntry { path, node: TreeNode::File { digest, mode } })
        };
        match claim.oid {
            Oid::File(_) => Ok(vec![file(claim.oid, RelPath::root())?]),
            Oid::Folder(_) => {
                let files = Self::files(root, claim)?;
                files.into_iter().map(|(path, md5)| file(Oid::File(md5), path)).collect()
            }
        }
    }

    /// Returns the files of a folder, sorted as our listings are.
    fn files(root: &Root, claim: &Claim) -> Result<Vec<(RelPath, Md5)>, NotTaken> {
        let object = object(claim.oid, claim.form);
        let damaged = || NotTaken::Damaged { oid: claim.oid, object: object.under(root.path()) };
        if root.stat(&object)?.is_none() {
            return Err(NotTaken::Absent { oid: claim.oid });
        }
        let bytes = root.read(&object)?;
        let files = manifest::decode(&bytes).filter(|_| Md5::of(&bytes) == claim.oid.md5()).ok_or_else(damaged)?;
        let path = |text: &str| RelPath::parse(text).ok().filter(|path| path.as_str() == text);
        let files = files.into_iter().map(|(text, md5)| Some((path(&text)?, md5))).collect::<Option<Vec<_>>>();
        let mut files = files.ok_or_else(damaged)?;
        files.sort_unstable();
        Ok(files)
    }

    /// Whether there is a run cache.
    pub fn keeps_runs(&self) -> bool {
        let look = || self.root.as_ref().is_some_and(|root| root.stat(&runs()).is_ok_and(|stat| stat.is_some()));
        *self.keeps_runs.get_or_init(look)
    }

    /// Returns the texts that the run cache has under a key, the newest first. What cannot be read is left out.
    pub fn runs(&self, key: &str) -> Vec<String> {
        let Some(root) = &self.root else { return Vec::new() };
        let folder = below(&runs(), &format!("{}/{key}", &key[..2]));
        let names =
            root.list(&folder).unwrap_or_default().into_iter().filter_map(|entry| entry.name.into_string().ok());
        let paths = names.filter_map(|name| folder.join(&name).ok());
        let mut found: Vec<(i64, RelPath)> =
            paths.filter_map(|path| Some((root.stat(&path).ok()??.mtime_ns, path))).collect();
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.into_iter().filter_map(|(_, path)| root.read_to_string(&path).ok()).collect()
    }

    /// Whether the cache has an object, sound or not.
    pub fn has(&self, oid: Oid) -> bool {
        let object = object(oid, Md5Form::Bytes);
        self.root.as_ref().is_some_and(|root| root.stat(&object).is_ok_and(|stat| stat.is_some()))
    }

    /// Gives the cache a file of our store; what it has already stays.
    pub fn give_file(&self, store: &Store, digest: &Digest, oid: Oid) -> Result<(), StoreError> {
        if self.has(oid) {
            return Ok(());
        }
        store.lend(digest, &object(oid, Md5Form::Bytes).under(&self.folder))
    }

    /// Gives the cache the list of a folder.
    pub fn give_list(&self, list: &[u8], oid: Oid) -> Result<(), DiskError> {
        give_outside(list, &object(oid, Md5Form::Bytes).under(&self.folder))
    }
}

fn runs() -> RelPath {
    RelPath::parse("runs").expect("a plain name")
}

fn content(claim: &Claim, entries: &[TreeEntry]) -> Content {
    match (claim.oid, entries) {
        (Oid::File(_), [TreeEntry { node: TreeNode::File { digest, mode }, .. }]) => {
            Content::File { digest: *digest, mode: *mode }
        }
        (Oid::File(_), _) => unreachable!("a file is one entry"),
        (Oid::Folder(_), entries) => Content::Tree { digest: Digest::of(&listing_of(entries)) },
    }
}

/// Returns where an object lies in the cache.
fn object(oid: Oid, form: Md5Form) -> RelPath {
    let name = oid.to_string();
    let (shard, rest) = name.split_at(2);
    let folder = match form {
        Md5Form::Bytes => "files/md5/",
        Md5Form::Text => "",
    };
    RelPath::parse(&format!("{folder}{shard}/{rest}")).expect("digits only")
}

/// Reads `dir` of the section `cache`.
fn cache_dir(text: &str) -> Option<String> {
    let mut section = "";
    for line in text.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = name.trim();
        } else if let Some((key, value)) = line.split_once('=')
            && section == "cache"
            && key.trim() == "dir"
        {
            return Some(value.trim().trim_matches(['"', '\'']).to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_the_cache_is_that_of_the_settings() {
        let text = "[core]\n    dir = x\n['remote \"a\"']\n    url = /r\n[cache]\n    type = \"reflink,copy\"\n    dir = ../c\n";
        assert_eq!(cache_dir(text).as_deref(), Some("../c"));
        assert_eq!(cache_dir("[core]\nremote = a\n"), None);
    }

    #[test]
    fn objects_lie_where_each_version_of_dvc_puts_them() {
        let oid: Oid = "a9008cbd0e570248bc882f716cdf4b0b.dir".parse().expect("a name");
        assert_eq!(object(oid, Md5Form::Bytes).as_str(), "files/md5/a9/008cbd0e570248bc882f716cdf4b0b.dir");
        assert_eq!(object(oid, Md5Form::Text).as_str(), "a9/008cbd0e570248bc882f716cdf4b0b.dir");
    }
}
