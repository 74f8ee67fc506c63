//! The log as a whole: golden bytes, replay, damage.

use std::borrow::Cow;

use proptest::prelude::*;

use super::{Aside, Loss, Open, Record, Replay, State, Txn, VERSION, append, decode, start};
use crate::lock::sample::{copy_stage, entry, golden, path, task};
use crate::lock::{Entry, Lock};
use crate::words::{Digest, RelPath, TaskId};

const GOLDEN: &str = include_str!("../../tests/golden/tasks-v3.log.hex");

fn published(task: TaskId, entry: Entry, txn: Option<u64>) -> Record<'static> {
    Record::Published { task: Cow::Owned(task), entry: Cow::Owned(entry), txn: txn.map(Txn) }
}

fn begun(name: &str, txn: u64) -> Record<'static> {
    let outs = vec![(path("a"), Aside::Absent), (path("b"), Aside::Kept { at: path(".lockgate/tmp/7/0") })];
    Record::Begun { task: Cow::Owned(task(name)), txn: Txn(txn), outs: Cow::Owned(outs) }
}

fn dropped(name: &str) -> Record<'static> {
    Record::Dropped { task: Cow::Owned(task(name)) }
}

fn run_begun(run: &str) -> Record<'static> {
    Record::RunBegun { run: Cow::Owned(run.into()) }
}

fn run_ended(run: &str) -> Record<'static> {
    Record::RunEnded { run: Cow::Owned(run.into()) }
}

