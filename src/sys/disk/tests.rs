//! Tests of the disk: the project's edge, publishing, locks, the appender.

#![expect(clippy::disallowed_methods, reason = "tests prepare and look at the disk by themselves")]

use std::io::ErrorKind;

use super::sandbox::{Sandbox, path};
use super::*;

#[test]
fn nothing_is_written_through_a_folder_that_leads_outside() {
    let ws = Sandbox::new();
    let outside = ws.at("../outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("x"), "precious").unwrap();
    ws.symlink("../outside", "relative");
    ws.symlink(outside.to_str().unwrap(), "absolute");
    let inside = ws.write("inside", "mine");
    for door in ["relative", "absolute"] {
        let (x, new) = (path(&format!("{door}/x")), path(&format!("{door}/new/y")));
        let attempts = [
            ws.root.publish(&x, b"evil", Durability::Later),
            ws.root.publish(&new, b"evil", Durability::Later),
            ws.root.remove(&x),
            ws.root.rename(&inside, &x),
            ws.root.rename(&x, &inside),
            ws.root.hard_link(&inside, &x),
            ws.root.symlink("anywhere", &x),
            ws.root.set_mode(&x, 0o777),
            ws.root.create_dir_all(&new),
            ws.root.append_to(&x).map(drop),
            ws.root.create_file(&new, 0o666).map(drop),
            ws.root.try_lock(&x).map(drop),
            ws.root.resolve(&path(door)).map(drop),
        ];
        for (idx, attempt) in attempts.into_iter().enumerate() {
            let error = attempt.expect_err("it leads outside").to_string();
            assert!(
                error.ends_with("a folder on the way is a symlink that leaves the project"),
                "{door} {idx}: {error}"
            );
        }
    }
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 1);
    assert_eq!(std::fs::read_to_string(outside.join("x")).unwrap(), "precious");
    assert_eq!(ws.names(".lockgate/tmp"), [""; 0]);
}

#[test]
fn a_symlinked_folder_that_stays_inside_is_fine() {
    let ws = Sandbox::new();
    ws.root.create_dir_all(&path("real/deep")).unwrap();
    ws.symlink("real/deep", "relative");
    ws.symlink(ws.at("real").to_str().unwrap(), "absolute");
    ws.root.publish(&path("relative/a"), b"1", Durability::Now).unwrap();
    ws.root.publish(&path("absolute/b"), b"2", Durability::Later).unwrap();
    assert_eq!((ws.read("real/deep/a"), ws.read("real/b")), ("1".into(), "2".into()));
    assert_eq!(ws.root.resolve(&path("relative")).unwrap(), path("real/deep"));
}

#[test]
fn a_symlink_itself_is_replaced_and_removed_but_not_followed() {
    let ws = Sandbox::new();
    std::fs::write(ws.at("../x"), "precious").unwrap();
    ws.symlink("../x", "link");
    ws.root.publish(&path("link"), b"mine", Durability::Later).unwrap();
    assert_eq!((ws.read("link"), ws.read("../x")), ("mine".into(), "precious".into()));
    ws.symlink("..", "up");
    ws.root.remove(&path("up")).unwrap();
    assert_eq!(ws.read("../x"), "precious");
}

#[test]
fn the_project_itself_is_never_removed() {
    let ws = Sandbox::new();
    let error = ws.root.remove(&path(".")).unwrap_err();
    insta::assert_snapshot!(error, @"cannot remove `.`: the project itself cannot be replaced");
}

#[test]
fn publishing_makes_folders_and_leaves_no_temporary() {
    let ws = Sandbox::new();
    let file = path("a/b/c");
    ws.root.publish(&file, b"one", Durability::Later).unwrap();
    ws.root.publish(&file, b"two", Durability::Now).unwrap();
    assert_eq!(ws.root.read_to_string(&file).unwrap(), "two");
    assert!(ws.root.publish(&path("a"), b"three", Durability::Later).is_err());
    assert_eq!(ws.names(".lockgate/tmp"), [""; 0]);
}

