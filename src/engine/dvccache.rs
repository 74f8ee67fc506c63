//! DVC's cache: where it is, and what it holds under the names of dvc.lock. Nothing in it is believed before it was hashed.
//!
//! A remote of DVC that is a folder is laid out like the cache. When it is asked for, what the cache does not have, or has
//! damaged, is taken from there.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::transaction::below;
use crate::config::cache_folder;
use crate::dvclock::{Claim, manifest};
use crate::observe::{Md5s, Meter, ObserveError, TreeEntry, TreeNode, hash_twice, listing_of};
use crate::store::{Store, StoreError, Ties};
use crate::sys::disk::{DiskError, Root, give_outside};
use crate::words::{Content, Digest, FileMode, Md5, Md5Form, Oid, RelPath};

/// The folder of DVC's settings.
pub const HOME: &str = ".dvc";

/// DVC's cache of one project.
#[derive(Debug)]
pub struct DvcCache {
    folder: PathBuf,
    /// `None` while there is no such folder.
    own: Option<Shelf>,
    /// The remote that stands in for what the cache lacks, when that is asked for and there is such a folder.
    remote: Option<Shelf>,
    keeps_runs: OnceLock<bool>,
}

/// A folder with objects.
#[derive(Debug)]
struct Shelf {
    root: Root,
    /// Where it lies in the project, if it lies there: then what was hashed once is remembered.
    inside: Option<RelPath>,
    /// Whether what is taken from it may go on being the same file.
    ties: Ties,
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
    /// Finds the cache of the project at `root`, with the remote in `remote` behind it; `None` in a project that has no
    /// `.dvc`.
    pub fn find(root: &Root, remote: Option<&Path>) -> Option<Self> {
        let home = RelPath::parse(HOME).expect("a plain name");
        root.stat(&home).ok()??;
        let set = cache_folder(&settings(root));
        let folder = root.path().join(HOME).join(set.as_deref().unwrap_or("cache"));
        let inside = set.is_none().then(|| home.join("cache").expect("a plain name"));
        let own = Root::open(&folder).ok().map(|root| Shelf { root, inside, ties: Ties::Allowed });
        let remote = remote.and_then(|folder| Root::open(folder).ok());
        let remote = remote.map(|root| Shelf { root, inside: None, ties: Ties::None });
        Some(Self { folder, own, remote, keeps_runs: OnceLock::new() })
    }

