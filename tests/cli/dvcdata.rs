//! Data that `.dvc` files track: it comes back from DVC's cache, and what it has become is recorded.

use std::fs;

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

const ONE: &str = "5bbf5a52328e7439ae6e719dfe712200";
pub const TWO: &str = "c193497a1a06b2c72230e6146ff47080";
const THREE: &str = "febe6995bad457991331348f7b9c85fa";
/// Of a folder with `one` in `a` and `two` in `b`.
const FOLDER: &str = "a9008cbd0e570248bc882f716cdf4b0b.dir";

const PIPELINE: &str = "\
stages:
  all:
    cmd: cat in.txt d/a d/b data/x.txt > out.txt
    deps: [in.txt, d, data]
    outs: [out.txt]
  part:
    cmd: cp d/b part.txt
    deps: [d/b]
    outs: [part.txt]
";

pub fn object(oid: &str) -> String {
    format!(".dvc/cache/files/md5/{}/{}", &oid[..2], &oid[2..])
}

pub fn tracking(path: &str, md5: &str) -> String {
    let n_files = if md5 == FOLDER { "  nfiles: 2\n  size: 8\n" } else { "  size: 4\n" };
    format!("outs:\n- md5: {md5}\n{n_files}  hash: md5\n  path: {path}\n")
}

