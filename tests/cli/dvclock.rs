//! dvc.lock as evidence, and DVC's cache as a source of what is missing.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const PIPELINE: &str = "\
stages:
  copy:
    cmd: touch ran; cp in.txt out.txt
    deps: [in.txt]
    params: [lr]
    outs: [out.txt]
  count:
    cmd: touch ran; wc -l < out.txt > n.txt
    deps: [out.txt]
    outs: [n.txt: {cache: false}]
";

/// What DVC 3.67.1 writes for it; `one\\n` has the MD5 5bbf…, `1\\n` b026….
const LOCK: &str = "\
schema: '2.0'
stages:
  copy:
    cmd: touch ran; cp in.txt out.txt
    deps:
    - path: in.txt
      hash: md5
      md5: 5bbf5a52328e7439ae6e719dfe712200
      size: 4
    params:
      params.yaml:
        lr: 1.0
    outs:
    - path: out.txt
      hash: md5
      md5: 5bbf5a52328e7439ae6e719dfe712200
      size: 4
  count:
    cmd: touch ran; wc -l < out.txt > n.txt
    deps:
    - path: out.txt
      hash: md5
      md5: 5bbf5a52328e7439ae6e719dfe712200
      size: 4
    outs:
    - path: n.txt
      hash: md5
      md5: b026324c6904b2a9cb4b88d6d61c81d1
      size: 2
";

const OBJECT: &str = ".dvc/cache/files/md5/5b/bf5a52328e7439ae6e719dfe712200";

/// A project that is up to date under DVC.
fn project() -> Sandbox {
    let project = Sandbox::empty();
    project.write("dvc.yaml", PIPELINE);
    project.write("dvc.lock", LOCK);
    project.write("params.yaml", "lr: 1\n");
    project.write("in.txt", "one\n");
    project.write("out.txt", "one\n");
    project.write("n.txt", "1\n");
    project.write(OBJECT, "one\n");
    let object = project.path().join(OBJECT);
    fs::set_permissions(object, fs::Permissions::from_mode(0o444)).expect("it can be protected");
    project
}

