//! Deps and outs outside of the project: looked at like all others, and never written, moved or put back.

use std::fs;
use std::os::unix::fs::symlink;

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// What is beside the project is named by a relative path here, and by an absolute one there.
const PIPELINE: &str = "\
stages:
  join:
    cmd: cat ../ext/a.csv in.txt > out.txt; cp out.txt ../out.txt
    deps:
    - AROUND/ext/a.csv
    - ../ext/./dir/
    - in.txt
    outs:
    - out.txt
    - ../out.txt: {cache: false}
    - AROUND/ext/all.log: {cache: false, persist: true}
  count:
    wdir: sub
    cmd: wc -l < ../../out.txt > n.txt
    deps: [../../out.txt]
    outs: [n.txt]
";

/// What DVC 3.67.1 writes for it.
const LOCK: &str = "\
schema: '2.0'
stages:
  join:
    cmd: cat ../ext/a.csv in.txt > out.txt; cp out.txt ../out.txt
    deps:
    - path: ../ext/./dir/
      hash: md5
      md5: b4c9648768143dd9cf84f3b109711779.dir
      size: 2
      nfiles: 1
    - path: AROUND/ext/a.csv
      hash: md5
      md5: b026324c6904b2a9cb4b88d6d61c81d1
      size: 2
    - path: in.txt
      hash: md5
      md5: 6d7fce9fee471194aa8b5b6e47267f03
      size: 2
    outs:
    - path: ../out.txt
      hash: md5
      md5: 0a88863510308751293f4b91afc07dd6
      size: 4
    - path: AROUND/ext/all.log
      hash: md5
      md5: d41d8cd98f00b204e9800998ecf8427e
      size: 0
    - path: out.txt
      hash: md5
      md5: 0a88863510308751293f4b91afc07dd6
      size: 4
  count:
    cmd: wc -l < ../../out.txt > n.txt
    deps:
    - path: ../../out.txt
      hash: md5
      md5: 0a88863510308751293f4b91afc07dd6
      size: 4
    outs:
    - path: n.txt
      hash: md5
      md5: 26ab0db90d72e28ad0ba1e22ee510510
      size: 2
";

fn around(ws: &Sandbox, text: &str) -> String {
    text.replace("AROUND", ws.path().parent().expect("the project lies in a folder").to_str().expect("UTF-8"))
}

fn project(file: &str, pipeline: &str) -> Sandbox {
    let ws = Sandbox::with_neighbours();
    ws.write(file, &around(&ws, pipeline));
    for (path, text) in
        [("../ext/a.csv", "1\n"), ("../ext/dir/b.csv", "2\n"), ("../ext/all.log", ""), ("in.txt", "3\n"), ("sub/x", "")]
    {
        ws.write(path, text);
    }
    ws
}

