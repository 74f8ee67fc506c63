//! What a person allows: waivers of rules, as records that are committed and expire.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// Replaces a text that stands in a file.
fn edit(project: &Sandbox, path: &str, was: &str, now: &str) {
    let text = project.read(path);
    assert!(text.contains(was), "`{path}` has no `{was}`");
    project.write(path, &text.replace(was, now));
}

#[test]
fn a_waiver_lets_exactly_this_data_pass_and_is_told_on_every_run() {
    let project = Sandbox::example();
    project.lockgate("repro");
    project.write("in.csv", "");
    project.lockgate("repro");
    let accept = "gate accept not_empty --rule verdict --reason no-games-this-week --until 2999-12-31";
    assert_snapshot!(project.lockgate(accept), @"
    --- stderr
    `verdict` of gate `not_empty` may be broken until 2999-12-31; commit `.lockgate/waivers.yaml`
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    ! not_empty  warn                `verdict` is waived until 2999-12-31: no-games-this-week
    ✓ load       restored TIME
    ✓ train      ran TIME

    ! gate not_empty  WARN  raw.csv  (file af1349b9f5)  judged before, unchanged

      test -s raw.csv || { echo raw.csv is empty; exit 1; }  exit status 1
          raw.csv is empty

      note      `verdict` is waived until 2999-12-31: no-games-this-week

    ✓ done: 1 ran, 1 restored, 1 fresh in TIME
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    ! not_empty  warn                `verdict` is waived until 2999-12-31: no-games-this-week
    · load       fresh
    · train      fresh

    ! gate not_empty  WARN  raw.csv  (file af1349b9f5)  judged before, unchanged

      test -s raw.csv || { echo raw.csv is empty; exit 1; }  exit status 1
          raw.csv is empty

      note      `verdict` is waived until 2999-12-31: no-games-this-week

    ✓ everything is fresh: 3 tasks in TIME
    --- exit 0
    ");
    project.write("in.csv", "\n");
    edit(&project, "pipeline.yaml", "test -s raw.csv ||", "grep -q a raw.csv ||");
    assert_snapshot!(project.lockgate("repro"), @r#"
    --- stderr
    ✗ not_empty  fail TIME exit status 1
    ✗ load       refused             by `not_empty`; kept in .lockgate/quarantine/load
    ! train      blocked             `load` is blocked; gate `not_empty` does not pass

    ✗ gate not_empty  FAIL  raw.csv  (file 295192ea1e) TIME

      grep -q a raw.csv || { echo raw.csv is empty; exit 1; }  exit status 1
          raw.csv is empty

      note      the waiver of `verdict` does not count: the rules were edited since
      blocked   train  (1 task not run)
      next      fix the data and run again:  lockgate repro
                see all of its output:       lockgate logs not_empty
                accept it on purpose:        lockgate gate accept not_empty --rule "verdict" --reason "…" --until DAY

    ✗ a gate stopped the line: 1 refused, 1 blocked in TIME
    --- exit 4
    "#);
}

#[test]
fn a_waiver_that_expired_blocks_again_and_says_so() {
    let project = Sandbox::example();
    project.lockgate("repro");
    project.write("in.csv", "");
    project.lockgate("repro");
    project.lockgate("gate accept not_empty --rule verdict --reason x --until 2999-12-31");
    project.lockgate("repro");
    edit(&project, ".lockgate/waivers.yaml", "2999-12-31", "2020-01-01");
    assert_snapshot!(project.lockgate("repro"), @r#"
    --- stderr
    ✗ not_empty  fail                exit status 1
    ✗ load       refused             by `not_empty`
    ! train      blocked             `load` is blocked; gate `not_empty` does not pass

    ✗ gate not_empty  FAIL  raw.csv  (file af1349b9f5)  judged before, unchanged

      test -s raw.csv || { echo raw.csv is empty; exit 1; }  exit status 1
          raw.csv is empty

      note      the waiver of `verdict` does not count: it expired on DATE
      blocked   train  (1 task not run)
      next      fix the data and run again:  lockgate repro
                have the data made anew:     lockgate repro --force not_empty
                see all of its output:       lockgate logs not_empty
                accept it on purpose:        lockgate gate accept not_empty --rule "verdict" --reason "…" --until DAY

    ✗ a gate stopped the line: 1 refused, 1 blocked in TIME
    --- exit 4
    "#);
}

#[test]
fn what_cannot_be_accepted_or_approved_is_refused() {
    let project = Sandbox::example();
    let asks = [
        "gate accept not_empty --rule verdict --reason x --until 2999-12-31",
        "gate accept not_empty --rule verdict --reason= --until 2999-12-31",
        "gate accept not_empty --rule verdict --reason x --until 2020-01-01",
        "gate accept train --rule verdict --reason x --until 2999-12-31",
    ];
    assert_snapshot!(asks.map(|ask| project.lockgate(ask).to_string()).concat(), @"
    --- stderr
    error: gate `not_empty` has not judged its inputs as they are now
      help: `lockgate gate run not_empty` has it judge
    --- exit 2--- stderr
    error: `--reason` is empty
      help: say why it is all right
    --- exit 2--- stderr
    error: DATE is over
      help: `--until` is the last day on which it counts
    --- exit 2--- stderr
    error: `train` is not a gate
      help: gates: not_empty
    --- exit 2
    ");
    project.lockgate("repro");
    assert_snapshot!(project.lockgate("gate accept not_empty --rule verdict --reason x --until 2999-12-31"), @"
    --- stderr
    error: gate `not_empty` names no broken rule: it says pass
      help: nothing of it can be accepted
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("approve not_empty --reason x"), @"
    --- stderr
    error: gate `not_empty` asks for no review: it says pass
      help: `lockgate gate show not_empty` tells what it said; a broken rule can be accepted for a while
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("gate reference not_empty"), @"
    --- stderr
    error: gate `not_empty`: a gate of kind `command` compares with no file that could be made
      help: name a gate of kind `drift` or `regression`
    --- exit 2
    ");
}

#[test]
fn records_that_cannot_be_read_stop_everything() {
    let project = Sandbox::example();
    project.write(".lockgate/waivers.yaml", "waivers:\n  - gate: not_empty\n    rule: verdict\n    until: soon\n");
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    error: the record has no `rules`
       ╭─[.lockgate/waivers.yaml:2:5]
     1 │ waivers:
     2 │   - gate: not_empty
       ·     ┬
       ·     ╰── here
     3 │     rule: verdict
       ╰────
      help: give the consent again with lockgate, or remove the record

    error: the record has no `data`
       ╭─[.lockgate/waivers.yaml:2:5]
     1 │ waivers:
     2 │   - gate: not_empty
       ·     ┬
       ·     ╰── here
     3 │     rule: verdict
       ╰────
      help: give the consent again with lockgate, or remove the record

    error: the record has no `reason`
       ╭─[.lockgate/waivers.yaml:2:5]
     1 │ waivers:
     2 │   - gate: not_empty
       ·     ┬
       ·     ╰── here
     3 │     rule: verdict
       ╰────
      help: give the consent again with lockgate, or remove the record

    error: the record has no `given`
       ╭─[.lockgate/waivers.yaml:2:5]
     1 │ waivers:
     2 │   - gate: not_empty
       ·     ┬
       ·     ╰── here
     3 │     rule: verdict
       ╰────
      help: give the consent again with lockgate, or remove the record

    error: `until` is not a day such as `2026-12-01`
       ╭─[.lockgate/waivers.yaml:4:12]
     3 │     rule: verdict
     4 │     until: soon
       ·            ──┬─
       ·              ╰── here
       ╰────
      help: give the consent again with lockgate, or remove the record
    --- exit 3
    ");
}

#[test]
fn consents_that_are_given_at_once_are_all_kept() {
    let names: Vec<String> = (0..8).map(|at| format!("g{at}")).collect();
    let gates = names.iter().map(|name| format!("  {name}: {{gate: {{data: in, command: 'false'}}}}\n"));
    let ws = Sandbox::of(&format!("stages:\n{}", gates.collect::<String>()));
    ws.write("in", "1");
    assert_eq!(ws.lockgate("repro -k").code, 4);
    let accept = |name: &String| {
        let line = format!("gate accept {name} --rule verdict --reason known --until 2999-01-01");
        ws.command(&line).spawn().expect("the binary can be started")
    };
    for mut child in names.iter().map(accept).collect::<Vec<_>>() {
        assert!(child.wait().expect("it is our child").success());
    }
    assert_eq!(ws.lockgate("repro").code, 0, "{}", ws.read(".lockgate/waivers.yaml"));
}

#[test]
fn a_schema_that_is_not_text_is_a_mistake_of_the_pipeline() {
    let ws = Sandbox::of("stages:\n  g: {gate: {data: in.csv, schema: s.yaml}}\n");
    ws.write("in.csv", "x\n1\n");
    std::fs::write(ws.path().join("s.yaml"), b"schema: a/1 # \xff\n").unwrap();
    insta::assert_snapshot!(ws.lockgate("repro"), @r"
    --- stderr
    error: the schema `s.yaml` is not UTF-8 text
       ╭─[s.yaml:1:15]
     1 │ schema: a/1 # \xFF
       ·               ──┬─
       ·                 ╰── here
       ╰────
      help: save it as UTF-8
    --- exit 3
    ");
    assert_eq!(ws.lockgate("commit g").code, 3);
}
