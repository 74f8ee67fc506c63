//! repro-missing and run-cache, of what lies in a remote: a folder beside the project, laid out as DVC's cache.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use insta::assert_snapshot;

use crate::sandbox::Sandbox;
use crate::script::{play, row, stages};

const CONFIG: &str = "[core]\n    remote = store\n['remote \"store\"']\n    url = ../shelf\n";

/// Makes everything, and leaves the results and what DVC knows of them in the remote alone, as a clone finds them.
fn pushed(ws: Sandbox) -> Sandbox {
    ws.write(".dvc/config", CONFIG);
    assert_eq!(ws.lockgate("repro -q --write-dvc-lock").code, 0);
    fs::rename(ws.path().join(".dvc/cache"), ws.path().join("shelf")).unwrap();
    play(&ws, "rm .lockgate\nrm pipeline.lock\nrm a\nrm b\nrm c\nrm ran");
    ws
}

#[test]
fn what_is_missing_is_taken_from_the_remote() {
    let ws = pushed(row());
    assert_snapshot!(play(&ws, "
        repro --pull --dry
        repro --pull
        repro --dry
    "), @"
    $ repro --pull --dry
    task  decision  because
    a     restore   from DVC's cache: out `a` is missing
    b     restore   from DVC's cache: out `b` is missing
    c     restore   from DVC's cache: out `c` is missing
    3 restore
    exit 7
    $ repro --pull
    a restored, b restored, c restored
    $ repro --dry
    task  decision  because
    a     fresh
    b     fresh
    c     fresh
    everything is fresh: 3 tasks
    ");
    assert!(!ws.exists("ran"));
}

#[test]
fn without_the_flag_a_remote_is_not_looked_at() {
    let ws = pushed(row());
    assert_snapshot!(play(&ws, "repro"), @"
    $ repro
    a ran, b ran, c ran
    ");
}

#[test]
fn only_what_is_read_is_taken_when_the_rest_may_be_missing() {
    let ws = pushed(row());
    assert_snapshot!(play(&ws, "
        edit dvc.yaml | cat b > c | cat b b > c
        repro --pull --allow-missing
        cat c
    "), @"
    $ repro --pull --allow-missing
    a fresh, b restored, c ran
    $ cat c
    1
    1
    ");
    assert_eq!([ws.exists("a"), ws.exists("b")], [false, true]);
    // Nothing of ours says what `a` was, so `b` stays what DVC knows it to be.
    assert!(!ws.read("pipeline.lock").contains("\n  b:\n"));
}

#[test]
fn what_the_remote_does_not_have_is_made() {
    let ws = pushed(row());
    assert_snapshot!(play(&ws, "
        rm shelf/files
        repro --pull
    "), @"
    $ repro --pull
    a ran, b ran, c ran
    ");
}

#[test]
fn an_out_that_is_continued_is_taken_as_it_was() {
    let ws = stages(
        "  a:\n    cmd: cat in >> a; echo a >> ran\n    deps: [in]\n    outs:\n    - a:\n        persist: true\n",
    );
    ws.write("in", "1\n");
    for path in ["b", "c"] {
        ws.write(path, "");
    }
    let ws = pushed(ws);
    assert_snapshot!(play(&ws, "
        repro --pull
        cat a
    "), @"
    $ repro --pull
    a restored
    $ cat a
    1
    ");
}

#[test]
fn a_damaged_object_of_the_cache_is_taken_from_the_remote() {
    let ws = pushed(row());
    let md5 = "b026324c6904b2a9cb4b88d6d61c81d1";
    let object = format!("files/md5/{}/{}", &md5[..2], &md5[2..]);
    assert_eq!(ws.read(&format!("shelf/{object}")), "1\n");
    ws.write(&format!(".dvc/cache/{object}"), "2\n");
    assert_snapshot!(play(&ws, "
        repro --pull
        cat a
    "), @"
    $ repro --pull
    a restored, b restored, c restored
    $ cat a
    1
    ");
}

#[test]
fn a_remote_shares_no_file_with_the_store() {
    let ws = pushed(row());
    let object = ws.path().join("shelf/files/md5/b0/26324c6904b2a9cb4b88d6d61c81d1");
    fs::set_permissions(&object, fs::Permissions::from_mode(0o444)).unwrap();
    assert_eq!(ws.lockgate("repro --pull").code, 0);
    assert_eq!(object.metadata().unwrap().nlink(), 1);
}

#[test]
fn a_flag_that_can_do_nothing_is_an_error_with_the_next_step() {
    let ws = row();
    let said = |config: &str| {
        ws.write(".dvc/config", config);
        ws.lockgate("repro --pull").stderr.replace(&ws.path().display().to_string(), "PROJECT")
    };
    let of = |url: &str| CONFIG.replace("../shelf", url);
    let two = "['remote \"a\"']\nurl = /a\n['remote \"b\"']\nurl = /b\n";
    let all = [said(""), said(two), said("[core]\nremote = x\n"), said(&of("s3://bucket/x")), said(&of("../none"))];
    assert_snapshot!(all.join("\n"), @"
    error: `--pull` has nothing to take from: the settings of DVC name no remote
      help: `dvc remote add -d NAME FOLDER` sets it

    error: `--pull` has nothing to take from: the settings of DVC name 2 remotes and no default
      help: `dvc remote default a` makes it the default

    error: `--pull` has nothing to take from: the settings of DVC have no address for the remote `x`
      help: `dvc remote add -d NAME FOLDER` sets it

    error: `--pull` has nothing to take from: the remote `store` is `s3://bucket/x`, which is no folder
      help: `dvc fetch` brings its data into DVC's cache, and `lockgate repro` takes it from there

    error: `--pull` has nothing to take from: the remote `store` cannot be reached: cannot open the folder `DIR/.dvc/../none`: No such file or directory (os error 2)
      help: mount it, or leave `--pull` out
    ");
    assert!(!ws.exists("a"));
}
