//! Gates on files of parameters that stages make.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

fn tuned(on_fail: &str) -> Sandbox {
    let project = Sandbox::of(&format!(
        "stages:
  tune:
    cmd: cp in.json made.json
    deps: [in.json]
    outs: [made.json]
  sane:
    gate: {{data: made.json, command: grep -q sane made.json, on_fail: {on_fail}}}
  fit:
    cmd: echo $LOCKGATE_DEGRADED > fit.txt
    params: [made.json: [lr]]
    outs: [fit.txt]
  size:
    gate: {{data: fit.txt, command: test -e fit.txt}}
    params: [made.json: [limit]]
"
    ));
    project.write("in.json", r#"{"lr": 1, "limit": 5, "note": "sane"}"#);
    project
}

#[test]
fn a_gate_on_parameters_holds_the_stages_that_read_them() {
    let project = tuned("block");
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ✓ sane      pass TIME exit status 0
    ✓ tune      ran TIME
    ✓ size      pass TIME exit status 0
    ✓ fit       ran TIME
    ✓ done: 4 ran in TIME
    --- exit 0
    ");
    project.write("in.json", r#"{"lr": 1, "limit": 5, "note": "odd"}"#);
    assert_snapshot!(project.lockgate("repro -j 1"), @r#"
    --- stderr
    ✗ sane      fail TIME exit status 1
    ✗ tune      refused             by `sane`; kept in .lockgate/quarantine/tune
    ! fit       blocked             `tune` is blocked; gate `sane` does not pass
    ! size      blocked             `tune` is blocked; gate `sane` does not pass  +1 more

    ✗ gate sane  FAIL  made.json  (file 5b9e6b864c) TIME

      grep -q sane made.json  exit status 1

      blocked   fit → size  (2 tasks not run)
      next      fix the data and run again:  lockgate repro
                see all of its output:       lockgate logs sane
                accept it on purpose:        lockgate gate accept sane --rule "verdict" --reason "…" --until DAY

    ✗ a gate stopped the line: 1 refused, 2 blocked in TIME
    --- exit 4
    "#);
    assert_snapshot!(project.lockgate("status"), @"
    task  decision  because
    tune  restore   from quarantine, to be judged again: dep `in.json` changed: file a85569619e -> file…
    sane  refused   fail: exit status 1
    fit   blocked   gate `sane` does not pass
    size  blocked   gate `sane` does not pass  +1 more
    --- stderr
    1 restore, 1 refused, 2 blocked
    --- exit 0
    ");
    project.write("in.json", r#"{"lr": 1, "limit": 6, "note": "sane"}"#);
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ✓ sane      pass TIME exit status 0
    ✓ tune      ran TIME
    ✓ size      pass TIME exit status 0
    · fit       fresh
    ✓ done: 3 ran, 1 fresh in TIME
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro -j 1 -s fit"), @"
    --- stderr
    · sane      fresh               pass
    · size      fresh               pass
    · fit       fresh
    ✓ everything is fresh: 3 tasks in TIME
    --- exit 0
    ");
}

#[test]
fn parameters_that_pass_as_degraded_mark_what_is_made_by_them() {
    let project = tuned("degrade");
    project.write("in.json", r#"{"lr": 1, "limit": 5, "note": "odd"}"#);
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ! sane      warn TIME what is made of it is degraded, until the data is mended and this gate passes
    ✓ tune      ran TIME
    ✓ size      pass TIME exit status 0
    ! fit       ran TIME degraded by `sane`

    ! gate sane  WARN  made.json  (file 5b9e6b864c) TIME

      grep -q sane made.json  exit status 1

      note      what is made of it is degraded, until the data is mended and this gate passes

    ! done, degraded: 4 ran, 1 of them degraded in TIME
    --- exit 0
    ");
    assert_eq!(project.read("fit.txt"), "sane\n");
}

#[test]
fn a_file_of_parameters_that_changes_while_it_is_used_is_told() {
    let project = Sandbox::of(
        "stages:
  tune: {cmd: cp in.json made.json, deps: [in.json], outs: [made.json]}
  fit: {cmd: 'cp other.json made.json; touch fit.txt', params: [made.json: [lr]], outs: [fit.txt]}
",
    );
    project.write("in.json", r#"{"lr": 1}"#);
    project.write("other.json", r#"{"lr": 2}"#);
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ✓ tune      ran TIME
    ✗ fit       failed TIME its input `made.json` changed while it ran

    ✗ stage fit  FAILED  its input `made.json` changed while it ran  after TIME
      log       .lockgate/runs/RUN/fit.log
      outputs   none: there were none before
      next      stop what writes to it, or make it an output of a stage; then run `lockgate repro` again

    ✗ failed: 1 failed, 1 ran in TIME
    --- exit 1
    ");
}
