//! What `import dvc` takes where gates have a say.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

#[test]
fn an_import_does_not_take_what_a_gate_refuses() {
    let project = Sandbox::empty();
    let stages = "\
stages:
  m: {cmd: cp in m.csv, deps: [in], outs: [m.csv]}
  u: {cmd: cp m.csv u, deps: [m.csv], outs: [u]}
  w: {cmd: cp u w, deps: [u], outs: [w]}
";
    project.write(".dvc/config", "");
    project.write("dvc.yaml", stages);
    project.write("in", "bad\n");
    assert_eq!(project.lockgate("repro -q --write-dvc-lock").code, 0);
    project.remove("pipeline.lock");
    std::fs::remove_dir_all(project.path().join(".lockgate")).expect("it is there");
    let gate = "  g: {gate: {data: m.csv, command: \"! grep bad m.csv\"}}\n";
    project.write("dvc.yaml", &format!("{stages}{gate}"));
    assert_eq!(project.lockgate("repro -q").code, 4);
    assert_snapshot!(project.lockgate("import dvc"), @"
    stage  import   because
    m      refused  gate `g` does not pass
    u      blocked  gate `g` does not pass
    w      blocked  `u` is blocked
    --- stderr
    took 0 stages, 3 held up by gates (`lockgate repro` says why)
    --- exit 7
    ");
    project.remove("m.csv");
    project.remove("u");
    assert_snapshot!(project.lockgate("import dvc --dry --json"), @r#"
    {
      "v": 1,
      "dry": true,
      "stages": [
        {
          "stage": "m",
          "import": "refused",
          "from_cache": 0,
          "reasons": [
            "gate `g` does not pass"
          ]
        },
        {
          "stage": "u",
          "import": "blocked",
          "from_cache": 0,
          "reasons": [
            "gate `g` does not pass"
          ]
        },
        {
          "stage": "w",
          "import": "blocked",
          "from_cache": 0,
          "reasons": [
            "`u` is blocked"
          ]
        }
      ]
    }
    --- exit 7
    "#);
    // The candidate is not needed for it: the verdict is known.
    std::fs::remove_dir_all(project.path().join(".lockgate/quarantine")).expect("it is there");
    assert_snapshot!(project.lockgate("import dvc"), @"
    stage  import   because
    m      refused  gate `g` does not pass
    u      blocked  gate `g` does not pass
    w      blocked  `u` is blocked
    --- stderr
    took 0 stages, 3 held up by gates (`lockgate repro` says why)
    --- exit 7
    ");
    // With other rules nothing is known yet.
    project.write("dvc.yaml", &format!("{stages}{}", gate.replace("bad", "worse")));
    assert_snapshot!(project.lockgate("import dvc"), @"
    stage  import  because
    m      taken   1 output only in DVC's cache
    u      taken   1 output only in DVC's cache
    w      taken
    --- stderr
    took 3 stages; `lockgate checkout` places what is not in the workspace
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    ✓ g         pass TIME exit status 0
    ✓ m         restored TIME
    ✓ u         restored TIME
    · w         fresh
    ✓ done: 1 ran, 2 restored, 1 fresh in TIME
    --- exit 0
    ");
}

#[test]
fn what_was_refused_before_is_left_to_gates_with_other_rules() {
    let project = Sandbox::empty();
    let text =
        "stages:\n  m: {cmd: cp in m, deps: [in], outs: [m]}\n  g: {gate: {data: m, command: \"! grep bad m\"}}\n";
    project.write("dvc.yaml", text);
    project.write("in", "bad\n");
    assert_eq!(project.lockgate("repro -q").code, 4);
    project.write("dvc.yaml", &text.replace("grep bad", "grep worse"));
    project.write("m", "bad\n");
    let item = |path: &str| format!("    - {{path: {path}, hash: md5, md5: df207dc9143c6fabf60b69b9c3035103}}\n");
    let entry = format!("  m:\n    cmd: cp in m\n    deps:\n{}    outs:\n{}", item("in"), item("m"));
    project.write("dvc.lock", &format!("schema: '2.0'\nstages:\n{entry}"));
    assert_snapshot!(project.lockgate("import dvc"), @"
    stage  import  because
    m      left    it was refused before, and its gates judge it again
    --- stderr
    took 0 stages, 1 left for `lockgate repro` to make
    --- exit 7
    ");
}
