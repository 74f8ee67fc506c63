//! run-cache.

use insta::assert_snapshot;

use crate::script::{play, row, stages};

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
