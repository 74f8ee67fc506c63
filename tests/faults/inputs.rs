//! Inputs that change while somebody reads them, and changes of content that hide.

use std::fs;

use insta::assert_snapshot;

use crate::sandbox::Sandbox;
use crate::watch::{Runner, Watched};

/// Reads its input, and waits in between.
const SLOW: &str = "\
stages:
  make:
    cmd: >-
      echo x >> side/count; cat in.txt > out.txt; echo > side/started; cat side/go; cat in.txt >> out.txt
    deps: [in.txt]
    outs: [out.txt]
";

#[test]
fn an_input_that_changes_once_makes_the_stage_run_once_more() {
    let ws = Sandbox::of(SLOW);
    ws.write("in.txt", "1\n");
    ws.hold("go");
    let runner = Runner::start(&ws, "repro");
    ws.await_side("started");
    ws.write("in.txt", "2\n");
    ws.let_go("go");
    assert_eq!(runner.wait(), 0);
    assert_eq!((ws.read("out.txt"), ws.count("count")), ("2\n2\n".into(), 2));
    ws.is_fresh();
    ws.write("in.txt", "1\n");
    ws.repro("", 0);
    assert_eq!(ws.read("out.txt"), "1\n1\n", "what was made of two inputs was kept under one of them");
}

#[test]
fn an_input_that_always_changes_fails_the_stage_and_is_named() {
    let ws = Sandbox::of(
        "stages:\n  make:\n    cmd: 'echo x >> side/count; cat in.txt > out.txt; echo more >> in.txt'\n    \
         deps: [in.txt]\n    outs: [out.txt]\n",
    );
    ws.write("in.txt", "1\n");
    ws.write("side/count", "");
    let output = ws.repro("", 1);
    assert!(output.stderr.contains("`in.txt` changed while it ran"), "{output}");
    assert!(!ws.exists("out.txt"));
    assert_eq!(ws.count("count"), 2);
}

#[test]
fn an_input_that_goes_away_fails_the_stage_and_is_named() {
    let ws = Sandbox::of(SLOW);
    ws.write("in.txt", "1\n");
    ws.hold("go");
    let runner = Runner::start(&ws, "repro");
    ws.await_side("started");
    ws.write("in2.txt", "");
    ws.write("pipeline.yaml", SLOW);
    fs::rename(ws.path().join("in.txt"), ws.path().join("gone.txt")).unwrap();
    ws.let_go("go");
    assert_eq!(runner.wait(), 1);
    assert!(!ws.exists("out.txt"));
}

#[test]
fn a_param_that_is_edited_before_its_stage_begins_stops_it_with_the_next_step() {
    let ws = Sandbox::of(
        "stages:\n  first:\n    cmd: 'echo > side/started; cat side/go; echo 1 > a.txt'\n    outs: [a.txt]\n  second:\n    \
         cmd: 'cat params.yaml > out.txt; echo x >> side/count'\n    deps: [a.txt]\n    params: [lr]\n    outs: [out.txt]\n",
    );
    ws.write("params.yaml", "lr: 1\n");
    ws.write("side/count", "");
    ws.hold("go");
    let runner = Runner::start(&ws, "repro");
    ws.await_side("started");
    ws.write("params.yaml", "lr: 2\n");
    ws.let_go("go");
    runner.until_said("it told of the edit", |said| said.contains("reads the file anew"));
    let said = runner.said();
    assert_eq!(runner.wait(), 1);
    assert!(said.contains("`params.yaml` was edited after the run began"), "{said}");
    assert_eq!(ws.count("count"), 0);
    ws.repro("", 0);
    assert_eq!(ws.read("out.txt"), "lr: 2\n");
}