/// Returns the heading of each problem with its place and its next step.
fn refused(pipeline: &str) -> String {
    let ws = project("pipeline.yaml", pipeline);
    symlink("../ext", ws.path().join("link")).expect("the link can be made");
    symlink("ext", ws.path().join("../alias")).expect("the link can be made");
    let output = ws.lockgate("repro --dry");
    assert_eq!(output.code, 3, "{output}");
    assert_eq!(ws.lockgate("repro").code, 3);
    let is_told = |line: &&str| ["error:", "  help:", "        "].iter().any(|start| line.starts_with(start));
    let lines = output.stderr.lines().map(|line| line.split("╭─").nth(1).unwrap_or(line));
    let lines = lines.filter(|line| is_told(line) || line.starts_with("[pipeline.yaml"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn what_lies_outside_counts_by_its_path_as_written() {
    let ws = project("pipeline.yaml", PIPELINE);
    assert_snapshot!(ws.lockgate("repro -j 1"), @"
    --- stderr
    ✓ join      ran TIME
    ✓ count     ran TIME
    ✓ done: 2 ran in TIME
    --- exit 0
    ");
    // The seals are of absolute paths, which differ from run to run.
    let lock = ws.hide(&ws.read("pipeline.lock"));
    let lock: Vec<&str> = lock.lines().filter(|line| !line.contains("seal:")).collect();
    assert_snapshot!(lock.join("\n"), @r#"
    # What is true of the last success of every task. Written by lockgate: commit it, do not edit it.
    lockgate: 2
    tasks:
      count:
        cmd: wc -l < ../../out.txt > n.txt
        wdir: sub
        deps:
          "../out.txt": file 4d35f9e942dd8fc46d58466445f1b64bf352b4d523e52d33dbf35a57b09e8b94
        outs:
          sub/n.txt: file b9a1a3183dd350f0e896d0f4b59c87e7bda8b1ed3a1af76afc86c1cb8f7cbbde
      join:
        cmd: cat ../ext/a.csv in.txt > out.txt; cp out.txt ../out.txt
        deps:
          "../ext/dir": tree 2c48c70421afd96135f9a34311c4daef0e96a866844a8a666cf916ca4a369326
          AROUND/ext/a.csv: file 50cc1102b1c612e6962547aacdcef9a400d4416ef8dd9388e885991853c400c9
          in.txt: file 49124bf4f7f37328738ac34216a60dcd5f58bb198c5c3f6719b6becafb7e7882
        outs:
          "../out.txt": {content: file 4d35f9e942dd8fc46d58466445f1b64bf352b4d523e52d33dbf35a57b09e8b94, cache: false}
          AROUND/ext/all.log: {content: file af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262, cache: false, persist: true}
          out.txt: file 4d35f9e942dd8fc46d58466445f1b64bf352b4d523e52d33dbf35a57b09e8b94
    "#);
    assert_snapshot!(ws.lockgate("repro -j 1"), @"
    --- stderr
    · join      fresh
    · count     fresh
    ✓ everything is fresh: 2 tasks in TIME
    --- exit 0
    ");
    assert_snapshot!(ws.lockgate("dag"), @"
    join
    └── count
    --- exit 0
    ");
    assert_snapshot!(ws.lockgate("stage list"), @"
    join   Outputs out.txt, ../out.txt, AROUND/ext/all.log
    count  Outputs n.txt
    --- exit 0
    ");
    ws.write("../ext/a.csv", "other\n");
    assert_snapshot!(ws.lockgate("status"), @"
    task   decision  because
    join   run       dep `AROUND/ext/a.csv` changed: file 50cc1102b1 -> file c0d6c8281a
    count  may run   `join` will run first
    --- stderr
    1 run, 1 may run
    --- exit 0
    ");
    ws.write("../ext/a.csv", "1\n");
    ws.write("../ext/dir/new.csv", "");
    assert_snapshot!(ws.lockgate("status join"), @"
    task  decision  because
    join  run       dep `../ext/dir` changed: tree 2c48c70421 -> tree 3d6bc0dd51
    --- stderr
    1 run
    --- exit 0
    ");
    assert_snapshot!(ws.lockgate("explain count"), @"
    count  may run: that is known after `join`

    the key of its last success, 989f6ee13b, covers
      kind of work      stage
      command           `wc -l < ../../out.txt > n.txt`
      working folder    `sub`
      dep `../out.txt`  file 4d35f9e942
      out `sub/n.txt`   out
    --- exit 0
    ");
}

#[test]
fn dvc_lock_names_it_as_dvc_does() {
    let ws = project("dvc.yaml", PIPELINE);
    assert_eq!(ws.lockgate("repro -q --write-dvc-lock").code, 0);
    assert_eq!(ws.hide(&ws.read("dvc.lock")), LOCK);
}

/// DVC 3.67.1 says so of this folder: what it leaves out of a project, by `.dvcignore` or by itself, counts there.
#[test]
fn a_folder_outside_is_taken_as_dvc_takes_it() {
    let ws = project("dvc.yaml", "stages:\n  s: {cmd: echo x > o, deps: [../whole], outs: [o]}\n");
    for (path, text) in [
        (".dvcignore", "*.csv\n"),
        ("../whole/.git/x", "g\n"),
        ("../whole/v.csv", "v\n"),
        ("../whole/d/v.csv", "w\n"),
        ("../whole/d/.dvc/t", "w\n"),
    ] {
        ws.write(path, text);
    }
    symlink("../d", ws.path().join("../whole/d/loop")).expect("the link can be made");
    assert_eq!(ws.lockgate("repro -q --write-dvc-lock").code, 0);
    let expected = "md5: b1a0ea4c075e2cf5c5d913ca3ded0a51.dir\n      size: 8\n      nfiles: 4\n";
    assert!(ws.read("dvc.lock").contains(expected), "{}", ws.read("dvc.lock"));
}

#[test]
fn what_dvc_knows_of_it_is_evidence() {
    let ws = project("dvc.yaml", PIPELINE);
    ws.write("dvc.lock", &around(&ws, LOCK));
    for (path, text) in [("out.txt", "1\n3\n"), ("../out.txt", "1\n3\n"), ("sub/n.txt", "2\n")] {
        ws.write(path, text);
    }
    assert_snapshot!(ws.lockgate("import dvc"), @"
    stage  import  because
    join   taken
    count  taken
    --- stderr
    took 2 stages
    --- exit 0
    ");
    assert_snapshot!(ws.lockgate("repro -j 1"), @"
    --- stderr
    · join      fresh
    · count     fresh
    ✓ everything is fresh: 2 tasks in TIME
    --- exit 0
    ");
    ws.write("../out.txt", "edited\n");
    ws.write("pipeline.lock", "");
    fs::remove_dir_all(ws.path().join(".lockgate")).expect("it can be removed");
    assert_snapshot!(ws.lockgate("status"), @"
    task   decision  because
    join   run       not as in dvc.lock: out `../out.txt` is not what DVC has seen
    count  may run   `join` will run first
    --- stderr
    ! warning: `pipeline.lock` is empty: every task is decided anew
        help: `git checkout` of the file brings back what was committed
    1 run, 1 may run
    --- exit 0
    ");
}

#[test]
fn it_is_never_put_back() {
    let ws = project("pipeline.yaml", PIPELINE);
    assert_eq!(ws.lockgate("repro -q").code, 0);
    ws.write("../out.txt", "edited\n");
    assert_snapshot!(ws.lockgate("status join"), @"
    task  decision  because
    join  run       out `../out.txt` was changed after it was published: file 4d35f9e942 -> file 1eeec6…
    --- stderr
    1 run
    --- exit 0
    ");
    assert_snapshot!(ws.lockgate("checkout"), @"
    --- stderr
    2 tasks cannot be put in place: `join` and `count`; `lockgate repro` makes them
    --- exit 7
    ");
    assert_eq!(ws.read("../out.txt"), "edited\n");
    // The run cache has the outputs of both versions of the input, and of what is outside only what stands there counts.
    assert_eq!(ws.lockgate("repro -q").code, 0);
    ws.write("in.txt", "4\n");
    assert_eq!(ws.lockgate("repro -q").code, 0);
    ws.write("in.txt", "3\n");
    assert_snapshot!(ws.lockgate("repro -j 1"), @"
    --- stderr
    ✓ join      ran TIME
    ✓ count     restored TIME
    ✓ done: 1 ran, 1 restored in TIME
    --- exit 0
    ");
    assert_eq!(ws.read("../out.txt"), "1\n3\n");
    // What is inside comes back from the store while what is outside is what it was.
    ws.remove("out.txt");
    assert_snapshot!(ws.lockgate("repro -j 1"), @"
    --- stderr
    ✓ join      restored TIME
    · count     fresh
    ✓ done: 1 restored, 1 fresh in TIME
    --- exit 0
    ");
}

#[test]
fn a_failure_leaves_it_as_the_command_left_it_and_says_so() {
    let ws = project("pipeline.yaml", PIPELINE);
    assert_eq!(ws.lockgate("repro -q").code, 0);
    let broken = PIPELINE.replace("cp out.txt ../out.txt", "echo half > ../out.txt; exit 3");
    ws.write("pipeline.yaml", &around(&ws, &broken));
    assert_snapshot!(ws.lockgate("repro -j 1 join"), @"
    --- stderr
    ! warning: `join` failed, and what it makes outside of the project stays as it is now: `../out.txt` and `AROUND/ext/all.log`
    ✗ join      failed TIME failed with exit status 3

    ✗ stage join  FAILED  failed with exit status 3  after TIME
      log       .lockgate/runs/RUN/join.log
      outputs   the last good ones are back in place
      next      `lockgate logs join` shows all of its output; then `lockgate repro`

    ✗ failed: 1 failed in TIME
    --- exit 1
    ");
    assert_eq!((ws.read("out.txt"), ws.read("../out.txt")), ("1\n3\n".into(), "half\n".into()));
    ws.write("pipeline.yaml", &around(&ws, PIPELINE));
    assert_snapshot!(ws.lockgate("status"), @"
    task   decision  because
    join   run       out `../out.txt` was changed after it was published: file 4d35f9e942 -> file 6f635…
    count  may run   `join` will run first
    --- stderr
    1 run, 1 may run
    --- exit 0
    ");
    assert_snapshot!(ws.lockgate("repro -j 1"), @"
    --- stderr
    ✓ join      ran TIME
    · count     fresh
    ✓ done: 1 ran, 1 fresh in TIME
    --- exit 0
    ");
    assert_eq!(ws.read("../out.txt"), "1\n3\n");
}

#[test]
fn an_output_that_was_not_made_there_is_a_failure() {
    let ws = project("pipeline.yaml", "stages:\n  s: {cmd: 'true', outs: [../made: {cache: false}]}\n");
    assert_snapshot!(ws.lockgate("repro"), @"
    --- stderr
    ✗ s         failed TIME exited with 0 but did not make its output `../made`

    ✗ stage s  FAILED  exited with 0 but did not make its output `../made`  after TIME
      log       .lockgate/runs/RUN/s.log
      outputs   none: there were none before
      next      let its command write `../made`, or remove it from `outs`

    ✗ failed: 1 failed in TIME
    --- exit 1
    ");
}

#[test]
fn it_can_be_a_target() {
    let ws = project("pipeline.yaml", PIPELINE);
    assert_eq!(ws.lockgate("repro -q").code, 0);
    assert_snapshot!(ws.lockgate("status ../out.txt"), @"
    task  decision  because
    join  fresh
    --- stderr
    everything is fresh: 1 task
    --- exit 0
    ");
    assert_snapshot!(ws.lockgate(&format!("status {}", around(&ws, "AROUND/ext/all.log"))), @"
    task  decision  because
    join  fresh
    --- stderr
    everything is fresh: 1 task
    --- exit 0
    ");
    assert_snapshot!(ws.finish(ws.command("status ../../out.txt").current_dir(ws.path().join("sub"))), @"
    task  decision  because
    join  fresh
    --- stderr
    everything is fresh: 1 task
    --- exit 0
    ");
    assert_snapshot!(ws.lockgate("repro --dry -f --downstream ../out.txt"), @"
    task   decision  because
    join   run       it was forced
    count  run       it was forced
    --- stderr
    2 run
    --- exit 7
    ");
    assert_snapshot!(ws.lockgate("status ../ou.txt"), @"
    --- stderr
    error: no stage, gate or output is called `../ou.txt`
      help: did you mean `../out.txt`?
    --- exit 2
    ");
}

#[test]
fn commands_that_keep_outputs_leave_it_where_it_is() {
    let ws = project("pipeline.yaml", PIPELINE);
    for (path, text) in [("out.txt", "by hand\n"), ("../out.txt", "by hand\n"), ("sub/n.txt", "1\n")] {
        ws.write(path, text);
    }
    assert_snapshot!(ws.lockgate("commit -f"), @"
    --- stderr
    committed 2 stages: `join` and `count`
    --- exit 0
    ");
    assert_snapshot!(ws.lockgate("repro -j 1"), @"
    --- stderr
    · join      fresh
    · count     fresh
    ✓ everything is fresh: 2 tasks in TIME
    --- exit 0
    ");
    assert_snapshot!(ws.lockgate("repro -j 1 -R sub"), @"
    --- stderr
    · join      fresh
    · count     fresh
    ✓ everything is fresh: 2 tasks in TIME
    --- exit 0
    ");
    assert_snapshot!(ws.lockgate("verify"), @"
    --- stderr
    read 2 objects, SIZE B: all sound
    --- exit 0
    ");
    assert_snapshot!(ws.lockgate("remove --outs count join"), @"
    --- stderr
    `../out.txt` lies outside of the project and stays
    `AROUND/ext/all.log` lies outside of the project and stays
    removed stage `count` from `pipeline.yaml`
    removed stage `join` from `pipeline.yaml`
    --- exit 0
    ");
    assert_eq!((ws.exists("out.txt"), ws.exists("../out.txt")), (false, true));
}

#[test]
fn what_is_missing_there_is_named_before_anything_runs() {
    let ws = project("pipeline.yaml", PIPELINE);
    ws.remove("../ext/a.csv");
    assert_snapshot!(ws.lockgate("repro"), @"
    --- stderr
    error: stage `join` depends on `AROUND/ext/a.csv`, which no stage makes and which does not exist
       ╭─[pipeline.yaml:5:7]
     4 │     deps:
     5 │     - AROUND/ext/a.csv
       ·       ────────────┬────────────
       ·                   ╰── here
     6 │     - ../ext/./dir/
       ╰────
      help: put it there, or name where it is on this machine: `AROUND/ext/a.csv` lies
            outside of the project
    --- exit 3
    ");
    assert_snapshot!(ws.lockgate("status join"), @"
    task  decision  because
    join  blocked   dep `AROUND/ext/a.csv` does not exist
    --- stderr
    1 blocked
    --- exit 0
    ");
    assert!(!ws.exists(".lockgate/runs"));
}

#[test]
fn an_output_that_would_have_to_be_kept_is_refused() {
    assert_snapshot!(refused("stages:\n  s: {cmd: x, outs: [../a], metrics: [AROUND/m.json], deps: [../ext]}\n"), @"
    error: out `../a` of stage `s` lies outside of the project, and could not be restored
    [pipeline.yaml:2:22]
      help: set `cache: false` on it to have it watched only, or write it into the project
    error: out `AROUND/m.json` of stage `s` lies outside of the project, and could not be restored
    [pipeline.yaml:2:39]
      help: set `cache: false` on it to have it watched only, or write it into the project
    ");
}

#[test]
fn what_is_no_place_of_this_machine_is_refused() {
    assert_snapshot!(refused("stages:\n  s: {cmd: x, deps: ['https://example.com/a.csv', 'remote://r/x', .., /]}\n"), @"
    error: a dep of stage `s` is `https://example.com/a.csv`, and lockgate knows only files of this machine
    [pipeline.yaml:2:22]
      help: let a stage with `always_changed: true` fetch or send it, and name the file that it
            writes: what reads that file runs when its content changes
    error: a dep of stage `s` is `remote://r/x`, and lockgate knows only files of this machine
    [pipeline.yaml:2:51]
      help: let a stage with `always_changed: true` fetch or send it, and name the file that it
            writes: what reads that file runs when its content changes
    error: a dep of stage `s` is not a path that can be used: `..` holds the project
    [pipeline.yaml:2:67]
      help: name what is meant inside of it
    error: a dep of stage `s` is not a path that can be used: `/` holds the project
    [pipeline.yaml:2:71]
      help: name what is meant inside of it
    ");
}

#[test]
fn a_gate_judges_what_is_in_the_project() {
    assert_snapshot!(refused("stages:\n  g: {gate: {data: AROUND/ext/a.csv, command: 'true'}}\n"), @"
    error: `data` of gate `g` is not a path inside the project: `AROUND/ext/a.csv` is absolute
    [pipeline.yaml:2:20]
      help: copy the data into the project, or make a stage that fetches it there
    ");
    let leakage = "\
stages:
  s: {cmd: x, deps: [in.csv, ../ext/a.csv], outs: [o.csv]}
  t: {cmd: x, deps: [in.csv], outs: [p.csv, ../p.csv: {cache: false}]}
  g: {gate: {data: o.csv, leakage: {stage: s, key: [id], time: time, outcomes: {in.csv: [score]}}}}
  h: {gate: {data: p.csv, leakage: {stage: t, key: [id], time: time, outcomes: {in.csv: [score]}}}}
";
    assert_snapshot!(refused(leakage), @"
    error: gate `g` runs stage `s` again in a copy of the project, and its dep `../ext/a.csv` lies outside of it
    [pipeline.yaml:4:36]
      help: bring it into the project, or judge a stage that stays inside of it
    error: gate `h` runs stage `t` again in a copy of the project, and its out `../p.csv` lies outside of it
    [pipeline.yaml:5:36]
      help: bring it into the project, or judge a stage that stays inside of it
    ");
}

#[test]
fn another_name_of_a_place_is_refused() {
    // Two stages that make one file, or one in the folder of the other.
    assert_snapshot!(refused(
        "stages:\n  a: {cmd: x, outs: [../o: {cache: false}]}\n  b: {cmd: x, outs: [AROUND/o/p: {cache: false}]}\n"
    ), @"
    error: out `AROUND/o/p` of stage `b` is the same place as out `../o` of stage `a`, or one of them lies in the other
    [pipeline.yaml:3:22]
      help: let each stage make a file of its own
    ");
    assert_snapshot!(refused(
        "stages:\n  a: {cmd: x, outs: [../ext/o: {cache: false}]}\n  b: {cmd: x, outs: [../alias/o: {cache: false}]}\n"
    ), @"
    error: out `../alias/o` of stage `b` is the same place as out `../ext/o` of stage `a`, or one of them lies in the other
    [pipeline.yaml:3:22]
      help: let each stage make a file of its own
    ");
    assert_snapshot!(refused(
        "stages:\n  a: {cmd: x, outs: [../o: {cache: false}]}\n  b: {cmd: x, outs: [../o: {cache: false}]}\n"
    ), @"
    error: stages `a` and `b` both make `../o`
    [pipeline.yaml:3:22]
      help: let each stage make a file of its own
    ");
    // A reader that would not wait for the stage.
    assert_snapshot!(refused(
        "stages:\n  a: {cmd: x, outs: [../ext/o: {cache: false}]}\n  \
         b: {cmd: x, deps: [AROUND/ext/o], outs: [b]}\n  c: {cmd: x, deps: [link], outs: [c]}\n"
    ), @"
    error: stage `b` depends on `AROUND/ext/o`, which is another name of `../ext/o`, made by stage `a`
    [pipeline.yaml:3:22]
      help: name `../ext/o` everywhere, so that its stage is waited for
    error: stage `c` depends on `link`, which is another name of `../ext/o`, made by stage `a`
    [pipeline.yaml:4:22]
      help: name `../ext/o` everywhere, so that its stage is waited for
    ");
    // A way out of the project that leads back.
    assert_snapshot!(refused(
        "stages:\n  a: {cmd: x, deps: [AROUND/project/in.txt, AROUND], outs: [o]}\n  \
         b: {cmd: x, outs: [../project/p: {cache: false}]}\n  c: {cmd: x, outs: [AROUND: {cache: false}]}\n"
    ), @"
    error: stage `a` depends on `DIR/in.txt`, which lies in the project
    [pipeline.yaml:2:22]
      help: name `in.txt`: another copy of the project would read that of this one
    error: stage `a` depends on `AROUND`, in which the project itself lies
    [pipeline.yaml:2:54]
      help: name what is meant inside of it
    error: out `../project/p` of stage `b` lies in the project
    [pipeline.yaml:3:22]
      help: name `p`
    error: out `AROUND` of stage `c` holds the project itself
    [pipeline.yaml:4:22]
      help: name what is made inside of it
    ");
}

#[test]
fn values_that_are_left_out_are_named() {
    let ws = project(
        "pipeline.yaml",
        "stages:\n  s:\n    cmd: echo '{}' > ../m.json\n    metrics: [../m.json: {cache: false}]\n    \
         plots: [AROUND/p.csv: {cache: false}]\n",
    );
    ws.write("../p.csv", "x,y\n1,2\n");
    assert_snapshot!(ws.lockgate("metrics show"), @"
    --- stderr
    not shown, since outside of the project: `../m.json`
    the pipeline declares no metrics
    --- exit 0
    ");
    assert_snapshot!(ws.lockgate("plots show"), @"
    --- stderr
    not shown, since outside of the project: `AROUND/p.csv`
    the pipeline declares no plots
    --- exit 0
    ");
}
