//! A sorted table of remembered digests, as it stands in its file.
//!
//! ```text
//! "lockgate memo 1\n"                      16 bytes
//! BLAKE3 of all that follows               32
//! number of records, u64                    8
//! FNV-1a 64 of each path, sorted, u64       8 each
//! records, in the order of the hashes      88 each
//!     place and length of the path          4 + 4
//!     mark of the boot, 0 for any           4
//!     stamp                                44
//!     digest                               32
//! paths, one after the other
//! ```
//!
//! All numbers are little-endian; paths of equal hash are sorted by their bytes. The file is read in one go and searched
//! as it is: nothing is allocated per record, and the search stays within the hashes.

use std::collections::BTreeMap;

use crate::sys::disk::Stat;
use crate::words::Digest;

const MAGIC: &[u8; 16] = b"lockgate memo 1\n";
const HEAD: usize = 16 + 32 + 8;
const HASH: usize = 8;
const RECORD: usize = 88;

/// What must be unchanged for a digest to hold: a file's stat tuple, or the digest of all of them in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp([u8; 44]);

impl Stamp {
    pub(super) fn of_file(stat: &Stat) -> Self {
        let mut bytes = [0; 44];
        bytes[..8].copy_from_slice(&stat.dev.to_le_bytes());
        bytes[8..16].copy_from_slice(&stat.ino.to_le_bytes());
        bytes[16..24].copy_from_slice(&stat.size.to_le_bytes());
        bytes[24..32].copy_from_slice(&stat.mtime_ns.to_le_bytes());
        bytes[32..40].copy_from_slice(&stat.ctime_ns.to_le_bytes());
        bytes[40..].copy_from_slice(&stat.mode.to_le_bytes());
        Self(bytes)
    }

    /// Makes the stamp of a folder, all of whose files are on the device `dev`, or 0 if they are on several.
    ///
    /// It cannot equal a file's: no file has mode 0.
    pub(super) fn of_folder(fingerprint: &Digest, dev: u64) -> Self {
        let mut bytes = [0; 44];
        bytes[..8].copy_from_slice(&dev.to_le_bytes());
        bytes[8..40].copy_from_slice(fingerprint.as_bytes());
        Self(bytes)
    }

    pub(super) const fn as_bytes(&self) -> &[u8; 44] {
        &self.0
    }

    fn dev(&self) -> u64 {
        u64::from_le_bytes(self.0[..8].try_into().expect("eight bytes"))
    }
}

/// One remembered digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) stamp: Stamp,
    pub(super) digest: Digest,
    /// The boot in which the bytes may have been in memory only, or 0 when they were on the disk.
    pub(super) boot: u32,
}

/// A table as read from its file; empty when the file is missing, torn or garbage.
#[derive(Debug, Default)]
pub(super) struct Table {
    bytes: Vec<u8>,
    count: usize,
}

impl Table {
    pub(super) fn load(bytes: Vec<u8>) -> Self {
        check(&bytes).map_or_else(Self::default, |count| Self { bytes, count })
    }

