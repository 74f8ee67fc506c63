//! Tests of the store: keeping, placing, damage, collection.

use std::sync::Arc;

use super::objects::object_path;
use super::*;
use crate::observe::{Observer, Trust};
use crate::sys::disk::sandbox::{Sandbox, path};
use crate::sys::disk::{Root, Stat};
use crate::words::{Content, Digest, RelPath};

struct Bench {
    ws: Sandbox,
    store: Store,
}

impl Bench {
    fn new() -> Self {
        let ws = Sandbox::new();
        let store = store_of(&ws.root);
        Self { ws, store }
    }

    fn keep(&self, inner: &str) -> Content {
        self.store.keep(&path(inner)).unwrap()
    }

    fn place(&self, content: &Content, to: &str) {
        self.store.place(content, &path(to), Link::Copy, Protect::Writable).unwrap();
    }

    fn stat(&self, at: &RelPath) -> Stat {
        self.ws.root.lstat(at).unwrap().unwrap()
    }

    /// Overwrites an object in place, whatever its mode.
    fn spoil(&self, kind: ObjectKind, digest: Digest, bytes: &str) {
        let object = object_path(kind, &digest);
        self.ws.chmod(object.as_str(), 0o644);
        self.ws.write(object.as_str(), bytes);
    }

    fn aside(&self) -> Vec<String> {
        self.ws.names(".lockgate/quarantine/.store")
    }
}

fn store_of(root: &Root) -> Store {
    Store::open(Arc::new(Observer::open(root)))
}

fn blob(content: &Content) -> RelPath {
    object_path(ObjectKind::Blob, &content.digest())
}

const LINKS: [Link; 3] = [Link::Copy, Link::Hardlink, Link::Symlink];

#[test]
fn what_was_kept_is_placed_again_in_every_way() {
    let bench = Bench::new();
    bench.ws.write("a/x.csv", "x");
    bench.ws.write("a/deep/run.sh", "#!/bin/sh");
    bench.ws.chmod("a/deep/run.sh", 0o755);
    bench.ws.root.create_dir_all(&path("a/empty")).unwrap();
    bench.ws.symlink("deep", "a/link");
    bench.ws.symlink("nowhere", "a/dangling");
    for inner in ["a", "a/x.csv", "a/deep/run.sh"] {
        let content = bench.keep(inner);
        assert!(bench.store.has(&content));
        for link in LINKS {
            for protect in [Protect::Writable, Protect::ReadOnly] {
                bench.store.place(&content, &path("b/c"), link, protect).unwrap();
                let fresh = Observer::with_memo(&bench.ws.root, "none");
                assert_eq!(fresh.observe(&path("b/c")).unwrap(), Some(content), "{inner} {link:?} {protect:?}");
            }
        }
    }
    assert_eq!(bench.ws.names(".lockgate/tmp"), [""; 0]);
}

#[test]
fn a_placed_tree_keeps_its_links_and_empty_folders() {
    let bench = Bench::new();
    bench.ws.write("a/deep/x", "x");
    bench.ws.root.create_dir_all(&path("a/empty")).unwrap();
    bench.ws.symlink("deep", "a/link");
    let content = bench.keep("a");
    bench.place(&content, "b");
    assert_eq!(bench.ws.names("b"), ["deep", "empty", "link"]);
    assert_eq!(bench.ws.root.read_link(&path("b/link")).unwrap(), b"deep");
    let entries = bench.store.tree(&content.digest()).unwrap();
    assert_eq!(entries.iter().map(|entry| entry.path.as_str()).collect::<Vec<_>>(), ["deep/x", "empty", "link"]);
}

#[test]
fn what_was_kept_or_placed_is_not_hashed_again() {
    let bench = Bench::new();
    bench.ws.write("big", vec![7; 3 << 20]);
    bench.ws.write("tree/a", "a");
    let (big, tree) = (bench.keep("big"), bench.keep("tree"));
    bench.place(&big, "big2");
    bench.place(&tree, "tree2");
    let before = bench.store.observer.meter().bytes();
    for (inner, content) in [("big", big), ("big2", big), ("tree2", tree)] {
        assert_eq!(bench.store.observer.observe(&path(inner)).unwrap(), Some(content));
    }
    assert_eq!(bench.store.observer.meter().bytes(), before);
}

