//! dvc.lock as evidence: whether what DVC says of a stage's last success is true of what stands here.
//!
//! It is asked only of stages that our own lock does not call fresh. MD5 digests are computed for them alone, and a file that
//! is not known at all is read once for both digests. What cannot be read or does not agree is no evidence, and no error.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use lockgate_spanned::{Node as Yaml, Problems, Source, read as read_yaml};
use rayon::prelude::*;

use super::dvccache::{DvcCache, NotTaken};
use super::knowledge::Outs;
use super::scribe::Scribe;
use crate::dvclock::{
    self, Claim, DvcLock, Entry, Item, Kind as Of, Stale, Trouble, claims, manifest, read_run, run_key,
};
use crate::fingerprint::Recipe;
use crate::observe::{Known, Md5s, ObserveError, Observer, TreeEntry, Trust};
use crate::pipeline::Node;
use crate::plan::Reason;
use crate::store::{Store, StoreError};
use crate::sys::disk::{DiskError, Durability, Kind, Layout, Root};
use crate::words::text::inert;
use crate::words::{Content, Digest, FileMode, Md5, Md5Form, Oid, Place, RelPath, Spot, TaskId};

/// What DVC knows of a project.
#[derive(Debug)]
pub struct Evidence {
    root: Root,
    md5s: Md5s,
    /// The remote that stands behind DVC's cache, when that is asked for.
    remote: Option<PathBuf>,
    cache: OnceLock<Option<DvcCache>>,
    /// What was noted of the texts at the end of the last run of everything.
    seen: OnceLock<String>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// By the folder of the pipeline file.
    locks: BTreeMap<RelPath, Arc<DvcLock>>,
    entries: HashMap<TaskId, Option<Arc<Entry>>>,
    /// The digests of the texts that were read.
    texts: BTreeMap<RelPath, Digest>,
    /// What DVC calls content that was looked at.
    names: HashMap<(Content, Md5Form), Oid>,
    /// What is in folders that DVC's cache has.
    listings: HashMap<Digest, Arc<Vec<TreeEntry>>>,
    /// What stands for data that was not seen.
    assumed: HashSet<Content>,
    /// The pipeline files that were read for what only DVC needs of them.
    sources: BTreeMap<RelPath, Option<Arc<Yaml>>>,
    warnings: Vec<Doubt>,
}

/// Evidence that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    pub message: String,
    pub help: String,
}

/// What the evidence on one stage comes to.
#[derive(Debug)]
pub enum Weighed {
    /// There is none.
    None,
    Against(Vec<Stale>),
    /// It is true, of what stands here or of what DVC's cache has.
    For(Vouched),
}

/// Which outs DVC's cache may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cached {
    AsDeclared,
    /// For its run cache DVC keeps the others too.
    All,
}

/// The outs of a stage as dvc.lock names them.
#[derive(Clone, Debug, Default)]
pub struct Vouched {
    pub outs: Outs,
    pub claims: Vec<Claim>,
    /// By out that is not in place and is to come from DVC's cache, what is there instead.
    pub absent: BTreeMap<Place, Reason>,
    /// Whether some out is missing and counts as what the entry says.
    pub is_assumed: bool,
}

/// What becomes of outs that are not in the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// DVC's cache must have them.
    Sought,
    /// They count as what the entry says.
    Assumed,
}

impl Evidence {
    /// Prepares to look; nothing is read before the first question.
    pub fn open(observer: &Arc<Observer>, remote: Option<PathBuf>) -> Self {
        let root = observer.root().clone();
        Self {
            root,
            md5s: Md5s::open(observer),
            remote,
            cache: OnceLock::new(),
            seen: OnceLock::new(),
            state: Mutex::default(),
        }
    }

    /// Prepares to look once more, with nothing known.
    #[must_use]
    pub fn opened_anew(&self, observer: &Arc<Observer>) -> Self {
        Self::open(observer, self.remote.clone())
    }

    /// Says what the evidence on a stage comes to, whose recipe is `recipe` now.
    pub fn weigh(&self, node: &Node, recipe: &Recipe, gone: Gone) -> Weighed {
        let weigh = |entry: Arc<Entry>| self.weigh_entry(&entry, node, recipe, (Cached::AsDeclared, gone));
        self.entry(&node.id).map_or(Weighed::None, weigh)
    }

