//! Locks of two branches: git merges them by `lockgate lock merge`, and what it cannot merge is decided anew.

use insta::assert_snapshot;

use crate::sandbox::{Output, Sandbox};

/// Two stages that have nothing to do with each other, run and committed, with the branch `topic` at the same commit.
fn project(pipeline: &str) -> Sandbox {
    let ws = Sandbox::empty();
    let stage = |name: &str| {
        format!("  {name}: {{cmd: cat {name}1 {name}2 > {name}, deps: [{name}1, {name}2], outs: [{name}]}}\n")
    };
    ws.write(pipeline, &format!("stages:\n{}{}", stage("a"), stage("b")));
    for file in ["a1", "a2", "b1", "b2"] {
        ws.write(file, "1\n");
    }
    ws.write(".gitignore", "/a\n/b\n");
    ws.git("init -q");
    ws
}

fn start(ws: &Sandbox) {
    assert_eq!(ws.lockgate("repro -q").code, 0);
    ws.git("add -A");
    ws.git("commit -qm base");
    ws.git("branch topic");
}

/// Changes a file on a branch, runs what follows, and commits.
fn change(ws: &Sandbox, branch: &str, file: &str) {
    ws.git(&format!("checkout -q {branch}"));
    ws.write(file, &format!("{}2 on {branch}\n", ws.read(file)));
    assert_eq!(ws.lockgate("repro -q").code, 0);
    ws.git(&format!("commit -qam {file}"));
}

fn merge(ws: &Sandbox) -> Output {
    ws.git("checkout -q main");
    ws.finish(&mut ws.git_command("merge -q --no-edit topic"))
}

fn tasks_of_lock(ws: &Sandbox) -> Vec<String> {
    let text = ws.read("pipeline.lock");
    let is_task = |line: &&str| line.starts_with("  ") && !line.starts_with("   ");
    text.lines().filter(is_task).map(|line| line.trim().to_owned()).collect()
}