#[test]
fn a_temporary_of_a_dead_process_with_our_id_is_no_obstacle() {
    let ws = Sandbox::new();
    for serial in 0..4 {
        ws.write(&format!(".lockgate/tmp/{}-{serial}/in/the/way", std::process::id()), "");
    }
    ws.root.publish(&path("a"), b"x", Durability::Later).unwrap();
    drop(ws.root.temp_folder(&path("b")).unwrap());
    drop(ws.root.temp_name(&path("c")).unwrap());
    assert_eq!(ws.read("a"), "x");
}

#[test]
fn read_only_trees_are_removed() {
    let ws = Sandbox::new();
    ws.write("t/a/b/c", "x");
    ws.symlink("/etc", "t/a/etc");
    for (inner, mode) in [("t/a/b/c", 0o444), ("t/a/b", 0o555), ("t/a", 0o500), ("t", 0o000)] {
        ws.chmod(inner, mode);
    }
    ws.root.remove(&path("t")).unwrap();
    assert!(!ws.exists("t"));
    ws.root.remove(&path("t")).unwrap();
    ws.root.remove(&path("t/u")).unwrap();
}

#[test]
fn a_copy_has_modes_symlinks_and_empty_folders() {
    let ws = Sandbox::new();
    ws.write("t/run", "x");
    ws.chmod("t/run", 0o751);
    ws.root.create_dir_all(&path("t/empty")).unwrap();
    ws.chmod("t/empty", 0o700);
    ws.symlink("run", "t/link");
    ws.root.copy(&path("t"), &path("u")).unwrap();
    assert_eq!(ws.names("u"), ["empty", "link", "run"]);
    assert_eq!(ws.root.lstat(&path("u/run")).unwrap().unwrap().mode & 0o777, 0o751);
    assert_eq!(ws.root.lstat(&path("u/empty")).unwrap().unwrap().mode & 0o777, 0o700);
    assert_eq!(ws.root.read_link(&path("u/link")).unwrap(), b"run");
    assert_eq!(ws.root.copy(&path("t"), &path("u")).unwrap_err().kind(), ErrorKind::AlreadyExists);
}

#[test]
fn a_lock_excludes_others_until_it_is_dropped() {
    let ws = Sandbox::new();
    let file = path(".lockgate/state/lock");
    let held = ws.root.try_lock(&file).unwrap().expect("nobody holds it");
    held.sign("run 12").unwrap();
    assert!(ws.root.try_lock(&file).unwrap().is_none());
    assert_eq!(ws.root.read_to_string(&file).unwrap(), "run 12");
    drop(held);
    let held = ws.root.lock(&file).unwrap();
    held.sign("x").unwrap();
    assert_eq!(ws.root.read_to_string(&file).unwrap(), "x");
}

#[test]
fn a_deleted_lock_file_is_made_again() {
    let ws = Sandbox::new();
    let file = path(".lockgate/state/lock");
    let old = ws.root.lock(&file).unwrap();
    ws.root.remove(&file).unwrap();
    let new = ws.root.try_lock(&file).unwrap().expect("the old lock has no name any more");
    assert!(ws.root.try_lock(&file).unwrap().is_none());
    drop((old, new));
}

#[test]
fn an_appender_grows_and_drops_a_torn_tail() {
    let ws = Sandbox::new();
    let file = path(".lockgate/runs/1/journal");
    let mut log = ws.root.append_to(&file).unwrap();
    assert!(log.is_empty());
    log.append(b"one\n").unwrap();
    log.append(b"tw").unwrap();
    log.sync().unwrap();
    drop(log);
    let mut log = ws.root.append_to(&file).unwrap();
    assert_eq!(log.len(), 6);
    log.truncate(4).unwrap();
    log.append(b"two\n").unwrap();
    assert_eq!((ws.read(file.as_str()), log.len()), ("one\ntwo\n".into(), 8));
}

