//! Interruptions, timeouts, retries, and children that do not want to end.

use rustix::process::Signal;

use crate::sandbox::Sandbox;
use crate::watch::{Runner, Watched, is_dead, until_ended};

/// A stage that says when it runs and then waits; `TRAP` stands for what it does about SIGTERM.
fn waiting(trap: &str, more: &str) -> Sandbox {
    let ws = Sandbox::of(&format!(
        "stages:\n  make:\n    cmd: |\n      {trap}\n      echo half > out.txt\n      echo $$ > side/pid; echo x >> side/started\n      \
         while ! test -f side/end; do sleep 0.01; done\n      cat in.txt > out.txt\n    deps: [in.txt]\n    outs: [out.txt]\n{more}  \
         read:\n    cmd: cp out.txt copy.txt\n    deps: [out.txt]\n    outs: [copy.txt]\n"
    ));
    ws.write("in.txt", "1\n");
    ws.write("side/end", "");
    ws.lockgate("config grace 200ms");
    ws
}

/// Interrupts a second version of the outputs.
fn interrupted(trap: &str, signals: &[Signal]) -> Sandbox {
    let ws = waiting(trap, "");
    ws.repro("", 0);
    ws.write("in.txt", "2\n");
    ws.remove("side/end");
    ws.remove("side/started");
    let runner = Runner::start(&ws, "repro");
    ws.await_side("started");
    for signal in signals {
        let n_said = runner.said().len();
        runner.signal(*signal);
        runner.until_said("it heard the signal", |said| said.len() > n_said);
    }
    assert_eq!(runner.wait(), 130);
    assert!(is_dead(&ws.read("side/pid")));
    assert_eq!((ws.read("out.txt"), ws.read("copy.txt")), ("1\n".into(), "1\n".into()));
    ws.write("side/end", "");
    ws.repro("", 0);
    assert_eq!(ws.read("copy.txt"), "2\n");
    ws.is_fresh();
    ws
}

#[test]
fn an_interrupted_run_gives_the_last_good_outputs_back() {
    interrupted("", &[Signal::INT]);
    interrupted("", &[Signal::TERM]);
    interrupted("", &[Signal::HUP]);
}

#[test]
fn a_child_that_ignores_the_request_to_end_is_killed() {
    interrupted("trap '' TERM INT HUP", &[Signal::INT]);
}

#[test]
fn a_second_interruption_kills_at_once() {
    let ws = waiting("trap '' TERM INT", "");
    // Longer than any test may take: only the second signal can end it.
    ws.lockgate("config grace 1h");
    ws.remove("side/end");
    let runner = Runner::start(&ws, "repro");
    ws.await_side("started");
    runner.signal(Signal::INT);
    runner.until_said("it heard the first signal", |said| !said.is_empty());
    runner.signal(Signal::INT);
    runner.until_said("it heard the second signal", |said| said.contains("running tasks are killed"));
    let said = runner.said();
    assert_eq!(said.matches("once more kills them").count(), 1, "{said}");
    assert_eq!(runner.wait(), 130);
    assert!(is_dead(&ws.read("side/pid")));
    assert!(!ws.exists("out.txt"));
}

#[test]
fn a_stage_that_runs_too_long_is_ended_and_named() {
    for trap in ["", "trap '' TERM"] {
        let ws = waiting(trap, "    timeout: 150ms\n");
        ws.remove("side/end");
        let output = ws.repro("", 1);
        assert!(output.stderr.contains("timeout"), "{output}");
        assert!(is_dead(&ws.read("side/pid")));
        assert!(!ws.exists("out.txt"));
    }
}

#[test]
fn attempts_are_repeated_as_often_as_declared_each_from_nothing() {
    let stage = |retry: &str| {
        Sandbox::of(&format!(
            "stages:\n  make:\n    cmd: |\n      test ! -f out.txt || echo x >> side/left\n      echo x >> side/count\n      \
             echo half > out.txt\n      test $(wc -l < side/count) -ge 3 || exit 9\n      echo good > out.txt\n    \
             params: [x]\n    outs: [out.txt]\n    retry: {{{retry}, backoff: 1ms}}\n"
        ))
    };
    let check = |retry: &str, code: i32, count: usize| {
        let ws = stage(retry);
        ws.write("params.yaml", "x: 1\n");
        ws.write("side/count", "");
        let output = ws.repro("", code);
        assert_eq!(ws.count("count"), count, "{retry}\n{output}");
        assert_eq!(ws.count("left"), 0, "an attempt found what the one before had left");
        assert_eq!(ws.exists("out.txt"), code == 0);
    };
    check("attempts: 3", 0, 3);
    check("attempts: 5", 0, 3);
    check("attempts: 2", 1, 2);
    check("attempts: 5, on: [timeout, signal]", 1, 1);
}

