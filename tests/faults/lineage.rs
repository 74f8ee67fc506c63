//! A gate is felt any number of steps below it, whichever task is chosen and however the lock lost what it knew.

use std::fs;

use crate::sandbox::Sandbox;

/// make → gate → used → far. The gate takes what is not over the limit in `limit`.
fn pipeline(on_fail: &str, degraded: &str) -> String {
    format!(
        "stages:
  make: {{cmd: cp src made, deps: [src], outs: [made]}}
  gate:
    gate: {{data: made, command: 'test \"$(cat made)\" -le \"$(cat limit)\"', on_fail: {on_fail}}}
    deps: [limit]
  use: {{cmd: cp made used, deps: [made], outs: [used]}}
  far: {{cmd: 'cat used extra > far; echo \"no$LOCKGATE_DEGRADED\" >> side/degraded', deps: [used, extra], outs: [far], degraded: {degraded}}}
"
    )
}

fn project(on_fail: &str, degraded: &str) -> Sandbox {
    let ws = Sandbox::of(&pipeline(on_fail, degraded));
    for (path, text) in [("src", "5"), ("limit", "9"), ("extra", "a"), ("side/degraded", "")] {
        ws.write(path, text);
    }
    let output = ws.lockgate("repro");
    assert_eq!(output.code, 0, "{output}");
    ws
}

