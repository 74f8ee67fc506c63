//! A gate that refuses, and every way to look at it.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

#[test]
fn a_refused_candidate_leaves_the_last_good_outputs() {
    let project = Sandbox::example();
    project.lockgate("repro");
    project.write("in.csv", "");
    assert_snapshot!(project.lockgate("repro"), @r#"
    --- stderr
    ✗ not_empty  fail TIME exit status 1
    ✗ load       refused             by `not_empty`; kept in .lockgate/quarantine/load
    ! train      blocked             `load` is blocked; gate `not_empty` does not pass

    ✗ gate not_empty  FAIL  raw.csv  (file af1349b9f5) TIME

      test -s raw.csv || { echo raw.csv is empty; exit 1; }  exit status 1
          raw.csv is empty

      blocked   train  (1 task not run)
      next      fix the data and run again:  lockgate repro
                see all of its output:       lockgate logs not_empty
                accept it on purpose:        lockgate gate accept not_empty --rule "verdict" --reason "…" --until DAY

    ✗ a gate stopped the line: 1 refused, 1 blocked in TIME
    --- exit 4
    "#);
    assert_eq!(project.read("raw.csv"), "a\nb\n");
    assert_snapshot!(project.lockgate("repro train"), @r#"
    --- stderr
    ✗ not_empty  fail                exit status 1
    ✗ load       refused             by `not_empty`
    ! train      blocked             `load` is blocked; gate `not_empty` does not pass

    ✗ gate not_empty  FAIL  raw.csv  (file af1349b9f5)  judged before, unchanged

      test -s raw.csv || { echo raw.csv is empty; exit 1; }  exit status 1
          raw.csv is empty

      blocked   train  (1 task not run)
      next      fix the data and run again:  lockgate repro
                have the data made anew:     lockgate repro --force not_empty
                see all of its output:       lockgate logs not_empty
                accept it on purpose:        lockgate gate accept not_empty --rule "verdict" --reason "…" --until DAY

    ✗ a gate stopped the line: 1 refused, 1 blocked in TIME
    --- exit 4
    "#);
    assert_snapshot!(project.lockgate("gate list"), @"
    gate       kind     judges   says  of it
    not_empty  command  raw.csv  fail  exit status 1
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("gate show not_empty"), @r#"
    ✗ gate not_empty  FAIL  raw.csv  (file af1349b9f5) TIME

      test -s raw.csv || { echo raw.csv is empty; exit 1; }  exit status 1
          raw.csv is empty

      next      fix the data and run again:  lockgate repro
                see all of its output:       lockgate logs not_empty
                accept it on purpose:        lockgate gate accept not_empty --rule "verdict" --reason "…" --until DAY
    --- exit 0
    "#);
    assert_snapshot!(project.lockgate("status"), @"
    task       decision  because
    load       restore   from quarantine, to be judged again: dep `in.csv` changed: file 41153ec5e2 -> …
    not_empty  refused   fail: exit status 1
    train      blocked   gate `not_empty` does not pass
    --- stderr
    1 restore, 1 refused, 1 blocked
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("gate run not_empty"), @r#"
    --- stderr
    ✗ not_empty  fail                exit status 1
    ✗ load       refused             by `not_empty`

    ✗ gate not_empty  FAIL  raw.csv  (file af1349b9f5)  judged before, unchanged

      test -s raw.csv || { echo raw.csv is empty; exit 1; }  exit status 1
          raw.csv is empty

      next      fix the data and run again:  lockgate repro
                have the data made anew:     lockgate repro --force not_empty
                see all of its output:       lockgate logs not_empty
                accept it on purpose:        lockgate gate accept not_empty --rule "verdict" --reason "…" --until DAY

    ✗ a gate stopped the line: 1 refused in TIME
    --- exit 4
    "#);
}

#[test]
fn a_name_that_is_no_gate_is_refused() {
    let project = Sandbox::example();
    assert_snapshot!(project.lockgate("gate show load"), @"
    --- stderr
    error: `load` is not a gate
      help: gates: not_empty
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("gate show not_empty"), @"
    --- stderr
    error: gate `not_empty` has not judged anything yet
      help: `lockgate gate run not_empty` has it judge
    --- exit 2
    ");
}

#[cfg(not(feature = "tables"))]
#[test]
fn a_build_without_tables_says_so_and_does_not_pass() {
    let project = Sandbox::example();
    project.write("schema.yaml", "schema: raw/1\n");
    assert_snapshot!(project.lockgate("validate in.csv --schema schema.yaml"), @"
    ✗ schema schema.yaml  ERROR  in.csv TIME

          this lockgate was built without the feature `tables` and cannot judge tables

    --- exit 4
    ");
}

#[test]
fn a_table_or_schema_that_is_not_there_is_usage() {
    let project = Sandbox::example();
    project.write("schema.yaml", "schema: raw/1\ncolumns: {a: str}\n");
    assert_snapshot!(project.lockgate("validate in.csv --schema nope.yaml"), @"
    --- stderr
    error: there is no schema `nope.yaml`
      help: name a file with rules
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("validate nope.csv --schema schema.yaml"), @"
    --- stderr
    error: there is no table `nope.csv`
      help: name a file or a folder
    --- exit 2
    ");
}

#[cfg(feature = "tables")]
#[test]
fn a_table_that_the_schema_refers_to_is_given_by_its_name() {
    let project = Sandbox::example();
    project.write("games.csv", "home\nKC\nOAK\n");
    project.write("teams.csv", "code\nKC\nLV\n");
    project.write("schema.yaml", "schema: games/1\ncolumns: {home: str in teams.code}\n");
    assert_snapshot!(project.lockgate("validate games.csv --schema schema.yaml --table teams=teams.csv"), @r#"
    ✗ schema schema.yaml  FAIL  games.csv  2 rows × 1  1 of 4 rules failed TIME

      ✗ home  in teams.code                                                                schema.yaml:2
          observed  "OAK" ×1, 1 of 2 rows not in teams.code (50 %, allowed 0)
          teams.csv has 2 values there
          row  line  home
            2     3  OAK

    --- exit 4
    "#);
    assert_snapshot!(project.lockgate("validate games.csv --schema schema.yaml"), @"
    --- stderr
    error: the schema refers to a table `teams`, which is not given
       ╭─[schema.yaml:2:1]
     1 │ schema: games/1
     2 │ columns: {home: str in teams.code}
       · ─────────────────┬────────────────
       ·                  ╰── here
       ╰────
      help: add `--table teams=PATH`
    --- exit 3
    ");
    assert_snapshot!(project.lockgate("validate games.csv --schema schema.yaml --table teams=nope.csv"), @"
    --- stderr
    error: there is no table `nope.csv`
      help: name a file or a folder
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("validate games.csv --schema schema.yaml --table teams"), @"
    --- stderr
    error: invalid value 'teams' for '--table <NAME=PATH>': write NAME=PATH, such as teams=data/ref/teams.parquet

    For more information, try '--help'.
    --- exit 2
    ");
}

#[test]
fn a_single_item_that_needs_a_gate_is_not_let_pass_by_an_old_verdict() {
    let project = Sandbox::of(
        "stages:
  train: {cmd: cp quality.txt model.txt, deps: [quality.txt], outs: [model.txt]}
  evaluate: {cmd: cp model.txt metrics.txt, deps: [model.txt], outs: [metrics.txt]}
  no_worse: {gate: {data: metrics.txt, command: grep -q good metrics.txt}}
  promote: {cmd: cp model.txt champion.txt, deps: [model.txt], needs: [no_worse], outs: [champion.txt]}
",
    );
    project.write("quality.txt", "good\n");
    project.lockgate("repro");
    project.write("quality.txt", "bad\n");
    project.lockgate("repro");
    // The model is the new one, and the metrics in place are those of the old one, which were good.
    assert_eq!((project.read("model.txt").as_str(), project.read("metrics.txt").as_str()), ("bad\n", "good\n"));
    assert_snapshot!(project.lockgate("repro -q -s promote"), @r#"
    --- stderr
    ✗ no_worse  fail                exit status 1
    ✗ evaluate  refused             by `no_worse`
    ! promote   blocked             gate `no_worse` does not pass

    ✗ gate no_worse  FAIL  metrics.txt  (file d25ea0de69)  judged before, unchanged

      grep -q good metrics.txt  exit status 1

      blocked   promote  (1 task not run)
      next      fix the data and run again:  lockgate repro
                have the data made anew:     lockgate repro --force no_worse
                see all of its output:       lockgate logs no_worse
                accept it on purpose:        lockgate gate accept no_worse --rule "verdict" --reason "…" --until DAY

    ✗ a gate stopped the line: 1 refused, 1 blocked, 1 fresh in TIME
    --- exit 4
    "#);
    assert_eq!(project.read("champion.txt"), "good\n");
}
