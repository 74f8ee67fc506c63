//! What runs, what is restored, and what is left alone.

use std::fs;
use std::os::unix::fs::MetadataExt;

use crate::sandbox::Sandbox;
use crate::watch::{Watched, files_below};

#[test]
fn an_identical_output_stops_the_wave() {
    let ws = Sandbox::of(
        "stages:\n  upper:\n    cmd: head -c 1 in.txt > out.txt\n    deps: [in.txt]\n    outs: [out.txt]\n  \
         lower:\n    cmd: echo x >> side/count; cp out.txt low.txt\n    deps: [out.txt]\n    outs: [low.txt]\n",
    );
    ws.write("side/x", "");
    ws.write("in.txt", "a1");
    ws.repro("", 0);
    ws.write("in.txt", "a2");
    ws.repro("", 0);
    assert_eq!(ws.count("count"), 1);
    ws.write("in.txt", "b");
    ws.repro("", 0);
    assert_eq!((ws.count("count"), ws.read("low.txt").as_str()), (2, "b"));
}

#[test]
fn a_param_switched_back_is_restored() {
    let ws = Sandbox::of(
        "stages:\n  a:\n    cmd: echo x >> side/count; echo ${p} > a.txt\n    params: [p]\n    outs: [a.txt]\n  \
         b:\n    cmd: echo x >> side/count; cat a.txt a.txt > b.txt\n    deps: [a.txt]\n    outs: [b.txt]\n",
    );
    ws.write("side/x", "");
    for (p, count) in [(1, 2), (2, 4), (1, 4), (2, 4), (3, 6)] {
        ws.write("params.yaml", &format!("p: {p}\n"));
        ws.repro("", 0);
        assert_eq!((ws.read("b.txt"), ws.count("count")), (format!("{p}\n{p}\n"), count));
        ws.is_fresh();
    }
    ws.write("params.yaml", "p: 1\n");
    ws.repro("--no-run-cache", 0);
    assert_eq!(ws.count("count"), 8, "the run cache was used");
}

#[test]
fn only_declared_variables_of_the_environment_count() {
    let ws = Sandbox::of(
        "stages:\n  a:\n    cmd: echo x >> side/count; echo $SEEN > a.txt\n    params: [p]\n    env: [SEEN]\n    outs: [a.txt]\n",
    );
    ws.write("params.yaml", "p: 1\n");
    ws.write("side/x", "");
    let run = |seen: &str, unseen: &str| {
        let output = ws.finish(ws.command("repro").env("SEEN", seen).env("UNSEEN", unseen));
        assert_eq!(output.code, 0, "{output}");
    };
    run("1", "1");
    run("1", "2");
    assert_eq!(ws.count("count"), 1);
    run("2", "2");
    assert_eq!((ws.count("count"), ws.read("a.txt").as_str()), (2, "2\n"));
    ws.repro("", 0);
    assert_eq!((ws.count("count"), ws.read("a.txt").as_str()), (3, "\n"));
}

#[test]
fn nothing_to_do_writes_nothing() {
    let ws = Sandbox::example();
    ws.repro("", 0);
    ws.is_fresh();
    let picture = || {
        let look = |path: std::path::PathBuf| {
            let meta = path.symlink_metadata().unwrap();
            (path, meta.ino(), meta.size(), meta.mtime_nsec(), meta.mtime())
        };
        let files = files_below(&ws.path()).into_iter().map(look);
        // Who holds the workspace is written for those who wait.
        files.filter(|(path, ..)| !path.ends_with("run.lock")).collect::<Vec<_>>()
    };
    let before = picture();
    for _ in 0..3 {
        ws.is_fresh();
    }
    assert_eq!(picture(), before);
}

#[test]
fn a_frozen_stage_never_runs_and_its_outputs_are_still_checked() {
    let stage = |frozen: bool| {
        format!(
            "stages:\n  a:\n    cmd: echo x >> side/count; cp in.txt a.txt\n    deps: [in.txt]\n    outs: [a.txt]\n    frozen: {frozen}\n  \
             b:\n    cmd: cp a.txt b.txt\n    deps: [a.txt]\n    outs: [b.txt]\n"
        )
    };
    let ws = Sandbox::of(&stage(false));
    ws.write("side/x", "");
    ws.write("in.txt", "1\n");
    ws.repro("", 0);
    ws.write("pipeline.yaml", &stage(true));
    ws.write("in.txt", "2\n");
    ws.repro("", 0);
    ws.repro("-f", 0);
    ws.remove("in.txt");
    ws.repro("", 0);
    ws.write("a.txt", "edited");
    ws.repro("", 0);
    assert_eq!((ws.read("a.txt").as_str(), ws.read("b.txt").as_str(), ws.count("count")), ("1\n", "1\n", 1));
    ws.remove("a.txt");
    fs::remove_dir_all(ws.path().join(".lockgate/store")).unwrap();
    let output = ws.lockgate("repro");
    assert_ne!(output.code, 0, "{output}");
    assert_eq!(ws.count("count"), 1, "{output}");
}

#[test]
fn an_always_changed_stage_always_runs_and_its_consumers_do_not() {
    let ws = Sandbox::of(
        "stages:\n  a:\n    cmd: echo x >> side/a; cp in.txt a.txt\n    deps: [in.txt]\n    outs: [a.txt]\n    always_changed: true\n  \
         b:\n    cmd: echo x >> side/b; cp a.txt b.txt\n    deps: [a.txt]\n    outs: [b.txt]\n",
    );
    ws.write("side/x", "");
    ws.write("in.txt", "1\n");
    for n_runs in 1..4 {
        ws.repro("", 0);
        assert_eq!((ws.count("a"), ws.count("b")), (n_runs, 1));
    }
}

#[test]
fn stages_without_outputs_run_when_their_deps_change_and_without_deps_always() {
    let ws = Sandbox::of(
        "stages:\n  none:\n    cmd: echo x >> side/none\n  deps:\n    cmd: echo x >> side/deps; cat in.txt\n    deps: [in.txt]\n",
    );
    ws.write("side/x", "");
    for (text, deps) in [("1", 1), ("1", 1), ("2", 2), ("1", 3)] {
        ws.write("in.txt", text);
        ws.repro("", 0);
        assert_eq!(ws.count("deps"), deps, "what has no outputs cannot be restored");
    }
    assert_eq!(ws.count("none"), 4);
}

#[test]
fn forcing_runs_the_targets_and_what_they_need_past_the_cache() {
    let ws = Sandbox::example();
    ws.repro("", 0);
    let output = ws.repro("-f", 0);
    assert!(output.stderr.contains("2 ran") || output.stderr.contains("3 ran"), "{output}");
    ws.is_fresh();
}

#[test]
fn all_links_give_the_same_outputs_and_protect_the_store() {
    for link in ["copy", "hardlink", "symlink"] {
        let ws = Sandbox::example();
        ws.lockgate(&format!("config cache.link {link}"));
        ws.repro("", 0);
        ws.remove("model.txt");
        ws.repro("", 0);
        assert_eq!(ws.read("model.txt"), "accuracy 2\n", "{link}");
        ws.is_fresh();
        ws.write("in.csv", "a\n");
        ws.repro("", 0);
        assert_eq!(ws.read("model.txt"), "accuracy 1\n", "{link}");
        ws.write("in.csv", "a\nb\n");
        ws.repro("", 0);
        assert_eq!(ws.read("model.txt"), "accuracy 2\n", "{link}: a stored object was written to");
        ws.is_fresh();
    }
}