    /// Looks into DVC's run cache for a time at which the stage was what it is now, and of which all outs can still be had.
    ///
    /// `file` declares the stage.
    pub fn recall(&self, node: &Node, recipe: &Recipe, file: Option<&RelPath>) -> Option<Vouched> {
        let cache = self.cache().filter(|cache| cache.keeps_runs())?;
        let question = Scribe::new(&self.root, self, file).question(node, recipe)?;
        let runs = cache.runs(&run_key(&question));
        runs.iter().filter_map(|text| read_run(text)).find_map(|run| {
            match self.weigh_entry(&run, node, recipe, (Cached::All, Gone::Sought)) {
                Weighed::For(vouched) => Some(vouched),
                Weighed::None | Weighed::Against(_) => None,
            }
        })
    }

    fn weigh_entry(&self, entry: &Entry, node: &Node, recipe: &Recipe, outs: (Cached, Gone)) -> Weighed {
        let claims = match claims(entry, node, &recipe.params) {
            Ok(claims) => claims,
            Err(against) => return Weighed::Against(against),
        };
        // What a frozen stage reads is nobody's business.
        let is_frozen = node.stage().is_some_and(|stage| stage.frozen);
        let is_other = |claim: &&Claim| !is_frozen && !self.is_content(claim, recipe.deps.get(&claim.path));
        let changed = claims.deps.iter().filter(is_other);
        let changed: Vec<Stale> =
            changed.map(|claim| Stale::Changed { what: Of::Dep, path: claim.path.clone() }).collect();
        if changed.is_empty() { self.weigh_outs(claims.outs, node, outs) } else { Weighed::Against(changed) }
    }

    fn weigh_outs(&self, claims: Vec<Claim>, node: &Node, (cached, gone): (Cached, Gone)) -> Weighed {
        let (mut vouched, mut against) = (Vouched::default(), Vec::new());
        for claim in &claims {
            let looked = self.look_for(claim);
            if gone == Gone::Assumed && matches!(looked, Ok(None)) {
                vouched.outs.insert(claim.path.clone(), self.assume(claim));
                vouched.is_assumed = true;
                continue;
            }
            let found = looked.ok().flatten();
            let in_place = found.filter(|(_, oid)| *oid == Some(claim.oid)).map(|(content, _)| content);
            match (in_place.map_or_else(|| self.in_cache(claim, node, cached), Ok), found) {
                (Ok(content), found) => {
                    if in_place.is_none() {
                        let reason = reason(claim, content, found.map(|(now, _)| now));
                        vouched.absent.insert(claim.path.clone(), reason);
                    }
                    vouched.outs.insert(claim.path.clone(), content);
                }
                (Err(_), Some(_)) => against.push(Stale::Changed { what: Of::Out, path: claim.path.clone() }),
                (Err(why), None) => against.push(Stale::Lost { path: claim.path.clone(), why }),
            }
        }
        if against.is_empty() { Weighed::For(Vouched { claims, ..vouched }) } else { Weighed::Against(against) }
    }

    /// Whether the content of a dep is the one that is claimed.
    fn is_content(&self, claim: &Claim, content: Option<&Content>) -> bool {
        let Some(content) = content else { return false };
        let known = self.state().names.get(&(*content, claim.form)).copied();
        let oid = known.or_else(|| {
            let (found, known) = self.look_for(claim).ok()??;
            (found == *content).then_some(known).flatten()
        });
        oid == Some(claim.oid)
    }

    /// Returns what DVC's cache has for a claim, or why it has nothing.
    fn in_cache(&self, claim: &Claim, node: &Node, cached: Cached) -> Result<Content, String> {
        if cached == Cached::AsDeclared && !node.outs().iter().any(|out| out.path == claim.path && out.cache) {
            return Err("it is not cached".to_owned());
        }
        let cache = self.cache().ok_or("there is no cache of DVC")?;
        let (content, entries) = cache.look(claim, &self.md5s).map_err(|error| error.to_string())?;
        self.name(content, claim);
        if let Content::Tree { digest } = content {
            self.state().listings.insert(digest, Arc::new(entries));
        }
        Ok(content)
    }

