//! Text to lock: leniently, entry by entry.

use std::collections::{BTreeMap, BTreeSet};

use lockgate_spanned::{Node, Problems, Source, Value};

use super::branch::{Branch, standing};
use super::conflict::{self, Sides};
use super::pieces::Piece;
use super::warning::{Dropped, Fault, LockWarning, Trouble};
use super::{Entry, FILE_NAME, Lock, Past, Realm, VERSION, history, name, wire};
use crate::words::{RelPath, TaskId};

/// A lock as far as its text could be used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LockRead {
    pub lock: Lock,
    pub warning: Option<LockWarning>,
}

/// The text is of a format that is not known yet; its file must be left as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{file}` is of format {version} and this lockgate reads format {VERSION}; \
     the file is left as it is: install the newer lockgate, or delete the file to have every task decided anew"
)]
pub struct NewerLock {
    pub file: RelPath,
    pub version: i128,
}

/// Reads the text of the lock of `realm`.
///
/// Every entry stands for itself: one that is malformed, that was edited or merged, or that is there twice is dropped. Of
/// a text with merge conflict markers, the entries are kept of which both sides say the same or only one says anything.
pub fn read(bytes: &[u8], realm: &Realm) -> Result<LockRead, NewerLock> {
    let text = String::from_utf8_lossy(bytes);
    let file = file_of(realm);
    let (side, conflict) = Side::of(&text, realm);
    match side.is_of_use(&text, &file)? {
        Ok(()) => Ok(side.finish(file, conflict)),
        Err(trouble) => Ok(LockRead { lock: Lock::default(), warning: Some(LockWarning { file, trouble }) }),
    }
}

/// Merges three texts of the lock of `realm`, of which `ours` and `theirs` both come from `base`.
///
/// What only one side has changed is as that side has it. Where both have changed an entry and not to the same, neither
/// can be known to be true of the two together: it is dropped, and named in the warning. A base that says nothing of use
/// counts as one without entries.
pub fn merge(texts: Texts<'_>, realm: &Realm) -> Result<LockRead, NotMerged> {
    let file = file_of(realm);
    let [ours, theirs] = [(Branch::Ours, texts.ours), (Branch::Theirs, texts.theirs)].map(|(branch, text)| {
        let side = Side::of(text, realm).0;
        match side.is_of_use(text, &file)? {
            Ok(()) => Ok(side),
            Err(trouble) => Err(NotMerged::NoLock { branch, file: file.clone(), trouble }),
        }
    });
    let base = Side::of(texts.base, realm).0;
    Ok(ours?.meet(theirs?, &base).finish(file, None))
}

/// Three texts of one lock, without conflict markers of this merge.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a> {
    pub base: &'a str,
    pub ours: &'a str,
    pub theirs: &'a str,
}

/// Why texts cannot be merged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMerged {
    #[error(transparent)]
    Newer(#[from] NewerLock),
    #[error("{branch} of `{file}` is no lock: it {}", if *trouble == Trouble::Empty { "is empty" } else { "does not say `lockgate:`" })]
    NoLock { branch: Branch, file: RelPath, trouble: Trouble },
}

fn file_of(realm: &Realm) -> RelPath {
    realm.home.join(FILE_NAME).unwrap_or_else(|_| realm.home.clone())
}

/// What a text without conflict markers says.
#[derive(Default)]
struct Side {
    version: Option<i128>,
    claims: BTreeMap<TaskId, Claim>,
    /// What belongs to no task.
    nameless: BTreeSet<Dropped>,
    histories: BTreeMap<TaskId, Vec<Past>>,
}

/// What a text says of one task.
struct Claim {
    line: usize,
    key: String,
    entry: Result<Entry, Fault>,
}

impl Side {
    /// Reads a text, and returns the line of its first conflict marker. Its sides are merged.
    fn of(text: &str, realm: &Realm) -> (Self, Option<usize>) {
        let text = text.trim_start_matches('\u{feff}');
        let Some(Sides { ours, theirs, base, line }) = conflict::sides(text) else {
            return (Self::read(text, realm), None);
        };
        let base = base.map(|base| Self::read(&base, realm)).unwrap_or_default();
        (Self::read(&ours, realm).meet(Self::read(&theirs, realm), &base), Some(line))
    }