fn log(records: &[Record<'_>]) -> Vec<u8> {
    let mut log = start(&State::default());
    for record in records {
        append(&mut log, record);
    }
    log
}

fn replay(records: &[Record<'_>]) -> State {
    let log = log(records);
    let replay = decode(&log);
    assert_eq!((replay.valid_len, replay.appended, replay.loss), (log.len(), records.len(), None));
    replay.state
}

/// Every kind of record, over the sample lock.
fn golden_log() -> Vec<u8> {
    let mut log = start(&State { lock: golden(), ..State::default() });
    let folder = Cow::Owned(RelPath::root());
    let records = [
        run_begun("r1"),
        begun("copy", 7),
        published(task("copy"), copy_stage("a", "b"), Some(7)),
        Record::SyncPoint,
        begun("copy", 8),
        Record::Ended { txn: Txn(8) },
        dropped("validate_raw"),
        Record::LockWritten { folder, digest: Digest::of(b"text") },
        run_ended("r1"),
    ];
    for record in &records {
        append(&mut log, record);
    }
    log
}

/// Returns the bytes in hexadecimal, 48 a line.
fn hex_lines(bytes: &[u8]) -> String {
    let hex = |byte: &u8| format!("{byte:02x}");
    bytes.chunks(48).map(|line| line.iter().map(hex).collect::<Vec<_>>().concat() + "\n").collect()
}

#[test]
fn the_golden_log_is_written_and_read() {
    assert_eq!(hex_lines(&golden_log()), GOLDEN);
    let mut lock = golden();
    lock.tasks.remove(&task("validate_raw"));
    lock.tasks.insert(task("copy"), copy_stage("a", "b"));
    let state = decode(&golden_log()).state;
    assert_eq!(state.lock, lock);
    assert_eq!(state.texts, [(RelPath::root(), Digest::of(b"text"))].into());
    assert!(state.open.is_empty() && state.runs.is_empty() && !state.unsynced);
    assert_eq!(state.last_txn, Txn(8));
}

#[test]
fn a_transaction_is_open_until_it_is_published_or_rolled_back() {
    let open = |records: &[Record<'_>]| replay(records).open.into_keys().map(|txn| txn.0).collect::<Vec<_>>();
    let publish = published(task("x"), copy_stage("a", "b"), Some(1));
    assert_eq!(open(&[begun("x", 1), begun("y", 2)]), [1, 2]);
    assert_eq!(open(&[begun("x", 1), begun("y", 2), publish.clone()]), [2]);
    assert_eq!(open(&[begun("x", 1), Record::Ended { txn: Txn(1) }]), Vec::<u64>::new());
    assert_eq!(open(&[begun("x", 1), begun("x", 1), publish]), Vec::<u64>::new());
    let kept = Aside::Kept { at: path(".lockgate/tmp/7/0") };
    let expect = Open { task: task("x"), outs: vec![(path("a"), Aside::Absent), (path("b"), kept)] };
    assert_eq!(replay(&[begun("x", 1)]).open, [(Txn(1), expect)].into());
}

#[test]
fn what_is_published_is_unsynced_until_the_next_sync_point() {
    let publish = || published(task("x"), copy_stage("a", "b"), None);
    assert!(!replay(&[run_begun("r")]).unsynced);
    assert!(replay(&[run_begun("r"), publish()]).unsynced);
    assert!(!replay(&[publish(), Record::SyncPoint]).unsynced);
    assert!(replay(&[publish(), Record::SyncPoint, publish()]).unsynced);
}

#[test]
fn a_run_that_did_not_end_is_told() {
    let runs = |records: &[Record<'_>]| replay(records).runs;
    assert_eq!(runs(&[run_begun("r"), run_begun("s"), run_ended("s")]), ["r"]);
    assert_eq!(runs(&[run_begun("r"), run_ended("r")]), Vec::<String>::new());
}

#[test]
fn a_log_made_short_says_the_same() {
    let long = [run_begun("r"), begun("x", 1), published(task("y"), copy_stage("a", "b"), None), dropped("z")];
    let state = replay(&long);
    let short = start(&state);
    assert_eq!(decode(&short), Replay { valid_len: short.len(), state, appended: 0, loss: None });
}

#[test]
fn a_file_that_is_no_log_of_this_format_says_nothing() {
    let check = |log: &[u8], loss: Option<Loss>| assert_eq!(decode(log), Replay { loss, ..Replay::default() });
    check(b"", None);
    check(b"lock", Some(Loss::NotALog));
    check(&[0; 4096], Some(Loss::NotALog));
    check(b"lockgatX\x01\0\0\0", Some(Loss::NotALog));
    let mut newer = golden_log();
    newer[8..12].copy_from_slice(&(VERSION + 1).to_le_bytes());
    check(&newer, Some(Loss::OtherVersion(VERSION + 1)));
}

#[test]
fn a_tail_of_zeros_is_cut_off() {
    let whole = golden_log();
    let torn = [whole.as_slice(), &[0; 100]].concat();
    let replay = decode(&torn);
    assert_eq!((replay.valid_len, replay.loss), (whole.len(), Some(Loss::Tail { from: whole.len(), lost: 100 })));
    insta::assert_snapshot!(Loss::Tail { from: 12, lost: 2048 }, @"the state log is torn at byte 12: the last 2.0 KiB are not used, and what they told of is decided anew");
    insta::assert_snapshot!(Loss::NotALog, @"the state log is not a log of lockgate: it is started anew from the lock");
    insta::assert_snapshot!(Loss::OtherVersion(9), @"the state log is of format 9, not 3: it is started anew from the lock");
}

#[test]
fn a_log_cut_anywhere_keeps_every_whole_record() {
    let mut log = start(&State::default());
    let mut ends = vec![(log.len(), 0)];
    for n in 0..5 {
        append(&mut log, &published(task(&format!("t{n}")), copy_stage("a", "b"), None));
        ends.push((log.len(), n + 1));
    }
    for cut in 0..=log.len() {
        let replay = decode(&log[..cut]);
        let whole = ends.iter().rev().find(|(end, _)| *end <= cut);
        let (end, tasks) = whole.copied().unwrap_or((if cut < 12 { 0 } else { 12 }, 0));
        assert_eq!((replay.valid_len, replay.state.lock.tasks.len()), (end, tasks), "cut at {cut}");
        assert_eq!(replay.loss.is_some(), cut != end, "cut at {cut}");
    }
}

proptest! {
    #[test]
    fn a_damaged_log_keeps_the_records_before_the_damage(at in any::<prop::sample::Index>(), flip in 1..=255u8) {
        let mut log = start(&State::default());
        let mut ends = vec![log.len()];
        for n in 0..4 {
            append(&mut log, &published(task(&format!("t{n}")), copy_stage("a", "b"), None));
            ends.push(log.len());
        }
        let at = at.index(log.len());
        log[at] ^= flip;
        let replay = decode(&log);
        let sound = ends.iter().filter(|end| **end <= at).count();
        prop_assert_eq!(replay.state.lock.tasks.len(), sound.saturating_sub(1));
        prop_assert!(replay.loss.is_some() && replay.valid_len <= at);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let replay = decode(&[&golden_log(), bytes.as_slice()].concat());
        prop_assert_eq!(replay.valid_len, golden_log().len());
        prop_assert!(decode(&bytes).valid_len <= bytes.len());
    }

    #[test]
    fn every_entry_reads_back(entry in entry(), txn in any::<Option<u64>>()) {
        let state = replay(&[published(task("x"), entry.clone(), txn)]);
        prop_assert_eq!(state.lock, Lock { tasks: [(task("x"), entry)].into(), ..Lock::default() });
    }
}