    /// Returns the bytes of a file of which dvc.lock says what it was, if DVC's cache has them.
    pub fn bytes(&self, file: &Digest) -> Option<Vec<u8>> {
        let is_it = |content: &Content| matches!(content, Content::File { digest, .. } if digest == file);
        let called =
            self.state().names.iter().find(|((content, _), _)| is_it(content)).map(|(name, oid)| (name.1, *oid));
        let (form, oid) = called?;
        // What is only assumed is known by its MD5 alone.
        let is_named = |bytes: &[u8]| form == Md5Form::Bytes && Md5::of(bytes) == oid.md5();
        self.cache()?.bytes(oid, form).filter(|bytes| Digest::of(bytes) == *file || is_named(bytes))
    }

    /// Returns what is in a folder that DVC's cache was found to have.
    pub fn listing(&self, folder: &Digest) -> Option<Arc<Vec<TreeEntry>>> {
        self.state().listings.get(folder).map(Arc::clone)
    }

    /// Remembers what DVC calls a content.
    fn name(&self, content: Content, claim: &Claim) {
        self.state().names.insert((content, claim.form), claim.oid);
    }

    /// Returns what DVC's cache has for a claim, with the files that it is made of.
    pub fn cached(&self, claim: &Claim) -> Result<(Content, Vec<TreeEntry>), NotTaken> {
        let found = self.cache().ok_or(NotTaken::Absent { oid: claim.oid })?.look(claim, &self.md5s)?;
        self.name(found.0, claim);
        Ok(found)
    }

    /// Whether dvc.lock says that the last success of a task has read just this.
    pub fn has_read(&self, node: &Node, claim: &Claim) -> bool {
        let read = self.claim_of(node, Of::Dep, claim.path.spot());
        read.is_some_and(|read| read.oid == claim.oid && read.form == claim.form)
    }

    /// Returns what stands for data that is missing, when dvc.lock says what a task has read or made at `path`.
    pub fn assumed(&self, node: &Node, what: Of, path: Spot<'_>) -> Option<Content> {
        self.claim_of(node, what, path).map(|claim| self.assume(&claim))
    }

