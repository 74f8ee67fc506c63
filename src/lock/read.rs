//! Text to lock: leniently, entry by entry.

use std::collections::{BTreeMap, BTreeSet};

use lockgate_spanned::{Node, Problems, Source, Value};

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
    pub version: i64,
}

/// Reads the text of the lock of `realm`.
///
/// Every entry stands for itself: one that is malformed, that was edited or merged, or that is there twice is dropped. Of
/// a text with merge conflict markers, the entries are kept of which both sides say the same or only one says anything.
pub fn read(bytes: &[u8], realm: &Realm) -> Result<LockRead, NewerLock> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let file = realm.home.join(FILE_NAME).unwrap_or_else(|_| realm.home.clone());
    let (side, conflict) = match conflict::sides(text) {
        None => (Side::read(text, realm), None),
        Some(Sides { ours, theirs, line }) => (Side::read(&ours, realm).meet(Side::read(&theirs, realm)), Some(line)),
    };
    match side.version {
        Some(version) if version > i64::from(VERSION) => Err(NewerLock { file, version }),
        // The first version is this one without histories and degraded tasks.
        Some(version) if version >= 1 => Ok(side.finish(file, conflict)),
        None if text.trim().is_empty() => Ok(nothing(file, Trouble::Empty)),
        Some(_) | None => Ok(nothing(file, Trouble::NoVersion)),
    }
}

fn nothing(file: RelPath, trouble: Trouble) -> LockRead {
    LockRead { lock: Lock::default(), warning: Some(LockWarning { file, trouble }) }
}

/// What a text without conflict markers says.
#[derive(Default)]
struct Side {
    version: Option<i64>,
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

    /// Joins the two sides of a conflict. A claim that one side alone makes stands: the other does not deny it.
    fn meet(mut self, other: Self) -> Self {
        self.version = self.version.max(other.version);
        self.nameless.extend(other.nameless);
        for (gate, theirs) in other.histories {
            let ours = self.histories.remove(&gate).unwrap_or_default();
            self.histories.insert(gate, history::join(ours, theirs));
        }
        for (task, theirs) in other.claims {
            let claim = match self.claims.remove(&task) {
                Some(ours) => ours.meet(theirs),
                None => theirs,
            };
            self.claims.insert(task, claim);
        }
        self
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
    fn meet(self, other: Self) -> Self {
        let entry = match (self.entry, other.entry) {
            (Ok(ours), Ok(theirs)) if ours == theirs => Ok(ours),
            (Ok(_), Ok(_)) => Err(Fault::Disputed),
            (Err(fault), _) | (_, Err(fault)) => Err(fault),
        };
        Self { entry, ..self }
    }
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