    /// Makes a table of `records`, in any order of paths.
    pub(super) fn build<'a>(records: impl Iterator<Item = (&'a str, Record)>) -> Self {
        let mut rows: Vec<(u64, &str, Record)> = records.map(|(path, record)| (fnv(path), path, record)).collect();
        rows.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        let mut bytes = vec![0; HEAD];
        bytes.reserve(rows.len() * (HASH + RECORD + 32));
        for (hash, ..) in &rows {
            bytes.extend_from_slice(&hash.to_le_bytes());
        }
        let mut place = 0_u32;
        for (_, path, record) in &rows {
            let len = u32::try_from(path.len()).expect("a path is shorter than 4 GiB");
            bytes.extend_from_slice(&place.to_le_bytes());
            bytes.extend_from_slice(&len.to_le_bytes());
            bytes.extend_from_slice(&record.boot.to_le_bytes());
            bytes.extend_from_slice(&record.stamp.0);
            bytes.extend_from_slice(record.digest.as_bytes());
            place += len;
        }
        for (_, path, _) in &rows {
            bytes.extend_from_slice(path.as_bytes());
        }
        bytes[48..HEAD].copy_from_slice(&(rows.len() as u64).to_le_bytes());
        let sum = blake3::hash(&bytes[48..]);
        bytes[..16].copy_from_slice(MAGIC);
        bytes[16..48].copy_from_slice(sum.as_bytes());
        Self { bytes, count: rows.len() }
    }

    /// Returns this table with `changes` made: a record put in, or taken out.
    pub(super) fn with(&self, changes: &BTreeMap<Box<str>, Option<Record>>) -> Self {
        let kept = self.records().filter(|(path, _)| !changes.contains_key(*path));
        let new = changes.iter().filter_map(|(path, record)| Some((&**path, (*record)?)));
        Self::build(kept.chain(new))
    }

    /// Returns this table with the records of boot `mark` on the device `dev` valid for any boot, or `None` when there
    /// is no such record.
    pub(super) fn made_durable(&self, mark: u32, dev: u64) -> Option<Self> {
        let is_volatile = |record: &Record| record.boot == mark && record.stamp.dev() == dev;
        if !self.records().any(|(_, record)| is_volatile(&record)) {
            return None;
        }
        Some(Self::build(self.records().map(|(path, mut record)| {
            if is_volatile(&record) {
                record.boot = 0;
            }
            (path, record)
        })))
    }

    /// Looks a path up.
    pub(super) fn get(&self, path: &str) -> Option<Record> {
        let hash = fnv(path);
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.hash(middle) < hash { low = middle + 1 } else { high = middle }
        }
        (low..self.count)
            .take_while(|&idx| self.hash(idx) == hash)
            .find(|&idx| self.path_bytes(idx) == Some(path.as_bytes()))
            .map(|idx| self.record(idx))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn records(&self) -> impl Iterator<Item = (&str, Record)> {
        (0..self.count).filter_map(|idx| Some((self.path(idx)?, self.record(idx))))
    }

    fn row(&self, idx: usize) -> &[u8; RECORD] {
        let start = HEAD + self.count * HASH + idx * RECORD;
        self.bytes[start..start + RECORD].try_into().expect("a record's length")
    }

    fn hash(&self, idx: usize) -> u64 {
        let start = HEAD + idx * HASH;
        u64::from_le_bytes(self.bytes[start..start + HASH].try_into().expect("eight bytes"))
    }

    fn path(&self, idx: usize) -> Option<&str> {
        std::str::from_utf8(self.path_bytes(idx)?).ok()
    }

    fn path_bytes(&self, idx: usize) -> Option<&[u8]> {
        let row = self.row(idx);
        let start = HEAD + self.count * (HASH + RECORD) + number(&row[..4]);
        self.bytes.get(start..start + number(&row[4..8]))
    }

    fn record(&self, idx: usize) -> Record {
        let row = self.row(idx);
        Record {
            boot: u32::from_le_bytes(row[8..12].try_into().expect("four bytes")),
            stamp: Stamp(row[12..56].try_into().expect("a stamp's length")),
            digest: Digest::from_bytes(row[56..].try_into().expect("a digest's length")),
        }
    }
}

/// Returns the number of records if the file is whole.
fn check(bytes: &[u8]) -> Option<usize> {
    let body = bytes.strip_prefix(MAGIC)?;
    let (sum, rest) = body.split_at_checked(32)?;
    let count = u64::from_le_bytes(rest.get(..8)?.try_into().ok()?);
    let count = usize::try_from(count).ok()?;
    let is_long_enough = count.checked_mul(HASH + RECORD).is_some_and(|len| len <= rest.len() - 8);
    (is_long_enough && blake3::hash(rest).as_bytes() == sum).then_some(count)
}

fn number(bytes: &[u8]) -> usize {
    u32::from_le_bytes(bytes.try_into().expect("four bytes")) as usize
}

/// FNV-1a: the order of the file must not depend on a library's choice.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(seed: u8) -> Record {
        Record { stamp: Stamp([seed; 44]), digest: Digest::from_bytes([seed; 32]), boot: u32::from(seed) }
    }

    #[test]
    fn a_torn_or_altered_file_is_an_empty_table() {
        let table = Table::build([("a", record(1)), ("b/c", record(2))].into_iter());
        assert_eq!(Table::load(table.bytes.clone()).get("b/c"), Some(record(2)));
        for len in 0..table.bytes.len() {
            assert_eq!(Table::load(table.bytes[..len].to_vec()).get("a"), None, "cut at {len}");
            let mut altered = table.bytes.clone();
            altered[len] ^= 1;
            assert_eq!(Table::load(altered).get("a"), None, "altered at {len}");
        }
        assert_eq!(Table::load(b"garbage".to_vec()).count, 0);
    }

    #[test]
    fn records_of_a_boot_are_made_durable_on_one_device() {
        let mut other = record(7);
        other.stamp = Stamp([8; 44]);
        let table = Table::build([("a", record(7)), ("b", other)].into_iter());
        let durable = table.made_durable(7, u64::from_le_bytes([7; 8])).expect("a record changes");
        assert_eq!((durable.get("a").unwrap().boot, durable.get("b").unwrap().boot), (0, 7));
        assert!(durable.made_durable(7, u64::from_le_bytes([7; 8])).is_none());
    }

    proptest! {
        #[test]
        fn a_table_holds_what_was_put_in(
            old in prop::collection::btree_map("[a-c/]{0,4}", any::<u8>(), 0..40),
            new in prop::collection::btree_map("[a-c/]{0,4}", any::<Option<u8>>(), 0..40),
        ) {
            let table = Table::build(old.iter().map(|(path, &seed)| (path.as_str(), record(seed))));
            let changes = new.iter().map(|(path, seed)| (path.as_str().into(), seed.map(record))).collect();
            let loaded = Table::load(table.with(&changes).bytes);
            for path in old.keys().chain(new.keys()) {
                let expect = new.get(path).copied().unwrap_or_else(|| old.get(path).copied()).map(record);
                prop_assert_eq!(loaded.get(path), expect);
            }
        }
    }
}
