//! The flags of `repro`, `checkout`, `commit` and `gc`.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// Two stages in a row, and one beside them. What the first makes does not depend on all that it reads.
const ROW: &str = "\
stages:
  first:
    cmd: head -1 in.txt > a.txt
    deps: [in.txt]
    outs: [a.txt]
  second:
    cmd: cp a.txt b.txt
    deps: [a.txt]
    params: [x]
    outs: [b.txt]
  beside:
    wdir: side
    cmd: touch c.txt
    outs: [c.txt]
";

fn row() -> Sandbox {
    let project = Sandbox::of(ROW);
    project.write("in.txt", "1\n2\n");
    project.write("params.yaml", "x: 1\n");
    project.write("side/readme", "");
    project
}

#[test]
fn targets_may_be_patterns_or_folders() {
    let project = row();
    assert_snapshot!(project.lockgate("repro --glob f*t --dry"), @"
    task   decision  because
    first  run       it has no entry in the lock
    --- stderr
    1 run
    --- exit 7
    ");
    assert_snapshot!(project.lockgate("repro --glob [!x]e* --dry"), @"
    task    decision  because
    first   run       it has no entry in the lock
    second  may run   `first` will run first
    beside  run       it has no entry in the lock
    --- stderr
    2 run, 1 may run
    --- exit 7
    ");
    assert_snapshot!(project.lockgate("repro -R side --dry"), @"
    task    decision  because
    beside  run       it has no entry in the lock
    --- stderr
    1 run
    --- exit 7
    ");
    assert_snapshot!(project.lockgate("repro -R . --dry"), @"
    task    decision  because
    first   run       it has no entry in the lock
    second  may run   `first` will run first
    beside  run       it has no entry in the lock
    --- stderr
    2 run, 1 may run
    --- exit 7
    ");
    assert_snapshot!(project.lockgate("repro --glob firts* --dry"), @"
    --- stderr
    error: no stage, gate or output is called `firts*`
      help: did you mean `first`?
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("repro -j 1 -R nowhere"), @"
    --- stderr
    error: no stage, gate or output is called `nowhere`
      help: `lockgate status` lists all of them
    --- exit 2
    ");
    assert_eq!(project.lockgate("repro --glob").code, 2);
}

#[test]
fn a_dry_run_tells_of_all_that_follows_and_exits_with_7() {
    let project = row();
    assert_snapshot!(project.lockgate("repro --dry"), @"
    task    decision  because
    first   run       it has no entry in the lock
    second  may run   `first` will run first
    beside  run       it has no entry in the lock
    --- stderr
    2 run, 1 may run
    --- exit 7
    ");
    assert!(!project.exists("pipeline.lock"));
    project.lockgate("repro");
    project.write("in.txt", "2\n");
    assert_snapshot!(project.lockgate("repro --dry second"), @"
    task    decision  because
    first   run       dep `in.txt` changed: file a37d46d908 -> file b9a1a3183d
    second  may run   `first` will run first
    --- stderr
    1 run, 1 may run
    --- exit 7
    ");
    assert_snapshot!(project.lockgate("repro -f --dry second"), @"
    task    decision  because
    first   run       it was forced
    second  run       it was forced
    --- stderr
    2 run
    --- exit 7
    ");
}

#[test]
fn what_follows_a_stage_that_ran_can_be_forced() {
    let project = row();
    project.lockgate("repro");
    project.write("in.txt", "1\n3\n");
    assert_snapshot!(project.lockgate("repro --dry --force-downstream"), @"
    task    decision  because
    first   run       dep `in.txt` changed: file a37d46d908 -> file 4d35f9e942
    second  run       it was forced
    beside  fresh
    --- stderr
    2 run, 1 fresh
    --- exit 7
    ");
    assert_snapshot!(project.lockgate("repro -j 1 --force-downstream"), @"
    --- stderr
    · beside    fresh
    ✓ first     ran TIME
    ✓ second    ran TIME
    ✓ done: 2 ran, 1 fresh in TIME
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro -j 1 --force-downstream"), @"
    --- stderr
    · first     fresh
    · beside    fresh
    · second    fresh
    ✓ everything is fresh: 3 tasks in TIME
    --- exit 0
    ");
}

#[test]
fn force_leaves_the_record_of_a_frozen_stage_alone() {
    let project = row();
    project.lockgate("repro");
    project.lockgate("freeze first");
    let before = project.read("pipeline.lock");
    project.write("in.txt", "9\n");
    assert_snapshot!(project.lockgate("repro -j 1 -f second"), @"
    --- stderr
    · first     fresh
    ✓ second    ran TIME
    ✓ done: 1 ran, 1 fresh in TIME
    --- exit 0
    ");
    assert_eq!(project.read("pipeline.lock"), before);
}

#[test]
fn data_that_is_missing_may_stay_away() {
    let project = row();
    project.lockgate("repro");
    for path in ["in.txt", "a.txt", "b.txt"] {
        project.remove(path);
    }
    assert_snapshot!(project.lockgate("repro --allow-missing --dry"), @"
    task    decision  because
    first   fresh
    second  fresh
    beside  fresh
    --- stderr
    everything is fresh: 3 tasks
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro -j 1 --allow-missing"), @"
    --- stderr
    · first     fresh
    · beside    fresh
    · second    fresh
    ✓ everything is fresh: 3 tasks in TIME
    --- exit 0
    ");
    assert!(!project.exists("a.txt"));
    project.write("params.yaml", "x: 2\n");
    assert_snapshot!(project.lockgate("repro --allow-missing --dry"), @"
    task    decision  because
    first   restore   from the store: out `a.txt` is missing
    second  run       param `x` of `params.yaml` changed: 1 -> 2
    beside  fresh
    --- stderr
    1 run, 1 restore, 1 fresh
    --- exit 7
    ");
    assert_snapshot!(project.lockgate("repro -j 1 --allow-missing"), @"
    --- stderr
    · beside    fresh
    ✓ first     restored TIME
    ✓ second    ran TIME
    ✓ done: 1 ran, 1 restored, 1 fresh in TIME
    --- exit 0
    ");
    assert_eq!(project.read("b.txt"), "1\n");
    project.remove("a.txt");
    std::fs::remove_dir_all(project.path().join(".lockgate/store")).expect("there is a store");
    project.write("params.yaml", "x: 3\n");
    assert_snapshot!(project.lockgate("repro -j 1 --allow-missing"), @"
    --- stderr
    ! first     blocked             dep `in.txt` does not exist
    ! second    blocked             `first` is blocked
    · beside    fresh
    ✗ failed: 2 blocked, 1 fresh in TIME
    --- exit 1
    ");
    assert_eq!(project.lockgate("repro --dry").code, 3, "the source is missed");
}

#[test]
fn a_file_in_a_folder_that_is_missing_is_looked_up_in_its_listing() {
    let project = Sandbox::of(
        "stages:\n  make:\n    cmd: mkdir -p d/deep && cp in.txt d/x && cp in.txt d/deep/y\n    deps: [in.txt]\n    outs: [d]\n  consume:\n    cmd: cat d/x d/deep/y > out.txt\n    deps: [d/x, d/deep]\n    outs: [out.txt]\n",
    );
    project.write("in.txt", "1\n");
    project.lockgate("repro");
    project.write("in.txt", "2\n");
    project.lockgate("repro -s make");
    std::fs::remove_dir_all(project.path().join("d")).expect("it was made");
    assert_snapshot!(project.lockgate("repro --allow-missing --dry"), @"
    task     decision  because
    make     restore   from the store: out `d` is missing
    consume  run       dep `d/deep` changed: tree 756c370f6c -> tree b64e3d55fe  +1 more
    --- stderr
    1 run, 1 restore
    --- exit 7
    ");
    project.lockgate("repro");
    std::fs::remove_dir_all(project.path().join("d")).expect("it was made");
    assert_snapshot!(project.lockgate("repro --allow-missing --dry"), @"
    task     decision  because
    make     fresh
    consume  fresh
    --- stderr
    everything is fresh: 2 tasks
    --- exit 0
    ");
    std::fs::remove_dir_all(project.path().join(".lockgate/store/trees")).expect("there are listings");
    assert_snapshot!(project.lockgate("repro --allow-missing --dry"), @"
    task     decision  because
    make     fresh
    consume  blocked   dep `d/x` lies in a folder that is missing, and the store has no listing of that…
    --- stderr
    1 blocked, 1 fresh
    --- exit 7
    ");
}

#[test]
fn errors_may_be_ignored_and_are_told() {
    let project = row();
    project.lockgate("repro");
    project.write("in.txt", "7\n");
    project.write("params.yaml", "x: 2\n");
    project.write("pipeline.yaml", &ROW.replace("head -1 in.txt", "echo broken; exit 3; head -1 in.txt"));
    assert_snapshot!(project.lockgate("repro -j 1 --ignore-errors"), @"
    --- stderr
    · beside    fresh
    ✗ first     failed TIME failed with exit status 3
    ! warning: `first` failed; what depends on it goes on with the outputs of its last success
    ✓ second    ran TIME

    ✗ stage first  FAILED  failed with exit status 3  after TIME
      │ broken
      log       .lockgate/runs/RUN/first.log
      outputs   the last good ones are back in place
      next      `lockgate logs first` shows all of its output; then `lockgate repro`

    ✗ failed: 1 failed, 1 ran, 1 fresh in TIME
    --- exit 1
    ");
    assert_eq!(project.read("b.txt"), "1\n");
    assert_snapshot!(project.lockgate("status --check"), @"
    task    decision  because
    first   run       command changed: `head -1 in.txt > a.txt` -> `echo broken; exit 3; head -1 in.txt…
    second  may run   `first` will run first
    beside  fresh
    --- stderr
    1 run, 1 may run, 1 fresh
    --- exit 7
    ");
    let never = row();
    never.write("pipeline.yaml", &ROW.replace("head -1 in.txt", "exit 3; head -1 in.txt"));
    let output = never.lockgate("repro --ignore-errors");
    assert!(output.stderr.contains("`first` failed"), "{output}");
    assert_eq!(output.code, 1);
}

#[test]
fn gates_stop_data_whose_stage_failed() {
    let pipeline = "stages:\n  make:\n    cmd: cp in.txt out.txt\n    deps: [in.txt]\n    outs: [out.txt]\n  good:\n    gate: {data: out.txt, command: grep -q good out.txt}\n  use:\n    cmd: cp out.txt used.txt\n    deps: [out.txt]\n    outs: [used.txt]\n";
    let project = Sandbox::of(pipeline);
    project.write("in.txt", "good\n");
    project.lockgate("repro");
    let strict = pipeline.replace("grep -q good", "grep -q better").replace("cp in.txt", "exit 1; cp in.txt");
    project.write("pipeline.yaml", &strict.replace("cp out.txt used.txt", "cat out.txt > used.txt"));
    assert_snapshot!(project.lockgate("repro -j 1 --ignore-errors"), @r#"
    --- stderr
    ✗ make      failed TIME failed with exit status 1
    ! warning: `make` failed; what depends on it goes on with the outputs of its last success
    ✗ good      fail TIME exit status 1
    ! use       blocked             gate `good` does not pass

    ✗ stage make  FAILED  failed with exit status 1  after TIME
      log       .lockgate/runs/RUN/make.log
      outputs   the last good ones are back in place
      next      `lockgate logs make` shows all of its output; then `lockgate repro`

    ✗ gate good  FAIL  out.txt  (file 9f8f7ea9be) TIME

      grep -q better out.txt  exit status 1

      blocked   use  (1 task not run)
      next      fix the data and run again:  lockgate repro
                see all of its output:       lockgate logs good
                accept it on purpose:        lockgate gate accept good --rule "verdict" --reason "…" --until DAY

    ✗ failed: 1 failed, 1 refused, 1 blocked in TIME
    --- exit 1
    "#);
}

#[test]
fn outputs_need_not_be_kept_until_they_are_committed() {
    let project = row();
    assert_snapshot!(project.lockgate("repro -j 1 --no-commit"), @"
    --- stderr
    ✓ first     ran TIME
    ✓ beside    ran TIME
    ✓ second    ran TIME
    ✓ done: 3 ran in TIME
    --- exit 0
    ");
    assert!(!project.exists(".lockgate/store/blobs"), "nothing was kept");
    assert_eq!(project.lockgate("status --check").code, 0);
    assert_snapshot!(project.lockgate("commit"), @"
    --- stderr
    committed 3 stages: `first`, `second` and `beside`
    --- exit 0
    ");
    project.remove("b.txt");
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    · first     fresh
    · beside    fresh
    ✓ second    restored TIME
    ✓ done: 1 restored, 2 fresh in TIME
    --- exit 0
    ");
}

#[test]
fn what_has_changed_is_committed_by_force_only() {
    let project = row();
    project.lockgate("repro");
    project.write("b.txt", "by hand\n");
    project.write("in.txt", "1\n5\n");
    assert_snapshot!(project.lockgate("commit second"), @"
    --- stderr
    error: stage `second` is not what it was when it last ran: out `b.txt` was changed after it was published: file 50cc1102b1 -> file 545e1b2a88, and nobody can be asked: this is no terminal
      help: `lockgate commit --force second` records its outputs as they stand
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("commit -f -d second"), @"
    --- stderr
    committed 2 stages: `first` and `second`
    --- exit 0
    ");
    assert_eq!(project.lockgate("status --check").code, 0);
    assert_eq!(project.read("b.txt"), "by hand\n");
}

#[test]
fn an_output_that_is_missing_is_not_committed_even_by_force() {
    let project = row();
    project.lockgate("repro");
    project.remove("b.txt");
    project.write("in.txt", "1\n5\n");
    let output = project.lockgate("commit second");
    assert_snapshot!(output, @"
    --- stderr
    error: out `b.txt` of stage `second` does not exist
      help: nothing was committed; `lockgate repro` makes what is missing
    --- exit 1
    ");
    assert_eq!(project.lockgate("commit -f second").to_string(), output.to_string());
}

#[test]
fn nobody_can_be_asked_without_a_terminal() {
    let project = row();
    assert_snapshot!(project.lockgate("repro -j 1 -i"), @"
    --- stderr
    error: `--interactive` asks before each stage, and nobody can be asked: this is no terminal
      help: leave it out, or name the stages to run as targets
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("gc -w"), @"
    --- stderr
    error: `gc` asks before it removes, and nobody can be asked: this is no terminal
      help: add `--force` to go on without, or `--dry` to see what would go
    --- exit 2
    ");
    assert_eq!(project.lockgate("gc").code, 2);
}

/// Answers on a terminal of its own: what is declined is left, with all that needs it.
#[test]
fn a_person_is_asked_before_each_stage() {
    let project = row();
    let answer = |answers: &str, line: &str| {
        let typed = format!("printf '{answers}' | script -qec \"{} {line}\" /dev/null", env!("CARGO_BIN_EXE_lockgate"));
        let mut command = std::process::Command::new("sh");
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.args(["-c", &typed]).current_dir(project.path()).env_clear().env("PATH", path).env("TERM", "dumb");
        let output = project.finish(command.env("COLUMNS", "100").env("LOCKGATE_JOBS", "1").env("SHELL", "/bin/sh"));
        (output.stdout.replace('\r', ""), output.code)
    };
    let (told, code) = answer("n\\n", "repro -i second");
    assert!(told.contains("run `first` (it has no entry in the lock)? [y/N]"), "{told}");
    assert!(told.contains("`first` is blocked") && !project.exists("a.txt"), "{told}");
    assert_eq!(code, 7, "{told}");
    let (told, code) = answer("y\\nn\\n", "repro -i second");
    assert!(project.exists("a.txt") && !project.exists("b.txt"), "{told}");
    assert_eq!(code, 7, "{told}");
    let (told, code) = answer("what\\ny\\n", "repro -i second");
    assert_eq!((code, project.exists("b.txt")), (0, true), "{told}");
}

#[test]
fn outputs_are_placed_anew() {
    let project = row();
    project.lockgate("repro");
    assert_snapshot!(project.lockgate("checkout --relink second"), @"
    --- stderr
    ✓ first     restored TIME
    ✓ second    restored TIME
    ✓ done: 2 restored in TIME
    --- exit 0
    ");
    assert_eq!(project.read("b.txt"), "1\n");
    project.remove("b.txt");
    assert_snapshot!(project.lockgate("checkout --summary -f"), @"
    --- stderr
    ✓ done: 1 restored, 2 fresh in TIME
    --- exit 0
    ");
    project.remove("b.txt");
    std::fs::remove_dir_all(project.path().join(".lockgate/store")).expect("there is a store");
    assert_snapshot!(project.lockgate("checkout --allow-missing --summary"), @"
    --- stderr
    ✓ everything is fresh: 2 tasks in TIME
    1 task cannot be put in place: `second`; `lockgate repro` makes them
    --- exit 0
    ");
}

#[test]
fn revisions_of_git_keep_what_they_need() {
    let project = row();
    project.git("init -q");
    for (at, branch) in ["one", "two", "three"].iter().enumerate() {
        project.git(&format!("checkout -q -b {branch}"));
        project.write("in.txt", &format!("{at}\n"));
        project.lockgate("repro");
        project.git("add pipeline.yaml pipeline.lock params.yaml");
        project.git(&format!("commit -q -m {branch}"));
    }
    project.git("tag old HEAD~2");
    project.git("branch -q -D one two");
    project.write("in.txt", "now\n");
    project.lockgate("repro");
    let kept = |scope: &str| project.lockgate(&format!("gc {scope} --dry")).stderr;
    assert_snapshot!(kept("-w"), @"would remove 9 objects, SIZE B");
    assert_snapshot!(kept("-a"), @"would remove 6 objects, SIZE B");
    assert_snapshot!(kept("-a -n 2"), @"would remove 3 objects, SIZE B");
    assert_snapshot!(kept("-T"), @"would remove 6 objects, SIZE B");
    assert_snapshot!(kept("-a -T"), @"would remove 3 objects, SIZE B");
    assert_snapshot!(kept("-A"), @"would remove 0 objects, SIZE B");
    assert_snapshot!(kept("--rev HEAD~1"), @"would remove 6 objects, SIZE B");
    assert_snapshot!(kept("--date 2000-01-01"), @"would remove 0 objects, SIZE B");
    assert_eq!(project.lockgate("gc --date 2026-02-30 --dry").code, 2);
    assert_snapshot!(project.lockgate("gc --rev nope --dry"), @"
    --- stderr
    error: git knows no revision `nope` of this project
      help: name a commit, a branch or a tag; `git log --oneline` lists commits
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("gc --date yesterday --dry"), @"
    --- stderr
    error: invalid value 'yesterday' for '--date <YYYY-MM-DD>': write a day from DATE on, as DATE

    For more information, try '--help'.
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("gc -a -T -f"), @"
    --- stderr
    removed 3 objects, SIZE B
    --- exit 0
    ");
    assert_snapshot!(row().lockgate("gc -a --dry"), @"
    --- stderr
    error: this project is not in a git repository
      help: `lockgate gc --workspace` keeps what the workspace needs, and does without git
    --- exit 2
    ");
}

#[test]
fn a_missing_source_is_told_by_status_and_is_nothing_that_is_up_to_date() {
    let project = Sandbox::of("stages:\n  a: {cmd: cp in.txt a, deps: [in.txt], outs: [a]}\n");
    assert_snapshot!(project.lockgate("status --check"), @"
    task  decision  because
    a     blocked   dep `in.txt` does not exist
    --- stderr
    1 blocked
    --- exit 7
    ");
    let exits = ["status", "status -q", "repro", "repro --dry"].map(|line| project.lockgate(line).code);
    assert_eq!(exits, [0, 7, 3, 3]);
}