    /// Returns what stands for a folder that is missing, when it was made of nothing but the files in `outs`, by what dvc.lock
    /// says of both.
    pub fn assumed_folder<'o>(
        &self,
        node: &Node,
        folder: Spot<'_>,
        outs: impl Iterator<Item = (&'o Place, &'o Content)>,
    ) -> Option<Content> {
        let claim = self.claim_of(node, Of::Dep, folder)?;
        let file = |(path, content): (&Place, &Content)| {
            let Oid::File(md5) = *self.state().names.get(&(*content, claim.form))? else { return None };
            Some((path.as_str().strip_prefix(folder.as_str())?.strip_prefix('/')?.to_owned(), md5))
        };
        let mut files = outs.map(file).collect::<Option<Vec<_>>>()?;
        files.sort_unstable();
        files.dedup();
        let oid = Oid::Folder(Md5::of(&manifest::encode(&files)));
        (oid == claim.oid).then(|| self.assume(&claim))
    }

    /// Whether a recipe has inputs that were not seen, so that no entry can be made of it.
    pub fn has_assumed(&self, recipe: &Recipe) -> bool {
        let state = self.state();
        !state.assumed.is_empty() && recipe.inputs().any(|(_, content)| state.assumed.contains(&content))
    }

    /// Makes a content that is equal to that of an equal claim, and to no other.
    fn assume(&self, claim: &Claim) -> Content {
        let digest = Digest::of(format!("claimed by dvc.lock: {:?} {}", claim.form, claim.oid).as_bytes());
        let mode = if claim.is_executable { FileMode::Executable } else { FileMode::Plain };
        let content = match claim.oid {
            Oid::File(_) => Content::File { digest, mode },
            Oid::Folder(_) => Content::Tree { digest },
        };
        self.name(content, claim);
        self.state().assumed.insert(content);
        content
    }

    fn claim_of(&self, node: &Node, what: Of, path: Spot<'_>) -> Option<Claim> {
        let entry = self.entry(&node.id)?;
        let items = if what == Of::Out { &entry.outs } else { &entry.deps };
        items.iter().find_map(|item| {
            let path = node.wdir.place(&item.path).ok().filter(|place| place.spot() == path)?;
            let Item { form, oid, size, is_executable, .. } = *item;
            Some(Claim { path, form, oid: oid?, size, is_executable })
        })
    }

    /// Looks at the path of a claim. A file of another size is no match, and is hashed only as far as that is known.
    fn look_for(&self, claim: &Claim) -> Result<Option<(Content, Option<Oid>)>, ObserveError> {
        let stat = self.root.stat(&claim.path)?;
        let is_other =
            stat.is_some_and(|stat| stat.kind == Kind::File && claim.size.is_some_and(|size| size != stat.size));
        if is_other {
            let content = self.md5s.observer().observe(&claim.path)?;
            return Ok(content.map(|content| (content, None)));
        }
        Ok(self.look(&claim.path, claim.form)?.map(|(content, known)| (content, Some(known.oid))))
    }

    /// Looks at a path both ways, and remembers what its content is called.
    pub fn look<'p>(&self, path: impl Into<Spot<'p>>, form: Md5Form) -> Result<Option<(Content, Known)>, ObserveError> {
        let found = self.md5s.look_twice(path, form)?;
        if let Some((content, known)) = &found {
            self.state().names.insert((*content, form), known.oid);
        }
        Ok(found)
    }

    /// Looks both ways at what these stages claim, several at a time, so that the looks that follow read nothing.
    pub fn read_ahead<'a>(&self, stages: impl Iterator<Item = &'a Node>) {
        let claims = stages.filter_map(|node| claims(&*self.entry(&node.id)?, node, &node.known_params()).ok());
        let mut wanted: Vec<Claim> = claims.flat_map(|claims| claims.deps.into_iter().chain(claims.outs)).collect();
        wanted.sort_unstable_by(|a, b| (&a.path, a.form).cmp(&(&b.path, b.form)));
        wanted.dedup_by(|a, b| a.path == b.path && a.form == b.form);
        // What cannot be read is told by whoever needs it.
        wanted.par_iter().for_each(|claim| drop(self.look_for(claim)));
    }

    /// Whether the pipeline file in `folder` has a dvc.lock, so that it is worth asking.
    pub fn may_speak(&self, folder: &RelPath) -> bool {
        self.root.stat(&lock_path(folder)).is_ok_and(|stat| stat.is_some())
    }

    /// Returns what dvc.lock says of a task.
    pub fn entry(&self, task: &TaskId) -> Option<Arc<Entry>> {
        if let Some(entry) = self.state().entries.get(task) {
            return entry.clone();
        }
        let entry = self.read_entry(task);
        self.state().entries.insert(task.clone(), entry.clone());
        entry
    }

    fn read_entry(&self, task: &TaskId) -> Option<Arc<Entry>> {
        let lock = self.lock(&task.folder);
        match lock.entry(task.name.as_str())? {
            Ok(entry) => Some(Arc::new(entry)),
            Err(fault) => {
                let line = lock.line(task.name.as_str()).unwrap_or_default();
                let message = format!(
                    "`{}` (line {line}) says nothing usable of `{}`: {fault}",
                    lock_path(&task.folder),
                    inert(task.name.as_str())
                );
                self.doubt(Doubt { message, help: "the stage is decided without it".to_owned() });
                None
            }
        }
    }

    /// Returns dvc.lock of the pipeline file in `folder`; one that is not there says nothing.
    pub fn lock(&self, folder: &RelPath) -> Arc<DvcLock> {
        if let Some(lock) = self.state().locks.get(folder) {
            return Arc::clone(lock);
        }
        let path = lock_path(folder);
        let put_right = "nothing else is affected; `git checkout` of the file puts it right";
        let merge = "nothing else is affected; `lockgate lock merge` takes the markers out";
        let (lock, doubt) = match self.root.read_to_string(&path) {
            Ok(text) => {
                self.state().texts.insert(folder.clone(), Digest::of(text.as_bytes()));
                let (lock, trouble) = DvcLock::read(&text);
                let help =
                    |trouble: &Trouble| if matches!(trouble, Trouble::Conflict { .. }) { merge } else { put_right };
                (lock, trouble.map(|trouble| (trouble.to_string(), help(&trouble))))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => (DvcLock::default(), None),
            Err(error) => (DvcLock::default(), Some((format!("could not be read: {error}"), put_right))),
        };
        if let Some((what, help)) = doubt {
            let message = format!("`{path}` {what}: what is in doubt of it is not used");
            self.doubt(Doubt { message, help: help.to_owned() });
        }
        let lock = Arc::new(lock);
        self.state().locks.insert(folder.clone(), Arc::clone(&lock));
        lock
    }

    /// Returns a pipeline file as it is written; `None` when it cannot be read.
    pub fn text(&self, file: &RelPath) -> Option<Arc<Yaml>> {
        if let Some(text) = self.state().sources.get(file) {
            return text.clone();
        }
        let read = |text| read_yaml(&Source::new(file.to_string(), text), &mut Problems::default());
        let text = self.root.read_to_string(file).ok().and_then(read).map(Arc::new);
        self.state().sources.insert(file.clone(), text.clone());
        text
    }

    /// Whether dvc.lock says something else than at the end of the last run of everything. While it does not, it knows no
    /// more of a task than our own lock.
    pub fn has_news(&self, folder: &RelPath) -> bool {
        self.lock(folder);
        let seen = self.seen.get_or_init(|| self.root.read_to_string(&seen_path()).unwrap_or_default());
        self.state().texts.get(folder).is_some_and(|digest| !seen.lines().any(|line| line == seen_line(folder, digest)))
    }

    /// Remembers the texts that were read, at the end of a run of everything.
    pub fn note_seen(&self) -> Result<(), DiskError> {
        let texts = self.state().texts.clone();
        let lines: Vec<String> = texts.iter().map(|(folder, digest)| seen_line(folder, digest) + "\n").collect();
        let text = lines.concat();
        if texts.is_empty() || self.root.read_to_string(&seen_path()).is_ok_and(|seen| seen == text) {
            return Ok(());
        }
        self.root.publish(&seen_path(), text.as_bytes(), Durability::Later)
    }

    /// Takes in that the dvc.lock of a folder now has this text.
    pub fn learn_text(&self, folder: &RelPath, text: &str) {
        self.state().texts.insert(folder.clone(), Digest::of(text.as_bytes()));
    }

    fn doubt(&self, doubt: Doubt) {
        let mut state = self.state();
        if !state.warnings.contains(&doubt) {
            state.warnings.push(doubt);
        }
    }

    /// Takes what could not be used of the evidence, as far as it was asked.
    pub fn take_doubts(&self) -> Vec<Doubt> {
        std::mem::take(&mut self.state().warnings)
    }

    /// Returns DVC's cache; `None` in a project that has none.
    pub fn cache(&self) -> Option<&DvcCache> {
        self.cache.get_or_init(|| DvcCache::find(&self.root, self.remote.as_deref())).as_ref()
    }

    pub fn md5s(&self) -> &Md5s {
        &self.md5s
    }

    /// Takes what was claimed from DVC's cache into the store.
    pub fn take(&self, claim: &Claim, store: &Store) -> Result<Content, NotTaken> {
        self.cache().ok_or(NotTaken::Absent { oid: claim.oid })?.take(claim, store)
    }

    /// Keeps what was claimed and stands at a path in the store: the object of DVC's cache, where that is the same, or else
    /// a copy.
    pub fn keep(
        &self,
        (claim, path): (&Claim, &RelPath),
        expected: &Content,
        store: &Store,
    ) -> Result<Content, StoreError> {
        if store.has(expected) {
            return store.keep(path);
        }
        match self.take(claim, store) {
            Ok(taken) if taken == *expected => Ok(taken),
            Ok(_) | Err(_) => store.keep(path),
        }
    }

    /// Saves what is known of files.
    pub fn save(&self, trust: Trust) -> Result<(), DiskError> {
        self.md5s.save(trust)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread panics while it holds the lock")
    }
}

fn reason(claim: &Claim, was: Content, now: Option<Content>) -> Reason {
    let path = claim.path.clone();
    match now {
        Some(now) => Reason::OutEdited { path, was, now },
        None => Reason::OutMissing { path },
    }
}

fn seen_path() -> RelPath {
    super::transaction::below(&Layout::state(), "dvc-seen")
}

fn seen_line(folder: &RelPath, digest: &Digest) -> String {
    format!("{digest} {folder}")
}

/// Returns the path of DVC's lock of the pipeline file in `folder`.
pub fn lock_path(folder: &RelPath) -> RelPath {
    super::transaction::below(folder, dvclock::FILE_NAME)
}
