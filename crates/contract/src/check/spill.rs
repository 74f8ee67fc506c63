//! A great many 128-bit records, sorted, in little memory.
//!
//! Records are kept in memory up to a limit. Above it they are dealt by their highest bits into shares, which lie in blocks in one
//! temporary file; at the end each share is read back and sorted by itself. The file has no name any more when the first
//! record is written, so that nothing is left behind whatever ends the process. It knows nothing of tables.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Records in memory before any is written: 192 MB.
const MOST_HELD: usize = 12 << 20;

/// Records are dealt by their highest eight bits: of a billion, four million are in memory at a time.
const SHARES: usize = 256;

/// Records in a block: 64 KB.
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

    fn with_limit(folder: &Path, expected: Option<u64>, limit: usize) -> Self {
        let expected = expected.and_then(|expected| usize::try_from(expected).ok()).unwrap_or(0);
        let held = if expected <= limit { Vec::with_capacity(expected) } else { Vec::new() };
        Self { folder: folder.to_owned(), limit, held, spilled: None }
    }

    pub fn extend(&mut self, records: impl Iterator<Item = u128>) -> io::Result<()> {
        match &mut self.spilled {
            Some(spilled) => return spilled.extend(records),
            None => self.held.extend(records),
        }
        if self.held.len() > self.limit {
            let mut spilled = Spilled::new(&self.folder)?;
            spilled.extend(std::mem::take(&mut self.held).into_iter())?;
            self.spilled = Some(spilled);
        }
        Ok(())
    }

    /// Gives all records, sorted, in pieces; records with the same 88 highest bits are in the same piece.
    pub fn each_sorted(self, on_piece: &mut dyn FnMut(&[u128])) -> io::Result<()> {
        if let Some(spilled) = self.spilled {
            return spilled.each_sorted(on_piece);
        }
        let mut held = self.held;
        held.sort_unstable();
        on_piece(&held);
        Ok(())
    }
}

/// Records in a file, but for the last ones of each share.
struct Spilled {
    file: File,
    blocks: u64,
    shares: Vec<Share>,
}

#[derive(Default)]
struct Share {
    /// The numbers of its blocks in the file.
    written: Vec<u64>,
    held: Vec<u128>,
}

impl Spilled {
    fn new(folder: &Path) -> io::Result<Self> {
        let shares = (0..SHARES).map(|_| Share::default()).collect();
        Ok(Self { file: unnamed_file(folder)?, blocks: 0, shares })
    }

    fn extend(&mut self, records: impl Iterator<Item = u128>) -> io::Result<()> {
        let mut bytes = Vec::new();
        for record in records {
            let share = &mut self.shares[(record >> 120) as usize];
            share.held.push(record);
            if share.held.len() == BLOCK {
                bytes.clear();
                bytes.extend(share.held.drain(..).flat_map(u128::to_le_bytes));
                self.file.write_all_at(&bytes, offset(self.blocks))?;
                share.written.push(self.blocks);
                self.blocks += 1;
            }
        }
        Ok(())
    }

    fn each_sorted(self, on_piece: &mut dyn FnMut(&[u128])) -> io::Result<()> {
        let mut bytes = vec![0; BLOCK * RECORD];
        for share in self.shares {
            let mut records = share.held;
            records.reserve_exact(share.written.len() * BLOCK);
            for block in share.written {
                self.file.read_exact_at(&mut bytes, offset(block))?;
                records.extend(bytes.as_chunks().0.iter().map(|bytes| u128::from_le_bytes(*bytes)));
            }
            records.sort_unstable();
            on_piece(&records);
        }
        Ok(())
    }
}

fn offset(block: u64) -> u64 {
    block * (BLOCK * RECORD) as u64
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
        set.each_sorted(&mut |piece| all.extend_from_slice(piece)).expect("what was written can be read");
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
        // More than one block of one share.
        records.extend((0..10_000).map(|low| (0xAB << 120) | low));
        let mut expect = records.clone();
        expect.sort_unstable();
        for limit in [0, 5_000, 1_000_000] {
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
