//! Observing paths: the memo first, the file only when the memo does not know it.

use std::io;
use std::sync::Mutex;

use rayon::prelude::*;

use super::error::ObserveError;
use super::hash::{LARGE, Meter};
use super::ignored::{Ignored, Rules};
use super::listing::{TreeEntry, decode};
use super::memo::{Memo, Trust};
use super::table::Stamp;
use super::visit::{Hashing, Listed, Sighting, Visit};
use crate::pipeline::Flavour;
use crate::sys::disk::{Age, Boot, DiskError, FileClock, Kind, Layout, Root, Source, Stat};
use crate::words::{Content, Digest, FileMode, Place, RelPath, Spot};

/// Says what stands at paths; shared by the threads that ask.
#[derive(Debug)]
pub struct Observer {
    root: Root,
    pub(super) memo: Memo,
    clock: FileClock,
    meter: Meter,
    ignored: Option<Ignored>,
}

/// Below this many paths a thread of its own costs more than it saves.
const MANY: usize = 256;

impl Observer {
    /// Opens the memo of the project; one that cannot be read is an empty one.
    pub fn open(root: &Root) -> Self {
        Self::with_memo(root, "memo")
    }

    /// Opens the memo for a pipeline; where DVC is followed, its `.dvcignore` files count.
    pub fn of(root: &Root, flavour: Flavour) -> Self {
        let ignored = match flavour {
            Flavour::Native => None,
            Flavour::Dvc => Some(Ignored::new(root)),
        };
        Self { ignored, ..Self::open(root) }
    }

    /// Opens the memo file `name` in `.lockgate/state/`.
    pub(crate) fn with_memo(root: &Root, name: &str) -> Self {
        Self::new(root, name, FileClock::new(root), Boot::current())
    }

    pub(super) fn new(root: &Root, name: &str, clock: FileClock, boot: Boot) -> Self {
        let file = Layout::state().join(name).expect("a plain name");
        let memo = Memo::new(root, file, boot);
        Self { root: root.clone(), memo, clock, meter: Meter::default(), ignored: None }
    }

    pub fn root(&self) -> &Root {
        &self.root
    }

    /// Counts the bytes that have been hashed.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Returns what is left out of the folder at `base`.
    pub(super) fn rules_for(&self, base: Spot<'_>) -> Rules {
        // DVC heeds these files in the project only.
        let inside = self.ignored.as_ref().zip(base.inside());
        inside.map(|(ignored, base)| ignored.rules_for(&base)).unwrap_or_default()
    }

    pub(crate) fn clock(&self) -> &FileClock {
        &self.clock
    }

