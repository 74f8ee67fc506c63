//! The runner dies, alone or with its group, and others want to run at the same time.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

use crate::sandbox::Sandbox;
use crate::watch::{Runner, Watched, is_dead, until_ended};

/// A stage that is half done when `side/started` is there, and goes on when `side/go` lets it.
const HALF: &str = "\
stages:
  make:
    cmd: >-
      printf half > out.txt; echo x >> side/count; echo $$ > side/pid; echo > side/started;
      cat side/go; cat in.txt >> out.txt
    deps: [in.txt]
    outs: [out.txt]
  read:
    cmd: cat out.txt out.txt > twice.txt
    deps: [out.txt]
    outs: [twice.txt]
";

/// A project whose outputs are made of `one`, with `two` as the input and its stage half done.
fn half_done() -> (Sandbox, Runner) {
    let ws = Sandbox::of(HALF);
    ws.write("in.txt", "one");
    ws.write("side/go", "");
    ws.repro("", 0);
    ws.write("in.txt", "two");
    ws.remove("side/started");
    ws.hold("go");
    let runner = Runner::start(&ws, "repro");
    ws.await_side("started");
    (ws, runner)
}

fn ends_well(ws: &Sandbox) {
    ws.let_go("go");
    ws.repro("", 0);
    assert_eq!(ws.read("out.txt"), "halftwo");
    assert_eq!(ws.read("twice.txt"), "halftwohalftwo");
    ws.is_fresh();
}

#[test]
fn a_runner_killed_while_a_stage_runs_is_made_good_by_the_next() {
    let (ws, runner) = half_done();
    runner.kill();
    let output = ws.lockgate("status --check");
    assert_eq!(output.code, 7, "{output}");
    ends_well(&ws);
    assert_eq!(ws.count("count"), 3);
}

#[test]
fn a_group_killed_while_a_stage_runs_is_made_good_by_the_next() {
    let (ws, runner) = half_done();
    runner.kill_group();
    ends_well(&ws);
}

#[test]
fn the_stage_dies_with_its_runner() {
    let (ws, runner) = half_done();
    let stage = ws.read("side/pid");
    runner.kill();
    until_ended("the stage", &stage);
}

#[test]
fn half_an_output_of_a_first_run_is_nobodys_input() {
    for lost in ["nothing", "tmp"] {
        let ws = Sandbox::of(HALF);
        ws.write("in.txt", "one");
        ws.hold("go");
        let runner = Runner::start(&ws, "repro");
        ws.await_side("started");
        runner.kill();
        let _ = fs::remove_dir_all(ws.path().join(".lockgate").join(lost));
        let output = ws.lockgate("repro -s read");
        assert!(output.code != 0 && !ws.exists("twice.txt"), "{output}");
        ws.let_go("go");
        ws.repro("", 0);
        assert_eq!(ws.read("twice.txt"), "halfonehalfone");
    }
}

#[test]
fn the_last_good_outputs_return_when_the_change_is_taken_back_after_a_kill() {
    let (ws, runner) = half_done();
    runner.kill();
    ws.write("in.txt", "one");
    ws.repro("", 0);
    assert_eq!((ws.read("out.txt"), ws.read("twice.txt")), ("halfone".into(), "halfonehalfone".into()));
    assert_eq!(ws.count("count"), 2, "what was known was run again");
    ws.is_fresh();
}

#[test]
fn a_kill_and_lost_state_together_are_made_good() {
    for lost in [".lockgate/state", ".lockgate/tmp", ".lockgate/store", ".lockgate"] {
        let (ws, runner) = half_done();
        runner.kill();
        fs::remove_dir_all(ws.path().join(lost)).unwrap();
        ends_well(&ws);
    }
}

#[test]
fn a_kill_and_a_torn_log_give_the_last_good_outputs_back() {
    let (ws, runner) = half_done();
    runner.kill();
    fs::write(ws.path().join(".lockgate/state/tasks.log"), "torn").unwrap();
    ws.write("in.txt", "one");
    ws.repro("", 0);
    assert_eq!((ws.read("out.txt"), ws.read("twice.txt")), ("halfone".into(), "halfonehalfone".into()));
}

#[test]
fn runners_killed_one_after_the_other_are_made_good() {
    let (ws, runner) = half_done();
    runner.kill();
    for _ in 0..2 {
        ws.remove("side/started");
        let runner = Runner::start(&ws, "repro");
        ws.await_side("started");
        runner.kill();
    }
    ends_well(&ws);
}

