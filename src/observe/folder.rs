//! Observing folders: the digest of a folder is remembered under the stat of all that is in it.

use rayon::prelude::*;

use super::error::ObserveError;
use super::hash::LARGE;
use super::listing::{TreeNode, encode_row, header};
use super::observer::{Observer, mode};
use super::table::{Stamp, Table};
use super::visit::{Sighting, Visit};
use super::walk::{Row, What, stamp, walk};
use crate::sys::disk::{Age, Durability, Layout, Stat};
use crate::words::{Content, Digest, RelPath, Spot};

/// From this many entries on, a folder has a memo file of its own, so that one changed file does not cost all.
const BIG_FOLDER: usize = 1000;

/// So many bytes are written in the time that it takes to open a file.
const AS_LONG_AS_OPENING: u64 = 1 << 14;

/// Below this many files a thread of its own costs more than it saves.
const MANY: usize = 64;

impl Observer {
    pub(super) fn visit_folder<V: Visit>(&self, path: Spot<'_>, visit: &V) -> Result<Content, V::Error> {
        let rows = walk(self.root(), path, &self.rules_for(path))?;
        let stamp = stamp(&rows);
        if let Some(digest) = self.memo.get(path.as_str(), &stamp).filter(|digest| visit.has_tree(digest)) {
            return Ok(Content::Tree { digest });
        }
        let stats = rows.iter().filter_map(file_stat);
        let age = if is_big_read(&rows) { self.clock().settle(stats) } else { self.clock().age(stats) };
        // Another thread may read the clock again while this one hashes.
        let clock_ns = self.clock().last();
        let inner = InnerMemo::open(self, path, &rows);
        let known = inner.known(self, &rows);
        let nodes = visit_rows(path, &rows, &known, visit)?;
        if inner.is_outdated(&rows, &known) {
            inner.save(self, &rows, &nodes, clock_ns);
        }
        let listing = listing(&rows, &nodes);
        let digest = Digest::of(&listing);
        visit.listing(digest, &listing)?;
        match age {
            Age::Settled => self.memo.put(path.as_str(), stamp, digest, changed_ns(&rows)),
            Age::Young => self.memo.put_off(path),
        }
        Ok(Content::Tree { digest })
    }

    /// Remembers the digest of a folder that this process put at `path`.
    pub(super) fn remember_folder(&self, path: Spot<'_>, digest: Digest) -> Result<(), ObserveError> {
        let rows = walk(self.root(), path, &self.rules_for(path))?;
        let written: Vec<Stat> = rows.iter().filter_map(file_stat).map(Stat::as_written).collect();
        match self.clock().age(written.iter()) {
            Age::Settled => self.memo.put(path.as_str(), stamp(&rows), digest, changed_ns(&rows)),
            Age::Young => self.memo.put_off(path),
        }
        Ok(())
    }
}

fn visit_rows<V: Visit>(
    path: Spot<'_>,
    rows: &[Row],
    known: &[Option<Digest>],
    visit: &V,
) -> Result<Vec<TreeNode>, V::Error> {
    let node = |(row, known): (&Row, &Option<Digest>)| match &row.what {
        What::Link(target) => Ok(TreeNode::Link { target: target.clone() }),
        What::EmptyFolder => Ok(TreeNode::Folder),
        What::File(stat) => {
            let path = path.below(&row.path);
            let digest = visit.file(Sighting { path: path.spot(), stat, known: *known })?;
            Ok(TreeNode::File { digest, mode: mode(stat) })
        }
    };
    if rows.len() < MANY {
        rows.iter().zip(known).map(node).collect()
    } else {
        rows.par_iter().zip(known).map(node).collect()
    }
}

/// The memo file of one big folder, empty for others: read only when something in the folder changed.
struct InnerMemo {
    file: Option<RelPath>,
    table: Table,
}

impl InnerMemo {
    fn open(observer: &Observer, path: Spot<'_>, rows: &[Row]) -> Self {
        if rows.len() < BIG_FOLDER {
            return Self { file: None, table: Table::default() };
        }
        let name = format!("folders/{}", Digest::of(path.as_str().as_bytes()));
        let file = Layout::state().join(&name).expect("a plain name");
        let table = observer.root().read(&file).map(Table::load).unwrap_or_default();
        Self { file: Some(file), table }
    }

    /// Returns the digest of each row that is a file of which one is known.
    fn known(&self, observer: &Observer, rows: &[Row]) -> Vec<Option<Digest>> {
        let known = |row: &Row| {
            let record = self.table.get(&row.path)?;
            observer.memo.believe(&record, &Stamp::of_file(file_stat(row)?))
        };
        if rows.len() < BIG_FOLDER { vec![None; rows.len()] } else { rows.par_iter().map(known).collect() }
    }

    /// Whether it costs less to write all that is known of the folder than to read the files of which nothing was known again
    /// when something else in the folder changes.
    fn is_outdated(&self, rows: &[Row], known: &[Option<Digest>]) -> bool {
        let unknown = rows.iter().zip(known).filter(|(_, known)| known.is_none());
        let to_read: u64 = unknown.filter_map(|(row, _)| Some(file_stat(row)?.size + AS_LONG_AS_OPENING)).sum();
        to_read > self.table.as_bytes().len() as u64
    }

    /// Writes the files that were settled at `clock_ns`, when their hashing began.
    ///
    /// It is a cache of a cache: a failure to write it costs time, and is not worth a word.
    fn save(&self, observer: &Observer, rows: &[Row], nodes: &[TreeNode], clock_ns: i64) {
        let Some(file) = &self.file else { return };
        let records = rows.iter().zip(nodes).filter_map(|(row, node)| match (&row.what, node) {
            (What::File(stat), TreeNode::File { digest, .. })
                if observer.clock().age_at(stat, clock_ns) == Age::Settled =>
            {
                Some((&*row.path, observer.memo.record(Stamp::of_file(stat), *digest, stat.ctime_ns)))
            }
            _ => None,
        });
        let table = Table::build(records);
        observer.root().publish(file, table.as_bytes(), Durability::Later).ok();
    }
}

/// What a line of a listing says of a file, beside its path, in bytes.
const AROUND_PATH: usize = "file".len() + 64 + "\t\t\n".len();

fn listing(rows: &[Row], nodes: &[TreeNode]) -> Vec<u8> {
    let mut bytes = header();
    bytes.reserve(rows.iter().map(|row| row.path.len() + AROUND_PATH).sum());
    for (row, node) in rows.iter().zip(nodes) {
        encode_row(&mut bytes, &row.path, node);
    }
    bytes
}

/// Whether reading the rows takes longer than the clock's tick.
fn is_big_read(rows: &[Row]) -> bool {
    rows.len() >= MANY || rows.iter().filter_map(file_stat).map(|stat| stat.size).sum::<u64>() >= LARGE
}

fn file_stat(row: &Row) -> Option<&Stat> {
    match &row.what {
        What::File(stat) => Some(stat),
        What::Link(_) | What::EmptyFolder => None,
    }
}

fn changed_ns(rows: &[Row]) -> i64 {
    rows.iter().filter_map(file_stat).map(|stat| stat.ctime_ns).max().unwrap_or(i64::MIN)
}
