//! `repro` and what tells of it: `status`, `explain`, `runs`, `logs`, `show`.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

#[test]
fn a_first_run_does_everything_and_a_second_nothing() {
    let project = Sandbox::example();
    assert_snapshot!(project.lockgate("status"), @"
    task       decision  because
    load       run       it has no entry in the lock
    not_empty  may run   `load` will run first
    train      may run   `load` will run first
    --- stderr
    1 run, 2 may run
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    ✓ not_empty  pass TIME exit status 0
    ✓ load       ran TIME
    ✓ train      ran TIME
    ✓ done: 3 ran in TIME
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    · not_empty  fresh               pass
    · load       fresh
    · train      fresh
    ✓ everything is fresh: 3 tasks in TIME
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("status --check"), @"
    task       decision  because
    load       fresh
    not_empty  fresh
    train      fresh
    --- stderr
    everything is fresh: 3 tasks
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro -q"), @"--- exit 0");
}

#[test]
fn a_changed_param_is_seen_explained_and_run() {
    let project = Sandbox::example();
    project.lockgate("repro");
    project.write("params.yaml", "lr: 0.2\n");
    assert_snapshot!(project.lockgate("status --check"), @"
    task       decision  because
    load       fresh
    not_empty  fresh
    train      run       param `lr` of `params.yaml` changed: 0.1 -> 0.2
    --- stderr
    1 run, 2 fresh
    --- exit 7
    ");
    assert_snapshot!(project.lockgate("-q status"), @"--- exit 7");
    assert_snapshot!(project.lockgate("repro --dry"), @"
    task       decision  because
    load       fresh
    not_empty  fresh
    train      run       param `lr` of `params.yaml` changed: 0.1 -> 0.2
    --- stderr
    1 run, 2 fresh
    --- exit 7
    ");
    assert_snapshot!(project.lockgate("explain train"), @r#"
    train  would run, because
      param `lr` of `params.yaml` changed
          was  0.1
          now  0.2

    the key of its last success, 4a20c4cdc3, covers
      kind of work                 stage
      command                      `echo accuracy "$(wc -l < raw.csv)" > model.txt`
      working folder               `.`
      dep `raw.csv`                file 41153ec5e2
      param `lr` of `params.yaml`  0.1
      out `model.txt`              out
    --- exit 0
    "#);
    assert_snapshot!(project.lockgate("-v repro"), @"
    --- stderr
    · not_empty  fresh               pass
    · load       fresh
    · train      run                 param `lr` of `params.yaml` changed: 0.1 -> 0.2
    · run RUN: 3 tasks, 2 jobs
    · train      started             log .lockgate/runs/RUN/train.log
    ✓ train      ran TIME
    ✓ done: 1 ran, 2 fresh in TIME
    --- exit 0
    ");
}

#[test]
fn an_earlier_result_is_restored() {
    let project = Sandbox::example();
    project.lockgate("repro");
    project.write("params.yaml", "lr: 0.2\n");
    project.lockgate("repro");
    project.write("params.yaml", "lr: 0.1\n");
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    · not_empty  fresh               pass
    · load       fresh
    ✓ train      restored TIME
    ✓ done: 1 restored, 2 fresh in TIME
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro --force train"), @"
    --- stderr
    · not_empty  fresh               pass
    ✓ load       ran TIME
    ✓ train      ran TIME
    ✓ done: 2 ran, 1 fresh in TIME
    --- exit 0
    ");
}

#[test]
fn a_failing_stage_is_shown_with_its_last_lines() {
    let project = Sandbox::example();
    project.lockgate("repro");
    let pipeline = project.read("pipeline.yaml").replace("cp in.csv raw.csv", "echo no luck; exit 3");
    project.write("pipeline.yaml", &pipeline);
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    ✗ load       failed TIME failed with exit status 3
    ! not_empty  blocked             `load` failed
    ! train      blocked             `load` failed; `not_empty` is blocked

    ✗ stage load  FAILED  failed with exit status 3  after TIME
      │ no luck
      log       .lockgate/runs/RUN/load.log
      outputs   the last good ones are back in place
      blocked   not_empty → train  (2 tasks not run)
      next      `lockgate logs load` shows all of its output; then `lockgate repro`

    ✗ failed: 1 failed, 2 blocked in TIME
    --- exit 1
    ");
    assert_snapshot!(project.lockgate("logs load"), @"
    no luck
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("-q repro"), @"
    --- stderr
    ✗ load       failed TIME failed with exit status 3
    ! not_empty  blocked             `load` failed
    ! train      blocked             `load` failed; `not_empty` is blocked

    ✗ stage load  FAILED  failed with exit status 3  after TIME
      │ no luck
      log       .lockgate/runs/RUN/load.log
      outputs   the last good ones are back in place
      blocked   not_empty → train  (2 tasks not run)
      next      `lockgate logs load` shows all of its output; then `lockgate repro`

    ✗ failed: 1 failed, 2 blocked in TIME
    --- exit 1
    ");
    assert_eq!(project.read("raw.csv"), "a\nb\n");
}

#[test]
fn a_run_is_listed_and_told_again() {
    let project = Sandbox::example();
    assert_snapshot!(project.lockgate("runs"), @"
    --- stderr
    nothing has run here yet
    --- exit 0
    ");
    project.lockgate("repro");
    assert_snapshot!(project.lockgate("runs"), @"
    run                        started               exit  came to  took
    RUN  DATE CLOCK  0     3 ran TIME
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("show last"), @"
    run RUN, started DATE CLOCK
    ✓ not_empty  pass TIME exit status 0
    ✓ load       ran TIME
    ✓ train      ran TIME
    ✓ done: 3 ran in TIME
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("logs"), @"
    task       log
    load       .lockgate/runs/RUN/load.log
    not_empty  .lockgate/runs/RUN/not_empty.log
    train      .lockgate/runs/RUN/train.log
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("show model.txt"), @r#"
    stage train
      cmd      echo accuracy "$(wc -l < raw.csv)" > model.txt
      dep      raw.csv
      param    lr = 0.1  (params.yaml)
      out      model.txt
      lock     key 4a20c4cdc3
               model.txt  file 06dc64ca97
    --- exit 0
    "#);
}

#[test]
fn events_are_one_json_value_a_line() {
    let project = Sandbox::example();
    let output = project.lockgate("repro --json");
    let events = output.stdout.lines().map(|line| {
        let event: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
        assert_eq!(event["v"], 1);
        format!("{} {}\n", event["event"].as_str().expect("an event has a name"), event["task"].as_str().unwrap_or("-"))
    });
    assert_snapshot!(events.collect::<String>(), @"
    decided load
    run_started -
    started load
    decided not_empty
    started not_empty
    judged not_empty
    done load
    decided train
    started train
    done train
    run_finished -
    ");
    assert_eq!((output.stderr.as_str(), output.code), ("", 0));
}

#[test]
fn a_reader_that_goes_away_ends_nothing() {
    let project = Sandbox::example();
    let mut command = project.command("repro --json");
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("the binary can be started");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    assert!(project.exists("model.txt"));
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let project = Sandbox::example();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("the system has it");
    let output = project.command("status").stdout(full).output().expect("the binary can be started");
    assert_eq!(output.status.code(), Some(8));
}

#[test]
fn keep_going_runs_what_is_not_below_a_failure() {
    let project = Sandbox::of(
        "stages:\n  a: {cmd: 'false', outs: [a]}\n  b: {cmd: cp a b, deps: [a], outs: [b]}\n  c: {cmd: echo > c, outs: [c]}\n",
    );
    assert_snapshot!(project.lockgate("repro -k -j1"), @"
    --- stderr
    ✗ a         failed TIME failed with exit status 1
    ! b         blocked             `a` failed
    ✓ c         ran TIME

    ✗ stage a  FAILED  failed with exit status 1  after TIME
      log       .lockgate/runs/RUN/a.log
      outputs   none: there were none before
      blocked   b  (1 task not run)
      next      `lockgate logs a` shows all of its output; then `lockgate repro`

    ✗ failed: 1 failed, 1 blocked, 1 ran in TIME
    --- exit 1
    ");
}

#[test]
fn an_interrupted_run_ends_its_tasks_and_says_so() {
    let project = Sandbox::of("stages:\n  a: {cmd: 'kill -INT $PPID; sleep 60', outs: [a]}\n");
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    ! signal 2: nothing more is started, running tasks are ended; once more kills them
    ✗ a         failed TIME was interrupted

    ✗ stage a  FAILED  was interrupted  after TIME
      log       .lockgate/runs/RUN/a.log
      outputs   none: there were none before
      next      `lockgate repro` goes on where it stopped

    ✗ interrupted: 1 failed in TIME
    --- exit 130
    ");
}

/// The stage tells through one pipe that it has started, and waits at the other.
#[test]
fn a_second_run_waits_or_gives_up_at_once() {
    let project = Sandbox::of("stages:\n  a: {cmd: 'echo > started; cat go > a', outs: [a]}\n");
    for pipe in ["started", "go"] {
        let made = std::process::Command::new("mkfifo").arg(project.path().join(pipe)).status();
        assert!(made.expect("mkfifo can be started").success());
    }
    let mut first = project.command("repro -q").spawn().expect("the binary can be started");
    project.read("started");
    assert_snapshot!(project.lockgate("repro --no-wait").stderr.replace(&first.id().to_string(), "PID").replace(env!("CARGO_BIN_EXE_lockgate"), "BINARY"), @"
    error: another run holds the workspace: process PID (`BINARY repro -q`)
      help: without `--no-wait` lockgate waits for it, then decides anew
    ");
    let refused = project.lockgate("repro --no-wait --json");
    let last: serde_json::Value = serde_json::from_str(refused.stdout.trim()).expect("one event is told");
    let end = (&last["event"], &last["run"], &last["summary"]["exit"], refused.code);
    assert_eq!(end, (&"run_finished".into(), &"".into(), &6.into(), 6), "{refused}");
    assert_snapshot!(project.lockgate("status"), @"
    task  decision  because
    a     run       it has no entry in the lock
    --- stderr
    1 run
    --- exit 0
    ");
    project.write("go", "done\n");
    assert_eq!(first.wait().expect("it ends").code(), Some(0));
    assert_eq!(project.lockgate("status -q").code, 0);
}

#[test]
fn a_report_for_ci_has_a_case_for_each_task() {
    let project = Sandbox::of(
        "stages:\n  a: {cmd: echo '<bad>'; false, outs: [x]}\n  b: {cmd: cp x y, deps: [x], outs: [y]}\n  \
         c: {cmd: touch z, outs: [z]}\n  g: {gate: {data: z, command: test -s z}}\n",
    );
    let output = project.finish(project.command("repro -k -j1 --report junit=out/r.xml").env("GITHUB_ACTIONS", "true"));
    assert_eq!(output.code, 1, "{output}");
    for line in [
        "::error title=stage a::failed with exit status 1",
        "::error file=pipeline.yaml,line=5,title=gate g fail::exit status 1",
    ] {
        assert!(output.stderr.lines().any(|told| told == line), "{line}\n{output}");
    }
    let report = project.read("out/r.xml");
    let masked = report.lines().map(|line| {
        let (before, rest) = line.split_once("time=\"").unwrap_or((line, ""));
        let after = rest.split_once('"').map_or("", |(_, after)| after);
        format!("{before}{after}\n")
    });
    assert_snapshot!(masked.collect::<String>(), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites tests="4" failures="2" skipped="2">
    <testsuite name="lockgate" tests="4" failures="2" skipped="2">
    <testcase classname="stages" name="a" ><failure message="failed with exit status 1">&lt;bad&gt;</failure></testcase>
    <testcase classname="stages" name="b" ><skipped message="`a` failed"/></testcase>
    <testcase classname="gate g" name="verdict" file="pipeline.yaml" line="5" ><failure message="exit status 1">  test -s z  exit status 1
    </failure></testcase>
    <testcase classname="stages" name="c" ><skipped message="its outputs were refused by `g`"/></testcase>
    </testsuite>
    </testsuites>
    "#);
    let output = project.lockgate("repro --report html=x");
    assert!(output.code == 2 && output.stderr.contains("junit=FILE"), "{output}");
}

/// Nothing is broken within a word, and what goes on stands below its text. `script` gives the terminal.
#[test]
fn a_narrow_terminal_breaks_lines_between_words() {
    let project = Sandbox::of(
        "stages:\n  train_the_model:\n    cmd: echo a line of output that is longer than the terminal is wide; exit 3\n    \
         outs: [model.txt]\n",
    );
    let narrow = |words: &str| {
        let line = format!("stty cols 40; {} {words}", env!("CARGO_BIN_EXE_lockgate"));
        let mut script = std::process::Command::new("script");
        script.args(["-qec", &line, "/dev/null"]).current_dir(project.path()).env_remove("COLUMNS");
        script.env("NO_COLOR", "1").env("TERM", "dumb").stdin(std::process::Stdio::null());
        script.output().map(|output| String::from_utf8_lossy(&output.stdout).replace('\r', ""))
    };
    let Ok(status) = narrow("status") else {
        eprintln!("skipped: there is no `script` to make a terminal");
        return;
    };
    assert_snapshot!(status, @"
    task  decision  because
    train_the_model  run
        it has no entry in the lock
    1 run
    ");
    assert_snapshot!(narrow("repro nowhere").unwrap(), @"
    error: no stage, gate or output is
        called `nowhere`
      help: `lockgate status` lists all of
          them
    ");
    let run = narrow("-q repro").unwrap();
    let log = run.lines().position(|line| line.contains(".lockgate/runs/")).expect("the failure names the log");
    let told: Vec<&str> = run.lines().collect();
    assert_snapshot!(told[log + 2..].join("\n").split("\n\n").next().unwrap(), @"
              train_the_model.log
    outputs   none: there were none before
    next      `lockgate logs
              train_the_model` shows all
              of its output; then
              `lockgate repro`
    ");
    assert!(told.iter().all(|line| line.chars().count() <= 40), "{run}");
}

/// A stage that reads a folder in which others make outs is judged by what the folder is going to be.
#[test]
fn a_checkout_puts_all_in_place_that_reads_what_it_puts_in_place() {
    let project = Sandbox::empty();
    project.write(
        "dvc.yaml",
        "stages:\n  \
        a: {cmd: 'mkdir -p f/g; cat src > f/g/x; echo 7 > f/y', deps: [src], outs: [f]}\n  \
        b: {cmd: 'mkdir -p d/e; cat f/g/x > d/e/x; cat f/g/x > d/z', deps: [f/g], outs: [d/e, d/z]}\n  \
        c: {cmd: cat d/e/x d/note > c, deps: [d], outs: [c]}\n  \
        e: {cmd: cat c > e, deps: [c], outs: [e]}\n",
    );
    project.write("d/note", "note\n");
    project.write("src", "one\n");
    project.lockgate("repro");
    let lock = project.read("pipeline.lock");
    project.write("src", "two\n");
    project.lockgate("repro");
    project.write("src", "one\n");
    project.write("pipeline.lock", &lock);
    assert_snapshot!(project.lockgate("status"), @"
    task  decision  because
    a     restore   from the store: out `f` was changed after it was published: tree 1a14bdf276 -> tree…
    b     restore   from the store: out `d/e` was changed after it was published: tree 78052324a8 -> tr…
    c     restore   from the store: out `c` was changed after it was published: file 60b0160101 -> file…
    e     restore   from the store: out `e` was changed after it was published: file 60b0160101 -> file…
    --- stderr
    4 restore
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("checkout"), @"
    --- stderr
    ✓ a         restored TIME
    ✓ b         restored TIME
    ✓ c         restored TIME
    ✓ e         restored TIME
    ✓ done: 4 restored in TIME
    --- exit 0
    ");
    assert_eq!(
        (project.read("d/e/x"), project.read("c"), project.read("e")),
        ("one\n".into(), "one\nnote\n".into(), "one\nnote\n".into())
    );
    // What else lies in the folder counts as it stands.
    project.write("d/note", "another\n");
    project.remove("d/z");
    assert_snapshot!(project.lockgate("status"), @"
    task  decision  because
    a     fresh
    b     restore   from the store: out `d/z` is missing
    c     run       dep `d` changed: tree 82cddfa786 -> tree 717f64503a
    e     may run   `c` will run first
    --- stderr
    1 run, 1 may run, 1 restore, 1 fresh
    --- exit 0
    ");
}

#[test]
fn a_command_that_is_too_long_to_start_is_named_by_its_beginning() {
    let project = Sandbox::of(&format!("stages:\n  a: {{cmd: 'echo {} > a', outs: [a]}}\n", "x".repeat(3 << 20)));
    let output = project.lockgate("repro");
    assert_eq!(output.code, 1);
    assert_snapshot!(output.stderr.replace(&"x".repeat(195), "X"), @"
    ✗ a         failed TIME its command `echo X…` (3.0 MiB) could not be started by the shell `/bin/sh`: Argument list too long (os error 7)

    ✗ stage a  FAILED  its command `echo X…` (3.0 MiB) could not be started by the shell `/bin/sh`: Argument list too long (os error 7)  after TIME
      log       .lockgate/runs/RUN/a.log
      outputs   none: there were none before
      next      put the command into a script, or what it lists into a file: the system takes no line of that length, nor more of the environment

    ✗ failed: 1 failed in TIME
    ");
}
