//! Folders in which `.dvc` files track a part: without it they are not what they were.

use insta::assert_snapshot;

use crate::dvcdata::{TWO, object, tracking};
use crate::sandbox::Sandbox;

/// A stage that lists a folder in which `.dvc` files track two of three files.
fn listing() -> Sandbox {
    let project = Sandbox::empty();
    let stage = |name: &str, more: &str| {
        format!("  {name}:\n    cmd: ls data/* > {name}\n    deps: [data]\n    outs: [{name}]\n{more}")
    };
    project.write("dvc.yaml", &format!("stages:\n{}{}", stage("b", ""), stage("still", "    frozen: true\n")));
    project.write("data/x.dvc", &tracking("x", TWO));
    project.write("data/y.dvc", &tracking("y", TWO));
    project.write("data/x", "two\n");
    project.write("data/y", "two\n");
    project.write("data/notes", "notes\n");
    project.write("still", "still\n");
    project
}

#[test]
fn a_folder_that_lacks_data_is_missed_before_anything_runs() {
    let project = listing();
    project.remove("data/x");
    let output = project.lockgate("repro");
    assert_snapshot!(output, @"
    --- stderr
    error: stage `b` depends on `data`, in which `data/x` is missing
       ╭─[dvc.yaml:4:12]
     3 │     cmd: ls data/* > b
     4 │     deps: [data]
       ·            ──┬─
       ·              ╰── here
     5 │     outs: [b]
       ╰────
      help: `data/x.dvc` tracks it, and DVC's cache does not have it: `dvc pull data/x.dvc` brings it
    --- exit 3
    ");
    for line in ["repro -q", "repro --dry", "repro --allow-missing", "repro --allow-missing --dry"] {
        assert_eq!(project.lockgate(line).to_string(), output.to_string(), "{line}");
    }
    assert!(!project.exists("b"));
    project.remove("data/y");
    assert_snapshot!(project.lockgate("repro").stderr.lines().next().unwrap(), @"error: stage `b` depends on `data`, in which `data/x` and 1 other tracked path are missing");
    assert_snapshot!(project.lockgate("status"), @"
    task   decision  because
    b      blocked   `data/x`, which belongs into dep `data`, is missing
    still  fresh
    --- stderr
    1 blocked, 1 fresh
    --- exit 0
    ");
    assert_eq!(project.lockgate("repro still").code, 0, "what a frozen stage reads is nobody's business");
    project.write(&object(TWO), "two\n");
    assert_snapshot!(project.lockgate("repro --dry"), @"
    task    decision  because
    data/x  restore   from DVC's cache: it is missing, and `data/x.dvc` tracks it
    data/y  restore   from DVC's cache: it is missing, and `data/y.dvc` tracks it
    b       run       it has no entry in the lock
    still   fresh
    --- stderr
    1 run, 2 restore, 1 fresh
    --- exit 7
    ");
    assert_eq!(project.lockgate("repro -q").code, 0);
    assert!(project.read("b").contains("data/x\n") && project.read("b").contains("data/y\n"));
    assert_eq!(project.lockgate("status --check").code, 0);
}

#[test]
fn a_gate_on_a_folder_that_lacks_data_does_not_judge() {
    let project = listing();
    project.write("dvc.yaml", "stages:\n  g: {gate: {data: data, command: \"true\"}}\n");
    project.remove("data/x");
    let output = project.lockgate("repro");
    assert!(
        output.code == 3 && output.stderr.contains("gate `g` judges `data`, in which `data/x` is missing"),
        "{output}"
    );
}

/// What both tools know then is true of what stands there: `status` finds nothing to do by `pipeline.lock`, and by `dvc.lock` alone.
fn is_known_to_both(project: &Sandbox, after: &str) {
    assert_eq!(project.lockgate("status --check").code, 0, "after {after}");
    let lock = project.read("pipeline.lock");
    project.remove("pipeline.lock");
    let output = project.lockgate("status --check");
    assert_eq!(output.code, 0, "after {after}\n{output}");
    project.write("pipeline.lock", &lock);
}

#[test]
fn a_tracking_file_in_a_folder_is_written_before_the_folder_is_read() {
    let project = listing();
    project.write(".dvc/config", "");
    project.write("dvc.yaml", "stages:\n  b:\n    cmd: cat data/* > b\n    deps: [data]\n    outs: [b]\n");
    for (line, text) in [("repro", "one\n"), ("repro -q", "three\n"), ("repro b", "four\n"), ("commit -f", "five\n")] {
        project.write("data/x", text);
        let before = project.read("data/x.dvc");
        assert_eq!(project.lockgate(&format!("{line} --write-dvc-lock")).code, 0);
        assert_ne!(project.read("data/x.dvc"), before);
        is_known_to_both(&project, line);
    }
    let tracked = project.read("data/x.dvc");
    project.write("data/x", "six\n");
    assert_eq!(project.lockgate("repro -q").code, 0);
    assert_eq!(project.read("data/x.dvc"), tracked, "nothing is written for DVC where that is not asked for");
}
