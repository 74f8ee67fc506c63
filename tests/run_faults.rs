//! A run that dies, or whose disk fails, at every durable step; the next run puts everything right without a manual step.
//!
//! Each case starts from good outputs, changes the input, strikes one point of the run, and runs again.

#![cfg(feature = "faults")]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "the test plays the user and the accident")]

use std::collections::BTreeMap;
use std::fs;

#[path = "cli/sandbox.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod sandbox;

use lockgate::sys::fault;
use sandbox::{Output, Sandbox};

/// A file, a folder and an output that is continued; a gate between them.
const PIPELINE: &str = "\
stages:
  raw:
    cmd: 'cp in.txt raw.txt; ! grep broken in.txt'
    deps: [in.txt]
    outs: [raw.txt]
  good:
    gate: {data: raw.txt, command: grep -q good raw.txt}
  folder:
    cmd: mkdir -p folder/sub; cp raw.txt folder/a; cp raw.txt folder/sub/b
    deps: [raw.txt]
    outs: [folder]
  grown:
    cmd: cat raw.txt >> grown.txt
    deps: [raw.txt]
    outs: [grown.txt: {persist: true}]
";

const OUTS: [&str; 4] = ["raw.txt", "folder/a", "folder/sub/b", "grown.txt"];

/// Makes a project whose outputs follow from `good 1`.
fn at_rest() -> Sandbox {
    let ws = Sandbox::of(PIPELINE);
    ws.write("in.txt", "good 1\n");
    let output = ws.lockgate("repro -q");
    assert_eq!(output.code, 0, "{output}");
    ws
}

fn struck(ws: &Sandbox, point: &str, act: &str, nth: usize) -> Output {
    ws.finish(ws.command("repro -q -j 2").env("LOCKGATE_FAULT", format!("{point}:{act}:{nth}")))
}

fn outs(ws: &Sandbox) -> BTreeMap<&'static str, String> {
    OUTS.into_iter().map(|path| (path, fs::read_to_string(ws.path().join(path)).unwrap_or_default())).collect()
}

fn expected(text: &str, grown: &str) -> BTreeMap<&'static str, String> {
    OUTS.into_iter().map(|path| (path, if path == "grown.txt" { grown } else { text }.to_owned())).collect()
}

/// Calls `check` for each time that a run which reads `input` passes the point; returns how often that was.
fn at_each_pass(input: &str, point: &str, act: &str, check: impl Fn(&Sandbox, &Output, &str)) -> usize {
    let passes = |nth: usize| {
        let ws = at_rest();
        ws.write("in.txt", input);
        struck(&ws, point, "kill", nth).code == -1
    };
    let n_passes = (1..100).take_while(|nth| passes(*nth)).count();
    for nth in 1..=n_passes {
        let ws = at_rest();
        ws.write("in.txt", input);
        let output = struck(&ws, point, act, nth);
        check(&ws, &output, &format!("{point}:{act}:{nth}"));
    }
    n_passes
}

const ACTS: [&str; 3] = ["kill", "eio", "enospc"];

#[test]
fn a_run_struck_anywhere_is_made_good_by_the_next() {
    let mut never = Vec::new();
    for point in fault::points() {
        let mut n_passes = 0;
        for act in ACTS {
            n_passes += at_each_pass("good 2\n", point, act, |ws, struck, case| {
                assert_ne!(struck.code, 70, "{case}: {struck}");
                let next = ws.lockgate("repro -j 2");
                assert_eq!(next.code, 0, "{case}: {struck}\n{next}");
                assert_eq!(outs(ws), expected("good 2\n", "good 1\ngood 2\n"), "{case}: {struck}\n{next}");
                let last = ws.lockgate("repro -j 2");
                assert!(last.code == 0 && last.stderr.contains("everything is fresh"), "{case}: {last}");
            });
        }
        if n_passes == 0 {
            never.push(*point);
        }
    }
    let elsewhere = ["disk.append.sync", "store.gc.remove", "store.set_aside", "txn.put_back"];
    let unexpected: Vec<_> =
        never.iter().filter(|point| !point.starts_with("store.place") && !elsewhere.contains(point)).collect();
    assert!(unexpected.is_empty(), "no run passes {unexpected:?}");
}

/// A run on `input`, which must end with `code`, struck anywhere: afterwards the last good outputs are there.
fn leaves_the_last_good_outputs(input: &str, code: i32) {
    for point in fault::points() {
        for act in ACTS {
            at_each_pass(input, point, act, |ws, struck, case| {
                assert_ne!(struck.code, 0, "{case}: the run says that all is well: {struck}");
                let next = ws.lockgate("repro -j 2");
                assert_eq!(next.code, code, "{case}: {struck}\n{next}");
                assert_eq!(outs(ws), expected("good 1\n", "good 1\n"), "{case}: {struck}\n{next}");
            });
        }
    }
}

#[test]
fn a_refusal_struck_anywhere_leaves_the_last_good_outputs() {
    leaves_the_last_good_outputs("bad\n", 4);
}

#[test]
fn a_failure_struck_anywhere_leaves_the_last_good_outputs() {
    leaves_the_last_good_outputs("broken\n", 1);
}

/// Exit 6, or 0 where only what saves time found no room; and no output is half of anything.
#[test]
fn a_disk_that_is_full_anywhere_halts_the_run() {
    for point in fault::points() {
        at_each_pass("good 2\n", point, "enospc", |ws, struck, case| {
            assert!([0, 6].contains(&struck.code), "{case}: {struck}");
            let is_told = struck.stderr.contains("free space on the file system at `");
            assert!(is_told || struck.code == 0, "{case}: {struck}");
            let (old, new) = (expected("good 1\n", "good 1\n"), expected("good 2\n", "good 1\ngood 2\n"));
            for (path, text) in outs(ws) {
                assert!(text == old[path] || (text == new[path]), "{case}: {path}: {text}{struck}");
                assert!(text == new[path] || struck.code == 6, "{case}: {path} is old: {struck}");
            }
        });
    }
}
