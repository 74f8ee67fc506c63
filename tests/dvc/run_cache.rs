//! run-cache.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;
use crate::script::{play, project, row, stages};

#[test]
fn without_output_and_lock_the_command_is_not_run() {
    let ws = row();
    assert_snapshot!(play(&ws, "
        repro
        rm pipeline.lock
        rm a
        rm b
        repro
        > in 2
        repro -q
        > in 1
        repro
        cat ran
    "), @"
    $ repro
    a ran, b ran, c ran
    $ repro
    a restored, b restored, c restored
    $ repro -q
    $ repro
    a restored, b restored, c restored
    $ cat ran
    a
    b
    c
    a
    b
    c
    ");
}

#[test]
fn a_dry_run_keeps_nothing() {
    let ws = row();
    assert_eq!(ws.lockgate("repro --dry -q").code, 7);
    assert!(!ws.exists(".lockgate/store/runs") && !ws.exists("pipeline.lock"));
}

#[test]
fn what_has_no_cache_is_not_restored_but_for_metrics_and_plots() {
    let of = |out: &str| {
        let ws = stages(&format!("  s:\n    cmd: cp in m && cat in in >> o\n    deps: [in]\n{out}"));
        ws.write("in", "1\n");
        play(
            &ws,
            "
            repro -q
            > in 2
            repro -q
            > in 1
            repro
        ",
        )
    };
    let outs = [
        "    outs: [o]\n    metrics: [m: {cache: false}]\n",
        "    outs: [o]\n    plots: [m: {cache: false}]\n",
        "    outs: [o: {cache: false}, m]\n",
        "    outs: [m, o: {persist: true}]\n",
        "    outs: [m]\n    always_changed: true\n",
    ];
    assert_snapshot!(outs.map(of).join("\n\n"), @"
    $ repro -q
    $ repro -q
    $ repro
    s restored

    $ repro -q
    $ repro -q
    $ repro
    s restored

    $ repro -q
    $ repro -q
    $ repro
    s ran

    $ repro -q
    $ repro -q
    $ repro
    s ran

    $ repro -q
    $ repro -q
    $ repro
    s ran
    ");
}

#[test]
fn parameters_and_the_folder_belong_to_what_is_known() {
    let ws = stages(
        "  s:\n    wdir: sub\n    cmd: cp ../in out; echo >> ../ran\n    deps: [../in]\n    params: [p]\n    outs: [out]\n",
    );
    ws.write("in", "1\n");
    ws.write("sub/params.yaml", "p: 1\n");
    assert_snapshot!(play(&ws, "
        repro
        > sub/params.yaml p: 2
        repro
        > sub/params.yaml p: 1
        repro
        rm sub/out
        repro
    "), @"
    $ repro
    s ran
    $ repro
    s ran
    $ repro
    s restored
    $ repro
    s restored
    ");
}

#[test]
fn a_stage_without_outs_always_runs_for_a_change_and_one_without_deps_is_known_by_its_command() {
    let ws =
        stages("  no_outs: {cmd: echo, deps: [in]}\n  no_deps: {cmd: echo 1 > o, outs: [o]}\n  neither: {cmd: echo}\n");
    ws.write("in", "1\n");
    assert_snapshot!(play(&ws, "
        repro
        > in 2
        edit dvc.yaml | echo 1 > o | echo 2 > o
        repro
        > in 1
        edit dvc.yaml | echo 2 > o | echo 1 > o
        repro
    "), @"
    $ repro
    no_outs ran, no_deps ran, neither ran
    $ repro
    no_outs ran, no_deps ran, neither ran
    $ repro
    no_outs ran, no_deps restored, neither ran
    ");
}

/// What DVC 3.67.1 has kept of a stage, whatever the folder in which it ran.
const RUN: &str = "\
cmd: cat i > o.txt; pwd >> ../ran
deps:
- path: i
  hash: md5
  md5: b026324c6904b2a9cb4b88d6d61c81d1
  size: 2
outs:
- path: o.txt
  hash: md5
  md5: b026324c6904b2a9cb4b88d6d61c81d1
  size: 2
";
const RUN_PATH: &str = concat!(
    ".dvc/cache/runs/ef/ef43bbaa3dd84a9a08acb8085e736012c2166399e39361baa9aebeeae7d9aa78/",
    "834cb7c545c817eea9dd3bdf35b932620b78523ee59219d9503077c5887526c0"
);

/// Makes a project of which DVC's run cache has the stage that is `KEPT`.
fn kept_by_dvc(files: &[(&str, &str)]) -> Sandbox {
    let ws = project(files);
    ws.write(RUN_PATH, RUN);
    ws.write(".dvc/cache/files/md5/b0/26324c6904b2a9cb4b88d6d61c81d1", "1\n");
    ws
}

const KEPT: &str = "cmd: cat i > o.txt; pwd >> ../ran, deps: [i], outs: [o.txt]";

#[test]
fn the_run_cache_of_dvc_is_asked_for_a_stage_that_has_but_one_folder() {
    let text = format!("stages:\n  s: {{{KEPT}}}\n");
    let ws = kept_by_dvc(&[("a/dvc.yaml", &text), ("a/i", "1\n")]);
    assert_snapshot!(play(&ws, "repro --dry -P"), @"
    $ repro --dry -P
    task  decision  because
    a:s   restore   from DVC's cache: it has no entry in the lock
    1 restore
    exit 7
    ");
    // To DVC's run cache these two are one stage.
    ws.write("b/dvc.yaml", &text);
    ws.write("b/i", "1\n");
    assert_snapshot!(play(&ws, "repro --dry -P"), @"
    $ repro --dry -P
    task  decision  because
    a:s   run       it has no entry in the lock
    b:s   run       it has no entry in the lock
    2 run
    exit 7
    ");
}

#[test]
fn what_was_made_in_another_working_folder_does_not_come_back() {
    let of = |wdir: &str| format!("stages:\n  s: {{wdir: {wdir}, {KEPT}}}\n");
    let ws = kept_by_dvc(&[("dvc.yaml", &of("w1")), ("w1/i", "1\n"), ("w2/i", "1\n")]);
    assert_snapshot!(play(&ws, "status"), @"
    $ status
    task  decision  because
    s     run       it has no entry in the lock
    1 run
    ");
    assert_eq!(ws.lockgate("repro -q").code, 0);
    ws.write("dvc.yaml", &of("w2"));
    assert_snapshot!(play(&ws, "status"), @"
    $ status
    task  decision  because
    s     run       working folder changed: `w1` -> `w2`  +4 more
    1 run
    ");
    // The entry may be older than the folder that our lock has.
    play(&ws, "> w2/i 2\nrepro\n> w2/i 1\nrm .lockgate/store");
    assert_snapshot!(play(&ws, "status"), @"
    $ status
    task  decision  because
    s     run       dep `w2/i` changed: file b9a1a3183d -> file 50cc1102b1
    1 run
    ");
    ws.write("dvc.yaml", &format!("stages:\n  s: {{{KEPT}}}\n"));
    ws.write("i", "1\n");
    assert_snapshot!(play(&ws, "status"), @"
    $ status
    task  decision  because
    s     run       working folder changed: `w2` -> `.`  +4 more
    1 run
    ");
}

#[test]
fn what_dvc_has_recorded_says_nothing_of_another_working_folder() {
    let of = |wdir: &str| format!("stages:\n  s: {{wdir: {wdir}, {KEPT}}}\n");
    let ws = project(&[("dvc.yaml", &of("w1")), ("w1/i", "1\n"), ("w2/i", "1\n"), ("w2/o.txt", "1\n")]);
    assert_eq!(ws.lockgate("repro -q --write-dvc-lock").code, 0);
    ws.write("dvc.yaml", &of("w2"));
    ws.write("dvc.lock", &format!("# written by DVC\n{}", ws.read("dvc.lock")));
    assert_snapshot!(play(&ws, "status"), @"
    $ status
    task  decision  because
    s     run       working folder changed: `w1` -> `w2`  +4 more
    1 run
    ");
}
