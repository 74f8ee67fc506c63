//! What a user gets wrong.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

#[test]
fn a_folder_without_a_pipeline_is_told_what_to_do() {
    let project = Sandbox::empty();
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    error: there is no `pipeline.yaml` or `dvc.yaml` in `DIR` or in a folder above it
      help: `lockgate init` writes a first `pipeline.yaml`; `--file FILE` names another file
    --- exit 3
    ");
    assert_snapshot!(project.lockgate("logs"), @"
    --- stderr
    error: there is no project in `DIR` or in a folder above it
      help: `lockgate init` writes a first `pipeline.yaml`
    --- exit 3
    ");
    assert_snapshot!(project.lockgate("repro --file nope.yaml"), @"
    --- stderr
    error: the pipeline file `DIR/nope.yaml` does not exist
      help: name a pipeline file inside the project with `--file FILE`
    --- exit 2
    ");
}

#[test]
fn a_target_that_is_not_there_gets_the_one_that_was_meant() {
    let project = Sandbox::example();
    assert_snapshot!(project.lockgate("repro trian"), @"
    --- stderr
    error: no stage, gate or output is called `trian`
      help: did you mean `train`?
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("repro zzz"), @"
    --- stderr
    error: no stage, gate or output is called `zzz`
      help: `lockgate status` lists all of them
    --- exit 2
    ");
}

#[test]
fn mistakes_in_the_pipeline_are_shown_in_their_places() {
    let project = Sandbox::of("stages:\n  load:\n    cmd: cp a b\n    dep: [a]\n");
    assert_snapshot!(project.lockgate("status"), @"
    --- stderr
    error: stage `load` has no key `dep`
       ╭─[pipeline.yaml:4:5]
     3 │     cmd: cp a b
     4 │     dep: [a]
       ·     ─┬─
       ·      ╰── not a key
       ╰────
      help: did you mean `deps`?
    --- exit 3
    ");
}

#[test]
fn mistakes_in_the_arguments_are_usage() {
    let project = Sandbox::example();
    assert_snapshot!(project.lockgate("repor"), @"
    --- stderr
    error: unrecognized subcommand 'repor'

      tip: some similar subcommands exist: 'remove', 'import', 'repro'

    Usage: lockgate [OPTIONS] <COMMAND>

    For more information, try '--help'.
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("repro -j 0"), @"
    --- stderr
    error: invalid value '0' for '--jobs <N>': it is not a whole number from 1

    For more information, try '--help'.
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("repro --pool odds"), @"
    --- stderr
    error: `odds` does not say how many
      help: write it as `--pool NAME=N`, such as `--pool odds_api=2`
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("help repor"), @"
    --- stderr
    error: there is no command `repor`
      help: did you mean `repro`?
    --- exit 2
    ");
}

#[test]
fn a_missing_source_stops_the_run_before_it_starts() {
    let project = Sandbox::example();
    project.remove("in.csv");
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    error: stage `load` depends on `in.csv`, which no stage makes and which does not exist
       ╭─[pipeline.yaml:4:12]
     3 │     cmd: cp in.csv raw.csv
     4 │     deps: [in.csv]
       ·            ───┬──
       ·               ╰── here
     5 │     outs: [raw.csv]
       ╰────
      help: create `in.csv`, or add the stage that makes it
    --- exit 3
    ");
    assert_snapshot!(project.lockgate("repro --dry"), @"
    --- stderr
    error: stage `load` depends on `in.csv`, which no stage makes and which does not exist
       ╭─[pipeline.yaml:4:12]
     3 │     cmd: cp in.csv raw.csv
     4 │     deps: [in.csv]
       ·            ───┬──
       ·               ╰── here
     5 │     outs: [raw.csv]
       ╰────
      help: create `in.csv`, or add the stage that makes it
    --- exit 3
    ");
}

#[test]
fn a_lock_of_a_newer_format_is_left_alone() {
    let project = Sandbox::example();
    project.write("pipeline.lock", "lockgate: 99\n");
    assert_snapshot!(project.lockgate("status"), @"
    --- stderr
    error: `pipeline.lock` is of format 99 and this lockgate reads format 2; the file is left as it is: install the newer lockgate, or delete the file to have every task decided anew
    --- exit 3
    ");
    assert_eq!(project.read("pipeline.lock"), "lockgate: 99\n");
}

#[test]
fn a_pipeline_below_the_root_is_known_by_its_folder() {
    let project = Sandbox::empty();
    project.write(".lockgate/config.toml", "");
    project.write(
        "models/pipeline.yaml",
        "stages:\n  a: {cmd: echo > a, outs: [a]}\n  ok:\n    gate: {data: a, command: test -s a}\n",
    );
    assert_snapshot!(project.lockgate("-C models repro"), @"
    --- stderr
    ✓ models:ok  pass TIME exit status 0
    ✓ models:a   ran TIME
    ✓ done: 2 ran in TIME
    --- exit 0
    ");
    assert_eq!(project.lockgate("--file models/pipeline.yaml gate show models:ok").code, 0);
    assert_eq!(project.lockgate("-C models gate show ok").code, 0);
    assert_snapshot!(project.lockgate("-C nope status"), @"
    --- stderr
    error: there is no folder `DIR/nope`
      help: name another with `-C DIR`
    --- exit 2
    ");
}

#[test]
fn what_is_allowed_and_probably_not_meant_is_told() {
    let ws = Sandbox::of("stages:\n  s:\n    cmd: echo x > a\n    outs: [a: {remote: far}]\n");
    let output = ws.lockgate("repro");
    assert_eq!(output.code, 0, "{output}");
    assert!(output.stderr.contains("warning: pipeline.yaml:4:") && output.stderr.contains("`remote`"), "{output}");
}

#[test]
fn a_name_that_no_file_system_takes_is_refused_where_it_stands() {
    let ws = Sandbox::of(&format!("stages:\n  s:\n    cmd: 'true'\n    outs: [{}]\n", "x".repeat(256)));
    let output = ws.lockgate("repro");
    assert!(output.code == 3 && output.stderr.contains("256 bytes") && output.stderr.contains(":4:"), "{output}");
}

#[test]
fn an_empty_file_is_no_pipeline() {
    let output = Sandbox::of("").lockgate("repro");
    assert!(output.code == 3 && output.stderr.contains("`pipeline.yaml` is empty"), "{output}");
    assert_eq!(Sandbox::of("stages: {}\n").lockgate("repro").code, 0);
}

#[test]
fn an_output_is_suggested_as_it_is_named_from_here() {
    let ws = Sandbox::of("stages:\n  s: {cmd: touch total.txt, outs: [total.txt]}\n");
    ws.write("sub/x", "");
    let output = ws.finish(ws.command("explain total.txt").current_dir(ws.path().join("sub")));
    assert!(output.stderr.contains("did you mean `../total.txt`?"), "{output}");
}

#[test]
fn a_pool_that_no_stage_takes_of_is_told() {
    let project = Sandbox::empty();
    project.write("pipeline.yaml", "stages:\n  get: {cmd: echo 1 > got, outs: [got], resources: {odds_api: 1}}\n");
    assert_snapshot!(project.lockgate("repro --dry --pool odds_api=2"), @"
    task  decision  because
    get   run       it has no entry in the lock
    --- stderr
    1 run
    --- exit 7
    ");
    assert_snapshot!(project.lockgate("repro --dry --pool odds-api=2 --pool gpu=1 --pool cpu=2"), @"
    task  decision  because
    get   run       it has no entry in the lock
    --- stderr
    ! warning: no stage takes anything of the pool `odds-api`
        help: did you mean `odds_api`?
    ! warning: no stage takes anything of the pool `gpu`
        help: a stage takes of it by `resources: {gpu: 1}`
    1 run
    --- exit 7
    ");
}

#[test]
fn a_symlink_that_leads_nowhere_is_named_and_not_to_be_made() {
    let project = Sandbox::of(
        "stages:\n  a: {cmd: cat src > a, deps: [src], outs: [a]}\n  b: {cmd: cat gone > b, deps: [gone], outs: [b]}\n  \
         c: {cmd: cat dir/l/x > c, deps: [dir/l/x], outs: [c]}\n  d: {cmd: cat one > d, deps: [one], outs: [d], wdir: dead}\n",
    );
    project.write("dir/file", "");
    let link = |target: &str, at: &str| std::os::unix::fs::symlink(target, project.path().join(at)).expect("it is new");
    link("src", "src");
    link("nowhere", "gone");
    link("../two", "dir/l");
    link("dir/l", "two");
    link("/nowhere/at/all", "dead");
    let output = project.lockgate("repro");
    assert_eq!(output.code, 3);
    let said = output.stderr.lines().filter(|line| line.starts_with("error") || line.contains("help: "));
    assert_snapshot!(said.collect::<Vec<_>>().join("\n"), @"
    error: stage `a` depends on `src`, which is a symlink to `src` that leads back to itself
      help: have the link lead to the data (`ln -sfn TARGET src`), or put the data in its place
    error: stage `b` depends on `gone`, which is a symlink to `nowhere`, where nothing is
      help: have the link lead to the data (`ln -sfn TARGET gone`), or put the data in its place
    error: stage `c` depends on `dir/l/x`, and `dir/l` on the way is a symlink to `../two` that leads back to itself
      help: have the link lead to the data (`ln -sfn TARGET dir/l`), or put the data in its place
    error: stage `d` depends on `dead/one`, and `dead` on the way is a symlink to `/nowhere/at/all`, where nothing is
      help: have the link lead to the data (`ln -sfn TARGET dead`), or put the data in its place
    ");
}

#[test]
fn a_text_that_is_not_utf_8_is_shown_at_its_first_bad_byte() {
    let project = Sandbox::empty();
    let text = b"stages:\n  a: {cmd: echo caf\xe9 > a, outs: [a]}\n";
    std::fs::write(project.path().join("dvc.yaml"), text).expect("it can be written");
    assert_snapshot!(project.lockgate("repro"), @r"
    --- stderr
    error: `dvc.yaml` is not UTF-8 text
       ╭─[dvc.yaml:2:20]
     1 │ stages:
     2 │   a: {cmd: echo caf\xE9 > a, outs: [a]}
       ·                    ──┬─
       ·                      ╰── here
       ╰────
      help: save it as UTF-8
    --- exit 3
    ");
}
