//! A project of DVC with several files: one graph, named from where the user stands.

use crate::sandbox::Sandbox;

/// A file at the root, one that reads its output, one that reads tracked data; what is ignored would be an error.
fn project() -> Sandbox {
    let ws = Sandbox::empty();
    ws.write(".dvc/config", "");
    ws.write("dvc.yaml", "stages:\n  clean: {cmd: cp in.csv clean.csv, deps: [in.csv], outs: [clean.csv]}\n");
    ws.write("in.csv", "1\n");
    ws.write(
        "models/dvc.yaml",
        "stages:\n  train: {cmd: 'wc -l < ../clean.csv > model', deps: [../clean.csv], params: [lr], outs: [model]}\n  \
         clean: {cmd: cp model best, deps: [model], outs: [best]}\n",
    );
    ws.write("models/params.yaml", "lr: 1\n");
    ws.write(
        "other/dvc.yaml",
        "stages:\n  look: {cmd: cp ../data/big.csv seen, deps: [../data/big.csv], outs: [seen]}\n",
    );
    ws.write(
        "data/big.csv.dvc",
        "outs:\n- md5: 26ab0db90d72e28ad0ba1e22ee510510\n  size: 2\n  hash: md5\n  path: big.csv\n",
    );
    ws.write("data/big.csv", "2\n");
    ws.write(".dvcignore", "/scratch/\n");
    ws.write("scratch/dvc.yaml", "not: [a pipeline\n");
    ws.write("nested/.dvc/config", "");
    ws.write("nested/dvc.yaml", "of: another project\n");
    ws
}

