//! Tests of observing: the memo, the racy rule, folders.

use proptest::prelude::*;

use super::hash::{LARGE, Meter, hash_source};
use super::visit::{Sighting, Visit};
use super::*;
use crate::sys::disk::sandbox::{Sandbox, path};
use crate::sys::disk::{Boot, FileClock};
use crate::words::{Content, Digest, FileMode, RelPath};

const SECOND: i64 = 1_000_000_000;
const BOOT: Boot = Boot { id: 1, since_ns: 0 };

/// Makes an observer whose clock stands `later_ns` after the last change of `at`.
fn observer_after(ws: &Sandbox, at: &RelPath, later_ns: i64, boot: Boot) -> Observer {
    let changed_ns = ws.root.stat(at).unwrap().unwrap().ctime_ns;
    Observer::new(&ws.root, "memo", FileClock::stopped(&ws.root, changed_ns + later_ns), boot)
}

fn content_of(ws: &Sandbox, inner: &str) -> Content {
    Observer::with_memo(&ws.root, "none").observe(&path(inner)).unwrap().unwrap()
}

/// Observes and returns how many bytes had to be hashed for it.
fn hashed_for(observer: &Observer, at: &RelPath) -> u64 {
    let before = observer.meter().bytes();
    observer.observe(at).unwrap();
    observer.meter().bytes() - before
}

#[test]
fn a_file_is_its_bytes_and_whether_it_can_be_executed() {
    let ws = Sandbox::new();
    ws.write("a", "text");
    ws.write("b", "text");
    ws.chmod("b", 0o755);
    let digest = Digest::of(b"text");
    assert_eq!(content_of(&ws, "a"), Content::File { digest, mode: FileMode::Plain });
    assert_eq!(content_of(&ws, "b"), Content::File { digest, mode: FileMode::Executable });
    ws.symlink("a", "c");
    assert_eq!(content_of(&ws, "c"), content_of(&ws, "a"));
    ws.symlink("nowhere", "d");
    let observer = Observer::open(&ws.root);
    assert_eq!(observer.observe(&path("d")).unwrap(), None);
    assert_eq!(observer.observe(&path("e/f")).unwrap(), None);
}

#[test]
fn a_folder_is_its_canonical_listing() {
    let ws = Sandbox::new();
    ws.write("t/b", "b");
    ws.write("t/a/x.sh", "x");
    ws.chmod("t/a/x.sh", 0o755);
    ws.write("t/a-b", "dash");
    ws.root.create_dir_all(&path("t/empty")).unwrap();
    ws.symlink("b", "t/to_file");
    ws.symlink("a", "t/to_folder");
    ws.symlink("loop", "t/loop");
    let [b, x, dash] = [b"b".as_slice(), b"x", b"dash"].map(Digest::of);
    let listing = format!(
        "lockgate tree 1\nfile\t{dash}\ta-b\nexec\t{x}\ta/x.sh\nfile\t{b}\tb\nfolder\t\tempty\nlink\tloop\tloop\n\
         file\t{b}\tto_file\nlink\ta\tto_folder\n"
    );
    assert_eq!(content_of(&ws, "t"), Content::Tree { digest: Digest::of(listing.as_bytes()) });
    ws.symlink("t", "dep");
    assert_eq!(content_of(&ws, "dep"), content_of(&ws, "t"));
}

#[test]
fn what_cannot_be_hashed_is_named() {
    let check = |make: &dyn Fn(&Sandbox), expect: &str| {
        let ws = Sandbox::new();
        ws.write("t/x", "x");
        make(&ws);
        let error = Observer::open(&ws.root).observe(&path("t")).unwrap_err();
        assert_eq!(error.to_string(), expect);
    };
    let fifo = |ws: &Sandbox| {
        rustix::fs::mknodat(rustix::fs::CWD, ws.at("t/pipe"), rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0)
            .unwrap();
    };
    check(&fifo, "`t/pipe` is a fifo, which has no content to hash: remove it, or depend on a path without it");
    check(
        &|ws| drop(ws.symlink("/dev/null", "t/null")),
        "`t/null` is a device, which has no content to hash: remove it, or depend on a path without it",
    );
    let name = |expect: &str| {
        format!("the folder `t` holds the name `{expect}`, which is not UTF-8 or has a control character: rename it")
    };
    check(&|ws| ws.rename_to_bytes("t/x", b"t/a\nb"), &name("a\\nb"));
    check(&|ws| ws.rename_to_bytes("t/x", b"t/\xff"), &name("\\xff"));
    check(
        &|ws| drop(ws.symlink("a\tb", "t/l")),
        "the symlink `t/l` points at `a\\tb`, which is not UTF-8 or has a control character: replace it",
    );
}

