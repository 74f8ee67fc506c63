//! The lock's text is conflicted, deleted, garbage, edited, or of a version to come.

use std::fs;

use crate::sandbox::Sandbox;
use crate::watch::Watched;

fn made() -> Sandbox {
    let ws = Sandbox::example();
    ws.repro("", 0);
    ws
}

/// Every wrong lock costs at most the work; the outputs of the stages are right afterwards, and the lock is good again.
fn survives(text: &str) {
    let ws = made();
    let good = ws.read("pipeline.lock");
    ws.write("pipeline.lock", text);
    ws.write("model.txt", "edited by hand");
    ws.repro("", 0);
    assert_eq!(ws.read("model.txt"), "accuracy 2\n", "{text}");
    assert_eq!(ws.read("pipeline.lock"), good, "{text}");
    ws.is_fresh();
}

#[test]
fn a_wrong_lock_is_decided_anew() {
    let good = {
        let ws = made();
        ws.read("pipeline.lock")
    };
    survives("");
    survives("\u{feff}");
    survives("a: [1\n\tb");
    survives("- just\n- a list\n");
    survives("lockgate: 1\n");
    survives("lockgate: 1\ntasks: 7\n");
    survives("lockgate: one\ntasks: {}\n");
    survives(&good[..good.len() / 2]);
    survives(&good[..good.len() - 3]);
    survives(&format!("{good}{good}"));
    survives(&good.replace('\n', "\r\n"));
    survives(&good.replace("  train:\n", "  load:\n"));
    survives(&format!("<<<<<<< ours\n{good}=======\n{good}>>>>>>> theirs\n"));
}

#[test]
fn an_entry_edited_by_hand_does_not_count() {
    let ws = made();
    let good = ws.read("pipeline.lock");
    ws.write("in.csv", "a\nb\nc\n");
    // The lock claims that the old outputs belong to the new input.
    let digest = |text: &str| blake3::hash(text.as_bytes()).to_hex().to_string();
    let lie = good.replace(&digest("a\nb\n"), &digest("a\nb\nc\n"));
    assert_ne!(lie, good);
    ws.write("pipeline.lock", &lie);
    ws.repro("", 0);
    assert_eq!(ws.read("model.txt"), "accuracy 3\n");
    ws.is_fresh();
}

#[test]
fn a_deleted_lock_costs_no_correctness() {
    let ws = made();
    let good = ws.read("pipeline.lock");
    ws.remove("pipeline.lock");
    ws.repro("", 0);
    assert_eq!(ws.read("pipeline.lock"), good);
    ws.remove("pipeline.lock");
    ws.write("in.csv", "a\n");
    ws.repro("", 0);
    assert_eq!(ws.read("model.txt"), "accuracy 1\n");
    ws.is_fresh();
}

#[test]
fn a_lock_of_a_version_to_come_is_left_untouched() {
    let ws = made();
    let newer = ws.read("pipeline.lock").replacen("lockgate: 2\n", "lockgate: 3\n", 1);
    ws.write("pipeline.lock", &newer);
    ws.write("in.csv", "a\n");
    let output = ws.repro("", 3);
    assert!(output.stderr.contains("pipeline.lock"), "{output}");
    assert_eq!(ws.read("pipeline.lock"), newer);
    assert_eq!(ws.read("model.txt"), "accuracy 2\n");
}

#[test]
fn a_lock_that_git_merged_with_conflicts_is_settled_by_a_run() {
    let ws = made();
    ws.write(".gitignore", ".lockgate/\nhome/\n*.csv\nmodel.txt\n");
    ws.git("init -q");
    let commit = |message: &str| {
        ws.git("add -A");
        ws.git(&format!("commit -q -m {message}"));
    };
    commit("base");
    ws.git("checkout -q -b other");
    ws.write("params.yaml", "lr: 0.2\n");
    ws.repro("", 0);
    commit("other");
    ws.git("checkout -q main");
    ws.write("params.yaml", "lr: 0.3\n");
    ws.repro("", 0);
    commit("main");
    let mut merge = std::process::Command::new("git");
    merge.args(["-c", "user.name=t", "-c", "user.email=t@example.invalid", "merge", "-q", "other"]);
    let merged = merge.current_dir(ws.path()).output().unwrap();
    assert!(!merged.status.success(), "the test needs a conflict");
    assert!(ws.read("pipeline.lock").contains("<<<<<<<"));
    ws.write("params.yaml", "lr: 0.2\n");
    let output = ws.repro("", 0);
    assert!(output.stderr.contains("conflict"), "{output}");
    assert!(!ws.read("pipeline.lock").contains("<<<<<<<"));
    ws.is_fresh();
}

#[test]
fn a_lock_that_is_a_folder_is_an_error_that_keeps_what_was_made() {
    let ws = made();
    ws.remove("pipeline.lock");
    fs::create_dir(ws.path().join("pipeline.lock")).unwrap();
    ws.write("in.csv", "a\n");
    let output = ws.lockgate("repro");
    assert_eq!(output.code, 8, "{output}");
    assert!(output.stderr.contains("`pipeline.lock`") && output.stderr.contains("help: "), "{output}");
    assert_eq!(ws.read("model.txt"), "accuracy 2\n", "what was made is unknown, so nothing may be made anew\n{output}");
    fs::remove_dir(ws.path().join("pipeline.lock")).unwrap();
    ws.repro("", 0);
    assert_eq!(ws.read("model.txt"), "accuracy 1\n");
    ws.is_fresh();
}