#[test]
fn branches_that_ran_different_stages_merge_without_a_question() {
    let ws = project("pipeline.yaml");
    assert_snapshot!(ws.lockgate("init --merge-driver"), @"
    --- stderr
    git merges locks by `lockgate lock merge` in this clone; commit `.gitattributes`
    `pipeline.yaml` is here already and stays as it is; `lockgate status` says what would run
    --- exit 0
    ");
    assert_snapshot!(ws.read(".gitattributes"), @"pipeline.lock merge=lockgate");
    start(&ws);
    change(&ws, "topic", "a1");
    change(&ws, "main", "b1");
    assert_snapshot!(merge(&ws), @"
    Auto-merging pipeline.lock
    --- stderr
    `pipeline.lock` is merged
    --- exit 0
    ");
    assert_eq!(tasks_of_lock(&ws), ["a:", "b:"]);
    assert_snapshot!(ws.lockgate("repro -j 1"), @"
    --- stderr
    · b         fresh
    ✓ a         restored TIME
    ✓ done: 1 restored, 1 fresh in TIME
    --- exit 0
    ");
    ws.git("diff --quiet HEAD");
    // A second time changes nothing.
    let before = (ws.read(".gitattributes"), ws.read(".git/config"));
    ws.lockgate("init --merge-driver");
    assert_eq!((ws.read(".gitattributes"), ws.read(".git/config")), before);
}

#[test]
fn a_stage_that_both_branches_ran_is_decided_anew() {
    let ws = project("pipeline.yaml");
    ws.lockgate("init --merge-driver");
    start(&ws);
    change(&ws, "topic", "a1");
    change(&ws, "main", "a2");
    assert_snapshot!(merge(&ws), @"
    Auto-merging pipeline.lock
    CONFLICT (content): Merge conflict in pipeline.lock
    Automatic merge failed; fix conflicts and then commit the result.
    --- stderr
    `pipeline.lock` is merged without the entry of `a`: the two sides do not agree on it
    next: `lockgate repro` decides anew, then `git add pipeline.lock`
    --- exit 1
    ");
    assert_eq!(tasks_of_lock(&ws), ["b:"]);
    assert_snapshot!(ws.lockgate("repro -j 1"), @"
    --- stderr
    · b         fresh
    ✓ a         ran TIME
    ✓ done: 1 ran, 1 fresh in TIME
    --- exit 0
    ");
    assert_eq!(ws.read("a"), "1\n2 on topic\n1\n2 on main\n");
    ws.git("commit -qam merged");
}

#[test]
fn both_sides_with_the_same_run_merge_and_a_removed_stage_stays_removed() {
    let ws = project("pipeline.yaml");
    ws.lockgate("init --merge-driver");
    start(&ws);
    change(&ws, "topic", "a1");
    ws.git("checkout -q main");
    assert_eq!(ws.lockgate("remove b -q").code, 0);
    ws.git("commit -qam removed");
    assert_snapshot!(merge(&ws), @"
    Auto-merging pipeline.lock
    --- stderr
    `pipeline.lock` is merged
    --- exit 0
    ");
    assert_eq!(tasks_of_lock(&ws), ["a:"]);
    assert_snapshot!(ws.lockgate("repro -j 1"), @"
    --- stderr
    · a         fresh
    ✓ everything is fresh: 1 task in TIME
    --- exit 0
    ");
}

#[test]
fn markers_that_git_has_left_are_taken_out() {
    let ws = project("pipeline.yaml");
    start(&ws);
    change(&ws, "topic", "a1");
    ws.lockgate("-q remove b");
    ws.git("commit -qam removed");
    change(&ws, "main", "a2");
    assert_ne!(merge(&ws).code, 0);
    // The pipeline cannot be read at that time, and need not be.
    ws.write("pipeline.yaml", &format!("<<<<<<< HEAD\n{}", ws.read("pipeline.yaml")));
    assert_snapshot!(ws.lockgate("lock merge"), @"
    --- stderr
    `pipeline.lock` is merged without the entry of `a`: the two sides do not agree on it
    next: `lockgate repro` decides anew, then `git add pipeline.lock`
    --- exit 7
    ");
    assert_eq!(tasks_of_lock(&ws), ["b:"]);
    assert_snapshot!(ws.lockgate("lock merge"), @"
    --- stderr
    no lock of the project has conflict markers
    --- exit 0
    ");
}

#[test]
fn the_lock_of_dvc_is_merged_as_well() {
    let ws = project("dvc.yaml");
    ws.write(".lockgate/config.toml", "[dvc]\nwrite_lock = true\n");
    assert_snapshot!(ws.lockgate("init --merge-driver"), @"
    --- stderr
    git merges locks by `lockgate lock merge` in this clone; commit `.gitattributes`
    `dvc.yaml` is here already and stays as it is; `lockgate status` says what would run
    --- exit 0
    ");
    assert_snapshot!(ws.read(".gitattributes"), @"
    pipeline.lock merge=lockgate
    dvc.lock merge=lockgate
    ");
    start(&ws);
    change(&ws, "topic", "a1");
    change(&ws, "main", "b1");
    let ours = ws.read("dvc.lock");
    assert_snapshot!(merge(&ws), @"
    Auto-merging dvc.lock
    Auto-merging pipeline.lock
    --- stderr
    `pipeline.lock` is merged
    `dvc.lock` is merged
    --- exit 0
    ");
    let theirs = ws.finish(&mut ws.git_command("show topic:dvc.lock")).stdout;
    let (of_theirs, of_ours) = (theirs.find("  b:\n").expect("`b`"), ours.find("  b:\n").expect("`b`"));
    assert_eq!(ws.read("dvc.lock"), format!("{}{}", &theirs[..of_theirs], &ours[of_ours..]));
    // The same by hand, where both have changed the same stage and git has left its markers.
    change(&ws, "topic", "b2");
    change(&ws, "main", "b1");
    ws.remove(".gitattributes");
    ws.git("commit -qam by-hand");
    assert_ne!(merge(&ws).code, 0);
    assert_snapshot!(ws.lockgate("lock merge"), @"
    --- stderr
    `pipeline.lock` is merged without the entry of `b`: the two sides do not agree on it
    next: `lockgate repro` decides anew, then `git add pipeline.lock`
    `dvc.lock` is merged without the entry of `b`: the two sides do not agree on it
    next: `lockgate repro` decides anew, then `git add dvc.lock`
    --- exit 7
    ");
    assert_eq!(ws.read("dvc.lock"), theirs[..of_theirs]);
    assert_snapshot!(ws.lockgate("repro -j 1"), @"
    --- stderr
    · a         fresh
    ✓ b         ran TIME
    ✓ done: 1 ran, 1 fresh in TIME
    --- exit 0
    ");
    assert!(ws.read("dvc.lock").contains("  b:\n"));
}

#[test]
fn what_is_no_lock_is_left_as_it_is() {
    let ws = project("pipeline.yaml");
    start(&ws);
    let lock = ws.read("pipeline.lock");
    let check = |ours: &[u8], theirs: &[u8], line: &str| {
        ws.write("base", &lock);
        std::fs::write(ws.path().join("ours"), ours).unwrap();
        std::fs::write(ws.path().join("theirs"), theirs).unwrap();
        let output = ws.lockgate(line);
        let same = std::fs::read(ws.path().join("ours")).unwrap() == ours;
        format!("{output}, ours is {}", if same { "as it was" } else { "another" })
    };
    let plain = "lock merge base ours theirs";
    let newer = lock.replace("lockgate: 2", "lockgate: 3");
    assert_snapshot!(check(lock.as_bytes(), b"", plain), @"
    --- stderr
    error: their side of `pipeline.lock` is no lock: it is empty
      help: our side is left as it is: take one of the sides, or delete the file; then `lockgate repro`
    --- exit 3, ours is as it was
    ");
    assert_snapshot!(check(b"\xff\xfe\0", lock.as_bytes(), plain), @"
    --- stderr
    error: our side is no text
      help: our side is left as it is: take one of the sides, or delete the file; then `lockgate repro`
    --- exit 3, ours is as it was
    ");
    assert_snapshot!(check(lock.as_bytes(), newer.as_bytes(), plain), @"
    --- stderr
    error: `pipeline.lock` is of format 3 and this lockgate reads format 2; the file is left as it is: install the newer lockgate, or delete the file to have every task decided anew
    --- exit 3, ours is as it was
    ");
    assert_snapshot!(check(lock.as_bytes(), b"[[[[", "lock merge base ours theirs --path x/dvc.lock"), @"
    --- stderr
    error: one of the sides is no `dvc.lock`
      help: our side is left as it is: take one of the sides, or delete the file; then `lockgate repro`
    --- exit 3, ours is as it was
    ");
    assert_snapshot!(check(lock.as_bytes(), lock.as_bytes(), "lock merge base ours theirs --path data.csv"), @"
    --- stderr
    error: `data.csv` is neither a `pipeline.lock` nor a `dvc.lock`
      help: name one with `--path`
    --- exit 2, ours is as it was
    ");
    assert_snapshot!(check(lock.as_bytes(), lock.as_bytes(), "lock merge base ours nowhere"), @"
    --- stderr
    error: there is no file `DIR/nowhere`
      help: name the common ancestor, our side and their side
    --- exit 2, ours is as it was
    ");
    // A torn side still says what its whole entries say.
    assert_snapshot!(check(&lock.as_bytes()[..lock.len() - 30], lock.as_bytes(), "lock merge base ours theirs --path sub/pipeline.lock"), @"
    --- stderr
    `sub/pipeline.lock` is merged without the entry of `b`: the two sides do not agree on it
    next: `lockgate repro` decides anew, then `git add sub/pipeline.lock`
    --- exit 7, ours is another
    ");
    assert_snapshot!(ws.lockgate("lock merge base"), @"
    --- stderr
    error: 3 values required for '[BASE] [OURS] [THEIRS]...' but 1 was provided

    Usage: lockgate lock merge [OPTIONS] [BASE] [OURS] [THEIRS]...

    For more information, try '--help'.
    --- exit 2
    ");
    assert_snapshot!(Sandbox::example().lockgate("init --merge-driver"), @"
    --- stderr
    error: this project is not in a git repository
      help: `git init` makes it one; a merge driver is a setting of it
    --- exit 2
    ");
}