/// Edits `in.txt` once the first task is done and `second` waits for `slow`; returns why `second` fails, and the next step.
fn edited_before_its_stage_begins(first: &str) -> String {
    let ws = Sandbox::of(&format!(
        "stages:\n{first}  slow:\n    cmd: 'echo > side/started; cat side/go; echo 1 > s'\n    outs: [s]\n  second:\n    \
         cmd: 'cat in.txt > out.txt; echo x >> side/count'\n    deps: [in.txt, s]\n    outs: [out.txt]\n",
    ));
    ws.write("src.txt", "1\n");
    if first.contains("gate:") {
        ws.write("in.txt", "1\n");
    }
    ws.write("side/count", "");
    ws.hold("go");
    let runner = Runner::start(&ws, "repro");
    ws.await_side("started");
    runner.until_said("the first is done", |said| said.contains("✓ first"));
    ws.write("in.txt", "99\n");
    ws.let_go("go");
    runner.until_said("it told of the edit", |said| said.contains("run `lockgate repro` again"));
    let said = runner.said();
    assert_eq!((runner.wait(), ws.count("count")), (1, 0));
    let why = said
        .lines()
        .filter(|line| line.starts_with("✗ second"))
        .filter_map(|line| line.find('`').map(|at| &line[at..]));
    why.chain(said.lines().filter(|line| line.contains("again"))).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_input_that_is_edited_before_its_stage_begins_is_no_change_while_it_ran() {
    let judged = "  first:\n    gate: {data: in.txt, command: '! grep 99 in.txt'}\n";
    assert_snapshot!(edited_before_its_stage_begins(judged), @"
    `in.txt` was edited after the run began, and gate `first` had judged other bytes; its command was not started
      next      run `lockgate repro` again: the gate judges it as it is now
    ");
    let made = "  first:\n    cmd: cp src.txt in.txt\n    deps: [src.txt]\n    outs: [in.txt]\n";
    assert_snapshot!(edited_before_its_stage_begins(made), @"
    `in.txt` was edited after the run began, and `first` had made other bytes; its command was not started
      next      run `lockgate repro` again: what the stage made comes back
    ");
}

#[test]
fn a_param_that_changes_while_its_stage_runs_is_never_kept_under_the_old_value() {
    let ws = Sandbox::of(
        "stages:\n  make:\n    cmd: 'echo > side/started; cat side/go; cat params.yaml > out.txt'\n    params: [lr]\n    \
         outs: [out.txt]\n",
    );
    ws.write("params.yaml", "lr: 1\nother: 1\n");
    ws.hold("go");
    let runner = Runner::start(&ws, "repro");
    ws.await_side("started");
    ws.write("params.yaml", "lr: 2\nother: 1\n");
    ws.let_go("go");
    assert_eq!(runner.wait(), 1);
    assert!(runner_said_nothing_was_kept(&ws));
    ws.repro("", 0);
    assert_eq!(ws.read("out.txt"), "lr: 2\nother: 1\n");
    ws.write("params.yaml", "lr: 1\nother: 1\n");
    ws.repro("", 0);
    assert_eq!(ws.read("out.txt"), "lr: 1\nother: 1\n");
}

fn runner_said_nothing_was_kept(ws: &Sandbox) -> bool {
    !ws.exists("out.txt") && ws.lockgate("status --check").code == 7
}

#[test]
fn a_param_that_nobody_reads_may_change_while_a_stage_runs() {
    let ws = Sandbox::of(
        "stages:\n  make:\n    cmd: 'echo > side/started; cat side/go; grep lr params.yaml > out.txt'\n    params: [lr]\n    \
         outs: [out.txt]\n",
    );
    ws.write("params.yaml", "lr: 1\nother: 1\n");
    ws.hold("go");
    let runner = Runner::start(&ws, "repro");
    ws.await_side("started");
    ws.write("params.yaml", "other: 2\nlr: 1 # the same\n");
    ws.let_go("go");
    assert_eq!(runner.wait(), 0);
    ws.is_fresh();
}

#[test]
fn a_reference_that_changes_while_a_gate_reads_it_gives_no_verdict() {
    let ws = Sandbox::of(
        "stages:\n  make:\n    cmd: cp in.txt out.txt\n    deps: [in.txt]\n    outs: [out.txt]\n  judge:\n    gate:\n      \
         data: out.txt\n      command: 'echo > side/started; cat side/go; cmp out.txt wanted.txt'\n    deps: [wanted.txt]\n",
    );
    ws.write("in.txt", "1\n");
    ws.write("wanted.txt", "2\n");
    ws.hold("go");
    let runner = Runner::start(&ws, "repro");
    ws.await_side("started");
    ws.write("wanted.txt", "1\n");
    ws.let_go("go");
    assert_eq!(runner.wait(), 4);
    ws.write("wanted.txt", "2\n");
    let output = ws.repro("", 4);
    assert!(!ws.exists("out.txt"), "the gate passed what it never compared: {output}");
    ws.write("wanted.txt", "1\n");
    ws.repro("", 0);
    ws.is_fresh();
}

#[test]
fn an_edit_that_keeps_size_and_time_is_seen() {
    let ws = Sandbox::of("stages:\n  make:\n    cmd: cp in.txt out.txt\n    deps: [in.txt]\n    outs: [out.txt]\n");
    ws.write("in.txt", "1\n");
    ws.repro("", 0);
    let path = ws.path().join("in.txt");
    for text in ["2\n", "3\n", "4\n"] {
        let time = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, text).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        ws.repro("", 0);
        assert_eq!(ws.read("out.txt"), text);
    }
}

#[test]
fn an_input_with_an_older_time_or_a_time_to_come_is_seen() {
    let ws = Sandbox::of("stages:\n  make:\n    cmd: cp in.txt out.txt\n    deps: [in.txt]\n    outs: [out.txt]\n");
    ws.write("in.txt", "0\n");
    ws.repro("", 0);
    let epoch = std::time::SystemTime::UNIX_EPOCH;
    let day = std::time::Duration::from_secs(86_400);
    for (text, time) in [("1\n", epoch), ("2\n", epoch + day * 40_000), ("3\n", epoch - day)] {
        ws.write("in.txt", text);
        fs::File::options().write(true).open(ws.path().join("in.txt")).unwrap().set_modified(time).unwrap();
        ws.repro("", 0);
        assert_eq!(ws.read("out.txt"), text);
        ws.is_fresh();
    }
}

#[test]
fn a_missing_input_stops_the_run_before_it_starts() {
    let ws = Sandbox::of(SLOW);
    ws.write("side/go", "");
    let output = ws.repro("", 3);
    assert!(output.stderr.contains("in.txt"), "{output}");
}

#[test]
fn no_secret_gets_into_a_log_a_screen_or_a_record() {
    let ws = Sandbox::of(
        "stages:\n  a:\n    cmd: echo pw=$PW; printf 'half hun'; printf 'ter2 end'; echo $PW >&2; false\n    outs: [o]\n    \
         secrets: [PW]\n  b:\n    cmd: env > env.txt; cat env.txt; rm env.txt; touch p\n    outs: [p]\n",
    );
    let output = ws.finish(ws.command("repro -k").env("PW", "hunter2"));
    assert_eq!(output.code, 1, "{output}");
    assert!(output.stderr.contains("pw=***") && output.stderr.contains("half *** end"), "{output}");
    assert!(!output.to_string().contains("hunter2"), "{output}");
    let found = std::process::Command::new("grep").args(["-rl", "hunter2", "."]).current_dir(ws.path()).output();
    let found = String::from_utf8(found.unwrap().stdout).unwrap();
    assert_eq!(found, "", "the secret is on the disk");
    let log = ws.lockgate("logs b");
    assert!(log.stdout.contains("PW=***"), "{log}");
}