    /// Says why nothing of the text can be used; a text of a version that is not known yet is an error.
    fn is_of_use(&self, text: &str, file: &RelPath) -> Result<Result<(), Trouble>, NewerLock> {
        match self.version {
            Some(version) if version > i128::from(VERSION) => Err(NewerLock { file: file.clone(), version }),
            // The first version is this one without histories and degraded tasks.
            Some(version) if version >= 1 => Ok(Ok(())),
            None if text.trim().is_empty() => Ok(Err(Trouble::Empty)),
            Some(_) | None => Ok(Err(Trouble::NoVersion)),
        }
    }

    fn read(text: &str, realm: &Realm) -> Self {
        let mut side = Self::default();
        for section in (Piece { line: 1, text }).cut() {
            side.take_section(section, realm);
        }
        side
    }

    /// Takes what stands at the left margin: `tasks:` with its entries, cut further, or anything else, whole.
    fn take_section(&mut self, piece: Piece<'_>, realm: &Realm) {
        let (first, rest) = piece.split_first_line();
        if first == "tasks:" {
            return rest.cut().into_iter().for_each(|entry| self.take_piece(entry, realm));
        }
        let Some(document) = parse(piece.text) else { return self.drop_piece(piece) };
        for (line, key, node) in document.entries(&document.root, piece.line) {
            match (key, &node.value) {
                ("lockgate", Value::Int(version)) => self.version = self.version.max(Some(*version)),
                ("lockgate", _) => {}
                ("history", _) => document.entries(node, piece.line).for_each(|(line, key, node)| {
                    self.take_history(line, key, node, realm);
                }),
                ("tasks", _) => document.entries(node, piece.line).for_each(|(line, key, node)| {
                    self.take_entry(line, key, realm, |task| wire::read_entry(task, &realm.home, node));
                }),
                (key, _) => self.drop_nameless(line, key, Fault::UnknownKey(key.to_owned())),
            }
        }
    }

    fn take_piece(&mut self, piece: Piece<'_>, realm: &Realm) {
        if let Some(document) = parse(piece.text) {
            for (line, key, node) in document.entries(&document.root, piece.line) {
                self.take_entry(line, key, realm, |task| wire::read_entry(task, &realm.home, node));
            }
        } else if let Some(heading) = parse(piece.split_first_line().0) {
            for (line, key, _) in heading.entries(&heading.root, piece.line) {
                self.take_entry(line, key, realm, |_| Err(Fault::Syntax));
            }
        } else {
            self.drop_piece(piece);
        }
    }

    fn take_history(&mut self, line: usize, key: &str, node: &Node, realm: &Realm) {
        match (name::read(key, realm), history::read(node)) {
            (Some(gate), Some(pasts)) => drop(self.histories.insert(gate, pasts)),
            (None, _) => self.drop_nameless(line, key, Fault::Name),
            (Some(_), None) => self.drop_nameless(line, key, Fault::Value("history".to_owned())),
        }
    }

    fn take_entry(
        &mut self,
        line: usize,
        key: &str,
        realm: &Realm,
        read: impl FnOnce(&TaskId) -> Result<Entry, Fault>,
    ) {
        let Some(task) = name::read(key, realm) else { return self.drop_nameless(line, key, Fault::Name) };
        let claim = self.claims.remove(&task);
        let claim = claim.map_or_else(
            || Claim { line, key: key.to_owned(), entry: read(&task) },
            |first| Claim { entry: Err(Fault::Twice), ..first },
        );
        self.claims.insert(task, claim);
    }

    /// A piece that is no YAML is named by the beginning of its first line.
    fn drop_piece(&mut self, piece: Piece<'_>) {
        let name: String = piece.split_first_line().0.trim().chars().take(40).collect();
        self.drop_nameless(piece.line, &name, Fault::Syntax);
    }