#[test]
fn a_gate_that_was_tightened_holds_what_is_two_steps_below() {
    let ws = project("block", "run");
    ws.write("limit", "3");
    ws.write("extra", "b");
    assert_eq!(ws.lockgate("repro").code, 4);
    for line in
        ["repro -s far", "repro -f -s far", "repro --downstream far", "commit far", "repro -s far --no-run-cache"]
    {
        let output = ws.lockgate(line);
        assert!(output.code == 4 && ws.read("far") == "5a", "{line}\n{output}");
    }
    insta::assert_snapshot!(ws.lockgate("repro -s far"), @r#"
    --- stderr
    ✗ gate      fail                exit status 1
    ! use       blocked             `make` is blocked; gate `gate` does not pass
    ! far       blocked             `use` is blocked

    ✗ gate gate  FAIL  made  (file b3372b584d)  judged before, unchanged

      test "$(cat made)" -le "$(cat limit)"  exit status 1

      blocked   use → far  (2 tasks not run)
      next      fix the data and run again:  lockgate repro
                have the data made anew:     lockgate repro --force gate
                see all of its output:       lockgate logs gate
                accept it on purpose:        lockgate gate accept gate --rule "verdict" --reason "…" --until DAY

    ✗ a gate stopped the line: 1 refused, 2 blocked in TIME
    --- exit 4
    "#);
    insta::assert_snapshot!(ws.lockgate("repro --dry -s far"), @"
    task  decision  because
    gate  refused   fail: exit status 1
    use   blocked   gate `gate` does not pass
    far   blocked   `use` is blocked
    --- stderr
    1 refused, 2 blocked
    --- exit 7
    ");
    // What lets the gate pass again lets the chosen task run, and it alone.
    ws.write("limit", "9");
    insta::assert_snapshot!(ws.lockgate("repro -s far"), @"
    --- stderr
    · gate      fresh               pass
    ✓ far       ran TIME
    ✓ done: 1 ran, 1 fresh in TIME
    --- exit 0
    ");
    assert_eq!(ws.read("far"), "5b");
}

#[test]
fn a_stage_that_stands_between_is_taken_as_it_is() {
    let ws = project("block", "run");
    ws.write("used", "by hand");
    ws.write("src", "6");
    let output = ws.lockgate("repro -s far");
    assert_eq!((output.code, ws.read("far"), ws.read("made")), (0, "by handa".to_owned(), "5".to_owned()), "{output}");
}

#[test]
fn the_taint_is_felt_without_the_lock_and_after_a_commit() {
    let forget: [fn(&Sandbox); 3] = [
        |ws| ws.remove("pipeline.lock"),
        |ws| {
            ws.remove("pipeline.lock");
            fs::remove_dir_all(ws.path().join(".lockgate")).unwrap();
        },
        |ws| assert_eq!(ws.lockgate("commit -f use").code, 0),
    ];
    for (nth, forget) in forget.into_iter().enumerate() {
        let ws = project("degrade", "skip");
        ws.write("src", "12");
        assert_eq!(ws.lockgate("repro").code, 0);
        assert_eq!((ws.read("used"), ws.read("far")), ("12".to_owned(), "5a".to_owned()), "{nth}: `far` stood aside");
        forget(&ws);
        let output = ws.lockgate("repro -s far");
        assert_eq!((ws.read("far"), ws.read("side/degraded")), ("5a".to_owned(), "no\n".to_owned()), "{nth}\n{output}");
    }
}

#[test]
fn what_a_commit_records_is_degraded_as_its_inputs_are() {
    let ws = project("degrade", "run");
    ws.write("src", "12");
    assert_eq!(ws.lockgate("repro").code, 0);
    let whole = ws.read("pipeline.lock");
    assert_eq!(ws.lockgate("commit -f use").code, 0);
    assert_eq!(ws.read("pipeline.lock"), whole);
}

#[test]
fn a_gate_on_parameters_holds_the_stages_that_name_them() {
    let ws = Sandbox::of(
        "stages:\n  sane: {gate: {data: params.yaml, command: '! grep -q 13 params.yaml'}}\n  \
         use: {cmd: echo ran >> side/ran, params: [lr], outs: [side/none: {cache: false}]}\n",
    );
    ws.write("params.yaml", "lr: 13\n");
    ws.write("side/ran", "");
    let output = ws.lockgate("repro");
    assert_eq!((output.code, ws.read("side/ran")), (4, String::new()), "{output}");
}

#[test]
fn a_source_has_one_name_for_its_gate_and_its_readers() {
    let check = |gate: &str, dep: &str| {
        let ws = Sandbox::of(&format!(
            "stages:\n  sane: {{gate: {{data: {gate}, command: 'true'}}}}\n  use: {{cmd: cp {dep} out, deps: [{dep}], outs: [out]}}\n"
        ));
        ws.write("real/data", "1");
        std::os::unix::fs::symlink("real", ws.path().join("link")).unwrap();
        std::os::unix::fs::symlink("real/data", ws.path().join("file")).unwrap();
        ws.lockgate("repro")
    };
    insta::assert_snapshot!(check("real/data", "file"), @"
    --- stderr
    error: stage `use` names `file`, which is another name of `real/data`, and gate `sane` judges that one
       ╭─[pipeline.yaml:3:34]
     2 │   sane: {gate: {data: real/data, command: 'true'}}
     3 │   use: {cmd: cp file out, deps: [file], outs: [out]}
       ·                                  ──┬─
       ·                                    ╰── here
       ╰────
      help: name `real/data` everywhere
    --- exit 3
    ");
    for (gate, dep) in [
        ("real/data", "link/data"),
        ("link/data", "real/data"),
        ("file", "real/data"),
        ("link", "real/data"),
        ("real", "file"),
    ] {
        let output = check(gate, dep);
        assert!(output.code == 3 && output.stderr.contains("another name of"), "{gate} {dep}\n{output}");
    }
    assert_eq!(check("file", "file").code, 0);
}

#[test]
fn a_stage_that_is_held_and_lost_is_due() {
    let ws = Sandbox::of(
        "stages:\n  drifted: {gate: {data: src, command: 'true', on_fail: warn}}\n  \
         train: {cmd: cp src model, deps: [src], outs: [model], when: {gate: drifted, state: fail}}\n",
    );
    ws.write("src", "1");
    assert_eq!(ws.lockgate("repro").code, 0);
    ws.write("src", "2");
    assert_eq!((ws.lockgate("repro").code, ws.read("model")), (0, "1".to_owned()));
    // A fresh clone: the lock is there, the store is not.
    fs::remove_dir_all(ws.path().join(".lockgate")).unwrap();
    ws.remove("model");
    let output = ws.lockgate("repro");
    assert_eq!((output.code, ws.read("model")), (0, "2".to_owned()), "{output}");
}

#[test]
fn rules_that_a_stage_makes_are_refused() {
    let ws = Sandbox::of(
        "stages:\n  rules: {cmd: cp strict s.yaml, deps: [strict], outs: [s.yaml]}\n  \
         sane: {gate: {data: src.csv, schema: s.yaml}}\n",
    );
    for path in ["strict", "src.csv", "s.yaml"] {
        ws.write(path, "schema: a/1\ncolumns: {x: i64}\n");
    }
    insta::assert_snapshot!(ws.lockgate("status"), @"
    --- stderr
    error: gate `sane` judges by `s.yaml`, which stage `rules` makes
       ╭─[pipeline.yaml:3:40]
     2 │   rules: {cmd: cp strict s.yaml, deps: [strict], outs: [s.yaml]}
     3 │   sane: {gate: {data: src.csv, schema: s.yaml}}
       ·                                        ───┬──
       ·                                           ╰── here
       ╰────
      help: write the rules by hand and commit them: they are read before anything runs
    --- exit 3
    ");
}