/// A stage that leaves a process in a session of its own, which writes into the output as soon as it may.
const ORPHAN: &str = "\
stages:
  make:
    cmd: |
      if test -f side/orphan; then cat /proc/$(cat side/orphan)/status > side/seen 2>&1; fi
      if test -p side/go; then
        (setsid sh -c 'echo $$ > side/orphan.part; mv side/orphan.part side/orphan; cat side/go; echo late > out.txt' &)
      fi
      cat side/go
      cat in.txt > out.txt
    deps: [in.txt]
    outs: [out.txt]
";

/// A project whose runner waits for its stage, which has left an orphan, and the orphan's id.
fn orphaned() -> (Sandbox, Runner, String) {
    let ws = Sandbox::of(ORPHAN);
    ws.write("in.txt", "in");
    ws.hold("go");
    let runner = Runner::start(&ws, "repro");
    ws.await_side("orphan");
    let orphan = ws.read("side/orphan");
    (ws, runner, orphan)
}

#[test]
fn an_orphan_in_a_session_of_its_own_dies_with_the_runner() {
    let (_ws, runner, orphan) = orphaned();
    runner.kill();
    until_ended("the orphan", &orphan);
}

#[test]
fn an_orphan_that_nobody_guards_is_ended_before_its_stage_runs_again() {
    let (ws, runner, orphan) = orphaned();
    kill_process(guard_of(&runner), Signal::KILL).unwrap();
    runner.kill();
    assert!(!is_dead(&orphan), "the test needs an orphan that lives");
    fs::rename(ws.path().join("side/go"), ws.path().join("side/old")).unwrap();
    ws.write("side/go", "");
    let output = ws.repro("", 0);
    let seen = ws.read("side/seen");
    assert!(!seen.contains("State:") || seen.contains("State:\tZ"), "the orphan saw the stage run: {seen}\n{output}");
    assert!(is_dead(&orphan));
    assert_eq!(ws.read("out.txt"), "in");
    ws.is_fresh();
}

#[test]
fn an_orphan_is_ended_though_no_stage_has_to_run() {
    let ws = Sandbox::of(ORPHAN);
    ws.write("in.txt", "good");
    ws.write("side/go", "");
    ws.repro("", 0);
    ws.write("in.txt", "new");
    ws.hold("go");
    let runner = Runner::start(&ws, "repro");
    ws.await_side("orphan");
    kill_process(guard_of(&runner), Signal::KILL).unwrap();
    runner.kill();
    ws.write("in.txt", "good");
    ws.repro("", 0);
    assert!(is_dead(&ws.read("side/orphan")), "an orphan is left that writes into the outputs");
    assert_eq!(ws.read("out.txt"), "good");
    ws.is_fresh();
}

/// Finds the process that ends the tasks of a run when the run dies.
fn guard_of(runner: &Runner) -> Pid {
    let parent = format!("\nPPid:\t{}\n", runner.pid());
    let processes = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let is_guard = |process: &std::path::PathBuf| {
        let read = |file: &str| fs::read_to_string(process.join(file)).unwrap_or_default();
        read("cmdline").contains("__guard") && read("status").contains(&parent)
    };
    let guard = processes.into_iter().find(is_guard).expect("a run has a guard");
    Pid::from_raw(guard.file_name().unwrap().to_str().unwrap().parse().unwrap()).unwrap()
}

#[test]
fn a_second_run_waits_for_the_first_and_then_finds_all_done() {
    let (ws, first) = half_done();
    let second = Runner::start(&ws, "repro");
    second.until_said("it waited", |said| !said.is_empty());
    assert!(second.said().contains(&first.pid().to_string()), "it does not say for whom: {}", second.said());
    ws.let_go("go");
    assert_eq!((first.wait(), second.wait()), (0, 0));
    assert_eq!(ws.count("count"), 2, "both ran the stage");
    assert_eq!(ws.read("twice.txt"), "halftwohalftwo");
    ws.is_fresh();
}

#[test]
fn a_second_run_goes_on_where_a_killed_first_left() {
    let (ws, first) = half_done();
    let second = Runner::start(&ws, "repro");
    second.until_said("it waited", |said| !said.is_empty());
    first.kill();
    ws.let_go("go");
    assert_eq!(second.wait(), 0);
    assert_eq!(ws.read("twice.txt"), "halftwohalftwo");
    ws.is_fresh();
}

#[test]
fn a_run_that_may_not_wait_gives_up_at_once() {
    let (ws, first) = half_done();
    let output = ws.lockgate("repro --no-wait");
    assert_ne!(output.code, 0, "{output}");
    assert!(output.stderr.contains(&first.pid().to_string()), "{output}");
    let output = ws.lockgate("status");
    assert_eq!(output.code, 0, "listings take no lock: {output}");
    first.kill();
    ends_well(&ws);
}