    /// Returns what a claim would be in our words, and the files that it is made of, having read all of them.
    pub fn look(&self, claim: &Claim, md5s: &Md5s) -> Result<(Content, Vec<TreeEntry>), NotTaken> {
        let entries = self.each(claim, |Shelf { root, inside, .. }, path, md5| {
            let (digest, found) = if let Some(home) = inside {
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

    /// Returns the bytes of a file as they lie there or in the remote, sound or not.
    pub fn bytes(&self, oid: Oid, form: Md5Form) -> Option<Vec<u8>> {
        self.shelves().find_map(|shelf| shelf.root.read(&object(oid, form)).ok())
    }

    /// Takes all of a claim over into our store.
    pub fn take(&self, claim: &Claim, store: &Store) -> Result<Content, NotTaken> {
        let entries = self.each(claim, |Shelf { root, ties, .. }, path, md5| {
            Ok(store.take((root, *ties), path, (md5, claim.form))?)
        })?;
        match claim.oid {
            Oid::File(_) => Ok(content(claim, &entries)),
            Oid::Folder(_) => Ok(store.keep_listing(&entries)?),
        }
    }

    /// Goes through the files of a claim; `act` gives the digest of one, or `None` when it is not what its name says.
    fn each(
        &self,
        claim: &Claim,
        mut act: impl FnMut(&Shelf, &RelPath, Md5) -> Result<Option<Digest>, NotTaken>,
    ) -> Result<Vec<TreeEntry>, NotTaken> {
        let mut file = |oid: Oid, path: RelPath| {
            let digest = self.first_sound(oid, claim.form, |shelf, object| act(shelf, object, oid.md5()))?;
            let mode = if claim.is_executable { FileMode::Executable } else { FileMode::Plain };
            Ok(TreeEntry { path, node: TreeNode::File { digest, mode } })
        };
        match claim.oid {
            Oid::File(_) => Ok(vec![file(claim.oid, RelPath::root())?]),
            Oid::Folder(_) => {
                let files = self.files(claim)?;
                files.into_iter().map(|(path, md5)| file(Oid::File(md5), path)).collect()
            }
        }
    }

    /// Returns the files of a folder, sorted as our listings are.
    fn files(&self, claim: &Claim) -> Result<Vec<(RelPath, Md5)>, NotTaken> {
        self.first_sound(claim.oid, claim.form, |shelf, object| {
            let bytes = shelf.root.read(object)?;
            Ok(Some(bytes).filter(|bytes| Md5::of(bytes) == claim.oid.md5()).and_then(|bytes| listed(&bytes)))
        })
    }

    /// Returns what `read` makes of an object where it is found first; where `read` makes nothing of it, it is damaged.
    fn first_sound<T>(
        &self,
        oid: Oid,
        form: Md5Form,
        mut read: impl FnMut(&Shelf, &RelPath) -> Result<Option<T>, NotTaken>,
    ) -> Result<T, NotTaken> {
        let object = object(oid, form);
        let mut not_taken = NotTaken::Absent { oid };
        for shelf in self.shelves() {
            if shelf.root.stat(&object)?.is_some() {
                match read(shelf, &object)? {
                    Some(found) => return Ok(found),
                    None => not_taken = NotTaken::Damaged { oid, object: object.under(shelf.root.path()) },
                }
            }
        }
        Err(not_taken)
    }

    fn shelves(&self) -> impl Iterator<Item = &Shelf> {
        self.own.iter().chain(&self.remote)
    }

    /// Whether there is a run cache.
    pub fn keeps_runs(&self) -> bool {
        let has_some = |shelf: &Shelf| shelf.root.stat(&runs()).is_ok_and(|stat| stat.is_some());
        *self.keeps_runs.get_or_init(|| self.shelves().any(has_some))
    }

    /// Returns the texts that the run cache has under a key, the newest first. What cannot be read is left out.
    pub fn runs(&self, key: &str) -> Vec<String> {
        let folder = below(&runs(), &format!("{}/{key}", &key[..2]));
        let in_shelf = |Shelf { root, .. }: &Shelf| {
            let names =
                root.list(&folder).unwrap_or_default().into_iter().filter_map(|entry| entry.name.into_string().ok());
            let paths = names.filter_map(|name| folder.join(&name).ok());
            let dated = paths.filter_map(|path| Some((root.stat(&path).ok()??.mtime_ns, path)));
            let read = dated.filter_map(|(at, path)| Some((at, root.read_to_string(&path).ok()?)));
            read.collect::<Vec<_>>()
        };
        let mut found: Vec<(i64, String)> = self.shelves().flat_map(in_shelf).collect();
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.into_iter().map(|(_, text)| text).collect()
    }

    /// Whether the cache itself has an object, sound or not.
    pub fn has(&self, oid: Oid) -> bool {
        let object = object(oid, Md5Form::Bytes);
        self.own.as_ref().is_some_and(|shelf| shelf.root.stat(&object).is_ok_and(|stat| stat.is_some()))
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

/// Returns the texts of DVC's settings of a project, the private one first: it wins.
pub fn settings(root: &Root) -> Vec<String> {
    let home = RelPath::parse(HOME).expect("a plain name");
    ["config.local", "config"].iter().filter_map(|name| root.read_to_string(&below(&home, name)).ok()).collect()
}

/// Reads the object of a folder; `None` when a path in it is not a plain one.
fn listed(bytes: &[u8]) -> Option<Vec<(RelPath, Md5)>> {
    let path = |text: &str| RelPath::parse(text).ok().filter(|path| path.as_str() == text);
    let files = manifest::decode(bytes)?.into_iter().map(|(text, md5)| Some((path(&text)?, md5)));
    let mut files = files.collect::<Option<Vec<_>>>()?;
    files.sort_unstable();
    Some(files)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_lie_where_each_version_of_dvc_puts_them() {
        let oid: Oid = "a9008cbd0e570248bc882f716cdf4b0b.dir".parse().expect("a name");
        assert_eq!(object(oid, Md5Form::Bytes).as_str(), "files/md5/a9/008cbd0e570248bc882f716cdf4b0b.dir");
        assert_eq!(object(oid, Md5Form::Text).as_str(), "a9/008cbd0e570248bc882f716cdf4b0b.dir");
    }
}