#[test]
fn what_is_up_to_date_under_dvc_is_adopted_without_running() {
    let project = project();
    assert_snapshot!(project.lockgate("status --check"), @"
    task   decision  because
    copy   adopt     dvc.lock knows it: this command, these inputs, parameters and outputs
    count  adopt     dvc.lock knows it: this command, these inputs, parameters and outputs
    --- stderr
    everything is up to date: 2 adopt
    --- exit 0
    ");
    assert!(!project.exists("pipeline.lock"));
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ✓ copy      adopted TIME from dvc.lock
    ✓ count     adopted TIME from dvc.lock
    ✓ done: 2 adopted in TIME
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    · copy      fresh
    · count     fresh
    ✓ everything is fresh: 2 tasks in TIME
    --- exit 0
    ");
    assert!(!project.exists("ran"));
    // It is ours from here on, with or without DVC's lock.
    project.remove("dvc.lock");
    project.remove("out.txt");
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ✓ copy      restored TIME
    · count     fresh
    ✓ done: 1 restored, 1 fresh in TIME
    --- exit 0
    ");
    assert!(!project.exists("ran"));
}

#[test]
fn looking_makes_no_workspace_and_what_was_read_is_kept_among_what_dvc_throws_away() {
    let project = project();
    let first = project.lockgate("status --check").to_string();
    assert!(project.exists(".dvc/tmp/lockgate/graph.bin") && !project.exists(".lockgate"));
    assert_eq!(project.lockgate("status --check").to_string(), first);
    project.write("dvc.yaml", &PIPELINE.replace("  count:", "  number:"));
    assert_snapshot!(project.lockgate("stage list --name-only"), @"
    copy
    number
    --- exit 0
    ");
    assert!(!project.exists(".lockgate"));
}

#[test]
fn what_dvc_lock_does_not_say_of_this_project_is_decided_without_it() {
    let status = |change: fn(&Sandbox)| {
        let project = project();
        change(&project);
        project.lockgate("status copy").stdout
    };
    assert_snapshot!(status(|project| project.write("in.txt", "two\n")), @"
    task  decision  because
    copy  run       not as in dvc.lock: dep `in.txt` is not what DVC has seen
    ");
    assert_snapshot!(status(|project| project.write("params.yaml", "lr: 2\n")), @"
    task  decision  because
    copy  run       not as in dvc.lock: param `lr` of `params.yaml` is another one
    ");
    assert_snapshot!(status(|project| project.write("dvc.yaml", &PIPELINE.replace("    params: [lr]\n", ""))), @"
    task  decision  because
    copy  run       not as in dvc.lock: parameter file `params.yaml` is not declared any more
    ");
    assert_snapshot!(status(|project| project.write("out.txt", "edited\n")), @"
    task  decision  because
    copy  restore   from DVC's cache: out `out.txt` was changed after it was published: file e0e63aa4c8…
    ");
    assert_snapshot!(status(|project| project.write("dvc.yaml", &PIPELINE.replace("cp in", "cp  in"))), @"
    task  decision  because
    copy  run       not as in dvc.lock: its command is another one
    ");
}

#[test]
fn a_missing_out_comes_from_the_cache_of_dvc_if_that_is_sound() {
    let sound = project();
    sound.remove("out.txt");
    assert_snapshot!(sound.lockgate("status"), @"
    task   decision  because
    copy   restore   from DVC's cache: out `out.txt` is missing
    count  adopt     dvc.lock knows it: this command, these inputs, parameters and outputs
    --- stderr
    1 restore, 1 adopt
    --- exit 0
    ");
    assert_snapshot!(sound.lockgate("repro -j 1"), @"
    --- stderr
    ✓ copy      restored TIME
    ✓ count     adopted TIME from dvc.lock
    ✓ done: 1 restored, 1 adopted in TIME
    --- exit 0
    ");
    assert_eq!((sound.read("out.txt").as_str(), sound.exists("ran")), ("one\n", false));

    let damaged = project();
    damaged.remove("out.txt");
    damaged.remove(OBJECT);
    damaged.write(OBJECT, "six\n");
    assert_snapshot!(damaged.lockgate("status copy"), @"
    task  decision  because
    copy  run       not as in dvc.lock: out `out.txt` is missing, and what DVC's cache holds as 5bbf5a5…
    --- stderr
    1 run
    --- exit 0
    ");
    damaged.lockgate("repro");
    assert_eq!((damaged.read("out.txt").as_str(), damaged.exists("ran")), ("one\n", true));
}

#[test]
fn a_lock_in_doubt_is_one_warning_and_no_error() {
    let conflicted = project();
    let theirs = LOCK.replace("size: 2", "size: 3");
    conflicted.write("dvc.lock", &format!("<<<<<<< ours\n{LOCK}=======\n{theirs}>>>>>>> theirs\n"));
    assert_snapshot!(conflicted.lockgate("status"), @"
    task   decision  because
    copy   adopt     dvc.lock knows it: this command, these inputs, parameters and outputs
    count  run       it has no entry in the lock
    --- stderr
    ! warning: `dvc.lock` has merge conflict markers (line 1), and its sides differ on `count`: what is in doubt of it is not used
        help: nothing else is affected; `lockgate lock merge` takes the markers out
    1 run, 1 adopt
    --- exit 0
    ");
    assert_snapshot!(conflicted.lockgate("repro -j 1"), @"
    --- stderr
    ✓ copy      adopted TIME from dvc.lock
    ✓ count     ran TIME
    ! warning: `dvc.lock` has merge conflict markers (line 1), and its sides differ on `count`: what is in doubt of it is not used
        help: nothing else is affected; `lockgate lock merge` takes the markers out
    ✓ done: 1 ran, 1 adopted in TIME
    --- exit 0
    ");

    let torn = project();
    torn.write("dvc.lock", "");
    assert_snapshot!(torn.lockgate("repro --dry"), @"
    task   decision  because
    copy   run       it has no entry in the lock
    count  may run   `copy` will run first
    --- stderr
    ! warning: `dvc.lock` is empty, as DVC leaves it when it is killed while it writes: what is in doubt of it is not used
        help: nothing else is affected; `git checkout` of the file puts it right
    1 run, 1 may run
    --- exit 7
    ");
    let broken = project();
    broken.write("dvc.lock", &LOCK.replace("cmd: touch ran; wc", "cmd: [touch ran; wc"));
    assert_snapshot!(broken.lockgate("repro -j 1"), @"
    --- stderr
    ✓ copy      adopted TIME from dvc.lock
    ✓ count     ran TIME
    ! warning: `dvc.lock` (line 18) says nothing usable of `count`: not valid YAML, or a key is given twice
        help: the stage is decided without it
    ✓ done: 1 ran, 1 adopted in TIME
    --- exit 0
    ");
}

#[test]
fn a_gate_judges_what_is_adopted() {
    let project = project();
    project.remove("dvc.yaml");
    let gate = "  not_one:\n    gate: {data: out.txt, command: \"! grep -q one out.txt\"}\n";
    project.write("pipeline.yaml", &format!("{PIPELINE}{gate}"));
    assert_snapshot!(project.lockgate("repro -j 1"), @r#"
    --- stderr
    ✗ not_one   fail TIME exit status 1
    ✗ copy      refused             by `not_one`
    ! count     blocked             `copy` is blocked; gate `not_one` does not pass

    ✗ gate not_one  FAIL  out.txt  (file e0e63aa4c8) TIME

      ! grep -q one out.txt  exit status 1

      blocked   count  (1 task not run)
      next      fix the data and run again:  lockgate repro
                see all of its output:       lockgate logs not_one
                accept it on purpose:        lockgate gate accept not_one --rule "verdict" --reason "…" --until DAY

    ✗ a gate stopped the line: 1 refused, 1 blocked in TIME
    --- exit 4
    "#);
    assert_eq!((project.read("out.txt").as_str(), project.exists("ran")), ("one\n", false));
    project.write("pipeline.yaml", &format!("{PIPELINE}{}", gate.replace("! ", "")));
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ✓ not_one   pass TIME exit status 0
    ✓ copy      restored TIME
    ✓ count     adopted TIME from dvc.lock
    ✓ done: 1 ran, 1 restored, 1 adopted in TIME
    --- exit 0
    ");
    assert!(!project.exists("ran"));
}

#[test]
fn after_dvc_has_run_its_results_count() {
    let project = project();
    project.lockgate("repro");
    // As `dvc repro` would leave it after `in.txt` was edited.
    for file in ["in.txt", "out.txt"] {
        project.write(file, "two\n");
    }
    project.write("dvc.lock", &LOCK.replace("5bbf5a52328e7439ae6e719dfe712200", "c193497a1a06b2c72230e6146ff47080"));
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ✓ copy      adopted TIME from dvc.lock
    ✓ count     adopted TIME from dvc.lock
    ✓ done: 2 adopted in TIME
    --- exit 0
    ");
    assert!(!project.exists("ran"));
    // A changed folder is nothing that dvc.lock could vouch for.
    project.write(
        "dvc.yaml",
        &PIPELINE
            .replace("    params: [lr]\n    outs: [out.txt]", "    params: [lr]\n    outs: [out.txt: {cache: false}]"),
    );
    assert_snapshot!(project.lockgate("status copy").stdout, @"
    task  decision  because
    copy  run       out `out.txt` changed: out -> out, not cached
    ");
}

#[test]
fn the_form_before_dvc_3_is_read_with_its_own_hashes() {
    let project = project();
    project.write("in.txt", "one\r\n");
    project.write("dvc.lock", &LOCK.replace("      hash: md5\n", "").replacen("size: 4", "size: 5", 1));
    assert_snapshot!(project.lockgate("status copy").stdout, @"
    task  decision  because
    copy  adopt     dvc.lock knows it: this command, these inputs, parameters and outputs
    ");
    // Its cache lies elsewhere, too.
    project.remove("out.txt");
    project.write(".dvc/cache/5b/bf5a52328e7439ae6e719dfe712200", "one\n");
    assert_snapshot!(project.lockgate("status copy").stdout, @"
    task  decision  because
    copy  restore   from DVC's cache: out `out.txt` is missing
    ");
}

#[test]
fn a_project_of_dvc_is_imported_as_a_whole() {
    let project = project();
    assert_snapshot!(project.lockgate("import dvc --dry"), @"
    stage  import  because
    copy   taken
    count  taken
    --- stderr
    would take 2 stages
    --- exit 0
    ");
    assert!(!project.exists("pipeline.lock"));
    assert_snapshot!(project.lockgate("import dvc"), @"
    stage  import  because
    copy   taken
    count  taken
    --- stderr
    took 2 stages
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("status"), @"
    task   decision  because
    copy   fresh
    count  fresh
    --- stderr
    everything is fresh: 2 tasks
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("import dvc"), @"
    stage  import  because
    copy   known
    count  known
    --- stderr
    took 0 stages, 2 known before
    --- exit 0
    ");
    assert_eq!((project.read("dvc.lock").as_str(), project.exists("ran")), (LOCK, false));
    // The store shares DVC's object instead of a copy, unless the file system shares blocks anyway.
    let object = fs::metadata(project.path().join(OBJECT)).expect("it is there");
    assert_eq!(object.permissions().mode() & 0o777, 0o444);
}

#[test]
fn what_cannot_be_imported_is_named_with_the_reason() {
    let project = project();
    project.remove("out.txt");
    project.write("n.txt", "edited\n");
    assert_snapshot!(project.lockgate("import dvc"), @"
    stage  import  because
    copy   taken   1 output only in DVC's cache
    count  left    out `n.txt` is not what DVC has seen
    --- stderr
    took 1 stage, 1 left for `lockgate repro` to make; `lockgate checkout` places what is not in the workspace
    --- exit 7
    ");
    assert_snapshot!(project.lockgate("checkout copy"), @"
    --- stderr
    ✓ copy      restored TIME
    ✓ done: 1 restored in TIME
    --- exit 0
    ");
    assert_eq!(project.read("out.txt"), "one\n");
    project.write("in.txt", "two\n");
    assert_snapshot!(project.lockgate("import dvc --json"), @r#"
    {
      "v": 1,
      "dry": false,
      "stages": [
        {
          "stage": "copy",
          "import": "left",
          "from_cache": 0,
          "reasons": [
            "dep `in.txt` is not what DVC has seen"
          ]
        },
        {
          "stage": "count",
          "import": "left",
          "from_cache": 0,
          "reasons": [
            "`copy` is not up to date"
          ]
        }
      ]
    }
    --- exit 7
    "#);
}

/// The project with which the golden lock was made by DVC.
fn golden() -> Sandbox {
    let project = Sandbox::empty();
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/dvc/project");
    for file in ["dvc.yaml", "params.yaml", "p.toml", "crlf.txt", "in/a", "in/b", "sub/keep"] {
        project.write(file, &fs::read_to_string(format!("{golden}/{file}")).expect("it is UTF-8"));
    }
    project.write(".dvc/config", "");
    project
}

#[test]
fn dvc_lock_and_its_cache_are_written_as_dvc_writes_them() {
    let project = golden();
    project.lockgate("repro --write-dvc-lock");
    assert_eq!(project.read("dvc.lock"), include_str!("../golden/dvc/project/dvc.lock"));
    let list = ".dvc/cache/files/md5/11/9e2e085a6c6c4084d5bba11db68d5c.dir";
    assert_snapshot!(project.read(list), @r#"[{"md5": "5bbf5a52328e7439ae6e719dfe712200", "relpath": "a"}, {"md5": "c193497a1a06b2c72230e6146ff47080", "relpath": "deeper/b"}]"#);
    for object in
        ["5b/bf5a52328e7439ae6e719dfe712200", "c1/93497a1a06b2c72230e6146ff47080", "3e/2b31c72181b87149ff995e7202c0e3"]
    {
        let object = fs::metadata(project.path().join(".dvc/cache/files/md5").join(object)).expect("it is there");
        assert_eq!(object.permissions().mode() & 0o777, 0o444);
    }
    assert!(!project.exists(".dvc/cache/files/md5/9a"), "an out that is not cached is not given to DVC's cache");
}

#[test]
fn entries_of_stages_that_are_gone_stay_in_dvc_lock_and_leave_ours() {
    let project = project();
    project.lockgate("config dvc.write_lock true");
    project.lockgate("repro");
    let (copy, _) = PIPELINE.split_once("  count:").expect("there is one");
    project.write("dvc.yaml", copy);
    project.write("in.txt", "two\n");
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ✓ copy      ran TIME
    ✓ done: 1 ran in TIME
    --- exit 0
    ");
    assert_snapshot!(project.read("dvc.lock"), @"
    schema: '2.0'
    stages:
      copy:
        cmd: touch ran; cp in.txt out.txt
        deps:
        - path: in.txt
          hash: md5
          md5: c193497a1a06b2c72230e6146ff47080
          size: 4
        params:
          params.yaml:
            lr: 1
        outs:
        - path: out.txt
          hash: md5
          md5: c193497a1a06b2c72230e6146ff47080
          size: 4
      count:
        cmd: touch ran; wc -l < out.txt > n.txt
        deps:
        - path: out.txt
          hash: md5
          md5: 5bbf5a52328e7439ae6e719dfe712200
          size: 4
        outs:
        - path: n.txt
          hash: md5
          md5: b026324c6904b2a9cb4b88d6d61c81d1
          size: 2
    ");
    assert!(!project.read("pipeline.lock").contains("count"));
    // A text of DVC that is lost is written again although nothing runs.
    project.remove("dvc.lock");
    project.lockgate("repro");
    assert!(project.read("dvc.lock").contains("  copy:\n"));
}

#[test]
fn each_pipeline_file_has_its_own_dvc_lock() {
    let project = project();
    project.write(
        "models/dvc.yaml",
        "stages:\n  copy:\n    cmd: touch ../ran; cat ../out.txt > m.txt\n    deps: [../out.txt]\n    outs: [m.txt]\n",
    );
    project.write("models/m.txt", "one\n");
    let item = |path: &str| {
        format!("    - path: {path}\n      hash: md5\n      md5: 5bbf5a52328e7439ae6e719dfe712200\n      size: 4\n")
    };
    let (dep, out) = (item("../out.txt"), item("m.txt"));
    let lock = format!(
        "schema: '2.0'\nstages:\n  copy:\n    cmd: touch ../ran; cat ../out.txt > m.txt\n    deps:\n{dep}    outs:\n{out}"
    );
    project.write("models/dvc.lock", &lock);
    assert_snapshot!(project.lockgate("repro -P -j 1"), @"
    --- stderr
    ✓ copy         adopted TIME from dvc.lock
    ✓ count        adopted TIME from dvc.lock
    ✓ models:copy  adopted TIME from dvc.lock
    ✓ done: 3 adopted in TIME
    --- exit 0
    ");
    assert!(!project.exists("ran"));
    project.write("in.txt", "two\n");
    project.lockgate("repro -P --write-dvc-lock");
    assert_eq!(
        project.read("models/dvc.lock"),
        lock.replace("5bbf5a52328e7439ae6e719dfe712200", "c193497a1a06b2c72230e6146ff47080")
    );
}

#[test]
fn a_dvc_lock_that_cannot_be_read_is_not_written_over() {
    let project = project();
    let torn = LOCK.replace("schema: '2.0'\n", "schema: '2.0'\n<<<<<<< ours\n");
    project.write("dvc.lock", &torn);
    project.write("in.txt", "two\n");
    assert_snapshot!(project.lockgate("repro -j 1 --write-dvc-lock"), @"
    --- stderr
    ✓ copy      ran TIME
    ✓ count     ran TIME
    ! warning: DVC is not told all of what was done: `dvc.lock` is left as it is: the text is not one that DVC can read
        help: the results are published and recorded; once it is put right, run the command again
    ! warning: `dvc.lock` has merge conflict markers (line 2), and its sides differ on `copy` and `count`: what is in doubt of it is not used
        help: nothing else is affected; `lockgate lock merge` takes the markers out
    ✓ done: 2 ran in TIME
    --- exit 0
    ");
    assert_eq!(project.read("dvc.lock"), torn);
}

/// DVC itself, where the machine has it: `LOCKGATE_DVC`, or `dvc` on the path.
pub fn dvc() -> Option<std::ffi::OsString> {
    let dvc = std::env::var_os("LOCKGATE_DVC").unwrap_or_else(|| "dvc".into());
    let found = std::process::Command::new(&dvc).arg("--version").stdout(std::process::Stdio::null()).status();
    found.is_ok_and(|status| status.success()).then_some(dvc)
}

#[test]
fn the_two_tools_take_turns_where_dvc_is_installed() {
    let Some(dvc) = dvc() else { return println!("skipped: DVC is not installed") };
    let run = |project: &Sandbox, line: &str| {
        let mut command = std::process::Command::new(&dvc);
        command.args(line.split(' ')).current_dir(project.path()).env("DVC_NO_ANALYTICS", "1").env("SHELL", "/bin/sh");
        let output = command.output().expect("DVC can be started");
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    let [ours, theirs] = [golden(), golden()];
    let edits: [(&str, &str); 5] = [
        ("in/a", "three\n"),
        ("params.yaml", "lr: 2\nbig: 1\nnested: {z: {b: 1, a: [~]}, y: []}\ntext: it's # odd\nnothing: ~\nflag: no\n"),
        ("in/\u{e9} c", "new\n"),
        ("crlf.txt", "x\n"),
        ("p.toml", "a = 1\n[t]\nz = 1e-7\n"),
    ];
    for project in [&ours, &theirs] {
        fs::remove_dir_all(project.path().join(".dvc")).expect("it is there");
        run(project, "init --no-scm -q");
    }
    for (file, text) in [("in/a", "one\n")].iter().chain(&edits) {
        ours.write(file, text);
        theirs.write(file, text);
        ours.lockgate("repro --write-dvc-lock");
        run(&theirs, "repro -q");
        assert_eq!(ours.read("dvc.lock"), theirs.read("dvc.lock"), "after an edit of {file}");
        assert_eq!(run(&ours, "status"), "Data and pipelines are up to date.\n", "after an edit of {file}");
        assert_eq!(theirs.lockgate("status --check").code, 0, "after an edit of {file}");
    }
}

/// Where both tools are used, `dvc remove` and ours leave the same.
#[test]
fn a_stage_that_is_removed_leaves_dvc_lock_where_that_is_kept_in_step() {
    let project = project();
    project.lockgate("repro");
    let (pipeline, lock) = (project.read("dvc.yaml"), project.read("dvc.lock"));
    assert_eq!(project.lockgate("remove count").code, 0);
    assert_eq!(project.read("dvc.lock"), lock);

    project.write("dvc.yaml", &pipeline);
    project.lockgate("config dvc.write_lock true");
    assert_eq!(project.lockgate("remove count").code, 0);
    assert_eq!(project.read("dvc.lock"), lock[..lock.find("  count:").expect("it is there")]);
    assert_eq!(project.lockgate("status --check").code, 0);
    assert_eq!(project.lockgate("remove copy").code, 0);
    assert!(!project.exists("dvc.lock"));

    project.write("dvc.yaml", &pipeline);
    project.write("dvc.lock", &format!("<<<<<<< ours\n{lock}"));
    assert_snapshot!(project.lockgate("remove count"), @"
    --- stderr
    ! warning: `dvc.lock` still has what was removed: `dvc.lock` is left as it is: the text is not one that DVC can read
        help: it harms nothing; put the file right and take the entries out by hand
    removed stage `count` from `dvc.yaml`
    --- exit 0
    ");
}
