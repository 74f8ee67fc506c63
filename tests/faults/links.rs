//! Places with two names: what a symlink hides must not lead around a gate.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::sandbox::{Output, Sandbox};
use crate::watch::{Watched, files_below};

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

/// Runs without the rights of root, for whom nothing is read-only.
fn repro_as_nobody(ws: &Sandbox) -> Output {
    as_nobody(ws, &[])
}

/// The same, with these variables.
fn as_nobody(ws: &Sandbox, env: &[(&str, &Path)]) -> Output {
    fs::set_permissions(ws.path(), fs::Permissions::from_mode(0o777)).unwrap();
    // The build folder may be one that only root can enter.
    let binary = ws.path().join("side-lockgate");
    if !binary.exists() {
        fs::copy(env!("CARGO_BIN_EXE_lockgate"), &binary).unwrap();
    }
    let mut command = Command::new(&binary);
    command.arg("repro").current_dir(ws.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    command.envs(env.iter().copied());
    if rustix::process::geteuid().is_root() {
        command.uid(65534).gid(65534);
    }
    ws.finish(&mut command)
}

#[test]
fn a_read_only_folder_is_set_aside_like_any_other() {
    let ws = Sandbox::of("stages:\n  a: {cmd: mkdir o; cp in o/f; chmod 555 o, deps: [in], outs: [o]}\n");
    for text in ["1\n", "2\n", "3\n"] {
        ws.write("in", text);
        let output = repro_as_nobody(&ws);
        assert_eq!((output.code, ws.read("o/f")), (0, text.to_owned()), "{output}");
    }
}

const GROWING: &str = "\
stages:
  file: {cmd: cat in >> acc; test ! -f fail, deps: [in], outs: [acc: {persist: true}]}
  bare: {cmd: cat in >> plain; test ! -f fail, deps: [in], outs: [plain: {persist: true, cache: false}]}
  folder:
    cmd: mkdir -p all/deep; cat in >> all/deep/one; ln -sf deep/one all/latest; test ! -f fail
    deps: [in]
    outs: [all: {persist: true}]
";

const GROWN: [&str; 3] = ["acc", "plain", "all/deep/one"];

/// Makes each grown file a link to an object of some cache, as `dvc checkout --relink` does.
fn relink(ws: &Sandbox, objects: &Path, link: fn(&Path, &Path)) {
    for (at, path) in GROWN.into_iter().enumerate() {
        let (object, path) = (objects.join(at.to_string()), ws.path().join(path));
        fs::rename(&path, &object).unwrap();
        fs::set_permissions(&object, fs::Permissions::from_mode(0o444)).unwrap();
        link(&object, &path);
    }
}

fn texts(folder: &Path, names: [&str; 3]) -> [String; 3] {
    names.map(|name| fs::read_to_string(folder.join(name)).unwrap())
}

#[test]
fn a_stage_that_goes_on_never_writes_through_a_link() {
    let ways: [fn(&Path, &Path); 2] =
        [|object, path| fs::hard_link(object, path).unwrap(), |object, path| symlink(object, path).unwrap()];
    for link in ways {
        let (ws, objects) = (Sandbox::of(GROWING), tempfile::tempdir().unwrap());
        fs::set_permissions(objects.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let objects = objects.path();
        ws.write("in", "1\n");
        assert_eq!(repro_as_nobody(&ws).code, 0);
        relink(&ws, objects, link);
        ws.write("in", "2\n");
        ws.write("fail", "");
        let links =
            || GROWN.map(|path| ws.path().join(path).symlink_metadata().map(|stat| (stat.ino(), stat.mode())).unwrap());
        let before = links();
        let output = repro_as_nobody(&ws);
        assert_eq!((output.code, links()), (1, before), "a failure gives back the links themselves\n{output}");
        assert_eq!(texts(&ws.path(), GROWN), ["1\n"; 3]);
        ws.remove("fail");
        let output = repro_as_nobody(&ws);
        assert_eq!(output.code, 0, "{output}");
        assert_eq!(texts(&ws.path(), GROWN), ["1\n2\n"; 3], "{output}");
        assert_eq!(texts(objects, ["0", "1", "2"]), ["1\n"; 3], "what was linked to is as it was");
        assert_eq!(fs::read_link(ws.path().join("all/latest")).unwrap(), Path::new("deep/one"));
        ws.is_fresh();
    }
}

#[test]
fn a_stage_that_goes_on_never_writes_into_the_store() {
    for (link, retry) in [("hardlink", "1"), ("symlink", "1"), ("hardlink", "2"), ("symlink", "2")] {
        let growing = "stages:\n  a: {cmd: cat in >> acc; if test -f odd; then rm odd; exit 1; fi, deps: [in], outs: [acc: {persist: true}], retry: ATTEMPTS}\n";
        let ws = Sandbox::of(&growing.replace("ATTEMPTS", retry));
        ws.lockgate(&format!("config cache.link {link}"));
        ws.write("in", "1\n");
        ws.repro("", 0);
        assert_eq!(ws.lockgate("checkout --relink").code, 0);
        let stored = || {
            files_below(&ws.path().join(".lockgate/store/blobs"))
                .iter()
                .map(|path| fs::read(path).unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(stored(), [b"1\n"], "{link}");
        ws.write("in", "2\n");
        if retry == "2" {
            ws.write("odd", "");
        }
        ws.repro("", 0);
        assert_eq!(ws.read("acc"), "1\n2\n", "{link}, {retry} attempts");
        assert!(stored().contains(&b"1\n".to_vec()) && stored().contains(&b"1\n2\n".to_vec()), "{link}");
        assert_eq!(ws.lockgate("doctor").code, 0);
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

#[test]
fn a_home_that_is_another_users_is_not_needed() {
    let ws = Sandbox::of("stages:\n  a: {cmd: echo > o, outs: [o]}\n");
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(home.path().join(".config/lockgate")).unwrap();
    fs::write(home.path().join(".config/lockgate/config.toml"), "jobs = 1\n").unwrap();
    fs::set_permissions(home.path().join(".config"), fs::Permissions::from_mode(0o000)).unwrap();
    let output = as_nobody(&ws, &[("HOME", home.path())]);
    fs::set_permissions(home.path().join(".config"), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!((output.code, ws.exists("o")), (0, true), "{output}");
    let home = home.path().to_str().unwrap();
    let told: Vec<&str> = output.stderr.lines().take(2).collect();
    insta::assert_snapshot!(told.join("\n").replace(home, "HOME"), @"
    ! warning: cannot read `HOME/.config/lockgate/config.toml`: Permission denied (os error 13): the user's own settings do not count
        help: set `HOME` or `XDG_CONFIG_HOME` to a folder that you may enter
    ");
}
