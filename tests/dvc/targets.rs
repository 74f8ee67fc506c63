//! targets: groups, patterns, files, outputs; and names that no stage may have.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;
use crate::script::{play, project};

fn groups() -> Sandbox {
    let ws = project(&[
        (
            "dvc.yaml",
            "stages:\n  \
            train: {foreach: [a, b], do: {cmd: 'touch ${item}', outs: ['${item}']}}\n  \
            matrix: {matrix: {x: [1, 2]}, cmd: 'touch m${item.x}', outs: ['m${item.x}']}\n  \
            all: {cmd: cat a b > all, deps: [a, b], outs: [all]}\n",
        ),
        (
            "sub/dvc.yaml",
            "stages:\n  all: {cmd: touch x, outs: [x]}\n  x: {cmd: touch y, outs: [y]}\n  d: {cmd: mkdir dir && touch dir/z, outs: [dir]}\n",
        ),
    ]);
    ws.write("sub/dir2/readme", "");
    ws
}

#[test]
fn groups_patterns_and_files_name_the_same_stages() {
    let ws = groups();
    assert_snapshot!(play(&ws, "
        stage list --name-only
        stage list --name-only --all
        stage list --name-only train
        stage list --name-only train@a matrix
        stage list --name-only dvc.yaml
        stage list --name-only sub/dvc.yaml
        stage list --name-only -R sub
        stage list --name-only :all
        stage list --name-only sub/dvc.yaml:all
        stage list --name-only nowhere
    "), @"
    $ stage list --name-only
    train@a
    train@b
    matrix@1
    matrix@2
    all
    $ stage list --name-only --all
    train@a
    train@b
    matrix@1
    matrix@2
    all
    sub:all
    sub:x
    sub:d
    $ stage list --name-only train
    train@a
    train@b
    $ stage list --name-only train@a matrix
    train@a
    matrix@1
    matrix@2
    $ stage list --name-only dvc.yaml
    train@a
    train@b
    matrix@1
    matrix@2
    all
    $ stage list --name-only sub/dvc.yaml
    sub:all
    sub:x
    sub:d
    $ stage list --name-only -R sub
    sub:all
    sub:x
    sub:d
    $ stage list --name-only :all
    all
    $ stage list --name-only sub/dvc.yaml:all
    sub:all
    $ stage list --name-only nowhere
    error: no stage, gate or output is called `nowhere`
      help: `lockgate status` lists all of them
    exit 2
    ");
}

#[test]
fn patterns_are_about_names() {
    assert_snapshot!(play(&groups(), "
        repro --dry --glob train@*
        repro --dry --glob -s a*
        repro --dry --glob *x-*
        repro --dry -R --glob sub train*
    "), @"
    $ repro --dry --glob train@*
    task     decision  because
    train@a  run       it has no entry in the lock
    train@b  run       it has no entry in the lock
    2 run
    exit 7
    $ repro --dry --glob -s a*
    task  decision  because
    all   blocked   dep `a` does not exist  +1 more
    1 blocked
    exit 7
    $ repro --dry --glob *x-*
    error: no stage, gate or output is called `*x-*`
      help: `lockgate status` lists all of them
    exit 2
    $ repro --dry -R --glob sub train*
    task     decision  because
    train@a  run       it has no entry in the lock
    train@b  run       it has no entry in the lock
    sub:all  run       it has no entry in the lock
    sub:x    run       it has no entry in the lock
    sub:d    run       it has no entry in the lock
    5 run
    exit 7
    ");
}

#[test]
fn a_target_is_meant_from_the_folder_where_it_is_said() {
    assert_snapshot!(play(&groups(), "
        -C sub repro --dry -s all
        -C sub repro --dry -s :all
        -C sub repro --dry -s ../dvc.yaml:all
        -C sub repro --dry -s ../all
        repro --dry -s sub/y
    "), @"
    $ -C sub repro --dry -s all
    task     decision  because
    sub:all  run       it has no entry in the lock
    1 run
    exit 7
    $ -C sub repro --dry -s :all
    task     decision  because
    sub:all  run       it has no entry in the lock
    1 run
    exit 7
    $ -C sub repro --dry -s ../dvc.yaml:all
    task  decision  because
    all   blocked   dep `a` does not exist  +1 more
    1 blocked
    exit 7
    $ -C sub repro --dry -s ../all
    task  decision  because
    all   blocked   dep `a` does not exist  +1 more
    1 blocked
    exit 7
    $ repro --dry -s sub/y
    task   decision  because
    sub:x  run       it has no entry in the lock
    1 run
    exit 7
    ");
}

#[test]
fn a_name_comes_before_an_output_and_a_folder_is_no_stage() {
    assert_snapshot!(play(&groups(), "
        -C sub repro --dry -s x
        -C sub repro --dry -s dir
        -C sub repro --dry -s dir2
        repro --dry -s -R sub
    "), @"
    $ -C sub repro --dry -s x
    task   decision  because
    sub:x  run       it has no entry in the lock
    1 run
    exit 7
    $ -C sub repro --dry -s dir
    task   decision  because
    sub:d  run       it has no entry in the lock
    1 run
    exit 7
    $ -C sub repro --dry -s dir2
    error: no stage, gate or output is called `dir2`
      help: did you mean `dir`?
    exit 2
    $ repro --dry -s -R sub
    task     decision  because
    sub:all  run       it has no entry in the lock
    sub:x    run       it has no entry in the lock
    sub:d    run       it has no entry in the lock
    3 run
    exit 7
    ");
}

#[test]
fn names_that_mean_something_else_are_refused() {
    let ws = project(&[]);
    let refused = |c: char| {
        let output = ws.finish(ws.command("stage add -o o -n").arg(format!("copy_{c}name")).arg("touch o"));
        format!("{c} {}", output.code)
    };
    assert_snapshot!("@:#$:/\\.;,".chars().map(refused).collect::<Vec<_>>().join(", "), @r"@ 2, : 2, # 2, $ 2, : 2, / 2, \ 2, . 2, ; 2, , 2");
}