#[test]
fn errors_name_the_operation_the_paths_and_the_cause() {
    let ws = Sandbox::new();
    let error = ws.root.rename(&path("a"), &path("b/c")).unwrap_err();
    insta::assert_snapshot!(error, @"cannot rename `a` to `b/c`: No such file or directory (os error 2)");
    assert_eq!((error.kind(), error.path(), error.help()), (ErrorKind::NotFound, "a", None));
    assert!(!ws.exists("b"));
    let full = DiskError::new("write", &"x", rustix::io::Errno::NOSPC);
    assert_eq!(full.help(), Some("free some space and run again; `lockgate gc -w` removes what nothing needs"));
}

#[test]
fn a_folder_lists_what_is_in_it() {
    let ws = Sandbox::new();
    ws.write("t/b", "");
    ws.write("t/a/x", "");
    ws.symlink("a", "t/c");
    let kinds: Vec<Kind> = ws.root.list(&path("t")).unwrap().into_iter().map(|entry| entry.kind).collect();
    assert_eq!(
        (ws.names("t"), kinds),
        (vec!["a".into(), "b".into(), "c".into()], vec![Kind::Folder, Kind::File, Kind::Symlink])
    );
    assert!(ws.root.list(&path("nothing")).unwrap().is_empty());
    assert!(ws.root.list(&path("t/b")).is_err());
}

#[test]
fn files_of_the_kernel_are_read_whole() {
    let root = Root::open(std::path::Path::new("/proc")).unwrap();
    assert!(root.read(&path("self/status")).unwrap().len() > 100);
}

#[test]
fn preparing_writes_the_ignore_file_once() {
    let ws = Sandbox::new();
    let ignore = ".lockgate/.gitignore";
    insta::assert_snapshot!(ws.read(ignore), @"
    # Written by lockgate. Only these files belong into version control:
    *
    !.gitignore
    !config.toml
    !waivers.yaml
    !approvals.yaml
    ");
    ws.write(ignore, "mine");
    prepare(&ws.root).unwrap();
    assert_eq!(ws.read(ignore), "mine");
    ws.root.remove(&path(".lockgate/tmp")).unwrap();
    prepare(&ws.root).unwrap();
    assert!(ws.exists(".lockgate/tmp"));
}

#[test]
fn a_file_is_settled_when_any_write_would_show() {
    let ws = Sandbox::new();
    let file = ws.write("a", "");
    let stat = ws.root.stat(&file).unwrap().unwrap();
    let now_ns = 1_000_000_000_000;
    let check = |mtime_ago_ms: i64, ctime_ago_ms: i64, dev: u64, expect: Age| {
        let ago = |ms: i64| now_ns - ms * 1_000_000;
        let stat = Stat { mtime_ns: ago(mtime_ago_ms), ctime_ns: ago(ctime_ago_ms), dev, ..stat };
        let age = FileClock::stopped(&ws.root, now_ns).age([stat].iter());
        assert_eq!(age, expect, "{mtime_ago_ms} {ctime_ago_ms} {dev}");
    };
    let (ours, foreign) = (ws.root.dev(), ws.root.dev() + 1);
    check(50, 50, ours, Age::Settled);
    check(50, 5, ours, Age::Young);
    check(5, 50, ours, Age::Young);
    check(-50, 50, ours, Age::Young);
    check(-60_000, 50, ours, Age::Settled);
    check(50, -60_000, ours, Age::Young);
    check(50, 50, foreign, Age::Young);
    check(5_000, 5_000, foreign, Age::Settled);
}

#[test]
fn the_clock_is_made_with_the_workspace_when_it_is_missing() {
    let ws = Sandbox::new();
    ws.root.remove(&path(".lockgate")).unwrap();
    let first = ws.root.clock().unwrap();
    assert!(ws.root.clock().unwrap() >= first);
    assert!(ws.exists(".lockgate/.gitignore"));
}
