//! repro-missing. What DVC pulls from a remote has no counterpart: there are no remotes yet.

use insta::assert_snapshot;

use crate::script::{play, row};

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
