//! `gc` where it cannot be known what is needed.

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// What becomes of the text.
type Damage = fn(&str) -> Option<String>;

const DAMAGES: [(&str, Damage); 4] = [
    ("empty", |_| Some(String::new())),
    ("torn", |text| Some(text[..text.len() / 2].to_owned())),
    ("with markers", |text| Some(text.replacen("  load:\n", "<<<<<<< HEAD\n  load:\n", 1) + "=======\n>>>>>>> x\n")),
    ("gone", |_| None),
];

#[test]
fn nothing_is_removed_while_the_lock_is_in_doubt() {
    let project = Sandbox::example();
    project.lockgate("repro");
    let sound = project.read("pipeline.lock");
    let mut said = Vec::new();
    for (what, damage) in DAMAGES {
        match damage(&sound) {
            Some(text) => project.write("pipeline.lock", &text),
            None => project.remove("pipeline.lock"),
        }
        let output = project.lockgate("gc -w -f");
        assert_eq!(output.code, 3, "{what}");
        said.push(format!("{what}\n{}", output.stderr));
        project.write("pipeline.lock", &sound);
    }
    assert_snapshot!(said.concat(), @"
    empty
    ! warning: `pipeline.lock` is empty: every task is decided anew
        help: `git checkout` of the file brings back what was committed
    error: nothing was removed, since what is needed cannot be known: the lock of the workspace is in doubt
      help: put that lock right, by `git checkout`, `lockgate lock merge` or `lockgate repro`; or name other revisions
    torn
    ! warning: `pipeline.lock` has an entry in doubt, `not_empty` (line 11: `seal` is missing): this task is decided anew, the other entries are kept
    error: nothing was removed, since what is needed cannot be known: the lock of the workspace is in doubt
      help: put that lock right, by `git checkout`, `lockgate lock merge` or `lockgate repro`; or name other revisions
    with markers
    ! warning: `pipeline.lock` has merge conflict markers (line 4) and no entry in doubt; the next run that writes the file takes the markers out
        help: `lockgate lock merge` takes the markers out
    error: nothing was removed, since what is needed cannot be known: the lock of the workspace is in doubt
      help: put that lock right, by `git checkout`, `lockgate lock merge` or `lockgate repro`; or name other revisions
    gone
    error: nothing was removed, since what is needed cannot be known: there is no `pipeline.lock`, but a store
      help: put that lock right, by `git checkout`, `lockgate lock merge` or `lockgate repro`; or name other revisions
    ");
    assert_snapshot!(project.lockgate("gc -w -f"), @"
    --- stderr
    removed 0 objects, SIZE B
    --- exit 0
    ");
}

#[test]
fn nothing_is_removed_while_the_lock_of_a_branch_is_in_doubt() {
    let project = Sandbox::example();
    project.git("init -q");
    project.lockgate("repro");
    let sound = project.read("pipeline.lock");
    project.git("checkout -q -b torn");
    project.write("pipeline.lock", &sound[..sound.len() / 2]);
    project.git("add -f pipeline.yaml pipeline.lock");
    project.git("commit -q -m torn");
    project.git("checkout -q -b sound");
    project.write("pipeline.lock", &sound);
    project.git("commit -q -a -m sound");
    let output = project.lockgate("gc -a -f");
    let commit = output.stderr.split("in commit ").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or("?");
    assert_snapshot!(output.stderr.replace(commit, "COMMIT"), @"
    error: nothing was removed, since what is needed cannot be known: in commit COMMIT, `pipeline.lock` has an entry in doubt, `not_empty` (line 11: `seal` is missing): this task is decided anew, the other entries are kept
      help: put that lock right, by `git checkout`, `lockgate lock merge` or `lockgate repro`; or name other revisions
    ");
    assert_eq!((output.code, project.lockgate("gc --rev HEAD -f").code), (3, 0));
}
