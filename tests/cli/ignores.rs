//! What stages of a DVC project make is kept out of git.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// A project of DVC under git, with a stage that fails when `fail` is there.
fn project() -> Sandbox {
    let ws = Sandbox::empty();
    ws.write(
        "dvc.yaml",
        "stages:\n  \
         a: {cmd: cp in a, deps: [in], outs: [a]}\n  \
         b: {cmd: mkdir -p sub && cp a sub/b && echo 1 > score, deps: [a], outs: [sub/b], metrics: [score: {cache: false}]}\n  \
         c: {cmd: '! test -e fail && cp a data/c', deps: [a, sub/b], outs: [data/c]}\n",
    );
    ws.write("in", "1\n");
    ws.write("data/readme", "");
    ws.write(".dvc/config", "");
    ws.git("init -q");
    ws.git("add -A");
    ws.git("commit -qm start");
    ws
}

/// What git would offer for a commit, but for the lock and the settings.
fn offered(ws: &Sandbox) -> Vec<String> {
    let status = ws.finish(&mut ws.git_command("status --porcelain --untracked-files=all")).stdout;
    status.lines().map(|line| line[3..].to_owned()).filter(|path| !path.contains("lock")).collect()
}

#[test]
fn outputs_are_ignored_also_when_a_later_stage_fails() {
    let ws = project();
    ws.write("fail", "");
    assert_eq!(ws.lockgate("repro -q -j 1").code, 1);
    // What another stage could not make is ignored already; what no cache keeps belongs into git.
    assert_eq!(offered(&ws), [".gitignore", "data/.gitignore", "fail", "score", "sub/.gitignore"]);
    assert_eq!([".gitignore", "data/.gitignore", "sub/.gitignore"].map(|file| ws.read(file)), ["/a\n", "/c\n", "/b\n"]);
    ws.remove("fail");
    assert_eq!(ws.lockgate("repro -q -j 1").code, 0);
    assert_snapshot!(ws.lockgate("repro"), @"
    --- stderr
    · a         fresh
    · b         fresh
    · c         fresh
    ✓ everything is fresh: 3 tasks in TIME
    --- exit 0
    ");
    assert_eq!(offered(&ws), [".gitignore", "data/.gitignore", "score", "sub/.gitignore"]);
}

#[test]
fn lines_of_the_user_stay_and_what_is_ignored_already_needs_none() {
    let ws = project();
    ws.write(".gitignore", "# mine\n/data/*\n!/data/readme\n/other");
    assert_eq!(ws.lockgate("repro -q").code, 0);
    assert_eq!(ws.read(".gitignore"), "# mine\n/data/*\n!/data/readme\n/other\n/a\n");
    assert!(!ws.exists("data/.gitignore"));
    assert_snapshot!(ws.lockgate("stage add -n d -o sub/d -O sub/e touch sub/d sub/e"), @"
    --- stderr
    added stage `d` to `dvc.yaml`; `lockgate repro d` runs it
    --- exit 0
    ");
    assert_eq!(ws.read("sub/.gitignore"), "/b\n/d\n");
    assert_snapshot!(ws.lockgate("remove d b"), @"
    --- stderr
    removed stage `b` from `dvc.yaml`
    removed stage `d` from `dvc.yaml`
    --- exit 0
    ");
    assert!(!ws.exists("sub/.gitignore"));
}

#[test]
fn outputs_that_are_committed_or_checked_out_are_ignored() {
    let ws = project();
    assert_eq!(ws.lockgate("repro -q --no-commit").code, 0);
    std::fs::remove_file(ws.path().join(".gitignore")).unwrap();
    assert_eq!(ws.lockgate("commit -q").code, 0);
    assert_eq!(ws.read(".gitignore"), "/a\n");
    ws.remove(".gitignore");
    ws.remove("a");
    assert_eq!(ws.lockgate("checkout -q").code, 0);
    assert_eq!(ws.read(".gitignore"), "/a\n");
}

#[test]
fn a_line_that_cannot_be_written_stops_no_run() {
    let ws = project();
    ws.write(".gitignore/a folder", "");
    ws.write("data/.gitignore", "kept\r\n/c\r\n");
    assert_snapshot!(ws.lockgate("repro -j 1"), @"
    --- stderr
    ! warning: outputs cannot be named in `.gitignore`: cannot read `.gitignore`: Is a directory (os error 21); git may offer them for a commit
        help: make it a file that can be written: the next run that makes something adds the lines
    ✓ a         ran TIME
    ✓ b         ran TIME
    ✓ c         ran TIME
    ✓ done: 3 ran in TIME
    --- exit 0
    ");
    assert_eq!(ws.read("data/.gitignore"), "kept\r\n/c\r\n");
    assert_snapshot!(ws.lockgate("commit -f a"), @"
    --- stderr
    ! warning: outputs cannot be named in `.gitignore`: cannot read `.gitignore`: Is a directory (os error 21); git may offer them for a commit
        help: make it a file that can be written: the next run that makes something adds the lines
    committed 1 stage: `a`
    --- exit 0
    ");
}

#[test]
fn where_dvc_would_not_name_outputs_nothing_is_written() {
    let check = |file: &str, config: &str, has_git: bool| {
        let ws = Sandbox::empty();
        ws.write(file, "stages: {a: {cmd: cp in a, deps: [in], outs: [a]}}\n");
        ws.write("in", "1\n");
        ws.write(".dvc/config", config);
        if has_git {
            ws.git("init -q");
        }
        assert_eq!(ws.lockgate("repro -q").code, 0);
        ws.exists(".gitignore")
    };
    assert!(check("dvc.yaml", "", true));
    assert!(!check("dvc.yaml", "[core]\n    no_scm = True\n", true));
    assert!(!check("dvc.yaml", "", false));
    assert!(!check("pipeline.yaml", "", true));
}