/// A gate that waits while it judges.
const JUDGED: &str = "\
stages:
  make:
    cmd: cp in.txt out.txt
    deps: [in.txt]
    outs: [out.txt]
  judge:
    gate: {data: out.txt, command: echo > side/started; cat side/go; grep -q good out.txt}
  read:
    cmd: cp out.txt copy.txt
    deps: [out.txt]
    outs: [copy.txt]
";

/// A project whose bad candidate is being judged.
fn being_judged() -> (Sandbox, Runner) {
    let ws = Sandbox::of(JUDGED);
    ws.write("in.txt", "good");
    ws.write("side/go", "");
    ws.repro("", 0);
    ws.write("in.txt", "bad");
    ws.remove("side/started");
    ws.hold("go");
    let runner = Runner::start(&ws, "repro");
    ws.await_side("started");
    (ws, runner)
}

#[test]
fn a_candidate_of_a_killed_run_is_not_taken_for_published() {
    for words in ["", "-s read", "-s read -f", "read", "-k"] {
        let (ws, runner) = being_judged();
        runner.kill();
        ws.let_go("go");
        let output = ws.lockgate(&format!("repro {words}"));
        assert_eq!((ws.read("out.txt"), ws.read("copy.txt")), ("good".into(), "good".into()), "{words}\n{output}");
        ws.repro("", 4);
    }
}

#[test]
fn an_interrupted_gate_gives_the_last_good_outputs_back() {
    let (ws, runner) = being_judged();
    runner.signal(Signal::INT);
    assert_eq!(runner.wait(), 130);
    assert_eq!((ws.read("out.txt"), ws.read("copy.txt")), ("good".into(), "good".into()));
    ws.let_go("go");
    ws.repro("", 4);
    ws.write("in.txt", "good 2");
    ws.repro("", 0);
    assert_eq!(ws.read("copy.txt"), "good 2");
}

#[test]
fn what_a_killed_stage_began_to_persist_is_no_beginning_though_the_state_is_lost() {
    let ws = Sandbox::of(
        "stages:\n  grow:\n    cmd: 'cat in.txt >> log.txt; echo > side/started; cat side/go'\n    deps: [in.txt]\n    \
         outs: [log.txt: {persist: true}]\n",
    );
    ws.write("in.txt", "1\n");
    ws.hold("go");
    let runner = Runner::start(&ws, "repro");
    ws.await_side("started");
    runner.kill();
    fs::remove_dir_all(ws.path().join(".lockgate/state")).unwrap();
    ws.let_go("go");
    ws.repro("", 0);
    assert_eq!(ws.read("log.txt"), "1\n");
}

#[test]
fn stages_added_while_a_run_waited_are_told_of() {
    let (ws, first) = half_done();
    let second = Runner::start(&ws, "repro");
    second.until_said("it waited", |said| !said.is_empty());
    ws.write(
        "pipeline.yaml",
        &format!("{HALF}  more:\n    cmd: cp twice.txt more.txt\n    deps: [twice.txt]\n    outs: [more.txt]\n"),
    );
    first.kill();
    second.until_said("it gave up", |said| said.contains("run it again"));
    ends_well(&ws);
    assert_eq!(ws.read("more.txt"), "halftwohalftwo");
}

#[test]
fn a_commit_after_a_kill_does_not_record_half_an_output() {
    let (ws, runner) = half_done();
    runner.kill();
    let output = ws.lockgate("commit -f make");
    assert_eq!(output.code, 0, "{output}");
    assert_eq!(ws.read("out.txt"), "halfone", "half an output was committed");
}

#[test]
fn a_stage_that_would_wait_for_its_own_run_is_told_so() {
    for command in ["repro", "commit -f inside", "gc -w -f"] {
        let binary = env!("CARGO_BIN_EXE_lockgate");
        let ws = Sandbox::of(&format!("stages:\n  inside:\n    cmd: {binary} {command}\n    params: [x]\n"));
        ws.write("params.yaml", "x: 1\n");
        let output = ws.repro("", 1);
        assert!(output.stderr.contains("it would wait for itself"), "{output}");
    }
}

#[test]
fn a_param_edited_while_a_run_waited_counts_for_that_run() {
    let ws = Sandbox::of(
        "stages:\n  make:\n    cmd: 'echo x > side/started; cat side/go; cat params.yaml > out.txt'\n    \
         params: [lr]\n    outs: [out.txt]\n",
    );
    ws.write("params.yaml", "lr: 1\n");
    ws.hold("go");
    let first = Runner::start(&ws, "repro");
    ws.await_side("started");
    let second = Runner::start(&ws, "repro");
    second.until_said("it waited", |said| !said.is_empty());
    ws.write("params.yaml", "lr: 2\n");
    first.kill();
    ws.let_go("go");
    assert_eq!(second.wait(), 0);
    assert_eq!(ws.read("out.txt"), "lr: 2\n");
    ws.is_fresh();
}
