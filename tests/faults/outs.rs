//! Outputs are edited, deleted or replaced by something else between runs, and stages fail to make them.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::sandbox::Sandbox;
use crate::watch::{Watched, files_below};

const TWO: &str = "\
stages:
  make:
    cmd: echo x >> side/count; mkdir -p dir/deep; cat in.txt > dir/a; cat in.txt > dir/deep/b; cat in.txt > deep/file
    deps: [in.txt]
    outs: [dir, deep/file]
  read:
    cmd: echo x >> side/read; cat dir/a deep/file > all
    deps: [dir, deep/file]
    outs: [all]
";

fn made() -> Sandbox {
    let ws = Sandbox::of(TWO);
    ws.write("in.txt", "1\n");
    ws.write("side/count", "");
    ws.repro("", 0);
    ws
}

/// What is below a folder: each path with its kind, its permissions and its content.
fn picture(folder: &Path) -> Vec<(std::path::PathBuf, u32, Vec<u8>)> {
    let look = |path: std::path::PathBuf| {
        let mode = path.symlink_metadata().unwrap().permissions().mode();
        let bytes = fs::read(&path).unwrap();
        (path, mode, bytes)
    };
    files_below(folder).into_iter().map(look).collect()
}

/// Each way to hurt an output is undone by the next run, byte for byte and without running a stage.
fn is_undone(what: &str, hurt: fn(&Path)) {
    let ws = made();
    let before = [picture(&ws.path().join("dir")), picture(&ws.path().join("deep"))];
    hurt(&ws.path());
    let output = ws.repro("", 0);
    let after = [picture(&ws.path().join("dir")), picture(&ws.path().join("deep"))];
    assert_eq!(before, after, "{what}\n{output}");
    assert_eq!(ws.read("all"), "1\n1\n", "{what}");
    assert_eq!((ws.count("count"), ws.count("read")), (1, 1), "{what} made a stage run\n{output}");
    ws.is_fresh();
}

fn remove(path: &Path) {
    if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
}

#[test]
fn whatever_happens_to_outputs_is_undone() {
    is_undone("a deleted file", |ws| remove(&ws.join("deep/file")));
    is_undone("a deleted folder", |ws| remove(&ws.join("dir")));
    is_undone("a file deleted in a folder", |ws| remove(&ws.join("dir/a")));
    is_undone("a file added in a folder", |ws| fs::write(ws.join("dir/deep/more"), "").unwrap());
    is_undone("an edited file", |ws| fs::write(ws.join("deep/file"), "edited").unwrap());
    is_undone("an edit of the same size", |ws| fs::write(ws.join("deep/file"), "2\n").unwrap());
    is_undone("an edit with the old time", |ws| {
        let path = ws.join("dir/deep/b");
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, "2\n").unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    });
    is_undone("an emptied file", |ws| fs::write(ws.join("dir/a"), "").unwrap());
    is_undone("an executable bit", |ws| {
        fs::set_permissions(ws.join("deep/file"), fs::Permissions::from_mode(0o755)).unwrap();
    });
}

#[test]
fn outputs_replaced_by_something_else_are_undone() {
    is_undone("a folder for a file", |ws| {
        remove(&ws.join("deep/file"));
        fs::create_dir_all(ws.join("deep/file/inside")).unwrap();
    });
    is_undone("a file for a folder", |ws| {
        remove(&ws.join("dir"));
        fs::write(ws.join("dir"), "").unwrap();
    });
    is_undone("a dangling symlink", |ws| {
        remove(&ws.join("deep/file"));
        symlink("nowhere", ws.join("deep/file")).unwrap();
    });
    is_undone("a symlink to itself", |ws| {
        remove(&ws.join("deep/file"));
        symlink("file", ws.join("deep/file")).unwrap();
    });
    is_undone("a symlink out of the project", |ws| {
        remove(&ws.join("deep/file"));
        symlink("/etc/passwd", ws.join("deep/file")).unwrap();
    });
    is_undone("a pipe", |ws| {
        remove(&ws.join("deep/file"));
        rustix::fs::mkfifoat(rustix::fs::CWD, ws.join("deep/file"), rustix::fs::Mode::RWXU).unwrap();
    });
    is_undone("a pipe in a folder", |ws| {
        rustix::fs::mkfifoat(rustix::fs::CWD, ws.join("dir/pipe"), rustix::fs::Mode::RWXU).unwrap();
    });
}

#[test]
fn a_touch_changes_nothing() {
    let ws = made();
    for file in ["in.txt", "deep/file", "dir/a"] {
        let text = ws.read(file);
        ws.remove(file);
        ws.write(file, &text);
    }
    ws.is_fresh();
    assert_eq!((ws.count("count"), ws.count("read")), (1, 1));
}

#[test]
fn the_folder_above_an_output_may_become_a_file() {
    let ws = made();
    remove(&ws.path().join("deep"));
    ws.write("deep", "in the way");
    let output = ws.lockgate("repro");
    assert_ne!(output.code, 70, "{output}");
    assert!(output.code == 0 || output.stderr.contains("deep"), "{output}");
    let _ = fs::remove_file(ws.path().join("deep"));
    ws.repro("", 0);
    assert_eq!(ws.read("deep/file"), "1\n");
    ws.is_fresh();
}