#[test]
fn the_files_of_a_project_are_one_graph() {
    let ws = project();
    insta::assert_snapshot!(ws.lockgate("status"), @"
    task          decision  because
    clean         run       it has no entry in the lock
    models:train  may run   `clean` will run first
    models:clean  may run   `models:train` will run first
    other:look    run       it has no entry in the lock
    --- stderr
    2 run, 2 may run
    --- exit 0
    ");
    insta::assert_snapshot!(ws.lockgate("repro -P -j 1"), @"
    --- stderr
    ✓ clean         ran TIME
    ✓ other:look    ran TIME
    ✓ models:train  ran TIME
    ✓ models:clean  ran TIME
    ✓ done: 4 ran in TIME
    --- exit 0
    ");
    insta::assert_snapshot!(ws.lockgate("repro -j 1 -P -q"), @"--- exit 0");
    ws.write("in.csv", "1\n2\n");
    insta::assert_snapshot!(ws.lockgate("explain models:train"), @"
    models:train  may run: that is known after `clean`

    the key of its last success, ce63ee02ef, covers
      kind of work                        stage
      command                             `wc -l < ../clean.csv > model`
      working folder                      `models`
      dep `clean.csv`                     file 50cc1102b1
      param `lr` of `models/params.yaml`  1
      out `models/model`                  out
    --- exit 0
    ");
    // Taken from the lock alone, every task is known.
    std::fs::remove_dir_all(ws.path().join(".lockgate")).unwrap();
    ws.write("in.csv", "1\n");
    insta::assert_snapshot!(ws.lockgate("status"), @"
    task          decision  because
    clean         fresh
    models:train  fresh
    models:clean  fresh
    other:look    fresh
    --- stderr
    everything is fresh: 4 tasks
    --- exit 0
    ");
    insta::assert_snapshot!(ws.read("pipeline.lock").lines().filter(|line| line.starts_with("  ") && !line.starts_with("   ")).collect::<Vec<_>>().join("\n"), @"
    clean:
    models:clean:
    models:train:
    other:look:
    ");
}

#[test]
fn a_run_without_targets_is_about_the_file_where_it_starts() {
    let ws = project();
    insta::assert_snapshot!(ws.lockgate("repro -j 1"), @"
    --- stderr
    ✓ clean     ran TIME
    ✓ done: 1 ran in TIME
    --- exit 0
    ");
    insta::assert_snapshot!(ws.lockgate("-C models repro -j 1"), @"
    --- stderr
    · clean         fresh
    ✓ models:train  ran TIME
    ✓ models:clean  ran TIME
    ✓ done: 2 ran, 1 fresh in TIME
    --- exit 0
    ");
    insta::assert_snapshot!(ws.lockgate("-C data repro -j 1"), @"
    --- stderr
    · clean     fresh
    ✓ everything is fresh: 1 task in TIME
    --- exit 0
    ");
}

#[test]
fn targets_are_meant_from_where_the_user_stands() {
    let ws = project();
    let meant = |line: &str| {
        let output = ws.lockgate(line);
        let names = output.stdout.lines().filter_map(|line| line.split_whitespace().nth(1)).collect::<Vec<_>>();
        format!(
            "{line}: {}{}",
            names.join(" "),
            output.stderr.lines().next().filter(|_| output.code != 7).unwrap_or("")
        )
    };
    let lines = [
        "repro --dry -s clean",
        "repro --dry -s :clean",
        "-C models repro --dry -s clean",
        "-C models repro --dry -s ../dvc.yaml:clean",
        "repro --dry -s models:clean",
        "repro --dry -s models/dvc.yaml:train",
        "repro --dry -s models/dvc.yaml",
        "-C models repro --dry -s model",
        "repro --dry -s train",
        "repro --dry -s data/big.csv.dvc",
        "repro --dry -s models",
        "repro --dry -s modle",
        "repro --dry -s other/dvc.yaml:clean",
    ];
    insta::assert_snapshot!(lines.map(meant).join("\n"), @"
    repro --dry -s clean: decision run
    repro --dry -s :clean: decision run
    -C models repro --dry -s clean: decision blocked
    -C models repro --dry -s ../dvc.yaml:clean: decision run
    repro --dry -s models:clean: decision blocked
    repro --dry -s models/dvc.yaml:train: decision blocked
    repro --dry -s models/dvc.yaml: decision blocked blocked
    -C models repro --dry -s model: decision blocked
    repro --dry -s train: decision blocked
    repro --dry -s data/big.csv.dvc: decision freshthe data is in place
    repro --dry -s models: decision blocked blocked
    repro --dry -s modle: error: no stage, gate or output is called `modle`
    repro --dry -s other/dvc.yaml:clean: error: no stage, gate or output is called `other/dvc.yaml:clean`
    ");
}

#[test]
fn mistakes_between_files_name_both_places() {
    let ws = project();
    ws.write("other/dvc.yaml", "stages:\n  look: {cmd: x, deps: [../models/best], outs: [../clean.csv]}\n");
    insta::assert_snapshot!(ws.lockgate("status"), @"
    --- stderr
    error: stages `clean` and `other:look` both make `clean.csv`
       ╭─[other/dvc.yaml:2:49]
     1 │ stages:
     2 │   look: {cmd: x, deps: [../models/best], outs: [../clean.csv]}
       ·                                                 ──────┬─────
       ·                                                       ╰── made by `other:look`
       ╰────
      and dvc.yaml:2:60  made by `clean`
      help: let each stage make a file of its own
    --- exit 3
    ");
    ws.write("other/dvc.yaml", "stages:\n  look: {cmd: x, deps: [../models/best], outs: [../in.csv]}\n");
    insta::assert_snapshot!(ws.lockgate("status"), @"
    --- stderr
    error: a cycle, in which each waits for the next: `clean` → `other:look` → `models:clean` → `models:train` → `clean`
       ╭─[dvc.yaml:2:44]
     1 │ stages:
     2 │   clean: {cmd: cp in.csv clean.csv, deps: [in.csv], outs: [clean.csv]}
       ·                                            ───┬──
       ·                                               ╰── `clean` reads what `other:look` makes
       ╰────
      and other/dvc.yaml:2:25  `other:look` reads what `models:clean` makes
      and models/dvc.yaml:3:38  `models:clean` reads what `models:train` makes
      and models/dvc.yaml:2:55  `models:train` reads what `clean` makes
      help: remove one of these, or split a stage so that each part waits for less
    --- exit 3
    ");
    ws.write("other/dvc.yaml", "stages:\n  look: {cmd: cp ../data/big.csv s, deps: [../data/big.csv], outs: [s]}\n");
    ws.remove("data/big.csv");
    insta::assert_snapshot!(ws.lockgate("-C other repro -j 1"), @"
    --- stderr
    error: stage `look` depends on `data/big.csv`, which no stage makes and which does not exist
       ╭─[other/dvc.yaml:2:44]
     1 │ stages:
     2 │   look: {cmd: cp ../data/big.csv s, deps: [../data/big.csv], outs: [s]}
       ·                                            ───────┬───────
       ·                                                   ╰── here
       ╰────
      help: `data/big.csv.dvc` tracks it, and DVC's cache does not have it: `dvc pull data/
            big.csv.dvc` brings it
    --- exit 3
    ");
}

#[test]
fn a_project_may_have_its_files_only_below() {
    let ws = project();
    ws.remove("dvc.yaml");
    ws.write("clean.csv", "1\n");
    insta::assert_snapshot!(ws.lockgate("repro -j 1"), @"
    --- stderr
    ✓ models:train  ran TIME
    ✓ other:look    ran TIME
    ✓ models:clean  ran TIME
    ✓ done: 3 ran in TIME
    --- exit 0
    ");
    ws.remove("models/dvc.yaml");
    ws.remove("other/dvc.yaml");
    insta::assert_snapshot!(ws.lockgate("repro -j 1"), @"
    --- stderr
    error: there is no `pipeline.yaml` or `dvc.yaml` in `DIR` or in a folder above it
      help: `lockgate init` writes a first `pipeline.yaml`; `--file FILE` names another file
    --- exit 3
    ");
}

#[test]
fn what_dvcignore_names_is_no_part_of_a_folder() {
    let ws = Sandbox::empty();
    ws.write(".dvc/config", "");
    ws.write("dvc.yaml", "stages:\n  s: {cmd: ls in > out, deps: [in], outs: [out]}\n");
    ws.write(".dvcignore", "*.tmp\n!keep.tmp\n/in/cache/\n");
    ws.write("in/a", "a");
    assert_eq!(ws.lockgate("repro").code, 0);
    let is_fresh = |path: &str| {
        ws.write(path, "new");
        ws.lockgate("status --check").code == 0
    };
    assert!(is_fresh("in/x.tmp") && is_fresh("in/deep/y.tmp") && is_fresh("in/cache/z"));
    assert!(!is_fresh("in/keep.tmp"));
    assert_eq!(ws.lockgate("repro").code, 0);
    // An ignore file that is edited changes what the folder is.
    ws.write(".dvcignore", "*.tmp\n!keep.tmp\n");
    assert_eq!(ws.lockgate("status --check").code, 7);
}

#[test]
fn what_git_ignores_declares_nothing() {
    let ws = project();
    ws.git("init -q");
    ws.write(".gitignore", "/build/\n/clean.csv\n");
    ws.write("build/dvc.yaml", "not: [a pipeline\n");
    let output = ws.lockgate("status");
    assert_eq!(output.code, 0, "{output}");
    let output = ws.lockgate("-C build status");
    assert!(
        output.code == 3 && output.stderr.contains("build/dvc.yaml"),
        "the file that is asked for is read\n{output}"
    );
}

#[test]
fn a_dvc_yaml_that_is_not_read_since_a_pipeline_yaml_stands_beside_it_is_named() {
    let ws = project();
    ws.write("models/pipeline.yaml", "stages:\n  mine: {cmd: echo 1 > mine, outs: [mine]}\n");
    insta::assert_snapshot!(ws.lockgate("-C models status"), @"
    task         decision  because
    models:mine  run       it has no entry in the lock
    --- stderr
    ! warning: `models/dvc.yaml` is not read: there is a `pipeline.yaml` beside it, which is a pipeline by itself
        help: name the one that is meant: `--file PATH`
    1 run
    --- exit 0
    ");
    insta::assert_snapshot!(ws.lockgate("-C models --file pipeline.yaml status"), @"
    task         decision  because
    models:mine  run       it has no entry in the lock
    --- stderr
    1 run
    --- exit 0
    ");
}

#[test]
fn settings_of_dvc_that_cannot_be_read_are_an_error_with_its_place() {
    let ws = project();
    ws.write(".dvc/config", "[core]\n    autostage true\n");
    insta::assert_snapshot!(ws.lockgate("status"), @"
    --- stderr
    error: `autostage true` is neither a section nor a setting
       ╭─[.dvc/config:2:5]
     1 │ [core]
     2 │     autostage true
       ·     ───────┬──────
       ·            ╰── here
       ╰────
      help: write `[section]` or `key = value`, remarks after `#`; DVC reads nothing of a file with
            such a line
    --- exit 3
    ");
}
