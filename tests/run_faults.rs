//! A run that dies, or whose disk fails, at every durable step; the next run puts everything right without a manual step.
//!
//! Each case starts from good outputs, changes the input, strikes one point of the run, and runs again.

#![cfg(feature = "faults")]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![expect(clippy::disallowed_methods, reason = "the test plays the user and the accident")]

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

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

/// Where lockgate keeps what it needs.
#[derive(Clone, Copy)]
enum Home {
    /// On the project's file system.
    Near,
    /// On one of its own, so that nothing can be renamed between it and the outputs.
    Mounted,
}

/// A project, whose mounts go with it.
struct Site {
    ws: Sandbox,
    home: Home,
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Home::Mounted = self.home {
            let _ = Command::new("umount").arg("-l").arg(self.ws.path().join(".lockgate")).output();
        }
    }
}

impl Home {
    /// Makes a project whose outputs follow from `good 1`; `None` where nothing can be mounted.
    fn at_rest(self) -> Option<Site> {
        let site = Site { ws: Sandbox::of(PIPELINE), home: self };
        if let Self::Mounted = self {
            let folder = site.ws.path().join(".lockgate");
            fs::create_dir_all(&folder).unwrap();
            let mount = Command::new("mount").args(["-t", "tmpfs", "none"]).arg(&folder).output();
            mount.ok().filter(|output| output.status.success())?;
        }
        site.ws.write("in.txt", "good 1\n");
        let output = site.ws.lockgate("repro -q");
        assert_eq!(output.code, 0, "{output}");
        Some(site)
    }
}

fn struck(ws: &Sandbox, point: &str, act: &str, nth: usize) -> Output {
    ws.finish(ws.command("repro -q -j 2").env("LOCKGATE_FAULT", format!("{point}:{act}:{nth}")))
}

fn outs(ws: &Sandbox) -> BTreeMap<&'static str, String> {
    OUTS.into_iter().map(|path| (path, fs::read_to_string(ws.path().join(path)).unwrap_or_default())).collect()
}

/// Temporaries that stand beside the outputs.
fn temporaries(ws: &Sandbox) -> Vec<String> {
    let names = fs::read_dir(ws.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.starts_with(".lockgate-tmp-")).collect()
}

fn expected(text: &str, grown: &str) -> BTreeMap<&'static str, String> {
    OUTS.into_iter().map(|path| (path, if path == "grown.txt" { grown } else { text }.to_owned())).collect()
}

/// Calls `check` for each time that a run which reads `input` passes the point; returns how often that was.
fn at_each_pass((home, input): (Home, &str), point: &str, act: &str, check: impl Fn(&Sandbox, &Output, &str)) -> usize {
    let site = || home.at_rest().expect("what was mounted before can be mounted again");
    let passes = |nth: usize| {
        let Site { ws, .. } = &site();
        ws.write("in.txt", input);
        struck(ws, point, "kill", nth).code == -1
    };
    let n_passes = (1..100).take_while(|nth| passes(*nth)).count();
    for nth in 1..=n_passes {
        let Site { ws, .. } = &site();
        ws.write("in.txt", input);
        let output = struck(ws, point, act, nth);
        check(ws, &output, &format!("{point}:{act}:{nth}"));
    }
    n_passes
}

const ACTS: [&str; 3] = ["kill", "eio", "enospc"];

/// Strikes a good run in every way at every point that `is_meant`; the next run makes it good. Returns the points that were
/// never passed.
fn is_made_good_by_the_next(home: Home, is_meant: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let mut never = Vec::new();
    for point in fault::points().iter().filter(|point| is_meant(point)) {
        let mut n_passes = 0;
        for act in ACTS {
            n_passes += at_each_pass((home, "good 2\n"), point, act, |ws, struck, case| {
                assert_ne!(struck.code, 70, "{case}: {struck}");
                let next = ws.lockgate("repro -j 2");
                assert_eq!(next.code, 0, "{case}: {struck}\n{next}");
                assert_eq!(outs(ws), expected("good 2\n", "good 1\ngood 2\n"), "{case}: {struck}\n{next}");
                let last = ws.lockgate("repro -j 2");
                assert!(last.code == 0 && last.stderr.contains("everything is fresh"), "{case}: {last}");
                assert_eq!(temporaries(ws), Vec::<String>::new(), "{case}");
            });
        }
        if n_passes == 0 {
            never.push(*point);
        }
    }
    never
}

#[test]
fn a_run_struck_anywhere_is_made_good_by_the_next() {
    let never = is_made_good_by_the_next(Home::Near, |point| !point.starts_with("disk.across."));
    let elsewhere = ["disk.append.sync", "store.gc.remove", "store.set_aside", "txn.put_back"];
    let unexpected: Vec<_> =
        never.iter().filter(|point| !point.starts_with("store.place") && !elsewhere.contains(point)).collect();
    assert!(unexpected.is_empty(), "no run passes {unexpected:?}");
}

#[test]
fn a_run_whose_outputs_are_on_another_file_system_is_made_good_too() {
    if Home::Mounted.at_rest().is_none() {
        eprintln!("skipped: no file system can be mounted here");
        return;
    }
    let crosses = |point: &str| point.starts_with("disk.across.") || point.starts_with("txn.");
    assert_eq!(is_made_good_by_the_next(Home::Mounted, crosses), ["txn.put_back"]);
    for point in fault::points().iter().filter(|point| crosses(point)) {
        last_good_outputs_stay((Home::Mounted, "broken\n"), point, 1);
    }
}

/// A run on `input`, which must end with `code`, struck anywhere: afterwards the last good outputs are there.
fn leaves_the_last_good_outputs(input: &str, code: i32) {
    for point in fault::points() {
        last_good_outputs_stay((Home::Near, input), point, code);
    }
}

fn last_good_outputs_stay(run: (Home, &str), point: &str, code: i32) {
    for act in ACTS {
        at_each_pass(run, point, act, |ws, struck, case| {
            assert_ne!(struck.code, 0, "{case}: the run says that all is well: {struck}");
            let next = ws.lockgate("repro -j 2");
            assert_eq!(next.code, code, "{case}: {struck}\n{next}");
            assert_eq!(outs(ws), expected("good 1\n", "good 1\n"), "{case}: {struck}\n{next}");
            assert_eq!(temporaries(ws), Vec::<String>::new(), "{case}");
        });
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
        at_each_pass((Home::Near, "good 2\n"), point, "enospc", |ws, struck, case| {
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
