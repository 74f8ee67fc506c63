//! Records to bytes and back.
//!
//! A log is 12 bytes, `lockgate` and the version of the format, and then frames: the length of the payload (4 bytes,
//! little-endian), a checksum (the first 8 bytes of the BLAKE3 digest of length and payload) and the payload, a record in
//! the encoding of postcard.

use std::borrow::Cow;
use std::fmt;

use super::VERSION;
use super::record::Record;
use super::state::State;
use crate::words::text::bytes as size;

const MAGIC: &[u8; 8] = b"lockgate";
const HEADER: usize = MAGIC.len() + 4;
const LENGTH: usize = 4;
const CHECKSUM: usize = 8;

/// What a log says, and how much of it could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replay {
    pub state: State,
    /// The length of the part that was understood: records are appended there, after what follows was cut off. At 0 the
    /// log has to be started anew.
    pub valid_len: usize,
    /// How many records follow the first. Each costs a search among all tasks when it is read, which a snapshot does not:
    /// when there are many, the log is worth replacing.
    pub appended: usize,
    pub loss: Option<Loss>,
}

/// What of a log was not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// Bytes after the last whole record: the writer died, or the disk lost them.
    Tail { from: usize, lost: usize },
    /// The file does not begin as a log does.
    NotALog,
    /// The log was written by a lockgate with another format.
    OtherVersion(u32),
}

/// Returns the bytes of a new log that says `state`: for a first log, and to replace one that has grown long.
pub fn start(state: &State) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + 512 * state.lock.tasks.len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    append(&mut out, &Record::Snapshot(Cow::Borrowed(state)));
    out
}

/// Appends the frame of one record to `out`; the caller writes it to the end of the log with one call.
pub fn append(out: &mut Vec<u8>, record: &Record<'_>) {
    let start = out.len();
    out.extend_from_slice(&[0; LENGTH + CHECKSUM]);
    let grown = postcard::to_extend(record, std::mem::take(out));
    *out = grown.expect("every sequence in a record knows its length");
    let payload = start + LENGTH + CHECKSUM;
    let length = u32::try_from(out.len() - payload).expect("a record is smaller than 4 GiB").to_le_bytes();
    let checksum = checksum(length, &out[payload..]);
    out[start..start + LENGTH].copy_from_slice(&length);
    out[start + LENGTH..payload].copy_from_slice(&checksum);
}

/// Reads a log to its end, or to the first record that is not whole.
pub fn decode(log: &[u8]) -> Replay {
    let Some((header, _)) = log.split_first_chunk::<HEADER>() else {
        return refused((!log.is_empty()).then_some(Loss::NotALog));
    };
    let (magic, version) = header.split_at(MAGIC.len());
    if magic != MAGIC {
        return refused(Some(Loss::NotALog));
    }
    if version != VERSION.to_le_bytes() {
        let version = version.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte));
        return refused(Some(Loss::OtherVersion(version)));
    }
    let mut state = State::default();
    let mut valid_len = HEADER;
    let mut records: usize = 0;
    while let Some((record, length)) = next_record(&log[valid_len..]) {
        state.apply(record);
        valid_len += length;
        records += 1;
    }
    let lost = log.len() - valid_len;
    Replay {
        state,
        valid_len,
        appended: records.saturating_sub(1),
        loss: (lost > 0).then_some(Loss::Tail { from: valid_len, lost }),
    }
}

fn refused(loss: Option<Loss>) -> Replay {
    Replay { loss, ..Replay::default() }
}

/// Reads the record at the beginning of `rest`; `None` when there is none, or none that is whole.
fn next_record(rest: &[u8]) -> Option<(Record<'static>, usize)> {
    let (length, after) = rest.split_first_chunk::<LENGTH>()?;
    let (claimed, after) = after.split_first_chunk::<CHECKSUM>()?;
    let payload = after.get(..usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    if checksum(*length, payload) != *claimed {
        return None;
    }
    let (record, unread) = postcard::take_from_bytes(payload).ok()?;
    unread.is_empty().then_some((record, LENGTH + CHECKSUM + payload.len()))
}

/// The length is part of it: a tail of zeros, which a file system may leave after a crash, is no empty record.
fn checksum(length: [u8; LENGTH], payload: &[u8]) -> [u8; CHECKSUM] {
    let mut hasher = blake3::Hasher::new();
    let digest = hasher.update(&length).update(payload).finalize();
    std::array::from_fn(|at| digest.as_bytes()[at])
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tail { from, lost } => {
                let lost = size(u64::try_from(*lost).unwrap_or(u64::MAX));
                write!(
                    f,
                    "the state log is torn at byte {from}: the last {lost} are not used, and what they told of is decided anew"
                )
            }
            Self::NotALog => f.write_str("the state log is not a log of lockgate: it is started anew from the lock"),
            Self::OtherVersion(version) => {
                write!(f, "the state log is of format {version}, not {VERSION}: it is started anew from the lock")
            }
        }
    }
}
