//! repro-core.

use insta::assert_snapshot;

use crate::script::{brief, play, project, row, stages};

#[test]
fn a_frozen_stage_cuts_the_graph() {
    assert_snapshot!(play(&row(), "
        repro
        freeze b
        > in 2
        repro
        repro c
        unfreeze b
        repro
    "), @"
    $ repro
    a ran, b ran, c ran
    $ freeze b
    `b` is frozen
    $ repro
    a ran, b fresh, c fresh
    $ repro c
    a fresh, b fresh, c fresh
    $ unfreeze b
    `b` is not frozen any more
    $ repro
    a fresh, b ran, c ran
    ");
}

#[test]
fn freezing_does_not_change_what_a_stage_is() {
    assert_snapshot!(play(&row(), "
        repro
        freeze b
        status
        repro
        unfreeze b
        status
    "), @"
    $ repro
    a ran, b ran, c ran
    $ freeze b
    `b` is frozen
    $ status
    task  decision  because
    a     fresh
    b     fresh
    c     fresh
    everything is fresh: 3 tasks
    $ repro
    a fresh, b fresh, c fresh
    $ unfreeze b
    `b` is not frozen any more
    $ status
    task  decision  because
    a     fresh
    b     fresh
    c     fresh
    everything is fresh: 3 tasks
    ");
}

#[test]
fn a_command_with_another_space_is_another_command() {
    assert_snapshot!(play(&row(), "
        repro
        edit dvc.yaml | cat a > b | cat  a > b
        status
        repro
        repro
    "), @"
    $ repro
    a ran, b ran, c ran
    $ status
    task  decision  because
    a     fresh
    b     run       command changed: `cat a > b && echo b >> ran` -> `cat  a > b && echo b >> ran`
    c     may run   `b` will run first
    1 run, 1 may run, 1 fresh
    $ repro
    a fresh, b ran, c fresh
    $ repro
    a fresh, b fresh, c fresh
    ");
}

#[test]
fn deps_and_outs_that_are_added_count() {
    assert_snapshot!(play(&row(), "
        repro
        > more x
        edit dvc.yaml | deps: [a] | deps: [a, more]
        repro
        edit dvc.yaml | cat b > c | touch d && cat b > c
        edit dvc.yaml | outs: [c] | outs: [c, d]
        repro
        > same 1
        edit dvc.yaml | deps: [in] | deps: [same]
        repro
        repro
    "), @"
    $ repro
    a ran, b ran, c ran
    $ repro
    a fresh, b ran, c fresh
    $ repro
    a fresh, b fresh, c ran
    $ repro
    a ran, b fresh, c fresh
    $ repro
    a fresh, b fresh, c fresh
    ");
}

#[test]
fn what_is_removed_from_a_stage_counts_and_so_does_another_folder() {
    let ws = stages(
        "  a:\n    cmd: cp in a; touch a2\n    deps: [in, in2]\n    params: [p]\n    outs: [a, a2]\n  \
         b:\n    cmd: touch b && pwd > /dev/null\n    outs: [b]\n",
    );
    for (file, text) in [("in", "1\n"), ("in2", "2\n"), ("params.yaml", "p: 1\n"), ("sub/in", "1\n")] {
        ws.write(file, text);
    }
    assert_snapshot!(play(&ws, "
        repro
        edit dvc.yaml | deps: [in, in2] | deps: [in]
        repro
        edit dvc.yaml | params: [p] | params: []
        repro
        edit dvc.yaml | outs: [a, a2] | outs: [a]
        repro
        edit dvc.yaml | cmd: touch | wdir: sub⏎    cmd: touch
        repro --dry
    "), @"
    $ repro
    a ran, b ran
    $ repro
    b fresh, a ran
    $ repro
    b fresh, a ran
    $ repro
    b fresh, a ran
    $ repro --dry
    task  decision  because
    a     fresh
    b     run       working folder changed: `.` -> `sub`  +2 more
    1 run, 1 fresh
    exit 7
    ");
}

#[test]
fn an_out_in_data_that_is_tracked_is_an_error() {
    let ws = project(&[
        ("data.dvc", "outs:\n- md5: 0cc175b9c0f1b6a831c399e269772661.dir\n  hash: md5\n  path: data\n"),
        ("data/x", "a"),
        ("dvc.yaml", "stages:\n  s: {cmd: touch data/new, outs: [data/new]}\n"),
    ]);
    assert_snapshot!(play(&ws, "repro"), @"
    $ repro
    error: out `data/new` of stage `s` lies inside of `data`, which `data.dvc` tracks
       ╭─[dvc.yaml:2:35]
     1 │ stages:
     2 │   s: {cmd: touch data/new, outs: [data/new]}
       ·                                   ────┬───
       ·                                       ╰── here
       ╰────
      help: write it elsewhere, or `lockgate remove data.dvc` if the stage makes that data now
    exit 3
    ");
}

#[test]
fn tasks_that_do_not_wait_for_each_other_run_at_the_same_time() {
    // Each waits until the other has begun: a pipe is opened when both ends are.
    let ws = stages(
        "  a: {cmd: timeout 60 cat pipe > a, deps: [pipes], outs: [a]}\n  b: {cmd: timeout 60 sh -c 'echo 1 > pipe' && touch b, deps: [pipes], outs: [b]}\n",
    );
    ws.write("pipes", "");
    assert!(std::process::Command::new("mkfifo").arg("pipe").current_dir(ws.path()).status().unwrap().success());
    assert_eq!(ws.lockgate("repro").code, 0);
    assert_eq!(ws.read("a"), "1\n");
}

#[test]
fn files_that_track_data_are_listed_and_removed() {
    let ws = project(&[
        ("data.dvc", "outs:\n- md5: 26ab0db90d72e28ad0ba1e22ee510510\n  hash: md5\n  path: data\n"),
        ("data", "2\n"),
        ("sub/more.dvc", "outs:\n- md5: 26ab0db90d72e28ad0ba1e22ee510510\n  hash: md5\n  path: more\n"),
        ("sub/more", "2\n"),
        ("sub/.gitignore", "/more\n/other\n"),
        ("dvc.yaml", "stages:\n  s: {cmd: cp data out, deps: [data], outs: [out]}\n"),
    ]);
    ws.git("init -q");
    assert_snapshot!(play(&ws, "
        stage list
        stage list --all
        stage list -R sub --name-only
        stage list data.dvc
        freeze data.dvc
        remove data.dvc
        -C sub remove more.dvc --outs
        stage list --all
        cat sub/.gitignore
        repro
    "), @"
    $ stage list
    s  Outputs out
    $ stage list --all
    s             Outputs out
    data.dvc      Outputs data
    sub/more.dvc  Outputs more
    $ stage list -R sub --name-only
    sub/more.dvc
    $ stage list data.dvc
    data.dvc  Outputs data
    $ freeze data.dvc
    error: `data.dvc` tracks data and is no stage, so it cannot be frozen
      help: name a stage or a group; `lockgate stage list` has them
    exit 2
    $ remove data.dvc
    removed `data.dvc`
    $ -C sub remove more.dvc --outs
    removed `sub/more.dvc`
    $ stage list --all
    s  Outputs out
    $ cat sub/.gitignore
    /other
    $ repro
    s ran
    ");
    assert!(ws.exists("data") && !ws.exists("sub/more") && !ws.exists("sub/more.dvc"));
}

#[test]
fn a_dep_inside_of_tracked_data_leads_to_it() {
    let ws = project(&[
        ("data.dvc", "outs:\n- md5: 0cc175b9c0f1b6a831c399e269772661.dir\n  hash: md5\n  path: data\n"),
        ("data/x", "1\n"),
        ("data/y", "1\n"),
        ("dvc.yaml", "stages:\n  s: {cmd: cp data/x out, deps: [data/x], outs: [out]}\n"),
    ]);
    assert_snapshot!(play(&ws, "
        repro --downstream data.dvc
        > data/y 2
        repro
        > data/x 2
        repro data.dvc
        repro --downstream data.dvc
    "), @"
    $ repro --downstream data.dvc
    s ran
    $ repro
    s fresh
    $ repro data.dvc
    $ repro --downstream data.dvc
    s ran
    ");
}

#[test]
fn what_is_not_there_is_named() {
    assert_snapshot!(play(&row(), "
        edit dvc.yaml | deps: [a] | deps: [a, nowhere]
        repro
        edit dvc.yaml | [a, nowhere] | [a]
        edit dvc.yaml | outs: [b] | outs: [b, never]
        repro b
    "), @"
    $ repro
    error: stage `b` depends on `nowhere`, which no stage makes and which does not exist
       ╭─[dvc.yaml:8:15]
     7 │     cmd: cat a > b && echo b >> ran
     8 │     deps: [a, nowhere]
       ·               ───┬───
       ·                  ╰── here
     9 │     outs: [b]
       ╰────
      help: create `nowhere`, or add the stage that makes it
    exit 3
    $ repro b
    a ran, b failed exited with 0 but did not make its output `never`
    ✗ stage b  FAILED  exited with 0 but did not make its output `never`  after TIME
      log       .lockgate/runs/RUN/b.log
      outputs   none: there were none before
      next      let its command write `never`, or remove it from `outs`
    exit 1
    ");
}

#[test]
fn without_a_lock_results_come_from_the_run_cache() {
    let ws = row();
    assert_snapshot!(play(&ws, "
        repro
        repro
        rm pipeline.lock
        repro
        cat ran
    "), @"
    $ repro
    a ran, b ran, c ran
    $ repro
    a fresh, b fresh, c fresh
    $ repro
    a restored, b restored, c restored
    $ cat ran
    a
    b
    c
    ");
}

#[test]
fn a_stage_without_an_entry_runs_once() {
    let ws = row();
    assert_snapshot!(play(&ws, "
        repro b
        repro
        repro
    "), @"
    $ repro b
    a ran, b ran
    $ repro
    a fresh, b fresh, c ran
    $ repro
    a fresh, b fresh, c fresh
    ");
}

#[test]
fn a_cycle_stops_everything() {
    let ws = stages(
        "  a: {cmd: touch a, deps: [b], outs: [a]}\n  b: {cmd: touch b, deps: [a], outs: [b]}\n  c: {cmd: touch c, outs: [c]}\n",
    );
    assert_snapshot!(play(&ws, "repro c"), @"
    $ repro c
    error: a cycle, in which each waits for the next: `a` → `b` → `a`
       ╭─[dvc.yaml:2:28]
     1 │ stages:
     2 │   a: {cmd: touch a, deps: [b], outs: [a]}
       ·                            ┬
       ·                            ╰── `a` reads what `b` makes
     3 │   b: {cmd: touch b, deps: [a], outs: [b]}
       ·                            ┬
       ·                            ╰── `b` reads what `a` makes
     4 │   c: {cmd: touch c, outs: [c]}
       ╰────
      help: remove one of these, or split a stage so that each part waits for less
    exit 3
    ");
    assert!(!ws.exists("c"));
}

#[test]
fn parameters_of_several_files_are_recorded_and_compared_by_key() {
    let ws = stages(
        "  s:\n    cmd: cp in out\n    deps: [in]\n    params:\n    - answer\n    - train.epochs\n    - other.yaml:\n      - a.b\n    - whole.json:\n    outs: [out]\n",
    );
    ws.write("in", "1\n");
    ws.write("params.yaml", "answer: 42\ntrain: {epochs: 70, floats: 1.5}\n");
    ws.write("other.yaml", "a: {b: [1, two], c: 3}\n");
    ws.write("whole.json", "{\"x\": 1.0, \"y\": null}\n");
    assert_snapshot!(play(&ws, "
        repro --write-dvc-lock
        cat dvc.lock
        edit params.yaml | floats: 1.5 | floats: 1.6
        repro
        edit other.yaml | two | three
        status
        repro
        edit whole.json | 1.0 | 1
        repro
    "), @r#"
    $ repro --write-dvc-lock
    s ran
    $ cat dvc.lock
    schema: '2.0'
    stages:
      s:
        cmd: cp in out
        deps:
        - path: in
          hash: md5
          md5: b026324c6904b2a9cb4b88d6d61c81d1
          size: 2
        params:
          params.yaml:
            answer: 42
            train.epochs: 70
          other.yaml:
            a.b:
            - 1
            - two
          whole.json:
            x: 1.0
            y:
        outs:
        - path: out
          hash: md5
          md5: b026324c6904b2a9cb4b88d6d61c81d1
          size: 2
    $ repro
    s fresh
    $ status
    task  decision  because
    s     run       param `a.b` of `other.yaml` changed: [1,"two"] -> [1,"three"]
    1 run
    $ repro
    s ran
    $ repro
    s ran
    "#);
}

#[test]
fn a_list_and_a_script_end_at_the_first_failure() {
    let check = |cmd: &str| {
        let ws = stages(&format!("  s:\n    cmd: {cmd}\n    outs: [x]\n"));
        let output = ws.lockgate("repro");
        (output.code, ["1", "2", "3"].map(|file| ws.exists(file)), ws.exists("pipeline.lock"))
    };
    let expect = (1, [true, false, false], false);
    assert_eq!(check("[touch 1, 'false', touch 3]"), expect);
    assert_eq!(check("|\n      touch 1\n      false\n      touch 3"), expect);
    assert_eq!(check("[touch 1, 'touch 2 && false', touch 3]"), (1, [true, true, false], false));
}

#[test]
fn all_pipelines_are_all_stages_wherever_they_are() {
    let ws = row();
    ws.write("sub/dvc.yaml", "stages:\n  alone: {cmd: touch x, outs: [x]}\n");
    assert_snapshot!(play(&ws, "
        repro --dry
        repro -P
    "), @"
    $ repro --dry
    task  decision  because
    a     run       it has no entry in the lock
    b     may run   `a` will run first
    c     may run   `b` will run first
    1 run, 2 may run
    exit 7
    $ repro -P
    a ran, sub:alone ran, b ran, c ran
    ");
}

#[test]
fn a_stage_that_always_changes_records_what_it_made() {
    let ws = stages("  s: {cmd: 'mkdir -p n; touch n/$$; ls n > out', always_changed: true, outs: [out]}\n");
    let digest = || ws.read("pipeline.lock").lines().find(|line| line.contains("out:")).map(str::to_owned);
    assert_eq!(ws.lockgate("repro -q").code, 0);
    let first = digest();
    assert_eq!(ws.lockgate("repro -q").code, 0);
    assert_ne!(digest(), first);
    assert_ne!(first, None);
}

#[test]
fn force_runs_again_and_records_what_was_made() {
    let ws = stages("  a: {cmd: 'echo x >> log; cp log a', outs: [a]}\n  b: {cmd: cp a b, deps: [a], outs: [b]}\n");
    assert_snapshot!(play(&ws, "
        repro
        repro -f
        cat b
        repro
    "), @"
    $ repro
    a ran, b ran
    $ repro -f
    a ran, b ran
    $ cat b
    x
    x
    $ repro
    a fresh, b fresh
    ");
}

#[test]
fn commands_run_under_the_shell_of_the_user() {
    let ws = stages("  s: {cmd: 'echo ${0##*/} > out', outs: [out]}\n".replace("${0", "\\${0").as_str());
    for shell in ["/bin/bash", "/bin/sh"] {
        let output = ws.finish(ws.command("repro -f").env("SHELL", shell));
        assert_eq!(output.code, 0, "{output}");
        assert_eq!(format!("/bin/{}", ws.read("out").trim()), shell);
    }
}

#[test]
fn status_is_no_failure_and_an_unknown_target_is() {
    assert_snapshot!(play(&row(), "
        status
        repro
        repro nowhere
        status nowhere
    "), @"
    $ status
    task  decision  because
    a     run       it has no entry in the lock
    b     may run   `a` will run first
    c     may run   `b` will run first
    1 run, 2 may run
    $ repro
    a ran, b ran, c ran
    $ repro nowhere
    error: no stage, gate or output is called `nowhere`
      help: `lockgate status` lists all of them
    exit 2
    $ status nowhere
    error: no stage, gate or output is called `nowhere`
      help: `lockgate status` lists all of them
    exit 2
    ");
}

#[test]
fn a_changed_program_runs_its_stage_alone() {
    let ws = stages(
        "  a: {cmd: sh prog, deps: [prog], outs: [a]}\n  b: {cmd: touch b, deps: [prog2], outs: [b]}\n  c: {cmd: cp a c, deps: [a], outs: [c]}\n",
    );
    ws.write("prog", "echo 1 > a\n");
    ws.write("prog2", "");
    assert_snapshot!(play(&ws, "
        repro
        > prog echo  1 > a
        repro
    "), @"
    $ repro
    a ran, b ran, c ran
    $ repro
    b fresh, a ran, c fresh
    ");
}

#[test]
fn a_dry_run_touches_nothing_and_follows_what_would_change() {
    let ws = row();
    assert_snapshot!(play(&ws, "
        repro --dry
        repro -q
        > in 2
        repro --dry
        status
        cat c
        cat ran
    "), @"
    $ repro --dry
    task  decision  because
    a     run       it has no entry in the lock
    b     may run   `a` will run first
    c     may run   `b` will run first
    1 run, 2 may run
    exit 7
    $ repro -q
    $ repro --dry
    task  decision  because
    a     run       dep `in` changed: file 50cc1102b1 -> file b9a1a3183d
    b     may run   `a` will run first
    c     may run   `b` will run first
    1 run, 2 may run
    exit 7
    $ status
    task  decision  because
    a     run       dep `in` changed: file 50cc1102b1 -> file b9a1a3183d
    b     may run   `a` will run first
    c     may run   `b` will run first
    1 run, 2 may run
    $ cat c
    1
    $ cat ran
    a
    b
    c
    ");
}

#[test]
fn forced_downstream_is_what_follows_and_not_what_is_beside() {
    let ws = stages(
        "  a: {cmd: head -1 in > a, deps: [in], outs: [a]}\n  b: {cmd: cp a b, deps: [a], outs: [b]}\n  \
         c: {cmd: cp b c, deps: [b], outs: [c]}\n  other: {cmd: cp x other, deps: [x], outs: [other]}\n  \
         after: {cmd: cp other after, deps: [other], outs: [after]}\n",
    );
    ws.write("in", "1\n");
    ws.write("x", "1\n");
    assert_snapshot!(play(&ws, "
        repro
        >> in 2
        repro
        >> in 3
        repro --force-downstream
        repro --force-downstream
    "), @"
    $ repro
    a ran, other ran, b ran, after ran, c ran
    $ repro
    other fresh, after fresh, a ran, b fresh, c fresh
    $ repro --force-downstream
    other fresh, after fresh, a ran, b ran, c ran
    $ repro --force-downstream
    a fresh, other fresh, b fresh, after fresh, c fresh
    ");
}

#[test]
fn a_folder_of_outs_is_made_anew_and_a_folder_of_deps_is_compared_as_a_whole() {
    let ws = stages(
        "  copy: {cmd: mkdir -p out && cp -r in/. out, deps: [in], outs: [out]}\n  count: {cmd: 'ls out | wc -l | tr -d \" \" > n', deps: [out], outs: [n]}\n",
    );
    ws.write("in/1", "1\n");
    ws.write("in/sub/2", "2\n");
    assert_snapshot!(play(&ws, "
        repro
        >> in/1 more
        repro
        > out/extra x
        repro
        > in/3 3
        repro
        rm in/1
        repro
        cat n
    "), @"
    $ repro
    copy ran, count ran
    $ repro
    copy ran, count ran
    $ repro
    copy restored, count fresh
    ! warning: `out` had been edited; it was replaced, and the edited file is kept in `.lockgate/quarantine/copy/edited`
        help: to publish an edited output as it is, use `lockgate commit -f copy`
    $ repro
    copy ran, count ran
    $ repro
    copy ran, count ran
    $ cat n
    2
    ");
    std::fs::hard_link(ws.path().join("in/3"), ws.path().join("in/4")).unwrap();
    assert_snapshot!(play(&ws, "
        repro
        cat n
    "), @"
    $ repro
    copy ran, count ran
    $ cat n
    3
    ");
}

#[test]
fn single_items_are_run_without_their_graph() {
    assert_snapshot!(play(&row(), "
        repro
        > in 2
        repro -s c
        repro -s b a
        repro
    "), @"
    $ repro
    a ran, b ran, c ran
    $ repro -s c
    c fresh
    $ repro -s b a
    a ran, b ran
    $ repro
    a fresh, b fresh, c ran
    ");
}

#[test]
fn a_failure_stops_what_follows_and_nothing_else() {
    let ws = stages(
        "  bad: {cmd: 'touch bad; exit 3', deps: [in], outs: [bad]}\n  below: {cmd: cp bad below, deps: [bad], outs: [below]}\n  \
         good: {cmd: cp in good, deps: [in], outs: [good]}\n  last: {cmd: cp good last, deps: [good], outs: [last]}\n",
    );
    ws.write("in", "1\n");
    let tasks = |line: &str| {
        let output = ws.lockgate(line);
        format!("{line}: {} exit {}", brief(&output).lines().next().unwrap_or_default(), output.code)
    };
    assert_snapshot!([tasks("repro -j 1"), tasks("repro -j 1 -k"), tasks("repro -j 1 --ignore-errors")].join("\n"), @"
    repro -j 1: bad failed failed with exit status 3, good skipped the run stopped before it started, last skipped the run stopped before it started exit 1
    repro -j 1 -k: bad failed failed with exit status 3, good ran, last ran exit 1
    repro -j 1 --ignore-errors: good fresh, last fresh, bad failed failed with exit status 3 exit 1
    ");
}

#[test]
fn names_that_are_none_are_not_frozen() {
    let ws = row();
    let codes = ["dvc.yaml:nowhere", "nowhere", "sub/dvc.yaml:a", ":nowhere", "a@b", "in", "nowhere.dvc"];
    assert_eq!(codes.map(|target| ws.lockgate(&format!("freeze {target}")).code), [2; 7]);
}
