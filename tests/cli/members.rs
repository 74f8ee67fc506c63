//! Groups of stages and gates as a user meets them, and what a `dvc.yaml` may say.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const GROUPS: &str = "stages:
  make:
    foreach: {a: 1, b/c: 2, 'x [y]:z': 3}
    do: {cmd: 'echo ${item} > ${item}.csv', outs: ['${item}.csv']}
  judge:
    matrix: {of: [1, 2], how: [{min: 0}, {min: 1}]}
    gate: {data: '${item.of}.csv', command: 'test ${item.of} -gt ${item.how.min}'}
  all: {cmd: cat 1.csv 3.csv > all, deps: [1.csv, 3.csv], outs: [all]}
";

#[test]
fn members_are_targets_and_have_a_place_in_the_lock() {
    let project = Sandbox::of(GROUPS);
    assert_snapshot!(project.lockgate("repro make@b/c -j 1"), @"
    --- stderr
    ✓ judge@2-how0  pass TIME exit status 0
    ✓ judge@2-how1  pass TIME exit status 0
    ✓ make@b/c      ran TIME
    ✓ done: 3 ran in TIME
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro make -j 1"), @r#"
    --- stderr
    · judge@2-how0  fresh               pass
    · judge@2-how1  fresh               pass
    · make@b/c      fresh
    ✓ make@x [y]:z  ran TIME
    ✓ judge@1-how0  pass TIME exit status 0
    ✗ judge@1-how1  fail TIME exit status 1
    ✗ make@a        refused             by `judge@1-how1`; kept in .lockgate/quarantine/make@a

    ✗ gate judge@1-how1  FAIL  1.csv  (file 50cc1102b1) TIME

      test 1 -gt 1  exit status 1

      next      fix the data and run again:  lockgate repro
                see all of its output:       lockgate logs judge@1-how1
                accept it on purpose:        lockgate gate accept judge@1-how1 --rule "verdict" --reason "…" --until DAY

    ✗ a gate stopped the line: 1 refused, 2 ran, 3 fresh in TIME
    --- exit 4
    "#);
    assert_snapshot!(project.lockgate("status"), @"
    task          decision  because
    make@a        restore   from quarantine, to be judged again: it has no entry in the lock
    make@b/c      fresh
    make@x [y]:z  fresh
    judge@1-how0  fresh
    judge@1-how1  refused   fail: exit status 1
    judge@2-how0  fresh
    judge@2-how1  fresh
    all           blocked   gate `judge@1-how1` does not pass
    --- stderr
    1 restore, 1 refused, 1 blocked, 5 fresh
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("dag"), @"
    make@a
    ├── judge@1-how0 (gate)
    │   └── all (below)
    └── judge@1-how1 (gate)
        └── all
    make@b/c
    ├── judge@2-how0 (gate)
    └── judge@2-how1 (gate)
    make@x [y]:z
    └── all (above)
    --- exit 0
    ");
    project.lockgate("repro");
    let names: Vec<String> =
        project.read("pipeline.lock").lines().filter(|line| line.contains('@')).map(ToOwned::to_owned).collect();
    assert_snapshot!(names.join("\n"), @r"
    judge@2-how0:
    judge@2-how1:
    make@b/c:
    make@x \[y]\:z:
    judge@1-how0:
    judge@1-how1:
    judge@2-how0:
    judge@2-how1:
    ");
    assert_snapshot!(project.finish(project.command("status").arg("make@x [y]:z")), @"
    task          decision  because
    make@x [y]:z  fresh
    --- stderr
    everything is fresh: 1 task
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro -j 1 make@d"), @"
    --- stderr
    error: no stage, gate or output is called `make@d`
      help: did you mean `make@a`?
    --- exit 2
    ");
}

#[test]
fn a_script_ends_at_the_first_line_that_fails() {
    let cmd = "    cmd: |\n      x=1\n      if [ $x = 1 ]; then\n        echo one > out\n      fi\n      false\n      echo two > out\n";
    let project = Sandbox::of(&format!("stages:\n  s:\n{cmd}    outs: [out]\n"));
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ✗ s         failed TIME failed with exit status 1

    ✗ stage s  FAILED  failed with exit status 1  after TIME
      log       .lockgate/runs/RUN/s.log
      outputs   none: there were none before
      next      `lockgate logs s` shows all of its output; then `lockgate repro`

    ✗ failed: 1 failed in TIME
    --- exit 1
    ");
    let project = Sandbox::empty();
    project.write("dvc.yaml", &format!("stages:\n  s:\n{}    outs: [out]\n", cmd.replace("      false\n", "")));
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ✓ s         ran TIME
    ✓ done: 1 ran in TIME
    --- exit 0
    ");
    assert_eq!(project.read("out"), "two\n");
}

#[test]
fn a_setting_of_dvc_makes_options_until_ours_says_otherwise() {
    let project = Sandbox::empty();
    project.write(
        "dvc.yaml",
        "vars: [{o: {on: false, of: [a, b]}}]\nstages: {s: {cmd: 'echo ${o} > out', outs: [out]}}\n",
    );
    let out = || {
        project.lockgate("repro");
        project.read("out")
    };
    assert_eq!(out(), "--of a b\n");
    project.write(
        ".dvc/config",
        "[core]\n    autostage = true\n[parsing]\n    bool = boolean_optional\n    list = append\n",
    );
    assert_eq!(out(), "--no-on --of a --of b\n");
    assert_eq!(out(), "--no-on --of a --of b\n");
    project.lockgate("config parsing.list nargs");
    assert_eq!(out(), "--no-on --of a b\n");
    assert_snapshot!(project.lockgate("config --list --origin"), @"
    setting         value             origin
    jobs            2                 environment variable LOCKGATE_JOBS
    grace           5s                default
    cache.link      copy              default
    cache.protect   false             default
    parsing.bool    boolean_optional  .dvc/config:4
    parsing.list    nargs             .lockgate/config.toml:1
    dvc.write_lock  false             default
    --- exit 0
    ");
    project.write(".dvc/config.local", "[parsing]\n    bool = yes\n");
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    error: `parsing.bool` is `yes`, not `store_true` or `boolean_optional`
       ╭─[.dvc/config.local:2:12]
     1 │ [parsing]
     2 │     bool = yes
       ·            ─┬─
       ·             ╰── expected `store_true` or `boolean_optional`
       ╰────
      help: how a boolean becomes an option of a command: store_true or boolean_optional
    --- exit 3
    ");
}
