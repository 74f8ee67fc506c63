//! Places with two names: what a symlink hides must not lead around a gate.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::sandbox::Sandbox;

/// A project with `real` and, as another name of it, `alias`.
fn with_alias(pipeline: &str) -> Sandbox {
    let ws = Sandbox::of(pipeline);
    ws.write("in", "good\n");
    ws.write("real/other", "other\n");
    symlink("real", ws.path().join("alias")).unwrap();
    ws
}

fn refused(ws: &Sandbox, texts: &[&str]) {
    for line in ["repro", "repro -q", "repro --dry"] {
        let output = ws.lockgate(line);
        assert_eq!(output.code, 3, "{line}: {output}");
        assert!(texts.iter().all(|text| output.stderr.contains(text)), "{texts:?}\n{output}");
    }
}

#[test]
fn a_gate_on_another_name_of_an_output_is_refused() {
    let ws = with_alias(
        "stages:\n  a: {cmd: cat in > real/o, deps: [in], outs: [real/o]}\n  \
         g: {gate: {data: alias/o, command: \"true\"}}\n",
    );
    ws.write("real/o", "old\n");
    refused(&ws, &["pipeline.yaml:3:", "gate `g` judges `alias/o`", "another name of `real/o`", "stage `a`"]);
}

#[test]
fn a_reader_by_another_name_is_refused() {
    let ws = with_alias(
        "stages:\n  a: {cmd: cat in > real/o, deps: [in], outs: [real/o]}\n  \
         b: {cmd: cat link > s, deps: [link], outs: [s]}\n",
    );
    ws.write("real/o", "old\n");
    symlink("real/o", ws.path().join("link")).unwrap();
    refused(&ws, &["pipeline.yaml:3:", "stage `b` depends on `link`", "another name of `real/o`"]);
}

#[test]
fn an_output_behind_a_symlink_is_refused_before_anything_runs() {
    let ws = with_alias("stages:\n  a: {cmd: cat in > alias/o, deps: [in], outs: [alias/o]}\n");
    refused(&ws, &["out `alias/o`", "another name of `real/o`", "name `real/o`"]);
    assert!(!ws.exists("real/o"));
    let outside = tempfile::tempdir().unwrap();
    let ws = Sandbox::of("stages:\n  a: {cmd: cat in > far/o, deps: [in], outs: [far/o]}\n");
    ws.write("in", "1\n");
    symlink(outside.path(), ws.path().join("far")).unwrap();
    refused(&ws, &["out `far/o`", "leads out of the project"]);
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0, "nothing is written outside of the project");
}

#[test]
fn a_source_behind_a_symlink_is_a_source() {
    let outside = tempfile::tempdir().unwrap();
    let ws = with_alias("stages:\n  a: {cmd: cat alias/other far/x > o, deps: [alias/other, far/x], outs: [o]}\n");
    symlink(outside.path(), ws.path().join("far")).unwrap();
    fs::write(outside.path().join("x"), "1\n").unwrap();
    assert_eq!(ws.lockgate("repro").code, 0);
    fs::write(outside.path().join("x"), "2\n").unwrap();
    assert_eq!(ws.lockgate("repro -q").code, 0);
    assert_eq!(ws.read("o"), "other\n2\n");
}

/// Without the rights of root, for whom nothing is read-only.
#[test]
fn a_read_only_folder_is_set_aside_like_any_other() {
    let ws = Sandbox::of("stages:\n  a: {cmd: mkdir o; cp in o/f; chmod 555 o, deps: [in], outs: [o]}\n");
    fs::set_permissions(ws.path(), fs::Permissions::from_mode(0o777)).unwrap();
    // The build folder may be one that only root can enter.
    let binary = ws.path().join("side-lockgate");
    fs::copy(env!("CARGO_BIN_EXE_lockgate"), &binary).unwrap();
    for text in ["1\n", "2\n", "3\n"] {
        ws.write("in", text);
        let mut command = Command::new(&binary);
        command.arg("repro").current_dir(ws.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
        if rustix::process::geteuid().is_root() {
            command.uid(65534).gid(65534);
        }
        let output = ws.finish(&mut command);
        assert_eq!((output.code, ws.read("o/f")), (0, text.to_owned()), "{output}");
    }
}

#[test]
fn an_output_that_is_a_symlink_becomes_what_it_leads_to() {
    let ws = Sandbox::of(
        "stages:\n  make: {cmd: ln -sf src out; ln -sfn dir tree, deps: [src, dir], outs: [out, tree]}\n  \
         gate: {gate: {data: out, command: '! grep -q bad out'}}\n",
    );
    ws.write("src", "good");
    ws.write("dir/a", "1");
    assert_eq!(ws.lockgate("repro").code, 0);
    let is_link = |path: &str| ws.path().join(path).symlink_metadata().unwrap().is_symlink();
    assert!(!is_link("out") && !is_link("tree"));
    ws.write("src", "bad");
    ws.write("dir/a", "2");
    let output = ws.lockgate("repro");
    assert_eq!((output.code, ws.read("out"), ws.read("tree/a")), (4, "good".into(), "1".into()), "{output}");
    ws.write("src", "fine");
    assert_eq!((ws.lockgate("repro").code, ws.lockgate("repro -q").code), (0, 0));
    assert_eq!((ws.read("out"), ws.read("tree/a")), ("fine".to_owned(), "2".to_owned()));
}
