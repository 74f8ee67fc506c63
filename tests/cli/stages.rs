//! Stages as a list, and changes to the pipeline file: `stage`, `remove`, `root`.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// Runs `lockgate` with one more word, which may have spaces.
fn with(project: &Sandbox, line: &str, word: &str) -> crate::sandbox::Output {
    project.finish(project.command(line).arg(word))
}

#[test]
fn stages_are_listed_with_what_they_make() {
    let project = Sandbox::of(
        "stages:\n  load:\n    desc: Fetches everything\n    cmd: a\n    outs: [raw.csv]\n  train:\n    wdir: models\n    cmd: b\n    deps: [../raw.csv]\n    outs: [model.bin, log.txt]\n    metrics: [scores.json]\n  tell:\n    cmd: c\n    deps: [models/model.bin]\n  hello: {cmd: d}\n  checked:\n    gate: {data: raw.csv, command: test -s raw.csv}\n",
    );
    assert_snapshot!(project.lockgate("stage list"), @"
    load   Fetches everything
    train  Outputs model.bin, log.txt; Reports scores.json
    tell   Depends on models/model.bin
    hello  No outputs or dependencies
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("stage list --name-only"), @"
    load
    train
    tell
    hello
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("stage list -R models --name-only"), @"
    train
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("stage list raw.csv --json"), @r#"
    {
      "v": 1,
      "stages": [
        {
          "name": "load",
          "desc": "Fetches everything",
          "cmd": [
            "a"
          ],
          "wdir": ".",
          "deps": [],
          "params": [],
          "outs": [
            {
              "path": "raw.csv",
              "kind": "out",
              "cache": true,
              "persist": false
            }
          ],
          "frozen": false,
          "always_changed": false
        }
      ]
    }
    --- exit 0
    "#);
    assert_snapshot!(project.lockgate("stage list nope"), @"
    --- stderr
    error: no stage, gate or output is called `nope`
      help: `lockgate status` lists all of them
    --- exit 2
    ");
}

#[test]
fn a_stage_is_added_to_the_pipeline_file() {
    let project = Sandbox::of(
        "# top\nstages:\n  load: # one\n    cmd: cp in.csv raw.csv\n    deps: [in.csv]\n    outs: [raw.csv]\n",
    );
    project.write("in.csv", "a\n");
    project.write("params.yaml", "lr: 0.1\n");
    let line = "stage add -n train -d raw.csv -p lr -o model.txt -M scores.json --always-changed";
    assert_snapshot!(with(&project, line, "wc -l < raw.csv > model.txt; echo 1 > scores.json"), @"
    --- stderr
    added stage `train` to `pipeline.yaml`; `lockgate repro train` runs it
    --- exit 0
    ");
    assert_snapshot!(project.read("pipeline.yaml"), @"
    # top
    stages:
      load: # one
        cmd: cp in.csv raw.csv
        deps: [in.csv]
        outs: [raw.csv]
      train:
        cmd: wc -l < raw.csv > model.txt; echo 1 > scores.json
        deps:
        - raw.csv
        params:
        - lr
        outs:
        - model.txt
        metrics:
        - scores.json:
            cache: false
        always_changed: true
    ");
    assert_snapshot!(project.lockgate("stage add -n train -o other.txt touch other.txt"), @"
    --- stderr
    error: `pipeline.yaml` has a stage `train` already
       ╭─[pipeline.yaml:7:3]
     6 │     outs: [raw.csv]
     7 │   train:
       ·   ──┬──
       ·     ╰── here
     8 │     cmd: wc -l < raw.csv > model.txt; echo 1 > scores.json
       ╰────
      help: choose another name with `-n`, or replace it with `--force`
    --- exit 3
    ");
    assert_snapshot!(project.lockgate("stage add -n train -f --run -o other.txt touch other.txt"), @"
    --- stderr
    added stage `train` to `pipeline.yaml`
    ✓ train     ran TIME
    ✓ done: 1 ran in TIME
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("stage add -n second -o raw.csv touch raw.csv"), @"
    --- stderr
    error: stages `load` and `second` both make `raw.csv`
       ╭─[pipeline.yaml:6:12]
     5 │     deps: [in.csv]
     6 │     outs: [raw.csv]
       ·            ───┬───
       ·               ╰── made by `load`
     7 │   train:
       ╰────
        ╭─[pipeline.yaml:14:7]
     13 │     outs:
     14 │     - raw.csv
        ·       ───┬───
        ·          ╰── made by `second`
        ╰────
      help: let each stage make a file of its own
    --- exit 3
    ");
    assert_snapshot!(project.lockgate("stage add -n a@b -o x touch x"), @"
    --- stderr
    error: `a@b` cannot be the name of a stage: it has a `@`
      help: use letters, digits, `-` and `_`; such characters mean members, files and patterns in targets
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("stage add -n c -p : -o x touch x"), @"
    --- stderr
    error: `:` names no parameter
      help: write `-p KEY,KEY`, `-p FILE:KEY`, or `-p FILE:` for all of a file
    --- exit 2
    ");
    assert_snapshot!(project.read("pipeline.yaml"), @"
    # top
    stages:
      load: # one
        cmd: cp in.csv raw.csv
        deps: [in.csv]
        outs: [raw.csv]
      train:
        cmd: touch other.txt
        outs:
        - other.txt
    ");
}

#[test]
fn the_first_stage_makes_the_file() {
    let project = Sandbox::empty();
    let mut command = project.command("stage add -n hello -o hello.txt cp --");
    assert_snapshot!(project.finish(command.args(["a b.txt", "hello.txt"])), @"
    --- stderr
    added stage `hello` to `pipeline.yaml`; `lockgate repro hello` runs it
    --- exit 0
    ");
    assert_snapshot!(project.read("pipeline.yaml"), @r#"
    stages:
      hello:
        cmd: cp -- "a b.txt" hello.txt
        outs:
        - hello.txt
    "#);
    project.write("sub/x", "");
    assert_snapshot!(project.lockgate("-C sub stage add -n other -o y touch y"), @"
    --- stderr
    error: the pipeline file is `../pipeline.yaml`, and the paths of a stage are meant from its folder
      help: add the stage there: `lockgate -C .. stage add …`
    --- exit 2
    ");
    let dvc = Sandbox::empty();
    dvc.write("dvc.yaml", "stages: {}\n");
    dvc.write("sub/x", "");
    assert_snapshot!(dvc.lockgate("-C sub stage add -n other -o y touch y"), @"
    --- stderr
    added stage `other` to `sub/dvc.yaml`; `lockgate repro other` runs it
    --- exit 0
    ");
    assert_snapshot!(dvc.read("sub/dvc.yaml"), @r#"
    stages:
      other:
        cmd: touch y
        outs:
        - "y"
    "#);
}

#[test]
fn a_stage_is_removed_with_its_entry_in_the_lock() {
    let project = Sandbox::example();
    project.lockgate("repro");
    assert_snapshot!(project.lockgate("remove train --outs"), @"
    --- stderr
    removed stage `train` from `pipeline.yaml`
    --- exit 0
    ");
    assert!(!project.exists("model.txt"));
    assert_snapshot!(project.read("pipeline.yaml"), @"
    stages:
      load:
        cmd: cp in.csv raw.csv
        deps: [in.csv]
        outs: [raw.csv]
      not_empty:
        gate:
          data: raw.csv
          command: test -s raw.csv || { echo raw.csv is empty; exit 1; }
    ");
    assert!(!project.read("pipeline.lock").contains("train"));
    assert_snapshot!(project.lockgate("status"), @"
    task       decision  because
    load       fresh
    not_empty  fresh
    --- stderr
    everything is fresh: 2 tasks
    --- exit 0
    ");
    let before = project.read("pipeline.yaml");
    project.write("pipeline.yaml", &format!("{before}  last:\n    cmd: touch x\n    needs: [load]\n    outs: [x]\n"));
    assert_snapshot!(project.lockgate("remove load"), @"
    --- stderr
    error: stage `last` needs `load`, which is no stage or gate
       ╭─[pipeline.yaml:8:13]
     7 │     cmd: touch x
     8 │     needs: [load]
       ·             ──┬─
       ·               ╰── here
     9 │     outs: [x]
       ╰────
      help: name a stage or gate of this file; files go under `deps`
    --- exit 3
    ");
    project.write("pipeline.yaml", &before);
    assert_snapshot!(project.lockgate("remove load"), @"
    --- stderr
    removed stage `load` from `pipeline.yaml`
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("remove not_empty"), @"
    --- stderr
    error: `not_empty` is a gate, and a gate cannot be removed by a command
      help: take its lines out of the pipeline file, so that a review sees what is not judged any more
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("remove nope"), @"
    --- stderr
    error: no stage, gate or output is called `nope`
      help: `lockgate status` lists all of them
    --- exit 2
    ");
    assert!(project.exists("raw.csv"));
}

#[test]
fn the_way_to_the_root_is_printed() {
    let project = Sandbox::example();
    project.write("a/b/c", "");
    assert_snapshot!(project.lockgate("root"), @"
    .
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("-C a/b root"), @"
    ../..
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("-C a/b root --absolute"), @"
    DIR
    --- exit 0
    ");
    assert_eq!(Sandbox::empty().lockgate("root").code, 3);
}

#[test]
fn unknown_names_are_not_frozen() {
    let project = Sandbox::of("stages:\n  train:\n    cmd: x\n");
    for target in ["nope", "train@a", "../x", "a:b", ".", ""] {
        assert_ne!(with(&project, "freeze", target).code, 0, "{target:?}");
    }
    assert_eq!(project.read("pipeline.yaml"), "stages:\n  train:\n    cmd: x\n");
}

#[test]
fn a_stage_that_must_be_written_by_hand_is_shown_on_one_line() {
    let project = Sandbox::of("stages: {a: {cmd: x}}\n");
    assert_snapshot!(with(&project, "stage add -n b -p a,b -d in -o out touch", "an out").stderr, @r#"
    error: stage `b` cannot be added without changing more of the file
       ╭─[pipeline.yaml:1:9]
     1 │ stages: {a: {cmd: x}}
       ·         ┬
       ·         ╰── here
       ╰────
      help: write it there by hand: `b: {"cmd":"touch \"an out\"","deps":["in"],"outs":
            ["out"],"params":["a","b"]}`
    "#);
}

#[test]
fn parameters_are_what_a_stage_without_deps_depends_on() {
    let project = Sandbox::of("stages:\n  a:\n    cmd: x\n    params: [lr, p.json: [x]]\n");
    project.write("params.yaml", "lr: 1\n");
    project.write("p.json", "{\"x\": 1}\n");
    assert_snapshot!(project.lockgate("stage list").stdout, @"a  Depends on p.json, params.yaml");
}

#[test]
fn targets_may_be_absolute() {
    let project = Sandbox::of("stages:\n  a:\n    cmd: echo 1 > sub/o\n    outs: [sub/o]\n");
    project.write("sub/x", "");
    let root = project.path().canonicalize().expect("it exists").display().to_string();
    for target in ["pipeline.yaml:a", "pipeline.yaml", "sub/o", "sub"] {
        assert_eq!(with(&project, "-C sub status -q", &format!("{root}/{target}")).code, 7, "{target}");
    }
    assert_eq!(with(&project, "status", "/sub/o").code, 2);
}
