//! What lies outside of the project and changes, goes or turns in a circle.

use std::fs;
use std::os::unix::fs::symlink;

use crate::sandbox::Sandbox;
use crate::watch::{Runner, Watched};

/// Reads its input outside, and waits in between.
const SLOW: &str = "\
stages:
  make:
    cmd: echo x >> side/count; cat ../in.txt > out.txt; echo > side/started; cat side/go; cat ../in.txt >> out.txt
    deps: [../in.txt]
    outs: [out.txt]
";

fn project(pipeline: &str) -> Sandbox {
    let ws = Sandbox::with_neighbours();
    ws.write("pipeline.yaml", pipeline);
    ws
}

#[test]
fn an_input_outside_that_changes_while_it_is_read_is_noticed() {
    let ws = project(SLOW);
    ws.write("../in.txt", "1\n");
    ws.hold("go");
    let runner = Runner::start(&ws, "repro");
    ws.await_side("started");
    ws.write("../in.txt", "2\n");
    ws.let_go("go");
    assert_eq!(runner.wait(), 0);
    assert_eq!((ws.read("out.txt"), ws.count("count")), ("2\n2\n".into(), 2));
    ws.is_fresh();
}

#[test]
fn the_short_way_looks_outside_too() {
    let ws = project(
        "stages:\n  s:\n    cmd: echo x >> side/count; cat ../in.txt ../ext/a > ../out.txt\n    \
         deps: [../in.txt, ../ext]\n    outs: [../out.txt: {cache: false}]\n",
    );
    for (path, text) in [("../in.txt", "1\n"), ("../ext/a", "a\n"), ("side/count", "")] {
        ws.write(path, text);
    }
    ws.repro("-q", 0);
    fs::remove_file(ws.path().join(".lockgate/state/graph.bin")).unwrap_or_default();
    let mut n_ran = 1;
    let mut runs = |what: &str, ran: bool| {
        ws.repro("-q", 0);
        n_ran += usize::from(ran);
        assert_eq!(ws.count("count"), n_ran, "{what}");
    };
    runs("nothing has changed", false);
    assert!(!ws.exists(".lockgate/state/graph.bin"), "the pipeline was read");
    ws.write("../in.txt", "2\n");
    runs("a file that is read", true);
    ws.write("../ext/b", "");
    runs("a folder that is read", true);
    ws.write("../out.txt", "edited\n");
    runs("what was made", true);
    fs::remove_file(ws.path().join("../out.txt")).unwrap();
    runs("what was made is gone", true);
    runs("nothing has changed again", false);
}

#[test]
fn a_folder_outside_that_turns_in_a_circle_is_read_to_its_end() {
    let ws = project("stages:\n  s: {cmd: ls ../ext > out.txt, deps: [../ext], outs: [out.txt]}\n");
    ws.write("../ext/inner/a", "a\n");
    let link = |target: &str, path: &str| symlink(target, ws.path().join(path)).unwrap();
    link("..", "../ext/inner/up");
    link("me", "../ext/me");
    link("../project", "../ext/project");
    ws.repro("", 0);
    ws.is_fresh();
    ws.write("../ext/inner/a", "b\n");
    assert_eq!(ws.lockgate("status --check").code, 7);
}

#[test]
fn what_nobody_may_read_there_is_named() {
    let ws = project("stages:\n  s: {cmd: cat ../pipe > out.txt, deps: [../pipe], outs: [out.txt]}\n");
    std::os::unix::net::UnixListener::bind(ws.path().join("../pipe")).unwrap();
    let output = ws.lockgate("repro");
    assert_ne!(output.code, 0, "{output}");
    assert!(output.stderr.contains("`../pipe` is a socket"), "{output}");
}

/// A second run of a stage that goes on from what is there finds what the first has left, whatever became of it.
#[test]
fn a_retry_finds_what_was_left_outside() {
    let ws = project(
        "stages:\n  s:\n    cmd: echo x >> ../log; echo x >> in.txt; test $(wc -l < ../log) = 2\n    \
         outs: [../log: {cache: false}, in.txt]\n    retry: {attempts: 2, backoff: 1ms}\n",
    );
    ws.repro("", 0);
    assert_eq!((ws.read("../log"), ws.read("in.txt")), ("x\nx\n".into(), "x\n".into()));
}
