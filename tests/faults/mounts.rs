//! Outputs and lockgate's own folder on other file systems, between which nothing can be renamed; only root can mount them.

use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;

use crate::sandbox::Sandbox;

/// A project with a file system of its own at one folder, unmounted with the test.
struct Mounted {
    ws: Sandbox,
    folder: &'static str,
}

impl Mounted {
    /// Returns `None`, and says so in a line, where nothing can be mounted.
    fn at(folder: &'static str, pipeline: &str) -> Option<Self> {
        let mounted = Self { ws: Sandbox::empty(), folder };
        mounted.ws.write("pipeline.yaml", pipeline);
        mounted.ws.write(&format!("{folder}/.gitignore"), "*\n");
        mounted.ws.write("in.txt", "1\n");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "none"]).arg(mounted.ws.path().join(folder));
        if mount.output().is_ok_and(|output| output.status.success()) {
            return Some(mounted);
        }
        eprintln!("skipped: no file system can be mounted here");
        None
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.ws.path().join(self.folder)).output();
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = entries.collect();
    names.sort();
    names
}

#[test]
fn outputs_on_another_file_system_are_made_edited_and_brought_back() {
    let pipeline = "stages:\n  k: {cmd: mkdir out/d; cp in.txt out/d/k, deps: [in.txt], outs: [out/d]}\n";
    let Some(Mounted { ws, .. }) = &Mounted::at("out", pipeline) else { return };
    assert_eq!(ws.lockgate("repro").code, 0);
    ws.write("in.txt", "2\n");
    assert_snapshot!(ws.lockgate("repro"), @"
    --- stderr
    ✓ k         ran TIME
    ✓ done: 1 ran in TIME
    --- exit 0
    ");
    ws.write("out/d/k", "edited\n");
    assert_snapshot!(ws.lockgate("repro"), @"
    --- stderr
    ! warning: `out/d` had been edited; it was replaced, and the edited file is kept in `.lockgate/quarantine/k/edited`
        help: to publish an edited output as it is, use `lockgate commit -f k`
    ✓ k         restored TIME
    ✓ done: 1 restored in TIME
    --- exit 0
    ");
    assert_eq!(ws.read("out/d/k"), "2\n");
    assert_eq!(ws.read(".lockgate/quarantine/k/edited/out/d/k"), "edited\n");
    assert_eq!(names(&ws.path().join("out")), ["d"]);
}

#[test]
fn the_last_good_output_on_another_file_system_outlives_a_failure() {
    let cmd = "cat in.txt >> out/k; ! grep 2 in.txt";
    let out = "out/k: {persist: true, cache: false}";
    let pipeline = format!("stages:\n  k: {{cmd: '{cmd}', deps: [in.txt], outs: [{out}]}}\n");
    let Some(Mounted { ws, .. }) = &Mounted::at("out", &pipeline) else { return };
    assert_eq!(ws.lockgate("repro").code, 0);
    ws.write("in.txt", "2\n");
    for _ in 0..2 {
        assert_eq!(ws.lockgate("repro").code, 1);
        assert_eq!(ws.read("out/k"), "1\n");
    }
    ws.write("in.txt", "3\n");
    assert_eq!(ws.lockgate("repro").code, 0);
    assert_eq!(ws.read("out/k"), "1\n3\n");
}

#[test]
fn the_lock_is_written_where_lockgates_own_folder_is_on_another_file_system() {
    let pipeline = "stages:\n  k: {cmd: cp in.txt k, deps: [in.txt], outs: [k]}\n";
    let Some(Mounted { ws, .. }) = &Mounted::at(".lockgate", pipeline) else { return };
    assert_eq!(ws.lockgate("repro").code, 0);
    ws.remove("k");
    assert_snapshot!(ws.lockgate("repro"), @"
    --- stderr
    ✓ k         restored TIME
    ✓ done: 1 restored in TIME
    --- exit 0
    ");
    assert!(ws.read("pipeline.lock").contains("k:"));
    assert_eq!(names(&ws.path()), [".lockgate", "in.txt", "k", "pipeline.lock", "pipeline.yaml"]);
}

#[test]
fn an_output_at_which_a_file_system_is_mounted_is_told_as_that() {
    let pipeline = "stages:\n  k: {cmd: cp in.txt out/k, deps: [in.txt], outs: [out]}\n";
    let Some(Mounted { ws, .. }) = &Mounted::at("out", pipeline) else { return };
    assert_snapshot!(ws.lockgate("repro"), @"
    --- stderr
    ✗ k         failed TIME could not go on: its old outputs could not be set aside: cannot rename `out` to `.lockgate/tmp/txn-1/0`: Device or resource busy (os error 16)

    ✗ stage k  FAILED  could not go on: its old outputs could not be set aside: cannot rename `out` to `.lockgate/tmp/txn-1/0`: Device or resource busy (os error 16)  after TIME
      outputs   the last good ones are back in place
      next      a file system is mounted there: name what is in it, or mount it one folder up

    ✗ not everything could be kept: 1 failed in TIME
    --- exit 8
    ");
}