#[test]
fn a_failed_stage_leaves_the_last_good_outputs_and_what_it_made_is_in_quarantine() {
    let ws = made();
    let before = [picture(&ws.path().join("dir")), picture(&ws.path().join("deep"))];
    ws.write("pipeline.yaml", &TWO.replace("> deep/file\n", "> deep/file; echo 'it broke' >&2; exit 7\n"));
    ws.write("in.txt", "2\n");
    let output = ws.repro("", 1);
    assert!(output.stderr.contains("make") && output.stderr.contains("it broke"), "{output}");
    assert_eq!(before, [picture(&ws.path().join("dir")), picture(&ws.path().join("deep"))]);
    assert_eq!(ws.read("all"), "1\n1\n");
    assert_eq!(ws.read(".lockgate/quarantine/make/outs/deep/file"), "2\n");
    assert_eq!(ws.read(".lockgate/quarantine/make/outs/dir/deep/b"), "2\n");
    assert!(ws.read(".lockgate/quarantine/make/log.txt").contains("it broke"));
    ws.repro("", 1);
    ws.write("pipeline.yaml", TWO);
    ws.repro("", 0);
    assert_eq!(ws.read("all"), "2\n2\n");
    ws.is_fresh();
}

#[test]
fn a_stage_killed_by_a_signal_is_a_failure_that_says_so() {
    let ws = made();
    ws.write("pipeline.yaml", &TWO.replace("> deep/file\n", "> deep/file; kill -9 $$\n"));
    let output = ws.repro("", 1);
    assert!(output.stderr.contains("SIGKILL"), "{output}");
    assert_eq!(ws.read("deep/file"), "1\n");
}

#[test]
fn an_output_that_was_not_made_is_a_failure_that_names_it() {
    let ws = made();
    ws.write("pipeline.yaml", &TWO.replace("; cat in.txt > deep/file\n", "\n"));
    ws.write("in.txt", "2\n");
    let output = ws.repro("", 1);
    assert!(output.stderr.contains("`deep/file`"), "{output}");
    assert_eq!((ws.read("deep/file"), ws.read("dir/a")), ("1\n".into(), "1\n".into()));
}

#[test]
fn a_stage_that_writes_into_the_output_of_another_is_found_out() {
    let ws = made();
    ws.write("pipeline.yaml", &TWO.replace("> all\n", "> all; echo harm > deep/file\n"));
    ws.repro("", 1);
    ws.write("pipeline.yaml", TWO);
    ws.repro("", 0);
    assert_eq!((ws.read("deep/file"), ws.read("all")), ("1\n".into(), "1\n1\n".into()));
    ws.is_fresh();
}

#[test]
fn a_persisted_output_goes_on_from_what_is_there() {
    let ws = Sandbox::of(
        "stages:\n  grow:\n    cmd: cat in.txt >> log.txt; test ! -f side/fail\n    deps: [in.txt]\n    \
         outs: [log.txt: {persist: true}]\n",
    );
    ws.write("in.txt", "1\n");
    ws.repro("", 0);
    ws.write("in.txt", "2\n");
    ws.write("side/fail", "");
    ws.repro("", 1);
    assert_eq!(ws.read("log.txt"), "1\n");
    ws.remove("side/fail");
    ws.repro("", 0);
    assert_eq!(ws.read("log.txt"), "1\n2\n");
    ws.is_fresh();
}

#[test]
fn an_uncached_output_is_made_again_and_a_failure_leaves_the_old_one() {
    let ws = Sandbox::of(
        "stages:\n  make:\n    cmd: echo x >> side/count; cat in.txt > big; test ! -f side/fail\n    deps: [in.txt]\n    \
         outs: [big: {cache: false}]\n",
    );
    ws.write("in.txt", "1\n");
    ws.write("side/count", "");
    ws.repro("", 0);
    ws.is_fresh();
    ws.remove("big");
    ws.repro("", 0);
    ws.write("big", "edited");
    ws.repro("", 0);
    assert_eq!((ws.read("big"), ws.count("count")), ("1\n".into(), 3));
    ws.write("side/fail", "");
    ws.write("in.txt", "2\n");
    ws.repro("", 1);
    assert_eq!(ws.read("big"), "1\n");
    assert!(files_below(&ws.path().join(".lockgate/store/blobs")).is_empty(), "an uncached output is in the store");
}

#[test]
fn an_output_that_cannot_be_kept_is_the_stages_mistake() {
    for (cmd, says) in [
        ("mkfifo o", "made `o` as a fifo"),
        ("mkdir o; touch o/$(printf 'a\\377')", "which is not UTF-8"),
        ("ln -s o o", "made a symlink that leads nowhere as its output `o`"),
        ("touch other", "did not make its output `o`"),
    ] {
        let ws = Sandbox::of(&format!("stages:\n  s:\n    cmd: \"{}\"\n    outs: [o]\n", cmd.replace('\\', "\\\\")));
        let output = ws.lockgate("repro");
        assert!(output.code == 1 && output.stderr.contains(says), "{cmd}\n{output}");
    }
}

#[test]
fn a_folder_to_run_in_that_is_missing_is_named() {
    let ws = Sandbox::of("stages:\n  s: {cmd: pwd, wdir: nowhere, outs: [../o]}\n");
    let output = ws.lockgate("repro");
    assert!(
        output.code == 3 && output.stderr.contains("stage `s` runs in `nowhere`, which does not exist"),
        "{output}"
    );
}
