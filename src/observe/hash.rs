//! Hashing files: small ones in one read, large ones in blocks on several threads.
//!
//! Blocks are read, not mapped: a file that is cut short while it is mapped ends the process with a signal. Reading into
//! a block that stays in the processor's cache is no slower.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use blake3::hazmat::{ChainingValue, HasherExt, Mode, left_subtree_len, merge_subtrees_non_root, merge_subtrees_root};

use crate::sys::disk::{DiskError, Source};
use crate::words::Digest;

/// From this size on, in bytes, a file is hashed on several threads.
pub(crate) const LARGE: u64 = 1 << 20;
/// What one thread reads and hashes at a time; the block stays in the second-level cache, where 64 KiB was the fastest
/// of 32 KiB to 1 MiB.
const BLOCK: u64 = 1 << 16;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Counts the bytes that have been hashed, for whoever shows progress.
#[derive(Debug, Default)]
pub struct Meter(AtomicU64);

impl Meter {
    /// Returns how many bytes have been hashed so far.
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn add(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// Hashes the first `size` bytes of a file.
///
/// The digest means nothing if the file changes meanwhile: the caller compares its stat before and after.
pub(crate) fn hash_source(source: &Source, size: u64, meter: &Meter) -> Result<Digest, DiskError> {
    if size >= LARGE {
        return hash_large(source, size, meter);
    }
    BUFFER.with_borrow_mut(|buffer| {
        source.read_small(usize::try_from(size).expect("a small size"), buffer)?;
        meter.add(size);
        Ok(Digest::of(buffer))
    })
}

fn hash_large(source: &Source, size: u64, meter: &Meter) -> Result<Digest, DiskError> {
    let left_len = left_subtree_len(size);
    let (left, right) =
        rayon::join(|| subtree(source, 0, left_len, meter), || subtree(source, left_len, size - left_len, meter));
    Ok(Digest::from_bytes(*merge_subtrees_root(&left?, &right?, Mode::Hash).as_bytes()))
}

/// Hashes `len` bytes from `offset` on, which are one subtree of BLAKE3's tree (section 2.1 of its paper).
fn subtree(source: &Source, offset: u64, len: u64, meter: &Meter) -> Result<ChainingValue, DiskError> {
    if len <= BLOCK {
        return leaf(source, offset, len, meter);
    }
    let left_len = left_subtree_len(len);
    let (left, right) = rayon::join(
        || subtree(source, offset, left_len, meter),
        || subtree(source, offset + left_len, len - left_len, meter),
    );
    Ok(merge_subtrees_non_root(&left?, &right?, Mode::Hash))
}

fn leaf(source: &Source, offset: u64, len: u64, meter: &Meter) -> Result<ChainingValue, DiskError> {
    BUFFER.with_borrow_mut(|buffer| {
        buffer.resize(usize::try_from(len).expect("at most a block"), 0);
        source.read_at(buffer, offset)?;
        meter.add(len);
        Ok(blake3::Hasher::new().set_input_offset(offset).update(buffer).finalize_non_root())
    })
}
