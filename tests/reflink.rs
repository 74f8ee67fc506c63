//! Placing by reflink, on file systems that can: images that are mounted by a loop device.
//!
//! Needs root and the tools of btrfs or xfs; where they are missing the test says so and passes.

#![expect(clippy::disallowed_methods, reason = "the test mounts file systems and looks at their files")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says what it skips"
)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use lockgate::observe::Observer;
use lockgate::store::{Link, Protect, Store};
use lockgate::sys::disk::{Root, prepare};
use lockgate::words::RelPath;

/// A file system in a file, mounted until it is dropped.
struct Mounted {
    dir: tempfile::TempDir,
}

impl Mounted {
    /// Returns `None`, with a word about why, where it cannot be made.
    fn new(kind: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let image = dir.path().join("image");
        std::fs::File::create(&image).unwrap().set_len(512 << 20).unwrap();
        std::fs::create_dir(dir.path().join("mnt")).unwrap();
        let made = run(Command::new(format!("mkfs.{kind}")).arg("-q").arg(&image));
        let point = dir.path().join("mnt");
        if !made || !run(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(&point)) {
            println!("skipped on {kind}: it takes root, `mkfs.{kind}` and a loop device");
            return None;
        }
        Some(Self { dir })
    }

    fn at(&self) -> std::path::PathBuf {
        self.dir.path().join("mnt")
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        run(Command::new("umount").arg(self.at()));
    }
}

fn run(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Returns how many bytes of the file system are used, once everything is written.
fn used(root: &Root) -> u64 {
    root.sync_point().unwrap();
    let space = root.space(&RelPath::root()).unwrap();
    space.total_bytes - space.free_bytes
}

fn path(text: &str) -> RelPath {
    RelPath::parse(text).unwrap()
}

fn check_on(project: &Path) {
    let root = Root::open(project).unwrap();
    prepare(&root).unwrap();
    let store = Store::open(Arc::new(Observer::open(&root)));
    let bytes: Vec<u8> = (0..48_u32 << 20).map(|idx| (idx % 251) as u8).collect();
    std::fs::write(project.join("out"), &bytes).unwrap();
    let before = used(&root);
    let content = store.keep(&path("out")).unwrap();
    for (idx, link) in [Link::Copy, Link::Hardlink, Link::Symlink].into_iter().enumerate() {
        let to = path(&format!("copies/{idx}"));
        store.place(&content, &to, link, Protect::Writable).unwrap();
        assert!(!std::fs::symlink_metadata(to.under(project)).unwrap().is_symlink(), "{link:?}");
        std::fs::write(to.under(project), "edited").unwrap();
        store.place(&content, &to, link, Protect::Writable).unwrap();
        assert!(std::fs::read(to.under(project)).unwrap() == bytes, "{link:?}");
    }
    let grown = used(&root).saturating_sub(before);
    assert!(grown < 16 << 20, "one object and three copies of 48 MiB took {grown} bytes more");
    assert_eq!(store.verify(|_, _| {}).unwrap().damaged, []);
}

#[test]
fn copies_share_their_blocks_on_btrfs() {
    if let Some(mounted) = Mounted::new("btrfs") {
        check_on(&mounted.at());
    }
}

#[test]
fn copies_share_their_blocks_on_xfs() {
    if let Some(mounted) = Mounted::new("xfs") {
        check_on(&mounted.at());
    }
}