/// A project whose data is in DVC's cache alone, as after a clone.
fn clone() -> Sandbox {
    let project = Sandbox::empty();
    project.write("dvc.yaml", PIPELINE);
    project.write("in.txt.dvc", &tracking("in.txt", ONE));
    project.write("d.dvc", &tracking("d", FOLDER));
    project.write("data/x.txt.dvc", &tracking("x.txt", TWO));
    project.write("data/notes.md", "notes\n");
    for (oid, text) in [(ONE, "one\n"), (TWO, "two\n"), (THREE, "three\n")] {
        project.write(&object(oid), text);
    }
    let list = format!(r#"[{{"md5": "{ONE}", "relpath": "a"}}, {{"md5": "{TWO}", "relpath": "b"}}]"#);
    project.write(&object(FOLDER), &list);
    project
}

/// The same with all data in place and everything made.
fn made() -> Sandbox {
    let project = clone();
    assert_eq!(project.lockgate("repro").code, 0);
    project
}

/// A quiet run looks first whether there is anything to do, and what it then brings back stands where it saw nothing.
#[test]
fn data_that_a_quiet_run_misses_comes_back_and_nothing_runs() {
    let project = made();
    for path in ["in.txt", "data/x.txt"] {
        project.remove(path);
        let output = project.lockgate("repro -q");
        assert_eq!((output.code, output.stdout.as_str()), (0, ""), "{output}");
        assert_eq!(project.lockgate("status --check").code, 0, "{path}");
    }
    assert_eq!(
        project.lockgate("repro").stderr,
        "· all       fresh\n· part      fresh\n✓ everything is fresh: 2 tasks in TIME\n"
    );
}

#[test]
fn data_that_is_missing_comes_back_before_anything_runs() {
    let project = clone();
    assert_snapshot!(project.lockgate("status"), @"
    task        decision  because
    d           restore   from DVC's cache: it is missing, and `d.dvc` tracks it
    data/x.txt  restore   from DVC's cache: it is missing, and `data/x.txt.dvc` tracks it
    in.txt      restore   from DVC's cache: it is missing, and `in.txt.dvc` tracks it
    all         run       it has no entry in the lock
    part        run       it has no entry in the lock
    --- stderr
    2 run, 3 restore
    --- exit 0
    ");
    assert!(!project.exists("in.txt"));
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ✓ d placed, as `d.dvc` records it
    ✓ data/x.txt placed, as `data/x.txt.dvc` records it
    ✓ in.txt placed, as `in.txt.dvc` records it
    ✓ all       ran TIME
    ✓ part      ran TIME
    ✓ done: 2 ran in TIME
    --- exit 0
    ");
    assert_eq!(project.read("out.txt"), "one\none\ntwo\ntwo\n");
    assert_snapshot!(project.lockgate("status --check"), @"
    task  decision  because
    all   fresh
    part  fresh
    --- stderr
    everything is fresh: 2 tasks
    --- exit 0
    ");

    // Nothing runs for data that comes back as it was.
    project.remove("in.txt");
    project.remove("data/x.txt");
    fs::remove_dir_all(project.path().join("d")).expect("it is there");
    assert_snapshot!(project.lockgate("status --check"), @"
    task        decision  because
    d           restore   from DVC's cache: it is missing, and `d.dvc` tracks it
    data/x.txt  restore   from DVC's cache: it is missing, and `data/x.txt.dvc` tracks it
    in.txt      restore   from DVC's cache: it is missing, and `in.txt.dvc` tracks it
    all         fresh
    part        fresh
    --- stderr
    3 restore, 2 fresh
    --- exit 7
    ");
    assert_snapshot!(project.lockgate("repro part"), @"
    --- stderr
    ✓ d placed, as `d.dvc` records it
    · part      fresh
    ✓ everything is fresh: 1 task in TIME
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("status --json").stdout, @r#"
    {
      "v": 1,
      "fresh": false,
      "data": [
        {
          "path": "data/x.txt",
          "tracked_by": "data/x.txt.dvc",
          "state": "returns"
        },
        {
          "path": "in.txt",
          "tracked_by": "in.txt.dvc",
          "state": "returns"
        }
      ],
      "tasks": [
        {
          "task": "all",
          "decision": {
            "do": "fresh"
          }
        },
        {
          "task": "part",
          "decision": {
            "do": "fresh"
          }
        }
      ]
    }
    "#);
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    ✓ data/x.txt placed, as `data/x.txt.dvc` records it
    ✓ in.txt placed, as `in.txt.dvc` records it
    · all       fresh
    · part      fresh
    ✓ everything is fresh: 2 tasks in TIME
    --- exit 0
    ");
}

#[test]
fn data_is_never_a_link_into_the_store() {
    let project = clone();
    project.lockgate("config link symlink");
    project.lockgate("repro");
    let is_link = |path: &str| fs::symlink_metadata(project.path().join(path)).expect("it is there").is_symlink();
    assert_eq!((is_link("in.txt"), is_link("d/a")), (false, false));
}

#[test]
fn data_that_nothing_has_is_missed() {
    let project = clone();
    project.remove(&object(ONE));
    project.write(&object(TWO), "six\n");
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    ! warning: `data/x.txt`, which `data/x.txt.dvc` tracks, could not be put in place: what DVC's cache holds as c193497a1a06b2c72230e6146ff47080 is damaged: `DIR/.dvc/cache/files/md5/c1/93497a1a06b2c72230e6146ff47080`
        help: `dvc pull data/x.txt.dvc` brings it again
    error: stage `all` depends on `in.txt`, which no stage makes and which does not exist
       ╭─[dvc.yaml:4:12]
     3 │     cmd: cat in.txt d/a d/b data/x.txt > out.txt
     4 │     deps: [in.txt, d, data]
       ·            ───┬──
       ·               ╰── here
     5 │     outs: [out.txt]
       ╰────
      help: `in.txt.dvc` tracks it, and DVC's cache does not have it: `dvc pull in.txt.dvc` brings it

    error: stage `all` depends on `d`, which no stage makes and which does not exist
       ╭─[dvc.yaml:4:20]
     3 │     cmd: cat in.txt d/a d/b data/x.txt > out.txt
     4 │     deps: [in.txt, d, data]
       ·                    ┬
       ·                    ╰── here
     5 │     outs: [out.txt]
       ╰────
      help: `d.dvc` tracks it, and DVC's cache does not have it: `dvc pull d.dvc` brings it

    error: stage `all` depends on `data`, in which `data/x.txt` is missing
       ╭─[dvc.yaml:4:23]
     3 │     cmd: cat in.txt d/a d/b data/x.txt > out.txt
     4 │     deps: [in.txt, d, data]
       ·                       ──┬─
       ·                         ╰── here
     5 │     outs: [out.txt]
       ╰────
      help: `data/x.txt.dvc` tracks it, and DVC's cache does not have it: `dvc pull data/x.txt.dvc`
            brings it

    error: stage `part` depends on `d/b`, which no stage makes and which does not exist
       ╭─[dvc.yaml:8:12]
     7 │     cmd: cp d/b part.txt
     8 │     deps: [d/b]
       ·            ─┬─
       ·             ╰── here
     9 │     outs: [part.txt]
       ╰────
      help: `d.dvc` tracks it, and DVC's cache does not have it: `dvc pull d.dvc` brings it
    --- exit 3
    ");
    assert_eq!((project.exists("in.txt"), project.exists("d"), project.exists("data/x.txt")), (false, false, false));
}

/// What DVC means by a `.dvc` file: the data, and nothing that reads it.
#[test]
fn a_file_that_tracks_data_names_the_data_and_no_stage() {
    let project = made();
    fs::remove_file(project.path().join("in.txt")).expect("it is there");
    assert_snapshot!(project.lockgate("status in.txt.dvc"), @"
    task    decision  because
    in.txt  restore   from DVC's cache: it is missing, and `in.txt.dvc` tracks it
    --- stderr
    1 restore
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro -s in.txt.dvc"), @"
    --- stderr
    ✓ in.txt placed, as `in.txt.dvc` records it
    ✓ everything is fresh: nothing to do in TIME
    --- exit 0
    ");
    assert_eq!(project.read("in.txt"), "one\n");
    project.write("in.txt", "three\n");
    assert_snapshot!(project.lockgate("repro in.txt.dvc"), @"
    --- stderr
    ✓ everything is fresh: nothing to do in TIME
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("status --check in.txt"), @"
    task    decision  because
    in.txt  fresh     as it was edited: `in.txt.dvc` records another version
    --- stderr
    the data is in place
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("repro --downstream in.txt.dvc --dry"), @"
    task    decision  because
    in.txt  fresh     as it was edited: `in.txt.dvc` records another version
    all     run       dep `in.txt` changed: file e0e63aa4c8 -> file 60fb664876
    --- stderr
    1 run, 1 fresh
    --- exit 7
    ");
    assert_snapshot!(project.lockgate("status --json in.txt.dvc").stdout, @r#"
    {
      "v": 1,
      "fresh": true,
      "data": [
        {
          "path": "in.txt",
          "tracked_by": "in.txt.dvc",
          "state": "edited"
        }
      ],
      "tasks": []
    }
    "#);
    assert_eq!(project.read("out.txt"), "one\none\ntwo\ntwo\n");
}

/// Else both tools would take an old output for one of the new data.
#[test]
fn commit_of_data_records_the_data_and_commits_no_stage() {
    let project = made();
    project.lockgate("repro --write-dvc-lock");
    let dvc_lock = project.read("dvc.lock");
    project.write("in.txt", "three\n");
    project.remove(&object(THREE));
    assert_snapshot!(project.lockgate("commit -f in.txt.dvc"), @"
    --- stderr
    error: `in.txt.dvc` tracks data, which is recorded only where dvc.lock is written too
      help: nothing was committed; `dvc commit in.txt.dvc` records it, and so does `lockgate commit --write-dvc-lock in.txt.dvc`
    --- exit 2
    ");
    assert_eq!(project.read("in.txt.dvc"), tracking("in.txt", ONE));
    assert_snapshot!(project.lockgate("commit -f in.txt.dvc --write-dvc-lock"), @"
    --- stderr
    recorded data as it stands: `in.txt.dvc`
    --- exit 0
    ");
    assert_snapshot!(project.read("in.txt.dvc"), @"
    outs:
    - md5: febe6995bad457991331348f7b9c85fa
      size: 6
      hash: md5
      path: in.txt
    ");
    assert_eq!((project.read(&object(THREE)), project.read("dvc.lock")), ("three\n".to_owned(), dvc_lock));
    assert_snapshot!(project.lockgate("status --check"), @"
    task  decision  because
    all   run       dep `in.txt` changed: file e0e63aa4c8 -> file 60fb664876
    part  fresh
    --- stderr
    1 run, 1 fresh
    --- exit 7
    ");
    assert_snapshot!(project.lockgate("commit --json --write-dvc-lock in.txt").stdout, @r#"
    {
      "v": 1,
      "committed": [],
      "data": [
        "in.txt.dvc"
      ]
    }
    "#);

    project.remove("in.txt");
    assert_snapshot!(project.lockgate("commit in.txt.dvc --write-dvc-lock"), @"
    --- stderr
    error: `in.txt`, which `in.txt.dvc` tracks, does not exist
      help: nothing was committed; `lockgate checkout in.txt.dvc` puts it in place as it is recorded
    --- exit 1
    ");
}

#[test]
fn named_data_is_recorded_only_when_its_gates_pass() {
    let project = clone();
    project.write("dvc.yaml", "stages: {check: {gate: {data: in.txt, command: '! grep three in.txt'}}}\n");
    project.write("in.txt", "three\n");
    assert_eq!(project.lockgate("repro in.txt.dvc --write-dvc-lock").code, 4);
    assert_eq!(project.lockgate("commit in.txt.dvc --write-dvc-lock").code, 4);
    assert_eq!(project.read("in.txt.dvc"), tracking("in.txt", ONE));
    project.write("in.txt", "two\n");
    assert_snapshot!(project.lockgate("commit in.txt.dvc --write-dvc-lock"), @"
    --- stderr
    ✓ check     pass TIME exit status 0
    ✓ done: 1 ran in TIME
    recorded data as it stands: `in.txt.dvc`
    --- exit 0
    ");
    assert!(project.read("in.txt.dvc").contains(TWO));
}

#[test]
fn a_run_that_names_edited_data_records_it_where_dvc_lock_is_written() {
    let project = made();
    project.write("in.txt", "three\n");
    assert_eq!(project.lockgate("repro in.txt.dvc --write-dvc-lock").code, 0);
    assert!(project.read("in.txt.dvc").contains(THREE));
    assert_eq!(project.read("out.txt"), "one\none\ntwo\ntwo\n");
}

#[test]
fn named_data_that_nothing_has_is_missed_although_no_stage_is_named() {
    let project = clone();
    project.remove(&object(ONE));
    assert_snapshot!(project.lockgate("status --check in.txt.dvc"), @"
    task    decision  because
    in.txt  blocked   it is missing, and DVC's cache does not have what `in.txt.dvc` records
    --- stderr
    1 blocked
    --- exit 7
    ");
    assert_snapshot!(project.lockgate("repro in.txt.dvc"), @"
    --- stderr
    error: `in.txt`, which `in.txt.dvc` tracks, does not exist
      help: DVC's cache does not have it: `dvc pull in.txt.dvc` brings it
    --- exit 3
    ");
}

#[test]
fn commands_about_tasks_say_that_data_is_none() {
    let project = made();
    for command in ["dag in.txt.dvc", "explain in.txt.dvc", "show in.txt", "freeze in.txt.dvc", "remove in.txt"] {
        assert_eq!(project.lockgate(command).code, 2, "{command}");
    }
    assert_snapshot!(project.lockgate("dag in.txt.dvc"), @"
    --- stderr
    error: `in.txt.dvc` tracks data, which no task makes
      help: `lockgate dag --full in.txt.dvc` draws what reads it and is connected with that
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("dag --full in.txt.dvc"), @"
    all
    --- exit 0
    ");
    assert_snapshot!(project.lockgate("explain in.txt.dvc"), @"
    --- stderr
    error: `in.txt.dvc` tracks data, which no task makes
      help: `lockgate status in.txt.dvc` says how it stands
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("remove in.txt"), @"
    --- stderr
    error: `in.txt` is no stage, and only stages can be removed by a command
      help: it is data, and `in.txt.dvc` tracks it
    --- exit 2
    ");
    assert_snapshot!(project.lockgate("stage list d"), @"
    d.dvc  Outputs d
    --- exit 0
    ");
}

#[test]
fn data_that_was_edited_is_what_counts() {
    let project = made();
    project.write("in.txt", "edited\n");
    assert_snapshot!(project.lockgate("repro -j 1"), @"
    --- stderr
    · part      fresh
    ✓ all       ran TIME
    ✓ done: 1 ran, 1 fresh in TIME
    --- exit 0
    ");
    assert_eq!(project.read("in.txt.dvc"), tracking("in.txt", ONE));
    assert_eq!(project.lockgate("status --check").code, 0);
}

#[test]
fn checkout_puts_data_in_place_as_it_is_recorded() {
    let project = clone();
    // A stage of the same name comes first.
    project.write("dvc.yaml", &PIPELINE.replace("  part:", "  d:"));
    assert_snapshot!(project.lockgate("checkout d").stderr, @"
    ✓ d placed, as `d.dvc` records it
    1 task cannot be put in place: `d`; `lockgate repro` makes them
    ");
    project.write("dvc.yaml", PIPELINE);
    assert_snapshot!(project.lockgate("checkout"), @"
    --- stderr
    ✓ data/x.txt placed, as `data/x.txt.dvc` records it
    ✓ in.txt placed, as `in.txt.dvc` records it
    2 tasks cannot be put in place: `all` and `part`; `lockgate repro` makes them
    --- exit 7
    ");
    // Another revision, of which the cache has what stands here.
    project.write("in.txt.dvc", &tracking("in.txt", TWO));
    assert_snapshot!(project.lockgate("checkout in.txt.dvc"), @"
    --- stderr
    ✓ in.txt placed, as `in.txt.dvc` records it
    --- exit 0
    ");
    assert_eq!(project.read("in.txt"), "two\n");
    project.write("in.txt", "edited\n");
    fs::write(project.path().join("d/b"), "edited\n").expect("it can be written");
    assert_snapshot!(project.lockgate("checkout in.txt d"), @"
    --- stderr
    `d` is not as `d.dvc` records it: it was edited, and nothing has it as it stands: `--force` replaces it, `dvc add` records it
    `in.txt` is not as `in.txt.dvc` records it: it was edited, and nothing has it as it stands: `--force` replaces it, `dvc add` records it
    --- exit 7
    ");
    assert_eq!(project.read("in.txt"), "edited\n");
    assert_snapshot!(project.lockgate("checkout -f in.txt d"), @"
    --- stderr
    ✓ d placed, as `d.dvc` records it
    ✓ in.txt placed, as `in.txt.dvc` records it
    --- exit 0
    ");
    assert_eq!((project.read("in.txt"), project.read("d/b")), ("two\n".to_owned(), "two\n".to_owned()));
    assert_eq!(project.read(".lockgate/quarantine/in.txt.dvc/edited/in.txt"), "edited\n");
    project.remove("in.txt");
    project.remove(&object(TWO));
    assert_snapshot!(project.lockgate("checkout in.txt.dvc"), @"
    --- stderr
    `in.txt` is not as `in.txt.dvc` records it: DVC's cache does not have it (c193497a1a06b2c72230e6146ff47080)
    --- exit 7
    ");
}

#[test]
fn data_comes_back_with_an_import() {
    let project = clone();
    assert_snapshot!(project.lockgate("import dvc --dry").stdout, @"
    stage  import  because
    all    left    dvc.lock has no entry for it
    part   left    dvc.lock has no entry for it
    ");
    assert!(!project.exists("in.txt"));
    assert_snapshot!(project.lockgate("import dvc"), @"
    stage  import  because
    all    left    dvc.lock has no entry for it
    part   left    dvc.lock has no entry for it
    --- stderr
    ✓ d placed, as `d.dvc` records it
    ✓ data/x.txt placed, as `data/x.txt.dvc` records it
    ✓ in.txt placed, as `in.txt.dvc` records it
    took 0 stages, 2 left for `lockgate repro` to make
    --- exit 7
    ");
    assert_eq!((project.read("in.txt").as_str(), project.read("data/x.txt").as_str()), ("one\n", "two\n"));
}

#[test]
fn what_data_has_become_is_recorded_where_both_tools_are_used() {
    let project = made();
    let text = "# raw data\nouts:\n- md5: 5bbf5a52328e7439ae6e719dfe712200   # of May\n  size: 4\n  hash: md5\n  path: in.txt\ndesc: 'from the lab'\n";
    project.write("in.txt.dvc", text);
    project.write("in.txt", "new data\n");
    project.write("d/c", "three\n");
    project.lockgate("repro");
    assert_eq!(project.read("in.txt.dvc"), text);
    assert_eq!(project.lockgate("repro --write-dvc-lock").code, 0);
    assert_snapshot!(project.read("in.txt.dvc"), @"
    # raw data
    outs:
    - md5: 59b70c14284c1ae6980fd52412229d7f   # of May
      size: 9
      hash: md5
      path: in.txt
    desc: 'from the lab'
    ");
    assert_snapshot!(project.read("d.dvc"), @"
    outs:
    - md5: c12c9614f651e35e856193d5eefe089c.dir
      nfiles: 3
      size: 14
      hash: md5
      path: d
    ");
    assert_eq!(project.read("data/x.txt.dvc"), tracking("x.txt", TWO));
    assert_eq!(project.read(&object("59b70c14284c1ae6980fd52412229d7f")), "new data\n");
    assert_eq!(project.read(&object(THREE)), "three\n");
}

#[test]
fn data_that_was_imported_stays_as_it_is_recorded() {
    let project = made();
    let text = format!("deps:\n- path: x\n  repo:\n    url: /r\n    rev_lock: abc\n{}", tracking("in.txt", ONE));
    project.write("in.txt.dvc", &text);
    project.write("in.txt", "edited\n");
    assert_eq!(project.lockgate("repro --write-dvc-lock").code, 0);
    assert_eq!(project.read("in.txt.dvc"), text);
}

#[test]
fn a_tracking_file_that_cannot_be_edited_is_left_with_a_warning() {
    let project = made();
    let text = format!("outs: [{{md5: {ONE}, path: in.txt}}]\n");
    project.write("in.txt.dvc", &text);
    project.write("in.txt", "edited\n");
    assert_snapshot!(project.lockgate("repro -j 1 --write-dvc-lock").stderr, @"
    · part      fresh
    ✓ all       ran TIME
    ! warning: DVC is not told all of what was done: `in.txt.dvc` is left as it is: its keys do not stand on lines of their own, as DVC writes them; `dvc commit in.txt.dvc` writes it anew
        help: the results are published and recorded; once it is put right, run the command again
    ✓ done: 1 ran, 1 fresh in TIME
    ");
    assert_eq!(project.read("in.txt.dvc"), text);
}

#[test]
fn data_may_be_missing_only_where_something_says_what_it_was() {
    let project = made();
    assert_eq!(project.lockgate("repro --write-dvc-lock").code, 0);
    project.remove("in.txt");
    // What DVC's cache has is known, and is not brought back for nothing.
    assert_snapshot!(project.lockgate("repro --allow-missing -j 1"), @"
    --- stderr
    · all       fresh
    · part      fresh
    ✓ everything is fresh: 2 tasks in TIME
    --- exit 0
    ");
    assert!(!project.exists("in.txt"));
    fs::remove_dir_all(project.path().join(".dvc/cache")).expect("it is there");
    // The file records just what dvc.lock says that the stage has read.
    assert_snapshot!(project.lockgate("repro --allow-missing --dry"), @"
    task  decision  because
    all   fresh
    part  fresh
    --- stderr
    everything is fresh: 2 tasks
    --- exit 0
    ");
    project.write("in.txt.dvc", &tracking("in.txt", THREE));
    assert_snapshot!(project.lockgate("repro --allow-missing --dry"), @"
    --- stderr
    error: stage `all` depends on `in.txt`, which no stage makes and which does not exist
       ╭─[dvc.yaml:4:12]
     3 │     cmd: cat in.txt d/a d/b data/x.txt > out.txt
     4 │     deps: [in.txt, d, data]
       ·            ───┬──
       ·               ╰── here
     5 │     outs: [out.txt]
       ╰────
      help: `in.txt.dvc` tracks it, and DVC's cache does not have it: `dvc pull in.txt.dvc` brings it
    --- exit 3
    ");
}

#[test]
fn what_work_needs_is_brought_back_although_data_may_be_missing() {
    let project = made();
    for file in ["in.txt", "data/x.txt"] {
        project.remove(file);
    }
    project.write("dvc.yaml", &PIPELINE.replace("cat in.txt", "cat  in.txt"));
    fs::remove_dir_all(project.path().join("d")).expect("it is there");
    assert_snapshot!(project.lockgate("repro --allow-missing -j 1"), @"
    --- stderr
    ✓ d placed, as `d.dvc` records it
    ✓ data/x.txt placed, as `data/x.txt.dvc` records it
    ✓ in.txt placed, as `in.txt.dvc` records it
    · part      fresh
    ✓ all       ran TIME
    ✓ done: 1 ran, 1 fresh in TIME
    --- exit 0
    ");
}

/// The parameters of the golden lock `numbers.lock`, which DVC 3.67.1 wrote.
#[test]
fn numbers_keep_their_last_digit_and_tables_their_order() {
    let project = Sandbox::empty();
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/dvc/numbers");
    for file in ["dvc.yaml", "p.json", "p.yaml", "p.toml", "p.py"] {
        project.write(file, &fs::read_to_string(format!("{golden}/{file}")).expect("it is UTF-8"));
    }
    project.write(".dvc/config", "");
    assert_eq!(project.lockgate("repro --write-dvc-lock").code, 0);
    assert_eq!(project.read("dvc.lock"), include_str!("../golden/dvc/numbers/dvc.lock"));
    project.remove("pipeline.lock");
    fs::remove_dir_all(project.path().join(".lockgate")).expect("it is there");
    assert_snapshot!(project.lockgate("status").stdout, @"
    task  decision  because
    s     adopt     dvc.lock knows it: this command, these inputs, parameters and outputs
    ");
}

const RECALLED: &str = "\
stages:
  a:
    cmd:
    - \"echo \\\"é x\\\" > /dev/null\"
    - cat in/a in.txt > out.txt; echo 1 > m.json
    deps: [in.txt, in]
    params: [lr, size, nested]
    outs: [out.txt]
    metrics: [m.json: {cache: false}]
";

/// What DVC 3.67.1 has kept of that stage, and under which names.
const RUN: &str = "\
cmd:
- echo \"é x\" > /dev/null
- cat in/a in.txt > out.txt; echo 1 > m.json
deps:
- path: in
  hash: md5
  md5: a9008cbd0e570248bc882f716cdf4b0b.dir
  size: 8
  nfiles: 2
- path: in.txt
  hash: md5
  md5: febe6995bad457991331348f7b9c85fa
  size: 6
params:
  params.yaml:
    lr: 0.1
    nested:
      z:
        nfiles: 1
        é:
        - 1e-07
        - 
        - true
      a: \"x\\ny\\t\"
    size: 3
outs:
- path: m.json
  hash: md5
  md5: b026324c6904b2a9cb4b88d6d61c81d1
  size: 2
- path: out.txt
  hash: md5
  md5: 99093ea742f78d3456916a60c5dfd170
  size: 10
";
const RUN_PATH: &str = concat!(
    ".dvc/cache/runs/60/6049e2549048842db6f597ed3a67162890583c950d0923777edbf3f7d59cd20d/",
    "ec8f99ead0076cba6f5b31396048e868e5ebf08919eb7faa344a800f0ae0f36e"
);

/// A project that DVC has made, whose lock and outs are gone.
fn recalled() -> Sandbox {
    let project = Sandbox::empty();
    project.write("dvc.yaml", RECALLED);
    project
        .write("params.yaml", "lr: 0.1\nsize: 3\nnested: {z: {nfiles: 1, \"é\": [1e-7, ~, true]}, a: \"x\\ny\\t\"}\n");
    for (path, text) in [("in/a", "one\n"), ("in/b", "two\n"), ("in.txt", "three\n"), (RUN_PATH, RUN)] {
        project.write(path, text);
    }
    project.write(&object("99093ea742f78d3456916a60c5dfd170"), "one\nthree\n");
    project.write(&object("b026324c6904b2a9cb4b88d6d61c81d1"), "1\n");
    project
}

#[test]
fn what_dvc_made_at_another_time_comes_from_its_run_cache() {
    let project = recalled();
    assert_snapshot!(project.lockgate("status"), @"
    task  decision  because
    a     restore   from DVC's cache: it has no entry in the lock
    --- stderr
    1 restore
    --- exit 0
    ");
    project.write("out.txt", "of other parameters\n");
    assert_snapshot!(project.lockgate("repro"), @"
    --- stderr
    ✓ a         restored TIME
    ✓ done: 1 restored in TIME
    --- exit 0
    ");
    assert_eq!((project.read("out.txt").as_str(), project.read("m.json").as_str()), ("one\nthree\n", "1\n"));
    assert_snapshot!(project.lockgate("status --check"), @"
    task  decision  because
    a     fresh
    --- stderr
    everything is fresh: 1 task
    --- exit 0
    ");
    assert_snapshot!(recalled().lockgate("import dvc --dry").stdout, @"
    stage  import  because
    a      taken   2 outputs only in DVC's cache
    ");
}

#[test]
fn the_run_cache_of_a_remote_is_asked_when_that_is_wanted() {
    let project = recalled();
    project.write(".dvc/config", "[core]\n    remote = r\n['remote \"r\"']\n    url = ../shelf\n");
    fs::rename(project.path().join(".dvc/cache"), project.path().join("shelf")).unwrap();
    assert_snapshot!(project.lockgate("status --check").stderr, @"1 run");
    assert_snapshot!(project.lockgate("repro --pull"), @"
    --- stderr
    ✓ a         restored TIME
    ✓ done: 1 restored in TIME
    --- exit 0
    ");
    assert_eq!(project.read("out.txt"), "one\nthree\n");
}

#[test]
fn what_the_run_cache_of_dvc_says_is_held_against_the_stage() {
    let status = |change: fn(&Sandbox)| {
        let project = recalled();
        change(&project);
        project.lockgate("status").stdout
    };
    // DVC leaves everything called `size` out of the name, also parameters.
    let params = |project: &Sandbox| {
        let text = project.read("params.yaml").replace("size: 3", "size: 4");
        project.write("params.yaml", &text);
    };
    assert_snapshot!(status(params), @"
    task  decision  because
    a     run       it has no entry in the lock
    ");
    let damaged = |project: &Sandbox| project.write(&object("99093ea742f78d3456916a60c5dfd170"), "six\n");
    assert_snapshot!(status(damaged), @"
    task  decision  because
    a     run       it has no entry in the lock
    ");
    let torn = |project: &Sandbox| project.write(RUN_PATH, "cmd: [");
    assert_snapshot!(status(torn), @"
    task  decision  because
    a     run       it has no entry in the lock
    ");
    let forced = recalled().lockgate("repro --dry --no-run-cache").stdout;
    assert_snapshot!(forced, @"
    task  decision  because
    a     run       it has no entry in the lock
    ");
}

#[test]
fn outs_that_only_the_cache_of_dvc_has_come_back_in_a_clone() {
    let project = Sandbox::empty();
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/dvc/project");
    for file in ["dvc.yaml", "params.yaml", "p.toml", "crlf.txt", "in/a", "in/b", "sub/keep", "dvc.lock"] {
        project.write(file, &fs::read_to_string(format!("{golden}/{file}")).expect("it is UTF-8"));
    }
    project.write(".dvc/config", "");
    project.remove("dvc.lock");
    project.lockgate("repro --write-dvc-lock");
    let clone = Sandbox::empty();
    for file in ["dvc.yaml", "params.yaml", "p.toml", "crlf.txt", "in/a", "in/b", "sub/keep", "dvc.lock", ".dvc/config"]
    {
        clone.write(file, &project.read(file));
    }
    let cache = (project.path().join(".dvc/cache"), clone.path().join(".dvc/cache"));
    std::os::unix::fs::symlink(cache.0, cache.1).expect("it can be linked");
    assert_snapshot!(clone.lockgate("import dvc --dry").stdout, @"
    stage    import  because
    prepare  taken   3 outputs only in DVC's cache
    count    left    out `sub/m.json` is missing, and it is not cached
    copy-a   taken   1 output only in DVC's cache
    ");
    assert_snapshot!(clone.lockgate("status"), @"
    task     decision  because
    prepare  restore   from DVC's cache: out `data` is missing  +2 more
    count    run       not as in dvc.lock: out `sub/m.json` is missing, and it is not cached
    copy-a   restore   from DVC's cache: out `a.txt` is missing
    --- stderr
    1 run, 2 restore
    --- exit 0
    ");
    assert_snapshot!(clone.lockgate("repro -j 1"), @"
    --- stderr
    ✓ prepare   restored TIME
    ✓ copy-a    restored TIME
    ✓ count     ran TIME
    ✓ done: 1 ran, 2 restored in TIME
    --- exit 0
    ");
    assert_snapshot!(clone.lockgate("status --check"), @"
    task     decision  because
    prepare  fresh
    count    fresh
    copy-a   fresh
    --- stderr
    everything is fresh: 3 tasks
    --- exit 0
    ");
}