#[test]
fn linked_files_are_read_only_and_executables_are_copied() {
    let bench = Bench::new();
    bench.ws.write("plain", "text");
    bench.ws.write("tool", "tool");
    bench.ws.chmod("tool", 0o755);
    let (plain, tool) = (bench.keep("plain"), bench.keep("tool"));
    for link in [Link::Hardlink, Link::Symlink] {
        bench.store.place(&plain, &path("p"), link, Protect::Writable).unwrap();
        bench.store.place(&tool, &path("t"), link, Protect::Writable).unwrap();
        assert_eq!(bench.ws.root.stat(&path("p")).unwrap().unwrap().mode & 0o222, 0, "{link:?}");
        assert!(bench.stat(&path("t")).is_executable(), "{link:?}");
        assert!(!bench.stat(&blob(&tool)).is_executable(), "{link:?}");
    }
}

#[test]
fn a_symlink_finds_its_object_from_behind_a_symlinked_folder() {
    let bench = Bench::new();
    bench.ws.write("far/away/here/x", "x");
    bench.ws.symlink("far/away/here", "near");
    let content = bench.keep("near/x");
    bench.store.place(&content, &path("near/y"), Link::Symlink, Protect::Writable).unwrap();
    assert_eq!(bench.ws.read("near/y"), "x");
}

#[test]
fn a_file_is_read_in_the_store_only_while_it_is_sound() {
    let bench = Bench::new();
    bench.ws.write("a", "same");
    let content = bench.keep("a");
    let kept = bench.store.sound_file(&content).expect("it was kept");
    assert!(kept.ends_with(blob(&content).as_str()), "{}", kept.display());
    bench.ws.chmod(blob(&content).as_str(), 0o644);
    bench.ws.write(blob(&content).as_str(), "evil");
    assert_eq!(bench.store.sound_file(&content), None);
    assert!(!bench.store.has(&content), "it was set aside");
}

#[test]
fn two_hard_links_to_one_object_stay_known() {
    let bench = Bench::new();
    bench.ws.write("a", "same");
    let content = bench.keep("a");
    for to in ["x", "y", "x"] {
        bench.store.place(&content, &path(to), Link::Hardlink, Protect::Writable).unwrap();
    }
    assert_eq!((bench.ws.read("x"), bench.ws.read("y")), ("same".into(), "same".into()));
    assert_eq!(bench.ws.names(".lockgate/tmp"), [""; 0]);
}

#[test]
fn an_object_that_is_there_is_not_written_again() {
    let bench = Bench::new();
    bench.ws.write("a", "same");
    bench.ws.write("b", "same");
    let first = bench.stat(&blob(&bench.keep("a")));
    assert_eq!(bench.stat(&blob(&bench.keep("b"))), first);
    assert_eq!(first.mode & 0o777, 0o444);
}

#[test]
fn a_folder_of_equal_files_is_kept_by_several_threads() {
    let bench = Bench::new();
    for round in 0..20 {
        let text = format!("{round}").repeat(3000);
        for nth in 0..100 {
            bench.ws.write(&format!("d{round}/{nth}"), &text);
        }
        let kept = bench.keep(&format!("d{round}"));
        assert!(bench.store.has(&kept), "round {round}");
    }
    assert_eq!(bench.aside(), Vec::<String>::new());
}

#[test]
fn a_damaged_object_is_set_aside_and_made_again() {
    for spoilt in ["tampered", "", "shorter"] {
        let bench = Bench::new();
        bench.ws.write("a", "original");
        let content = bench.keep("a");
        bench.spoil(ObjectKind::Blob, content.digest(), spoilt);
        for link in LINKS {
            bench.ws.write("out", "what was there");
            let error = bench.store.place(&content, &path("out"), link, Protect::Writable).unwrap_err();
            assert!(error.is_miss(), "{error}");
            assert_eq!(bench.ws.read("out"), "what was there");
        }
        assert_eq!(bench.aside(), [format!("blobs-{}", content.digest())]);
        assert!(!bench.store.has(&content));
        assert_eq!(bench.keep("a"), content);
        bench.place(&content, "out");
        assert_eq!(bench.ws.read("out"), "original");
    }
}

#[test]
fn keeping_mends_a_damaged_object_of_the_same_size() {
    let bench = Bench::new();
    bench.ws.write("a", "original");
    let content = bench.keep("a");
    bench.spoil(ObjectKind::Blob, content.digest(), "tampered");
    assert_eq!(bench.keep("a"), content);
    bench.place(&content, "b");
    assert_eq!(bench.ws.read("b"), "original");
    assert_eq!(bench.aside().len(), 1);
}