#[test]
fn a_settled_file_is_hashed_once() {
    let ws = Sandbox::new();
    let file = ws.write("a", "text");
    let first = observer_after(&ws, &file, SECOND, BOOT);
    assert_eq!((hashed_for(&first, &file), hashed_for(&first, &file)), (4, 0));
    first.save(Trust::ThisBoot).unwrap();
    let second = observer_after(&ws, &file, SECOND, BOOT);
    assert_eq!(hashed_for(&second, &file), 0);
    ws.write("a", "other");
    assert_eq!(hashed_for(&second, &file), 5);
}

#[test]
fn a_young_file_is_not_remembered_until_it_has_settled() {
    let ws = Sandbox::new();
    let file = ws.write("a", "text");
    let young = observer_after(&ws, &file, 0, BOOT);
    assert_eq!((hashed_for(&young, &file), hashed_for(&young, &file)), (4, 4));
    young.save(Trust::ThisBoot).unwrap();
    assert!(!ws.exists(".lockgate/state/memo"));
    assert_eq!(hashed_for(&observer_after(&ws, &file, SECOND, BOOT), &file), 4);
}

#[test]
fn a_file_that_settles_before_the_memo_is_saved_is_remembered() {
    let ws = Sandbox::new();
    let file = ws.write("a", "text");
    let observer = Observer::open(&ws.root);
    observer.observe(&file).unwrap();
    observer.clock().settle([ws.root.stat(&file).unwrap().unwrap()].iter());
    observer.save(Trust::ThisBoot).unwrap();
    assert_eq!(hashed_for(&Observer::open(&ws.root), &file), 0);
}

#[test]
fn after_another_boot_only_what_was_synced_is_believed() {
    let ws = Sandbox::new();
    let file = ws.write("a", "text");
    let another = Boot { id: 3, since_ns: 0 };
    let observer = observer_after(&ws, &file, SECOND, BOOT);
    observer.observe(&file).unwrap();
    observer.save(Trust::ThisBoot).unwrap();
    assert_eq!(hashed_for(&observer_after(&ws, &file, SECOND, BOOT), &file), 0);
    assert_eq!(hashed_for(&observer_after(&ws, &file, SECOND, another), &file), 4);
    observer_after(&ws, &file, SECOND, BOOT).save(Trust::AnyBoot).unwrap();
    assert_eq!(hashed_for(&observer_after(&ws, &file, SECOND, another), &file), 0);
}

#[test]
fn what_changed_before_the_machine_started_is_believed_after_another_boot() {
    let ws = Sandbox::new();
    let file = ws.write("a", "text");
    let observer = observer_after(&ws, &file, SECOND, Boot { id: 1, since_ns: i64::MAX });
    observer.observe(&file).unwrap();
    observer.save(Trust::ThisBoot).unwrap();
    assert_eq!(hashed_for(&observer_after(&ws, &file, SECOND, Boot { id: 3, since_ns: 0 }), &file), 0);
}

#[test]
fn a_memo_that_cannot_be_read_is_an_empty_one() {
    let ws = Sandbox::new();
    let file = ws.write("a", "text");
    for garbage in ["", "garbage", "lockgate memo 1\n"] {
        ws.write(".lockgate/state/memo", garbage);
        let observer = observer_after(&ws, &file, SECOND, BOOT);
        assert_eq!(hashed_for(&observer, &file), 4, "{garbage:?}");
        observer.save(Trust::ThisBoot).unwrap();
        assert_eq!(hashed_for(&observer_after(&ws, &file, SECOND, BOOT), &file), 0, "{garbage:?}");
    }
    ws.root.remove(&path(".lockgate")).unwrap();
    assert_eq!(hashed_for(&observer_after(&ws, &file, SECOND, BOOT), &file), 4);
}

