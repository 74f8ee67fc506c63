//! A process that dies, or a disk that fails, at every durable step of the store.
//!
//! The test runs itself as a child with `LOCKGATE_FAULT` set, and looks at what the child leaves behind.

#![cfg(feature = "faults")]
#![expect(clippy::disallowed_methods, reason = "the test starts itself, and damages what it tests")]
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::error::Error;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use lockgate::observe::{Observer, Trust};
use lockgate::store::{GcMode, Link, Live, Protect, Store};
use lockgate::sys::disk::{Durability, Root, prepare};
use lockgate::sys::fault;
use lockgate::words::{Content, Digest, RelPath};

const NAME: &str = "what_a_crash_leaves_is_mended_by_doing_it_again";
const FOLDER: &str = "LOCKGATE_FAULT_FOLDER";
const ACTS: [&str; 4] = ["kill", "eio", "enospc", "erofs"];

fn path(text: &str) -> RelPath {
    RelPath::parse(text).unwrap()
}

/// Passes every point of the disk and the store at least once.
fn scenario(root: &Root) -> Result<(), Box<dyn Error>> {
    prepare(root)?;
    let observer = Arc::new(Observer::open(root));
    let store = Store::open(Arc::clone(&observer));
    let kept = [store.keep(&path("tree"))?, store.keep(&path("big"))?];
    for (content, to) in kept.iter().zip(["out/tree", "out/big"]) {
        store.place(content, &path(to), Link::Copy, Protect::Writable)?;
    }
    store.run_put(&Digest::of(b"key"), b"entry")?;
    store.run_put(&Digest::of(b"junk"), b"entry")?;
    root.publish(&path("lock"), b"new", Durability::Now)?;
    let mut log = root.append_to(&path(".lockgate/runs/log"))?;
    log.append(b"record\n")?;
    log.sync()?;
    let live = Live { contents: kept.iter().map(Content::digest).collect(), runs: [Digest::of(b"key")].into() };
    store.gc(&live, GcMode::Delete)?;
    damage_a_blob(root);
    assert_eq!(store.verify(|_, _| {})?.damaged.len(), 1);
    root.sync_point()?;
    Ok(observer.save(Trust::AnyBoot)?)
}

fn damage_a_blob(root: &Root) {
    let hex = Digest::of(b"a").to_hex();
    let blob = root.path().join(".lockgate/store/blobs").join(&hex[..2]).join(&hex[2..]);
    std::fs::set_permissions(&blob, std::fs::Permissions::from_mode(0o644)).unwrap();
    std::fs::write(blob, "b").unwrap();
}

/// Makes a project whose last good outputs are in place.
fn project(folder: &Path) -> Root {
    std::fs::create_dir_all(folder.join("tree/deep")).unwrap();
    std::fs::write(folder.join("tree/a"), "a").unwrap();
    std::fs::write(folder.join("tree/deep/b"), "b").unwrap();
    std::fs::write(folder.join("big"), vec![7; 3 << 20]).unwrap();
    std::fs::create_dir_all(folder.join("out/tree")).unwrap();
    std::fs::write(folder.join("out/tree/old"), "old").unwrap();
    std::fs::write(folder.join("out/big"), "old").unwrap();
    std::fs::write(folder.join("lock"), "old").unwrap();
    Root::open(folder).unwrap()
}

fn run_child(folder: &Path, order: &str) -> Output {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", NAME, "--nocapture"]).env("LOCKGATE_FAULT", order).env(FOLDER, folder);
    child.output().unwrap()
}

fn strike(point: &str, act: &str) {
    let dir = tempfile::tempdir().unwrap();
    let root = project(dir.path());
    let olds = ["out/tree", "out/big"].map(|out| Observer::open(&root).observe(&path(out)).unwrap());
    let child = run_child(dir.path(), &format!("{point}:{act}"));
    assert!(!child.status.success(), "{point}:{act} was not struck");
    if act != "kill" {
        let said = String::from_utf8_lossy(&child.stderr).into_owned();
        assert!(said.contains(&format!("cannot pass the fault point `{point}`")), "{point}:{act} said {said}");
    }
    let observer = Observer::open(&root);
    let news = ["tree", "big"].map(|made| observer.observe(&path(made)).unwrap());
    for (idx, out) in ["out/tree", "out/big"].into_iter().enumerate() {
        let found = observer.observe(&path(out)).unwrap();
        let is_whole = found.is_none() || found == olds[idx] || found == news[idx];
        assert!(is_whole, "{point}:{act} left half of `{out}`");
    }
    assert!(["old", "new"].contains(&root.read_to_string(&path("lock")).unwrap().as_str()), "{point}:{act}");
    scenario(&root).unwrap_or_else(|error| panic!("after {point}:{act}: {error}"));
    for (out, made) in [("out/tree", "tree"), ("out/big", "big")] {
        let fresh = Observer::open(&root);
        assert_eq!(fresh.observe(&path(out)).unwrap(), fresh.observe(&path(made)).unwrap(), "{point}:{act}");
    }
}

#[test]
fn what_a_crash_leaves_is_mended_by_doing_it_again() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        scenario(&Root::open(Path::new(&folder)).unwrap()).unwrap_or_else(|error| panic!("{error}"));
        return;
    }
    let is_of_store = |point: &&&str| point.starts_with("disk.") || point.starts_with("store.");
    let points = fault::points().iter().filter(is_of_store);
    // What moves to another file system is struck by whole runs.
    for point in points.filter(|point| !point.starts_with("disk.across.")) {
        for act in ACTS {
            strike(point, act);
        }
    }
}