#[test]
fn a_linked_object_that_changes_afterwards_is_noticed() {
    for link in [Link::Hardlink, Link::Symlink] {
        let bench = Bench::new();
        bench.ws.write("a", "original");
        let content = bench.keep("a");
        bench.store.place(&content, &path("out"), link, Protect::Writable).unwrap();
        bench.spoil(ObjectKind::Blob, content.digest(), "tampered");
        assert_ne!(bench.store.observer.observe(&path("out")).unwrap(), Some(content));
        assert!(bench.store.place(&content, &path("out2"), link, Protect::Writable).unwrap_err().is_miss());
    }
}

#[test]
fn a_missing_object_is_said_to_be_missing() {
    let bench = Bench::new();
    bench.ws.write("a/x", "x");
    let content = bench.keep("a");
    let inner = Digest::of(b"x");
    bench.ws.root.remove(&object_path(ObjectKind::Blob, &inner)).unwrap();
    assert!(!bench.store.has(&content));
    let error = bench.store.place(&content, &path("b"), Link::Copy, Protect::Writable).unwrap_err();
    insta::assert_snapshot!(error, @"the store has no file 3ae7d805f6: run the stage that makes it again");
    assert!(!bench.ws.exists("b"));
    assert_eq!(bench.ws.names(".lockgate/tmp"), [""; 0]);
    assert_eq!(bench.keep("a"), content);
    assert!(bench.store.has(&content));
}

#[test]
fn a_placement_replaces_whatever_stands_there() {
    let bench = Bench::new();
    bench.ws.write("file", "new");
    bench.ws.write("tree/x", "new");
    let (file, tree) = (bench.keep("file"), bench.keep("tree"));
    for content in [file, tree] {
        for old in ["file", "tree", "link"] {
            match old {
                "file" => drop(bench.ws.write("to", "old")),
                "tree" => drop(bench.ws.write("to/old/file", "old")),
                _ => drop(bench.ws.symlink("elsewhere", "to")),
            }
            bench.place(&content, "to");
            assert_eq!(bench.store.observer.observe(&path("to")).unwrap(), Some(content), "{old}");
            bench.ws.root.remove(&path("to")).unwrap();
        }
    }
    assert_eq!(bench.ws.names(".lockgate/tmp"), [""; 0]);
}

/// Puts a listing into the store as if it had been kept.
fn plant_tree(bench: &Bench, body: &str) -> Content {
    let listing = format!("lockgate tree 1\n{body}");
    let digest = Digest::of(listing.as_bytes());
    bench.ws.write(object_path(ObjectKind::Tree, &digest).as_str(), listing);
    Content::Tree { digest }
}

#[test]
fn a_hostile_listing_writes_nowhere() {
    let bench = Bench::new();
    bench.ws.write("evil", "evil");
    let hex = bench.keep("evil").digest();
    for body in [
        format!("file\t{hex}\t../escaped\n"),
        format!("file\t{hex}\t/tmp/escaped\n"),
        format!("link\t../..\ta\nfile\t{hex}\ta/escaped\n"),
        format!("link\t..\ta\nfile\t{hex}\ta\n"),
    ] {
        let content = plant_tree(&bench, &body);
        let error = bench.store.place(&content, &path("sub/out"), Link::Copy, Protect::Writable).unwrap_err();
        assert!(error.is_miss(), "{body}: {error}");
        assert!(!bench.ws.exists("sub/out") && !bench.ws.exists("sub/escaped") && !bench.ws.exists("../escaped"));
    }
}

#[test]
fn an_object_that_is_not_a_file_is_set_aside() {
    let bench = Bench::new();
    bench.ws.write("a", "original");
    let content = bench.keep("a");
    let object = blob(&content);
    bench.ws.root.remove(&object).unwrap();
    bench.ws.symlink("/etc/hostname", object.as_str());
    assert!(!bench.store.has(&content));
    assert!(bench.store.place(&content, &path("b"), Link::Symlink, Protect::Writable).unwrap_err().is_miss());
    bench.ws.root.create_dir_all(&object.join("inner").unwrap()).unwrap();
    assert!(!bench.store.has(&content));
    assert_eq!(bench.keep("a"), content);
    bench.place(&content, "b");
    assert_eq!(bench.ws.read("b"), "original");
}