#[test]
fn saving_nothing_new_writes_nothing() {
    let ws = Sandbox::new();
    let file = ws.write("a", "text");
    let observer = observer_after(&ws, &file, SECOND, BOOT);
    observer.observe(&file).unwrap();
    observer.save(Trust::AnyBoot).unwrap();
    let memo = path(".lockgate/state/memo");
    let written = ws.root.stat(&memo).unwrap();
    for trust in [Trust::ThisBoot, Trust::AnyBoot] {
        let again = observer_after(&ws, &file, SECOND, BOOT);
        again.observe(&file).unwrap();
        again.observe(&path("nothing")).unwrap();
        again.save(trust).unwrap();
        assert_eq!(ws.root.stat(&memo).unwrap(), written, "{trust:?}");
    }
}

#[test]
fn two_observers_save_without_undoing_each_other() {
    let ws = Sandbox::new();
    let (a, b) = (ws.write("a", "a"), ws.write("b", "b"));
    let (first, second) = (observer_after(&ws, &b, SECOND, BOOT), observer_after(&ws, &b, SECOND, BOOT));
    first.observe(&a).unwrap();
    second.observe(&b).unwrap();
    first.save(Trust::ThisBoot).unwrap();
    second.save(Trust::ThisBoot).unwrap();
    let third = observer_after(&ws, &b, SECOND, BOOT);
    assert_eq!((hashed_for(&third, &a), hashed_for(&third, &b)), (0, 0));
}

#[test]
fn one_changed_file_of_a_big_folder_does_not_cost_the_others() {
    let ws = Sandbox::new();
    for idx in 0..1200 {
        ws.write(&format!("t/sub{}/{idx}", idx % 3), "text");
    }
    let big = path("t");
    let newest = ws.write("z", "");
    let first = observer_after(&ws, &newest, SECOND, BOOT);
    assert_eq!((hashed_for(&first, &big), hashed_for(&first, &big)), (4 * 1200, 0));
    first.save(Trust::ThisBoot).unwrap();
    let before = first.observe(&big).unwrap();
    ws.write("t/sub1/1", "other");
    let newest = ws.write("z", "");
    let second = observer_after(&ws, &newest, SECOND, BOOT);
    assert_eq!(hashed_for(&second, &big), 5);
    assert_ne!(second.observe(&big).unwrap(), before);
}

#[test]
fn what_is_known_of_a_big_folder_is_written_again_when_it_spares_more_than_it_costs() {
    let ws = Sandbox::new();
    (0..1200).for_each(|idx| drop(ws.write(&format!("t/{idx}"), "text")));
    let hash = |ws: &Sandbox| {
        let newest = ws.write("z", "");
        hashed_for(&observer_after(ws, &newest, SECOND, BOOT), &path("t"))
    };
    assert_eq!(hash(&ws), 4 * 1200);
    ws.write("t/1", "small");
    assert_eq!(hash(&ws), 5);
    ws.write("t/2", vec![7; 1 << 18]);
    assert_eq!(hash(&ws), 5 + (1 << 18), "one small file is read again");
    ws.write("t/3", "other");
    assert_eq!(hash(&ws), 5, "a large one is not");
}

#[test]
fn a_folder_of_many_files_is_listed_in_the_order_of_their_paths() {
    let ws = Sandbox::new();
    for at in 0..400 {
        for inner in ["", "a/", "a-b/", "a/b/", "a/b/c/", "a0/"] {
            ws.write(&format!("t/{inner}{at}"), at.to_string());
        }
    }
    for folder in ["a-b/e", "a/empty", "a/empty-", "a0/e"] {
        ws.root.create_dir_all(&path(&format!("t/{folder}"))).unwrap();
    }
    let entries = Observer::open(&ws.root).entries(&path("t")).unwrap();
    assert_eq!(entries.len(), 6 * 400 + 4);
    assert!(entries.is_sorted_by(|a, b| a.path.as_str() < b.path.as_str()));
}

