//! repro-missing. What is pulled from a remote is in `pull.rs`.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;
use crate::script::{play, row, stages};

#[test]
fn data_that_is_nowhere_is_no_change() {
    assert_snapshot!(play(&row(), "
        repro -q
        rm .lockgate
        rm in
        rm a
        rm b
        rm c
        repro --allow-missing --dry
        repro --allow-missing
        repro --dry
    "), @"
    $ repro -q
    $ repro --allow-missing --dry
    task  decision  because
    a     fresh
    b     fresh
    c     fresh
    everything is fresh: 3 tasks
    $ repro --allow-missing
    a fresh, b fresh, c fresh
    $ repro --dry
    error: stage `a` depends on `in`, which no stage makes and which does not exist
       ╭─[dvc.yaml:4:12]
     3 │     cmd: cat in > a && echo a >> ran
     4 │     deps: [in]
       ·            ─┬
       ·             ╰── here
     5 │     outs: [a]
       ╰────
      help: create `in`, or add the stage that makes it
    exit 3
    ");
}

#[test]
fn data_that_the_store_has_is_put_in_place() {
    assert_snapshot!(play(&row(), "
        repro -q
        rm b
        status
        repro --allow-missing
        repro --dry
    "), @"
    $ repro -q
    $ status
    task  decision  because
    a     fresh
    b     restore   from the store: out `b` is missing
    c     fresh
    1 restore, 2 fresh
    $ repro --allow-missing
    a fresh, b fresh, c fresh
    $ repro --dry
    task  decision  because
    a     fresh
    b     restore   from the store: out `b` is missing
    c     fresh
    1 restore, 2 fresh
    exit 7
    ");
}

#[test]
fn a_stage_above_that_was_made_anew_elsewhere_is_a_change_below() {
    let ws = row();
    assert_eq!(play(&ws, "repro -q").lines().last(), Some("$ repro -q"));
    let old = ws.read("pipeline.lock");
    assert_eq!(play(&ws, "> in 2\nrepro -q a").lines().last(), Some("$ repro -q a"));
    // Another clone has the entry of `a` that was made there, and the older ones of what follows.
    let new = ws.read("pipeline.lock");
    let (b_of_old, b_of_new) = (old.find("  b:\n").unwrap(), new.find("  b:\n").unwrap());
    ws.write("pipeline.lock", &format!("{}{}", &new[..b_of_new], &old[b_of_old..]));
    assert_snapshot!(play(&ws, "
        rm .lockgate
        rm a
        rm b
        rm c
        repro --allow-missing --dry b
    "), @"
    $ repro --allow-missing --dry b
    task  decision  because
    a     run       out `a` is missing
    b     may run   `a` will run first
    1 run, 1 may run
    exit 7
    ");
}

/// Makes everything and leaves no more of it than `dvc.lock`, as DVC leaves it to those who have no data.
fn known_to_dvc(ws: Sandbox, outs: &[&str]) -> Sandbox {
    assert_eq!(ws.lockgate("repro -q --write-dvc-lock").code, 0);
    let gone = [".lockgate", ".dvc/cache", "pipeline.lock", "in"].iter().chain(outs);
    gone.for_each(|path| drop(play(&ws, &format!("rm {path}"))));
    ws
}

#[test]
fn what_dvc_alone_knows_is_no_change_either_and_is_not_recorded() {
    let ws = known_to_dvc(row(), &["a", "b", "c"]);
    assert_snapshot!(play(&ws, "
        repro --allow-missing --dry
        repro --allow-missing
        > in 1
        repro --allow-missing --dry
        > in 2
        repro --allow-missing --dry
    "), @"
    $ repro --allow-missing --dry
    task  decision  because
    a     fresh
    b     fresh
    c     fresh
    everything is fresh: 3 tasks
    $ repro --allow-missing
    a fresh, b fresh, c fresh
    $ repro --allow-missing --dry
    task  decision  because
    a     fresh
    b     fresh
    c     fresh
    everything is fresh: 3 tasks
    $ repro --allow-missing --dry
    task  decision  because
    a     run       not as in dvc.lock: dep `in` is not what DVC has seen
    b     may run   `a` will run first
    c     may run   `b` will run first
    1 run, 2 may run
    exit 7
    ");
    assert!(!ws.exists("pipeline.lock"));
}

#[test]
fn a_stage_above_that_dvc_has_made_anew_elsewhere_is_a_change_below() {
    let ws = known_to_dvc(row(), &["a", "b", "c"]);
    let old = ws.read("dvc.lock");
    ws.write("dvc.lock", &old.replacen("b026324c6904b2a9cb4b88d6d61c81d1", "26ab0db90d72e28ad0ba1e22ee510510", 2));
    assert_snapshot!(play(&ws, "repro --allow-missing --dry"), @"
    $ repro --allow-missing --dry
    task  decision  because
    a     blocked   dep `in` does not exist
    b     blocked   `a` is blocked
    c     blocked   `b` is blocked
    3 blocked
    exit 7
    ");
}

#[test]
fn a_folder_of_several_outs_is_known_by_what_is_in_it() {
    let of = |more: &str| {
        let ws = stages(&format!(
            "  a:\n    cmd: cp in d/a{more}\n    deps: [in]\n    outs: [d/a]\n  b:\n    cmd: cp in d/b\n    deps: [in]\n    outs: [d/b]\n  \
             c:\n    cmd: cat d/a d/b > c\n    deps: [d]\n    outs: [c]\n"
        ));
        ws.write("in", "1\n");
        ws.write("d/.keep", "");
        if more.is_empty() {
            ws.remove("d/.keep");
        }
        let ws = known_to_dvc(ws, &["d", "c"]);
        play(&ws, "repro --allow-missing --dry")
    };
    assert_snapshot!(of(""), @"
    $ repro --allow-missing --dry
    task  decision  because
    a     fresh
    b     fresh
    c     fresh
    everything is fresh: 3 tasks
    ");
    assert_snapshot!(of(" && true"), @"
    $ repro --allow-missing --dry
    task  decision  because
    a     fresh
    b     fresh
    c     blocked   dep `d` lies in a folder that is missing, and the store has no listing of that fold…
    1 blocked, 2 fresh
    exit 7
    ");
}

#[test]
fn a_file_in_a_folder_of_which_nothing_is_known_is_not_green() {
    let ws = stages(
        "  a:\n    cmd: mkdir d && cp in d/x\n    deps: [in]\n    outs: [d]\n  b:\n    cmd: cp d/x b\n    deps: [d/x]\n    outs: [b]\n",
    );
    ws.write("in", "1\n");
    let ws = known_to_dvc(ws, &["d", "b"]);
    assert_snapshot!(play(&ws, "repro --allow-missing --dry"), @"
    $ repro --allow-missing --dry
    task  decision  because
    a     fresh
    b     blocked   dep `d/x` lies in a folder that is missing, and the store has no listing of that fo…
    1 blocked, 1 fresh
    exit 7
    ");
}

#[test]
fn what_is_here_is_read_while_what_it_was_made_of_is_gone() {
    let ws = row();
    assert_eq!(ws.lockgate("repro -q --write-dvc-lock").code, 0);
    assert_snapshot!(play(&ws, "
        rm .lockgate
        rm pipeline.lock
        rm .dvc/cache/files/md5/b0
        rm in
        rm a
        rm c
        edit dvc.yaml | cat b > c | cat b b > c
        repro --allow-missing
        repro --allow-missing --dry
        cat c
    "), @"
    $ repro --allow-missing
    a fresh, b fresh, c ran
    $ repro --allow-missing --dry
    task  decision  because
    a     fresh
    b     fresh
    c     fresh
    everything is fresh: 3 tasks
    $ cat c
    1
    1
    ");
    assert!(!ws.read("pipeline.lock").contains("\n  b:\n"));
}