#[test]
fn a_store_folder_that_leads_outside_is_not_written_to() {
    let bench = Bench::new();
    bench.ws.write("a", "original");
    let shard = object_path(ObjectKind::Blob, &Digest::of(b"original")).parent();
    bench.ws.root.create_dir_all(&shard.parent()).unwrap();
    bench.ws.root.create_dir_all(&path("x")).unwrap();
    bench.ws.symlink(bench.ws.at("..").to_str().unwrap(), shard.as_str());
    let error = bench.store.keep(&path("a")).unwrap_err();
    assert!(error.to_string().contains("leaves the project"), "{error}");
    assert_eq!(bench.ws.names("x"), [""; 0]);
}

#[test]
fn gc_leaves_what_is_live() {
    let bench = Bench::new();
    bench.ws.write("tree/a", "in the tree");
    bench.ws.write("file", "a file");
    bench.ws.write("junk", "junk");
    let (tree, file, junk) = (bench.keep("tree"), bench.keep("file"), bench.keep("junk"));
    let (kept, dropped) = (Digest::of(b"kept"), Digest::of(b"dropped"));
    bench.store.run_put(&kept, b"1").unwrap();
    bench.store.run_put(&dropped, b"2").unwrap();
    let live = Live { contents: [tree.digest(), file.digest()].into(), runs: [kept].into() };
    let dry = bench.store.gc(&live, GcMode::Dry).unwrap();
    assert!(bench.store.has(&junk));
    assert_eq!(bench.store.gc(&live, GcMode::Delete).unwrap(), dry);
    assert_eq!(dry.objects, [(ObjectKind::Run, dropped, 49), (ObjectKind::Blob, junk.digest(), 4)]);
    assert_eq!(dry.bytes(), 53);
    assert!(bench.store.has(&tree) && bench.store.has(&file) && !bench.store.has(&junk));
    assert_eq!(bench.store.run_keys().unwrap(), [kept]);
    assert_eq!(bench.store.gc(&live, GcMode::Delete).unwrap(), GcReport::default());
}

#[test]
fn verify_reads_everything_and_sets_damage_aside() {
    let bench = Bench::new();
    bench.ws.write("tree/a", "a");
    bench.ws.write("tree/b", "b");
    let tree = bench.keep("tree");
    let key = Digest::of(b"key");
    bench.store.run_put(&key, b"entry").unwrap();
    let mut seen = Vec::new();
    let report = bench.store.verify(|done, all| seen.push((done, all))).unwrap();
    assert_eq!((report.n_objects, report.damaged.len()), (4, 0));
    assert_eq!(seen, [(1, 4), (2, 4), (3, 4), (4, 4)]);
    bench.spoil(ObjectKind::Blob, Digest::of(b"a"), "x");
    bench.spoil(ObjectKind::Tree, tree.digest(), "x");
    bench.spoil(ObjectKind::Run, key, "x");
    let report = bench.store.verify(|_, _| {}).unwrap();
    let damaged: Vec<_> = report.damaged.iter().map(|damage| damage.kind).collect();
    assert_eq!(damaged, [ObjectKind::Blob, ObjectKind::Tree, ObjectKind::Run]);
    assert_eq!(bench.aside().len(), 3);
    assert_eq!(bench.store.verify(|_, _| {}).unwrap().n_objects, 1);
}

#[test]
fn a_run_entry_that_cannot_be_read_is_a_miss() {
    let bench = Bench::new();
    let key = Digest::of(b"key");
    assert_eq!(bench.store.run_get(&key), None);
    bench.store.run_put(&key, b"first").unwrap();
    bench.store.run_put(&key, b"second").unwrap();
    assert_eq!(bench.store.run_get(&key), Some(b"second".to_vec()));
    let whole = bench.ws.root.read(&object_path(ObjectKind::Run, &key)).unwrap();
    for len in 0..whole.len() {
        bench.ws.write(object_path(ObjectKind::Run, &key).as_str(), &whole[..len]);
        assert_eq!(bench.store.run_get(&key), None, "cut at {len}");
    }
    assert_eq!(bench.aside(), [format!("runs-{key}")]);
    bench.ws.root.create_dir_all(&object_path(ObjectKind::Run, &key)).unwrap();
    bench.store.run_put(&key, b"third").unwrap();
    assert_eq!(bench.store.run_get(&key), Some(b"third".to_vec()));
}

#[test]
fn keeping_nothing_is_an_error_that_names_the_path() {
    let bench = Bench::new();
    let error = bench.store.keep(&path("data/x")).unwrap_err();
    insta::assert_snapshot!(error, @"`data/x` does not exist, so it cannot be kept in the store");
    bench.store.save(Trust::ThisBoot).unwrap();
}