/// Changes the file while it is read.
struct Meddling<'a>(&'a Observer, &'a Sandbox);

impl Visit for Meddling<'_> {
    type Error = ObserveError;

    fn file(&self, sighting: Sighting<'_>) -> Result<Digest, ObserveError> {
        self.0.read_unchanged::<_, ObserveError>(sighting, |_| {
            self.1.write(sighting.path.as_str(), "while it was read");
            Ok(Digest::of(b""))
        })
    }

    fn has_tree(&self, _digest: &Digest) -> bool {
        true
    }

    fn listing(&self, _digest: Digest, _bytes: &[u8]) -> Result<(), ObserveError> {
        Ok(())
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_has_no_digest() {
    let ws = Sandbox::new();
    ws.write("t/a", "before");
    let observer = Observer::open(&ws.root);
    for inner in ["t/a", "t"] {
        ws.write("t/a", "before");
        let error = observer.visit((&path(inner)).into(), &Meddling(&observer, &ws)).unwrap_err();
        assert!(matches!(error, ObserveError::Changed { .. }), "{error}");
    }
    insta::assert_snapshot!(
        observer.visit((&path("t/a")).into(), &Meddling(&observer, &ws)).map_or_else(|error| error.to_string(), |_| String::new()),
        @"`t/a` changed while it was read: run again once nothing writes to it"
    );
}

#[test]
fn blocks_on_several_threads_give_the_same_digest() {
    let ws = Sandbox::new();
    let block = 1 << 16;
    let sizes = [LARGE - 1, LARGE, LARGE + 1, LARGE + block, 3 * LARGE - 1, 5 * LARGE + block + 1025];
    for size in sizes {
        let bytes: Vec<u8> = (0..size).map(|idx| (idx % 251) as u8).collect();
        let file = ws.write("big", &bytes);
        let source = ws.root.open_source(&file).unwrap();
        assert_eq!(hash_source(&source, size, &Meter::default()).unwrap(), Digest::of(&bytes), "{size}");
    }
}

#[test]
fn many_paths_are_observed_in_their_order() {
    let ws = Sandbox::new();
    let paths: Vec<RelPath> = (0..700).map(|idx| ws.write(&format!("f{idx}"), idx.to_string())).collect();
    let seen = Observer::open(&ws.root).observe_all(&paths.iter().map(Into::into).collect::<Vec<_>>());
    for (idx, seen) in seen.into_iter().enumerate() {
        assert_eq!(seen.unwrap().unwrap().digest(), Digest::of(idx.to_string().as_bytes()));
    }
}

fn write_all<'a>(ws: &Sandbox, files: impl Iterator<Item = (&'a String, &'a String)>) {
    for (name, text) in files {
        ws.write(&format!("t/{name}"), text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_folder_does_not_depend_on_the_order_of_creation(
        files in prop::collection::btree_map("[ab]{1,2}/[a-c]{1,2}", "[xy]{0,2}", 1..8),
    ) {
        let (forth, back) = (Sandbox::new(), Sandbox::new());
        write_all(&forth, files.iter());
        write_all(&back, files.iter().rev());
        prop_assert_eq!(content_of(&forth, "t"), content_of(&back, "t"));
    }

    #[test]
    fn swapping_two_files_changes_the_folder(
        files in prop::collection::btree_map("[ab]{1,2}/[a-c]{1,2}", "[xy]{0,2}", 2..8),
        picks in any::<[prop::sample::Index; 2]>(),
    ) {
        let mut swapped: Vec<(String, String)> = files.clone().into_iter().collect();
        let [one, other] = picks.map(|pick| pick.index(swapped.len()));
        prop_assume!(swapped[one].1 != swapped[other].1);
        let text = std::mem::take(&mut swapped[one].1);
        swapped[one].1 = std::mem::replace(&mut swapped[other].1, text);
        let (before, after) = (Sandbox::new(), Sandbox::new());
        write_all(&before, files.iter());
        write_all(&after, swapped.iter().map(|(name, text)| (name, text)));
        prop_assert_ne!(content_of(&before, "t"), content_of(&after, "t"));
    }
}