    fn drop_nameless(&mut self, line: usize, task: &str, fault: Fault) {
        self.nameless.insert(Dropped { line, task: task.to_owned(), fault });
    }

    /// Joins what two branches have made of `base`. A claim that one of them alone makes stands: the other does not deny it,
    /// unless it was there to be taken out.
    fn meet(self, mut theirs: Self, base: &Self) -> Self {
        let mut met = Self { version: self.version.max(theirs.version), ..Self::default() };
        met.nameless = self.nameless.into_iter().chain(theirs.nameless).collect();
        for (gate, (ours, theirs)) in paired(self.histories, &mut theirs.histories) {
            let pasts = match standing(base.histories.get(&gate), ours.as_ref(), theirs.as_ref()) {
                Some(Branch::Ours) => ours,
                Some(Branch::Theirs) => theirs,
                None => ours.zip(theirs).map(|(ours, theirs)| history::join(ours, theirs)),
            };
            met.histories.extend(pasts.map(|pasts| (gate, pasts)));
        }
        for (task, (ours, theirs)) in paired(self.claims, &mut theirs.claims) {
            let said =
                [base.claims.get(&task), ours.as_ref(), theirs.as_ref()].map(|claim| claim.map(|said| &said.entry));
            let claim = match standing(said[0], said[1], said[2]) {
                Some(Branch::Ours) => ours,
                Some(Branch::Theirs) => theirs,
                None => ours.zip(theirs).map(|(ours, theirs)| ours.disputed(theirs)),
            };
            met.claims.extend(claim.map(|claim| (task, claim)));
        }
        met
    }

    fn finish(self, file: RelPath, conflict: Option<usize>) -> LockRead {
        let mut lock = Lock { histories: self.histories, ..Lock::default() };
        let mut dropped: Vec<Dropped> = self.nameless.into_iter().collect();
        for (task, Claim { line, key, entry }) in self.claims {
            match entry {
                Ok(entry) => drop(lock.tasks.insert(task, entry)),
                Err(fault) => dropped.push(Dropped { line, task: key, fault }),
            }
        }
        dropped.sort();
        let clean = dropped.is_empty() && conflict.is_none();
        let warning = (!clean).then_some(LockWarning { file, trouble: Trouble::Entries { conflict, dropped } });
        LockRead { lock, warning }
    }
}

impl Claim {
    fn disputed(self, other: Self) -> Self {
        let entry = Err(self.entry.err().or(other.entry.err()).unwrap_or(Fault::Disputed));
        Self { entry, ..self }
    }
}

/// What each of two sides has.
type Pair<V> = (Option<V>, Option<V>);

/// Returns what each of two maps has, by key.
fn paired<K: Ord + Clone, V>(ours: BTreeMap<K, V>, theirs: &mut BTreeMap<K, V>) -> Vec<(K, Pair<V>)> {
    let mut pairs: Vec<_> =
        ours.into_iter().map(|(key, ours)| (key.clone(), (Some(ours), theirs.remove(&key)))).collect();
    pairs.extend(std::mem::take(theirs).into_iter().map(|(key, theirs)| (key, (None, Some(theirs)))));
    pairs
}

/// A piece of text that is YAML.
struct Document {
    source: std::sync::Arc<Source>,
    root: Node,
}

/// Reads YAML; a key that is given twice makes the whole text doubtful.
fn parse(text: &str) -> Option<Document> {
    let source = Source::new(FILE_NAME, text);
    let mut problems = Problems::default();
    let root = lockgate_spanned::read(&source, &mut problems)?;
    (problems.is_empty() && matches!(root.value, Value::Map(_))).then_some(Document { source, root })
}

impl Document {
    /// Returns line, key and value of the entries of `node`, none when it is not a mapping.
    fn entries<'a>(&'a self, node: &'a Node, first_line: usize) -> impl Iterator<Item = (usize, &'a str, &'a Node)> {
        let entries = if let Value::Map(entries) = &node.value { entries.as_slice() } else { &[] };
        entries.iter().map(move |(key, value)| {
            (first_line + self.source.position(key.span.start).line - 1, key.text.as_str(), value)
        })
    }
}
