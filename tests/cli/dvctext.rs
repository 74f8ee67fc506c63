//! What DVC sees of our runs in corners that the differential test (`cargo xtask dvc-diff`) has found.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

fn project(pipeline: &str) -> Sandbox {
    let project = Sandbox::empty();
    project.write(".dvc/config", "");
    project.write("dvc.yaml", pipeline);
    project.write("in.txt", "one\n");
    project
}

/// The lines of a lock that name stages and paths.
fn names(lock: &str) -> String {
    let is_name = |line: &&str| line.contains("path:") || (line.starts_with("  ") && !line.starts_with("   "));
    lock.lines().filter(is_name).flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn commands_know_their_stage_by_the_name_dvc_has_for_it() {
    let project = project(
        "stages:\n  a:\n    foreach: [x]\n    do:\n      cmd: echo $DVC_STAGE > ${item}\n      outs: ['${item}']\n",
    );
    project.write("sub/dvc.yaml", "stages:\n  b:\n    cmd: echo $DVC_STAGE > b\n    outs: [b]\n");
    project.lockgate("repro -P");
    assert_eq!(project.read("x"), "a@x\n");
    assert_eq!(project.read("sub/b"), "sub/dvc.yaml:b\n");
}

#[test]
fn new_entries_of_dvc_lock_stand_in_the_order_in_which_dvc_runs() {
    let project = project(
        "\
stages:
  last: {cmd: cat b a > last, deps: [b, a], outs: [last]}
  a: {cmd: cp in.txt a, deps: [in.txt], outs: [a]}
  free: {cmd: cp in.txt free, deps: [in.txt], outs: [free]}
  b: {cmd: cp in.txt b, deps: [in.txt], outs: [b]}
",
    );
    project.lockgate("repro --write-dvc-lock");
    assert_snapshot!(names(&project.read("dvc.lock")), @"
    b:
      - path: in.txt
      - path: b
    a:
      - path: in.txt
      - path: a
    last:
      - path: a
      - path: b
      - path: last
    free:
      - path: in.txt
      - path: free
    ");
}

#[test]
fn paths_of_members_are_spelled_in_dvc_lock_as_in_the_template() {
    let project = project(
        "\
stages:
  a:
    foreach: [x, y]
    do:
      cmd: mkdir -p build && cat ../in.txt > o-${item} && cp o-${item} ${item}.csv
      wdir: build
      deps: ['./../in.txt', '../raw/${item}.csv']
      outs: ['./o-${item}', '${item}.csv', '../build/z-${item}-${item}']
",
    );
    project.write("raw/x.csv", "x\n");
    project.write("raw/y.csv", "y\n");
    project.write("build/keep", "");
    project.write(
        "dvc.yaml",
        &project.read("dvc.yaml").replace("${item}.csv\n", "${item}.csv && touch z-${item}-${item}\n"),
    );
    project.lockgate("repro --write-dvc-lock");
    assert_snapshot!(names(&project.read("dvc.lock")), @"
    a@x:
      - path: ../raw/x.csv
      - path: ./../in.txt
      - path: ../build/z-x-x
      - path: ./o-x
      - path: x.csv
    a@y:
      - path: ../raw/y.csv
      - path: ./../in.txt
      - path: ../build/z-y-y
      - path: ./o-y
      - path: y.csv
    ");
}

#[test]
fn the_entry_of_a_frozen_stage_stays_what_it_was_made_of() {
    let project = project("stages:\n  a:\n    cmd: cp in.txt a\n    deps: [in.txt]\n    outs: [a]\n");
    project.write("params.yaml", "lr: 1\n");
    project.lockgate("repro --write-dvc-lock");
    let lock = project.read("dvc.lock");
    let frozen =
        "stages:\n  a:\n    cmd: cp in.txt  a\n    deps: [in.txt]\n    params: [lr]\n    outs: [a]\n    frozen: true\n";
    project.write("dvc.yaml", frozen);
    project.write("in.txt", "two\n");
    assert_snapshot!(project.lockgate("repro --write-dvc-lock"), @"
    --- stderr
    · a         fresh
    ✓ everything is fresh: 1 task in TIME
    --- exit 0
    ");
    assert_eq!(project.read("dvc.lock"), lock);
}

#[test]
fn the_stages_of_a_folder_are_told_before_those_of_the_folders_in_it() {
    let project = project("stages: {a: {cmd: 'true'}}\n");
    for folder in ["b/c", "b-d", "b"] {
        project.write(&format!("{folder}/dvc.yaml"), "stages: {a: {cmd: 'true'}}\n");
    }
    assert_snapshot!(project.lockgate("stage list --all --name-only"), @"
    a
    b:a
    b/c:a
    b-d:a
    --- exit 0
    ");
}

#[test]
fn nested_parameters_stand_in_dvc_lock_in_the_order_of_their_file() {
    let project = project("stages:\n  a:\n    cmd: touch a\n    params: [opts, list]\n    outs: [a]\n");
    project.write("params.yaml", "opts: {rate: 0.1, mode: 010, deep: {z: 0x1F, y: ~}}\nlist: [{b: .5, a: 1}]\n");
    project.lockgate("repro --write-dvc-lock");
    let lock = project.read("dvc.lock");
    let (_, params) = lock.split_once("params.yaml:\n").expect("it has parameters");
    let (params, _) = params.split_once("    outs:").expect("outs come after them");
    assert_snapshot!(params, @"
    list:
    - b: 0.5
      a: 1
    opts:
      rate: 0.1
      mode: 10
      deep:
        z: 31
        y:
    ");
}
