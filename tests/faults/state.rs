//! The files under `.lockgate/state` are torn, wrong, empty or gone.

use std::fs;
use std::path::Path;

use crate::sandbox::Sandbox;
use crate::watch::{Watched, files_below};

pub type Hurt = fn(&Path);

/// Ways in which a file can be hurt.
pub const HURTS: [(&str, Hurt); 7] = [
    ("torn", |path| cut(path, |len| len / 2)),
    ("short by a byte", |path| cut(path, |len| len.saturating_sub(1))),
    ("with a flipped bit", flip),
    ("garbage", |path| replace(path, "\u{0}\u{1}: [garbage\n".repeat(50).as_bytes())),
    ("empty", |path| replace(path, b"")),
    ("missing", |path| fs::remove_file(path).unwrap()),
    ("a symlink to elsewhere", |path| {
        fs::remove_file(path).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", path).unwrap();
    }),
];

fn replace(path: &Path, bytes: &[u8]) {
    // Objects of the store are read-only, and a user who is not root meets that here.
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

fn cut(path: &Path, to: fn(usize) -> usize) {
    let bytes = fs::read(path).unwrap();
    replace(path, &bytes[..to(bytes.len())]);
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte ^= 1;
    }
    replace(path, &bytes);
}

const CHAIN: &str = "\
stages:
  make:
    cmd: echo x >> side/count; mkdir out; cat in.txt > out/a; echo $(cat in.txt) b > out/b
    deps: [in.txt]
    outs: [out]
  judge:
    gate: {data: out, command: grep -q b out/b}
  read:
    cmd: cat out/* > all.txt
    deps: [out]
    outs: [all.txt]
";

fn chain() -> Sandbox {
    let ws = Sandbox::of(CHAIN);
    ws.write("in.txt", "1\n");
    ws.write("side/count", "");
    ws.repro("", 0);
    ws
}

fn hurt_each(hurt: Hurt, what: &str, then: impl Fn(&Sandbox, &str)) {
    let ws = chain();
    let state = ws.path().join(".lockgate/state");
    for file in files_below(&state) {
        let name = format!("{} {what}", file.strip_prefix(&state).unwrap().display());
        // A file that the last recovery did not need is not there any more.
        if file.exists() {
            hurt(&file);
        }
        then(&ws, &name);
    }
    hurt_all(&ws, &state, hurt);
    then(&ws, &format!("all files {what}"));
}

fn hurt_all(ws: &Sandbox, folder: &Path, hurt: Hurt) {
    assert!(!files_below(folder).is_empty(), "{}", ws.path().display());
    for file in files_below(folder) {
        hurt(&file);
    }
}

#[test]
fn hurt_state_costs_no_run_and_no_correctness() {
    for (what, hurt) in HURTS {
        hurt_each(hurt, what, |ws, name| {
            ws.repro("", 0);
            assert_eq!(ws.read("all.txt"), "1\n1 b\n", "{name}");
            assert_eq!(ws.count("count"), 1, "{name} made a stage run");
            ws.is_fresh();
        });
    }
}

#[test]
fn hurt_state_never_makes_stale_outputs_fresh() {
    for (what, hurt) in HURTS {
        let ws = chain();
        ws.write("in.txt", "2\n");
        ws.write("all.txt", "edited");
        hurt_all(&ws, &ws.path().join(".lockgate/state"), hurt);
        ws.repro("", 0);
        assert_eq!(ws.read("all.txt"), "2\n2 b\n", "{what}");
        ws.is_fresh();
    }
}

#[test]
fn folders_of_the_project_may_be_deleted_in_any_combination() {
    let folders = [".lockgate/state", ".lockgate/store", ".lockgate/tmp", ".lockgate/runs", ".lockgate/quarantine"];
    for gone in 1..1_u32 << folders.len() {
        // Every combination takes too long; those of one, of all but one, and of all are told apart by their bits.
        let n_gone = gone.count_ones() as usize;
        if n_gone > 1 && n_gone < folders.len() - 1 {
            continue;
        }
        let ws = chain();
        for (idx, folder) in folders.iter().enumerate() {
            if gone & (1 << idx) != 0 {
                let _ = fs::remove_dir_all(ws.path().join(folder));
            }
        }
        ws.repro("", 0);
        assert_eq!(ws.read("all.txt"), "1\n1 b\n");
        ws.write("in.txt", "2\n");
        ws.repro("", 0);
        assert_eq!(ws.read("all.txt"), "2\n2 b\n");
        ws.is_fresh();
    }
}