#[test]
fn a_child_in_the_background_neither_delays_nor_changes_what_was_made() {
    let ws = Sandbox::of(
        "stages:\n  make:\n    cmd: |\n      (echo $BASHPID > /dev/null; while :; do echo late >> out.txt; done) &\n      \
         echo $! > side/pid\n      cat in.txt > other.txt; cat other.txt > out.txt\n    deps: [in.txt]\n    \
         outs: [out.txt, other.txt]\n",
    );
    ws.write("in.txt", "1\n");
    ws.write("side/x", "");
    ws.repro("", 0);
    assert!(is_dead(&ws.read("side/pid")), "the child outlived its stage");
    ws.is_fresh();
}

#[test]
fn a_child_that_keeps_the_output_open_does_not_hold_up_the_run() {
    let ws = Sandbox::of(
        "stages:\n  make:\n    cmd: |\n      (setsid sh -c 'echo $$ > side/pid; while ! test -f side/end; do sleep 0.01; done' &)\n      \
         while ! test -s side/pid; do sleep 0.01; done; cat in.txt > out.txt\n    deps: [in.txt]\n    outs: [out.txt]\n",
    );
    ws.write("in.txt", "1\n");
    ws.write("side/x", "");
    ws.repro("", 0);
    ws.write("side/end", "");
    assert_eq!(ws.read("out.txt"), "1\n");
    until_ended("the daemon", &ws.read("side/pid"));
}

#[test]
fn an_interruption_does_not_wait_for_the_next_attempt() {
    let ws = Sandbox::of(
        "stages:\n  make:\n    cmd: exit 1\n    params: [x]\n    retry: {attempts: 9, backoff: 1d, cap: 1d}\n",
    );
    ws.write("params.yaml", "x: 1\n");
    let runner = Runner::start(&ws, "repro");
    runner.until_said("the stage was to be repeated", |said| !said.is_empty());
    runner.signal(Signal::INT);
    assert_eq!(runner.wait(), 130);
}

#[test]
fn what_runs_beside_a_failure_is_finished_and_kept() {
    let ws = Sandbox::of(
        "stages:\n  bad:\n    cmd: 'cat side/bad; exit 1'\n    params: [x]\n  good:\n    \
         cmd: 'echo > side/started; cat side/go; echo good > good.txt'\n    params: [x]\n    outs: [good.txt]\n  \
         after:\n    cmd: cp good.txt after.txt\n    deps: [good.txt]\n    outs: [after.txt]\n",
    );
    ws.write("params.yaml", "x: 1\n");
    ws.hold("bad");
    ws.hold("go");
    let runner = Runner::start(&ws, "repro -j 2");
    ws.await_side("started");
    ws.let_go("bad");
    runner.until_said("the failure was told", |said| said.contains("bad"));
    ws.let_go("go");
    assert_eq!(runner.wait(), 1);
    assert_eq!(ws.read("good.txt"), "good\n");
    assert!(!ws.exists("after.txt"), "something was begun after a failure");
    let output = ws.repro("-k", 1);
    assert_eq!(ws.read("after.txt"), "good\n", "{output}");
}

#[test]
fn a_failure_tells_how_long_it_took() {
    let ws = Sandbox::of("stages:\n  make:\n    cmd: sleep 0.06; exit 1\n    params: [x]\n");
    ws.write("params.yaml", "x: 1\n");
    let output = ws.repro("--json", 1);
    let failed = output.stdout.lines().find(|line| line.contains("\"event\":\"failed\"")).unwrap();
    let event: serde_json::Value = serde_json::from_str(failed).unwrap();
    assert!(event["elapsed_ms"].as_u64().unwrap() >= 60, "{event}");
}

#[test]
fn what_did_not_start_before_an_interruption_is_not_started() {
    let ws = Sandbox::of(
        "stages:\n  a:\n    cmd: 'trap \"\" TERM; echo x > side/started; cat side/go; echo a > a'\n    deps: [in.txt]\n    outs: [a]\n  \
         b:\n    cmd: echo x >> side/b; cp a b\n    deps: [a]\n    outs: [b]\n",
    );
    ws.write("in.txt", "");
    ws.hold("go");
    let runner = Runner::start(&ws, "repro");
    ws.await_side("started");
    runner.signal(Signal::TERM);
    runner.until_said("it heard the signal", |said| !said.is_empty());
    ws.let_go("go");
    assert_eq!(runner.wait(), 130);
    assert_eq!(ws.count("b"), 0);
    ws.repro("", 0);
    assert_eq!(ws.read("b"), "a\n");
    ws.is_fresh();
}