    /// Returns what stands at `path`, or `None` when nothing does. Symlinks are followed.
    pub fn observe<'p>(&self, path: impl Into<Spot<'p>>) -> Result<Option<Content>, ObserveError> {
        self.visit(path.into(), &Hashing(self))
    }

    /// Returns what is in the folder at `path`, sorted; nothing when there is no folder.
    pub fn entries(&self, path: &RelPath) -> Result<Vec<TreeEntry>, ObserveError> {
        let listed = Listed { hashing: Hashing(self), listing: Mutex::default() };
        match self.visit(path.into(), &listed)? {
            Some(Content::Tree { .. }) => {
                let listing = listed.listing.into_inner().expect("no thread panics while it holds the lock");
                Ok(decode(&listing).expect("it was written just now"))
            }
            Some(Content::File { .. }) | None => Ok(Vec::new()),
        }
    }

    /// Observes many paths, with several threads when they are very many; the results are in the order of `paths`.
    pub fn observe_all(&self, paths: &[Spot<'_>]) -> Vec<Result<Option<Content>, ObserveError>> {
        if paths.len() < MANY {
            return paths.iter().map(|path| self.observe(*path)).collect();
        }
        paths.par_iter().with_min_len(MANY / 4).map(|path| self.observe(*path)).collect()
    }

    /// Writes what is new to the memo; writes nothing when nothing is.
    ///
    /// Files that were hashed too soon after they were written are hashed again here, as far as they have settled.
    pub fn save(&self, trust: Trust) -> Result<(), DiskError> {
        let young = self.memo.take_young();
        let paths: Vec<Spot<'_>> = young.iter().map(Place::spot).collect();
        for (path, seen) in paths.iter().zip(self.observe_all(&paths)) {
            if seen.is_err() {
                self.memo.forget(*path);
            }
        }
        self.memo.save(trust)
    }

    /// Observes `path`, with `visit` reading what must be read.
    pub(crate) fn visit<V: Visit>(&self, path: Spot<'_>, visit: &V) -> Result<Option<Content>, V::Error> {
        let Some(stat) = self.root.stat(path).map_err(ObserveError::from)? else {
            self.memo.forget(path);
            return Ok(None);
        };
        match stat.kind {
            Kind::File => self.visit_file(path, &stat, visit).map(Some),
            Kind::Folder => self.visit_folder(path, visit).map(Some),
            Kind::Special(what) => Err(ObserveError::Special { path: path.to_place(), what }.into()),
            Kind::Symlink => unreachable!("the stat follows symlinks"),
        }
    }

    fn visit_file<V: Visit>(&self, path: Spot<'_>, stat: &Stat, visit: &V) -> Result<Content, V::Error> {
        let stamp = Stamp::of_file(stat);
        let known = self.memo.get(path.as_str(), &stamp);
        let age = if known.is_some() { Age::Settled } else { self.age_to_read(stat) };
        let digest = visit.file(Sighting { path, stat, known })?;
        match (known, age) {
            (Some(_), _) => {}
            (None, Age::Settled) => self.memo.put(path.as_str(), stamp, digest, stat.ctime_ns),
            (None, Age::Young) => self.memo.put_off(path),
        }
        Ok(Content::File { digest, mode: mode(stat) })
    }

    /// A large file is worth the wait of a few milliseconds, a small one is sooner read twice.
    pub(super) fn age_to_read(&self, stat: &Stat) -> Age {
        let stats = std::iter::once(stat);
        if stat.size >= LARGE { self.clock.settle(stats) } else { self.clock.age(stats) }
    }

    /// Opens the file and has `read` read it, making sure that it is what was looked at, before and after.
    pub(crate) fn read_unchanged<T, E: From<ObserveError> + From<DiskError>>(
        &self,
        sighting: Sighting<'_>,
        read: impl FnOnce(&Source) -> Result<T, E>,
    ) -> Result<T, E> {
        let changed = || ObserveError::Changed { path: sighting.path.to_place() };
        let source = match self.root.open_source(sighting.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(changed().into()),
            opened => opened?,
        };
        if source.stat()? != *sighting.stat {
            return Err(changed().into());
        }
        let done = read(&source)?;
        if source.stat()? != *sighting.stat {
            return Err(changed().into());
        }
        Ok(done)
    }

    /// Remembers what this process put at `path`, where nobody else could write before it was in place.
    pub(crate) fn remember(&self, path: &RelPath, content: &Content) -> Result<(), ObserveError> {
        let Some(stat) = self.root.stat(path)? else { return Ok(()) };
        match *content {
            Content::File { digest, .. } => self.remember_file(path, &stat, digest),
            Content::Tree { digest } => self.remember_folder(path.into(), digest)?,
        }
        Ok(())
    }

    fn remember_file(&self, path: &RelPath, stat: &Stat, digest: Digest) {
        match self.clock.age(std::iter::once(&stat.as_written())) {
            Age::Settled => self.memo.put(path.as_str(), Stamp::of_file(stat), digest, stat.ctime_ns),
            Age::Young => self.memo.put_off(path.into()),
        }
    }
}

pub(super) fn mode(stat: &Stat) -> FileMode {
    if stat.is_executable() { FileMode::Executable } else { FileMode::Plain }
}
