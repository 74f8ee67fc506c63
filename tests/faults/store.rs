//! The objects of the store are damaged, cut short, gone, or something else altogether.

use std::fs;

use crate::sandbox::Sandbox;
use crate::state::HURTS;
use crate::watch::{Watched, files_below};

const FOLDER_AND_FILE: &str = "\
stages:
  make:
    cmd: echo x >> side/count; mkdir -p out/deep; cat in.txt > out/a; echo b > out/deep/b; cat in.txt in.txt > file.txt
    deps: [in.txt]
    outs: [out, file.txt]
";

fn made() -> Sandbox {
    let ws = Sandbox::of(FOLDER_AND_FILE);
    ws.write("in.txt", "1\n");
    ws.write("side/count", "");
    ws.repro("", 0);
    ws
}

fn is_whole(ws: &Sandbox, what: &str) {
    assert_eq!(
        (ws.read("out/a"), ws.read("out/deep/b"), ws.read("file.txt")),
        ("1\n".into(), "b\n".into(), "1\n1\n".into()),
        "{what}"
    );
}

fn lose_outs(ws: &Sandbox) {
    fs::remove_dir_all(ws.path().join("out")).unwrap();
    ws.remove("file.txt");
}

#[test]
fn hurt_objects_are_never_placed() {
    for (what, hurt) in HURTS {
        for kind in ["blobs", "trees", "runs"] {
            let ws = made();
            let objects = files_below(&ws.path().join(".lockgate/store").join(kind));
            assert!(!objects.is_empty(), "{kind}");
            for object in &objects {
                hurt(object);
            }
            lose_outs(&ws);
            ws.repro("", 0);
            is_whole(&ws, &format!("{kind} {what}"));
            ws.is_fresh();
            // The store is whole again: nothing has to run any more.
            let count = ws.count("count");
            lose_outs(&ws);
            ws.repro("", 0);
            is_whole(&ws, &format!("{kind} {what}, the second time"));
            assert_eq!(ws.count("count"), count, "{kind} {what}: the store was not mended");
        }
    }
}

#[test]
fn an_object_that_is_a_folder_is_made_again() {
    let ws = made();
    for object in files_below(&ws.path().join(".lockgate/store")) {
        fs::remove_file(&object).unwrap();
        fs::create_dir(&object).unwrap();
    }
    lose_outs(&ws);
    ws.repro("", 0);
    is_whole(&ws, "folders for objects");
    ws.is_fresh();
}

#[test]
fn a_damaged_object_never_makes_a_frozen_stage_run() {
    let frozen = "    frozen: true\n";
    let ws = made();
    ws.write("pipeline.yaml", &format!("{FOLDER_AND_FILE}{frozen}"));
    ws.repro("", 0);
    for object in files_below(&ws.path().join(".lockgate/store/blobs")) {
        let (_, flip) = HURTS[2];
        flip(&object);
    }
    lose_outs(&ws);
    let output = ws.lockgate("repro");
    assert_ne!(output.code, 0, "{output}");
    assert_eq!(ws.count("count"), 1, "{output}");
}

#[test]
fn a_checkout_of_damaged_objects_runs_nothing() {
    let ws = made();
    for object in files_below(&ws.path().join(".lockgate/store/blobs")) {
        let (_, flip) = HURTS[2];
        flip(&object);
    }
    lose_outs(&ws);
    let output = ws.lockgate("checkout");
    assert_eq!(ws.count("count"), 1, "checkout ran a stage: {output}");
    assert_ne!(output.code, 0, "{output}");
    ws.repro("", 0);
    is_whole(&ws, "after a checkout");
}

#[test]
fn a_store_that_is_a_file_is_an_error_and_the_last_good_outputs_stay() {
    let ws = made();
    ws.write("in.txt", "2\n");
    let runs = ws.path().join(".lockgate/store/runs");
    fs::remove_dir_all(&runs).unwrap();
    fs::write(&runs, "not a folder").unwrap();
    let output = ws.lockgate("repro");
    if output.code == 0 {
        assert_eq!(ws.read("file.txt"), "2\n2\n");
    } else {
        assert_eq!(output.code, 8, "{output}");
        is_whole(&ws, "a failed publication");
    }
    let _ = fs::remove_file(&runs);
    ws.repro("", 0);
    assert_eq!(ws.read("file.txt"), "2\n2\n");
    ws.is_fresh();
}
