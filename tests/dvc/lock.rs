//! lock, and schema of the lock: `dvc.lock` as it is written, and what is made of a bad one.

use insta::assert_snapshot;

use crate::script::{play, row, stages};

#[test]
fn entries_are_sorted_by_path_and_have_their_keys_in_one_order() {
    let ws = stages(
        "  s:\n    cmd: sh x && cp in/2 out && cp in/2 a.json\n    deps: [x, in/2, in]\n    params: [z, b, other.yaml: [q]]\n    outs: [out]\n    metrics: [a.json: {cache: false}]\n",
    );
    ws.write("params.yaml", "b: {y: 1, x: 2}\nz: 1\n");
    ws.write("other.yaml", "q: text\n");
    ws.write("in/2", "2\n");
    ws.write("x", "true\n");
    std::process::Command::new("chmod").args(["+x", "x"]).current_dir(ws.path()).status().unwrap();
    assert_snapshot!(play(&ws, "
        repro -q --write-dvc-lock
        cat dvc.lock
    "), @"
    $ repro -q --write-dvc-lock
    $ cat dvc.lock
    schema: '2.0'
    stages:
      s:
        cmd: sh x && cp in/2 out && cp in/2 a.json
        deps:
        - path: in
          hash: md5
          md5: 15c9f1f04facf01deb954b4099d12064.dir
          size: 2
          nfiles: 1
        - path: in/2
          hash: md5
          md5: 26ab0db90d72e28ad0ba1e22ee510510
          size: 2
        - path: x
          hash: md5
          md5: 74d9a83219cabaab06a69fd318873f33
          size: 5
          isexec: true
        params:
          params.yaml:
            b:
              y: 1
              x: 2
            z: 1
          other.yaml:
            q: text
        outs:
        - path: a.json
          hash: md5
          md5: 26ab0db90d72e28ad0ba1e22ee510510
          size: 2
        - path: out
          hash: md5
          md5: 26ab0db90d72e28ad0ba1e22ee510510
          size: 2
    ");
}

#[test]
fn of_a_changed_command_only_the_command_is_written_anew() {
    let ws = row();
    assert_eq!(ws.lockgate("repro -q --write-dvc-lock").code, 0);
    let before = ws.read("dvc.lock");
    play(&ws, "edit dvc.yaml | cat a > b | cat  a > b\nrepro -q --write-dvc-lock");
    assert_eq!(ws.read("dvc.lock"), before.replace("cat a > b", "cat  a > b"));
}

#[test]
fn a_bad_lock_is_a_warning_and_costs_a_look() {
    let ws = row();
    assert_eq!(ws.lockgate("repro -q --write-dvc-lock").code, 0);
    let good = ws.read("dvc.lock");
    let texts =
        ["", "schema: '1.0'\n", "- a\n", "schema: '2.0'\nstages:\n  a: [\n", "schema: '2.0'\nstages: {a: {cmd: 3}}\n"];
    let of = |text: &str| {
        std::fs::remove_dir_all(ws.path().join(".lockgate")).unwrap();
        ws.write("dvc.lock", text);
        std::fs::remove_file(ws.path().join("pipeline.lock")).unwrap_or_default();
        play(&ws, "repro")
    };
    assert_snapshot!(texts.map(of).join("\n\n"), @"
    $ repro
    a ran, b ran, c ran
    ! warning: `dvc.lock` is empty, as DVC leaves it when it is killed while it writes: what is in doubt of it is not used
        help: nothing else is affected; `git checkout` of the file puts it right

    $ repro
    a ran, b ran, c ran
    ! warning: `dvc.lock` says `schema: '1.0'`, of which only '2.0' is known: what is in doubt of it is not used
        help: nothing else is affected; `git checkout` of the file puts it right

    $ repro
    a ran, b ran, c ran
    ! warning: `dvc.lock` is not what DVC writes (line 1): what is in doubt of it is not used
        help: nothing else is affected; `git checkout` of the file puts it right

    $ repro
    a ran, b ran, c ran
    ! warning: `dvc.lock` is not what DVC writes (line 3): what is in doubt of it is not used
        help: nothing else is affected; `git checkout` of the file puts it right

    $ repro
    a ran, b ran, c ran
    ! warning: `dvc.lock` is not what DVC writes (line 2): what is in doubt of it is not used
        help: nothing else is affected; `git checkout` of the file puts it right
    ");
    ws.write("dvc.lock", &good);
}

#[test]
fn entries_of_stages_that_are_gone_leave_our_lock() {
    let ws = row();
    assert_eq!(ws.lockgate("repro -q").code, 0);
    let text = ws.read("dvc.yaml");
    ws.write("dvc.yaml", &text[..text.find("  c:\n").unwrap()]);
    assert_snapshot!(play(&ws, "repro"), @"
    $ repro
    a fresh, b fresh
    ");
    assert!(!ws.read("pipeline.lock").contains("  c:\n"));
}
