//! A great many 128-bit records, sorted, in little memory.
//!
//! Records are kept in memory up to a limit. Above it they are written as a sorted run to a temporary file, and at the end the
//! runs are merged; equal records, of which there may be any number, need no more memory than different ones. The file has no
//! name any more when the first record is written, so that nothing is left behind whatever ends the process. It knows nothing
//! of tables.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Records in memory before they are written: 192 MB.
const MOST_HELD: usize = 12 << 20;

/// Records that are written, read and given at one time: 64 KB.
const BLOCK: usize = 4096;
const RECORD: usize = 16;

/// Records that have been put in and not been taken out.
pub(super) struct Records {
    folder: PathBuf,
    limit: usize,
    held: Vec<u128>,
    spilled: Option<Spilled>,
}

impl Records {
    /// Makes an empty set for about `expected` records, which goes to a file in `folder` when it grows too large.
    pub fn new(folder: &Path, expected: Option<u64>) -> Self {
        Self::with_limit(folder, expected, MOST_HELD)
    }

    /// The same with another limit, in records.
    pub fn with_limit(folder: &Path, expected: Option<u64>, limit: usize) -> Self {
        let expected = expected.map_or(0, |expected| usize::try_from(expected).unwrap_or(limit));
        Self { folder: folder.to_owned(), limit, held: Vec::with_capacity(expected.min(limit)), spilled: None }
    }

    pub fn extend(&mut self, records: impl Iterator<Item = u128>) -> io::Result<()> {
        for record in records {
            if self.held.len() == self.limit {
                self.spill()?;
            }
            if self.held.len() == self.held.capacity() {
                // Left to itself it would grow to twice the limit.
                let more = self.held.len().max(BLOCK).min(self.limit - self.held.len());
                self.held.reserve_exact(more);
            }
            self.held.push(record);
        }
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        self.held.sort_unstable();
        let mut spilled = match self.spilled.take() {
            Some(spilled) => spilled,
            None => Spilled { file: unnamed_file(&self.folder)?, runs: Vec::new() },
        };
        spilled.add(&self.held)?;
        self.spilled = Some(spilled);
        self.held.clear();
        Ok(())
    }

    /// Sorts the records that were put in.
    pub fn sorted(mut self) -> io::Result<Sorted> {
        if self.spilled.is_some() {
            self.spill()?;
        }
        if let Some(spilled) = self.spilled {
            return Ok(Sorted::Spilled(spilled));
        }
        self.held.sort_unstable();
        Ok(Sorted::Held(self.held))
    }
}

/// All records in their order.
pub(super) enum Sorted {
    Held(Vec<u128>),
    /// What was held is in the file; the merge needs the room.
    Spilled(Spilled),
}

impl Sorted {
    /// Gives all records, piece by piece; as often as wanted.
    pub fn each(&self, on_piece: &mut dyn FnMut(&[u128])) -> io::Result<()> {
        match self {
            Self::Held(records) => on_piece(records),
            Self::Spilled(spilled) => return spilled.merge(on_piece),
        }
        Ok(())
    }
}

/// Sorted runs of records, one after the other in a file.
pub(super) struct Spilled {
    file: File,
    /// The numbers of the records of each run.
    runs: Vec<Range<u64>>,
}

impl Spilled {
    fn add(&mut self, records: &[u128]) -> io::Result<()> {
        let start = self.runs.last().map_or(0, |run| run.end);
        let mut at = start;
        for block in records.chunks(BLOCK) {
            let bytes: Vec<u8> = block.iter().flat_map(|record| record.to_le_bytes()).collect();
            self.file.write_all_at(&bytes, at * RECORD as u64)?;
            at += block.len() as u64;
        }
        self.runs.push(start..at);
        Ok(())
    }

    fn merge(&self, on_piece: &mut dyn FnMut(&[u128])) -> io::Result<()> {
        let mut runs = Vec::with_capacity(self.runs.len());
        let mut next = BinaryHeap::with_capacity(self.runs.len());
        for left in self.runs.iter().cloned() {
            let mut run = Run { file: &self.file, left, block: Vec::new().into_iter() };
            next.extend(run.next()?.map(|record| Reverse((record, runs.len()))));
            runs.push(run);
        }
        let mut piece = Vec::with_capacity(BLOCK);
        while let Some(mut smallest) = next.peek_mut() {
            let Reverse((record, run)) = *smallest;
            piece.push(record);
            if piece.len() == BLOCK {
                on_piece(&piece);
                piece.clear();
            }
            match runs[run].next()? {
                Some(record) => *smallest = Reverse((record, run)),
                None => {
                    std::collections::binary_heap::PeekMut::pop(smallest);
                }
            }
        }
        on_piece(&piece);
        Ok(())
    }
}

/// A run while it is read.
struct Run<'a> {
    file: &'a File,
    left: Range<u64>,
    block: std::vec::IntoIter<u128>,
}

impl Run<'_> {
    fn next(&mut self) -> io::Result<Option<u128>> {
        if let Some(record) = self.block.next() {
            return Ok(Some(record));
        }
        let len = (self.left.end - self.left.start).min(BLOCK as u64);
        let mut bytes = vec![0; usize::try_from(len).unwrap_or(BLOCK) * RECORD];
        self.file.read_exact_at(&mut bytes, self.left.start * RECORD as u64)?;
        self.left.start += len;
        let records = bytes.as_chunks().0.iter().map(|bytes| u128::from_le_bytes(*bytes));
        self.block = records.collect::<Vec<_>>().into_iter();
        Ok(self.block.next())
    }
}

/// Makes a file that nobody else can open and that is gone when it is closed.
fn unnamed_file(folder: &Path) -> io::Result<File> {
    static MADE: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!(".lockgate-keys-{}-{number}", std::process::id()));
        match OpenOptions::new().read(true).write(true).create_new(true).open(&path) {
            Ok(file) => {
                fs::remove_file(&path)?;
                return Ok(file);
            }
            // A process that had this number was ended between the two steps.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(limit: usize, records: &[u128]) -> Vec<u128> {
        let desk = tempfile::tempdir().expect("there is room for a folder");
        let mut set = Records::with_limit(desk.path(), None, limit);
        for some in records.chunks(1000) {
            set.extend(some.iter().copied()).expect("the folder can be written to");
        }
        assert_eq!(fs::read_dir(desk.path()).expect("the folder is there").count(), 0);
        let mut all = Vec::new();
        let sorted = set.sorted().expect("the folder can be written to");
        sorted.each(&mut |piece| all.extend_from_slice(piece)).expect("what was written can be read");
        let mut again = Vec::new();
        sorted.each(&mut |piece| again.extend_from_slice(piece)).expect("it can be read again");
        assert_eq!(again, all);
        all
    }

    #[test]
    fn all_records_come_back_sorted_whether_they_fit_or_not() {
        let mut random = 1u128;
        let mut next = || {
            random = random.wrapping_mul(0xDA94_2042_E4DD_58B5_0000_0000_0000_0001).wrapping_add(0x9E37_79B9_7F4A_7C15);
            random
        };
        let mut records: Vec<u128> = (0..50_000).map(|_| next()).collect();
        // Many that are the same.
        records.extend(std::iter::repeat_n(7, 10_000));
        let mut expect = records.clone();
        expect.sort_unstable();
        for limit in [100, 5_000, 60_000, 1_000_000] {
            assert_eq!(sorted(limit, &records), expect, "{limit}");
        }
        assert!(sorted(10, &[]).is_empty());
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let mut set = Records::with_limit(Path::new("/nowhere at all"), None, 1);
        assert!(set.extend([1, 2].into_iter()).is_err());
    }
}
